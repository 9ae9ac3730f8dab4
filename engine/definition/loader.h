/* What the passes that turn a document into a program share. A loader lives for one load. Running
 * out of memory sticks in `status`, so that the passes need not hand it around. */
#ifndef ASL_DEFINITION_LOADER_H
#define ASL_DEFINITION_LOADER_H

#include "base/map.h"
#include "definition/diagnostics.h"
#include "definition/program.h"
#include "definition/substitute.h"

/* A place in the document: the index of a node in its table of ranges, which is in document order.
 */
typedef uint32_t asl_node;
#define ASL_NODE_NONE UINT32_MAX

typedef enum asl_language { ASL_LANGUAGE_JSONPATH = 1, ASL_LANGUAGE_JSONATA = 2 } asl_language;

typedef enum asl_role {
    ASL_ROLE_NONE,
    ASL_ROLE_MACHINE, /* an object with StartAt and States */
    ASL_ROLE_STATES,
    ASL_ROLE_STATE,
    ASL_ROLE_BRANCHES
} asl_role;

typedef struct asl_node_info {
    asl_node end;    /* the first node behind this one and all inside it */
    uint32_t number; /* of the scope or state it has a role in */
    uint8_t role;
    bool is_shadowed; /* a member whose key comes again */
} asl_node_info;

typedef struct asl_scope_source {
    asl_node node;  /* the machine's object */
    uint32_t owner; /* state, or ASL_NONE */
    bool is_broken; /* some state of it has unknown transitions: no judgement about reaching */
    bool has_end, has_states;
} asl_scope_source;

typedef struct asl_state_source {
    asl_node key, node;
    uint32_t scope;
    bool is_reached;
} asl_state_source;

/* A name of a state that is to become an index. */
typedef struct asl_target {
    asl_node node;
    uint32_t scope;
    uint32_t *slot;
} asl_target;

/* A variable that is assigned, and where. */
typedef struct asl_assigned {
    asl_node node;
    uint32_t scope;
} asl_assigned;

typedef struct asl_loader {
    const asl_heap *heap;
    const char *text;
    size_t text_size;
    unsigned flags;
    int status;
    const asl_substituted *substituted;
    asl_document document;
    asl_node_info *nodes;
    asl_scope_source *scopes;
    asl_state_source *states;
    asl_target *targets;
    asl_assigned *assigned;
    size_t scope_count, scope_capacity, state_count, state_capacity;
    size_t target_count, target_capacity, assigned_count, assigned_capacity;
    asl_map duplicates; /* states whose name came before: scope and name -> index */
    asl_language machine_language;
    uint32_t hint_budget; /* names that may still be compared for hints */
    asl_diagnostics *diagnostics;
    asl_program *program;
} asl_loader;

/* Notes that memory is out. */
void asl_loader_check(asl_loader *loader, int status);
/* Keeps what the program owns until it dies. False when out of memory: then it is gone already. */
bool asl_loader_own(asl_loader *loader, asl_expression *expression, asl_path *path,
                    asl_value *value);
void *asl_loader_allocate(asl_loader *loader, size_t size);

/* Nodes. Members and items: `for (asl_node n = asl_node_first(l, o); n != ASL_NODE_NONE; n =
 * asl_node_next(l, o, n))`; of an object these are the values, without shadowed members. */
int asl_nodes_measure(asl_loader *loader);
asl_node asl_node_first(const asl_loader *loader, asl_node container);
asl_node asl_node_next(const asl_loader *loader, asl_node container, asl_node child);
static inline const asl_value *asl_node_value(const asl_loader *loader, asl_node node)
{
    return loader->document.ranges[node].value;
}
/* The key's node of a member's value; ASL_NODE_NONE for an item. */
static inline asl_node asl_node_key(const asl_loader *loader, asl_node node)
{
    return loader->document.ranges[node].key;
}
/* The text of a string node, else NULL. */
const char *asl_node_string(const asl_loader *loader, asl_node node, size_t *ret_size);
const char *asl_node_key_string(const asl_loader *loader, asl_node node, size_t *ret_size);
/* A member's value by name; ASL_NODE_NONE where there is none. */
asl_node asl_node_member(const asl_loader *loader, asl_node object, const char *name);

/* Reporting. `location` is the node AWS names, `node` the one to point at; ASL_NODE_NONE where
 * there is no document. */
typedef struct asl_problem {
    asl_phase phase;
    const char *code;
    asl_node node, location; /* location: ASL_NODE_NONE where AWS gives none */
    const char *hint;        /* NULL: none; copied */
    size_t offset, length;   /* what to point at; length 0: the whole node */
} asl_problem;
void asl_report(asl_loader *loader, asl_problem problem, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* SCHEMA_VALIDATION_FAILED with both places the same. */
#define asl_refuse(loader, at, ...) \
    asl_report((loader), \
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED", .node = (at), .location = (at)}, \
               __VA_ARGS__)
#define asl_warn(loader, warning_code, at, advice, ...) \
    asl_report((loader), \
               (asl_problem){.phase = ASL_PHASE_WARN, \
                             .code = (warning_code), \
                             .node = (at), \
                             .location = (at), \
                             .hint = (advice)}, \
               __VA_ARGS__)

/* What the engine knows and does not do yet: asl_features in features.c says which. */
typedef enum asl_feature {
    ASL_FEATURE_NONE,
    ASL_FEATURE_DISTRIBUTED,
    ASL_FEATURE_ITEM_READER,
    ASL_FEATURE_ITEM_BATCHER,
    ASL_FEATURE_RESULT_WRITER,
    ASL_FEATURE_TOLERATED_FAILURE,
    ASL_FEATURE_LABEL,
    ASL_FEATURE_SYNC,
    ASL_FEATURE_TASK_TOKEN,
    ASL_FEATURE_ACTIVITY
} asl_feature;
/* Reports UNSUPPORTED where the feature is not supported. */
void asl_require_feature(asl_loader *loader, asl_feature feature, asl_node node);

/* The passes, in order. */
void asl_load_outline(asl_loader *loader);
void asl_load_fields(asl_loader *loader);
void asl_load_links(asl_loader *loader);
void asl_load_warnings(asl_loader *loader);

void asl_check_labels(asl_loader *loader);
void asl_warn_loops(asl_loader *loader);
void asl_warn_substitutions(asl_loader *loader);
void asl_warn_rules(asl_loader *loader, asl_node choices);
bool asl_looks_like_path(const char *text, size_t size);
/* AWS: NO_PATH, where a string looks like a path and its key does not end in "Path". */
void asl_warn_no_path(asl_loader *loader, asl_node node);

/* Of the pass over fields. */
void asl_read_machine(asl_loader *loader, uint32_t scope);
void asl_read_state(asl_loader *loader, uint32_t index);
void asl_add_target(asl_loader *loader, asl_node node, uint32_t scope, uint32_t *slot);
void asl_add_assigned(asl_loader *loader, asl_node member, uint32_t scope);
void asl_read_resource(asl_loader *loader, asl_state *state, asl_node node);

#endif
