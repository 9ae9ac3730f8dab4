/* An expression in the first line, data behind it. What compiles is evaluated within a small
 * budget, twice, as jsonata-js and as AWS's dialect have it: both times the same comes of it, every
 * refusal says why and where, and what comes out prints and reads back. */
#include <asl/jsonata.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "value/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const asl_value *find_variable(void *context, const char *name, size_t size)
{
    return asl_value_get_sized(context, name, size);
}

/* Always the same bits. */
static uint64_t draw(void *context)
{
    (void)context;
    return 0x9E3779B97F4A7C15u;
}

static int evaluate(const asl_jsonata *expression, const asl_value *input, asl_value *variables,
                    asl_value **ret_value)
{
    asl_jsonata_options options = {.size = sizeof options,
                                   .context = variables,
                                   .variable = find_variable,
                                   .random = draw,
                                   .now_ms = 1700000000000,
                                   .steps_max = 100000,
                                   .depth_max = 200,
                                   .memory_max = 4u << 20};
    asl_error *error = NULL;
    int status = asl_jsonata_evaluate(expression, input, &options, ret_value, &error);
    require(status == ASL_OK || status == ASL_EVALUATION || status == ASL_UNSUPPORTED ||
            status == ASL_TOO_LARGE);
    require((status == ASL_OK) == (error == NULL));
    asl_error_free(error);
    return status;
}

static void check_value(const asl_value *value)
{
    char *text = NULL;
    size_t size = 0;
    asl_value *again = NULL;
    require(asl_value_print(value, 0, &text, &size) == ASL_OK);
    int status = asl_value_parse(NULL, text, size, ASL_PARSE_STORED, &again, NULL);
    require(status == ASL_OK && asl_value_equal(value, again));
    asl_value_unref(again);
    asl_text_free(text);
}

static void check_expression(const char *text, size_t size, unsigned flags, asl_value *input)
{
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *first = NULL, *second = NULL;
    int status = asl_jsonata_compile(NULL, text, size, flags, &expression, &error);
    require(status == ASL_OK || status == ASL_SYNTAX || status == ASL_TOO_LARGE ||
            (status == ASL_UNSUPPORTED && flags != 0));
    require((status == ASL_OK) == (expression != NULL) && (status == ASL_OK) == (error == NULL));
    require(status == ASL_OK || asl_error_offset(error) <= size);
    asl_error_free(error);
    if (status != ASL_OK)
        return;
    status = evaluate(expression, input, input, &first);
    require(evaluate(expression, input, input, &second) == status);
    require((first == NULL) == (second == NULL));
    if (first != NULL) {
        require(asl_value_equal(first, second));
        check_value(first);
    }
    asl_jsonata_unref(expression);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line_end = size == 0 ? NULL : memchr(text, '\n', size);
    size_t text_size = line_end == NULL ? size : (size_t)(line_end - text);
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    if (line_end == NULL ||
        asl_value_parse(NULL, line_end + 1, size - text_size - 1, 0, &input, NULL) != ASL_OK)
        input = asl_value_object(NULL);
    check_expression(text, text_size, 0, input);
    check_expression(text, text_size, ASL_JSONATA_STATES | ASL_JSONATA_RESULT, input);
    return 0;
}
