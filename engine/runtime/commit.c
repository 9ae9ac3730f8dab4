/* From a post to a durable record: the fact is applied, its record goes into a batch, the store
 * makes the batches of a round durable together, and what it reports decides how it goes on. */
#include <poll.h>

#include "base/error.h"
#include "base/heap.h"
#include "history/record.h"
#include "runtime/engine.h"

#define STALL_MS 1000           /* how long a full store is left alone */
#define LAND_POLL_MS 10         /* between looks at what another thread's commit has in hand */
#define SPARE_MAX 1024u         /* flights kept for the next */
#define SPARE_RECORD_MAX 65536u /* a greater buffer is not kept */

asl_flight *asl_flight_take(asl_engine *engine)
{
    asl_flight *flight = STAILQ_FIRST(&engine->spare);
    if (flight) {
        STAILQ_REMOVE_HEAD(&engine->spare, link);
        engine->spare_count--;
        return flight;
    }
    flight = asl_allocate_zeroed(engine->heap, sizeof *flight);
    if (!flight)
        return NULL;
    asl_buffer_init(&flight->record, engine->heap);
    asl_effect_list_init(&flight->effects, engine->heap);
    flight->mailbox = engine->mailbox;
    return flight;
}

void asl_flight_give_back(asl_engine *engine, asl_flight *flight)
{
    asl_writes_free(asl_steal(flight->writes));
    asl_buffer_clear(&flight->record);
    flight->effects.count = 0;
    flight->performed = 0;
    flight->execution = NULL;
    flight->fetched_event = 0;
    if (flight->overtaken)
        asl_task_abandon(asl_steal(flight->overtaken));
    if (engine->spare_count < SPARE_MAX && flight->record.capacity <= SPARE_RECORD_MAX) {
        STAILQ_INSERT_HEAD(&engine->spare, flight, link);
        engine->spare_count++;
        return;
    }
    asl_buffer_done(&flight->record);
    asl_effect_list_done(&flight->effects);
    asl_release(engine->heap, flight, sizeof *flight);
}

static asl_fact fact_of_alarm(const asl_alarm *alarm, asl_fact_kind kind)
{
    return (asl_fact){.kind = kind, .frame = alarm->frame, .event = alarm->event};
}

static asl_answer *answer_of(asl_post *post)
{
    return (asl_answer *)((char *)post - offsetof(asl_answer, post));
}

static asl_fact fact_of_answer(const asl_answer *answer)
{
    asl_fact_kind kind = answer->is_success ? ASL_FACT_TASK_SUCCEEDED : ASL_FACT_TASK_FAILED;
    return (asl_fact){.kind =
                          answer->post.kind == ASL_POST_SUBMISSION ? ASL_FACT_TASK_SUBMITTED : kind,
                      .frame = answer->task->frame,
                      .event = answer->task->event,
                      .value = answer->output,
                      .error = answer->error,
                      .cause = answer->cause};
}

static asl_fact fact_of_fetch(const asl_task *task)
{
    return (asl_fact){.kind = ASL_FACT_TASK_STARTED,
                      .frame = task->frame,
                      .event = task->event,
                      .value = task->poll ? task->poll->worker : NULL};
}

/* The fact that a post carries; its values stay the post's. */
static asl_fact fact_of(asl_post *post)
{
    const asl_execution *execution = post->execution;
    switch (post->kind) {
    case ASL_POST_START:
        return (asl_fact){.kind = ASL_FACT_START,
                          .seed = execution->seed,
                          .flags = execution->start_flags,
                          .value = execution->input,
                          .name = execution->arn};
    case ASL_POST_RESULT:
    case ASL_POST_SUBMISSION:
        return fact_of_answer(answer_of(post));
    case ASL_POST_FETCH:
        return fact_of_fetch((const asl_task *)((char *)post - offsetof(asl_task, fetch)));
    case ASL_POST_FRAME_TIMER:
        return fact_of_alarm((const asl_alarm *)((char *)post - offsetof(asl_alarm, post)),
                             ASL_FACT_TIMER);
    case ASL_POST_HEARTBEAT_MISSED:
        return fact_of_alarm((const asl_alarm *)((char *)post - offsetof(asl_alarm, post)),
                             ASL_FACT_TASK_HEARTBEAT_MISSED);
    case ASL_POST_EXECUTION_TIMEOUT:
        return (asl_fact){.kind = ASL_FACT_EXECUTION_TIMEOUT};
    case ASL_POST_STOP:
    default: {
        const asl_stop_request *request = (const asl_stop_request *)post;
        return (asl_fact){.kind = ASL_FACT_STOP, .error = request->error, .cause = request->cause};
    }
    }
}

