/* Limits that an execution meets while it runs: delays, deadlines, concurrency, variables. */
#include "base/limits.h"
#include "harness.h"
#include "limit.h"

static void check_wait(int64_t seconds, bool is_accepted)
{
    machine m;
    char input[64];
    snprintf(input, sizeof input, "{'n':%lld}", (long long)seconds);
    machine_start(
        &m, "{'StartAt':'W','States':{'W':{'Type':'Wait','SecondsPath':'$.n','End':true}}}", input);
    if (is_accepted) {
        ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_SET_TIMER), 1);
        ck_assert_int_eq(m.effects.items[0].due_ms, MACHINE_START_MS + seconds * 1000);
    } else {
        ck_assert_str_eq(machine_error(&m), "States.Runtime");
        ck_assert_ptr_nonnull(strstr(machine_cause(&m), "Wait state delay is too long."));
    }
    machine_done(&m);
}

START_TEST(a_wait_has_so_many_seconds)
{
    check_wait(ASL_WAIT_SECONDS_MAX, true);
    check_wait((int64_t)ASL_WAIT_SECONDS_MAX + 1, false);
}
END_TEST

static void check_deadline(const char *field, int64_t seconds, bool is_accepted)
{
    machine m;
    char text[256], input[64];
    snprintf(text, sizeof text,
             "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'arn:aws:states:::test:t',"
             "'%s':'$.n','End':true}}}",
             field);
    snprintf(input, sizeof input, "{'n':%lld}", (long long)seconds);
    machine_start(&m, text, input);
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_START_TASK), is_accepted ? 1 : 0);
    ck_assert_str_eq(machine_error(&m), is_accepted ? "" : "States.Runtime");
    machine_done(&m);
}

START_TEST(deadlines_from_the_input_have_so_many_seconds)
{
    static const char *const fields[] = {"TimeoutSecondsPath", "HeartbeatSecondsPath"};
    for (int i = 0; i < 2; i++) {
        check_deadline(fields[i], 1, true);
        check_deadline(fields[i], 0, false);
        check_deadline(fields[i], ASL_TIMEOUT_SECONDS_MAX, true);
        check_deadline(fields[i], (int64_t)ASL_TIMEOUT_SECONDS_MAX + 1, false);
    }
}
END_TEST

static void check_concurrency(unsigned declared, unsigned expected)
{
    machine m;
    char text[256];
    char *input = limit_text("[0", ",0", ASL_MAP_CONCURRENCY_MAX + 4, "]");
    snprintf(text, sizeof text,
             "{'StartAt':'M','States':{'M':{'Type':'Map','MaxConcurrency':%u,'End':true,"
             "'ItemProcessor':{'StartAt':'T','States':{'T':{'Type':'Task','Resource':"
             "'arn:aws:states:::test:t','End':true}}}}}}",
             declared);
    machine_start(&m, text, input);
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_START_TASK), expected);
    machine_done(&m);
    free(input);
}

START_TEST(an_inline_map_runs_so_many_iterations_at_once)
{
    check_concurrency(ASL_MAP_CONCURRENCY_MAX - 1, ASL_MAP_CONCURRENCY_MAX - 1);
    check_concurrency(ASL_MAP_CONCURRENCY_MAX, ASL_MAP_CONCURRENCY_MAX);
    check_concurrency(ASL_MAP_CONCURRENCY_MAX + 1, ASL_MAP_CONCURRENCY_MAX);
    check_concurrency(0, ASL_MAP_CONCURRENCY_MAX);
}
END_TEST

/* What is assigned prints with two quotes around it. */
static void check_variable(const char *assign, size_t size, bool is_accepted)
{
    machine m;
    char text[256];
    char *input = limit_text("{'v':'", "x", size - 2, "'}");
    snprintf(text, sizeof text,
             "{'StartAt':'P','States':{'P':{'Type':'Pass','Assign':{%s},'End':true}}}", assign);
    machine_start_limited(&m, text, input, 2 * ASL_VARIABLE_BYTES_MAX, 100);
    ck_assert_str_eq(machine_error(&m), is_accepted ? "" : "States.DataLimitExceeded");
    machine_done(&m);
    free(input);
}

START_TEST(a_variable_has_so_many_bytes)
{
    check_variable("'a.$':'$.v'", ASL_VARIABLE_BYTES_MAX, true);
    check_variable("'a.$':'$.v'", ASL_VARIABLE_BYTES_MAX + 1, false);
}
END_TEST

