/* Handlers, holders of tokens and workers, who answer when the clock says so. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_definition.h"
#include "system.h"

#define SECOND 1000
#define HOUR (3600 * SECOND)
#define ANSWERS_MAX 50u /* by one token, before its task must be closed */

static asl_value *draw_value(void)
{
    const char *text = run_value_text((unsigned)(system_draw() % 64));
    asl_value *value = NULL;
    if (asl_value_parse(NULL, text, strlen(text), 0, &value, NULL) != ASL_OK)
        abort();
    return value;
}

static const char *draw_error(void)
{
    return run_error_name((unsigned)(system_draw() % 64));
}

/* Most answer within seconds, a few the next day. */
static int64_t draw_delay(const world *self)
{
    static const int64_t longest[] = {10, SECOND, 10 * SECOND, 100 * SECOND, 12 * HOUR};
    unsigned choice = (unsigned)(system_draw() % (self->is_prompt ? 3 : 16));
    return 1 + (int64_t)(system_draw() % (uint64_t)longest[choice < 5 ? choice : choice % 4]);
}

static void *grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity * 2 + 16;
    items = realloc(items, *capacity * item_size);
    if (!items)
        abort();
    return items;
}

static void add_work(world *self, asl_task *task, bool is_failure)
{
    self->works = grow(self->works, self->work_count, &self->work_capacity, sizeof *self->works);
    self->works[self->work_count++] = (world_work){.task = asl_task_ref(task),
                                                   .due_ms = system_now_ms() + draw_delay(self),
                                                   .is_failure = is_failure};
}

static void add_token(world *self, const char *token)
{
    for (size_t i = 0; i < self->token_count; i++)
        if (strcmp(self->tokens[i].token, token) == 0)
            return;
    self->tokens =
        grow(self->tokens, self->token_count, &self->token_capacity, sizeof *self->tokens);
    self->tokens[self->token_count++] =
        (world_token){.token = strdup(token), .due_ms = system_now_ms() + draw_delay(self)};
}

static asl_writes *row_of(const asl_task *task)
{
    const char *key = asl_task_idempotency_key(task);
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put(writes, LEDGER_TABLE, key, strlen(key), "1", 1);
    return writes;
}

/* A task that was answered is closed. */
static void finish(world *self, asl_task *task, bool is_failure)
{
    int status = is_failure ? asl_task_fail(task, draw_error(), "because", NULL)
                            : asl_task_succeed(task, draw_value(), row_of(task));
    if (status != ASL_OK && status != ASL_TASK_CLOSED)
        ledger_fail(self->ledger, "an answer was refused (%s)", asl_status_name(status));
    if (system_chance(8) && asl_task_succeed(task, draw_value(), NULL) != ASL_TASK_CLOSED)
        ledger_fail(self->ledger, "a second answer was taken");
}

static void start_callback(world *self, asl_task *task)
{
    unsigned choice = (unsigned)(system_draw() % 8);
    add_token(self, asl_task_token(task));
    if (choice == 0)
        asl_task_fail(task, draw_error(), "not passed on", NULL);
    else if (choice == 1) /* the token's holder is faster than the handler */
        self->tokens[self->token_count - 1].due_ms = system_now_ms();
    else
        asl_task_succeed(task, draw_value(), NULL);
}

static void start(void *context, asl_task *task)
{
    world *self = context;
    const char *resource = asl_task_resource(task);
    unsigned choice = (unsigned)(system_draw() % 8);
    ledger_given(self->ledger, task);
    if (strstr(resource, ".waitForTaskToken")) {
        start_callback(self, task);
        return;
    }
    if (strstr(resource, ".sync") && !asl_task_is_submitted(task) && system_chance(2))
        asl_task_submit(task, draw_value(), NULL);
    if (choice < 2)
        finish(self, task, choice == 1);
    else
        add_work(self, task, choice == 2);
}

