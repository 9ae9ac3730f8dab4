/* Compiling a path: its root, the loop over its tokens (tokens.c), and a path's life. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/utf8.h"
#include "path/compiler.h"

struct asl_path_draft_step {
    asl_path_step step;
    struct asl_path_draft_step *next;
};

bool asl_path_refuse(asl_path_compiler *compiler, const asl_path_reader *reader, int index,
                     const char *format, ...)
{
    if (compiler->status != ASL_OK)
        return false;
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    uintptr_t begin = (uintptr_t)compiler->origin, place = (uintptr_t)reader->text;
    size_t offset = compiler->offset;
    if (place >= begin && place <= begin + compiler->origin_size)
        offset = place - begin + (size_t)(index < 0 ? 0 : index);
    if (offset > compiler->origin_size)
        offset = compiler->origin_size;
    compiler->status = asl_error_set_place(compiler->error, ASL_SYNTAX, compiler->origin,
                                           compiler->origin_size, offset, "%s", message);
    return false;
}

bool asl_path_out_of_memory(asl_path_compiler *compiler)
{
    if (compiler->status == ASL_OK)
        compiler->status = asl_error_set(compiler->error, ASL_NOMEM, "out of memory");
    return false;
}

bool asl_path_enter(asl_path_compiler *compiler, const asl_path_reader *reader)
{
    if (++compiler->depth <= ASL_PATH_NESTING_MAX)
        return true;
    asl_path_refuse(compiler, reader, reader->position, "The path is nested more than %u deep",
                    ASL_PATH_NESTING_MAX);
    if (compiler->status == ASL_SYNTAX)
        compiler->status = ASL_TOO_LARGE;
    return false;
}

bool asl_path_own(asl_path_compiler *compiler, asl_value *value, asl_regex *regex)
{
    asl_path_owned *owned = asl_arena_allocate(&compiler->path->arena, sizeof *owned);
    if (owned == NULL) {
        asl_value_unref(value);
        asl_regex_free(regex);
        return asl_path_out_of_memory(compiler);
    }
    *owned = (asl_path_owned){.next = compiler->path->owned, .value = value, .regex = regex};
    compiler->path->owned = owned;
    return true;
}

void asl_draft_init(asl_path_draft *draft)
{
    *draft = (asl_path_draft){.last = &draft->first};
}

asl_path_step *asl_draft_add(asl_path_compiler *compiler, asl_path_draft *draft, asl_step_kind kind)
{
    struct asl_path_draft_step *added = asl_arena_allocate(&compiler->path->arena, sizeof *added);
    if (added == NULL) {
        asl_path_out_of_memory(compiler);
        return NULL;
    }
    added->step.kind = kind;
    *draft->last = added;
    draft->last = &added->next;
    draft->count++;
    return &added->step;
}

static bool step_is_definite(const asl_path_step *step, bool is_last)
{
    switch (step->kind) {
    case ASL_STEP_PROPERTY:
        return step->property.count == 1 || is_last; /* several at the end are merged */
    case ASL_STEP_INDEX:
        return step->index.count == 1;
    case ASL_STEP_FUNCTION:
        return true;
    case ASL_STEP_SLICE:
    case ASL_STEP_WILDCARD:
    case ASL_STEP_SCAN:
    case ASL_STEP_FILTER:
        break;
    }
    return false;
}

const asl_path_plan *asl_draft_finish(asl_path_compiler *compiler, const asl_path_draft *draft,
                                      char root)
{
    asl_path_plan *plan = asl_arena_allocate(&compiler->path->arena, sizeof *plan);
    asl_path_step *steps =
        asl_arena_allocate(&compiler->path->arena, (draft->count + 1) * sizeof *steps);
    if (plan == NULL || steps == NULL) {
        asl_path_out_of_memory(compiler);
        return NULL;
    }
    uint32_t count = 0;
    bool is_definite = true;
    for (const struct asl_path_draft_step *item = draft->first; item != NULL; item = item->next) {
        steps[count] = item->step;
        steps[count].is_upstream_definite = is_definite;
        steps[count].is_definite = step_is_definite(&item->step, item->next == NULL);
        is_definite = is_definite && steps[count].is_definite;
        count++;
    }
    *plan =
        (asl_path_plan){.steps = steps, .count = count, .root = root, .is_definite = is_definite};
    return plan;
}

