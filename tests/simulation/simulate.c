/* The whole runtime in one thread, in a world that a seed makes: definitions, inputs, handlers that
 * are late, silent or answer twice, holders of tokens, workers of activities, one engine or two, a
 * clock that jumps hours and steps back, a disk that fills up, fails and loses what was not
 * flushed, processes that are killed and begun again, messages that ask for executions. What was
 * acknowledged must hold after every death, and in the end every execution has ended, and its
 * history replays to itself.
 *
 * usage: simulate COUNT [SEED [early|unflushed]]
 * Of COUNT worlds each has the next seed, and is the same on every machine.
 * "early" and "unflushed" are controls: starts count as acknowledged when they are asked for, or
 * flushes are taken for nothing. Some world must fail then.
 */
#include <asl/asl.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "ledger.h"
#include "run_definition.h"
#include "system.h"
#include "world.h"

#define STEPS 400u       /* things that happen in a world, until it comes to its end */
#define END_STEPS 20000u /* after which what still runs is stopped */
#define MACHINES 6u      /* drawn ones */
#define DAY_MS INT64_C(86400000)
#define FAILED_MAX 5u /* worlds; then the rest is left */
#define SETTLE_ROUNDS 1000u
#define FULL_TIMES 4u /* so often at most there is no room for what is written */

typedef enum control_kind { NO_CONTROL, EARLY, UNFLUSHED } control_kind;

typedef struct simulation simulation;
typedef struct start_context {
    simulation *simulation;
    size_t index;
    uint64_t message; /* that is taken with it; 0: none */
} start_context;

struct simulation {
    char path[4096], copy[4096];
    control_kind control;
    ledger ledger;
    world world;
    asl_store *store;
    asl_engine *engines[WORLD_ENGINES_MAX];
    unsigned engine_count;
    asl_definition *definitions[16];
    char machines[16][16];
    size_t machine_count;
    start_context starts[LEDGER_EXECUTIONS_MAX];
    asl_queue *queue; /* of the first engine: messages that ask for executions */
    bool is_receiving;
    bool is_failing; /* the disk does, and the process is to die of it */
};

static struct {
    uint64_t worlds, executions, events, cuts, kills, closings, answers, days;
} totals;
static char current[64];
static bool is_control;

/* Waits of hours, backing off, heartbeats, workers: what drawn definitions seldom have. */
static const char *const fixed[] = {
    "{\"StartAt\":\"a\",\"States\":{\"a\":{\"Type\":\"Wait\",\"Seconds\":5400,\"Next\":\"b\"},"
    "\"b\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::s:work\",\"TimeoutSeconds\":600,"
    "\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"],\"IntervalSeconds\":60,\"BackoffRate\":3,"
    "\"MaxAttempts\":5}],\"Next\":\"c\"},\"c\":{\"Type\":\"Wait\",\"Seconds\":30,\"End\":true}}}",
    "{\"StartAt\":\"m\",\"States\":{\"m\":{\"Type\":\"Map\",\"MaxConcurrency\":3,\"ItemsPath\":"
    "\"$.list\",\"ItemProcessor\":{\"StartAt\":\"t\",\"States\":{\"t\":{\"Type\":\"Task\","
    "\"Resource\":\"arn:aws:states:::s:call.waitForTaskToken\",\"HeartbeatSeconds\":3600,"
    "\"Parameters\":{\"token.$\":\"$$.Task.Token\"},\"End\":true}}},\"Catch\":[{\"ErrorEquals\":"
    "[\"States.ALL\"],\"Next\":\"w\"}],\"Next\":\"w\"},\"w\":{\"Type\":\"Wait\",\"Seconds\":20,"
    "\"End\":true}}}",
    "{\"StartAt\":\"t\",\"TimeoutSeconds\":100000,\"States\":{\"t\":{\"Type\":\"Task\","
    "\"Resource\":\"" WORLD_ACTIVITY "\",\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"]}],"
    "\"Next\":\"j\"},\"j\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::s:job.sync\","
    "\"End\":true}}}",
};

static void require(simulation *self, int status, const char *what)
{
    if (status != ASL_OK)
        ledger_fail(&self->ledger, "%s: %s", what, asl_status_name(status));
}

static void remove_folder(const char *path)
{
    if (folder_remove(path) != 0) {
        perror(path);
        exit(1);
    }
}

