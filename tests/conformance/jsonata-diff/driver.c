/* Evaluates what stands in lines: {"expression": TEXT, "data": VALUE}, no data meaning no input.
 * For each line one is printed: "= RESULT", "undefined", "function", or "error CODE TOKEN", where
 * the token, a JSON string, may be missing. */
#include <asl/jsonata.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C(1700000000123) /* oracle.js says the same */

static void print_value(const asl_value *value, const char *before)
{
    char *text = NULL;
    if (asl_value_print(value, 0, &text, NULL) != ASL_OK) {
        puts("error nomem");
        return;
    }
    printf("%s%s\n", before, text);
    asl_text_free(text);
}

static void print_error(int status, const asl_error *error)
{
    const char *code = asl_error_code(error);
    const char *token = asl_error_token(error);
    if (status == ASL_UNSUPPORTED && (code == NULL || code[0] == '\0')) {
        puts("function");
        return;
    }
    printf("error %s", code != NULL && code[0] != '\0' ? code : asl_status_name(status));
    asl_value *text = token != NULL ? asl_value_string(NULL, token) : NULL;
    if (text != NULL)
        print_value(text, " ");
    else
        putchar('\n');
    asl_value_unref(text);
}

static void run(const asl_value *line)
{
    const asl_jsonata_options options = {.size = sizeof options, .now_ms = NOW_MS};
    size_t size = 0;
    const char *text = asl_value_get_string(asl_value_get(line, "expression"), &size);
    asl_jsonata *expression = NULL;
    asl_value *result = NULL;
    asl_error *error = NULL;
    int status = asl_jsonata_compile(NULL, text, size, 0, &expression, &error);
    if (status == ASL_OK)
        status = asl_jsonata_evaluate(expression, asl_value_get(line, "data"), &options, &result,
                                      &error);
    if (status != ASL_OK)
        print_error(status, error);
    else if (result == NULL)
        puts("undefined");
    else
        print_value(result, "= ");
    asl_value_unref(result);
    asl_error_free(error);
    asl_jsonata_unref(expression);
}

int main(void)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((size = getline(&text, &capacity, stdin)) > 0) {
        asl_value *line = NULL;
        if (asl_value_parse(NULL, text, (size_t)size, 0, &line, NULL) == ASL_OK)
            run(line);
        else
            puts("error line");
        asl_value_unref(line);
    }
    free(text);
    return 0;
}
