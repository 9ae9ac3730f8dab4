/* Runs a folder of definitions: `run-definitions [DIR]`, with the folders valid and invalid in it.
 *
 * A case is a JSON file with a definition (or its text) and a verdict. Valid ones must load, and
 * have the graph that the document draws; invalid ones must be refused, and where AWS recorded its
 * diagnostics ours must be the same in code, message and place. A definition whose only problems
 * are features that are not supported yet passes and is counted apart. The table of exceptions
 * names the cases whose verdict is not followed, with the reason; they must contradict it. One line
 * per failing case, then "N passed, M failed". */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <asl/definition.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "run-definitions-graph.h"
#include "value/value.h"

typedef struct run {
    asl_buffer exceptions;
    size_t passed, failed, unsupported, excepted, compared, drawn;
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

/* A line of the table is "ID<tab>reason". */
static bool is_excepted(run *r, const char *id)
{
    size_t size = strlen(id);
    for (const char *line = asl_buffer_string(&r->exceptions); line != NULL && *line != '\0';) {
        if (strncmp(line, id, size) == 0 && line[size] == '\t')
            return true;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return false;
}

static const char *text_of(const asl_value *object, const char *key)
{
    const asl_value *member = object == NULL ? NULL : asl_value_get(object, key);
    return member == NULL ? NULL : asl_value_get_string(member, NULL);
}

/* The definition's bytes: as they were sent where that is known. */
static bool definition_text(const asl_value *record, asl_buffer *text)
{
    size_t size = 0;
    const asl_value *exact = asl_value_get(record, "definitionText");
    const asl_value *definition = asl_value_get(record, "definition");
    if (exact != NULL) {
        const char *bytes = asl_value_get_string(exact, &size);
        asl_buffer_append(text, bytes, size);
    } else if (definition != NULL) {
        asl_value_print_to(definition, text);
    }
    return text->status == ASL_OK && (exact != NULL || definition != NULL);
}

static bool is_unsupported(const asl_diagnostic *diagnostic)
{
    return strcmp(diagnostic->code, "UNSUPPORTED") == 0;
}

static size_t count_errors(const asl_diagnostics *list, bool unsupported)
{
    size_t count = 0;
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        count +=
            diagnostic->severity == ASL_SEVERITY_ERROR && is_unsupported(diagnostic) == unsupported;
    }
    return count;
}

/* As CreateStateMachine says it. */
static void print_creation(const asl_diagnostics *list, asl_buffer *out)
{
    asl_buffer_text(out, "Invalid State Machine Definition: '");
    bool is_first = true;
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        if (diagnostic->severity != ASL_SEVERITY_ERROR || is_unsupported(diagnostic))
            continue;
        asl_buffer_format(out, "%s%s: %s at %s", is_first ? "" : ", ", diagnostic->code,
                          diagnostic->message,
                          diagnostic->location != NULL ? diagnostic->location : "null");
        is_first = false;
    }
    asl_buffer_byte(out, '\'');
}

static bool is_same(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

/* As ValidateStateMachineDefinition lists them. */
static bool is_same_list(const asl_diagnostics *list, const asl_value *expected)
{
    size_t next = 0;
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        if (diagnostic->severity != ASL_SEVERITY_ERROR || is_unsupported(diagnostic))
            continue;
        const asl_value *wanted = asl_value_at(expected, next++);
        if (wanted == NULL || !is_same(diagnostic->code, text_of(wanted, "code")) ||
            !is_same(diagnostic->message, text_of(wanted, "message")) ||
            !is_same(diagnostic->location, text_of(wanted, "location")))
            return false;
    }
    return next == asl_value_count(expected);
}

static bool is_recorded(const asl_value *record)
{
    const asl_value *recorded = asl_value_get(record, "awsRecorded");
    return recorded != NULL && asl_value_kind(recorded) == ASL_KIND_TRUE;
}

/* NULL where our diagnostics are AWS's. */
static const char *compare_recorded(const asl_value *record, const asl_diagnostics *list)
{
    const asl_value *expected = asl_value_get(record, "diagnostics");
    const char *code = text_of(asl_value_at(expected, 0), "code");
    if (code == NULL)
        return NULL;
    if (strcmp(code, "InvalidDefinition") != 0)
        return is_same_list(list, expected) ? NULL : "other diagnostics than AWS's";
    asl_cleanup(asl_buffer_done) asl_buffer ours;
    asl_buffer_init(&ours, NULL);
    print_creation(list, &ours);
    const char *theirs = text_of(asl_value_at(expected, 0), "message");
    return is_same(asl_buffer_string(&ours), theirs) ? NULL : "other diagnostics than AWS's";
}

