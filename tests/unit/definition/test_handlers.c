#include "load.h"

static loaded load_handlers(const char *handlers)
{
    char text[2048];
    snprintf(text, sizeof text,
             "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'f','Next':'E',%s},"
             "'E':{'Type':'Fail'}}}",
             handlers);
    return load(text);
}

static void check_handlers(const char *handlers, const char *message, const char *location)
{
    check_only(load_handlers(handlers), "SCHEMA_VALIDATION_FAILED", message, location);
}

START_TEST(retriers_have_defaults)
{
    loaded result = load_handlers("'Retry':[{'ErrorEquals':['A','B']},{'ErrorEquals':["
                                  "'States.ALL'],'IntervalSeconds':5,'MaxAttempts':0,"
                                  "'BackoffRate':1.5,'MaxDelaySeconds':60,'JitterStrategy':"
                                  "'FULL','Comment':'x'}]");
    ck_assert_int_eq(result.status, ASL_OK);
    const asl_state *state = asl_program_find(asl_definition_program(result.definition), "T", 1);
    ck_assert_uint_eq(state->retrier_count, 2);
    const asl_retrier *first = &state->retriers[0], *second = &state->retriers[1];
    ck_assert_uint_eq(first->errors.count, 2);
    ck_assert_str_eq(asl_value_get_string(first->errors.names[1], NULL), "B");
    ck_assert_int_eq(first->interval_seconds, 1);
    ck_assert_int_eq(first->max_attempts, 3);
    ck_assert_double_eq(first->backoff_rate, 2.0);
    ck_assert_int_eq(first->max_delay_seconds, 0);
    ck_assert(!first->jitter_full);
    ck_assert_int_eq(second->interval_seconds, 5);
    ck_assert_int_eq(second->max_attempts, 0);
    ck_assert_double_eq(second->backoff_rate, 1.5);
    ck_assert_int_eq(second->max_delay_seconds, 60);
    ck_assert(second->jitter_full);
    unload(&result);
}
END_TEST

START_TEST(catchers_know_where_to_go)
{
    loaded result = load_handlers("'Catch':[{'ErrorEquals':['A'],'Next':'E','ResultPath':null},"
                                  "{'ErrorEquals':['B'],'Next':'E','ResultPath':'$.e','Assign':"
                                  "{'x.$':'$.Error'}}]");
    ck_assert_int_eq(result.status, ASL_OK);
    const asl_state *state = asl_program_find(asl_definition_program(result.definition), "T", 1);
    ck_assert_uint_eq(state->catcher_count, 2);
    ck_assert(state->catchers[0].discards_result);
    ck_assert_ptr_null(state->catchers[0].result_path);
    ck_assert_uint_eq(state->catchers[1].next, 1);
    ck_assert_ptr_nonnull(state->catchers[1].result_path);
    ck_assert_ptr_nonnull(state->catchers[1].assign);
    unload(&result);
}
END_TEST

START_TEST(handlers_are_checked)
{
    check_handlers("'Retry':[{'MaxAttempts':1}]", "These fields are required: [ErrorEquals]",
                   "/States/T/Retry[0]");
    check_handlers("'Catch':[{'ErrorEquals':['A']}]", "These fields are required: [Next]",
                   "/States/T/Catch[0]");
    check_handlers("'Retry':[{'ErrorEquals':[]}]", "Value cannot be empty",
                   "/States/T/Retry[0]/ErrorEquals");
    check_handlers("'Retry':[{'ErrorEquals':[true]}]", "Expected value of type [STRING]",
                   "/States/T/Retry[0]/ErrorEquals[0]");
    check_handlers("'Retry':[{'ErrorEquals':['A'],'BackoffRate':0.5}]", "Minimum value is 1.0",
                   "/States/T/Retry[0]/BackoffRate");
    check_handlers("'Retry':[{'ErrorEquals':['A'],'MaxDelaySeconds':31622401}]",
                   "Maximum value is 31622400", "/States/T/Retry[0]/MaxDelaySeconds");
    check_handlers("'Retry':[{'ErrorEquals':['A'],'JitterStrategy':'full'}]",
                   "Value should be one of the following: [NONE, FULL]",
                   "/States/T/Retry[0]/JitterStrategy");
    check_handlers("'Retry':[7]", "Expected value of type [OBJECT]", "/States/T/Retry[0]");
}
END_TEST

START_TEST(states_all_stands_alone_and_last)
{
    static const char message[] = "States.ALL must appear alone and at end of list";
    check_handlers("'Retry':[{'ErrorEquals':['States.ALL','A']}]", message,
                   "/States/T/Retry[0]/ErrorEquals");
    check_handlers("'Retry':[{'ErrorEquals':['States.ALL']},{'ErrorEquals':['A']}]", message,
                   "/States/T/Retry[0]/ErrorEquals");
}
END_TEST

static const char *warned_of(const char *name, char *message, size_t size)
{
    char state[256];
    snprintf(state, sizeof state,
             "{'Type':'Task','Resource':'f','End':true,'Retry':[{'ErrorEquals':['%s']}]}", name);
    loaded result = load_state(state);
    ck_assert_int_eq(result.status, ASL_OK);
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    const char *code = only == NULL ? "" : only->code;
    if (only != NULL) {
        ck_assert_str_eq(only->pointer, "/States/S/Retry/0/ErrorEquals/0");
        snprintf(message, size, "%s", only->hint);
    }
    unload(&result);
    return code;
}

START_TEST(names_that_no_error_has_are_warned_of)
{
    char hint[128];
    static const char *const fine[] = {
        "States.Timeout", "States.Http.StatusCode.503", "Own", "states.timeout", "Lambda.Unknown",
        "States"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        ck_assert_str_eq(warned_of(fine[i], hint, sizeof hint), "");
    ck_assert_str_eq(warned_of("States.Timout", hint, sizeof hint), "UNKNOWN_ERROR_NAME");
    ck_assert_str_eq(hint, "did you mean 'States.Timeout'?");
    ck_assert_str_eq(warned_of("States.Runtime", hint, sizeof hint), "ERROR_NEVER_CAUGHT");
}
END_TEST

SUITE("definition/handlers", names_that_no_error_has_are_warned_of, retriers_have_defaults,
      catchers_know_where_to_go, handlers_are_checked, states_all_stands_alone_and_last)