static void add_definition(simulation *self, const char *text, size_t size)
{
    asl_definition *definition = NULL;
    if (asl_definition_load(text, size, NULL, &definition, NULL, NULL) != ASL_OK)
        return;
    self->definitions[self->machine_count] = definition;
    snprintf(self->machines[self->machine_count], sizeof self->machines[0], "m%zu",
             self->machine_count);
    self->machine_count++;
}

static void draw_definitions(simulation *self)
{
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add_definition(self, fixed[i], strlen(fixed[i]));
    while (self->machine_count < sizeof fixed / sizeof *fixed + MACHINES) {
        uint8_t bytes[600];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)system_draw();
        tape front = {bytes, bytes + sizeof bytes};
        asl_buffer text;
        asl_buffer_init(&text, NULL);
        run_definition_make(&front, &text);
        add_definition(self, text.bytes, text.size);
        asl_buffer_done(&text);
    }
}

static void open_store(simulation *self)
{
    asl_store_options where = {
        .size = sizeof where, .path = self->path, .map_bytes = (uint64_t)1 << 28};
    asl_error *error = NULL;
    int status = ASL_STORE_FULL;
    for (unsigned i = 0; i < FULL_TIMES && status == ASL_STORE_FULL; i++) {
        asl_error_free(error);
        error = NULL;
        status = asl_store_open(&where, &self->store, &error);
    }
    if (status != ASL_OK)
        ledger_fail(&self->ledger, "the store cannot be opened: %s", asl_error_message(error));
    asl_error_free(error);
}

static void open_engine(simulation *self, unsigned index)
{
    static const int64_t passive[] = {0, 1000, -1};
    asl_engine_options options = {.size = sizeof options,
                                  .store = self->store,
                                  .limits = &self->ledger.limits,
                                  .seed = system_draw(),
                                  .flags = ASL_ENGINE_CLOCK_CALLBACKS,
                                  .share = index,
                                  .shares = self->engine_count,
                                  .passivate_after_ms = passive[system_draw() % 3]};
    require(self, asl_engine_open(&options, &self->engines[index], NULL), "engine");
    require(self, world_join(&self->world, self->engines[index], index), "handlers");
    for (size_t i = 0; i < self->machine_count; i++)
        require(self,
                asl_engine_add_machine(self->engines[index], self->machines[i],
                                       self->definitions[i], NULL),
                "machine");
}

static void receive(simulation *self);

/* A process begins: what the last one had acknowledged is there, and goes on. */
static void begin(simulation *self)
{
    open_store(self);
    if (self->ledger.problem[0] != '\0')
        return;
    ledger_check(&self->ledger, self->store);
    self->engine_count = system_chance(3) ? 2 : 1;
    for (unsigned i = 0; i < self->engine_count; i++) {
        open_engine(self, i);
        require(self, asl_engine_recover(self->engines[i], 0, NULL, NULL), "recover");
    }
    require(self, asl_queue_open(self->engines[0], "starts", NULL, &self->queue, NULL), "queue");
    receive(self);
}

static void end(simulation *self)
{
    asl_queue_close(self->queue);
    self->queue = NULL;
    self->is_receiving = false;
    for (unsigned i = 0; i < self->engine_count; i++)
        asl_engine_free(self->engines[i]);
    world_leave(&self->world);
    self->engine_count = 0;
    asl_store_close(self->store);
    self->store = NULL;
    self->is_failing = false;
}

/* The process dies: nothing that it does any more comes to the disk. */
static void die(simulation *self)
{
    system_fail(0, UINT_MAX, EIO);
    end(self);
    if (system_chance(3)) {
        system_kill();
        totals.kills++;
    } else {
        system_cut_power();
        totals.cuts++;
    }
    system_pass((int64_t)(system_draw() % 60000));
    begin(self);
}

static void close_and_open(simulation *self)
{
    end(self);
    totals.closings++;
    begin(self);
}

static void on_started(void *context, asl_execution *execution, int status)
{
    const start_context *at = context;
    if (at->message != 0 && at->simulation->queue)
        asl_queue_taken(at->simulation->queue, at->message, status == ASL_OK);
    if (status == ASL_OK)
        ledger_started(&at->simulation->ledger, at->index, asl_execution_number(execution));
    else if (status != ASL_STORE_FULL && status != ASL_STORE_LOST && status != ASL_IO)
        ledger_fail(&at->simulation->ledger, "a start was refused (%s)", asl_status_name(status));
}