/* `$..a.f()` is `$.f($..a)`: what a scan found goes to the function as a whole. */
static const asl_path_plan *invert_scan(asl_path_compiler *compiler, const asl_path_plan *plan)
{
    if (plan->count == 0 || plan->steps[0].kind != ASL_STEP_SCAN ||
        plan->steps[plan->count - 1].kind != ASL_STEP_FUNCTION)
        return plan;
    struct asl_path_draft_step *item;
    asl_path_draft inner, outer;
    asl_draft_init(&inner);
    asl_draft_init(&outer);
    for (uint32_t i = 0; i < plan->count; i++) {
        bool is_outer = outer.count > 0 || plan->steps[i].kind == ASL_STEP_FUNCTION;
        asl_path_step *step =
            asl_draft_add(compiler, is_outer ? &outer : &inner, plan->steps[i].kind);
        if (step == NULL)
            return NULL;
        *step = plan->steps[i];
    }
    item = outer.first;
    const asl_path_plan *argument = asl_draft_finish(compiler, &inner, plan->root);
    asl_path_argument *arguments = asl_path_argument_make(compiler, argument);
    if (arguments == NULL)
        return NULL;
    item->step.call.arguments = arguments;
    item->step.call.count = 1;
    return asl_draft_finish(compiler, &outer, '$');
}

asl_path_argument *asl_path_argument_make(asl_path_compiler *compiler, const asl_path_plan *plan)
{
    asl_path_argument *argument =
        plan == NULL ? NULL : asl_arena_allocate(&compiler->path->arena, sizeof *argument);
    if (argument == NULL) {
        asl_path_out_of_memory(compiler);
        return NULL;
    }
    argument->plan = argument->children = plan;
    if (plan->count == 0 || plan->steps[plan->count - 1].kind == ASL_STEP_FUNCTION)
        return argument;
    asl_path_draft draft;
    asl_draft_init(&draft);
    for (uint32_t i = 0; i <= plan->count; i++) {
        asl_path_step *step = asl_draft_add(compiler, &draft, ASL_STEP_WILDCARD);
        if (step == NULL)
            return NULL;
        if (i < plan->count)
            *step = plan->steps[i];
    }
    argument->children = asl_draft_finish(compiler, &draft, plan->root);
    return argument->children == NULL ? NULL : argument;
}

const asl_path_plan *asl_plan_compile(asl_path_compiler *compiler, asl_path_reader reader,
                                      bool is_trimmed)
{
    if (is_trimmed) {
        asl_reader_trim(&reader);
        if (reader.position < reader.end && reader.text[reader.end - 1] == '.') {
            asl_path_refuse(compiler, &reader, reader.end - 1,
                            "Path must not end with a '.' or '..'");
            return NULL;
        }
    }
    int root = asl_reader_has(&reader, reader.position) ? asl_reader_current(&reader) : -1;
    if (root != '$' && root != '@') {
        asl_path_refuse(compiler, &reader, reader.position, "Path must start with '$' or '@'");
        return NULL;
    }
    asl_path_draft draft;
    asl_draft_init(&draft);
    if (reader.position + 1 < reader.end) {
        int next = asl_reader_at(&reader, ++reader.position);
        if (next != '.' && next != '[') {
            asl_path_refuse(compiler, &reader, reader.position,
                            "Illegal character at position %d expected '.' or '['",
                            reader.position);
            return NULL;
        }
        /* A single character at the end is not looked at. */
        do {
            if (!asl_token_read(compiler, &reader, &draft))
                return NULL;
        } while (reader.position < reader.end - 1);
    }
    const asl_path_plan *plan = asl_draft_finish(compiler, &draft, (char)root);
    return plan == NULL ? NULL : invert_scan(compiler, plan);
}

static bool is_name_byte(char byte, bool is_first)
{
    unsigned char character = (unsigned char)byte;
    return character >= 0x80 || character == '_' || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') ||
           (!is_first && character >= '0' && character <= '9');
}

/* Takes `$$` or `$name` off the text; what is left is compiled as if `$` stood before it. Returns
 * how many bytes were taken. */
static size_t take_root(asl_path *path)
{
    const char *text = path->text.bytes;
    size_t size = path->text.size, end = 1;
    if (size < 2 || text[0] != '$' || (path->flags & ASL_PATH_JAYWAY) != 0)
        return 0;
    if (text[1] == '$') {
        path->root = ASL_PATH_CONTEXT;
        return 1;
    }
    while (end < size && is_name_byte(text[end], end == 1))
        end++;
    if (end == 1)
        return 0;
    path->root = ASL_PATH_VARIABLE;
    path->variable = (asl_path_name){text + 1, end - 1};
    return end - 1;
}

/* A name with a surrogate that stands alone can be looked for, but not be written. */
static bool is_utf8(const asl_path_name *name)
{
    return asl_utf8_valid(name->bytes, name->size) == name->size;
}

static bool check_reference(asl_path_compiler *compiler, const asl_path_reader *reader)
{
    const asl_path_plan *plan = compiler->path->plan;
    bool is_reference = plan->is_definite && plan->root == '$';
    for (uint32_t i = 0; i < plan->count && is_reference; i++) {
        const asl_path_step *step = &plan->steps[i];
        is_reference = step->kind == ASL_STEP_INDEX ||
                       (step->kind == ASL_STEP_PROPERTY && step->property.count == 1 &&
                        is_utf8(&step->property.names[0]));
    }
    return is_reference ||
           asl_path_refuse(compiler, reader, 0,
                           "'%.*s' is no reference path: it must lead to one node, without "
                           "'@', ',', ':', '?', '*' and '..'",
                           (int)compiler->path->text.size, compiler->path->text.bytes);
}

