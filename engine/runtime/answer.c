/* Answers: what handlers and tokens give, from any thread. The one race there is, between those who
 * end a task and the engine that gives it up, is decided by one compare-exchange on the task's
 * phase. */
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "runtime/engine.h"

/* Who ends a task. */
typedef enum giver { FROM_HANDLER, FROM_TOKEN } giver;

/* The end of a task belongs to who comes first. The handler of a callback task has done once it has
 * submitted. */
static bool claim_end(asl_task *task, giver from)
{
    int phase = atomic_load(&task->phase);
    do {
        if (phase != ASL_TASK_OPEN && phase != ASL_TASK_SUBMITTED)
            return false;
        if (phase == ASL_TASK_SUBMITTED && task->is_callback && from == FROM_HANDLER)
            return false;
    } while (!atomic_compare_exchange_weak(&task->phase, &phase, ASL_TASK_FINISHED));
    /* A token comes on the engine's thread, and nobody else looks at this. */
    if (from == FROM_TOKEN)
        task->is_overtaken = task->handler && (phase == ASL_TASK_OPEN || !task->is_callback);
    return true;
}

static bool claim_submission(asl_task *task)
{
    int phase = ASL_TASK_OPEN;
    return atomic_compare_exchange_strong(&task->phase, &phase, ASL_TASK_SUBMITTED);
}

/* On the engine's own thread, inside dispatch, an answer needs no lock and no wake. What another
 * thread has sent before comes first: a submission stays in front of its result. */
static int hand_over(asl_task *task, asl_answer *answer)
{
    asl_mailbox *mailbox = task->identity->mailbox;
    if (!asl_engine_current || asl_engine_current->mailbox != mailbox)
        return asl_mailbox_send_answer(mailbox, answer) ? ASL_OK : ASL_TASK_CLOSED;
    asl_engine_take_mail(asl_engine_current);
    asl_execution_post(task->execution, &answer->post);
    return ASL_OK;
}

static int check_output(const asl_value *output, const asl_writes *writes)
{
    if (!output)
        return ASL_NOMEM;
    return writes ? asl_writes_status(writes) : ASL_OK;
}

static int give_output(asl_task *task, asl_answer *answer, asl_value *output, asl_writes *writes)
{
    answer->is_success = true;
    answer->output = output;
    answer->writes = writes;
    return hand_over(task, answer);
}

static int end_success(asl_task *task, giver from, asl_value *output, asl_writes *writes)
{
    int status = check_output(output, writes);
    if (status == ASL_OK && !claim_end(task, from))
        status = ASL_TASK_CLOSED;
    if (status == ASL_OK)
        return give_output(task, &task->result, output, writes);
    asl_value_unref(output);
    asl_writes_free(writes);
    return status;
}

int asl_task_submit(asl_task *task, asl_value *output, asl_writes *writes)
{
    int status = check_output(output, writes);
    if (task->is_activity || task->token[0] == '\0' || task->was_submitted)
        status = ASL_MISUSE;
    if (status == ASL_OK && !claim_submission(task))
        status = atomic_load(&task->phase) == ASL_TASK_SUBMITTED && !task->is_callback
                     ? ASL_MISUSE
                     : ASL_TASK_CLOSED;
    if (status == ASL_OK)
        return give_output(task, &task->submission, output, writes);
    asl_value_unref(output);
    asl_writes_free(writes);
    return status;
}

int asl_task_succeed(asl_task *task, asl_value *output, asl_writes *writes)
{
    return task->is_callback ? asl_task_submit(task, output, writes)
                             : end_success(task, FROM_HANDLER, output, writes);
}

int asl_task_end_success(asl_task *task, asl_value *output, asl_writes *writes)
{
    return end_success(task, FROM_TOKEN, output, writes);
}

/* A text of at most `limit` characters; what is not UTF-8 in it becomes U+FFFD. */
static asl_value *clean_text(const asl_heap *heap, const char *text, size_t limit)
{
    size_t size = strnlen(text, limit * 4);
    if (asl_utf8_valid(text, size) == size)
        return asl_value_string_sized(heap, text, asl_utf8_prefix(text, size, limit));
    asl_buffer clean;
    asl_buffer_init(&clean, heap);
    for (const char *next = text, *end = text + size; next < end;) {
        size_t valid = asl_utf8_valid(next, (size_t)(end - next));
        asl_buffer_append(&clean, next, valid);
        next += valid;
        if (next < end) {
            asl_buffer_append(&clean, "\xEF\xBF\xBD", 3);
            next++;
        }
    }
    asl_value *value = NULL;
    if (clean.status == ASL_OK)
        value = asl_value_string_sized(heap, clean.bytes,
                                       asl_utf8_prefix(clean.bytes, clean.size, limit));
    asl_buffer_done(&clean);
    return value;
}

static int make_failure(const asl_heap *heap, const char *error, const char *cause,
                        asl_value **ret_error, asl_value **ret_cause)
{
    asl_cleanup(asl_value_cleanup) asl_value *made = NULL;
    if (error) {
        made = clean_text(heap, error, ASL_ERROR_CHARACTERS_MAX);
        if (!made)
            return ASL_NOMEM;
    }
    if (cause) {
        *ret_cause = clean_text(heap, cause, ASL_CAUSE_CHARACTERS_MAX);
        if (!*ret_cause)
            return ASL_NOMEM;
    }
    *ret_error = asl_steal(made);
    return ASL_OK;
}

static int end_failure(asl_task *task, giver from, const char *error, const char *cause,
                       asl_writes *writes)
{
    asl_cleanup(asl_value_cleanup) asl_value *error_value = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *cause_value = NULL;
    int status = writes ? asl_writes_status(writes) : ASL_OK;
    if (status == ASL_OK)
        status = make_failure(task->heap, error, cause, &error_value, &cause_value);
    if (status == ASL_OK && !claim_end(task, from))
        status = ASL_TASK_CLOSED;
    if (status != ASL_OK) {
        asl_writes_free(writes);
        return status;
    }
    task->result.error = asl_steal(error_value);
    task->result.cause = asl_steal(cause_value);
    task->result.writes = writes;
    return hand_over(task, &task->result);
}

int asl_task_fail(asl_task *task, const char *error, const char *cause, asl_writes *writes)
{
    return end_failure(task, FROM_HANDLER, error, cause, writes);
}

int asl_task_end_failure(asl_task *task, const char *error, const char *cause, asl_writes *writes)
{
    return end_failure(task, FROM_TOKEN, error, cause, writes);
}

int asl_task_fail_here(asl_task *task, const char *error, const char *cause)
{
    int status = asl_task_fail(task, error, cause, NULL);
    return status == ASL_NOMEM ? status : ASL_OK;
}

int asl_task_beat(asl_task *task, bool is_by_token)
{
    int phase = atomic_load(&task->phase);
    bool has_done = phase == ASL_TASK_SUBMITTED && task->is_callback && !is_by_token;
    if ((phase != ASL_TASK_OPEN && phase != ASL_TASK_SUBMITTED) || has_done)
        return ASL_TASK_CLOSED;
    atomic_store_explicit(&task->beat_ms, asl_task_now(task), memory_order_relaxed);
    return ASL_OK;
}

int asl_task_heartbeat(asl_task *task)
{
    return asl_task_beat(task, false);
}
