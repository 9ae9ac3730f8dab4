/* ASL: Retry and Catch. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "definition/grammar.h"

#define A_RETRIER 1u
#define A_CATCHER 2u

static const char *const error_names[] = {
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.Permissions",
    "States.ResultPathMatchFailure",
    "States.QueryEvaluationError",
    "States.BranchFailed",
    "States.IntrinsicFailure",
    "States.ExceedToleratedFailureThreshold",
    "States.ItemReaderFailed",
    "States.ResultWriterFailed",
    "States.DataLimitExceeded",
};
/* AWS: what the language's specification lets be caught, and the service reports as States.Runtime,
 * which no handler sees. */
static const char *const uncaught_names[] = {"States.Runtime", "States.ParameterPathFailure",
                                             "States.NoChoiceMatched"};

static bool is_among(const char *const names[], size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return true;
    return false;
}

/* Names that begin with "States." belong to the language; a misspelt one never comes. */
static void warn_error_name(asl_loader *loader, asl_node node)
{
    size_t size = 0, count = sizeof error_names / sizeof *error_names;
    const char *text = asl_node_string(loader, node, &size);
    if (strncmp(text, "States.", 7) != 0 || strncmp(text, "States.Http.", 12) == 0 ||
        is_among(error_names, count, text))
        return;
    if (is_among(uncaught_names, sizeof uncaught_names / sizeof *uncaught_names, text)) {
        asl_warn(loader, "ERROR_NEVER_CAUGHT", node, "look at what could fail before this state",
                 "'%s' ends the execution: no Retry or Catch sees it", text);
        return;
    }
    asl_nearest nearest;
    asl_nearest_init(&nearest, text, size);
    for (size_t i = 0; i < count; i++)
        asl_nearest_try(loader, &nearest, error_names[i], strlen(error_names[i]));
    const char *hint = asl_nearest_hint(&nearest);
    asl_warn(loader, "UNKNOWN_ERROR_NAME", node,
             hint != NULL ? hint : "names that begin with 'States.' are the language's own",
             "There is no error '%s'", text);
}

static void read_error_equals(asl_loader *loader, const asl_field *field,
                              const asl_subject *subject, asl_node node)
{
    const asl_value *list = asl_node_value(loader, node);
    size_t count = asl_value_count(list);
    if (count == 0) {
        asl_refuse(loader, node, "Value cannot be empty");
        return;
    }
    const asl_value **names = asl_loader_allocate(loader, count * sizeof *names);
    if (names == NULL)
        return;
    uint32_t used = 0;
    for (asl_node item = asl_node_first(loader, node); item != ASL_NODE_NONE;
         item = asl_node_next(loader, node, item)) {
        if (asl_node_string(loader, item, NULL) == NULL) {
            asl_refuse_kind(loader, item, ASL_IS_STRING);
            continue;
        }
        asl_value *name = asl_value_ref(asl_node_value(loader, item));
        asl_loader_own(loader, NULL, NULL, name);
        names[used++] = name;
        warn_error_name(loader, item);
    }
    asl_error_names *errors = (asl_error_names *)(void *)((char *)subject->base + field->offset);
    *errors = (asl_error_names){.names = names, .count = used};
}

static void read_backoff(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                         asl_node node)
{
    double rate = 0;
    (void)field;
    if (!asl_value_get_double(asl_node_value(loader, node), &rate) || rate < 1.0)
        asl_refuse(loader, node, "Minimum value is 1.0");
    else
        ((asl_retrier *)subject->base)->backoff_rate = rate;
}

static void read_jitter(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                        asl_node node)
{
    const char *text = asl_node_string(loader, node, NULL);
    (void)field;
    if (strcmp(text, "FULL") == 0)
        ((asl_retrier *)subject->base)->jitter_full = true;
    else if (strcmp(text, "NONE") != 0)
        asl_refuse(loader, node, "Value should be one of the following: [NONE, FULL]");
}

static void read_catcher_path(asl_loader *loader, const asl_field *field,
                              const asl_subject *subject, asl_node node)
{
    asl_catcher *catcher = subject->base;
    (void)field;
    asl_read_result_path(loader, node, &catcher->result_path, &catcher->discards_result);
}

