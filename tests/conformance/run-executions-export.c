/* A recorded history in the shape of GetExecutionHistory: payloads become JSON text again, with the
 * exact text where it was recorded. */
#include <stdlib.h>
#include <string.h>

#include "run-executions.h"

static asl_value *json_text(const asl_value *value)
{
    char *text = NULL;
    size_t size = 0;
    if (asl_value_print(value, 0, &text, &size) != ASL_OK)
        return NULL;
    asl_value *string = asl_value_string_sized(NULL, text, size);
    asl_text_free(text);
    return string;
}

/* A cause as it was before it was recorded as JSON: a function's own text has spaces. */
static asl_value *cause_text(const asl_value *value, bool is_of_function)
{
    if (!is_of_function)
        return json_text(value);
    char *text = python_text(value, false);
    asl_value *string = text != NULL ? asl_value_string(NULL, text) : NULL;
    free(text);
    return string;
}

static asl_value *export_variables(const asl_value *variables, const asl_value *texts)
{
    asl_value *exported = asl_value_object(NULL);
    for (size_t i = 0; i < asl_value_count(variables); i++) {
        const char *name = asl_value_get_string(asl_value_key(variables, i), NULL);
        const asl_value *exact = asl_value_get(texts, name);
        asl_value_set(&exported, name,
                      exact != NULL ? asl_value_ref(exact) : json_text(asl_value_at(variables, i)));
    }
    return exported;
}

static bool is_payload(const char *key)
{
    return strcmp(key, "input") == 0 || strcmp(key, "output") == 0 ||
           strcmp(key, "parameters") == 0;
}

static void export_detail(asl_value **exported, const asl_value *details, const char *key,
                          bool is_of_function)
{
    static const char *const texts[] = {"inputText", "outputText", "parametersText"};
    const asl_value *value = asl_value_get(details, key);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t size = strlen(texts[i]) - strlen("Text");
        if (strcmp(key, texts[i]) == 0)
            asl_value_set_sized(exported, key, size, asl_value_ref(value));
    }
    if (is_payload(key) && asl_value_get(*exported, key) == NULL)
        asl_value_set(exported, key, json_text(value));
    else if (strcmp(key, "causeJson") == 0)
        asl_value_set(exported, "cause", cause_text(value, is_of_function));
    else if (strcmp(key, "assignedVariables") == 0)
        asl_value_set(exported, key,
                      export_variables(value, asl_value_get(details, "assignedVariablesText")));
    else if (!is_payload(key) && strstr(key, "Text") == NULL)
        asl_value_set(exported, key, asl_value_ref(value));
}

static asl_value *export_event(const asl_value *event, bool is_of_function)
{
    static const char *const common[] = {"id", "previousEventId", "type"};
    const asl_value *details = asl_value_get(event, "details");
    const char *details_key = text_of(event, "detailsKey");
    asl_value *exported = asl_value_object(NULL), *inner = asl_value_object(NULL);
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        asl_value_set(&exported, common[i], asl_value_ref(asl_value_get(event, common[i])));
    for (size_t i = 0; i < asl_value_count(details); i++)
        export_detail(&inner, details, asl_value_get_string(asl_value_key(details, i), NULL),
                      is_of_function);
    if (details_key != NULL)
        asl_value_set(&exported, details_key, inner);
    else
        asl_value_unref(inner);
    return exported;
}

/* Whether the execution called a function by its ARN: its causes are in the function's own words.
 */
static bool calls_function(const asl_value *history)
{
    for (size_t i = 0; i < asl_value_count(history); i++)
        if (strcmp(text_of(asl_value_at(history, i), "type"), "LambdaFunctionFailed") == 0)
            return true;
    return false;
}

char *exported_text(const asl_value *record, size_t *ret_size)
{
    const asl_value *history = asl_value_get(asl_value_get(record, "expect"), "history");
    if (history == NULL || is_true(asl_value_get(record, "historyIdsBlanked")) ||
        has_wildcard(history))
        return NULL;
    bool is_of_function = calls_function(history);
    asl_value *events = asl_value_array(NULL), *exported = asl_value_object(NULL);
    for (size_t i = 0; i < asl_value_count(history); i++)
        asl_value_append(&events, export_event(asl_value_at(history, i), is_of_function));
    asl_value_set(&exported, "events", events);
    char *text = NULL;
    (void)asl_value_print(exported, 0, &text, ret_size);
    asl_value_unref(exported);
    return text;
}
