/* A run as a mock file: what each task answered, in the order of scheduling.
 *
 * A file for Step Functions Local has no time in it. That is enough where tasks follow one another;
 * where an answer came after other events, or the execution timed out, the delays are part of what
 * happened, and every answer carries its own. A task that was never answered hangs. */
#include <stdlib.h>
#include <string.h>

#include "asl-run.h"

typedef struct call {
    const char *state;
    asl_value *answer; /* NULL: never answered */
    asl_value *submit; /* NULL: none */
    uint64_t scheduled_id;
    int64_t scheduled_ms, delay_ms;
} call;

typedef struct recording {
    const asl_history *history;
    call *calls;
    size_t call_count;
    size_t *call_of; /* event id -> 1 + call; 0: none */
    uint64_t last_answer_id;
    int64_t last_answer_ms;
    bool keeps_time;
} recording;

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), ending_size = strlen(ending);
    return size >= ending_size && strcmp(text + size - ending_size, ending) == 0;
}

/* Events of a task's work: "Task", "LambdaFunction" or "Activity", and what happened. */
static bool is_of_task(const char *type, const char *what)
{
    static const char *const kinds[] = {"Task", "LambdaFunction", "Activity"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t size = strlen(kinds[i]);
        if (strncmp(type, kinds[i], size) == 0 && strncmp(type + size, "State", 5) != 0 &&
            ends_with(type, what))
            return true;
    }
    return false;
}

/* The "...EventDetails" of an event; borrowed from it. */
static const asl_value *details_of(const asl_value *event)
{
    for (size_t i = 0; i < asl_value_count(event); i++) {
        if (ends_with(asl_value_get_string(asl_value_key(event, i), NULL), "EventDetails"))
            return asl_value_at(event, i);
    }
    return NULL;
}

static int set_text(asl_value **object, const char *key, const asl_value *text)
{
    return text != NULL ? asl_value_set(object, key, asl_value_ref(text)) : ASL_OK;
}

static int make_throw(const asl_value *details, asl_value **answer)
{
    asl_value *failure = asl_value_object(NULL);
    int status = set_text(&failure, "Error", asl_value_get(details, "error"));
    if (status == ASL_OK)
        status = set_text(&failure, "Cause", asl_value_get(details, "cause"));
    if (status == ASL_OK)
        return asl_value_set(answer, "Throw", failure);
    asl_value_unref(failure);
    return status;
}

static int parse_output(const asl_value *details, asl_value **ret_output)
{
    size_t size = 0;
    const asl_value *text = asl_value_get(details, "output");
    const char *bytes = text != NULL ? asl_value_get_string(text, &size) : NULL;
    if (bytes != NULL)
        return asl_value_parse(NULL, bytes, size, 0, ret_output, NULL);
    *ret_output = asl_value_null();
    return ASL_OK;
}

/* A function's result stands in the service's answer, as mock files have it. */
static int make_return(const asl_value *details, bool is_function, asl_value **answer)
{
    asl_value *output = NULL;
    int status = parse_output(details, &output);
    if (status == ASL_OK && is_function) {
        asl_value *service = asl_value_object(NULL);
        status = asl_value_set(&service, "Payload", output);
        output = service;
    }
    if (status == ASL_OK)
        return asl_value_set(answer, "Return", output);
    asl_value_unref(output);
    return status;
}

static int make_answer(const recording *r, size_t index, asl_value **ret_answer)
{
    const char *type = asl_history_at(r->history, index)->type;
    asl_value *event = NULL, *answer = asl_value_object(NULL);
    int status = answer != NULL ? asl_history_event_to_value(r->history, index, &event) : ASL_NOMEM;
    if (status == ASL_OK && ends_with(type, "Succeeded"))
        status = make_return(details_of(event), strncmp(type, "Lambda", 6) == 0, &answer);
    else if (status == ASL_OK)
        status = make_throw(details_of(event), &answer);
    asl_value_unref(event);
    if (status == ASL_OK)
        *ret_answer = answer;
    else
        asl_value_unref(answer);
    return status;
}

