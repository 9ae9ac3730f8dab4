/* What an engine counts: a few increments where a record has become durable, and two readings of
 * the clock around each commit. */
#include <string.h>

#include "runtime/engine.h"

static const int64_t bounds_us[] = {ASL_HISTOGRAM_BOUNDS_US};
_Static_assert(sizeof bounds_us / sizeof bounds_us[0] == ASL_HISTOGRAM_BUCKETS - 1,
               "each bucket but the last has a bound");

static void measure(asl_histogram *histogram, int64_t taken_us)
{
    unsigned bucket = 0;
    while (bucket < ASL_HISTOGRAM_BUCKETS - 1 && taken_us > bounds_us[bucket])
        bucket++;
    histogram->count[bucket]++;
    histogram->total++;
    histogram->sum_us += (uint64_t)taken_us;
}

void asl_statistics_dispatched(asl_engine *engine, asl_task *task)
{
    engine->counts->tasks_dispatched++;
    task->dispatched_us = engine->durable_us;
}

void asl_statistics_finished(const asl_engine *engine, const asl_task *task, asl_flight *flight)
{
    flight->has_result = true;
    flight->taken_us = task->dispatched_us != 0 ? engine->monotonic_us - task->dispatched_us : -1;
}

static void count_end(asl_engine_statistics *counts, asl_execution_status status)
{
    switch (status) {
    case ASL_EXECUTION_SUCCEEDED:
        counts->succeeded++;
        break;
    case ASL_EXECUTION_FAILED:
        counts->failed++;
        break;
    case ASL_EXECUTION_TIMED_OUT:
        counts->timed_out++;
        break;
    case ASL_EXECUTION_ABORTED:
        counts->aborted++;
        break;
    case ASL_EXECUTION_RUNNING:
        break;
    }
}

void asl_statistics_landed(asl_engine *engine, const asl_flight *flight)
{
    asl_engine_statistics *counts = engine->counts;
    const asl_head *head = &flight->batch.head;
    counts->started += flight->batch.is_start;
    counts->events += head->event_count - flight->execution->event_count;
    count_end(counts, head->status);
    if (!flight->has_result)
        return;
    counts->tasks_finished++;
    if (flight->taken_us >= 0)
        measure(&counts->task_latency, flight->taken_us);
}

void asl_statistics_committed(asl_engine *engine, int64_t begun_us)
{
    measure(&engine->counts->commit_latency, engine->durable_us - begun_us);
}

int asl_engine_read_statistics(const asl_engine *engine, asl_engine_statistics *statistics)
{
    size_t size = statistics->size;
    if (size < sizeof size || size > sizeof *statistics)
        return ASL_MISUSE;
    asl_engine_statistics found = *engine->counts;
    found.size = size;
    found.executions = engine->active.count;
    found.commits = found.commit_latency.total;
    memcpy(statistics, &found, size);
    return ASL_OK;
}