static void on_ended(void *context, asl_execution *execution)
{
    const start_context *at = context;
    ledger_ended(&at->simulation->ledger, at->index, execution);
}

/* Starts an execution that is planned; with a message it is taken along. */
static int start_planned(simulation *self, asl_engine *engine, size_t index,
                         const asl_message *message)
{
    ledger_execution *one = &self->ledger.executions[index];
    const char *text = run_value_text((unsigned)index);
    asl_value *input = NULL;
    asl_execution *execution = NULL;
    require(self, asl_value_parse(NULL, text, strlen(text), 0, &input, NULL), "input");
    self->starts[index] = (start_context){self, index, message ? message->sequence : 0};
    asl_start how = {.size = sizeof how,
                     .machine = one->machine,
                     .name = one->name,
                     .input = input,
                     .writes = message ? asl_writes_new(NULL) : NULL,
                     .on_started = on_started,
                     .on_ended = system_chance(2) ? on_ended : NULL,
                     .context = &self->starts[index]};
    if (message)
        require(self, asl_queue_take(self->queue, message->sequence, message->receives, how.writes),
                "take");
    int status = asl_execution_start(engine, &how, &execution, NULL);
    if (status == ASL_OK && self->control == EARLY && !message)
        ledger_started(&self->ledger, index, asl_execution_number(execution));
    if (status != ASL_OK)
        asl_writes_free(how.writes);
    asl_execution_unref(execution);
    asl_value_unref(input);
    return status;
}

static bool is_refusal(int status)
{
    return status == ASL_STORE_FULL || status == ASL_STORE_LOST;
}

static void start(simulation *self)
{
    if (self->ledger.execution_count == LEDGER_EXECUTIONS_MAX)
        return;
    size_t index = ledger_plan(&self->ledger, self->machines[system_draw() % self->machine_count]);
    asl_engine *engine = self->engines[system_draw() % self->engine_count];
    int status = start_planned(self, engine, index, NULL);
    if (!is_refusal(status))
        require(self, status, "start");
}

static void on_sent(void *context, int status)
{
    const start_context *at = context;
    at->simulation->ledger.executions[at->index].is_sent = status == ASL_OK;
}

/* A message that asks for an execution; who receives it starts that. */
static void send(simulation *self)
{
    if (self->ledger.execution_count == LEDGER_EXECUTIONS_MAX)
        return;
    size_t index = ledger_plan(&self->ledger, self->machines[system_draw() % self->machine_count]);
    self->starts[index] = (start_context){self, index, 0};
    asl_send message = {.size = sizeof message,
                        .id = self->ledger.executions[index].name,
                        .delay_ms = system_chance(4) ? (int64_t)(system_draw() % 100000) : 0};
    int status = asl_queue_send(self->queue, &message, on_sent, &self->starts[index], NULL);
    if (status == ASL_OK && self->control == EARLY)
        self->ledger.executions[index].is_sent = true;
    if (!is_refusal(status))
        require(self, status, "send");
}

/* An execution that is there already has lost its message's deletion: the message goes now. */
static void take_message(simulation *self, const asl_message *message)
{
    size_t index = strtoul(message->id + 1, NULL, 10);
    int status = start_planned(self, self->engines[0], index, message);
    if (status == ASL_OK)
        return;
    asl_queue_taken(self->queue, message->sequence, status == ASL_EXISTS);
    if (status != ASL_EXISTS && !is_refusal(status))
        require(self, status, "start by a message");
}

static void on_received(void *context, int status, const asl_message *messages, size_t count)
{
    simulation *self = context;
    self->is_receiving = false;
    for (size_t i = 0; i < count; i++)
        take_message(self, &messages[i]);
    if (status == ASL_OK)
        receive(self);
}

static void receive(simulation *self)
{
    if (self->is_receiving || self->ledger.problem[0] != '\0')
        return;
    int status = asl_queue_receive(self->queue, 3, on_received, self, NULL);
    self->is_receiving = status == ASL_OK;
    if (!is_refusal(status))
        require(self, status, "receive");
}

static void stop(simulation *self, size_t index)
{
    uint64_t number = self->ledger.executions[index].number;
    for (unsigned i = 0; number > 0 && i < self->engine_count; i++) {
        asl_execution *execution = NULL;
        if (asl_execution_find(self->engines[i], number, &execution) != ASL_OK)
            continue;
        int status = asl_execution_stop(execution, "Stopped", "by hand", NULL);
        if (status != ASL_OK && status != ASL_NOT_FOUND)
            require(self, status, "stop");
        asl_execution_unref(execution);
    }
}