/* The writes that a post hands over with its fact. */
static asl_writes *take_writes(asl_post *post)
{
    if (post->kind == ASL_POST_START)
        return asl_steal(post->execution->start_writes);
    if (post->kind == ASL_POST_STOP)
        return asl_steal(((asl_stop_request *)post)->writes);
    if (post->kind == ASL_POST_RESULT || post->kind == ASL_POST_SUBMISSION)
        return asl_steal(answer_of(post)->writes);
    return NULL;
}

/* Called by the store, in a commit of this engine or of another one on its own thread. */
static void settled(asl_batch *batch, int status)
{
    asl_flight *flight = batch->owner;
    flight->status = status;
    if (asl_engine_current && asl_engine_current->mailbox == flight->mailbox)
        STAILQ_INSERT_TAIL(&asl_engine_current->settled, flight, link);
    else
        asl_mailbox_send_flight(flight->mailbox, flight);
}

static asl_head head_of(const asl_execution *execution, const asl_effect_list *effects)
{
    const asl_frames *frames = execution->frames;
    asl_execution_status status = asl_frames_status(frames);
    return (asl_head){
        .number = execution->number,
        .definition = execution->machine->definition_number,
        .event_count = asl_frames_event_count(frames),
        .input_hash = execution->input_hash,
        .start_ms = asl_frames_start_ms(frames),
        .stop_ms = status == ASL_EXECUTION_RUNNING ? 0 : asl_frames_last_ms(frames),
        .passive_until_ms = asl_execution_passive_until(execution, effects),
        .status = status,
        .machine = execution->identity->machine,
        .name = execution->identity->stored_name,
    };
}

void asl_flight_submit(asl_engine *engine, asl_flight *flight)
{
    flight->batch.done = settled;
    flight->batch.owner = flight;
    asl_store_submit(engine->store, &flight->batch);
    engine->flying_count++;
    engine->unsent_count++;
}

static void send(asl_execution *execution, asl_flight *flight, asl_post *post)
{
    flight->execution = execution;
    flight->writes = take_writes(post);
    flight->has_result = false;
    if (post->kind == ASL_POST_RESULT)
        asl_statistics_finished(execution->engine, answer_of(post)->task, flight);
    if (post->kind == ASL_POST_FETCH) {
        const asl_task *task = (const asl_task *)((char *)post - offsetof(asl_task, fetch));
        flight->fetched_frame = task->frame;
        flight->fetched_event = task->event;
    }
    flight->batch = (asl_batch){.head = head_of(execution, &flight->effects),
                                .is_start = post->kind == ASL_POST_START,
                                .record = flight->record.bytes,
                                .record_size = flight->record.size,
                                .writes = flight->writes};
    if (flight->batch.is_start) {
        execution->identity->start_ms = flight->batch.head.start_ms;
        flight->batch.definition_text =
            asl_definition_text(execution->machine->definition, &flight->batch.definition_size);
    }
    execution->flight = flight;
    asl_execution_move(execution, ASL_RUN_FLIGHT);
    asl_flight_submit(execution->engine, flight);
}

static int apply_and_encode(asl_execution *execution, const asl_fact *fact, asl_flight *flight,
                            bool *ret_is_stale)
{
    asl_event_list *entries = &execution->engine->entries;
    int status = asl_frames_apply(execution->frames, fact, entries, &flight->effects);
    if (status == ASL_OK && entries->count > 0) {
        asl_record_encode(&flight->record, fact, entries->items, entries->count);
        status = flight->record.status;
    }
    *ret_is_stale = entries->count == 0;
    /* Frames that went on without a record are not what is true: see asl_execution_step. */
    if (status != ASL_OK && (entries->count > 0 || asl_frames_is_broken(execution->frames)))
        execution->must_rebuild = true;
    asl_event_list_clear(entries);
    return status;
}

