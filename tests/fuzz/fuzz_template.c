/* A payload template in the first line, an input behind it. What compiles is evaluated twice in the
 * same environment: both times the same comes out; a value prints as JSON that parses to an equal
 * one, a failure says its name. Only variables that the template admits to are asked for, and
 * memory is all given back and stays within bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "expression/expression.h"
#include "fault_heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE_LIMIT 4096u           /* bytes of one input */
#define MEMORY_LIMIT (256u << 20u) /* what one evaluation of so small an input may take */

static const char context_text[] =
    "{\"Execution\":{\"Id\":\"arn:aws:states:us-east-1:123456789012:execution:m:e\",\"Input\":"
    "{\"a\":[1,{\"b\":null}]},\"Name\":\"e\",\"StartTime\":\"2023-11-14T22:13:20.000Z\"},"
    "\"State\":{\"Name\":\"S\",\"RetryCount\":0},\"Map\":{\"Item\":{\"Index\":2,\"Value\":\"v\"}}}";
static const char variables_text[] =
    "{\"x\":1,\"y\":{\"a\":[1,\"two\",null],\"b\":\"\\u0000\\\"\\\\\"},\"list\":[3,1,2,3]}";

typedef struct world {
    const asl_expression *expression;
    asl_value *input, *context, *variables;
    uint64_t draws;
    bool is_admitted; /* the variable that is asked for was found in the list */
    const char *name;
    size_t name_size;
} world;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const asl_value *get_context(void *owner)
{
    return ((world *)owner)->context;
}

static void compare_name(void *context, const char *name, size_t size)
{
    world *w = context;
    if (size == w->name_size && memcmp(name, w->name, size) == 0)
        w->is_admitted = true;
}

static const asl_value *get_variable(void *owner, const char *name, size_t size)
{
    world *w = owner;
    w->name = name;
    w->name_size = size;
    w->is_admitted = false;
    asl_expression_variables(w->expression, compare_name, w);
    require(w->is_admitted);
    return asl_value_get_sized(w->variables, name, size);
}

static uint64_t get_random(void *owner)
{
    return asl_random_draw(7, 1, ((world *)owner)->draws++);
}

static asl_value *parse(const asl_heap *heap, const char *text, size_t size, unsigned flags)
{
    asl_value *value = NULL;
    int status = asl_value_parse(heap, text, size, flags, &value, NULL);
    require(status != ASL_NOMEM && (status == ASL_OK) == (value != NULL));
    return value;
}

/* The value's text; it must be what its size says, and read back as the value. */
static void print(const asl_heap *heap, const asl_value *value, asl_buffer *text)
{
    asl_buffer_init(text, heap);
    asl_value_print_to(value, text);
    require(text->status == ASL_OK && text->size == asl_value_text_size(value));
    asl_cleanup(asl_value_cleanup) asl_value *again =
        parse(heap, text->bytes, text->size, ASL_PARSE_STORED);
    require(again != NULL && asl_value_equal(value, again));
}

/* Appends what comes out: the value's text, or the failure's. */
static void evaluate(world *w, const asl_heap *heap, asl_buffer *text)
{
    asl_environment environment = {.heap = heap,
                                   .input = w->input,
                                   .owner = w,
                                   .context = get_context,
                                   .variable = get_variable,
                                   .random = get_random,
                                   .payload_bytes = 262144};
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    asl_failure failure = {.error = NULL};
    w->draws = 0;
    int status = asl_expression_evaluate(w->expression, &environment, &value, &failure);
    require(status == ASL_OK || status == ASL_WORKFLOW_FAILED);
    require((status == ASL_OK) == (value != NULL) && (status == ASL_OK) == (failure.error == NULL));
    if (status == ASL_OK) {
        print(heap, value, text);
    } else {
        require(asl_value_is_string(failure.error) && asl_value_is_string(failure.cause));
        print(heap, failure.cause, text);
    }
    asl_failure_done(&failure);
}

static void evaluate_twice(world *w, const asl_heap *heap)
{
    asl_buffer first, second;
    evaluate(w, heap, &first);
    evaluate(w, heap, &second);
    require(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0);
    asl_buffer_done(&first);
    asl_buffer_done(&second);
}

static void run(const asl_heap *heap, const asl_value *template_value, const char *input,
                size_t input_size)
{
    asl_arena arena;
    asl_arena_init(&arena, heap);
    asl_expression *expression = NULL;
    const asl_value *place = NULL;
    asl_error *error = NULL;
    int status =
        asl_expression_template(&arena, "Parameters", template_value, &expression, &place, &error);
    require(status == ASL_OK || status == ASL_SYNTAX);
    require((status == ASL_OK) == (error == NULL) && (status == ASL_OK || place != NULL));
    if (status == ASL_OK) {
        world w = {.expression = expression,
                   .input = parse(heap, input, input_size, ASL_PARSE_KEEP_TEXT),
                   .context = parse(heap, context_text, sizeof context_text - 1, 0),
                   .variables = parse(heap, variables_text, sizeof variables_text - 1, 0)};
        if (w.input == NULL)
            w.input = asl_value_object(heap);
        evaluate_twice(&w, heap);
        asl_value_unref(w.input);
        asl_value_unref(w.context);
        asl_value_unref(w.variables);
        asl_expression_done(expression);
    }
    asl_error_free(error);
    asl_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line_end = size == 0 || size > SIZE_LIMIT ? NULL : memchr(text, '\n', size);
    if (line_end == NULL)
        return 0;
    fault_heap heap;
    fault_heap_init(&heap);
    size_t template_size = (size_t)(line_end - text);
    asl_value *template_value = parse(&heap.hook, text, template_size, 0);
    if (template_value != NULL)
        run(&heap.hook, template_value, line_end + 1, size - template_size - 1);
    asl_value_unref(template_value);
    require(fault_heap_is_empty(&heap) && heap.peak_bytes <= MEMORY_LIMIT);
    return 0;
}
