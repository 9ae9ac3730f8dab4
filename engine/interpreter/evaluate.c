/* Evaluating for a frame, and failing in AWS's words: what the interpreter itself has to say names
 * the state in front. */
#include <stdarg.h>
#include <string.h>

#include "base/limits.h"
#include "base/random.h"
#include "base/utf8.h"
#include "interpreter/decide.h"
#include "value/value_layout.h"

/* What an expression's evaluation can ask for. */
typedef struct evaluation {
    asl_decision *decision;
    const asl_frame *frame;
    const asl_item *item;
    asl_value *context;
} evaluation;

static const asl_value *get_context(void *owner)
{
    evaluation *self = owner;
    self->decision->is_free = true;
    if (!self->context)
        (void)asl_context_build(self->decision->frames, self->frame, self->item, &self->context);
    return self->context;
}

static const asl_value *get_variable(void *owner, const char *name, size_t size)
{
    const evaluation *self = owner;
    return asl_frame_variable(self->decision->frames, self->frame, name, size);
}

/* Draws are keyed by (seed, id of the next event, number of the draw), so a replay draws the same.
 */
static uint64_t get_random(void *owner)
{
    asl_decision *decision = ((evaluation *)owner)->decision;
    uint64_t event = decision->frames->event_count + 1;
    decision->is_free = true;
    if (decision->draw_event != event) {
        decision->draw_event = event;
        decision->draws = 0;
    }
    return asl_random_draw(decision->frames->seed, event, decision->draws++);
}

/* The time of the fact, so a replay reads the same. */
static int64_t get_now_ms(void *owner)
{
    asl_decision *decision = ((evaluation *)owner)->decision;
    decision->is_free = true;
    return decision->now_ms;
}

static bool is_to_stop(void *owner, bool is_first)
{
    const asl_execution_identity *identity = ((evaluation *)owner)->decision->frames->identity;
    return identity->stop(identity->stop_owner, is_first);
}

static int add_prefix(asl_decision *decision, const asl_frame *frame, asl_failure *failure)
{
    size_t size = 0;
    const char *cause = failure->cause ? asl_value_get_string(failure->cause, &size) : "";
    asl_buffer buffer;
    asl_buffer_init(&buffer, decision->heap);
    asl_buffer_format(
        &buffer,
        "An error occurred while executing the state '%s' (entered at the event id #%llu). ",
        asl_value_get_string(asl_frame_state(decision->frames, frame)->name, NULL),
        (unsigned long long)frame->entered_event);
    asl_buffer_append(&buffer, cause, size);
    const char *text = asl_buffer_string(&buffer);
    size = buffer.size;
    if (text && failure->is_evaluation)
        size = asl_utf8_prefix(text, size, ASL_CAUSE_CHARACTERS_MAX);
    asl_value *prefixed = text ? asl_value_string_sized(decision->heap, text, size) : NULL;
    asl_buffer_done(&buffer);
    if (!prefixed)
        return ASL_NOMEM;
    asl_value_move(&failure->cause, prefixed);
    return ASL_WORKFLOW_FAILED;
}

int asl_fail_runtime(asl_decision *decision, const asl_frame *frame, asl_failure *failure,
                     const char *format, ...)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, decision->heap);
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(&buffer, format, arguments);
    va_end(arguments);
    const char *cause = asl_buffer_string(&buffer);
    int status =
        cause ? asl_failure_set(failure, decision->heap, "States.Runtime", "%s", cause) : ASL_NOMEM;
    asl_buffer_done(&buffer);
    return status == ASL_WORKFLOW_FAILED ? add_prefix(decision, frame, failure) : status;
}

