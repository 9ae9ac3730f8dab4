/* Holds variable references against what DescribeStateMachine and DescribeStateMachineForExecution
 * said of recorded machines: `run-variables [DIR]`.
 *
 * A case is a JSON file anywhere below the folder with steps, and a step that expects a definition
 * expects its variableReferences, or that it has none. What uses what is not supported yet is
 * counted. One line per failure, then "N passed, M failed". */
#include <asl/asl.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t passed, failed, unsupported;

static bool is_only_unsupported(const asl_diagnostics *list)
{
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *one = asl_diagnostics_at(list, i);
        if (one->severity == ASL_SEVERITY_ERROR && strcmp(one->code, "UNSUPPORTED") != 0)
            return false;
    }
    return true;
}

/* ASL_OK, ASL_UNSUPPORTED, or why it cannot be loaded. Where a recording blanked something of the
 * definition that it shows, the one that was sent before is meant. */
static int load(const asl_value *shown, const char *sent, asl_definition **ret_definition)
{
    asl_diagnostics *list = NULL;
    char *text = NULL;
    int status = asl_value_print(shown, 0, &text, NULL);
    if (status == ASL_OK) {
        const char *meant = strstr(text, "{{") != NULL && sent != NULL ? sent : text;
        status = asl_definition_load(meant, strlen(meant), NULL, ret_definition, &list, NULL);
    }
    if (status == ASL_INVALID && is_only_unsupported(list))
        status = ASL_UNSUPPORTED;
    asl_diagnostics_free(list);
    asl_text_free(text);
    return status;
}

static void complain(const char *path, const asl_value *expected, const asl_value *got)
{
    char *left = NULL, *right = NULL;
    failed++;
    (void)asl_value_print(expected, 0, &left, NULL);
    (void)asl_value_print(got, 0, &right, NULL);
    printf("%s: expected %s, got %s\n", path, left != NULL ? left : "?",
           right != NULL ? right : "?");
    asl_text_free(left);
    asl_text_free(right);
}

static void check_expected(const char *path, const asl_value *expect, const char *sent)
{
    asl_definition *definition = NULL;
    asl_value *references = NULL, *none = asl_value_object(NULL);
    const asl_value *expected = asl_value_get(expect, "variableReferences");
    int status = load(asl_value_get(expect, "definition"), sent, &definition);
    if (status == ASL_OK)
        status = asl_definition_variables(definition, NULL, &references);
    if (status == ASL_UNSUPPORTED) {
        unsupported++;
    } else if (status != ASL_OK) {
        failed++;
        printf("%s: %s\n", path, asl_status_name(status));
    } else if (!asl_value_equal(references, expected != NULL ? expected : none)) {
        complain(path, expected != NULL ? expected : none, references);
    } else {
        passed++;
    }
    asl_value_unref(none);
    asl_value_unref(references);
    asl_definition_unref(definition);
}

static void check_steps(const char *path, const asl_value *record)
{
    const asl_value *steps = asl_value_get(record, "steps");
    const char *sent = NULL;
    for (size_t i = 0; i < asl_value_count(steps); i++) {
        const asl_value *step = asl_value_at(steps, i);
        const asl_value *expect = asl_value_get(step, "expect");
        const asl_value *given = asl_value_get(asl_value_get(step, "params"), "definition");
        const char *action = asl_value_get_string(asl_value_get(step, "action"), NULL);
        const asl_value *definition = asl_value_get(expect, "definition");
        sent = asl_value_get_string(given, NULL) != NULL ? asl_value_get_string(given, NULL) : sent;
        if (action != NULL && strncmp(action, "DescribeStateMachine", 20) == 0 &&
            definition != NULL && asl_value_kind(definition) == ASL_KIND_OBJECT)
            check_expected(path, expect, sent);
    }
}

static int check_file(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)place;
    size_t size = strlen(path);
    if (kind != FTW_F || size < 5 || strcmp(path + size - 5, ".json") != 0)
        return 0;
    FILE *file = fopen(path, "rb");
    char *text = malloc((size_t)info->st_size + 1);
    size_t read = file != NULL && text != NULL ? fread(text, 1, (size_t)info->st_size, file) : 0;
    asl_value *record = NULL;
    if (read != (size_t)info->st_size ||
        asl_value_parse(NULL, text, read, 0, &record, NULL) != ASL_OK) {
        failed++;
        printf("%s: cannot be read\n", path);
    }
    check_steps(path, record);
    asl_value_unref(record);
    free(text);
    if (file != NULL)
        fclose(file);
    return 0;
}

/* The folder to run where none is named: the corpus, else the cases of our own. */
static const char *default_folder(char *room, size_t size)
{
    struct stat info;
    const char *corpora = getenv("ASL_CORPORA");
    snprintf(room, size, "%s/aws-api", corpora != NULL ? corpora : ASL_CORPORA_FOLDER);
    return stat(room, &info) == 0 && S_ISDIR(info.st_mode) ? room : ASL_CASES_FOLDER;
}

int main(int argc, char **argv)
{
    char room[4096];
    const char *folder = argc > 1 ? argv[1] : default_folder(room, sizeof room);
    if (argc > 2 || nftw(folder, check_file, 16, FTW_PHYS) != 0) {
        fprintf(stderr, "usage: run-variables [DIR]\n%s cannot be read\n", folder);
        return 2;
    }
    printf("%zu use what is not supported yet\n", unsupported);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
