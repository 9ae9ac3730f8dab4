/* Where modules are. Never a search path: a shipped module is one file of the build tree where the
 * library itself lies in it, else one file of the installation; ASL_MODULE_PATH names other folders
 * first, unless the process has more rights than its user. Modules are never unloaded, since a
 * handler's code and libcurl's must outlive whoever still calls them. */
#include "base/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static bool is_there(const char *path, int size)
{
    return size > 0 && size < PATH_MAX && access(path, R_OK) == 0;
}

/* The folders of ASL_MODULE_PATH, absolute ones only. */
static bool find_in_variable(const char *name, char path[PATH_MAX])
{
    const char *folders = secure_getenv("ASL_MODULE_PATH");
    while (folders != NULL && *folders != '\0') {
        int size = (int)strcspn(folders, ":");
        if (folders[0] == '/' &&
            is_there(path, snprintf(path, PATH_MAX, "%.*s/asl_%s.so", size, folders, name)))
            return true;
        folders += size + (folders[size] == ':');
    }
    return false;
}

/* Whether the file that holds this code, library or program, lies in the build tree. */
static bool is_built_here(void)
{
    static const char root[] = ASL_MODULE_BUILD_ROOT "/";
    Dl_info info;
    if (dladdr((const void *)root, &info) == 0 || info.dli_fname == NULL)
        return false;
    char file[PATH_MAX];
    return realpath(info.dli_fname, file) != NULL && strncmp(file, root, sizeof root - 1) == 0;
}

static bool find_shipped(const char *name, char path[PATH_MAX])
{
    if (find_in_variable(name, path))
        return true;
    int size = is_built_here() ? snprintf(path, PATH_MAX, "%s/tasks/%s/asl_%s.so",
                                          ASL_MODULE_BUILD_ROOT, name, name)
                               : snprintf(path, PATH_MAX, "%s/asl_%s.so", ASL_MODULE_FOLDER, name);
    return is_there(path, size);
}

int asl_module_symbol(const char *name, const char *path, const char *symbol, void **ret_symbol,
                      asl_error **error)
{
    char shipped[PATH_MAX];
    if (path == NULL && !find_shipped(name, shipped))
        return asl_error_set(error, ASL_NOT_FOUND,
                             "there is no shipped module \"%s\" (looked for %s)", name, shipped);
    if (path != NULL && access(path, R_OK) != 0)
        return asl_error_set(error, ASL_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
    const char *file = path != NULL ? path : shipped;
    void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module == NULL)
        return asl_error_set(error, ASL_IO, "cannot load a module: %s", dlerror());
    *ret_symbol = dlsym(module, symbol);
    dlclose(module); /* RTLD_NODELETE: it stays */
    if (*ret_symbol == NULL)
        return asl_error_set(error, ASL_IO, "%s has no %s", file, symbol);
    return ASL_OK;
}
