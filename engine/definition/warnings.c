/* Warnings beyond AWS: what is allowed and seldom meant. */
#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "definition/grammar.h"

static void warn_duplicates(asl_loader *loader)
{
    for (asl_node node = 0; node < loader->document.count; node++) {
        if (!loader->document.ranges[node].is_key || !loader->nodes[node].is_shadowed)
            continue;
        asl_warn(loader, "DUPLICATE_KEY", node, "remove one of them",
                 "'%s' comes again in the same object, and only the last one counts",
                 asl_node_string(loader, node, NULL));
    }
}

static void warn_choice(asl_loader *loader, const asl_state_source *source, const asl_state *state)
{
    asl_node choices = asl_node_member(loader, source->node, "Choices");
    if (state->as.choice.rule_count == 0)
        return;
    if (asl_node_member(loader, source->node, "Default") == ASL_NODE_NONE)
        asl_warn(loader, "CHOICE_WITHOUT_DEFAULT", source->key,
                 "add a \"Default\", if only to a Fail state",
                 "The execution fails where no rule of '%s' matches, and nothing can catch that",
                 asl_node_string(loader, source->key, NULL));
    asl_warn_rules(loader, choices);
}

static bool constant_seconds(const asl_expression *expression, int64_t *ret_seconds)
{
    if (expression == NULL || asl_expression_kind_of(expression) != ASL_EXPRESSION_CONSTANT)
        return false;
    asl_environment none = {0};
    asl_value *value = NULL;
    if (asl_expression_evaluate(expression, &none, &value, NULL) != ASL_OK)
        return false;
    bool is_integer = asl_value_get_integer(value, ret_seconds);
    asl_value_unref(value);
    return is_integer;
}

static void warn_task(asl_loader *loader, const asl_state_source *source, const asl_state *state)
{
    int64_t timeout = 0, heartbeat = 0;
    bool has_timeout = constant_seconds(state->as.task.timeout_seconds, &timeout);
    bool has_heartbeat = constant_seconds(state->as.task.heartbeat_seconds, &heartbeat);
    if (has_timeout && loader->program->timeout_seconds > 0 &&
        timeout > loader->program->timeout_seconds)
        asl_warn(loader, "TIMEOUT_EXCEEDS_PARENT",
                 asl_node_member(loader, source->node, "TimeoutSeconds"),
                 "make it shorter than the machine's TimeoutSeconds",
                 "The whole execution ends after %lld seconds, before this task times out",
                 (long long)loader->program->timeout_seconds);
    if (has_timeout && has_heartbeat && heartbeat >= timeout)
        asl_warn(loader, "HEARTBEAT_EXCEEDS_TIMEOUT",
                 asl_node_member(loader, source->node, "HeartbeatSeconds"),
                 "make it shorter than TimeoutSeconds",
                 "The task times out after %lld seconds, before a heartbeat is missed",
                 (long long)timeout);
}

/* Whether the Error Output is all that comes of a state. With JSONata the input may be assigned. */
static bool replaces_input(const asl_state *state, const asl_catcher *catcher)
{
    if (state->is_jsonata)
        return catcher->output == NULL && catcher->assign == NULL;
    return !catcher->discards_result &&
           (catcher->result_path == NULL || asl_path_is_root(catcher->result_path));
}

/* Only where the next state could have used the input: Fail states end the execution anyway. */
static void warn_catch(asl_loader *loader, const asl_state_source *source, const asl_state *state)
{
    asl_node list = asl_node_member(loader, source->node, "Catch");
    if (state->catcher_count == 0)
        return;
    const asl_catcher *catcher = state->catchers;
    for (asl_node node = asl_node_first(loader, list); node != ASL_NODE_NONE;
         node = asl_node_next(loader, list, node), catcher++) {
        if (catcher->next == ASL_NONE || !replaces_input(state, catcher))
            continue;
        if (loader->program->states[catcher->next].type == ASL_STATE_FAIL)
            continue;
        asl_warn(loader, "CATCH_DISCARDS_INPUT", node,
                 state->is_jsonata ? "\"Output\": \"{% $states.input %}\" keeps the input"
                                   : "\"ResultPath\": \"$.error\" keeps the input beside the error",
                 "The state's input is lost: the error's output takes its place");
    }
}

static void warn_result(asl_loader *loader, const asl_state_source *source)
{
    asl_node result = asl_node_member(loader, source->node, "Result");
    if (result == ASL_NODE_NONE)
        return;
    for (asl_node node = result; node < loader->nodes[result].end; node++) {
        size_t size = 0;
        const char *text = asl_node_string(loader, node, &size);
        if (text == NULL || loader->document.ranges[node].is_key || size < 2 ||
            memcmp(text, "$.", 2) != 0)
            continue;
        asl_warn(loader, "PASS_RESULT_IS_STATIC", node, "use \"Parameters\" with a \".$\" key",
                 "Result is taken as it stands: '%s' is not evaluated", text);
    }
}