static int apply(asl_execution *execution, asl_post *post)
{
    asl_engine *engine = execution->engine;
    asl_flight *flight = asl_flight_take(engine);
    if (!flight)
        return ASL_NOMEM;
    asl_fact fact = fact_of(post);
    int64_t last_ms = asl_frames_last_ms(execution->frames);
    fact.time_ms = engine->now_ms > last_ms ? engine->now_ms : last_ms;
    bool is_stale;
    int status = apply_and_encode(execution, &fact, flight, &is_stale);
    if (status != ASL_OK || is_stale)
        asl_flight_give_back(engine, flight);
    else
        send(execution, flight, post);
    if (status == ASL_OK)
        asl_post_dispose(post);
    return status;
}

static int rebuild(asl_execution *execution)
{
    asl_frames *frames = asl_execution_new_frames(execution);
    if (!frames)
        return ASL_NOMEM;
    int status = ASL_OK;
    if (execution->is_durable)
        status = asl_frames_restore(frames, execution->heap, execution->engine->store,
                                    execution->number, NULL);
    if (status != ASL_OK) {
        asl_frames_free(frames);
        return status;
    }
    asl_frames_free(execution->frames);
    execution->frames = frames;
    execution->must_rebuild = false;
    return ASL_OK;
}

int asl_execution_step(asl_execution *execution)
{
    if (execution->phase == ASL_RUN_EFFECTS)
        return asl_execution_perform(execution);
    if (execution->has_untold && execution->is_durable)
        asl_execution_tell_started(execution, ASL_OK);
    int status = ASL_OK;
    if (execution->phase == ASL_RUN_IDLE && execution->must_rebuild)
        status = rebuild(execution);
    while (status == ASL_OK && execution->phase == ASL_RUN_IDLE && !TAILQ_EMPTY(&execution->posts))
        status = apply(execution, TAILQ_FIRST(&execution->posts));
    return status;
}

void asl_engine_commit(asl_engine *engine)
{
    if (engine->unsent_count == 0)
        return;
    asl_store_set_times(engine->store, engine->wall_ms, engine->now_ms);
    engine->unsent_count = 0;
    int64_t begun_us = asl_clock_monotonic_us();
    int status = asl_store_commit(engine->store);
    engine->durable_us = asl_clock_monotonic_us();
    if (status == ASL_OK) {
        asl_statistics_committed(engine, begun_us);
        return;
    }
    engine->round_status = status;
    if (asl_store_has_pending(engine->store))
        engine->unsent_count = 1;
}

/* Whether the store may take later what it does not take now. */
static bool is_passing(int status)
{
    return status == ASL_STORE_FULL || status == ASL_NOMEM || status == ASL_IO;
}

static void lose(asl_engine *engine, int status)
{
    if (engine->lost_status == ASL_OK)
        asl_engine_log(engine, ASL_LOG_ERROR,
                       "the store takes nothing any more (%s): it has to be opened again",
                       asl_status_name(status));
    engine->lost_status = status;
    engine->round_status = status;
}

static void refuse(asl_execution *execution, int status)
{
    execution->refused = status;
    execution->status = ASL_EXECUTION_ABORTED;
    asl_execution_ref(execution);
    asl_execution_detach(execution);
    asl_execution_tell_started(execution, status);
    asl_execution_unref(execution);
}

/* Full, or out of memory: nothing is sent for a while. */
static void pause(asl_engine *engine, int status)
{
    if (status != ASL_NOMEM && engine->resume_ms == 0) {
        asl_engine_log(engine, ASL_LOG_WARNING, "the store takes nothing (%s): trying again",
                       asl_status_name(status));
        engine->resume_ms = asl_clock_monotonic() + STALL_MS;
    }
    engine->stall_status = status;
    engine->round_status = status;
}

/* The batch is kept and submitted again; memory is never rolled back. */
static void stall(asl_engine *engine, asl_flight *flight)
{
    int status = flight->status;
    pause(engine, status);
    if (flight->batch.is_start)
        refuse(flight->execution, status);
    else
        STAILQ_INSERT_TAIL(&engine->stalled, flight, link);
}

static void refuse_start(asl_engine *engine, asl_flight *flight)
{
    if (flight->status == ASL_STORE_LOST)
        lose(engine, flight->status);
    refuse(flight->execution, flight->status);
}

