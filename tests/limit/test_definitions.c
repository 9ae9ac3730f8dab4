/* Limits of definitions: size, nesting, names, and the range of every number that a field takes. */
#include "base/limits.h"
#include "limit.h"

/* The status of loading, and the message of the first error. */
static int load(const char *text, size_t size, char message[256])
{
    asl_definition *definition = NULL;
    asl_diagnostics *list = NULL;
    int status = asl_definition_load(text, size, NULL, &definition, &list, NULL);
    message[0] = '\0';
    for (size_t i = asl_diagnostics_count(list); i > 0; i--)
        if (asl_diagnostics_at(list, i - 1)->severity == ASL_SEVERITY_ERROR)
            snprintf(message, 256, "%s", asl_diagnostics_at(list, i - 1)->message);
    asl_diagnostics_free(list);
    asl_definition_unref(definition);
    return status;
}

static void check(const char *text, bool is_accepted)
{
    char message[256];
    int status = load(text, strlen(text), message);
    ck_assert_msg(status == (is_accepted ? ASL_OK : ASL_INVALID), "%.300s: %s", text, message);
    ck_assert(is_accepted == (message[0] == '\0'));
}

START_TEST(a_definition_has_so_many_bytes)
{
    static const char whole[] = "{\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Succeed\"}}}";
    char message[256];
    char *text = limit_text(whole, " ", ASL_DEFINITION_BYTES_MAX - (sizeof whole - 1) + 1, "");
    ck_assert_int_eq(load(text, ASL_DEFINITION_BYTES_MAX, message), ASL_OK);
    ck_assert_int_eq(load(text, ASL_DEFINITION_BYTES_MAX + 1, message), ASL_INVALID);
    ck_assert_str_ne(message, "");
    free(text);
}
END_TEST

/* Four levels stand around the Result. */
static void check_depth(size_t depth, bool is_accepted)
{
    char *open = limit_text("{\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Pass\",\"End\":true,"
                            "\"Result\":",
                            "[", depth - 3, "");
    char *text = limit_text(open, "]", depth - 3, "}}}");
    check(text, is_accepted);
    free(open);
    free(text);
}

START_TEST(a_definition_nests_to_its_limit)
{
    check_depth(ASL_DEFINITION_DEPTH_MAX, true);
    check_depth(ASL_DEFINITION_DEPTH_MAX + 1, false);
}
END_TEST

static void check_state_name(const char *unit, size_t count, bool is_accepted)
{
    char *start = limit_text("{\"StartAt\":\"", unit, count, "\",\"States\":{\"");
    char *text = limit_text(start, unit, count, "\":{\"Type\":\"Succeed\"}}}");
    check(text, is_accepted);
    free(start);
    free(text);
}

START_TEST(a_state_name_has_so_many_characters)
{
    check_state_name("n", ASL_NAME_CHARACTERS_MAX, true);
    check_state_name("n", ASL_NAME_CHARACTERS_MAX + 1, false);
    check_state_name("\xC3\xA9", ASL_NAME_CHARACTERS_MAX, true);
    check_state_name("\xC3\xA9", ASL_NAME_CHARACTERS_MAX + 1, false);
}
END_TEST

static void check_variable_name(size_t count, bool is_accepted)
{
    char *text = limit_text("{\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Pass\",\"End\":true,"
                            "\"Assign\":{\"",
                            "v", count, "\":1}}}}");
    check(text, is_accepted);
    free(text);
}

START_TEST(a_variable_name_has_so_many_characters)
{
    check_variable_name(ASL_NAME_CHARACTERS_MAX, true);
    check_variable_name(ASL_NAME_CHARACTERS_MAX + 1, false);
}
END_TEST

#define TASK "\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:t\",\"End\":true"
#define RETRY TASK ",\"Retry\":[{\"ErrorEquals\":[\"E\"]"
#define MAP \
    "\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{\"T\":{" \
    "\"Type\":\"Succeed\"}}}"

/* A state up to the number, its least and greatest value, what follows. */
static const struct {
    const char *head;
    int64_t least, greatest;
    const char *tail;
} ranges[] = {
    {TASK ",\"TimeoutSeconds\":", 1, ASL_TIMEOUT_SECONDS_MAX, ""},
    {TASK ",\"HeartbeatSeconds\":", 1, ASL_TIMEOUT_SECONDS_MAX, ""},
    {RETRY ",\"IntervalSeconds\":", 0, 99999999, "}]"},
    {RETRY ",\"MaxAttempts\":", 0, 99999999, "}]"},
    {RETRY ",\"IntervalSeconds\":0,\"MaxDelaySeconds\":", 1, 31622400, "}]"},
    {RETRY ",\"BackoffRate\":", 1, INT64_MAX, "}]"},
    {MAP ",\"MaxConcurrency\":", 0, INT32_MAX, ""},
    {"\"Type\":\"Wait\",\"End\":true,\"Seconds\":", 0, ASL_TIMEOUT_SECONDS_MAX, ""},
};

static void check_number(const char *head, int64_t number, const char *tail, bool is_accepted)
{
    char text[1024];
    snprintf(text, sizeof text, "{\"StartAt\":\"S\",\"States\":{\"S\":{%s%lld%s}}}", head,
             (long long)number, tail);
    check(text, is_accepted);
}

START_TEST(numbers_have_ranges)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        check_number(ranges[i].head, ranges[i].least, ranges[i].tail, true);
        check_number(ranges[i].head, ranges[i].least - 1, ranges[i].tail, false);
        check_number(ranges[i].head, ranges[i].greatest, ranges[i].tail, true);
        if (ranges[i].greatest != INT64_MAX)
            check_number(ranges[i].head, ranges[i].greatest + 1, ranges[i].tail, false);
    }
}
END_TEST

START_TEST(a_machine_has_so_much_time)
{
    static const char format[] =
        "{\"StartAt\":\"S\",\"TimeoutSeconds\":%lld,\"States\":{\"S\":{\"Type\":\"Succeed\"}}}";
    char text[256];
    snprintf(text, sizeof text, format, (long long)ASL_TIMEOUT_SECONDS_MAX);
    check(text, true);
    snprintf(text, sizeof text, format, (long long)ASL_TIMEOUT_SECONDS_MAX + 1);
    check(text, false);
}
END_TEST

START_TEST(a_handler_names_at_least_one_error)
{
    static const char format[] =
        "{\"StartAt\":\"S\",\"States\":{\"S\":{" TASK ",\"Retry\":[{\"ErrorEquals\":[%s]}]}}}";
    char text[512];
    snprintf(text, sizeof text, format, "\"E\"");
    check(text, true);
    snprintf(text, sizeof text, format, "");
    check(text, false);
    snprintf(text, sizeof text, format, "\"States.ALL\"");
    check(text, true);
    snprintf(text, sizeof text, format, "\"States.ALL\",\"E\"");
    check(text, false);
}
END_TEST

SUITE("limit/definitions", a_definition_has_so_many_bytes, a_definition_nests_to_its_limit,
      a_state_name_has_so_many_characters, a_variable_name_has_so_many_characters,
      numbers_have_ranges, a_machine_has_so_much_time, a_handler_names_at_least_one_error)