int world_join(world *self, asl_engine *engine, unsigned index)
{
    asl_task_handler handler = {.size = sizeof handler, .start = start, .context = self};
    int status = asl_engine_register(engine, "arn:aws:states:::*", &handler, NULL);
    if (status == ASL_OK)
        status = asl_engine_register(engine, "arn:aws:lambda:*", &handler, NULL);
    self->engines[index] = engine;
    return status;
}

void world_leave(world *self)
{
    for (size_t i = 0; i < self->work_count; i++)
        asl_task_unref(self->works[i].task);
    self->work_count = 0;
    for (unsigned i = 0; i < WORLD_ENGINES_MAX; i++) {
        self->engines[i] = NULL;
        self->is_polling[i] = false;
    }
}

void world_done(world *self)
{
    for (size_t i = 0; i < self->token_count; i++)
        free(self->tokens[i].token);
    free(self->tokens);
    free(self->works);
}

/* One engine of the process has the execution; it is closed where none knows it as open. */
static bool answer(world *self, world_token *one)
{
    bool is_open = false, is_lost = false;
    for (unsigned i = 0; i < WORLD_ENGINES_MAX && self->engines[i]; i++) {
        asl_engine *engine = self->engines[i];
        unsigned choice = (unsigned)(system_draw() % 8);
        int status = choice == 0  ? asl_engine_send_task_heartbeat(engine, one->token, NULL)
                     : choice < 3 ? asl_engine_send_task_failure(engine, one->token, draw_error(),
                                                                 "because", NULL, NULL)
                                  : asl_engine_send_task_success(engine, one->token, draw_value(),
                                                                 NULL, NULL);
        if (status == ASL_OK)
            is_open = true;
        else if (status == ASL_STORE_LOST)
            is_lost = true;
        else if (status != ASL_NOT_FOUND && status != ASL_TASK_CLOSED)
            ledger_fail(self->ledger, "a token was refused (%s)", asl_status_name(status));
    }
    self->answered += is_open;
    one->answers += is_open;
    if (one->answers > ANSWERS_MAX)
        ledger_fail(self->ledger, "a token's task does not close");
    return is_open || is_lost;
}

static void act_on_tokens(world *self)
{
    for (size_t i = 0; i < self->token_count;) {
        world_token *one = &self->tokens[i];
        if (one->due_ms > system_now_ms()) {
            i++;
        } else if (answer(self, one)) {
            one->due_ms = system_now_ms() + draw_delay(self);
            i++;
        } else {
            free(one->token);
            *one = self->tokens[--self->token_count];
        }
    }
}

typedef struct poll {
    world *world;
    unsigned index;
} poll;
static poll polls[WORLD_ENGINES_MAX];

static void on_fetched(void *context, const char *token, const asl_value *input)
{
    const poll *self = context;
    (void)input;
    self->world->is_polling[self->index] = false;
    if (token)
        add_token(self->world, token);
}

static void act_on_activities(world *self)
{
    for (unsigned i = 0; i < WORLD_ENGINES_MAX && self->engines[i]; i++) {
        if (self->is_polling[i] || (!self->is_prompt && system_chance(4)))
            continue;
        polls[i] = (poll){self, i};
        self->is_polling[i] = asl_activity_poll(self->engines[i], WORLD_ACTIVITY, "worker",
                                                on_fetched, &polls[i], NULL) == ASL_OK;
    }
}

void world_act(world *self)
{
    for (size_t i = 0; i < self->work_count;) {
        world_work one = self->works[i];
        if (one.due_ms > system_now_ms()) {
            i++;
            continue;
        }
        self->works[i] = self->works[--self->work_count];
        finish(self, one.task, one.is_failure);
        asl_task_unref(one.task);
    }
    act_on_tokens(self);
    act_on_activities(self);
}

int64_t world_next_ms(const world *self)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < self->work_count; i++)
        if (self->works[i].due_ms < next_ms)
            next_ms = self->works[i].due_ms;
    for (size_t i = 0; i < self->token_count; i++)
        if (self->tokens[i].due_ms < next_ms)
            next_ms = self->tokens[i].due_ms;
    return next_ms;
}
