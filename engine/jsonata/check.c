/* What AWS's dialect refuses in an expression that is right otherwise: it has no context at the top
 * level, so nothing can be looked up in it there. */
#include <asl/jsonata.h>
#include <string.h>

#include "jsonata/ast.h"

typedef struct checking {
    asl_arena *arena;
    unsigned flags;
    bool has_context; /* the node is evaluated for an item of something */
    asl_problem *problem;
} checking;

static void check(void *context, asl_ast *ast);

/* Refuses with a text that quotes a name between two parts. */
static void refuse(checking *c, const asl_ast *ast, const char *before, asl_datum name,
                   const char *after)
{
    if (c->problem->status != ASL_OK)
        return;
    size_t first = strlen(before), last = strlen(after), size = first + name.size + last;
    char *text = asl_arena_allocate(c->arena, size + 1);
    *c->problem = (asl_problem){.status = text != NULL ? ASL_UNSUPPORTED : ASL_NOMEM,
                                .code = "",
                                .has_position = true,
                                .position = ast->position,
                                .token = name};
    if (text == NULL)
        return;
    memcpy(text, before, first);
    memcpy(text + first, name.bytes, name.size);
    memcpy(text + first + name.size, after, last);
    c->problem->text = asl_datum_string(text, size);
}

static asl_datum quoted(const asl_name *name)
{
    return asl_datum_string(name->bytes, name->size);
}

static bool name_is(const asl_name *name, const char *text)
{
    return name->size == strlen(text) && memcmp(name->bytes, text, name->size) == 0;
}

static void check_variable(checking *c, const asl_ast *ast)
{
    if (name_is(ast->name, "$"))
        refuse(c, ast, "Reference to '", asl_datum_string("$$", 2), "' is not supported.");
    else if (ast->name->size == 0 && !c->has_context)
        refuse(c, ast, "Reference to '", asl_datum_string("$", 1),
               "' at the top level is not supported.");
}

/* `$states.result` and `$states.errorOutput` exist only where there is one. */
static void check_states(checking *c, const asl_ast *path)
{
    const asl_ast *first = path->items.items[0];
    if (first->type != ASL_AST_VARIABLE || path->items.count < 2 ||
        !name_is(first->name, "states") || path->items.items[1]->type != ASL_AST_NAME)
        return;
    const asl_ast *member = path->items.items[1];
    bool is_there =
        name_is(member->name, "input") || name_is(member->name, "context") ||
        ((c->flags & ASL_JSONATA_RESULT) != 0 && name_is(member->name, "result")) ||
        ((c->flags & ASL_JSONATA_ERROR_OUTPUT) != 0 && name_is(member->name, "errorOutput"));
    if (!is_there)
        refuse(c, member, "Field '$states.", quoted(member->name), "' does not exist.");
}

static void check_in_context(checking *c, void *node)
{
    bool had_context = c->has_context;
    c->has_context = true;
    check(c, node);
    c->has_context = had_context;
}

static void check_stages(checking *c, const asl_ast_stages *stages)
{
    for (size_t i = 0; i < stages->count; i++) {
        if (stages->items[i].filter != NULL)
            check_in_context(c, stages->items[i].filter);
    }
}

static void check_group(checking *c, const asl_ast_group *group, bool has_items)
{
    bool had_context = c->has_context;
    c->has_context |= has_items;
    for (size_t i = 0; group != NULL && i < group->count; i++) {
        check(c, group->pairs[i].key);
        check(c, group->pairs[i].item);
    }
    c->has_context = had_context;
}

static void check_path(checking *c, const asl_ast *ast)
{
    asl_ast *first = ast->items.items[0];
    if (first->type == ASL_AST_NAME && !c->has_context)
        refuse(c, first, "Reference to '", quoted(first->name),
               "' at the top level is not supported.");
    check_states(c, ast);
    check(c, first);
    for (size_t i = 1; i < ast->items.count; i++)
        check_in_context(c, ast->items.items[i]);
}

static void check(void *context, asl_ast *ast)
{
    checking *c = context;
    if (ast->type == ASL_AST_VARIABLE)
        check_variable(c, ast);
    if (ast->type == ASL_AST_PATH) {
        check_path(c, ast);
    } else {
        /* A pattern and what follows `~>` have an item; so have the terms of a sort. */
        bool left_has = ast->type == ASL_AST_TRANSFORM;
        bool right_has = left_has || ast->type == ASL_AST_APPLY;
        asl_ast *const branches[] = {ast->left, ast->right, ast->third};
        bool has_item[] = {left_has, right_has, left_has};
        for (size_t i = 0; i < 3; i++) {
            if (branches[i] != NULL && has_item[i])
                check_in_context(c, branches[i]);
            else if (branches[i] != NULL)
                check(c, branches[i]);
        }
        for (size_t i = 0; ast->type != ASL_AST_LAMBDA && i < ast->items.count; i++)
            check(c, ast->items.items[i]);
    }
    check_stages(c, &ast->stages);
    check_stages(c, &ast->predicates);
    check_group(c, ast->group, ast->type != ASL_AST_OBJECT);
}

int asl_ast_check(asl_ast *root, unsigned flags, asl_problem *problem, asl_arena *arena)
{
    checking c = {.arena = arena, .flags = flags, .problem = problem};
    check(&c, root);
    return problem->status;
}
