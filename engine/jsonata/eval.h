/* One evaluation: its scratch memory, its budget, what went wrong, and the scopes of variables. */
#ifndef ASL_JSONATA_EVAL_H
#define ASL_JSONATA_EVAL_H

#include <asl/jsonata.h>

#include "jsonata/ast.h"
#include "jsonata/builtin.h"
#include "jsonata/fault.h"
#include "jsonata/scratch.h"
#include "jsonata/signature.h"

typedef struct asl_binding {
    const asl_name *name;
    asl_datum value;
    struct asl_binding *next;
} asl_binding;

/* Where names are looked up: its bindings, the newest first, then the scope around it. A binding is
 * never changed, so scopes and tuples share the tails of their lists. */
typedef struct asl_scope {
    struct asl_scope *outer;
    asl_binding *bindings;
} asl_scope;

/* An item of a tuple stream: the item, and the names that were bound on the way to it. */
struct asl_tuple {
    asl_datum item;
    asl_binding *bindings;
};

typedef enum asl_closure_kind {
    ASL_CLOSURE_LAMBDA,
    ASL_CLOSURE_PARTIAL,
    ASL_CLOSURE_REGEX,
    ASL_CLOSURE_NEXT_MATCH, /* the function `next` of a match */
    ASL_CLOSURE_TRANSFORM,
    ASL_CLOSURE_CHAIN
} asl_closure_kind;

struct asl_closure {
    asl_closure_kind kind;
    const asl_ast *ast; /* lambda, thunk, transform, regex */
    asl_datum input;    /* lambda: its context; next match: the text */
    asl_scope *scope;
    asl_datum left, right; /* partial: the function; chain: right after left */
    asl_datum *arguments;  /* partial: given ones, `is_open` where they are not */
    bool *is_open;
    size_t argument_count;
    size_t offset;   /* next match: where it goes on */
    size_t position; /* of the scratch memory when it was made */
    asl_datum token; /* what the last call named it; undefined: nothing */
    size_t token_position;
};

typedef struct asl_kept_value {
    asl_value *value;
    struct asl_kept_value *next;
} asl_kept_value;

struct asl_eval {
    const asl_heap *heap;
    unsigned flags; /* the dialect's */
    asl_scratch scratch;
    size_t made; /* bytes of values for the host, against the same limit */
    uint64_t steps, steps_max, steps_check; /* at steps_check the budget is looked at */
    size_t depth, depth_max;
    asl_datum root;
    asl_scope globals;
    asl_datum *variables; /* the host's, by the index of the name */
    uint32_t *places;     /* where a name was last found in an object of the input, by its index */
    uint32_t variable_count;
    asl_problem problem;
    asl_jsonata_options options;
    bool keeps_all;       /* $eval is there, which can bind anywhere: nothing is dropped early */
    asl_scope *caller;    /* whose call is being made, for $eval */
    asl_kept_value *kept; /* values that $parse made */
    asl_arena arena;      /* of expressions that $eval compiles */
    asl_names names;
    asl_ast *regexes;
};

/* A call of a built-in function. */
struct asl_call {
    asl_eval *eval;
    asl_datum *arguments;
    size_t count;
    asl_datum input; /* the context */
    asl_datum result;
};

/* The argument, undefined where it is not given. */
static inline asl_datum asl_call_argument(const asl_call *call, size_t index)
{
    return index < call->count ? call->arguments[index] : asl_datum_undefined();
}
static inline int asl_call_give(asl_call *call, asl_datum result)
{
    call->result = result;
    return ASL_OK;
}

/* Fails with a status that is no problem of the expression; a full scratch memory is one. */
int asl_eval_fail(asl_eval *eval, int status);
int asl_eval_no_memory(asl_eval *eval);
/* Fails with a code of jsonata-js. */
static inline int asl_eval_error(asl_eval *eval, const char *code)
{
    return asl_problem_set(&eval->problem, code);
}
static inline int asl_eval_error_about(asl_eval *eval, const char *code, asl_datum value)
{
    return asl_problem_about(&eval->problem, code, value);
}
/* Counts bytes of a value that is being made. */
int asl_eval_charge(asl_eval *eval, size_t bytes);
/* T0410 about the first argument of a function. */
int asl_eval_refuse_argument(asl_eval *eval, asl_datum argument);
/* Counts steps against the budget. */
int asl_eval_check_steps(asl_eval *eval);
static inline int asl_eval_spend(asl_eval *eval, size_t steps)
{
    eval->steps += steps;
    return eval->steps >= eval->steps_check ? asl_eval_check_steps(eval) : ASL_OK;
}