static const char *judge_valid(run *r, const asl_buffer *text, const asl_definition *definition,
                               const asl_diagnostics *list)
{
    if (definition == NULL)
        return count_errors(list, false) == 0 ? NULL : "refused, must be accepted";
    asl_cleanup(asl_value_cleanup) asl_value *document = NULL;
    if (asl_value_parse(NULL, text->bytes, text->size, 0, &document, NULL) != ASL_OK)
        return "accepted, and cannot be parsed";
    r->drawn++;
    return graph_is_same(definition, document) ? NULL : "another graph than the document's";
}

static const char *judge_invalid(run *r, const asl_value *record, int status,
                                 const asl_diagnostics *list)
{
    if (status == ASL_OK)
        return "accepted, must be refused";
    if (!is_recorded(record))
        return NULL;
    r->compared++;
    return compare_recorded(record, list);
}

static void print_failure(const char *id, const char *problem, const asl_diagnostics *list)
{
    printf("%s: %s", id, problem);
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        if (diagnostic->severity == ASL_SEVERITY_ERROR)
            printf("; %s: %s at %s", diagnostic->code, diagnostic->message,
                   diagnostic->location != NULL ? diagnostic->location : "null");
    }
    printf("\n");
}

static void run_record(run *r, const asl_value *record, const char *name)
{
    const char *id = text_of(record, "id"), *expected = text_of(record, "expected");
    const char *type = text_of(record, "type"), *problem = NULL;
    asl_cleanup(asl_buffer_done) asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_diagnostics *list = NULL;
    asl_definition *definition = NULL;
    asl_definition_options options = {.size = sizeof options};
    id = id != NULL ? id : name;
    if (type != NULL && strcmp(type, "EXPRESS") == 0)
        options.flags = ASL_DEFINITION_EXPRESS;
    if (!definition_text(record, &text) || expected == NULL) {
        problem = "the case has no definition or no verdict";
    } else {
        int status = asl_definition_load(text.bytes, text.size, &options, &definition, &list, NULL);
        if (status != ASL_OK && status != ASL_INVALID)
            problem = asl_status_name(status);
        else if (strcmp(expected, "valid") == 0)
            problem = judge_valid(r, &text, definition, list);
        else
            problem = judge_invalid(r, record, status, list);
        if (problem == NULL && status == ASL_INVALID && count_errors(list, false) == 0)
            r->unsupported++;
        if (is_excepted(r, id)) {
            r->excepted += problem != NULL;
            problem = problem == NULL ? "stands among the exceptions, and is none" : NULL;
        }
    }
    *(problem == NULL ? &r->passed : &r->failed) += 1;
    if (problem != NULL)
        print_failure(id, problem, list);
    asl_diagnostics_free(list);
    asl_definition_unref(definition);
}

static void run_file(run *r, const char *path, const char *name)
{
    asl_cleanup(asl_buffer_done) asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    asl_cleanup(asl_value_cleanup) asl_value *content = NULL;
    if (!read_file(path, &bytes) ||
        asl_value_parse(NULL, bytes.bytes, bytes.size, 0, &content, NULL) != ASL_OK) {
        r->failed++;
        printf("%s: cannot be read\n", name);
        return;
    }
    if (!asl_value_is_array(content)) {
        run_record(r, content, name);
        return;
    }
    for (size_t i = 0; i < asl_value_count(content); i++)
        run_record(r, asl_value_at(content, i), name);
}

static int is_case(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static void run_folder(run *r, const char *root, const char *folder)
{
    char path[4096];
    struct dirent **entries = NULL;
    snprintf(path, sizeof path, "%s/%s", root, folder);
    int count = scandir(path, &entries, is_case, alphasort);
    for (int i = 0; i < count; i++) {
        char file[8192];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        run_file(r, file, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The folder to run where none is named: the corpus, else the cases of our own. */
static const char *default_folder(char *room, size_t size)
{
    const char *corpora = getenv("ASL_CORPORA");
    snprintf(room, size, "%s/asl-definitions", corpora != NULL ? corpora : ASL_CORPORA_FOLDER);
    return is_folder(room) ? room : ASL_CASES_FOLDER;
}

int main(int argc, char **argv)
{
    char room[4096];
    const char *folder = argc > 1 ? argv[1] : default_folder(room, sizeof room);
    run r = {0};
    asl_buffer_init(&r.exceptions, NULL);
    if (argc > 2 || !is_folder(folder) || !read_file(ASL_EXCEPTIONS_FILE, &r.exceptions)) {
        fprintf(stderr, "usage: run-definitions [DIR]\n%s is not a folder of cases\n", folder);
        return 2;
    }
    run_folder(&r, folder, "valid");
    run_folder(&r, folder, "invalid");
    asl_buffer_done(&r.exceptions);
    printf("%zu use what is not supported yet, %zu are exceptions, %zu compared with AWS's "
           "diagnostics, %zu graphs compared\n",
           r.unsupported, r.excepted, r.compared, r.drawn);
    printf("%zu passed, %zu failed\n", r.passed, r.failed);
    return r.failed == 0 && r.passed > 0 ? 0 : 1;
}
