/* The tree of an expression. The parser makes it as it is written; `process` turns `.`, `[`, `{`,
 * `^`, `@` and `#` into paths with steps, stages and groups, as the evaluator wants them.
 *
 *     path          items: steps                     binary    left op right
 *     array         items                            object    group: its pairs
 *     call, partial left: procedure, items: arguments
 *     condition     left ? right : third             transform | left | right, third |
 *     lambda        params, left: body               bind      name := left
 *     apply         left ~> right                    sort      items: terms, by descending[]
 *     block         items
 */
#ifndef ASL_JSONATA_AST_H
#define ASL_JSONATA_AST_H

#include "jsonata/names.h"
#include "jsonata/problem.h"

typedef enum asl_ast_type {
    ASL_AST_END,
    ASL_AST_OPERATOR, /* a token that stands for itself: and, or, in, ? */
    ASL_AST_PATH,
    ASL_AST_BINARY,
    ASL_AST_NEGATE,
    ASL_AST_ARRAY,
    ASL_AST_OBJECT,
    ASL_AST_NAME,
    ASL_AST_STRING,
    ASL_AST_NUMBER,
    ASL_AST_CONSTANT, /* true, false, null */
    ASL_AST_WILDCARD,
    ASL_AST_DESCENDANT,
    ASL_AST_PARENT,
    ASL_AST_CONDITION,
    ASL_AST_BLOCK,
    ASL_AST_BIND,
    ASL_AST_REGEX,
    ASL_AST_CALL,
    ASL_AST_PARTIAL,
    ASL_AST_VARIABLE,
    ASL_AST_LAMBDA,
    ASL_AST_APPLY,
    ASL_AST_TRANSFORM,
    ASL_AST_SORT
} asl_ast_type;

typedef enum asl_operator {
    ASL_OP_NONE,
    ASL_OP_ADD,
    ASL_OP_SUBTRACT,
    ASL_OP_MULTIPLY,
    ASL_OP_DIVIDE,
    ASL_OP_MODULO,
    ASL_OP_EQUAL,
    ASL_OP_UNEQUAL,
    ASL_OP_LESS,
    ASL_OP_LESS_EQUAL,
    ASL_OP_GREATER,
    ASL_OP_GREATER_EQUAL,
    ASL_OP_CONCATENATE,
    ASL_OP_RANGE,
    ASL_OP_IN,
    ASL_OP_AND,
    ASL_OP_OR,
    /* only until the tree is processed */
    ASL_OP_MAP,
    ASL_OP_FILTER,
    ASL_OP_GROUP,
    ASL_OP_SORT,
    ASL_OP_FOCUS,
    ASL_OP_INDEX,
    ASL_OP_BIND,
    ASL_OP_APPLY
} asl_operator;

typedef struct asl_ast asl_ast;
typedef struct asl_jsonata_regex asl_jsonata_regex;

typedef struct asl_ast_list {
    asl_ast **items;
    size_t count, capacity;
} asl_ast_list;

typedef struct asl_ast_pair {
    asl_ast *key, *item;
} asl_ast_pair;

typedef struct asl_ast_group {
    asl_ast_pair *pairs;
    size_t count, capacity;
    size_t position;
} asl_ast_group;

/* What happens to the result of a step: a filter, or its items' positions get a name. */
typedef struct asl_ast_stage {
    asl_ast *filter; /* NULL: an index */
    const asl_name *index;
} asl_ast_stage;

typedef struct asl_ast_stages {
    asl_ast_stage *items;
    size_t count, capacity;
} asl_ast_stages;

/* A parent that is being looked for: `label` is what its tuple calls it, `level` how many steps
 * remain. */
typedef struct asl_slot {
    const asl_name *label;
    int level;
} asl_slot;

typedef struct asl_slots {
    asl_slot **items;
    size_t count, capacity;
} asl_slots;

struct asl_ast {
    uint8_t type; /* asl_ast_type */
    uint8_t op;   /* asl_operator */
    bool keeps_array, keeps_singleton, is_constructor, is_tuple, is_thunk;
    bool is_descending; /* a term of a sort */
    bool is_invariant;  /* gives the same wherever it stands */
    bool needs_scope;   /* block: something is bound in it */
    bool is_leaf;       /* a literal, or a path of one name and nothing more */
    bool is_plain;      /* path: each step is a name (or the first a variable) and nothing more */
    uint32_t position;  /* bytes, just behind the token */
    const asl_name *name;
    const char *symbol; /* the token of an operator */
    asl_datum literal;
    asl_ast *left, *right, *third;
    asl_ast_list items;
    asl_ast_group *group;
    asl_ast_stages predicates, stages;
    const asl_name *focus, *index;
    asl_slot *slot;     /* parent: what it looks for */
    asl_slot *ancestor; /* what looks for this step */
    asl_slots seeking;  /* parents that none of the steps within was */
    const asl_signature *signature;
    asl_jsonata_regex *regex;
    asl_ast *next_regex; /* all of a program, to free them */
};

/* One expression being read. */
typedef struct asl_ast_source {
    const asl_heap *heap;
    asl_arena *arena;
    asl_names *names;
    const char *text;
    size_t size;
    asl_ast *regexes;
    asl_problem *problem;
} asl_ast_source;

/* Reads and processes; NULL with problem->status set. */
asl_ast *asl_ast_parse(asl_ast_source *source);
asl_ast *asl_ast_process(asl_ast_source *source, asl_ast *root);
void asl_ast_free_regexes(asl_ast *regexes);

/* Calls `visit` for each node right below; a lambda's parameters are no nodes. */
void asl_ast_children(const asl_ast *ast, void (*visit)(void *context, asl_ast *child),
                      void *context);

/* A variable that is read and that the expression does not bind itself, and the member of it that
 * is read (NULL: all). In order of appearance. */
typedef struct asl_ast_read {
    const asl_name *name, *member;
    struct asl_ast_read *next;
} asl_ast_read;
int asl_ast_variables(asl_ast *root, size_t name_count, asl_arena *arena, asl_ast_read **ret_reads);

/* What AWS's dialect refuses: ASL_UNSUPPORTED with the problem's text. */
int asl_ast_check(asl_ast *root, unsigned flags, asl_problem *problem, asl_arena *arena);

/* A node; NULL (and problem->status) when out of memory. */
asl_ast *asl_ast_new(asl_ast_source *source, asl_ast_type type, size_t position);
int asl_ast_list_add(asl_ast_source *source, asl_ast_list *list, asl_ast *item);
/* Refuses with a code; returns NULL. */
asl_ast *asl_ast_refuse(asl_ast_source *source, const char *code, size_t position, asl_datum token);

#endif
