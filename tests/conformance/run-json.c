/* Runs a folder of JSON parsing cases: `run-json [DIR]`.
 *
 * A case is a file; its name's first letters say what a parser must do with it: y_ accept, n_
 * refuse, i_ what the table of decisions says, anything else (transformations) either. Whatever is
 * accepted must print and parse again to an equal value, and print its own bytes where the text is
 * kept. One line per failing case, then "N passed, M failed". */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "value/value.h"

typedef struct run {
    asl_buffer decisions;
    size_t passed, failed;
} run;

static bool read_file(const char *path, asl_buffer *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[65536];
    size_t size;
    while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
        asl_buffer_append(bytes, chunk, size);
    bool good = ferror(file) == 0;
    fclose(file);
    return good && bytes->status == ASL_OK;
}

/* The decision on an i_ case: 'y', 'n', or 0 where the table has none. A line of it is
 * "accept|refuse NAME reason". */
static char decision(run *r, const char *name)
{
    const char *line = asl_buffer_string(&r->decisions);
    while (line != NULL && *line != '\0') {
        char verdict[16], file[256];
        if (*line != '#' && sscanf(line, "%15s %255s", verdict, file) == 2 &&
            strcmp(file, name) == 0)
            return strcmp(verdict, "accept") == 0 ? 'y' : 'n';
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return 0;
}

static char verdict_of(run *r, const char *name)
{
    if (strncmp(name, "i_", 2) == 0)
        return decision(r, name);
    if (strncmp(name, "y_", 2) == 0 || strncmp(name, "n_", 2) == 0)
        return name[0];
    return '?';
}

/* What is wrong with an accepted value; NULL where nothing is. */
static const char *check_printing(const asl_value *value, const char *text, size_t size)
{
    char *printed = NULL, *again = NULL;
    size_t printed_size = 0, again_size = 0;
    asl_cleanup(asl_value_cleanup) asl_value *reread = NULL, *kept = NULL;
    const char *problem = NULL;
    if (asl_value_print(value, 0, &printed, &printed_size) != ASL_OK ||
        asl_value_parse(NULL, printed, printed_size, 0, &reread, NULL) != ASL_OK)
        problem = "what it prints does not parse";
    else if (!asl_value_equal(value, reread))
        problem = "what it prints is another value";
    else if (asl_value_parse(NULL, text, size, ASL_PARSE_KEEP_TEXT, &kept, NULL) != ASL_OK ||
             asl_value_print(kept, 0, &again, &again_size) != ASL_OK || again_size != size ||
             memcmp(again, text, size) != 0)
        problem = "the kept text is not the text";
    asl_text_free(printed);
    asl_text_free(again);
    return problem;
}

static void run_case(run *r, const char *path, const char *name)
{
    asl_cleanup(asl_buffer_done) asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    asl_error *error = NULL;
    char verdict = verdict_of(r, name);
    const char *problem = NULL;
    if (!read_file(path, &text)) {
        problem = "cannot be read";
    } else if (verdict == 0) {
        problem = "no decision stands in the table";
    } else {
        int status = asl_value_parse(NULL, text.bytes, text.size, 0, &value, &error);
        if (status == ASL_OK)
            problem = verdict == 'n' ? "accepted, must be refused"
                                     : check_printing(value, text.bytes, text.size);
        else if (verdict == 'y')
            problem = "refused, must be accepted";
        else if (status != ASL_SYNTAX && status != ASL_TOO_LARGE)
            problem = "refused with a wrong status";
        else if (asl_error_line(error) == 0 || asl_error_offset(error) > text.size)
            problem = "refused without a place";
    }
    if (problem == NULL) {
        r->passed++;
    } else {
        r->failed++;
        printf("%s: %s%s%s\n", name, problem, error != NULL ? ": " : "",
               error != NULL ? asl_error_message(error) : "");
    }
    asl_error_free(error);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The cases of a folder, and of the folders in it down to `depth`. */
static void run_folder(run *r, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat status;
        const char *name = entries[i]->d_name;
        size_t size = strlen(name);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode) && depth > 0)
            run_folder(r, path, depth - 1);
        else if (S_ISREG(status.st_mode) && size > 5 && strcmp(name + size - 5, ".json") == 0 &&
                 strcmp(name, "ORIGIN.json") != 0)
            run_case(r, path, name);
        free(entries[i]);
    }
    free(entries);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The folder to run where none is named. */
static const char *default_folder(char *room, size_t size)
{
    const char *corpora = getenv("ASL_CORPORA");
    snprintf(room, size, "%s/json-parsing", corpora != NULL ? corpora : ASL_CORPORA_FOLDER);
    return is_folder(room) ? room : ASL_CASES_FOLDER;
}

int main(int argument_count, char **arguments)
{
    char room[4096];
    const char *folder = argument_count > 1 ? arguments[1] : default_folder(room, sizeof room);
    run r = {0};
    asl_buffer_init(&r.decisions, NULL);
    if (argument_count > 2 || !is_folder(folder)) {
        fprintf(stderr, "usage: run-json [DIR]\n%s: not a folder\n", folder);
        return 2;
    }
    if (!read_file(ASL_DECISIONS_FILE, &r.decisions)) {
        fprintf(stderr, "%s: %s\n", ASL_DECISIONS_FILE, strerror(errno));
        return 2;
    }
    run_folder(&r, folder, 2);
    asl_buffer_done(&r.decisions);
    printf("%zu passed, %zu failed\n", r.passed, r.failed);
    return r.failed == 0 && r.passed > 0 ? 0 : 1;
}
