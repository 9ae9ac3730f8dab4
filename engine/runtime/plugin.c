/* Where plugins are. Never a search path: a shipped plugin is one file of the build tree where the
 * library itself lies in it, else one file of the installation; ASL_MODULE_PATH names other folders
 * first, unless the process has more rights than its user. Modules are never unloaded, since a
 * handler's code and libcurl's must outlive whoever still calls them. */
#include "runtime/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

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

static int find(const char *name, bool is_path, char path[PATH_MAX], asl_error **error)
{
    if (!is_path) {
        if (find_shipped(name, path))
            return ASL_OK;
        return asl_error_set(error, ASL_NOT_FOUND,
                             "there is no shipped plugin \"%s\" (looked for %s); a plugin of your "
                             "own is named by a path, with a '/'",
                             name, path);
    }
    if (is_there(path, snprintf(path, PATH_MAX, "%s", name)))
        return ASL_OK;
    return asl_error_set(error, ASL_NOT_FOUND, "cannot read the plugin %s: %s", name,
                         strerror(errno));
}

int asl_plugin_load(const char *name, bool is_path, asl_plugin_register_function *ret_register,
                    asl_error **error)
{
    char path[PATH_MAX];
    int status = find(name, is_path, path, error);
    if (status != ASL_OK)
        return status;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module == NULL)
        return asl_error_set(error, ASL_IO, "cannot load the plugin: %s", dlerror());
    void *entry = dlsym(module, "asl_plugin_register");
    dlclose(module); /* RTLD_NODELETE: it stays */
    if (entry == NULL)
        return asl_error_set(error, ASL_IO, "%s is no plugin: it has no asl_plugin_register", path);
    /* POSIX lets a function's address come as an object pointer; ISO C has no cast for it. */
    memcpy(ret_register, &entry, sizeof entry);
    return ASL_OK;
}
