/* Runs folders of JSONata cases: `run-jsonata [DIR...]`.
 *
 * A folder holds groups/NAME.json, arrays of cases, and datasets/NAME.json, their inputs. A case
 * has an expression, its data or the name of a dataset, bindings, and what comes of it: a result,
 * nothing (undefinedResult), or an error's code and token. Where it says that version 2.0.6 of the
 * language does something else ("in206"), that is expected; what 2.0.6 does without end, or by a
 * fault of JavaScript's, is only run. A case that is named in the list of exceptions may fail.
 * Prints one line per failing case, then "N passed, M failed". */
#include <asl/asl.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "value/value.h"

typedef struct run {
    asl_buffer exceptions;
    const char *folder;
    size_t passed, failed, excepted, only_run;
} run;

static const char *text_of(const asl_value *object, const char *key)
{
    const char *text = asl_value_get_string(asl_value_get(object, key), NULL);
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

static int surrogate_at(const char *text)
{
    unsigned unit = 0;
    if (text[0] != '\\' || text[1] != 'u' || sscanf(text + 2, "%4x", &unit) != 1)
        return 0;
    return unit >= 0xD800 && unit <= 0xDBFF ? 1 : unit >= 0xDC00 && unit <= 0xDFFF ? 2 : 0;
}

/* A lone surrogate cannot be in a value: it stays an escape, which the expression then has. */
static void keep_lone_surrogates(const char *text, asl_buffer *out)
{
    while (*text != '\0') {
        int kind = surrogate_at(text);
        size_t size = kind == 1 && surrogate_at(text + 6) == 2 ? 12 : kind != 0 ? 6 : 1;
        if (size == 1 && text[0] == '\\' && text[1] != '\0')
            size = 2;
        if (size == 6)
            asl_buffer_byte(out, '\\');
        asl_buffer_append(out, text, size);
        text += size;
    }
}

static asl_value *parse_file(const char *path)
{
    asl_buffer text, kept;
    asl_value *value = NULL;
    asl_error *error = NULL;
    asl_buffer_init(&text, NULL);
    asl_buffer_init(&kept, NULL);
    if (read_file(path, &text) && asl_buffer_string(&text) != NULL)
        keep_lone_surrogates(text.bytes, &kept);
    if (kept.size == 0 || asl_value_parse(NULL, kept.bytes, kept.size, 0, &value, &error) != ASL_OK)
        fprintf(stderr, "%s: %s\n", path, error == NULL ? "cannot read" : asl_error_message(error));
    asl_error_free(error);
    asl_buffer_done(&text);
    asl_buffer_done(&kept);
    return value;
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

/* What came of a case. */
typedef struct outcome {
    int status;
    asl_value *value; /* NULL: nothing */
    asl_error *error;
} outcome;

static const asl_value *find_variable(void *context, const char *name, size_t size)
{
    return asl_value_get_sized(context, name, size);
}

static bool has_no_input(const asl_value *item)
{
    const asl_value *data = asl_value_get(item, "data");
    const asl_value *dataset = asl_value_get(item, "dataset");
    return data == NULL && (dataset == NULL || asl_value_kind(dataset) == ASL_KIND_NULL);
}

static asl_value *input_of(const run *run_, const asl_value *item)
{
    const asl_value *data = asl_value_get(item, "data");
    if (data != NULL || has_no_input(item))
        return asl_value_ref(data);
    char path[4096];
    snprintf(path, sizeof path, "%s/datasets/%s.json", run_->folder, text_of(item, "dataset"));
    return parse_file(path);
}

static void evaluate(const run *run_, const asl_value *item, outcome *ret)
{
    size_t size = 0;
    const char *text = asl_value_get_string(asl_value_get(item, "expr"), &size);
    asl_cleanup(asl_value_cleanup) asl_value *input = input_of(run_, item);
    int64_t depth = 0;
    asl_value_get_integer(asl_value_get(item, "depth"), &depth);
    asl_jsonata *expression = NULL;
    asl_jsonata_options options = {.size = sizeof options, .variable = find_variable};
    options.context = (void *)(uintptr_t)asl_value_get(item, "bindings");
    options.depth_max = (size_t)depth;
    *ret = (outcome){.status = ASL_OK};
    ret->status = asl_jsonata_compile(NULL, text, size, 0, &expression, &ret->error);
    if (ret->status == ASL_OK)
        ret->status = asl_jsonata_evaluate(expression, input, &options, &ret->value, &ret->error);
    asl_jsonata_unref(expression);
}

static bool is_in(const asl_value *array, const asl_value *wanted, bool *is_taken)
{
    for (size_t i = 0; i < asl_value_count(array); i++) {
        if (!is_taken[i] && asl_value_equal(asl_value_at(array, i), wanted))
            return is_taken[i] = true;
    }
    return false;
}

/* The same items in any order. */
static bool is_same_set(const asl_value *left, const asl_value *right)
{
    size_t count = asl_value_count(left);
    if (!asl_value_is_array(left) || right == NULL || !asl_value_is_array(right) ||
        asl_value_count(right) != count)
        return asl_value_equal(left, right);
    bool *is_taken = calloc(count + 1, sizeof *is_taken), is_same = is_taken != NULL;
    for (size_t i = 0; i < count && is_same; i++)
        is_same = is_in(right, asl_value_at(left, i), is_taken);
    free(is_taken);
    return is_same;
}

/* What is expected: `item`, or what version 2.0.6 does instead. NULL: nothing can be. */
static const asl_value *expectation(const asl_value *item)
{
    const asl_value *passes = asl_value_get(asl_value_get(item, "passes"), "2.0.6");
    if (passes == NULL || asl_value_kind(passes) == ASL_KIND_TRUE)
        return item;
    const asl_value *instead = asl_value_get(item, "in206");
    bool has_code =
        *text_of(instead, "code") != '\0' && strcmp(text_of(instead, "code"), "TIMEOUT");
    return has_code || asl_value_get(instead, "result") != NULL ? instead : NULL;
}

static const char *compare(const asl_value *item, const asl_value *expected, const outcome *got)
{
    const char *code = text_of(expected, "code"), *token = text_of(expected, "token");
    const asl_value *result = asl_value_get(expected, "result");
    if (*code != '\0' || asl_value_get(expected, "error") != NULL) {
        if (got->status == ASL_OK)
            return "no error";
        if (*code != '\0' && strcmp(code, asl_error_code(got->error)) != 0)
            return "another error";
        return *token != '\0' && strcmp(token, asl_error_token(got->error)) != 0 ? "another token"
                                                                                 : NULL;
    }
    if (got->status != ASL_OK)
        return "an error";
    if (result == NULL)
        return got->value == NULL ? NULL : "a result";
    if (got->value == NULL)
        return "no result";
    bool is_unordered = asl_value_get(item, "unordered") != NULL;
    bool is_same =
        is_unordered ? is_same_set(result, got->value) : asl_value_equal(result, got->value);
    return is_same ? NULL : "another result";
}

static void print_value(const asl_value *value)
{
    char *text = NULL;
    if (value != NULL && asl_value_print(value, 0, &text, NULL) == ASL_OK)
        printf("%.300s", text);
    else
        printf("nothing");
    asl_text_free(text);
}

static void report(run *run_, const asl_value *item, const asl_value *expected, const char *problem,
                   const outcome *got)
{
    bool is_exception = is_excepted(run_, text_of(item, "id"));
    *(is_exception ? &run_->excepted : &run_->failed) += 1;
    printf("%s %s: %s: expected ", is_exception ? "excepted" : "FAILED", text_of(item, "id"),
           problem);
    if (*text_of(expected, "code") != '\0')
        printf("%s %s", text_of(expected, "code"), text_of(expected, "token"));
    else
        print_value(asl_value_get(expected, "result"));
    printf(", got ");
    if (got->status != ASL_OK)
        printf("%s %s: %s", asl_error_code(got->error), asl_error_token(got->error),
               asl_error_message(got->error));
    else
        print_value(got->value);
    printf("; %.200s\n", text_of(item, "expr"));
}

static void run_case(run *run_, const asl_value *item)
{
    outcome got;
    const asl_value *expected = expectation(item);
    evaluate(run_, item, &got);
    const char *problem = expected != NULL ? compare(item, expected, &got) : NULL;
    if (expected == NULL)
        run_->only_run++;
    else if (problem == NULL)
        run_->passed++;
    else
        report(run_, item, expected, problem, &got);
    asl_value_unref(got.value);
    asl_error_free(got.error);
}

static int choose_json(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static bool run_folder(run *run_, const char *folder)
{
    char groups[4096];
    struct dirent **entries = NULL;
    run_->folder = folder;
    snprintf(groups, sizeof groups, "%s/groups", folder);
    int count = scandir(groups, &entries, choose_json, alphasort);
    bool is_good = count > 0;
    if (!is_good)
        fprintf(stderr, "%s: no cases here\n", groups);
    for (int i = 0; i < count; i++) {
        char path[8192];
        snprintf(path, sizeof path, "%s/%s", groups, entries[i]->d_name);
        asl_cleanup(asl_value_cleanup) asl_value *cases = parse_file(path);
        is_good = is_good && cases != NULL;
        for (size_t j = 0; cases != NULL && j < asl_value_count(cases); j++)
            run_case(run_, asl_value_at(cases, j));
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

/* The shared corpus where it is, else the cases of our own. */
static const char *default_folder(char *room, size_t size)
{
    const char *root = getenv("ASL_CORPORA");
    struct stat status;
    snprintf(room, size, "%s/jsonata-suite",
             root == NULL || *root == '\0' ? ASL_CORPORA_FOLDER : root);
    return stat(room, &status) == 0 ? room : ASL_CASES_FOLDER;
}

int main(int argc, char **argv)
{
    run run_ = {0};
    char room[4096];
    asl_buffer_init(&run_.exceptions, NULL);
    bool is_good = read_file(ASL_EXCEPTIONS_FILE, &run_.exceptions);
    if (argc == 1)
        is_good = run_folder(&run_, default_folder(room, sizeof room)) && is_good;
    for (int i = 1; i < argc; i++)
        is_good = run_folder(&run_, argv[i]) && is_good;
    asl_buffer_done(&run_.exceptions);
    printf("%zu cases excepted, %zu only run\n", run_.excepted, run_.only_run);
    printf("%zu passed, %zu failed\n", run_.passed, run_.failed);
    return is_good && run_.failed == 0 && run_.passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
