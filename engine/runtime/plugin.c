/* Plugins: modules with the one entry asl_plugin_register. */
#include "runtime/plugin.h"

#include <string.h>

#include "base/error.h"
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
    asl_error *why = NULL;
    int status = asl_module_symbol(is_path ? NULL : name, is_path ? name : NULL,
                                   "asl_plugin_register", &entry, &why);
    if (status == ASL_OK) {
        /* POSIX lets a function's address come as an object pointer; ISO C has no cast for it. */
        memcpy(ret_register, &entry, sizeof entry);
    } else if (!is_path && status == ASL_NOT_FOUND) {
        (void)asl_error_set(error, status,
                            "%s; a plugin of your own is named by a path, with a '/'",
                            asl_error_message(why));
    } else {
        (void)asl_error_set(error, status, "%s is no plugin that can be used: %s", name,
                            asl_error_message(why));
    }
    asl_error_free(why);
    return status;
}
