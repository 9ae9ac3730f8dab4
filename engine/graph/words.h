/* Words: what a picture says of a state and of a transition, taken from the document as it is
 * written. Everything is appended to a buffer, at most ASL_GRAPH_WORDS_MAX bytes of it: one line of
 * a picture has room for less. */
#ifndef ASL_GRAPH_WORDS_H
#define ASL_GRAPH_WORDS_H

#include "base/buffer.h"
#include "definition/program.h"

#define ASL_GRAPH_WORDS_MAX 1000u

/* The objects of a document that states were read from: `of_state` has one for each state of the
 * program; NULL where it is not found again. */
typedef struct asl_graph_source {
    const asl_heap *heap;
    asl_value *document;
    const asl_value **of_state;
    const asl_value **of_scope;
    uint32_t state_count, scope_count;
} asl_graph_source;

/* Reads the text of a definition once more. ASL_OK, ASL_NOMEM. */
int asl_graph_source_read(asl_graph_source *source, const asl_heap *heap,
                          const asl_definition *definition);
void asl_graph_source_done(asl_graph_source *source);

/* "Task . dynamodb:putItem", "Wait . 30 s". `source` may be NULL. */
void asl_graph_words_detail(asl_buffer *out, const asl_state *state, const asl_value *source);
/* "Retry 3x States.Timeout"; nothing where there is no Retry. */
void asl_graph_words_retry(asl_buffer *out, const asl_state *state);
/* A Choice's rule: "$.a == 1 and $.b is present". */
void asl_graph_words_rule(asl_buffer *out, const asl_value *rule);
/* "States.Timeout, States.TaskFailed" */
void asl_graph_words_errors(asl_buffer *out, const asl_error_names *errors);

#endif
