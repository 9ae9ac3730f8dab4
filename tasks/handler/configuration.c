/* Members of a configuration. Every message names the member first, so a reader finds it in the
 * file without counting; the member's legal forms follow. */
#include "handler/configuration.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asl/engine.h>

int asl_configuration_refuse(asl_error **error, int status, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return asl_error_make(error, status, message);
}

static void join_names(char *out, size_t size, const char *const *names)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; names[i] != NULL && used < size; i++) {
        int more = snprintf(out + used, size - used, "%s\"%s\"", i == 0 ? "" : ", ", names[i]);
        if (more > 0)
            used += (size_t)more;
    }
}

static bool is_named(const char *key, size_t key_size, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strlen(names[i]) == key_size && memcmp(names[i], key, key_size) == 0)
            return true;
    }
    return false;
}

int asl_configuration_check(const asl_value *object, const char *what, const char *const *names,
                            asl_error **error)
{
    if (object == NULL || asl_value_kind(object) != ASL_KIND_OBJECT)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"%s\" must be an object", what);
    for (size_t i = 0; i < asl_value_count(object); i++) {
        size_t size = 0;
        const char *key = asl_value_get_string(asl_value_key(object, i), &size);
        if (is_named(key, size, names))
            continue;
        char known[512];
        join_names(known, sizeof known, names);
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"%s\" is not a member of \"%s\", which may have %s", key,
                                        what, known);
    }
    return ASL_OK;
}

int asl_configuration_text(const asl_value *object, const char *name, const char **ret_text,
                           asl_error **error)
{
    const asl_value *member = asl_value_get(object, name);
    if (member == NULL)
        return ASL_OK;
    size_t size = 0;
    const char *text = asl_value_get_string(member, &size);
    if (text == NULL || size == 0 || strlen(text) != size)
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"%s\" must be a text that is not empty", name);
    *ret_text = text;
    return ASL_OK;
}

int asl_configuration_seconds(const asl_value *object, const char *name, double least, double most,
                              long *ret_milliseconds, asl_error **error)
{
    const asl_value *member = asl_value_get(object, name);
    if (member == NULL)
        return ASL_OK;
    double seconds = 0;
    if (!asl_value_get_double(member, &seconds) || !(seconds >= least && seconds <= most))
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"%s\" must be a number of seconds from %g to %g", name,
                                        least, most);
    *ret_milliseconds = lround(seconds * 1000);
    return ASL_OK;
}

int asl_configuration_truth(const asl_value *object, const char *name, bool *ret_truth,
                            asl_error **error)
{
    const asl_value *member = asl_value_get(object, name);
    if (member == NULL)
        return ASL_OK;
    asl_kind kind = asl_value_kind(member);
    if (kind != ASL_KIND_TRUE && kind != ASL_KIND_FALSE)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"%s\" must be true or false", name);
    *ret_truth = kind == ASL_KIND_TRUE;
    return ASL_OK;
}

char *asl_configuration_path(const char *folder, const char *path)
{
    if (folder == NULL || path[0] == '/')
        return strdup(path);
    char *joined = NULL;
    return asprintf(&joined, "%s/%s", folder, path) < 0 ? NULL : joined;
}