/* `errors` stands first in both structs. */
static const asl_field fields[] = {
    {"ErrorEquals", ASL_IS_ARRAY, A_RETRIER | A_CATCHER, ASL_IN_BOTH, ASL_FIELD_REQUIRED,
     read_error_equals, 0},
    {"IntervalSeconds", ASL_IS_NUMBER, A_RETRIER, ASL_IN_BOTH, 0, asl_read_integer,
     offsetof(asl_retrier, interval_seconds), 0, 99999999},
    {"MaxAttempts", ASL_IS_NUMBER, A_RETRIER, ASL_IN_BOTH, 0, asl_read_integer,
     offsetof(asl_retrier, max_attempts), 0, 99999999},
    {"BackoffRate", ASL_IS_NUMBER, A_RETRIER, ASL_IN_BOTH, 0, read_backoff},
    {"MaxDelaySeconds", ASL_IS_NUMBER, A_RETRIER, ASL_IN_BOTH, 0, asl_read_integer,
     offsetof(asl_retrier, max_delay_seconds), 1, 31622400},
    {"JitterStrategy", ASL_IS_STRING, A_RETRIER, ASL_IN_BOTH, 0, read_jitter},
    {"Next", ASL_IS_STRING, A_CATCHER, ASL_IN_BOTH, ASL_FIELD_REQUIRED, asl_read_target,
     offsetof(asl_catcher, next)},
    {"ResultPath", ASL_IS_STRING | ASL_IS_NULL, A_CATCHER, ASL_LANGUAGE_JSONPATH, 0,
     read_catcher_path},
    {"Output", ASL_IS_ANY, A_CATCHER, ASL_LANGUAGE_JSONATA, ASL_FIELD_ERROR_OUTPUT,
     asl_read_jsonata, offsetof(asl_catcher, output)},
    {"Assign", ASL_IS_OBJECT, A_CATCHER, ASL_IN_BOTH, ASL_FIELD_ERROR_OUTPUT, asl_read_assign,
     offsetof(asl_catcher, assign)},
    {"Comment", ASL_IS_STRING, A_RETRIER | A_CATCHER, ASL_IN_BOTH},
};
static const asl_grammar grammar = {fields, sizeof fields / sizeof *fields};

/* ASL: States.ALL stands alone, in the last handler. */
static void check_all(asl_loader *loader, const asl_error_names *errors, asl_node handler,
                      bool is_last)
{
    for (uint32_t i = 0; i < errors->count; i++) {
        if (strcmp(asl_value_get_string(errors->names[i], NULL), "States.ALL") != 0)
            continue;
        if (errors->count == 1 && is_last)
            continue;
        asl_refuse(loader, asl_node_member(loader, handler, "ErrorEquals"),
                   "States.ALL must appear alone and at end of list");
        return;
    }
}

/* Walks the handlers of one state; `base` is an array of `size`-byte structs. */
static void read_handlers(asl_loader *loader, const asl_subject *subject, asl_node list,
                          unsigned where, char *base, size_t size)
{
    char prefix[ASL_PREFIX_SIZE];
    uint32_t index = 0;
    for (asl_node node = asl_node_first(loader, list); node != ASL_NODE_NONE;
         node = asl_node_next(loader, list, node), base += size, index++) {
        if (!asl_value_is_object(asl_node_value(loader, node))) {
            asl_refuse_kind(loader, node, ASL_IS_OBJECT);
            loader->scopes[subject->scope].is_broken = true;
            continue;
        }
        asl_subject handler = *subject;
        snprintf(prefix, sizeof prefix, "Catch[%u]/", index);
        handler.base = base;
        handler.node = node;
        handler.prefix = prefix;
        asl_walk(loader, &grammar, where, &handler);
        bool is_last = asl_node_next(loader, list, node) == ASL_NODE_NONE;
        check_all(loader, (const asl_error_names *)(void *)base, node, is_last);
    }
}

void asl_read_retry(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                    asl_node node)
{
    size_t count = asl_value_count(asl_node_value(loader, node));
    asl_retrier *retriers = asl_loader_allocate(loader, count * sizeof *retriers);
    (void)field;
    if (retriers == NULL)
        return;
    /* ASL: Retry, the defaults of a retrier's fields. */
    for (size_t i = 0; i < count; i++)
        retriers[i] = (asl_retrier){.backoff_rate = 2.0, .interval_seconds = 1, .max_attempts = 3};
    subject->state->retriers = retriers;
    subject->state->retrier_count = (uint32_t)count;
    read_handlers(loader, subject, node, A_RETRIER, (char *)retriers, sizeof *retriers);
}

void asl_read_catch(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                    asl_node node)
{
    size_t count = asl_value_count(asl_node_value(loader, node));
    asl_catcher *catchers = asl_loader_allocate(loader, count * sizeof *catchers);
    (void)field;
    if (catchers == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        catchers[i].next = ASL_NONE;
    subject->state->catchers = catchers;
    subject->state->catcher_count = (uint32_t)count;
    read_handlers(loader, subject, node, A_CATCHER, (char *)catchers, sizeof *catchers);
}
