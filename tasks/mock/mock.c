/* The mock handler: answers from the bindings file. A list answers successive attempts of a state,
 * its last item all further ones; the attempt is the task's own, so a task that is dispatched again
 * after a crash gets the same answer. Delays are in engine time: they skip and scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <asl/engine.h>

#include "handler/configuration.h"

ASL_API int asl_plugin_register(asl_engine *engine, const char *pattern,
                                const asl_value *configuration, const asl_bind_options *options,
                                asl_error **error);

#define MOCK_DELAY_SECONDS_MAX 99999999 /* AWS: TimeoutSeconds */

typedef struct mock_delay mock_delay;

typedef struct mock_handler {
    asl_engine *engine;
    asl_value *answers; /* one, or an array of them */
    mock_delay *delays;
} mock_handler;

/* A task whose answer is still to come. */
struct mock_delay {
    mock_handler *handler;
    mock_delay *next, **link; /* `link` points to what points here */
    asl_task *task;
    const asl_value *answer;
    asl_watch *timer;
};

static int check_answer(const asl_value *answer, asl_error **error)
{
    static const char *const members[] = {"return",       "error",  "cause", "hang",
                                          "delaySeconds", "submit", NULL};
    const char *name = NULL, *cause = NULL;
    bool hangs = false;
    long delay_ms = 0;
    int status = asl_configuration_check(answer, "mock", members, error);
    if (status == ASL_OK)
        status = asl_configuration_text(answer, "error", &name, error);
    if (status == ASL_OK)
        status = asl_configuration_text(answer, "cause", &cause, error);
    if (status == ASL_OK)
        status = asl_configuration_truth(answer, "hang", &hangs, error);
    if (status == ASL_OK)
        status = asl_configuration_seconds(answer, "delaySeconds", 0, MOCK_DELAY_SECONDS_MAX,
                                           &delay_ms, error);
    if (status != ASL_OK)
        return status;
    int kinds = (asl_value_get(answer, "return") != NULL) + (name != NULL) + (hangs ? 1 : 0);
    if (kinds != 1)
        return asl_configuration_refuse(
            error, ASL_SYNTAX,
            "\"mock\" needs exactly one of \"return\", \"error\" and \"hang\": true");
    if (cause != NULL && name == NULL)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"cause\" goes with \"error\"");
    return ASL_OK;
}

static int check_answers(const asl_value *answers, asl_error **error)
{
    if (answers == NULL || asl_value_kind(answers) != ASL_KIND_ARRAY)
        return check_answer(answers, error);
    if (asl_value_count(answers) == 0)
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "a list of mocks needs at least one item");
    int status = ASL_OK;
    for (size_t i = 0; i < asl_value_count(answers) && status == ASL_OK; i++)
        status = check_answer(asl_value_at(answers, i), error);
    return status;
}

static bool waits_for_token(const asl_task *task)
{
    static const char pattern[] = ".waitForTaskToken";
    const char *resource = asl_task_resource(task);
    size_t size = strlen(resource), end = sizeof pattern - 1;
    return size > end && strcmp(resource + size - end, pattern) == 0;
}

/* The first answer of a callback or .sync task, as the service that is called would give it. */
static void submit(asl_task *task, const asl_value *answer)
{
    const asl_value *given = asl_value_get(answer, "submit");
    if (asl_task_token(task) != NULL && !asl_task_is_submitted(task))
        asl_task_submit(task, given != NULL ? asl_value_ref(given) : asl_value_object(NULL), NULL);
}

static void give_error(asl_engine *engine, asl_task *task, const char *name, const char *cause)
{
    if (waits_for_token(task))
        asl_engine_send_task_failure(engine, asl_task_token(task), name, cause, NULL, NULL);
    else
        asl_task_fail(task, name, cause, NULL);
}