static void land(asl_engine *engine, asl_flight *flight)
{
    asl_execution *execution = flight->execution;
    asl_execution_move(execution, ASL_RUN_EFFECTS);
    asl_statistics_landed(engine, flight);
    execution->event_count = flight->batch.head.event_count;
    if (flight->batch.is_start) {
        execution->is_durable = true;
        if (execution->machine->definition_number == 0)
            execution->machine->definition_number = flight->batch.head.definition;
        asl_execution_tell_started(execution, ASL_OK);
    }
    int64_t passive_until_ms = flight->batch.head.passive_until_ms;
    int status = asl_execution_perform(execution);
    if (status != ASL_OK) {
        engine->round_status = status;
        asl_execution_schedule(execution);
    } else if (passive_until_ms != 0) {
        asl_execution_leave(execution, passive_until_ms);
    }
}

/* The host's own writes: who made them decides whether they are made again. */
static void tell_written(asl_engine *engine, asl_flight *flight)
{
    asl_written_function function = flight->on_written;
    void *context = flight->written_context;
    int status = flight->status;
    if (is_passing(status))
        pause(engine, status);
    else if (status == ASL_STORE_LOST)
        lose(engine, status);
    asl_flight_give_back(engine, flight);
    if (function)
        function(context, status);
}

void asl_engine_settle(asl_engine *engine)
{
    asl_flight *flight;
    while ((flight = STAILQ_FIRST(&engine->settled)) != NULL) {
        STAILQ_REMOVE_HEAD(&engine->settled, link);
        engine->flying_count--;
        if (!flight->execution)
            tell_written(engine, flight);
        else if (flight->status == ASL_OK)
            land(engine, flight);
        else if (is_passing(flight->status))
            stall(engine, flight);
        else if (flight->batch.is_start)
            refuse_start(engine, flight);
        else
            lose(engine, flight->status);
    }
}

void asl_engine_resubmit(asl_engine *engine)
{
    engine->resume_ms = 0;
    asl_flight *flight;
    while ((flight = STAILQ_FIRST(&engine->stalled)) != NULL) {
        STAILQ_REMOVE_HEAD(&engine->stalled, link);
        asl_flight_submit(engine, flight);
    }
}

typedef struct restoring {
    asl_frames *frames;
    asl_event_list entries;
} restoring;

static int restore_record(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    restoring *r = context;
    asl_fact fact = {.kind = 0};
    asl_event_list_clear(&r->entries);
    int status = asl_record_decode(r->entries.heap, record, size, &fact, &r->entries);
    if (status != ASL_OK)
        return status;
    if (fact.kind == ASL_FACT_START) {
        asl_frames_set_seed(r->frames, fact.seed);
        asl_frames_set_flags(r->frames, fact.flags);
    }
    asl_fact_done(&fact);
    for (size_t i = 0; status == ASL_OK && i < r->entries.count; i++)
        status = asl_frames_evolve(r->frames, &r->entries.items[i]);
    return status;
}

int asl_frames_restore(asl_frames *frames, const asl_heap *heap, asl_store *store, uint64_t number,
                       asl_error **error)
{
    restoring r = {.frames = frames};
    asl_event_list_init(&r.entries, heap);
    int status = asl_store_read_records(store, number, restore_record, &r, error);
    asl_event_list_done(&r.entries);
    if (status != ASL_OK)
        asl_error_set(error, status, "the records of execution %llu cannot be applied: %s",
                      (unsigned long long)number, asl_status_name(status));
    return status;
}

void asl_engine_land(asl_engine *engine)
{
    asl_engine *outer = asl_engine_current;
    asl_engine_current = engine;
    struct asl_answer_queue answers = STAILQ_HEAD_INITIALIZER(answers);
    while (engine->flying_count > 0) {
        asl_store_commit(engine->store);
        asl_mailbox_take(engine->mailbox, &answers, &engine->settled);
        if (STAILQ_EMPTY(&engine->settled)) {
            struct pollfd ring = {.fd = engine->mailbox->fd, .events = POLLIN};
            poll(&ring, 1, LAND_POLL_MS);
        }
        asl_flight *flight;
        while ((flight = STAILQ_FIRST(&engine->settled)) != NULL) {
            STAILQ_REMOVE_HEAD(&engine->settled, link);
            engine->flying_count--;
            if (!flight->execution)
                tell_written(engine, flight);
        }
    }
    while (!STAILQ_EMPTY(&answers)) {
        asl_answer *answer = STAILQ_FIRST(&answers);
        STAILQ_REMOVE_HEAD(&answers, mail_link);
        asl_task_unref(answer->task);
    }
    asl_engine_current = outer;
}