static int read_submission(const recording *r, size_t index, asl_value **ret_output)
{
    asl_value *event = NULL;
    int status = asl_history_event_to_value(r->history, index, &event);
    if (status == ASL_OK)
        status = parse_output(details_of(event), ret_output);
    asl_value_unref(event);
    return status;
}

/* Answers to calls that were open at the same time stay in their order, also where they came in the
 * same millisecond. */
static void note_delay(recording *r, call *answered, const asl_history_event *event)
{
    int64_t answer_ms = event->time_ms;
    if (answered->scheduled_id < r->last_answer_id && answer_ms <= r->last_answer_ms)
        answer_ms = r->last_answer_ms + 1;
    answered->delay_ms = answer_ms - answered->scheduled_ms;
    r->last_answer_id = event->id;
    r->last_answer_ms = answer_ms;
}

static int read_event(recording *r, size_t index)
{
    const asl_history_event *event = asl_history_at(r->history, index);
    size_t before =
        event->previous_id <= asl_history_count(r->history) ? r->call_of[event->previous_id] : 0;
    if (strcmp(event->type, "ExecutionTimedOut") == 0)
        r->keeps_time = true;
    if (is_of_task(event->type, "Scheduled") && event->state != NULL) {
        r->calls[r->call_count++] = (call){
            .state = event->state, .scheduled_id = event->id, .scheduled_ms = event->time_ms};
        r->call_of[event->id] = r->call_count;
        return ASL_OK;
    }
    if (before == 0)
        return ASL_OK;
    if (is_of_task(event->type, "Started") || is_of_task(event->type, "Submitted"))
        r->call_of[event->id] = before;
    if (is_of_task(event->type, "Submitted"))
        return read_submission(r, index, &r->calls[before - 1].submit);
    if (!is_of_task(event->type, "Succeeded") && !is_of_task(event->type, "Failed"))
        return ASL_OK;
    call *answered = &r->calls[before - 1];
    note_delay(r, answered, event);
    if (event->id != event->previous_id + 1)
        r->keeps_time = true;
    return make_answer(r, index, &answered->answer);
}

/* Gives a call its place in time, and one that was never answered what stands for that. */
static int finish_call(const recording *r, call *finished)
{
    int status = ASL_OK;
    if (finished->answer == NULL) {
        finished->answer = asl_value_object(NULL);
        status = asl_value_set(&finished->answer, "Hang", asl_value_bool(true));
    } else if (r->keeps_time && finished->delay_ms > 0) {
        status = asl_value_set(&finished->answer, "DelaySeconds",
                               asl_value_double(NULL, (double)finished->delay_ms / 1000));
    }
    if (status == ASL_OK && finished->submit != NULL)
        status = asl_value_set(&finished->answer, "Submit", asl_value_ref(finished->submit));
    return status;
}

static bool is_same(const asl_value *left, const asl_value *right)
{
    char *left_text = NULL, *right_text = NULL;
    bool is_equal = asl_value_print(left, 0, &left_text, NULL) == ASL_OK &&
                    asl_value_print(right, 0, &right_text, NULL) == ASL_OK &&
                    strcmp(left_text, right_text) == 0;
    asl_text_free(left_text);
    asl_text_free(right_text);
    return is_equal;
}

static int set_range(asl_value **response, size_t first, size_t last, const asl_value *answer)
{
    char key[64];
    if (first == last)
        snprintf(key, sizeof key, "%zu", first);
    else
        snprintf(key, sizeof key, "%zu-%zu", first, last);
    return asl_value_set(response, key, asl_value_ref(answer));
}

