/* From the tree as it is written to the tree that is evaluated, as jsonata-js does it after
 * parsing: location paths become lists of steps with stages, predicates and groups; each parent
 * operator is tied to the step whose context it means; calls in tail position become thunks. */
#include <string.h>

#include "base/limits.h"
#include "jsonata/ast.h"

typedef struct processor {
    asl_ast_source *source;
    unsigned depth;
    size_t bind_count; /* so far */
    bool has_eval;     /* a frame can be bound into by what only $eval will see */
} processor;

static asl_ast *process(processor *p, asl_ast *ast);

static bool failed(const processor *p)
{
    return p->source->problem->status != ASL_OK;
}

static void no_memory(processor *p)
{
    p->source->problem->status = ASL_NOMEM;
}

static asl_ast *refuse(processor *p, const char *code, size_t position, asl_datum token)
{
    return asl_ast_refuse(p->source, code, position, token);
}

/* Room for one more item behind `count`, in the arena. */
static void *grown(processor *p, const void *items, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity == 0 ? 2 : *capacity * 2;
    void *made = asl_arena_allocate(p->source->arena, wanted * size);
    if (made == NULL) {
        no_memory(p);
        return NULL;
    }
    if (count > 0)
        memcpy(made, items, count * size);
    *capacity = wanted;
    return made;
}

static void add_slot(processor *p, asl_slots *slots, asl_slot *slot)
{
    if (slots->count == slots->capacity) {
        void *items = grown(p, slots->items, slots->count, &slots->capacity, sizeof slot);
        if (items == NULL)
            return;
        slots->items = items;
    }
    slots->items[slots->count++] = slot;
}

static void add_stage(processor *p, asl_ast_stages *stages, asl_ast_stage stage)
{
    if (stages->count == stages->capacity) {
        void *items = grown(p, stages->items, stages->count, &stages->capacity, sizeof stage);
        if (items == NULL)
            return;
        stages->items = items;
    }
    stages->items[stages->count++] = stage;
}

/* What jsonata-js calls this type, for messages. */
static asl_datum type_name(const asl_ast *ast)
{
    static const char *const names[] = {[ASL_AST_END] = "(end)",
                                        [ASL_AST_OPERATOR] = "operator",
                                        [ASL_AST_PATH] = "path",
                                        [ASL_AST_BINARY] = "binary",
                                        [ASL_AST_NEGATE] = "unary",
                                        [ASL_AST_ARRAY] = "unary",
                                        [ASL_AST_OBJECT] = "unary",
                                        [ASL_AST_NAME] = "name",
                                        [ASL_AST_STRING] = "string",
                                        [ASL_AST_NUMBER] = "number",
                                        [ASL_AST_CONSTANT] = "value",
                                        [ASL_AST_WILDCARD] = "wildcard",
                                        [ASL_AST_DESCENDANT] = "descendant",
                                        [ASL_AST_PARENT] = "parent",
                                        [ASL_AST_CONDITION] = "condition",
                                        [ASL_AST_BLOCK] = "block",
                                        [ASL_AST_BIND] = "bind",
                                        [ASL_AST_REGEX] = "regex",
                                        [ASL_AST_CALL] = "function",
                                        [ASL_AST_PARTIAL] = "partial",
                                        [ASL_AST_VARIABLE] = "variable",
                                        [ASL_AST_LAMBDA] = "lambda",
                                        [ASL_AST_APPLY] = "apply",
                                        [ASL_AST_TRANSFORM] = "transform",
                                        [ASL_AST_SORT] = "sort"};
    return asl_datum_string(names[ast->type], strlen(names[ast->type]));
}

/* Looks for the parent that `slot` means at `ast`, the step before it. */
static void seek_parent(processor *p, asl_ast *ast, asl_slot *slot)
{
    switch (ast->type) {
    case ASL_AST_NAME:
    case ASL_AST_WILDCARD:
        if (--slot->level > 0)
            return;
        if (ast->ancestor != NULL)
            slot->label = ast->ancestor->label;
        ast->ancestor = slot;
        ast->is_tuple = true;
        return;
    case ASL_AST_PARENT:
        slot->level++;
        return;
    case ASL_AST_BLOCK:
        if (ast->items.count > 0) {
            ast->is_tuple = true;
            seek_parent(p, ast->items.items[ast->items.count - 1], slot);
        }
        return;
    case ASL_AST_PATH: {
        ast->is_tuple = true;
        size_t i = ast->items.count;
        do {
            seek_parent(p, ast->items.items[--i], slot);
        } while (slot->level > 0 && i > 0 && !failed(p));
        return;
    }
    default:
        refuse(p, "S0217", ast->position, type_name(ast));
    }
}

