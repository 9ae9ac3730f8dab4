/* Templates of both languages, at any depth: objects whose ".$" keys hold paths and intrinsic calls
 * (payload templates), and values whose strings are JSONata expressions. A template becomes a flat
 * list of steps for a stack of containers, so that evaluating needs no recursion; a subtree without
 * expressions is one step that shares the definition's own value. */
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "expression/key_order.h"
#include "expression/layout.h"

#define STEPS_MAX 1000000u

/* A container that is being compiled. */
typedef struct open_container {
    const asl_value *value;
    uint32_t *order; /* payload templates' objects: in which order the members come */
    uint32_t count, position;
    uint32_t first_step, dynamic_before;
} open_container;

typedef struct template_compiler {
    asl_arena *arena;
    const char *field;
    bool is_jsonata;
    unsigned flags; /* JSONata's */
    asl_template_step *steps;
    size_t count, capacity;
    uint32_t dynamic_count;
    open_container open[ASL_JSON_DEPTH_MAX];
    uint32_t depth;
    const asl_value *place;
    asl_error **error;
} template_compiler;

static void release_step(asl_template_step *step)
{
    asl_value_unref(step->key);
    if (step->kind == ASL_TEMPLATE_LITERAL)
        asl_value_unref(step->literal);
    if (step->kind == ASL_TEMPLATE_DYNAMIC)
        asl_expression_done(step->dynamic);
}

static void truncate_steps(template_compiler *compiler, size_t count)
{
    while (compiler->count > count)
        release_step(&compiler->steps[--compiler->count]);
}

static void compiler_cleanup(template_compiler *compiler)
{
    truncate_steps(compiler, 0);
    asl_release(compiler->arena->heap, compiler->steps,
                compiler->capacity * sizeof *compiler->steps);
}

static int fail_at(template_compiler *compiler, const asl_value *place, int status)
{
    compiler->place = place;
    return status;
}

/* Appends a step; steals the key. */
static int push_step(template_compiler *compiler, asl_template_step step)
{
    int status = asl_array_reserve(compiler->arena->heap, &compiler->steps, &compiler->capacity,
                                   compiler->count, STEPS_MAX);
    if (status != ASL_OK) {
        release_step(&step);
        return status == ASL_TOO_LARGE ? ASL_NOMEM : status;
    }
    compiler->steps[compiler->count++] = step;
    return ASL_OK;
}

static int open_value(template_compiler *compiler, const asl_value *value, asl_value *key)
{
    if (compiler->depth == ASL_JSON_DEPTH_MAX) {
        asl_value_unref(key);
        asl_error_set(compiler->error, ASL_SYNTAX, "nested more than %u deep", ASL_JSON_DEPTH_MAX);
        return fail_at(compiler, value, ASL_SYNTAX);
    }
    bool is_object = asl_value_is_object(value);
    open_container *open = &compiler->open[compiler->depth];
    *open = (open_container){.value = value,
                             .count = (uint32_t)asl_value_count(value),
                             .first_step = (uint32_t)compiler->count,
                             .dynamic_before = compiler->dynamic_count};
    if (is_object && !compiler->is_jsonata) {
        open->order = asl_arena_allocate(compiler->arena, 2 * open->count * sizeof *open->order);
        if (open->order == NULL) {
            asl_value_unref(key);
            return ASL_NOMEM;
        }
        asl_key_order(value, open->order);
    }
    compiler->depth++;
    return push_step(
        compiler, (asl_template_step){.kind = is_object ? ASL_TEMPLATE_OBJECT : ASL_TEMPLATE_ARRAY,
                                      .count = open->count,
                                      .key = key});
}

/* A container without expressions inside becomes the definition's value itself. */
static int close_value(template_compiler *compiler)
{
    open_container *open = &compiler->open[--compiler->depth];
    if (compiler->dynamic_count != open->dynamic_before)
        return push_step(compiler, (asl_template_step){.kind = ASL_TEMPLATE_CLOSE});
    asl_value *key = asl_value_ref(compiler->steps[open->first_step].key);
    truncate_steps(compiler, open->first_step);
    return push_step(compiler, (asl_template_step){.kind = ASL_TEMPLATE_LITERAL,
                                                   .key = key,
                                                   .literal = asl_value_ref(open->value)});
}

/* AWS: any string that begins and ends like an expression is one. Steals the key. */
static int push_jsonata(template_compiler *compiler, const asl_value *string, asl_value *key)
{
    asl_expression *dynamic = NULL;
    int status = asl_jsonata_expression_compile(compiler->arena, compiler->field, string,
                                                compiler->flags, &dynamic, compiler->error);
    if (status != ASL_OK) {
        asl_value_unref(key);
        return fail_at(compiler, string, status);
    }
    compiler->dynamic_count++;
    return push_step(compiler, (asl_template_step){
                                   .kind = ASL_TEMPLATE_DYNAMIC, .key = key, .dynamic = dynamic});
}

