/* Loading with every allocation failing in turn. */
#include "load.h"

#include "fault_heap.h"

#define EVERYTHING \
    "{\"StartAt\":\"P\",\"StartAt\":\"P\",\"States\":{" \
    "\"P\":{\"Type\":\"Parallel\",\"Next\":\"C\",\"Branches\":[{\"StartAt\":\"A\",\"States\":{" \
    "\"A\":{\"Type\":\"Map\",\"ItemsPath\":\"$.i\",\"ItemSelector\":{\"x.$\":\"$.y\",\"n\":{" \
    "\"a\":[1,{\"u.$\":\"States.UUID()\"}]}},\"End\":true,\"ItemProcessor\":{\"StartAt\":\"I\"," \
    "\"States\":{\"I\":{\"Type\":\"Pass\",\"Assign\":{\"v.$\":\"$.q\"},\"InputPath\":null," \
    "\"ResultPath\":\"$.r\",\"End\":true}}}}}}]}," \
    "\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Not\":{\"Variable\":\"$.a\",\"IsNull\":true}," \
    "\"Next\":\"T\"}]}," \
    "\"T\":{\"Type\":\"Task\",\"Resource\":\"f\",\"Next\":\"J\",\"Retry\":[{\"ErrorEquals\":[" \
    "\"E\"]}],\"Catch\":[{\"ErrorEquals\":[\"E\"],\"Next\":\"F\",\"ResultPath\":\"$.e\"}]}," \
    "\"J\":{\"Type\":\"Task\",\"QueryLanguage\":\"JSONata\",\"Resource\":\"f\"," \
    "\"Arguments\":{\"a\":[\"{%% $v %%}\"]},\"Output\":\"{%% $states.result %%}\"," \
    "\"TimeoutSeconds\":\"{%% $t %%}\",\"Next\":\"D\",\"Catch\":[{\"ErrorEquals\":[\"E\"]," \
    "\"Next\":\"F\",\"Output\":{\"e\":\"{%% $states.errorOutput %%}\"}}]}," \
    "\"D\":{\"Type\":\"Choice\",\"QueryLanguage\":\"JSONata\",\"Choices\":[{\"Condition\":" \
    "\"{%% $c %%}\",\"Next\":\"F\",\"Assign\":{\"w\":\"{%% $v %%}\"}}]}," \
    "\"F\":{\"Type\":\"Fail\",\"CausePath\":\"$.c\"}%s}}"

/* For "${Name}" in a text. */
static asl_value *values;

static int load_on(const asl_heap *heap, const char *text)
{
    asl_definition_options options = {
        .size = sizeof options, .heap = heap, .substitutions = values};
    asl_definition *definition = NULL;
    asl_diagnostics *diagnostics = NULL;
    asl_error *error = NULL;
    int status =
        asl_definition_load(text, strlen(text), &options, &definition, &diagnostics, &error);
    ck_assert((status == ASL_OK) == (definition != NULL));
    asl_definition_unref(definition);
    asl_diagnostics_free(diagnostics);
    asl_error_free(error);
    return status;
}

static void sweep(const char *text, int expected)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        int status = load_on(&heap.hook, text);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : expected);
    }
}

START_TEST(valid_definition_survives_every_failure)
{
    char text[4096];
    snprintf(text, sizeof text, EVERYTHING, "");
    sweep(text, ASL_OK);
}
END_TEST

START_TEST(invalid_definition_survives_every_failure)
{
    char text[4096];
    snprintf(text, sizeof text, EVERYTHING,
             ",\"G\":{\"Type\":\"Pass\",\"Nxt\":\"F\",\"Parameters\":{\"a.$\":1},\"ResultPath\":"
             "\"x\",\"Next\":\"Q\"},\"H\":{\"Type\":\"Pass\",\"QueryLanguage\":\"JSONata\","
             "\"Output\":{\"a\":\"{% x %}\",\"b\":\"{% \"},\"End\":true}");
    sweep(text, ASL_INVALID);
}
END_TEST

START_TEST(text_that_is_no_json_survives_every_failure)
{
    sweep("{\"StartAt\": nonsense}", ASL_INVALID);
}
END_TEST

START_TEST(substitution_survives_every_failure)
{
    values = asl_value_object(NULL);
    ck_assert_int_eq(asl_value_set(&values, "Type", asl_value_string(NULL, "Pass")), ASL_OK);
    ck_assert_int_eq(asl_value_set(&values, "Long", asl_value_string(NULL, "many \"words\"")),
                     ASL_OK);
    sweep("{\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"${Type}\",\"End\":true,"
          "\"Comment\":\"${Long}${Long}${Lung}${None}\"}}}",
          ASL_OK);
    sweep("{\"StartAt\":${Lung},\"States\":{}}", ASL_INVALID);
    asl_value_unref(values);
    values = NULL;
}
END_TEST

SUITE("definition/faults", substitution_survives_every_failure,
      valid_definition_survives_every_failure, invalid_definition_survives_every_failure,
      text_that_is_no_json_survives_every_failure)
