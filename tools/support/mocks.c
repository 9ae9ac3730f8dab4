/* Plays mocks: counts the invocations of each mocked state and gives each its answer. */
#include "mocks.h"

#include <stdlib.h>
#include <string.h>

/* A task whose answer is still to come. */
struct mock_delay {
    mock_state *state;
    mock_delay *next, **link; /* `link` points to what points here */
    asl_task *task;
    const mock_answer *answer;
    asl_watch *timer;
};

int tool_mocks_new(const asl_definition *definition, tool_mocks **ret_mocks)
{
    size_t count = asl_definition_state_count(definition);
    tool_mocks *mocks = calloc(1, sizeof *mocks);
    if (mocks == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    mocks->definition = asl_definition_ref(definition);
    mocks->states = calloc(count + 1, sizeof *mocks->states);
    if (mocks->states == NULL) {
        tool_mocks_free(mocks);
        return tool_report(NULL, ASL_NOMEM, NULL);
    }
    mocks->state_count = count;
    for (size_t i = 0; i < count; i++)
        mocks->states[i].name = asl_definition_state_name(definition, i);
    *ret_mocks = mocks;
    return 0;
}

static void delay_free(mock_delay *delay)
{
    *delay->link = delay->next;
    if (delay->next != NULL)
        delay->next->link = delay->link;
    asl_watch_free(delay->timer);
    asl_task_unref(delay->task);
    free(delay);
}

static void release_answers(mock_state *state)
{
    asl_value_unref(state->held);
    free(state->response);
    free(state->answers);
    state->held = NULL;
    state->response = NULL;
    state->answers = NULL;
    state->answer_count = 0;
}

void tool_mocks_free(tool_mocks *mocks)
{
    if (mocks == NULL)
        return;
    for (size_t i = 0; i < mocks->state_count; i++) {
        release_answers(&mocks->states[i]);
        free(mocks->states[i].events);
    }
    free(mocks->states);
    asl_definition_unref(mocks->definition);
    free(mocks);
}

mock_state *tool_mocks_find(const tool_mocks *mocks, const char *state, size_t size)
{
    for (size_t i = 0; i < mocks->state_count; i++) {
        const char *name = mocks->states[i].name;
        if (strlen(name) == size && memcmp(name, state, size) == 0)
            return &mocks->states[i];
    }
    return NULL;
}

bool tool_mocks_has(const tool_mocks *mocks, const char *state)
{
    const mock_state *found = mocks != NULL ? tool_mocks_find(mocks, state, strlen(state)) : NULL;
    return found != NULL && found->is_mocked;
}

int mock_state_set(mock_state *state, asl_value *held, const char *response, mock_answer *answers,
                   size_t count)
{
    char *name = response != NULL ? strdup(response) : NULL;
    if (response != NULL && name == NULL) {
        free(answers);
        return tool_report(NULL, ASL_NOMEM, NULL);
    }
    release_answers(state);
    state->held = asl_value_ref(held);
    state->response = name;
    state->answers = answers;
    state->answer_count = count;
    state->is_mocked = true;
    state->is_given = response == NULL;
    return 0;
}

bool tool_is_function(const char *resource)
{
    const char *partition = strncmp(resource, "arn:", 4) == 0 ? resource + 4 : "";
    return strncmp(partition + strcspn(partition, ":"), ":lambda:", 8) == 0;
}

static bool note_event(mock_state *state, uint64_t event)
{
    if (state->event_count == state->event_capacity) {
        size_t capacity = state->event_capacity == 0 ? 16 : state->event_capacity * 2;
        uint64_t *events = realloc(state->events, capacity * sizeof *events);
        if (events == NULL)
            return false;
        state->events = events;
        state->event_capacity = capacity;
    }
    state->events[state->event_count++] = event;
    return true;
}

/* Which invocation an event has scheduled; noted where it is new. False: no memory. */
static bool count_invocation(mock_state *state, uint64_t event, uint64_t *ret_number)
{
    for (size_t i = state->event_count; i > 0 && state->events[i - 1] >= event; i--) {
        if (state->events[i - 1] == event) {
            *ret_number = i - 1;
            return true;
        }
    }
    *ret_number = state->event_count;
    return note_event(state, event);
}

static bool schedules(const char *type)
{
    return strcmp(type, "TaskScheduled") == 0 || strcmp(type, "LambdaFunctionScheduled") == 0 ||
           strcmp(type, "ActivityScheduled") == 0;
}

int tool_mocks_recall(tool_mocks *mocks, const asl_history *history)
{
    for (size_t i = 0; i < asl_history_count(history); i++) {
        const asl_history_event *event = asl_history_at(history, i);
        if (event->state == NULL || !schedules(event->type))
            continue;
        mock_state *state = tool_mocks_find(mocks, event->state, strlen(event->state));
        if (state != NULL && !note_event(state, event->id))
            return tool_report(NULL, ASL_NOMEM, NULL);
    }
    return 0;
}

static bool waits_for_token(const asl_task *task)
{
    static const char pattern[] = ".waitForTaskToken";
    const char *resource = asl_task_resource(task);
    size_t size = strlen(resource);
    return size >= sizeof pattern && strcmp(resource + size - (sizeof pattern - 1), pattern) == 0;
}

/* A service's first answer, where the task is more than a request and its answer. */
static void submit(asl_task *task, const mock_answer *answer)
{
    if (asl_task_token(task) == NULL || asl_task_is_submitted(task))
        return;
    /* ASL_MISUSE: an activity, which has none. */
    asl_task_submit(task,
                    answer->submit != NULL ? asl_value_ref(answer->submit) : asl_value_object(NULL),
                    NULL);
}

/* Whoever was given the token ends such a task. */
static int give_by_token(asl_engine *engine, const asl_task *task, const mock_answer *answer)
{
    const char *token = asl_task_token(task);
    if (answer->kind == MOCK_THROW)
        return asl_engine_send_task_failure(engine, token, answer->error, answer->cause, NULL,
                                            NULL);
    return asl_engine_send_task_success(engine, token, asl_value_ref(answer->output), NULL, NULL);
}

static void give(asl_engine *engine, asl_task *task, const mock_answer *answer)
{
    int status = ASL_OK;
    if (waits_for_token(task))
        status = give_by_token(engine, task, answer);
    else if (answer->kind == MOCK_THROW)
        status = asl_task_fail(task, answer->error, answer->cause, NULL);
    else
        status = asl_task_succeed(task, asl_value_ref(answer->output), NULL);
    if (status == ASL_NOMEM)
        asl_task_fail(task, "States.TaskFailed", "out of memory", NULL);
}

static void delay_over(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    mock_delay *delay = context;
    give(delay->state->engine, delay->task, delay->answer);
    delay_free(delay);
}

/* False: no memory. */
static bool give_later(mock_state *state, asl_task *task, const mock_answer *answer)
{
    mock_delay *delay = calloc(1, sizeof *delay);
    if (delay == NULL)
        return false;
    *delay = (mock_delay){.state = state,
                          .next = state->delays,
                          .link = &state->delays,
                          .task = asl_task_ref(task),
                          .answer = answer};
    if (delay->next != NULL)
        delay->next->link = &delay->next;
    state->delays = delay;
    if (asl_engine_timer(state->engine, delay_over, delay, &delay->timer) == ASL_OK &&
        asl_watch_set_engine_timer(delay->timer, answer->delay_ms) == ASL_OK)
        return true;
    delay_free(delay);
    return false;
}

/* No answer has this number: said as the reason for the execution's end. */
static void refuse(const mock_state *state, asl_task *task, uint64_t number)
{
    char *cause = NULL;
    if (asprintf(&cause,
                 "The mocked response '%s' of the state '%s' has no answer for invocation %llu",
                 state->response, state->name, (unsigned long long)number) < 0)
        cause = NULL;
    asl_task_fail(task, "States.Runtime", cause, NULL);
    free(cause);
}

static void play(void *context, asl_task *task)
{
    mock_state *state = context;
    uint64_t number = 0;
    if (!count_invocation(state, asl_task_event(task), &number)) {
        asl_task_fail(task, "States.TaskFailed", "out of memory", NULL);
        return;
    }
    for (size_t i = 0; i < state->answer_count; i++) {
        const mock_answer *answer = &state->answers[i];
        if (number < answer->first || number > answer->last)
            continue;
        submit(task, answer);
        if (answer->kind == MOCK_HANG)
            return;
        if (answer->delay_ms == 0)
            give(state->engine, task, answer);
        else if (!give_later(state, task, answer))
            asl_task_fail(task, "States.TaskFailed", "out of memory", NULL);
        return;
    }
    refuse(state, task, number);
}

static void cancel(void *context, asl_task *task)
{
    const mock_state *state = context;
    for (mock_delay *delay = state->delays; delay != NULL; delay = delay->next) {
        if (delay->task == task) {
            delay_free(delay);
            return;
        }
    }
}

static void release(void *context)
{
    mock_state *state = context;
    while (state->delays != NULL)
        delay_free(state->delays);
}

int tool_mocks_register(tool_mocks *mocks, asl_engine *engine, const char *machine)
{
    for (size_t i = 0; i < mocks->state_count; i++) {
        mock_state *state = &mocks->states[i];
        if (!state->is_mocked)
            continue;
        state->engine = engine;
        const asl_task_handler handler = {.size = sizeof handler,
                                          .start = play,
                                          .cancel = cancel,
                                          .release = release,
                                          .context = state,
                                          .flags = ASL_HANDLER_MOCK};
        asl_error *error = NULL;
        int status = asl_engine_register_state(engine, machine, state->name, &handler, &error);
        if (status != ASL_OK)
            return tool_report(NULL, status, error);
    }
    return 0;
}