START_TEST(one_assign_has_so_many_bytes)
{
    check_variable("'a.$':'$.v','b.$':'$.v'", ASL_VARIABLE_BYTES_MAX / 2, true);
    check_variable("'a.$':'$.v','b.$':'$.v'", ASL_VARIABLE_BYTES_MAX / 2 + 1, false);
}
END_TEST

/* States that assign a variable of `size` bytes each, then one of `rest`. An object of variables
 * prints with a brace on each side and, for each, its name of four bytes in quotes, a colon and a
 * comma but for the last. */
#define NAMED(count) ((count)*8u + 1u)
#define TIMES 39u
#define SIZE (ASL_VARIABLES_BYTES_MAX / (TIMES + 1u))

static void check_all_variables(size_t rest, bool is_accepted)
{
    machine m;
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_buffer_text(&text, "{'StartAt':'S0','States':{");
    for (unsigned i = 0; i < TIMES; i++)
        asl_buffer_format(&text, "'S%u':{'Type':'Pass','Assign':{'v%03u.$':'$.v'},'Next':'S%u'},",
                          i, i, i + 1);
    asl_buffer_format(&text, "'S%u':{'Type':'Pass','Assign':{'w.$':'$.w'},'End':true}}}", TIMES);
    char *head = limit_text("{'v':'", "x", SIZE - 2, "','w':'");
    char *input = limit_text(head, "x", rest - 2, "'}");
    machine_start_limited(&m, asl_buffer_string(&text), input, 4 * ASL_VARIABLE_BYTES_MAX, 1000);
    ck_assert_str_eq(machine_error(&m), is_accepted ? "" : "States.DataLimitExceeded");
    machine_done(&m);
    free(head);
    free(input);
    asl_buffer_done(&text);
}

START_TEST(all_variables_have_so_many_bytes)
{
    size_t rest = ASL_VARIABLES_BYTES_MAX - TIMES * SIZE - NAMED(TIMES);
    check_all_variables(rest, true);
    check_all_variables(rest + 1, false);
}
END_TEST

/* One array of these levels goes into a state that puts another one around it. */
static void check_depth(const char *state, unsigned depth, bool is_accepted)
{
    machine m;
    char text[512];
    snprintf(text, sizeof text,
             "{'StartAt':'S','States':{'S':{%s,'Next':'E'},'E':{'Type':'Succeed'}}}", state);
    char *opened = limit_text("", "[", depth, ""), *input = limit_text(opened, "]", depth, "");
    machine_start(&m, text, input);
    ck_assert_str_eq(machine_error(&m), is_accepted ? "" : "States.DataLimitExceeded");
    ck_assert_int_eq(asl_frames_status(m.frames),
                     is_accepted ? ASL_EXECUTION_SUCCEEDED : ASL_EXECUTION_FAILED);
    machine_done(&m);
    free(opened);
    free(input);
}

START_TEST(data_between_states_nests_to_a_limit)
{
    static const struct {
        const char *state;
        unsigned around; /* levels that it adds */
    } cases[] = {
        {"'Type':'Pass','Parameters':{'a.$':'$'}", 1},
        {"'Type':'Pass','Parameters':{'a.$':'States.Array($)'},'OutputPath':'$.a'", 2},
        {"'Type':'Pass','Assign':{'x':{'a.$':'$'}}", 2},
        {"'Type':'Pass','QueryLanguage':'JSONata','Output':['{% $states.input %}']", 1},
        {"'Type':'Pass','QueryLanguage':'JSONata',"
         "'Output':'{% {$states.context.State.Name: $states.input} %}'",
         1},
        {"'Type':'Parallel','Branches':[{'StartAt':'P','States':{'P':{'Type':'Pass','End':true}}}]",
         1},
        {"'Type':'Map','ItemSelector':{'a':{'a.$':'$$.Map.Item.Value'}},"
         "'ItemProcessor':{'StartAt':'P','States':{'P':{'Type':'Pass','End':true}}}",
         2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_depth(cases[i].state, ASL_JSON_DEPTH_MAX - cases[i].around, true);
        check_depth(cases[i].state, ASL_JSON_DEPTH_MAX - cases[i].around + 1, false);
    }
}
END_TEST

SUITE("limit/interpreter", data_between_states_nests_to_a_limit, a_wait_has_so_many_seconds,
      deadlines_from_the_input_have_so_many_seconds, an_inline_map_runs_so_many_iterations_at_once,
      a_variable_has_so_many_bytes, one_assign_has_so_many_bytes, all_variables_have_so_many_bytes)