static void purge(simulation *self)
{
    asl_purge_options options = {.size = sizeof options, .keep = system_draw() % 8};
    asl_purge progress = {.size = sizeof progress};
    int status = ASL_OK;
    self->ledger.may_be_purged = true;
    while (status == ASL_OK && !progress.is_done)
        status = asl_store_purge(self->store, &options, &progress, NULL);
    if (status != ASL_STORE_FULL && status != ASL_STORE_LOST)
        require(self, status, "purge");
}

static void back_up(simulation *self)
{
    asl_store_options where = {
        .size = sizeof where, .path = self->copy, .flags = ASL_STORE_READ_ONLY};
    asl_store *copy = NULL;
    int status = asl_store_backup(self->store, self->copy, NULL);
    if (status == ASL_STORE_LOST)
        return;
    require(self, status, "backup");
    require(self, asl_store_open(&where, &copy, NULL), "the copy cannot be opened");
    if (copy)
        require(self, asl_store_verify(copy, NULL, NULL), "the copy is not whole");
    asl_store_close(copy);
    remove_folder(self->copy);
}

/* Does all that can be done at this time. False where the store is lost. */
static bool settle(simulation *self)
{
    for (unsigned round = 0; round < SETTLE_ROUNDS; round++) {
        bool is_idle = true;
        world_act(&self->world);
        receive(self);
        for (unsigned i = 0; i < self->engine_count; i++) {
            if (asl_engine_next_deadline(self->engines[i]) != 0)
                continue;
            int status = asl_engine_dispatch(self->engines[i], 0);
            is_idle = false;
            if (status == ASL_STORE_LOST || status == ASL_IO)
                return false;
            if (status != ASL_STORE_FULL)
                require(self, status, "dispatch");
        }
        if (is_idle)
            return true;
    }
    ledger_fail(&self->ledger, "there is no end to what can be done at one time");
    return true;
}

/* Milliseconds until something is due, at most a day. */
static int64_t next_ms(const simulation *self)
{
    int64_t wait_ms = world_next_ms(&self->world) - system_now_ms();
    for (unsigned i = 0; i < self->engine_count; i++) {
        int64_t engine_ms = asl_engine_next_deadline(self->engines[i]);
        if (engine_ms >= 0 && engine_ms < wait_ms)
            wait_ms = engine_ms;
    }
    return wait_ms < 0 ? 0 : wait_ms > DAY_MS ? DAY_MS : wait_ms;
}

static void pass_time(simulation *self)
{
    int64_t wait_ms = next_ms(self);
    switch (system_draw() % 8) {
    case 0:
        system_pass(wait_ms + (int64_t)(system_draw() % 10000));
        break;
    case 1:
        system_pass((int64_t)(system_draw() % (uint64_t)(wait_ms + 1)));
        break;
    case 2:
        if (system_chance(8)) /* an hour to and fro, now and then ten years */
            system_step(((int64_t)(system_draw() % 7200000) - 3600000) *
                        (system_chance(8) ? 87660 : 1));
        break;
    default:
        system_pass(wait_ms);
        break;
    }
}

static void happen(simulation *self)
{
    switch (system_draw() % 32) {
    case 0:
        die(self);
        break;
    case 1:
        system_fail((unsigned)(system_draw() % 60), UINT_MAX, EIO);
        self->is_failing = true;
        break;
    case 2:
        if (!self->is_failing)
            system_fail((unsigned)(system_draw() % 60),
                        1 + (unsigned)(system_draw() % (FULL_TIMES - 1)), ENOSPC);
        break;
    case 3:
        if (!self->is_failing)
            close_and_open(self);
        break;
    case 4:
        if (system_chance(8))
            purge(self);
        break;
    case 5:
        if (!self->is_failing)
            back_up(self);
        break;
    case 6:
        if (self->ledger.execution_count > 0)
            stop(self, system_draw() % self->ledger.execution_count);
        break;
    case 7:
        if (!self->is_failing)
            ledger_check(&self->ledger, self->store);
        break;
    case 8:
    case 9:
        start(self);
        break;
    case 10:
    case 11:
        send(self);
        break;
    default:
        pass_time(self);
        break;
    }
}

