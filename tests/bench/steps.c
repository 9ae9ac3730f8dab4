/* See steps.h. */
#include "steps.h"

#include "report.h"

#define STEP "\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::bench:step\","
static const char steps[] = "{\"StartAt\":\"a\",\"States\":{"
                            "\"a\":{" STEP "\"Next\":\"b\"},"
                            "\"b\":{" STEP "\"Next\":\"c\"},"
                            "\"c\":{" STEP "\"Next\":\"d\"},"
                            "\"d\":{" STEP "\"Next\":\"e\"},"
                            "\"e\":{" STEP "\"End\":true}}}";
static const char pass[] =
    "{\"StartAt\":\"p\",\"States\":{\"p\":{\"Type\":\"Pass\",\"End\":true}}}";

/* One run. */
typedef struct run {
    host *host;
    const char *machine;
    int64_t deadline_ns;
    uint64_t left; /* to be started */
    uint64_t ended;
    unsigned active;
} run;

static void answer(void *context, asl_task *task)
{
    (void)context;
    asl_value *output = asl_value_object(NULL);
    asl_value_set(&output, "ok", asl_value_bool(true));
    asl_task_succeed(task, output, NULL);
}

void steps_add(host *self)
{
    host_serve(self, "arn:aws:*", answer, NULL);
    host_add_machine(self, "steps", steps, sizeof steps - 1);
    host_add_machine(self, "pass", pass, sizeof pass - 1);
}

static void start_one(run *self);

static void on_ended(void *context, asl_execution *execution)
{
    run *self = context;
    if (asl_execution_status_of(execution) != ASL_EXECUTION_SUCCEEDED)
        host_check(ASL_MISUSE, NULL, asl_execution_error(execution));
    self->ended++;
    self->active--;
    if (self->left > 0 && report_now_ns() < self->deadline_ns)
        start_one(self);
}

static void start_one(run *self)
{
    asl_start start = {
        .size = sizeof start, .machine = self->machine, .on_ended = on_ended, .context = self};
    asl_execution *execution = NULL;
    host_check(asl_execution_start(self->host->engine, &start, &execution, NULL), NULL, "start");
    asl_execution_unref(execution);
    self->active++;
    self->left--;
}

uint64_t steps_run(host *self, const char *machine, unsigned in_flight, int64_t deadline_ns,
                   uint64_t count)
{
    run one = {.host = self, .machine = machine, .deadline_ns = deadline_ns, .left = count};
    while (one.active < in_flight && one.left > 0)
        start_one(&one);
    while (one.active > 0)
        host_check(asl_engine_dispatch(self->engine, -1), NULL, "dispatch");
    return one.ended;
}
