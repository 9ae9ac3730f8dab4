/* An intrinsic call in the first line, the input behind it. What compiles is called: it gives a
 * value that prints within the payload's limit, or says why not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "intrinsics/intrinsics.h"

#define PAYLOAD_BYTES 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int read_path(void *owner, const asl_path *path, asl_value **ret_value)
{
    return asl_path_evaluate(path, owner, ret_value, NULL);
}

static uint64_t draw(void *owner)
{
    (void)owner;
    return 0x0123456789ABCDEFu;
}

static void visit(void *context, const asl_path *path)
{
    size_t size = 0;
    (void)context;
    require(asl_path_text(path, &size) != NULL && size > 0);
}

static void call(const asl_intrinsic *intrinsic, asl_value *input)
{
    asl_intrinsic_environment environment = {
        .owner = input, .path = read_path, .random = draw, .payload_bytes = PAYLOAD_BYTES};
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL, *cause = NULL;
    int status = asl_intrinsic_call(intrinsic, &environment, &value, &cause);
    require(status == ASL_OK || status == ASL_INVALID || status == ASL_NOT_FOUND ||
            status == ASL_TOO_LARGE);
    require((status == ASL_OK) == (value != NULL));
    require(status != ASL_INVALID || asl_value_is_string(cause));
    require(value == NULL || asl_value_text_size(value) <= PAYLOAD_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line_end = size == 0 ? NULL : memchr(text, '\n', size);
    size_t call_size = line_end == NULL ? size : (size_t)(line_end - text);
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    if (line_end == NULL ||
        asl_value_parse(NULL, line_end + 1, size - call_size - 1, 0, &input, NULL) != ASL_OK)
        input = asl_value_object(NULL);
    asl_intrinsic *intrinsic = NULL;
    asl_error *error = NULL;
    int status = asl_intrinsic_compile(NULL, text, call_size, &intrinsic, &error);
    require(status == ASL_OK || status == ASL_SYNTAX || status == ASL_TOO_LARGE);
    require(status == ASL_OK || error != NULL);
    if (status == ASL_OK) {
        require(asl_intrinsic_name(intrinsic) != NULL);
        asl_intrinsic_paths(intrinsic, visit, NULL);
        call(intrinsic, input);
    }
    asl_error_free(error);
    asl_intrinsic_free(intrinsic);
    return 0;
}
