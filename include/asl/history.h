/* <asl/history.h> - the history of an execution, and its replay.
 *
 * A history is read from a store, or from the JSON that GetExecutionHistory gives (AWS's own,
 * exported).
 *
 *     asl_history *history = NULL;
 *     if (asl_history_read(store, number, &history, &error) == ASL_OK) {
 *         asl_value *json = NULL;
 *         asl_history_to_value(history, &json);
 *     }
 *     asl_history_free(history);
 *
 * Threads: a history belongs to whoever read it.
 */
#ifndef ASL_HISTORY_H
#define ASL_HISTORY_H

#include <asl/limits.h>
#include <asl/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_history asl_history;

/* Reads the whole history. ASL_OK, ASL_NOT_FOUND, ASL_STORE_CORRUPT, ASL_IO, ASL_NOMEM. */
ASL_API int asl_history_read(asl_store *store, uint64_t number, asl_history **ret_history,
                             asl_error **error);
/* Reads the JSON shape of GetExecutionHistory: {"events": [...]}. ASL_OK, ASL_SYNTAX, ASL_NOMEM. */
ASL_API int asl_history_parse(const asl_heap *heap, const char *text, size_t size,
                              asl_history **ret_history, asl_error **error);
ASL_API void asl_history_free(asl_history *history);

/* A page, as GetExecutionHistory gives one: `size` first, zero means default. */
typedef struct asl_page_options {
    size_t size;          /* sizeof(asl_page_options) */
    const char *token;    /* what asl_history_next_token gave; NULL: the first page */
    unsigned max_results; /* at most so many events, 1 to ASL_PAGE_RESULTS_MAX; 0: 100 */
    unsigned flags;       /* ASL_HISTORY_* below */
} asl_page_options;
#define ASL_PAGE_RESULTS_MAX 1000u
#define ASL_HISTORY_REVERSE 1u /* newest first; the same for all pages */
/* Views have no input, output and assigned variables; what was sent to tasks stays, as AWS does. */
#define ASL_HISTORY_WITHOUT_DATA 2u

/* Reads one page of a history: what was not asked for is not read, but for the heads of records
 * that are newer. `options` may be NULL. A page shows its events like a whole history, but knows
 * the states of those alone that are in it, and cannot be replayed. ASL_OK, ASL_NOT_FOUND,
 * ASL_MISUSE (an option, or a token that this store has not given for this execution and
 * direction), ASL_STORE_CORRUPT, ASL_IO, ASL_NOMEM. */
ASL_API int asl_history_read_page(asl_store *store, uint64_t number,
                                  const asl_page_options *options, asl_history **ret_history,
                                  asl_error **error);
/* What asks for the next page: at most 1,024 characters; NULL where this is the last one, or no
 * page. Borrowed. */
ASL_API const char *asl_history_next_token(const asl_history *history);

/* One event, as a table shows it. Texts are borrowed from the history. */
typedef struct asl_history_event {
    size_t size; /* sizeof(asl_history_event) as the library knows it */
    uint64_t id;
    uint64_t previous_id;
    const char *type;  /* "TaskScheduled" */
    const char *state; /* the state it belongs to; NULL where none */
    const char *error; /* its error name; NULL where none */
    const char *cause;
    int64_t time_ms; /* since 1970-01-01 UTC; 0: unknown */
} asl_history_event;
ASL_API size_t asl_history_count(const asl_history *history);
ASL_API const asl_history_event *asl_history_at(const asl_history *history, size_t index);

/* The shape of GetExecutionHistory, {"events": [...]}, for a page with its "nextToken"; and one
 * event of it; new values. Timestamps are ISO 8601 texts in UTC with milliseconds. */
ASL_API int asl_history_to_value(const asl_history *history, asl_value **ret_value);
ASL_API int asl_history_event_to_value(const asl_history *history, size_t index,
                                       asl_value **ret_value);

/* What a machine's log has, by its level: all events; failures, time-outs, aborts and Fail states;
 * executions that did not succeed; nothing. */
typedef enum asl_log_detail {
    ASL_LOG_DETAIL_ALL,
    ASL_LOG_DETAIL_ERROR,
    ASL_LOG_DETAIL_FATAL,
    ASL_LOG_DETAIL_OFF
} asl_log_detail;
/* The records that AWS writes to CloudWatch Logs for these events; a new array. `flags`:
 * ASL_HISTORY_WITHOUT_DATA or 0. ASL_OK, ASL_MISUSE, ASL_NOMEM. */
ASL_API int asl_history_log(const asl_history *history, asl_log_detail level, unsigned flags,
                            asl_value **ret_records);

/* Replay: runs the interpreter on the recorded facts and compares every event it produces. */
typedef struct asl_replay asl_replay;

typedef struct asl_replay_options {
    size_t size; /* sizeof(asl_replay_options) */
    const asl_heap *heap;
    const asl_limits *limits;
    const char *machine; /* for a history that was parsed: what the context object shows */
    const char *execution;
    uint64_t until; /* stop after this event; 0: at the end */
} asl_replay_options;

/* Replays a history under a definition. ASL_OK also when it diverges: see asl_replay_divergence.
 * ASL_SYNTAX where the events are no possible history, ASL_NOMEM. */
ASL_API int asl_replay_run(const asl_history *history, const asl_definition *definition,
                           const asl_replay_options *options, asl_replay **ret_replay,
                           asl_error **error);
ASL_API void asl_replay_free(asl_replay *replay);
/* Events that are equal; values in them that only the recorder could know (times, random draws,
 * tokens, names, the order of concurrent branches) and were taken from the recording; events that
 * differ. */
ASL_API size_t asl_replay_equal(const asl_replay *replay);
ASL_API size_t asl_replay_taken(const asl_replay *replay);
ASL_API size_t asl_replay_different(const asl_replay *replay);

/* The first divergence: the event's id, and both events as JSON text (NULL where one side has
 * none). NULL where there is none. Borrowed. */
typedef struct asl_divergence {
    size_t size;
    uint64_t event;
    const char *expected; /* what was recorded */
    const char *got;      /* what the definition gives now */
    const char *field; /* the first member that differs: "type", "previousEventId", "output", ... */
} asl_divergence;
ASL_API const asl_divergence *asl_replay_divergence(const asl_replay *replay);

/* The state after the last replayed event: {"status", "active": [{"state", "type", "waitsFor",
 * "due", "attempt", "input", "variables"}], "output"}; a new value. */
ASL_API int asl_replay_state(const asl_replay *replay, asl_value **ret_state);

#ifdef __cplusplus
}
#endif
#endif
