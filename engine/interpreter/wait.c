/* Wait states: the four forms of a deadline. Deadlines are absolute; one that has passed lets go at
 * once. */
#include "base/limits.h"
#include "base/time_text.h"
#include "interpreter/decide.h"

/* A value as AWS puts it behind "==": strings without quotes. */
static int fail_with_value(asl_decision *decision, const asl_frame *frame, const char *words,
                           const asl_value *value, asl_failure *failure)
{
    const asl_expression *when = asl_frame_state(decision->frames, frame)->as.wait.when;
    size_t path_size = 0;
    const char *path = asl_path_text(asl_expression_get_path(when), &path_size);
    asl_buffer text;
    asl_buffer_init(&text, decision->heap);
    size_t size;
    const char *string = asl_value_get_string(value, &size);
    if (string)
        asl_buffer_append(&text, string, size);
    else
        asl_value_print_to(value, &text);
    const char *printed = asl_buffer_string(&text);
    int status = printed ? asl_fail_runtime(decision, frame, failure, "%s: %.*s == %s", words,
                                            (int)path_size, path, printed)
                         : ASL_NOMEM;
    asl_buffer_done(&text);
    return status;
}

static int from_seconds(asl_decision *decision, const asl_frame *frame, const asl_value *value,
                        int64_t *ret_due_ms, asl_failure *failure)
{
    int64_t seconds;
    if (!asl_value_get_integer(value, &seconds))
        return fail_with_value(decision, frame,
                               "The SecondsPath parameter cannot be parsed as a long value", value,
                               failure);
    if (seconds < 0)
        return fail_with_value(decision, frame,
                               "The SecondsPath parameter references a negative value", value,
                               failure);
    if (seconds > ASL_WAIT_SECONDS_MAX)
        return asl_fail_runtime(decision, frame, failure, "Wait state delay is too long.");
    *ret_due_ms = decision->now_ms + seconds * 1000;
    return ASL_OK;
}

/* A time that is one: the deadline, where it is near enough. ASL_NOT_FOUND where it is none. */
static int take_timestamp(asl_decision *decision, const asl_frame *frame, const asl_value *value,
                          int64_t *ret_due_ms, asl_failure *failure)
{
    size_t size;
    const char *text = asl_value_get_string(value, &size);
    int64_t seconds;
    int32_t nanoseconds;
    if (!text || !asl_time_parse(text, size, &seconds, &nanoseconds))
        return ASL_NOT_FOUND;
    if (seconds - decision->now_ms / 1000 > ASL_WAIT_SECONDS_MAX)
        return asl_fail_runtime(decision, frame, failure, "Wait state delay is too long.");
    *ret_due_ms = seconds * 1000 + (nanoseconds + 999999) / 1000000;
    return ASL_OK;
}

static int from_timestamp(asl_decision *decision, const asl_frame *frame, const asl_value *value,
                          int64_t *ret_due_ms, asl_failure *failure)
{
    int status = take_timestamp(decision, frame, value, ret_due_ms, failure);
    if (status != ASL_NOT_FOUND)
        return status;
    return fail_with_value(
        decision, frame,
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
        "date-time format string",
        value, failure);
}

/* ASL: JSONata's Seconds and Timestamp. */
static int find_jsonata_deadline(asl_decision *decision, const asl_frame *frame,
                                 int64_t *ret_due_ms, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    const asl_expression *when = state->as.wait.when;
    int64_t seconds = 0;
    if (state->as.wait.form == ASL_WAIT_SECONDS) {
        int status =
            asl_evaluate_integer(decision, frame, when, ASL_TIMEOUT_SECONDS_MAX, &seconds, failure);
        *ret_due_ms = decision->now_ms + seconds * 1000;
        return status;
    }
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = asl_evaluate_field(decision, frame, when, &(asl_sources){.input = frame->input},
                                    &value, failure);
    if (status != ASL_OK)
        return status;
    if (!asl_value_is_string(value))
        return asl_fail_kind(decision, frame, when, "string", value, failure);
    status = take_timestamp(decision, frame, value, ret_due_ms, failure);
    if (status != ASL_NOT_FOUND)
        return status;
    return asl_fail_evaluation(decision, frame, failure, "Timestamp",
                               "The Timestamp field cannot be parsed as an ISO-8601 extended "
                               "offset date-time format string: ",
                               value);
}

static int find_deadline(asl_decision *decision, const asl_frame *frame, const asl_value *input,
                         int64_t *ret_due_ms, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    if (state->is_jsonata)
        return find_jsonata_deadline(decision, frame, ret_due_ms, failure);
    int status = asl_evaluate_field(decision, frame, state->as.wait.when,
                                    &(asl_sources){.input = input}, &value, failure);
    asl_wait_form form = state->as.wait.form;
    if (status == ASL_WORKFLOW_FAILED &&
        (form == ASL_WAIT_SECONDS_PATH || form == ASL_WAIT_TIMESTAMP_PATH)) {
        asl_failure_done(failure);
        size_t size;
        const char *path = asl_path_text(asl_expression_get_path(state->as.wait.when), &size);
        return asl_fail_runtime(
            decision, frame, failure, "The %s parameter does not reference an input value: %.*s",
            form == ASL_WAIT_SECONDS_PATH ? "SecondsPath" : "TimestampPath", (int)size, path);
    }
    if (status != ASL_OK)
        return status;
    if (form == ASL_WAIT_SECONDS || form == ASL_WAIT_SECONDS_PATH)
        return from_seconds(decision, frame, value, ret_due_ms, failure);
    return from_timestamp(decision, frame, value, ret_due_ms, failure);
}

int asl_decide_wait(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    int64_t due_ms = 0;
    int status = asl_evaluate_input(decision, frame, &input, failure);
    bool is_over = frame->phase == ASL_PHASE_WAIT;
    if (status == ASL_OK && !is_over)
        status = find_deadline(decision, frame, input, &due_ms, failure);
    if (status != ASL_OK)
        return status;
    if (is_over || due_ms <= decision->now_ms)
        return asl_leave_with_input(decision, frame, input, failure);
    asl_event note = asl_entry(frame, ASL_NOTE_WAITING);
    note.due_ms = due_ms;
    return asl_emit(decision, &note);
}
