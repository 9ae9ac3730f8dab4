/* asl - runs its sisters: `asl VERB ...` is `asl-VERB ...`, the program that stands beside it, or
 * on the PATH.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <asl/asl.h>

#include "support/support.h"

/* The folder of this program, with a '/' at its end; false where it cannot be told. */
static bool own_folder(char folder[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (size <= 0)
        return false;
    folder[size] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return false;
    slash[1] = '\0';
    return true;
}

static int is_verb(const struct dirent *entry)
{
    return strncmp(entry->d_name, "asl-", 4) == 0 && strchr(entry->d_name, '.') == NULL;
}

static void print_verbs(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_verb, alphasort);
    if (count > 0)
        puts("\nverbs:");
    for (int i = 0; i < count; i++) {
        printf("  %s\n", entries[i]->d_name + 4);
        free(entries[i]);
    }
    free(entries);
}

static void print_help(const char *folder)
{
    puts("usage: asl VERB [ARGUMENT]...\n\n"
         "Runs asl-VERB, the program of that name beside asl or on the PATH; 'asl VERB --help' "
         "says\n"
         "what it does.\n\n"
         "      --help                   show this and exit\n"
         "      --version                show the version and exit");
    print_verbs(folder);
}

int main(int argc, char **argv)
{
    static const tool_program program = {.name = "asl"};
    tool_common common = {.quiet = false};
    tool_operands operands;
    char folder[PATH_MAX] = "";
    tool_parse(&program, 0, argv, &common, &operands);
    bool has_folder = own_folder(folder);
    if (argc < 2)
        return tool_usage("which verb?");
    const char *verb = argv[1];
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0) {
        print_help(folder);
        return tool_finish(TOOL_SUCCEEDED);
    }
    if (strcmp(verb, "--version") == 0) {
        printf("asl %s\n", asl_version());
        return tool_finish(TOOL_SUCCEEDED);
    }
    if (verb[0] == '-' || verb[0] == '\0' || strchr(verb, '/') != NULL)
        return tool_usage("a verb comes first, not '%s'", verb);
    char path[PATH_MAX + 256];
    char name[256];
    if (snprintf(name, sizeof name, "asl-%s", verb) >= (int)sizeof name)
        return tool_usage("there is no verb '%.40s...'", verb);
    snprintf(path, sizeof path, "%s%s", folder, name);
    argv[1] = name;
    if (has_folder)
        execv(path, argv + 1);
    if (!has_folder || errno == ENOENT)
        execvp(name, argv + 1);
    if (errno == ENOENT)
        return tool_usage("there is no verb '%s'", verb);
    tool_say(TOOL_ERROR, "cannot run %s: %s", name, strerror(errno));
    return TOOL_INTERNAL;
}