/* What `from` still seeks is sought by `to` as well. */
static void push_ancestry(processor *p, asl_ast *to, asl_ast *from)
{
    if (failed(p) || from == NULL)
        return;
    for (size_t i = 0; i < from->seeking.count; i++)
        add_slot(p, &to->seeking, from->seeking.items[i]);
    if (from->type == ASL_AST_PARENT)
        add_slot(p, &to->seeking, from->slot);
}

/* Seeks one parent along the steps before the last one. */
static void resolve_slot(processor *p, asl_ast *path, asl_slot *slot)
{
    asl_ast **steps = path->items.items;
    size_t before = path->items.count - 1; /* steps that remain */
    while (slot->level > 0 && !failed(p)) {
        if (before == 0) {
            add_slot(p, &path->seeking, slot);
            return;
        }
        asl_ast *step = steps[--before];
        /* Contiguous steps that bind the focus all have the same context. */
        while (before > 0 && step->focus != NULL && steps[before - 1]->focus != NULL)
            step = steps[--before];
        seek_parent(p, step, slot);
    }
}

static void resolve_ancestry(processor *p, asl_ast *path)
{
    asl_ast *last = path->items.items[path->items.count - 1];
    for (size_t i = 0; i < last->seeking.count && !failed(p); i++)
        resolve_slot(p, path, last->seeking.items[i]);
    if (last->type == ASL_AST_PARENT && !failed(p))
        resolve_slot(p, path, last->slot);
}

static asl_ast *path_of(processor *p, asl_ast *step)
{
    asl_ast *path = asl_ast_new(p->source, ASL_AST_PATH, step->position);
    if (path == NULL || asl_ast_list_add(p->source, &path->items, step) != ASL_OK)
        return NULL;
    return path;
}

/* A literal that is a step: a string is a name, a number or constant makes no sense. */
static void check_step(processor *p, asl_ast *path, asl_ast *step)
{
    if (step->type == ASL_AST_NUMBER || step->type == ASL_AST_CONSTANT) {
        refuse(p, "S0213", step->position, asl_datum_undefined());
        p->source->problem->value = step->literal;
        return;
    }
    if (step->type == ASL_AST_STRING) {
        step->type = ASL_AST_NAME;
        step->is_invariant = false;
        step->name = asl_names_intern(p->source->names, p->source->arena, step->literal.bytes,
                                      step->literal.size);
        if (step->name == NULL)
            no_memory(p);
    }
    path->keeps_singleton |= step->keeps_array;
}

static asl_ast *process_map(processor *p, asl_ast *ast)
{
    asl_ast *left = process(p, ast->left);
    if (failed(p))
        return NULL;
    asl_ast *path = left->type == ASL_AST_PATH ? left : path_of(p, left);
    if (path != NULL && left->type == ASL_AST_PARENT)
        add_slot(p, &path->seeking, left->slot);
    asl_ast *rest = process(p, ast->right);
    if (failed(p))
        return NULL;
    if (rest->type == ASL_AST_PATH) {
        for (size_t i = 0; i < rest->items.count && !failed(p); i++)
            asl_ast_list_add(p->source, &path->items, rest->items.items[i]);
    } else {
        if (rest->predicates.count > 0) {
            rest->stages = rest->predicates;
            rest->predicates = (asl_ast_stages){.count = 0};
        }
        asl_ast_list_add(p->source, &path->items, rest);
    }
    for (size_t i = 0; i < path->items.count && !failed(p); i++)
        check_step(p, path, path->items.items[i]);
    if (failed(p))
        return NULL;
    asl_ast *first = path->items.items[0], *last = path->items.items[path->items.count - 1];
    first->is_constructor |= first->type == ASL_AST_ARRAY;
    last->is_constructor |= last->type == ASL_AST_ARRAY;
    resolve_ancestry(p, path);
    return path;
}

static asl_ast *last_step(asl_ast *ast)
{
    return ast->type == ASL_AST_PATH ? ast->items.items[ast->items.count - 1] : ast;
}

static asl_ast *process_filter(processor *p, asl_ast *ast)
{
    asl_ast *result = process(p, ast->left);
    if (failed(p))
        return NULL;
    asl_ast *step = last_step(result);
    if (step->group != NULL && step->type != ASL_AST_OBJECT)
        return refuse(p, "S0209", ast->position, asl_datum_undefined());
    asl_ast *filter = process(p, ast->right);
    if (failed(p))
        return NULL;
    for (size_t i = 0; i < filter->seeking.count && !failed(p); i++) {
        asl_slot *slot = filter->seeking.items[i];
        if (slot->level == 1)
            seek_parent(p, step, slot);
        else
            slot->level--;
    }
    if (filter->seeking.count > 0)
        push_ancestry(p, step, filter);
    asl_ast_stages *stages = result->type == ASL_AST_PATH ? &step->stages : &step->predicates;
    add_stage(p, stages, (asl_ast_stage){.filter = filter});
    return result;
}

