/* Runs folders of JSONPath and intrinsic cases: `run-jsonpath [-v] [DIR...]`.
 *
 * A folder holds JSON files, each an array of cases. A case with a "selector" says what Jayway
 * answers for it ("jayway": a result, or at which stage it is refused and why). A case of kind
 * "path" or "intrinsic" has an "expr", its "input", and the value it gives or that it throws. The
 * messages of refusals at evaluation are compared too, since they appear in causes. A case that is
 * named in the list of exceptions may fail. Prints one line per failing case, then
 * "N passed, M failed". */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "intrinsics/intrinsics.h"

typedef struct run {
    asl_buffer exceptions;
    size_t passed, failed, excepted, unlike;
    bool is_verbose;
} run;

static const char *text_of(const asl_value *object, const char *key, size_t *ret_size)
{
    size_t size = 0;
    const asl_value *member = asl_value_get(object, key);
    const char *text = member == NULL ? NULL : asl_value_get_string(member, &size);
    if (ret_size != NULL)
        *ret_size = size;
    return text == NULL ? "" : text;
}

static bool read_file(const char *path, asl_buffer *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[65536];
    size_t size;
    while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
        asl_buffer_append(bytes, chunk, size);
    bool is_read = ferror(file) == 0;
    fclose(file);
    return is_read && bytes->status == ASL_OK;
}

/* Whether a line of the exceptions is this case's id (the reason stands in the lines before). */
static bool is_excepted(run *run_, const char *id)
{
    const char *line = asl_buffer_string(&run_->exceptions);
    size_t size = strlen(id);
    while (line != NULL && *line != '\0') {
        if (strncmp(line, id, size) == 0 && (line[size] == '\n' || line[size] == '\0'))
            return true;
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return false;
}

static void print_value(const asl_value *value)
{
    char *text = NULL;
    if (value != NULL && asl_value_print(value, 0, &text, NULL) == ASL_OK)
        printf("%.200s", text);
    else
        printf("nothing");
    asl_text_free(text);
}

/* Counts a case; says what is wrong with it where something is. */
static void settle(run *run_, const char *id, const char *problem, const asl_value *expected,
                   const asl_value *got)
{
    if (problem == NULL) {
        run_->passed++;
        return;
    }
    bool is_exception = is_excepted(run_, id);
    *(is_exception ? &run_->excepted : &run_->failed) += 1;
    printf("%s %s: %s: expected ", is_exception ? "excepted" : "FAILED", id, problem);
    print_value(expected);
    printf(", got ");
    print_value(got);
    printf("\n");
}

static void compare_messages(run *run_, const char *id, const asl_value *jayway,
                             const asl_path_failure *failure)
{
    const asl_value *expected = asl_value_get(jayway, "message");
    if (expected != NULL && failure->message != NULL && asl_value_equal(expected, failure->message))
        return;
    run_->unlike++;
    printf("message of %s: expected ", id);
    print_value(expected);
    printf(", got ");
    print_value(failure->message);
    printf("\n");
}

static void run_evaluation(run *run_, const char *id, const asl_path *path,
                           const asl_value *document, const asl_value *jayway)
{
    asl_cleanup(asl_value_cleanup) asl_value *result = NULL;
    asl_path_failure failure = {NULL, false};
    int status = asl_path_evaluate(path, document, &result, &failure);
    const asl_value *expected = asl_value_get(jayway, "result");
    const char *problem = NULL;
    if (strcmp(text_of(jayway, "stage", NULL), "compile") == 0)
        problem = "is not refused when it is compiled";
    else if (strcmp(text_of(jayway, "stage", NULL), "read") == 0)
        problem = status == ASL_NOT_FOUND ? NULL : "is not refused";
    else if (status != ASL_OK)
        problem = asl_status_name(status);
    else if (!asl_value_equal(expected, result))
        problem = "another result";
    settle(run_, id, problem, expected, status == ASL_OK ? result : failure.message);
    if (problem == NULL && status == ASL_NOT_FOUND)
        compare_messages(run_, id, jayway, &failure);
    asl_value_unref(failure.message);
}

static void run_selector(run *run_, const char *id, const asl_value *item)
{
    const asl_value *jayway = asl_value_get(item, "jayway");
    asl_cleanup(asl_value_cleanup) asl_value *empty = asl_value_object(NULL);
    const asl_value *document = asl_value_get(item, "document");
    size_t size;
    const char *selector = text_of(item, "selector", &size);
    asl_path *path = NULL;
    asl_error *error = NULL;
    int status = asl_path_compile(NULL, selector, size, ASL_PATH_JAYWAY, &path, &error);
    if (status == ASL_OK) {
        run_evaluation(run_, id, path, document != NULL ? document : empty, jayway);
    } else {
        bool is_expected = strcmp(text_of(jayway, "stage", NULL), "compile") == 0;
        if (is_expected && run_->is_verbose)
            printf("%s\n  %s\n  %s\n", selector, text_of(jayway, "message", NULL),
                   asl_error_message(error));
        asl_cleanup(asl_value_cleanup) asl_value *message =
            asl_value_string(NULL, asl_error_message(error));
        settle(run_, id, is_expected ? NULL : "is refused when it is compiled",
               asl_value_get(jayway, "result"), message);
    }
    asl_error_free(error);
    asl_path_free(path);
}

typedef struct roots {
    const asl_value *input, *context;
} roots;

static int read_path(void *owner, const asl_path *path, asl_value **ret_value)
{
    const roots *from = owner;
    bool is_context = asl_path_root_of(path) == ASL_PATH_CONTEXT;
    return asl_path_evaluate(path, is_context ? from->context : from->input, ret_value, NULL);
}

static uint64_t draw(void *owner)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;
    (void)owner;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state ^ state >> 29;
}