/* Everybody answers, and time goes on until all have ended; what takes too long is stopped. */
static void come_to_end(simulation *self)
{
    system_fail(0, 0, 0);
    die(self);
    self->world.is_prompt = true;
    for (unsigned i = 0; i < END_STEPS && self->ledger.problem[0] == '\0'; i++) {
        require(self, settle(self) ? ASL_OK : ASL_STORE_LOST, "the end");
        if (next_ms(self) == DAY_MS)
            break;
        system_pass(next_ms(self));
    }
    for (size_t i = 0; i < self->ledger.execution_count; i++)
        stop(self, i);
    require(self, settle(self) ? ASL_OK : ASL_STORE_LOST, "the end");
    totals.days += (uint64_t)(system_passed_ms() / DAY_MS);
    end(self);
    open_store(self);
    if (self->ledger.problem[0] == '\0')
        ledger_check_end(&self->ledger, self->store);
    asl_store_close(self->store);
}

static bool run_world(const char *folder, uint64_t seed, control_kind control)
{
    static simulation self; /* too large for the stack */
    self = (simulation){.control = control};
    snprintf(self.path, sizeof self.path, "%s/store", folder);
    snprintf(self.copy, sizeof self.copy, "%s/copy", folder);
    self.ledger.limits = (asl_limits){
        .size = sizeof self.ledger.limits, .payload_bytes = 4000, .history_events = 300};
    self.world.ledger = &self.ledger;
    remove_folder(self.path);
    remove_folder(self.copy);
    system_begin(seed, self.path, control == UNFLUSHED);
    draw_definitions(&self);
    begin(&self);
    for (unsigned i = 0; i < STEPS && self.ledger.problem[0] == '\0'; i++) {
        happen(&self);
        if (!settle(&self))
            die(&self);
    }
    if (self.ledger.problem[0] == '\0')
        come_to_end(&self);
    for (size_t i = 0; i < self.machine_count; i++)
        asl_definition_unref(self.definitions[i]);
    totals.worlds++;
    totals.executions += self.ledger.execution_count;
    totals.events += self.ledger.events;
    totals.answers += self.world.answered;
    if (self.ledger.problem[0] != '\0')
        printf("%s%s\n", current, self.ledger.problem);
    world_done(&self.world);
    ledger_done(&self.ledger);
    return self.ledger.problem[0] == '\0';
}

/* A world that breaks the rules may also crash. */
static void name_current(int signal_number)
{
    (void)!write(STDERR_FILENO, current, strlen(current));
    if (is_control)
        _exit(0);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* A folder of its own, in memory where that can be. */
static const char *make_folder(void)
{
    static char paths[][32] = {"/dev/shm/asl-world-XXXXXX", "/tmp/asl-world-XXXXXX"};
    for (size_t i = 0; i < 2; i++)
        if (mkdtemp(paths[i]))
            return paths[i];
    perror("a folder for stores");
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: simulate COUNT [SEED [early|unflushed]]\n");
        return 2;
    }
    const char *folder = make_folder();
    uint64_t count = strtoull(argv[1], NULL, 10), failed = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    control_kind control = argc < 4                        ? NO_CONTROL
                           : strcmp(argv[3], "early") == 0 ? EARLY
                                                           : UNFLUSHED;
    is_control = control != NO_CONTROL;
    signal(SIGABRT, name_current);
    signal(SIGSEGV, name_current);
    signal(SIGBUS, name_current);
    for (uint64_t i = 0; i < count && failed < FAILED_MAX; i++) {
        snprintf(current, sizeof current, "seed=%llu: ", (unsigned long long)(seed + i));
        failed += !run_world(folder, seed + i, control);
    }
    remove_folder(folder);
    printf(
        "seeds %llu to %llu: %llu executions, %llu events replayed, %llu power cuts, %llu kills, "
        "%llu closings, %llu answers by token, %llu days; %llu worlds failed\n",
        (unsigned long long)seed, (unsigned long long)(seed + totals.worlds - 1),
        (unsigned long long)totals.executions, (unsigned long long)totals.events,
        (unsigned long long)totals.cuts, (unsigned long long)totals.kills,
        (unsigned long long)totals.closings, (unsigned long long)totals.answers,
        (unsigned long long)totals.days, (unsigned long long)failed);
    return is_control ? failed == 0 : failed > 0;
}