/* Whoever was given the token ends a callback task: here, the mock itself. */
static void give(asl_engine *engine, asl_task *task, const asl_value *answer)
{
    const asl_value *output = asl_value_get(answer, "return");
    const asl_value *cause = asl_value_get(answer, "cause");
    int status = ASL_OK;
    if (output == NULL)
        give_error(engine, task, asl_value_get_string(asl_value_get(answer, "error"), NULL),
                   cause == NULL ? NULL : asl_value_get_string(cause, NULL));
    else if (waits_for_token(task))
        status = asl_engine_send_task_success(engine, asl_task_token(task), asl_value_ref(output),
                                              NULL, NULL);
    else
        status = asl_task_succeed(task, asl_value_ref(output), NULL);
    if (status == ASL_NOMEM)
        give_error(engine, task, "States.TaskFailed", "out of memory");
}

static void delay_free(mock_delay *delay)
{
    *delay->link = delay->next;
    if (delay->next != NULL)
        delay->next->link = delay->link;
    if (delay->timer != NULL)
        asl_watch_free(delay->timer);
    asl_task_unref(delay->task);
    free(delay);
}

static void delay_over(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    mock_delay *delay = context;
    give(delay->handler->engine, delay->task, delay->answer);
    delay_free(delay);
}

/* Gives the answer later. False: no memory. */
static bool give_later(mock_handler *handler, asl_task *task, const asl_value *answer,
                       double seconds)
{
    mock_delay *delay = calloc(1, sizeof *delay);
    if (delay == NULL)
        return false;
    *delay = (mock_delay){.handler = handler,
                          .next = handler->delays,
                          .link = &handler->delays,
                          .task = asl_task_ref(task),
                          .answer = answer};
    if (delay->next != NULL)
        delay->next->link = &delay->next;
    handler->delays = delay;
    if (asl_engine_timer(handler->engine, delay_over, delay, &delay->timer) == ASL_OK &&
        asl_watch_set_engine_timer(delay->timer, llround(seconds * 1000)) == ASL_OK)
        return true;
    delay_free(delay);
    return false;
}

static void start(void *context, asl_task *task)
{
    mock_handler *handler = context;
    const asl_value *answer = handler->answers;
    if (asl_value_kind(answer) == ASL_KIND_ARRAY) {
        size_t last = asl_value_count(answer) - 1, attempt = asl_task_attempt(task);
        answer = asl_value_at(answer, attempt < last ? attempt : last);
    }
    submit(task, answer);
    const asl_value *hang = asl_value_get(answer, "hang");
    if (hang != NULL && asl_value_kind(hang) == ASL_KIND_TRUE)
        return;
    double seconds = 0;
    const asl_value *delay = asl_value_get(answer, "delaySeconds");
    if (delay != NULL)
        asl_value_get_double(delay, &seconds);
    if (seconds <= 0)
        give(handler->engine, task, answer);
    else if (!give_later(handler, task, answer, seconds))
        give_error(handler->engine, task, "States.TaskFailed", "out of memory");
}

static void cancel(void *context, asl_task *task)
{
    mock_handler *handler = context;
    for (mock_delay *delay = handler->delays; delay != NULL; delay = delay->next) {
        if (delay->task == task) {
            delay_free(delay);
            return;
        }
    }
}

static void release(void *context)
{
    mock_handler *handler = context;
    while (handler->delays != NULL)
        delay_free(handler->delays);
    asl_value_unref(handler->answers);
    free(handler);
}

int asl_plugin_register(asl_engine *engine, const char *pattern, const asl_value *configuration,
                        const asl_bind_options *options, asl_error **error)
{
    (void)options;
    int status = check_answers(configuration, error);
    if (status != ASL_OK)
        return status;
    mock_handler *handler = calloc(1, sizeof *handler);
    if (handler == NULL)
        return asl_error_make(error, ASL_NOMEM, "out of memory");
    handler->engine = engine;
    handler->answers = asl_value_ref(configuration);
    const asl_task_handler verbs = {.size = sizeof verbs,
                                    .start = start,
                                    .cancel = cancel,
                                    .release = release,
                                    .context = handler,
                                    .flags = ASL_HANDLER_MOCK};
    status = asl_engine_register(engine, pattern, &verbs, error);
    if (status != ASL_OK)
        release(handler);
    return status;
}