/* Refuses a value of AWS's dialect that takes more than its limit: 8 bytes a number, 1 a byte. */
int asl_eval_measure(asl_eval *eval, size_t bytes);
/* Drops what was made since the mark, where nothing can refer to it. */
static inline void asl_eval_go_back(asl_eval *eval, asl_scratch_mark mark)
{
    if (!eval->keeps_all)
        asl_scratch_go_back(&eval->scratch, mark);
}

/* Making. NULL when out of memory, with the problem set. */
void *asl_eval_allocate(asl_eval *eval, size_t size);
asl_list *asl_eval_list(asl_eval *eval, size_t capacity);
asl_list *asl_eval_sequence(asl_eval *eval, size_t capacity);
asl_dict *asl_eval_dict(asl_eval *eval, size_t capacity);
asl_closure *asl_eval_closure(asl_eval *eval, asl_closure_kind kind);
asl_scope *asl_eval_scope(asl_eval *eval, asl_scope *outer);
/* Adding. ASL_OK or the problem's status. */
int asl_list_add_slowly(asl_eval *eval, asl_list *list, asl_datum item);
static inline int asl_list_add(asl_eval *eval, asl_list *list, asl_datum item)
{
    if (list->count == list->capacity)
        return asl_list_add_slowly(eval, list, item);
    list->items[list->count++] = item;
    return ASL_OK;
}
/* Each item of an array, or the datum itself. */
int asl_list_add_items(asl_eval *eval, asl_list *list, asl_datum items);
int asl_dict_set(asl_eval *eval, asl_dict *dict, asl_datum key, asl_datum item);
void asl_dict_remove(asl_dict *dict, asl_datum key);
/* A buffer with what is left of the scratch memory as its limit. */
void asl_eval_buffer(asl_eval *eval, asl_buffer *buffer);
/* Takes a value over, until the evaluation ends. */
int asl_eval_keep(asl_eval *eval, asl_value *value);
/* What a buffer holds, as a string of scratch memory; its status when it failed. */
int asl_eval_string_of(asl_eval *eval, asl_buffer *buffer, asl_datum *ret);
int asl_eval_copy_string(asl_eval *eval, const char *bytes, size_t size, asl_datum *ret);

/* Scopes. */
int asl_scope_bind(asl_eval *eval, asl_scope *scope, const asl_name *name, asl_datum value);
asl_datum asl_scope_look_up(asl_eval *eval, asl_scope *scope, const asl_name *name);

/* Evaluating. ASL_OK or the problem's status. */
int asl_eval_node(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                  asl_datum *ret);
int asl_evaluate_path(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                      asl_datum *ret);
int asl_evaluate_filter(asl_eval *eval, const asl_ast *filter, asl_datum input, asl_scope *scope,
                        asl_datum *ret);
int asl_evaluate_group(asl_eval *eval, const asl_ast_group *group, asl_datum input,
                       asl_scope *scope, asl_datum *ret);
int asl_evaluate_sort(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                      asl_datum *ret);
int asl_evaluate_binary(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                        asl_datum *ret);
int asl_evaluate_call(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                      asl_datum *ret);
int asl_evaluate_partial(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                         asl_datum *ret);
int asl_evaluate_apply(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                       asl_datum *ret);
int asl_evaluate_tuple_step(asl_eval *eval, const asl_ast *step, asl_datum input, asl_scope *scope,
                            asl_datum *ret);
/* The scope of one tuple. */
asl_scope *asl_scope_of_tuple(asl_eval *eval, asl_scope *outer, asl_datum tuple);

/* The member of this name, which is sought first where it was found last: objects of one list are
 * alike. */
asl_datum asl_eval_find_member(asl_eval *eval, asl_datum object, const asl_name *name);
static inline asl_datum asl_eval_member(asl_eval *eval, asl_datum object, const asl_name *name)
{
    if (asl_datum_is_input(object) && name->index < eval->variable_count) {
        const asl_object *members = asl_as_object(object.value);
        uint32_t place = eval->places[name->index];
        if (place < members->count) {
            const asl_string *key = asl_as_string(members->members[place].key);
            if (key->size == name->size && asl_same_bytes(key->bytes, name->bytes, name->size))
                return asl_datum_of(members->members[place].value);
        }
    }
    return asl_eval_find_member(eval, object, name);
}