static void process_pairs(processor *p, asl_ast_group *group, asl_ast *owner)
{
    for (size_t i = 0; i < group->count && !failed(p); i++) {
        asl_ast_pair *pair = &group->pairs[i];
        pair->key = process(p, pair->key);
        if (owner != NULL)
            push_ancestry(p, owner, pair->key);
        pair->item = failed(p) ? NULL : process(p, pair->item);
        if (owner != NULL)
            push_ancestry(p, owner, pair->item);
    }
}

/* `result` as something that can carry a group: an object constructor has pairs of its own. */
static asl_ast *process_group(processor *p, asl_ast *ast)
{
    asl_ast *result = process(p, ast->left);
    if (failed(p))
        return NULL;
    if (result->type == ASL_AST_OBJECT) {
        asl_ast *block = asl_ast_new(p->source, ASL_AST_BLOCK, result->position);
        if (block == NULL || asl_ast_list_add(p->source, &block->items, result) != ASL_OK)
            return NULL;
        push_ancestry(p, block, result);
        result = block;
    }
    if (result->group != NULL)
        return refuse(p, "S0210", ast->position, asl_datum_undefined());
    process_pairs(p, ast->group, NULL);
    result->group = ast->group;
    return result;
}

static asl_ast *process_sort(processor *p, asl_ast *ast)
{
    asl_ast *path = process(p, ast->left);
    if (!failed(p) && path->type != ASL_AST_PATH)
        path = path_of(p, path);
    asl_ast *sort = asl_ast_new(p->source, ASL_AST_SORT, ast->position);
    if (failed(p))
        return NULL;
    sort->items = ast->items;
    for (size_t i = 0; i < sort->items.count && !failed(p); i++) {
        asl_ast *term = sort->items.items[i];
        term->left = process(p, term->left);
        push_ancestry(p, sort, term->left);
    }
    if (failed(p) || asl_ast_list_add(p->source, &path->items, sort) != ASL_OK)
        return NULL;
    resolve_ancestry(p, path);
    return path;
}

static asl_ast *process_bind(processor *p, asl_ast *ast)
{
    ast->type = ASL_AST_BIND;
    ast->name = ast->left->name;
    ast->left = NULL;
    ast->right = process(p, ast->right);
    push_ancestry(p, ast, ast->right);
    p->bind_count++;
    return ast;
}

static asl_ast *process_focus(processor *p, asl_ast *ast)
{
    asl_ast *result = process(p, ast->left);
    if (failed(p))
        return NULL;
    asl_ast *step = last_step(result);
    if (step->stages.count > 0 || step->predicates.count > 0)
        return refuse(p, "S0215", ast->position, asl_datum_undefined());
    if (step->type == ASL_AST_SORT)
        return refuse(p, "S0216", ast->position, asl_datum_undefined());
    step->keeps_array |= ast->keeps_array;
    step->focus = ast->right->name->size > 0 ? ast->right->name : NULL; /* `@$` binds nothing */
    step->is_tuple = true;
    return result;
}

static asl_ast *process_index(processor *p, asl_ast *ast)
{
    asl_ast *result = process(p, ast->left);
    if (failed(p))
        return NULL;
    asl_ast *step = last_step(result);
    if (result->type != ASL_AST_PATH) {
        result = path_of(p, step);
        if (step->predicates.count > 0) {
            step->stages = step->predicates;
            step->predicates = (asl_ast_stages){.count = 0};
        }
    }
    if (step->stages.count == 0)
        step->index = ast->right->name->size > 0 ? ast->right->name : NULL;
    else
        add_stage(p, &step->stages, (asl_ast_stage){.index = ast->right->name});
    step->is_tuple = true;
    return result;
}

static asl_ast *process_apply(processor *p, asl_ast *ast)
{
    ast->type = ASL_AST_APPLY;
    ast->left = process(p, ast->left);
    ast->right = failed(p) ? NULL : process(p, ast->right);
    if (failed(p))
        return NULL;
    ast->keeps_array |= ast->left->keeps_array || ast->right->keeps_array;
    return ast;
}

