/* Modules: what the library loads only when it is first needed, because linking it would cost every
 * start. */
#ifndef ASL_BASE_MODULE_H
#define ASL_BASE_MODULE_H

#include <asl/error.h>

/* Loads the shipped module `name` ("http"), or the file `path` where that is not NULL, and finds
 * `symbol` in it. What was loaded stays until the process ends. ASL_OK, ASL_NOT_FOUND (no such
 * module), ASL_IO (it cannot be loaded, or has no such symbol). Any thread. */
int asl_module_symbol(const char *name, const char *path, const char *symbol, void **ret_symbol,
                      asl_error **error);

#endif
