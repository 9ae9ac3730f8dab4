/* Plugins are modules (base/module.h) with the one entry that <asl/engine.h> names. */
#include "runtime/plugin.h"

#include <string.h>

#include "base/module.h"

#define PLUGIN_NAME_MAX 32

bool asl_plugin_name_ok(const char *name, size_t size)
{
    if (size == 0 || size > PLUGIN_NAME_MAX || name[0] < 'a' || name[0] > 'z')
        return false;
    for (size_t i = 1; i < size; i++) {
        bool ok = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') ||
                  name[i] == '-' || name[i] == '_';
        if (!ok)
            return false;
    }
    return true;
}

int asl_plugin_load(const char *name, bool is_path, asl_plugin_register_function *ret_register,
                    asl_error **error)
{
    void *entry = NULL;
    int status =
        asl_module_symbol(name, is_path ? name : NULL, "asl_plugin_register", &entry, error);
    /* POSIX lets a function's address come as an object pointer; ISO C has no cast for it. */
    if (status == ASL_OK)
        memcpy(ret_register, &entry, sizeof entry);
    return status;
}