/* The answers of a state in order, equal ones next to each other as a range. */
static int make_response(const recording *r, const char *state, asl_value **ret_response)
{
    const asl_value *last = NULL;
    size_t count = 0, first = 0;
    int status = *ret_response != NULL ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; i < r->call_count && status == ASL_OK; i++) {
        if (strcmp(r->calls[i].state, state) != 0)
            continue;
        if (last != NULL && !is_same(last, r->calls[i].answer)) {
            status = set_range(ret_response, first, count - 1, last);
            first = count;
        }
        last = r->calls[i].answer;
        count++;
    }
    return status == ASL_OK ? set_range(ret_response, first, count - 1, last) : status;
}

/* Each state's response bears its name. */
static int make_responses(recording *r, asl_value **test_case, asl_value **responses)
{
    int status = *test_case != NULL && *responses != NULL ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; i < r->call_count && status == ASL_OK; i++)
        status = finish_call(r, &r->calls[i]);
    for (size_t i = 0; i < r->call_count && status == ASL_OK; i++) {
        const char *state = r->calls[i].state;
        if (asl_value_get(*test_case, state) != NULL)
            continue;
        asl_value *response = asl_value_object(NULL);
        status = make_response(r, state, &response);
        if (status == ASL_OK)
            status = asl_value_set(responses, state, asl_value_ref(response));
        if (status == ASL_OK)
            status = asl_value_set(test_case, state, asl_value_string(NULL, state));
        asl_value_unref(response);
    }
    return status;
}

/* {KEY: VALUE}; steals `value`. */
static asl_value *wrap(const char *key, asl_value *value)
{
    asl_value *object = asl_value_object(NULL);
    if (object == NULL) {
        asl_value_unref(value);
        return NULL;
    }
    if (asl_value_set(&object, key, value) == ASL_OK)
        return object;
    asl_value_unref(object);
    return NULL;
}

static int make_file(recording *r, const char *machine, const char *test_case, asl_value **ret_file)
{
    asl_value *states = asl_value_object(NULL), *responses = asl_value_object(NULL);
    int status = make_responses(r, &states, &responses);
    if (status != ASL_OK) {
        asl_value_unref(states);
        asl_value_unref(responses);
        return status;
    }
    asl_value *cases = wrap(machine, wrap("TestCases", wrap(test_case, states)));
    *ret_file = wrap("StateMachines", cases);
    if (*ret_file == NULL) {
        asl_value_unref(responses);
        return ASL_NOMEM;
    }
    return asl_value_set(ret_file, "MockedResponses", responses);
}

static int record(const asl_history *history, const char *machine, const char *test_case,
                  asl_value **ret_file)
{
    size_t count = asl_history_count(history);
    recording r = {.history = history,
                   .calls = calloc(count + 1, sizeof *r.calls),
                   .call_of = calloc(count + 1, sizeof *r.call_of)};
    int status = r.calls != NULL && r.call_of != NULL ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        status = read_event(&r, i);
    if (status == ASL_OK)
        status = make_file(&r, machine, test_case, ret_file);
    for (size_t i = 0; i < r.call_count; i++) {
        asl_value_unref(r.calls[i].answer);
        asl_value_unref(r.calls[i].submit);
    }
    free(r.calls);
    free(r.call_of);
    return status;
}

int run_record_write(const run_state *run, uint64_t number)
{
    if (run->record_fd < 0)
        return 0;
    const char *hash = strrchr(run->record, '#');
    asl_history *history = NULL;
    asl_error *error = NULL;
    asl_value *file = NULL;
    int status = asl_history_read(run->store, number, &history, &error);
    if (status == ASL_OK)
        status = record(history, run->machine, hash != NULL ? hash + 1 : "Recorded", &file);
    int exit_code = status == ASL_OK
                        ? run_file_write(run->record_fd, run->record_path, "the mocks", file)
                        : tool_report("cannot record the execution", status, error);
    asl_value_unref(file);
    asl_history_free(history);
    return exit_code;
}