/* What ResultPath writes is a member of this name again and again: the keys are made once. */
static void make_keys(asl_path_compiler *compiler)
{
    asl_path *path = compiler->path;
    const asl_path_plan *plan = path->plan;
    path->keys = asl_arena_allocate(&path->arena, (plan->count + 1) * sizeof *path->keys);
    if (path->keys == NULL) {
        asl_path_out_of_memory(compiler);
        return;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const asl_path_name *name = plan->steps[i].property.names;
        path->keys[i] = NULL;
        if (plan->steps[i].kind != ASL_STEP_PROPERTY)
            continue;
        path->keys[i] = asl_value_string_sized(path->heap, name->bytes, name->size);
        if (path->keys[i] == NULL)
            asl_path_out_of_memory(compiler);
        else if (!asl_path_own(compiler, path->keys[i], NULL))
            return;
    }
}

static void compile_text(asl_path_compiler *compiler, char *rewritten)
{
    asl_path *path = compiler->path;
    size_t taken = take_root(path);
    asl_path_reader reader = {path->text.bytes, (int)path->text.size, 0, (int)path->text.size};
    if (taken > 0) {
        /* "$$.a" is read as " $.a": positions stay. */
        memset(rewritten, ' ', taken);
        rewritten[taken] = '$';
        memcpy(rewritten + taken + 1, path->text.bytes + taken + 1, path->text.size - taken - 1);
        compiler->origin = reader.text = rewritten;
    } else if ((path->flags & ASL_PATH_JAYWAY) != 0) {
        asl_path_reader trimmed = reader;
        asl_reader_trim(&trimmed);
        int first = asl_reader_current(&trimmed);
        if (first != '$' && first != '@') {
            memcpy(rewritten, "$.", 2);
            memcpy(rewritten + 2, path->text.bytes, path->text.size);
            reader = (asl_path_reader){rewritten, reader.size + 2, 0, reader.end + 2};
            compiler->origin = rewritten;
            compiler->origin_size = path->text.size + 2;
        }
    } else if (path->text.size > 0 && path->text.bytes[0] != '$') {
        asl_path_refuse(compiler, &reader, 0, "Path must start with '$'");
        return;
    }
    path->plan = asl_plan_compile(compiler, reader, true);
    if (path->plan != NULL && (path->flags & ASL_PATH_REFERENCE) != 0 &&
        check_reference(compiler, &reader))
        make_keys(compiler);
}

int asl_path_compile(const asl_heap *heap, const char *text, size_t size, unsigned flags,
                     asl_path **ret_path, asl_error **error)
{
    if (size > ASL_PATH_TEXT_MAX)
        return asl_error_set(error, ASL_TOO_LARGE, "The path is longer than %u bytes",
                             ASL_PATH_TEXT_MAX);
    asl_path *path = asl_allocate_zeroed(heap, sizeof *path);
    if (path == NULL)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    if (asl_utf8_valid(text, size) != size) {
        asl_release(heap, path, sizeof *path);
        return asl_error_set(error, ASL_SYNTAX, "The path is not UTF-8");
    }
    path->heap = heap;
    path->flags = flags;
    asl_arena_init(&path->arena, heap);
    path->text = (asl_path_name){asl_arena_copy(&path->arena, text, size), size};
    char *rewritten = asl_arena_allocate(&path->arena, size + 3);
    asl_path_compiler compiler = {
        .path = path, .origin = path->text.bytes, .origin_size = size, .error = error};
    if (path->text.bytes == NULL || rewritten == NULL)
        asl_path_out_of_memory(&compiler);
    else
        compile_text(&compiler, rewritten);
    if (compiler.status != ASL_OK) {
        asl_path_free(path);
        return compiler.status;
    }
    *ret_path = path;
    return ASL_OK;
}

void asl_path_free(asl_path *path)
{
    if (path == NULL)
        return;
    for (asl_path_owned *owned = path->owned; owned != NULL; owned = owned->next) {
        asl_value_unref(owned->value);
        asl_regex_free(owned->regex);
    }
    asl_arena_done(&path->arena);
    asl_release(path->heap, path, sizeof *path);
}

asl_path_root asl_path_root_of(const asl_path *path)
{
    return path->root;
}

const char *asl_path_variable(const asl_path *path, size_t *ret_size)
{
    *ret_size = path->variable.size;
    return path->variable.bytes;
}

bool asl_path_is_root(const asl_path *path)
{
    return path->plan->count == 0;
}

const char *asl_path_text(const asl_path *path, size_t *ret_size)
{
    *ret_size = path->text.size;
    return path->text.bytes;
}