/* What a sequence is as a value: nothing, its only item, or itself. */
static inline asl_datum asl_datum_collapse(asl_datum datum)
{
    if (!asl_datum_is_sequence(datum) || datum.list->is_tuple_stream || datum.list->count > 1)
        return datum;
    if (datum.list->count == 0)
        return asl_datum_undefined();
    return datum.list->keeps_singleton ? datum : datum.list->items[0];
}

/* The same as asl_eval_node, without a call for what is next to nothing: a literal, or a member of
 * an object. */
static inline int asl_eval_operand(asl_eval *eval, const asl_ast *ast, asl_datum input,
                                   asl_scope *scope, asl_datum *ret)
{
    if (ast->is_leaf && eval->depth < eval->depth_max) {
        if (ast->type != ASL_AST_PATH) {
            *ret = ast->literal;
            return asl_eval_spend(eval, 1);
        }
        if (asl_datum_is(input, ASL_DATUM_OBJECT)) {
            *ret = asl_eval_member(eval, input, ast->items.items[0]->name);
            if (!asl_datum_is_sequence(*ret))
                return asl_eval_spend(eval, 2);
        }
    }
    return asl_eval_node(eval, ast, input, scope, ret);
}

/* Calls a function with arguments (room for more is made). `input` is the context. */
int asl_apply(asl_eval *eval, asl_datum function, asl_datum *arguments, size_t count,
              asl_datum input, asl_datum *ret);
/* Calls it as a higher-order function does: with as many of the arguments as it takes, no
 * context. */
int asl_apply_higher(asl_eval *eval, asl_datum function, const asl_datum *arguments, size_t count,
                     asl_datum *ret);
size_t asl_function_arity(asl_datum function);
/* Applies `| pattern | update, delete |` to a copy of an object. */
int asl_apply_transform(asl_eval *eval, const asl_closure *closure, asl_datum object,
                        asl_datum *ret);
/* Calls of a regular expression: a match as an object, with `next`. */
int asl_apply_regex(asl_eval *eval, const asl_closure *closure, asl_datum text, size_t offset,
                    asl_datum *ret);

/* Shared by operators and functions. */
bool asl_datum_is_numeric(asl_eval *eval, asl_datum datum, int *status);
/* `Number(x.toPrecision(15))`. */
double asl_number_precise(double number);
int asl_datum_truth(asl_eval *eval, asl_datum datum, bool *ret_truth);
int asl_datum_lookup(asl_eval *eval, asl_datum input, const char *key, size_t key_size,
                     asl_datum *ret);
int asl_datum_concatenate(asl_eval *eval, asl_datum left, asl_datum right, asl_datum *ret);
int asl_datum_append(asl_eval *eval, asl_datum left, asl_datum right, asl_datum *ret);
int asl_datum_to_string(asl_eval *eval, asl_datum datum, bool is_pretty, asl_datum *ret);
/* A deep copy into scratch memory, numbers as $string prints them. */
int asl_datum_clone(asl_eval *eval, asl_datum datum, asl_datum *ret);
/* The value, for whoever asked. *ret is NULL for undefined. ASL_UNSUPPORTED: a function is in it.
 */
int asl_datum_to_value(asl_eval *eval, asl_datum datum, asl_value **ret);
/* Deep equality within the budget. */
int asl_datum_equals(asl_eval *eval, asl_datum left, asl_datum right, bool *ret_equal);
/* Sorts stably by merging: `is_greater` says whether two neighbours must change. */
int asl_eval_merge_sort(asl_eval *eval, asl_datum *items, size_t count,
                        int (*is_greater)(void *context, asl_datum *left, asl_datum *right,
                                          bool *ret),
                        void *context);

/* What a leaf function said was wrong, about a value. Returns the status. */
int asl_eval_fault(asl_eval *eval, int status, const asl_jsonata_fault *fault, asl_datum value);

/* The bits of $random and the like, and the time. */
uint64_t asl_eval_random(asl_eval *eval);
int64_t asl_eval_now_ms(asl_eval *eval);

#endif