static bool is_jsonata(const template_compiler *compiler, const asl_value *value)
{
    size_t size = 0;
    const char *text = asl_value_get_string(value, &size);
    return compiler->is_jsonata && text != NULL && asl_expression_is_jsonata(text, size);
}

/* Steals the key. */
static int push_value(template_compiler *compiler, const asl_value *value, asl_value *key)
{
    if (asl_value_is_object(value) || asl_value_is_array(value))
        return open_value(compiler, value, key);
    if (is_jsonata(compiler, value))
        return push_jsonata(compiler, value, key);
    return push_step(compiler, (asl_template_step){.kind = ASL_TEMPLATE_LITERAL,
                                                   .key = key,
                                                   .literal = asl_value_ref(value)});
}

/* ASL: Payload Template, a member whose name ends in ".$". */
static int push_dynamic(template_compiler *compiler, const asl_value *object, const asl_value *key,
                        size_t stripped_size, const asl_value *value)
{
    size_t key_size = 0, size = 0;
    const char *key_text = asl_value_get_string(key, &key_size);
    const char *text = asl_value_get_string(value, &size);
    if (asl_value_get_sized(object, key_text, stripped_size) != NULL) {
        asl_error_set(compiler->error, ASL_SYNTAX, "The fields '%.*s' and '%s' give the same name",
                      (int)stripped_size, key_text, key_text);
        return fail_at(compiler, value, ASL_SYNTAX);
    }
    asl_expression *dynamic = NULL;
    int status = text == NULL ? ASL_SYNTAX
                              : asl_expression_dynamic_sized(compiler->arena, key_text, key_size,
                                                             text, size, &dynamic, NULL);
    if (status == ASL_SYNTAX)
        asl_error_set(compiler->error, ASL_SYNTAX,
                      "The value for the field '%s' must be a valid JSONPath or a valid intrinsic "
                      "function call",
                      key_text);
    if (status != ASL_OK)
        return fail_at(compiler, value, status);
    asl_value *stripped = asl_value_string_sized(compiler->arena->heap, key_text, stripped_size);
    if (stripped == NULL) {
        asl_expression_done(dynamic);
        return ASL_NOMEM;
    }
    compiler->dynamic_count++;
    return push_step(
        compiler,
        (asl_template_step){.kind = ASL_TEMPLATE_DYNAMIC, .key = stripped, .dynamic = dynamic});
}

/* The next entry of the innermost open container, or its end. */
static int compile_next(template_compiler *compiler)
{
    open_container *open = &compiler->open[compiler->depth - 1];
    if (open->position == open->count)
        return close_value(compiler);
    uint32_t position = open->position++;
    if (open->order != NULL)
        position = open->order[position];
    const asl_value *key = asl_value_key(open->value, position);
    const asl_value *value = asl_value_at(open->value, position);
    size_t stripped_size = 0;
    if (open->order != NULL && asl_key_is_dynamic(key, &stripped_size))
        return push_dynamic(compiler, open->value, key, stripped_size, value);
    return push_value(compiler, value, asl_value_ref(key));
}

/* Moves the steps into the arena, as an expression. */
static int finish(template_compiler *compiler, const asl_value *template_value,
                  asl_expression **ret)
{
    const char *field = compiler->field;
    if (compiler->dynamic_count == 0)
        return asl_expression_constant(compiler->arena, field, template_value, ret);
    if (compiler->steps[0].kind == ASL_TEMPLATE_DYNAMIC) {
        *ret = compiler->steps[0].dynamic;
        compiler->count = 0;
        return ASL_OK;
    }
    asl_expression *expression =
        asl_expression_new(compiler->arena, ASL_EXPRESSION_TEMPLATE, field, strlen(field));
    size_t size = compiler->count * sizeof *compiler->steps;
    asl_template_step *steps = asl_arena_allocate(compiler->arena, size);
    if (expression == NULL || steps == NULL)
        return ASL_NOMEM;
    memcpy(steps, compiler->steps, size);
    expression->steps.steps = steps;
    expression->steps.count = (uint32_t)compiler->count;
    compiler->count = 0;
    *ret = expression;
    return ASL_OK;
}

static int compile(template_compiler *compiler, const asl_value *template_value,
                   asl_expression **ret, const asl_value **ret_place)
{
    int status = push_value(compiler, template_value, NULL);
    while (status == ASL_OK && compiler->depth > 0)
        status = compile_next(compiler);
    if (status == ASL_OK)
        return finish(compiler, template_value, ret);
    if (ret_place != NULL)
        *ret_place = compiler->place != NULL ? compiler->place : template_value;
    return status;
}

int asl_expression_template(asl_arena *arena, const char *field, const asl_value *template_value,
                            asl_expression **ret, const asl_value **ret_place, asl_error **error)
{
    asl_cleanup(compiler_cleanup)
        template_compiler compiler = {.arena = arena, .field = field, .error = error};
    return compile(&compiler, template_value, ret, ret_place);
}