static int call_intrinsic(const asl_value *item, asl_value **ret_value)
{
    size_t size;
    const char *text = text_of(item, "expr", &size);
    asl_intrinsic *call = NULL;
    int status = asl_intrinsic_compile(NULL, text, size, &call, NULL);
    roots from = {asl_value_get(item, "input"), asl_value_get(item, "context")};
    asl_intrinsic_environment environment = {
        .owner = &from, .path = read_path, .random = draw, .payload_bytes = 262144};
    asl_cleanup(asl_value_cleanup) asl_value *cause = NULL;
    if (status == ASL_OK)
        status = asl_intrinsic_call(call, &environment, ret_value, &cause);
    asl_intrinsic_free(call);
    return status;
}

static int read_expression(const asl_value *item, asl_value **ret_value)
{
    size_t size;
    const char *text = text_of(item, "expr", &size);
    roots from = {asl_value_get(item, "input"), asl_value_get(item, "context")};
    asl_path *path = NULL;
    int status = asl_path_compile(NULL, text, size, 0, &path, NULL);
    if (status == ASL_OK)
        status = read_path(&from, path, ret_value);
    asl_path_free(path);
    return status;
}

static void run_expectation(run *run_, const char *id, const asl_value *item)
{
    bool is_path = strcmp(text_of(item, "kind", NULL), "path") == 0;
    if (!is_path && strcmp(text_of(item, "kind", NULL), "intrinsic") != 0)
        return;
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = (is_path ? read_expression : call_intrinsic)(item, &value);
    const asl_value *expect = asl_value_get(item, "expect");
    const asl_value *expected = asl_value_get(expect, "value");
    const char *problem = NULL;
    if (asl_value_get(expect, "throws") != NULL)
        problem = status == ASL_OK ? "is not refused" : NULL;
    else if (status != ASL_OK)
        problem = asl_status_name(status);
    else if (!asl_value_equal(expected, value))
        problem = "another result";
    settle(run_, id, problem, expected, value);
}

static bool run_file(run *run_, const char *path)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_cleanup(asl_value_cleanup) asl_value *cases = NULL;
    asl_error *error = NULL;
    bool is_good = read_file(path, &text) &&
                   asl_value_parse(NULL, text.bytes, text.size, 0, &cases, &error) == ASL_OK;
    if (!is_good)
        fprintf(stderr, "%s: %s\n", path, error == NULL ? "cannot read" : asl_error_message(error));
    for (size_t i = 0; is_good && i < asl_value_count(cases); i++) {
        const asl_value *item = asl_value_at(cases, i);
        const char *id = text_of(item, "id", NULL);
        if (asl_value_get(item, "selector") != NULL)
            run_selector(run_, id, item);
        else
            run_expectation(run_, id, item);
    }
    asl_error_free(error);
    asl_buffer_done(&text);
    return is_good;
}

static int choose_json(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0 &&
           strcmp(entry->d_name, "ORIGIN.json") != 0;
}

static bool run_folder(run *run_, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, choose_json, alphasort);
    bool is_good = count > 0;
    if (!is_good)
        fprintf(stderr, "%s: no cases here\n", folder);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        is_good = run_file(run_, path) && is_good;
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The shared corpora where they are, else the cases of our own. */
static bool run_default(run *run_)
{
    static const char *const folders[] = {"jsonpath-jayway", "jsonpath-cts",
                                          "community-expectations"};
    const char *root = getenv("ASL_CORPORA");
    if (root == NULL || *root == '\0')
        root = ASL_CORPORA_FOLDER;
    if (!is_folder(root))
        return run_folder(run_, ASL_CASES_FOLDER);
    bool is_good = true;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        is_good = run_folder(run_, path) && is_good;
    }
    return is_good;
}

int main(int argc, char **argv)
{
    run run_ = {0};
    asl_buffer_init(&run_.exceptions, NULL);
    bool is_good = read_file(ASL_EXCEPTIONS_FILE, &run_.exceptions);
    int first = 1;
    if (argc > 1 && strcmp(argv[1], "-v") == 0) {
        run_.is_verbose = true;
        first++;
    }
    if (first == argc)
        is_good = run_default(&run_) && is_good;
    for (int i = first; i < argc; i++)
        is_good = run_folder(&run_, argv[i]) && is_good;
    asl_buffer_done(&run_.exceptions);
    printf("%zu messages differ, %zu cases excepted\n", run_.unlike, run_.excepted);
    printf("%zu passed, %zu failed\n", run_.passed, run_.failed);
    return is_good && run_.failed == 0 && run_.passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
