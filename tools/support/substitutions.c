/* --substitute NAME=VALUE and --substitutions FILE: the values for "${NAME}" in a definition. What
 * names and values may be is the library's to say. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

static int read_file(const char *path, asl_value **ret_values)
{
    char *text = NULL;
    size_t size = 0;
    int exit_code = tool_read(path, "the substitutions", &text, &size);
    if (exit_code != 0)
        return exit_code;
    exit_code = tool_parse_json(strcmp(path, "-") == 0 ? "standard input" : path, text, size, 0,
                                ret_values);
    free(text);
    if (exit_code == 0 && asl_value_kind(*ret_values) != ASL_KIND_OBJECT) {
        asl_value_unref(*ret_values);
        *ret_values = NULL;
        exit_code = tool_usage("%s: the substitutions must be an object", path);
    }
    return exit_code;
}

static int add(asl_value **values, const char *given)
{
    const char *equals = strchr(given, '=');
    if (equals == NULL || equals == given)
        return tool_usage("--substitute is NAME=VALUE, not '%s'", given);
    asl_value *value = asl_value_string(NULL, equals + 1);
    if (value == NULL)
        return tool_usage("--substitute %.*s: the value is not UTF-8", (int)(equals - given),
                          given);
    int status = asl_value_set_sized(values, given, (size_t)(equals - given), value);
    return status == ASL_OK ? 0 : tool_report("--substitute", status, NULL);
}

int tool_substitutions_read(const tool_substitutions *substitutions, asl_value **ret_values)
{
    asl_value *values = NULL;
    int exit_code = 0;
    if (substitutions->path == NULL && substitutions->given.count == 0)
        return 0;
    if (substitutions->path != NULL)
        exit_code = read_file(substitutions->path, &values);
    else if ((values = asl_value_object(NULL)) == NULL)
        exit_code = tool_report("--substitute", ASL_NOMEM, NULL);
    for (size_t i = 0; i < substitutions->given.count && exit_code == 0; i++)
        exit_code = add(&values, substitutions->given.items[i]);
    if (exit_code == 0)
        *ret_values = values;
    else
        asl_value_unref(values);
    return exit_code;
}