int asl_expression_jsonata(asl_arena *arena, const char *field, const asl_value *value,
                           unsigned flags, asl_expression **ret, const asl_value **ret_place,
                           asl_error **error)
{
    asl_cleanup(compiler_cleanup) template_compiler compiler = {
        .arena = arena, .field = field, .is_jsonata = true, .flags = flags, .error = error};
    return compile(&compiler, value, ret, ret_place);
}

void asl_template_done(asl_expression *expression)
{
    while (expression->steps.count > 0)
        release_step(&expression->steps.steps[--expression->steps.count]);
}

/* Containers that are being built; the last is the innermost. */
typedef struct template_builder {
    asl_value *open[ASL_JSON_DEPTH_MAX];
    asl_value *keys[ASL_JSON_DEPTH_MAX]; /* borrowed: where each goes in the one around it */
    uint32_t depth;
    asl_value *result;
} template_builder;

static void builder_cleanup(template_builder *builder)
{
    while (builder->depth > 0)
        asl_value_unref(builder->open[--builder->depth]);
    asl_value_unref(builder->result);
}

/* Puts a value (stolen) into the innermost container. */
static int place_value(template_builder *builder, asl_value *key, asl_value *value)
{
    if (value == NULL)
        return ASL_NOMEM;
    if (builder->depth == 0) {
        builder->result = value;
        return ASL_OK;
    }
    asl_value **container = &builder->open[builder->depth - 1];
    return key != NULL ? asl_value_set_key(container, key, value)
                       : asl_value_append(container, value);
}

static int open_step(template_builder *builder, const asl_template_step *step, const asl_heap *heap)
{
    asl_value *container = step->kind == ASL_TEMPLATE_OBJECT
                               ? asl_value_object_reserved(heap, step->count)
                               : asl_value_array_reserved(heap, step->count);
    if (container == NULL)
        return ASL_NOMEM;
    builder->keys[builder->depth] = step->key;
    builder->open[builder->depth++] = container;
    return ASL_OK;
}

/* A step of a template that is being built. */
typedef struct step_place {
    const template_builder *builder;
    const asl_template_step *step;
} step_place;

static void write_part(const asl_value *key, const asl_value *container, asl_buffer *buffer)
{
    size_t size = 0;
    const char *text = asl_value_get_string(key, &size);
    if (key != NULL) {
        asl_buffer_byte(buffer, '/');
        asl_buffer_append(buffer, text, size);
    } else {
        asl_buffer_format(buffer, "[%zu]", asl_value_count(container));
    }
}

/* AWS: "/a/b[0]", from the outermost container to the step. */
static void write_place(const void *owner, asl_buffer *buffer)
{
    const step_place *place = owner;
    const template_builder *builder = place->builder;
    for (uint32_t i = 1; i < builder->depth; i++)
        write_part(builder->keys[i], builder->open[i - 1], buffer);
    write_part(place->step->key, builder->open[builder->depth - 1], buffer);
}

static int dynamic_step(template_builder *builder, const asl_template_step *step,
                        const asl_environment *environment, asl_failure *failure)
{
    asl_value *value = NULL;
    step_place where = {builder, step};
    asl_expression_place place = {.write = write_place, .owner = &where};
    int status =
        step->dynamic->kind == ASL_EXPRESSION_JSONATA
            ? asl_jsonata_expression_evaluate(step->dynamic, environment, &place, &value, failure)
            : asl_expression_evaluate(step->dynamic, environment, &value, failure);
    return status == ASL_OK ? place_value(builder, step->key, value) : status;
}

static int run_step(template_builder *builder, const asl_template_step *step,
                    const asl_environment *environment, asl_failure *failure)
{
    switch (step->kind) {
    case ASL_TEMPLATE_LITERAL:
        return place_value(builder, step->key, asl_value_ref(step->literal));
    case ASL_TEMPLATE_DYNAMIC:
        return dynamic_step(builder, step, environment, failure);
    case ASL_TEMPLATE_OBJECT:
    case ASL_TEMPLATE_ARRAY:
        return open_step(builder, step, environment->heap);
    case ASL_TEMPLATE_CLOSE:
        builder->depth--;
        return place_value(builder, builder->keys[builder->depth],
                           asl_steal(builder->open[builder->depth]));
    }
    return ASL_MISUSE;
}

int asl_template_evaluate(const asl_expression *expression, const asl_environment *environment,
                          asl_value **ret_value, asl_failure *failure)
{
    asl_cleanup(builder_cleanup) template_builder builder;
    builder.depth = 0;
    builder.result = NULL;
    for (uint32_t i = 0; i < expression->steps.count; i++) {
        int status = run_step(&builder, &expression->steps.steps[i], environment, failure);
        if (status != ASL_OK)
            return status;
    }
    *ret_value = asl_steal(builder.result);
    return ASL_OK;
}
