/* Finding built-in functions by name. */
#include "jsonata/builtin.h"

#include <string.h>

#include "jsonata/eval.h"

static const asl_builtin *find_in(const asl_builtin *table, const char *name, size_t size)
{
    for (; table->name != NULL; table++) {
        if (strlen(table->name) == size && memcmp(table->name, name, size) == 0)
            return table;
    }
    return NULL;
}

const asl_builtin *asl_builtin_find(const char *name, size_t size, bool is_states)
{
    const asl_builtin *const tables[] = {
        asl_builtins_number,  asl_builtins_string,
        asl_builtins_match,   asl_builtins_array,
        asl_builtins_object,  asl_builtins_higher,
        asl_builtins_picture, is_states ? asl_builtins_states : asl_builtins_eval};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const asl_builtin *found = find_in(tables[i], name, size);
        if (found != NULL)
            return found;
    }
    return NULL;
}