static asl_ast *process_binary(processor *p, asl_ast *ast)
{
    switch (ast->op) {
    case ASL_OP_MAP:
        return process_map(p, ast);
    case ASL_OP_FILTER:
        return process_filter(p, ast);
    case ASL_OP_GROUP:
        return process_group(p, ast);
    case ASL_OP_SORT:
        return process_sort(p, ast);
    case ASL_OP_BIND:
        return process_bind(p, ast);
    case ASL_OP_FOCUS:
        return process_focus(p, ast);
    case ASL_OP_INDEX:
        return process_index(p, ast);
    case ASL_OP_APPLY:
        return process_apply(p, ast);
    default:
        break;
    }
    ast->left = process(p, ast->left);
    ast->right = failed(p) ? NULL : process(p, ast->right);
    push_ancestry(p, ast, ast->left);
    push_ancestry(p, ast, ast->right);
    if (!failed(p))
        ast->is_invariant = ast->left->is_invariant && ast->right->is_invariant;
    return ast;
}

static void process_items(processor *p, asl_ast *ast)
{
    for (size_t i = 0; i < ast->items.count && !failed(p); i++) {
        ast->items.items[i] = process(p, ast->items.items[i]);
        push_ancestry(p, ast, ast->items.items[i]);
    }
}

static asl_ast *process_array(processor *p, asl_ast *ast)
{
    process_items(p, ast);
    ast->is_invariant = true;
    for (size_t i = 0; i < ast->items.count && !failed(p); i++)
        ast->is_invariant &= ast->items.items[i]->is_invariant;
    return ast;
}

static asl_ast *process_negate(processor *p, asl_ast *ast)
{
    ast->left = process(p, ast->left);
    if (failed(p))
        return NULL;
    if (ast->left->type == ASL_AST_NUMBER) {
        ast->left->literal.number = -ast->left->literal.number;
        ast->left->keeps_array |= ast->keeps_array;
        return ast->left;
    }
    push_ancestry(p, ast, ast->left);
    ast->is_invariant = ast->left->is_invariant;
    return ast;
}

static asl_ast *process_block(processor *p, asl_ast *ast)
{
    size_t bound = p->bind_count;
    process_items(p, ast);
    ast->needs_scope = p->has_eval || p->bind_count > bound;
    for (size_t i = 0; i < ast->items.count && !failed(p); i++) {
        const asl_ast *part = ast->items.items[i];
        ast->is_constructor |= part->is_constructor ||
                               (part->type == ASL_AST_PATH && part->items.items[0]->is_constructor);
    }
    return ast;
}

/* A call that is the last thing a function does is not made inside of it: a thunk is returned, and
 * the call is made by whoever called the function. */
static asl_ast *in_tail_position(processor *p, asl_ast *ast)
{
    if (ast->type == ASL_AST_CALL && ast->predicates.count == 0) {
        asl_ast *thunk = asl_ast_new(p->source, ASL_AST_LAMBDA, ast->position);
        if (thunk == NULL)
            return NULL;
        thunk->is_thunk = true;
        thunk->left = ast;
        return thunk;
    }
    if (ast->type == ASL_AST_CONDITION) {
        ast->right = in_tail_position(p, ast->right);
        if (ast->third != NULL && !failed(p))
            ast->third = in_tail_position(p, ast->third);
    } else if (ast->type == ASL_AST_BLOCK && ast->items.count > 0) {
        asl_ast **last = &ast->items.items[ast->items.count - 1];
        *last = in_tail_position(p, *last);
    }
    return ast;
}

static asl_ast *process_lambda(processor *p, asl_ast *ast)
{
    ast->left = process(p, ast->left);
    if (!failed(p))
        ast->left = in_tail_position(p, ast->left);
    return ast;
}

static asl_ast *process_call(processor *p, asl_ast *ast)
{
    process_items(p, ast);
    asl_ast *procedure = failed(p) ? NULL : process(p, ast->left);
    if (failed(p))
        return NULL;
    ast->left = procedure;
    return ast;
}

static asl_ast *process_branches(processor *p, asl_ast *ast)
{
    asl_ast **branches[] = {&ast->left, &ast->right, &ast->third};
    for (size_t i = 0; i < 3 && !failed(p); i++) {
        if (*branches[i] == NULL)
            continue;
        *branches[i] = process(p, *branches[i]);
        if (ast->type == ASL_AST_CONDITION)
            push_ancestry(p, ast, *branches[i]);
    }
    return ast;
}

static asl_ast *process_name(processor *p, asl_ast *ast)
{
    asl_ast *path = path_of(p, ast);
    if (path != NULL)
        path->keeps_singleton = ast->keeps_array;
    return path;
}

