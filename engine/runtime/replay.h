/* A replay under way: the interpreter runs on facts, and every event it gives is held against the
 * recorded one. What the recorder alone could know is taken from the recording and counted. */
#ifndef ASL_RUNTIME_REPLAY_H
#define ASL_RUNTIME_REPLAY_H

#include "interpreter/interpreter.h"
#include "runtime/history.h"

struct asl_replay {
    const asl_heap *heap;
    const asl_history *history;
    asl_definition *definition;
    asl_execution_identity identity;
    asl_token_source tokens;
    char execution_arn[1024], machine_arn[1024], execution_name[512], machine_name[512],
        role_arn[512], region[64];
    asl_frames *frames;
    asl_event_list entries; /* what is behind `frames` */
    size_t equal, taken, different;
    asl_divergence divergence;
    char *expected_text, *got_text; /* of the divergence; asl_text_free */
    uint64_t until;
    uint64_t seed;
    uint32_t flags;
    const asl_recorded_fact *fact; /* that is being replayed; NULL with an exported history */
    size_t fact_entry;             /* its first of `entries` */
    size_t first_open; /* all recorded entries before it are matched; of an exported history */
};

/* replay_compare.c: the first member in which two entries differ; NULL where none. Times are not
 * compared. `ignores_place`: ids, and the ids inside causes, are not compared either. */
const char *asl_replay_compare(const asl_event *recorded, const asl_event *got, bool ignores_place);
/* Notes the first divergence, and counts it. Either side may be NULL. ASL_OK or ASL_NOMEM. */
int asl_replay_diverge(asl_replay *replay, const asl_event *recorded, const asl_event *got,
                       const char *field);

/* replay_exported.c: the replay of a history that has no facts: they are read off its events. */
int asl_replay_exported(asl_replay *replay, asl_error **error);

#endif
