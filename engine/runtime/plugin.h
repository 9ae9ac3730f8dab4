/* Plugins: modules with the one entry asl_plugin_register. */
#ifndef ASL_RUNTIME_PLUGIN_H
#define ASL_RUNTIME_PLUGIN_H

#include <asl/engine.h>

/* A lower-case letter, then lower-case letters, digits, '-' and '_'; at most 32 characters: the
 * name of a plugin that is shipped. */
bool asl_plugin_name_ok(const char *name, size_t size);
/* Loads a shipped plugin by its name, or any by its path (`is_path`). What was loaded stays until
 * the process ends. ASL_OK, ASL_NOMEM, ASL_NOT_FOUND, ASL_IO (it cannot be loaded). */
int asl_plugin_load(const char *name, bool is_path, asl_plugin_register_function *ret_register,
                    asl_error **error);

#endif