int asl_fail_evaluation(asl_decision *decision, const asl_frame *frame, asl_failure *failure,
                        const char *location, const char *words, const asl_value *value)
{
    asl_cleanup(asl_value_cleanup) asl_value *compact = asl_value_compact(value);
    if (!compact)
        return ASL_NOMEM;
    asl_buffer buffer;
    asl_buffer_init(&buffer, decision->heap);
    size_t size;
    const char *string = asl_value_get_string(compact, &size);
    asl_buffer_text(&buffer, words);
    if (string && location)
        asl_buffer_append(&buffer, string, size);
    else
        asl_value_print_to(compact, &buffer);
    const char *cause = asl_buffer_string(&buffer);
    int status = cause ? asl_failure_set_evaluation(failure, decision->heap, location, "%s", cause)
                       : ASL_NOMEM;
    asl_buffer_done(&buffer);
    return status == ASL_WORKFLOW_FAILED ? add_prefix(decision, frame, failure) : status;
}

int asl_fail_kind(asl_decision *decision, const asl_frame *frame, const asl_expression *expression,
                  const char *expected, const asl_value *value, asl_failure *failure)
{
    int status = asl_expression_fail_kind(expression, decision->heap, expected, value, failure);
    return status == ASL_WORKFLOW_FAILED ? add_prefix(decision, frame, failure) : status;
}

/* What is evaluated becomes part of other values: each of them stays below a depth that all that is
 * built around it can have. */
static int check_depth(asl_decision *decision, const asl_frame *frame, asl_value **value,
                       int status, asl_failure *failure)
{
    if (status == ASL_OK && asl_value_depth(*value) <= ASL_JSON_DEPTH_MAX)
        return ASL_OK;
    if (status != ASL_OK && status != ASL_TOO_LARGE)
        return status;
    asl_value_move(value, NULL);
    return asl_failure_set(
        failure, decision->heap, "States.DataLimitExceeded",
        "The state '%s' computed a value that is nested deeper than %u levels.",
        asl_value_get_string(asl_frame_state(decision->frames, frame)->name, NULL),
        ASL_JSON_DEPTH_MAX);
}

int asl_evaluate_field(asl_decision *decision, const asl_frame *frame,
                       const asl_expression *expression, const asl_sources *sources,
                       asl_value **ret_value, asl_failure *failure)
{
    evaluation self = {.decision = decision, .frame = frame, .item = sources->item};
    asl_environment environment = {
        .heap = decision->heap,
        .input = sources->input,
        .result = sources->result,
        .error_output = sources->error_output,
        .owner = &self,
        .context = get_context,
        .variable = get_variable,
        .random = get_random,
        .now_ms = get_now_ms,
        .stop = decision->frames->identity->stop ? is_to_stop : NULL,
        .payload_bytes = decision->frames->identity->payload_bytes,
    };
    int status = asl_expression_evaluate(expression, &environment, ret_value, failure);
    asl_value_unref(self.context);
    if (status == ASL_WORKFLOW_FAILED)
        return add_prefix(decision, frame, failure);
    return check_depth(decision, frame, ret_value, status, failure);
}

int asl_evaluate_integer(asl_decision *decision, const asl_frame *frame,
                         const asl_expression *expression, int64_t maximum, int64_t *ret_integer,
                         asl_failure *failure)
{
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = asl_evaluate_field(decision, frame, expression,
                                    &(asl_sources){.input = frame->input}, &value, failure);
    if (status != ASL_OK)
        return status;
    if (!asl_value_is_number(value))
        return asl_fail_kind(decision, frame, expression, "number", value, failure);
    const char *field = asl_expression_field(expression);
    asl_cleanup(asl_value_cleanup) asl_value *words = NULL;
    if (!asl_value_get_integer(value, ret_integer))
        words = asl_value_format(decision->heap,
                                 "The %s field cannot be parsed as an integer: ", field);
    else if (*ret_integer < 0 || *ret_integer > maximum)
        words = asl_value_format(decision->heap, "%s must be between 0 and %lld but was: ", field,
                                 (long long)maximum);
    else
        return ASL_OK;
    if (!words)
        return ASL_NOMEM;
    return asl_fail_evaluation(decision, frame, failure, field, asl_value_get_string(words, NULL),
                               value);
}
