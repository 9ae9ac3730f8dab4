/* Which variables an expression reads that it does not bind itself. */
#include "jsonata/ast.h"

typedef struct reading {
    asl_arena *arena;
    uint32_t *bound; /* by the index of a name: how often it is bound around the node */
    asl_ast_read **end;
    int status;
} reading;

static void read_node(void *context, asl_ast *ast);

static void note(reading *r, const asl_ast *variable, const asl_ast *next)
{
    const asl_name *name = variable->name;
    bool is_root = name->size == 1 && name->bytes[0] == '$';
    if (name->size == 0 || is_root || r->bound[name->index] > 0)
        return;
    asl_ast_read *read = asl_arena_allocate(r->arena, sizeof *read);
    if (read == NULL) {
        r->status = ASL_NOMEM;
        return;
    }
    bool has_member = next != NULL && next->type == ASL_AST_NAME &&
                      variable->predicates.count == 0 && variable->stages.count == 0;
    *read = (asl_ast_read){.name = name, .member = has_member ? next->name : NULL};
    *r->end = read;
    r->end = &read->next;
}

static void read_path(reading *r, const asl_ast *path)
{
    asl_ast rest = *path;
    asl_ast *first = path->items.items[0];
    if (first->type == ASL_AST_VARIABLE) {
        note(r, first, path->items.count > 1 ? path->items.items[1] : NULL);
        asl_ast_children(first, read_node, r);
        rest.items.items++;
        rest.items.count--;
    }
    asl_ast_children(&rest, read_node, r);
}

static void read_lambda(reading *r, const asl_ast *lambda)
{
    for (size_t i = 0; i < lambda->items.count; i++)
        r->bound[lambda->items.items[i]->name->index]++;
    asl_ast_children(lambda, read_node, r);
    for (size_t i = 0; i < lambda->items.count; i++)
        r->bound[lambda->items.items[i]->name->index]--;
}

/* What one expression of a block binds, the next ones see. */
static void read_block(reading *r, const asl_ast *block)
{
    asl_ast rest = *block;
    for (size_t i = 0; i < block->items.count; i++) {
        const asl_ast *item = block->items.items[i];
        read_node(r, block->items.items[i]);
        if (item->type == ASL_AST_BIND)
            r->bound[item->name->index]++;
    }
    for (size_t i = 0; i < block->items.count; i++) {
        if (block->items.items[i]->type == ASL_AST_BIND)
            r->bound[block->items.items[i]->name->index]--;
    }
    rest.items.count = 0;
    asl_ast_children(&rest, read_node, r);
}

static bool is_function(const asl_ast *ast)
{
    return ast->type == ASL_AST_VARIABLE && ast->name->builtin != NULL;
}

/* What is called by the name of a built-in function is that, and no variable. */
static void read_call(reading *r, const asl_ast *call)
{
    asl_ast rest = *call;
    if (call->type == ASL_AST_APPLY && is_function(call->right))
        rest.right = NULL;
    else if (call->type != ASL_AST_APPLY && is_function(call->left))
        rest.left = NULL;
    asl_ast_children(&rest, read_node, r);
}

static void read_node(void *context, asl_ast *ast)
{
    reading *r = context;
    if (ast->type == ASL_AST_VARIABLE) {
        note(r, ast, NULL);
        asl_ast_children(ast, read_node, r);
    } else if (ast->type == ASL_AST_PATH) {
        read_path(r, ast);
    } else if (ast->type == ASL_AST_LAMBDA) {
        read_lambda(r, ast);
    } else if (ast->type == ASL_AST_BLOCK) {
        read_block(r, ast);
    } else if (ast->type == ASL_AST_CALL || ast->type == ASL_AST_PARTIAL ||
               ast->type == ASL_AST_APPLY) {
        read_call(r, ast);
    } else {
        asl_ast_children(ast, read_node, r);
    }
}

int asl_ast_variables(asl_ast *root, size_t name_count, asl_arena *arena, asl_ast_read **ret_reads)
{
    reading r = {.arena = arena, .end = ret_reads, .status = ASL_OK};
    *ret_reads = NULL;
    r.bound = asl_arena_allocate(arena, name_count * sizeof *r.bound);
    if (r.bound == NULL)
        return ASL_NOMEM;
    read_node(&r, root);
    return r.status;
}