bool asl_looks_like_path(const char *text, size_t size)
{
    return (size >= 2 && memcmp(text, "$.", 2) == 0) ||
           (size >= 3 && memcmp(text, "$$.", 3) == 0) ||
           (size >= 8 && memcmp(text, "States.", 7) == 0 && text[size - 1] == ')');
}

void asl_warn_no_path(asl_loader *loader, asl_node node)
{
    char hint[64];
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    const char *key = asl_node_key_string(loader, node, NULL);
    if (text == NULL || !asl_looks_like_path(text, size))
        return;
    snprintf(hint, sizeof hint, "write \"%sPath\"", key);
    asl_warn(loader, "NO_PATH", node, hint,
             "The value of '%s' looks like a path, and is taken as it stands", key);
}

static void warn_fail(asl_loader *loader, const asl_state_source *source)
{
    static const char *const names[] = {"Error", "Cause"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        asl_node node = asl_node_member(loader, source->node, names[i]);
        if (node != ASL_NODE_NONE)
            asl_warn_no_path(loader, node);
    }
}

static void warn_dollar_key(asl_loader *loader, asl_node node)
{
    size_t size = 0;
    if (asl_node_key(loader, node) == ASL_NODE_NONE)
        return;
    const char *key = asl_node_key_string(loader, node, &size);
    if (size >= 2 && memcmp(key + size - 2, ".$", 2) == 0)
        asl_warn(loader, "DOLLAR_IN_JSONATA", asl_node_key(loader, node),
                 "write \"{% ... %}\" as the value, and the name without \".$\"",
                 "In a JSONata state '%s' is a name like any other, and its value is not evaluated",
                 key);
}

static void warn_blank(asl_loader *loader, asl_node node)
{
    size_t size = 0, blanks = 0;
    const char *text = asl_node_string(loader, node, &size);
    while (blanks < size && (text[blanks] == ' ' || text[blanks] == '\n' || text[blanks] == '\t'))
        blanks++;
    if (blanks > 0 && size - blanks > 2 && memcmp(text + blanks, "{%", 2) == 0)
        asl_warn(loader, "BLANK_BEFORE_EXPRESSION", node, "remove the blanks",
                 "The string is taken as it stands: an expression begins with '{%%' at once");
}

/* What looks like an expression in a JSONata state, and is none. */
static void warn_jsonata(asl_loader *loader, const asl_state_source *source)
{
    static const char *const names[] = {"Arguments", "Output", "Assign", "ItemSelector", "Items"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        asl_node field = asl_node_member(loader, source->node, names[i]);
        if (field == ASL_NODE_NONE)
            continue;
        for (asl_node node = field; node < loader->nodes[field].end; node++) {
            if (asl_node_value(loader, node) == NULL || loader->document.ranges[node].is_key)
                continue;
            warn_dollar_key(loader, node);
            warn_blank(loader, node);
        }
    }
}

/* AWS: NO_DOLLAR, "No .$ on a field that appears to be a JSONPath or Intrinsic Function". */
static void warn_template(asl_loader *loader, const asl_state_source *source)
{
    static const char *const names[] = {"Parameters", "ResultSelector", "ItemSelector", "Assign"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        asl_node template_node = asl_node_member(loader, source->node, names[i]);
        if (template_node == ASL_NODE_NONE)
            continue;
        for (asl_node node = template_node + 1; node < loader->nodes[template_node].end; node++) {
            size_t size = 0, key_size = 0;
            const char *text = asl_node_string(loader, node, &size);
            if (text == NULL || loader->document.ranges[node].is_key ||
                asl_node_key(loader, node) == ASL_NODE_NONE || !asl_looks_like_path(text, size))
                continue;
            const char *key = asl_node_key_string(loader, node, &key_size);
            if (key_size >= 2 && memcmp(key + key_size - 2, ".$", 2) == 0)
                continue;
            asl_warn(loader, "NO_DOLLAR", node, "add \".$\" to the field's name",
                     "The value of '%s' looks like a path or an intrinsic function, and is taken "
                     "as it stands",
                     key);
        }
    }
}

static void warn_jsonpath(asl_loader *loader, const asl_state_source *source,
                          const asl_state *state)
{
    if (state->type == ASL_STATE_PASS)
        warn_result(loader, source);
    if (state->type == ASL_STATE_FAIL)
        warn_fail(loader, source);
    warn_template(loader, source);
}

void asl_load_warnings(asl_loader *loader)
{
    warn_duplicates(loader);
    asl_warn_substitutions(loader);
    for (uint32_t i = 0; i < loader->state_count && loader->status == ASL_OK; i++) {
        const asl_state_source *source = &loader->states[i];
        const asl_state *state = &loader->program->states[i];
        if (loader->scopes[source->scope].is_broken)
            continue;
        if (state->type == ASL_STATE_CHOICE)
            warn_choice(loader, source, state);
        if (state->type == ASL_STATE_TASK)
            warn_task(loader, source, state);
        warn_catch(loader, source, state);
        if (state->is_jsonata)
            warn_jsonata(loader, source);
        else
            warn_jsonpath(loader, source, state);
    }
    asl_warn_loops(loader);
}
