/* Nodes of the tree, and names. */
#include "jsonata/ast.h"

#include <string.h>

#include "base/array.h"
#include "jsonata/builtin.h"
#include "jsonata/regex.h"
#include "jsonata/signature.h"

asl_ast *asl_ast_new(asl_ast_source *source, asl_ast_type type, size_t position)
{
    asl_ast *made = asl_arena_allocate(source->arena, sizeof *made);
    if (made == NULL) {
        source->problem->status = ASL_NOMEM;
        return NULL;
    }
    made->type = (uint8_t)type;
    made->position = (uint32_t)position;
    return made;
}

int asl_ast_list_add(asl_ast_source *source, asl_ast_list *list, asl_ast *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        asl_ast **items = asl_arena_allocate(source->arena, capacity * sizeof(asl_ast *));
        if (items == NULL)
            return source->problem->status = ASL_NOMEM;
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(asl_ast *));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return ASL_OK;
}

asl_ast *asl_ast_refuse(asl_ast_source *source, const char *code, size_t position, asl_datum token)
{
    asl_problem *problem = source->problem;
    if (problem->status != ASL_OK)
        return NULL;
    *problem = (asl_problem){.status = ASL_SYNTAX,
                             .code = code,
                             .has_position = true,
                             .position = position,
                             .token = token};
    return NULL;
}

static void visit_stages(const asl_ast_stages *stages, void (*visit)(void *, asl_ast *),
                         void *context)
{
    for (size_t i = 0; i < stages->count; i++) {
        if (stages->items[i].filter != NULL)
            visit(context, stages->items[i].filter);
    }
}

void asl_ast_children(const asl_ast *ast, void (*visit)(void *context, asl_ast *child),
                      void *context)
{
    asl_ast *const branches[] = {ast->left, ast->right, ast->third};
    for (size_t i = 0; i < 3; i++) {
        if (branches[i] != NULL)
            visit(context, branches[i]);
    }
    for (size_t i = 0; ast->type != ASL_AST_LAMBDA && i < ast->items.count; i++)
        visit(context, ast->items.items[i]);
    visit_stages(&ast->stages, visit, context);
    visit_stages(&ast->predicates, visit, context);
    for (size_t i = 0; ast->group != NULL && i < ast->group->count; i++) {
        visit(context, ast->group->pairs[i].key);
        visit(context, ast->group->pairs[i].item);
    }
}

void asl_ast_free_regexes(asl_ast *regexes)
{
    for (asl_ast *next = regexes; next != NULL; next = next->next_regex)
        asl_jsonata_regex_free(next->regex);
}

static uint32_t hash_of(const char *bytes, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

static const asl_name *find(const asl_names *names, uint32_t hash, const char *bytes, size_t size)
{
    for (; names != NULL; names = names->outer) {
        for (const asl_name *name = names->slots[hash % ASL_NAMES_SLOTS]; name != NULL;
             name = name->next) {
            if (name->hash == hash && name->size == size && memcmp(name->bytes, bytes, size) == 0)
                return name;
        }
    }
    return NULL;
}

const asl_name *asl_names_find(const asl_names *names, const char *bytes, size_t size)
{
    return find(names, hash_of(bytes, size), bytes, size);
}

const asl_name *asl_names_intern(asl_names *names, asl_arena *arena, const char *bytes, size_t size)
{
    uint32_t hash = hash_of(bytes, size);
    const asl_name *found = find(names, hash, bytes, size);
    if (found != NULL)
        return found;
    asl_name *made = asl_arena_allocate(arena, sizeof *made);
    char *copy = made != NULL ? asl_arena_copy(arena, bytes, size) : NULL;
    if (copy == NULL)
        return NULL;
    *made =
        (asl_name){.bytes = copy, .size = (uint32_t)size, .hash = hash, .index = names->count++};
    made->builtin = asl_builtin_find(bytes, size, names->is_states);
    if (made->builtin != NULL &&
        asl_signature_parse(arena, made->builtin->signature, strlen(made->builtin->signature),
                            &made->signature, NULL) != ASL_OK)
        return NULL;
    made->next = names->slots[hash % ASL_NAMES_SLOTS];
    names->slots[hash % ASL_NAMES_SLOTS] = made;
    return made;
}

const asl_name *asl_names_anonymous(asl_arena *arena)
{
    asl_name *made = asl_arena_allocate(arena, sizeof *made);
    if (made != NULL)
        *made = (asl_name){.bytes = "!", .index = UINT32_MAX};
    return made;
}