static asl_ast *process_operator(processor *p, asl_ast *ast)
{
    if (ast->symbol[0] == '?')
        return ast;
    /* "and", "or" and "in" may be names of fields. */
    ast->type = ASL_AST_NAME;
    ast->name =
        asl_names_intern(p->source->names, p->source->arena, ast->symbol, strlen(ast->symbol));
    if (ast->name == NULL) {
        no_memory(p);
        return NULL;
    }
    return process_name(p, ast);
}

static asl_ast *process_parent(processor *p, asl_ast *ast)
{
    ast->slot = asl_arena_allocate(p->source->arena, sizeof *ast->slot);
    const asl_name *label = asl_names_anonymous(p->source->arena);
    if (ast->slot == NULL || label == NULL) {
        no_memory(p);
        return NULL;
    }
    *ast->slot = (asl_slot){.label = label, .level = 1};
    return ast;
}

static asl_ast *process_type(processor *p, asl_ast *ast)
{
    switch ((asl_ast_type)ast->type) {
    case ASL_AST_BINARY:
        return process_binary(p, ast);
    case ASL_AST_NEGATE:
        return process_negate(p, ast);
    case ASL_AST_ARRAY:
        return process_array(p, ast);
    case ASL_AST_OBJECT:
        process_pairs(p, ast->group, ast);
        return ast;
    case ASL_AST_CALL:
    case ASL_AST_PARTIAL:
        return process_call(p, ast);
    case ASL_AST_LAMBDA:
        return process_lambda(p, ast);
    case ASL_AST_CONDITION:
    case ASL_AST_TRANSFORM:
        return process_branches(p, ast);
    case ASL_AST_BLOCK:
        return process_block(p, ast);
    case ASL_AST_NAME:
        return process_name(p, ast);
    case ASL_AST_OPERATOR:
        return process_operator(p, ast);
    case ASL_AST_PARENT:
        return process_parent(p, ast);
    case ASL_AST_STRING:
    case ASL_AST_NUMBER:
    case ASL_AST_CONSTANT:
        ast->is_invariant = true;
        return ast;
    case ASL_AST_WILDCARD:
    case ASL_AST_DESCENDANT:
    case ASL_AST_VARIABLE:
    case ASL_AST_REGEX:
        return ast;
    case ASL_AST_END:
        return refuse(p, "S0207", ast->position, asl_datum_string("(end)", 5));
    case ASL_AST_PATH:
    case ASL_AST_BIND:
    case ASL_AST_APPLY:
    case ASL_AST_SORT:
        break;
    }
    return refuse(p, "S0206", ast->position, asl_datum_undefined());
}

static asl_ast *process(processor *p, asl_ast *ast)
{
    if (failed(p))
        return NULL;
    if (++p->depth > ASL_JSONATA_DEPTH_MAX) {
        p->source->problem->status = ASL_TOO_LARGE;
        return NULL;
    }
    bool keeps_array = ast->keeps_array;
    asl_ast *result = process_type(p, ast);
    p->depth--;
    if (failed(p))
        return NULL;
    result->keeps_array |= keeps_array;
    return result;
}

/* Notes which paths are nothing but names. */
static void finish(void *context, asl_ast *ast)
{
    (void)context;
    asl_ast_children(ast, finish, NULL);
    bool is_literal =
        ast->type == ASL_AST_STRING || ast->type == ASL_AST_NUMBER || ast->type == ASL_AST_CONSTANT;
    ast->is_leaf = is_literal && ast->predicates.count == 0 && ast->group == NULL;
    if (ast->type != ASL_AST_PATH)
        return;
    ast->is_plain = ast->group == NULL && !ast->is_tuple && !ast->keeps_singleton;
    for (size_t i = 0; i < ast->items.count; i++) {
        const asl_ast *step = ast->items.items[i];
        ast->is_plain &=
            (step->type == ASL_AST_NAME || (i == 0 && step->type == ASL_AST_VARIABLE)) &&
            step->stages.count == 0 && step->predicates.count == 0 && step->group == NULL &&
            !step->is_tuple && !step->keeps_array;
    }
    ast->is_leaf = ast->is_plain && ast->items.count == 1 && !ast->keeps_array &&
                   ast->predicates.count == 0 && ast->items.items[0]->type == ASL_AST_NAME;
}

asl_ast *asl_ast_process(asl_ast_source *source, asl_ast *root)
{
    processor p = {.source = source, .has_eval = asl_names_find(source->names, "eval", 4) != NULL};
    root = process(&p, root);
    if (failed(&p))
        return NULL;
    if (root->type == ASL_AST_PARENT || root->seeking.count > 0)
        return refuse(&p, "S0217", root->position, type_name(root));
    finish(NULL, root);
    return root;
}
