/* A path in the first line, a document behind it. What compiles is evaluated as the service and as
 * Jayway has it: an indefinite path gives an array, a definite one that finds something finds the
 * same in both ways, every refusal says why. What can be written at a reference path is found there
 * again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "path/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static asl_path *compile(const char *text, size_t size, unsigned flags)
{
    asl_path *path = NULL;
    asl_error *error = NULL;
    int status = asl_path_compile(NULL, text, size, flags, &path, &error);
    require(status == ASL_OK || status == ASL_SYNTAX || status == ASL_TOO_LARGE);
    require((status == ASL_OK) == (path != NULL) && (status == ASL_OK) == (error == NULL));
    require(status == ASL_OK || asl_error_offset(error) <= size + 2);
    asl_error_free(error);
    return path;
}

/* What the path finds; NULL where it fails. */
static asl_value *evaluate(const asl_path *path, const asl_value *document)
{
    asl_value *found = NULL;
    asl_path_failure failure = {NULL, false};
    int status = asl_path_evaluate(path, document, &found, &failure);
    require(status == ASL_OK || status == ASL_NOT_FOUND || status == ASL_TOO_LARGE);
    require((status == ASL_OK) == (found != NULL));
    require(status != ASL_NOT_FOUND || asl_value_is_string(failure.message));
    require(found == NULL || path->plan->is_definite || asl_value_is_array(found));
    asl_value_unref(failure.message);
    return found;
}

static void check_assignment(const asl_path *path, const asl_value *document)
{
    asl_cleanup(asl_value_cleanup) asl_value *root = asl_value_ref(document), *found = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *marker = asl_value_string(NULL, "marker");
    int status = asl_path_assign(path, &root, asl_value_ref(marker), NULL);
    require(status == ASL_OK || status == ASL_NOT_FOUND || status == ASL_TOO_LARGE);
    if (status == ASL_OK) {
        found = evaluate(path, root);
        require(found != NULL && asl_value_equal(found, marker));
    } else {
        require(asl_value_equal(root, document));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line_end = size == 0 ? NULL : memchr(text, '\n', size);
    size_t path_size = line_end == NULL ? size : (size_t)(line_end - text);
    asl_cleanup(asl_value_cleanup) asl_value *document = NULL;
    if (line_end == NULL ||
        asl_value_parse(NULL, line_end + 1, size - path_size - 1, 0, &document, NULL) != ASL_OK)
        document = asl_value_object(NULL);
    asl_path *jayways = compile(text, path_size, ASL_PATH_JAYWAY);
    asl_path *path = compile(text, path_size, 0);
    asl_path *reference = compile(text, path_size, ASL_PATH_REFERENCE);
    require(reference == NULL || path != NULL);
    asl_cleanup(asl_value_cleanup) asl_value *first = NULL, *second = NULL;
    if (jayways != NULL)
        first = evaluate(jayways, document);
    if (path != NULL)
        second = evaluate(path, document);
    if (first != NULL && path != NULL && asl_path_root_of(path) == ASL_PATH_INPUT)
        require(second != NULL && asl_value_equal(first, second));
    if (reference != NULL)
        check_assignment(reference, document);
    asl_path_free(jayways);
    asl_path_free(path);
    asl_path_free(reference);
    return 0;
}
