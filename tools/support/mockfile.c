/* Reads mocks: the mock file of Step Functions Local as it is, and what --mock says itself.
 *
 * A file is judged as far as the test case reaches: a response that no state of it names may be
 * anything, and one without answers is a response whose state must not be entered, as in Step
 * Functions Local. Members of ours stand beside "Return" and "Throw", for what was recorded: "Hang"
 * (true: the task is never answered), "DelaySeconds", and "Submit", the first answer of a service
 * whose job or token is waited for. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mocks.h"

#define DELAY_SECONDS_MAX 99999999 /* AWS: TimeoutSeconds */
#define INVOCATION_MAX 1000000000u
#define NAMES_SHOWN_MAX 10

typedef struct reader {
    tool_mocks *mocks;
    const tool_json_text *json;
    asl_value *root;
    const char *machine, *test_case;
} reader;

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SAY(reader, level, of_key, path, ...) \
    tool_say_at(level, (reader)->json, path, of_key, __VA_ARGS__)
#define REFUSE(reader, of_key, path, ...) \
    (SAY(reader, TOOL_ERROR, of_key, path, __VA_ARGS__), TOOL_USAGE)

static const char *key_at(const asl_value *object, size_t index)
{
    return asl_value_get_string(asl_value_key(object, index), NULL);
}

/* "'A', 'B', ..." of an object's keys; new, NULL when out of memory. */
static char *list_names(const asl_value *object)
{
    char *list = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&list, &size);
    if (out == NULL)
        return NULL;
    size_t count = asl_value_count(object);
    for (size_t i = 0; i < count && i < NAMES_SHOWN_MAX; i++)
        fprintf(out, "%s'%s'", i > 0 ? ", " : "", key_at(object, i));
    fputs(count > NAMES_SHOWN_MAX ? ", ..." : count == 0 ? "none" : "", out);
    fclose(out);
    return list;
}

/* An object whose keys are all different; `what` begins the message. */
static int check_object(const reader *r, const asl_value *value, const char *const path[],
                        const char *what)
{
    if (asl_value_kind(value) != ASL_KIND_OBJECT)
        return REFUSE(r, false, path, "%s must be an object", what);
    if (tool_place_count(r->json, path) == asl_value_count(value))
        return 0;
    const char *inner[8];
    size_t depth = 0, offset = 0;
    for (; path[depth] != NULL && depth < 6; depth++)
        inner[depth] = path[depth];
    inner[depth + 1] = NULL;
    for (size_t i = 0; i < asl_value_count(value); i++) {
        inner[depth] = key_at(value, i);
        if (tool_place_find(r->json, inner, true, &offset) > 1)
            return REFUSE(r, true, inner, "\"%s\" stands in this object twice", inner[depth]);
    }
    return 0;
}

static void warn_unknown(const reader *r, const asl_value *value, const char *first,
                         const char *second)
{
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const char *key = key_at(value, i);
        if (strcmp(key, first) != 0 && (second == NULL || strcmp(key, second) != 0))
            SAY(r, TOOL_WARNING, true, PATH(key), "\"%s\" is no member of a mock file", key);
    }
}

static bool read_number(const char **next, uint64_t *ret_number)
{
    if (**next < '0' || **next > '9')
        return false;
    uint64_t number = 0;
    for (; **next >= '0' && **next <= '9'; ++*next) {
        number = number * 10 + (uint64_t)(**next - '0');
        if (number > INVOCATION_MAX)
            return false;
    }
    *ret_number = number;
    return true;
}

/* "3" or "1-2". */
static bool read_range(const char *key, mock_answer *answer)
{
    const char *next = key;
    if (!read_number(&next, &answer->first))
        return false;
    answer->last = answer->first;
    if (*next == '-') {
        next++;
        if (!read_number(&next, &answer->last))
            return false;
    }
    return *next == '\0' && answer->first <= answer->last;
}

static int read_throw(const reader *r, const asl_value *value, const char *response,
                      const char *key, mock_answer *answer)
{
    int exit_code =
        check_object(r, value, PATH("MockedResponses", response, key, "Throw"), "\"Throw\"");
    if (exit_code != 0)
        return exit_code;
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const char *member = key_at(value, i);
        const char *text = asl_value_get_string(asl_value_at(value, i), NULL);
        const char *const path[] = {"MockedResponses", response, key, "Throw", member, NULL};
        bool is_error = strcmp(member, "Error") == 0;
        if (!is_error && strcmp(member, "Cause") != 0)
            return REFUSE(r, true, path, "\"Throw\" has \"Error\" and \"Cause\", not \"%s\"",
                          member);
        if (text == NULL)
            return REFUSE(r, false, path, "\"%s\" must be a text", member);
        *(is_error ? &answer->error : &answer->cause) = text;
    }
    answer->kind = MOCK_THROW;
    return 0;
}

static int read_delay(const reader *r, const asl_value *value, const char *const path[],
                      mock_answer *answer)
{
    double seconds = 0;
    if (value == NULL)
        return 0;
    if (!asl_value_get_double(value, &seconds) || !(seconds >= 0) || seconds > DELAY_SECONDS_MAX)
        return REFUSE(r, false, path, "\"DelaySeconds\" must be a number from 0 to %d",
                      DELAY_SECONDS_MAX);
    answer->delay_ms = (int64_t)(seconds * 1000 + 0.5);
    return 0;
}

/* ASL: a function's result. What a mock returns is the service's answer, in which it is a member.
 */
static const asl_value *unwrap(const char *resource, const asl_value *output)
{
    const asl_value *payload = asl_value_get(output, "Payload");
    return payload != NULL && tool_is_function(resource) ? payload : output;
}

static const char *const answer_members[] = {"Return", "Throw",        "Hang",
                                             "Submit", "DelaySeconds", NULL};

static bool is_one_of(const char *key, const char *const members[])
{
    while (*members != NULL && strcmp(key, *members) != 0)
        members++;
    return *members != NULL;
}

static int read_answer(const reader *r, const char *resource, const asl_value *value,
                       const char *response, mock_answer *answer)
{
    const char *const path[] = {"MockedResponses", response, answer->key, NULL};
    int exit_code = check_object(r, value, path, "an answer");
    const asl_value *output = asl_value_get(value, "Return");
    const asl_value *hang = asl_value_get(value, "Hang");
    const asl_value *failure = asl_value_get(value, "Throw");
    for (size_t i = 0; i < asl_value_count(value) && exit_code == 0; i++) {
        const char *key = key_at(value, i);
        if (!is_one_of(key, answer_members))
            exit_code = REFUSE(r, true, PATH("MockedResponses", response, answer->key, key),
                               "an answer has \"Return\" or \"Throw\", not \"%s\"", key);
    }
    if (exit_code != 0)
        return exit_code;
    if ((output != NULL) + (failure != NULL) + (hang != NULL) != 1)
        return REFUSE(r, false, path, "an answer needs exactly one of \"Return\" and \"Throw\"");
    if (hang != NULL && asl_value_kind(hang) != ASL_KIND_TRUE)
        return REFUSE(r, false, PATH("MockedResponses", response, answer->key, "Hang"),
                      "\"Hang\" can only be true");
    answer->kind = hang != NULL ? MOCK_HANG : MOCK_RETURN;
    answer->output = unwrap(resource, output);
    answer->submit = asl_value_get(value, "Submit");
    if (failure != NULL)
        exit_code = read_throw(r, failure, response, answer->key, answer);
    if (exit_code == 0)
        exit_code =
            read_delay(r, asl_value_get(value, "DelaySeconds"),
                       PATH("MockedResponses", response, answer->key, "DelaySeconds"), answer);
    return exit_code;
}

static int compare_answers(const void *left, const void *right)
{
    uint64_t a = ((const mock_answer *)left)->first, b = ((const mock_answer *)right)->first;
    return (a > b) - (a < b);
}

/* Overlaps are refused; gaps are allowed, and an invocation in one fails. */
static int check_ranges(const reader *r, const char *response, const mock_answer *answers,
                        size_t count)
{
    uint64_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const char *const path[] = {"MockedResponses", response, answers[i].key, NULL};
        if (i > 0 && answers[i].first < next)
            return REFUSE(r, true, path, "\"%s\" and \"%s\" both answer invocation %llu",
                          answers[i - 1].key, answers[i].key, (unsigned long long)answers[i].first);
        if (answers[i].first > next)
            SAY(r, TOOL_WARNING, true, path,
                "nothing before \"%s\" answers invocation %llu: it would fail with States.Runtime",
                answers[i].key, (unsigned long long)next);
        next = answers[i].last + 1;
    }
    return 0;
}

static int read_answers(const reader *r, const char *resource, const asl_value *response_value,
                        const char *response, mock_answer *answers)
{
    size_t count = asl_value_count(response_value);
    for (size_t i = 0; i < count; i++) {
        answers[i].key = key_at(response_value, i);
        if (!read_range(answers[i].key, &answers[i]))
            return REFUSE(r, true, PATH("MockedResponses", response, answers[i].key),
                          "\"%s\" is no invocation, as \"0\", and no range of them, as \"1-2\"",
                          answers[i].key);
        int exit_code =
            read_answer(r, resource, asl_value_at(response_value, i), response, &answers[i]);
        if (exit_code != 0)
            return exit_code;
    }
    qsort(answers, count, sizeof *answers, compare_answers);
    return check_ranges(r, response, answers, count);
}

static int read_response(const reader *r, const char *resource, mock_state *state,
                         const char *response)
{
    const asl_value *responses = asl_value_get(r->root, "MockedResponses");
    const asl_value *value = asl_value_get(responses, response);
    if (value == NULL)
        return REFUSE(r, false,
                      PATH("StateMachines", r->machine, "TestCases", r->test_case, state->name),
                      "there is no response '%s' in \"MockedResponses\"", response);
    int exit_code = check_object(r, value, PATH("MockedResponses", response), "a response");
    if (exit_code != 0)
        return exit_code;
    size_t count = asl_value_count(value);
    mock_answer *answers = calloc(count + 1, sizeof *answers);
    if (answers == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    exit_code = read_answers(r, resource, value, response, answers);
    if (exit_code == 0 && !state->is_given)
        return mock_state_set(state, r->root, response, answers, count);
    free(answers);
    return exit_code;
}

static const char *resource_of(const tool_mocks *mocks, const mock_state *state)
{
    return asl_definition_state_resource(mocks->definition, (size_t)(state - mocks->states));
}

static int read_state(const reader *r, const asl_value *test_case, size_t index)
{
    size_t size = 0;
    const char *name = asl_value_get_string(asl_value_key(test_case, index), &size);
    const char *response = asl_value_get_string(asl_value_at(test_case, index), NULL);
    const char *const path[] = {"StateMachines", r->machine, "TestCases", r->test_case, name, NULL};
    mock_state *state = tool_mocks_find(r->mocks, name, size);
    if (state == NULL)
        return REFUSE(r, true, path, "the definition has no state '%s'", name);
    const char *resource = resource_of(r->mocks, state);
    if (resource == NULL)
        return REFUSE(r, true, path, "'%s' is no Task state: only the work of tasks is mocked",
                      name);
    if (response == NULL)
        return REFUSE(r, false, path, "a state is given the name of a response, a text");
    return read_response(r, resource, state, response);
}

/* The member that was asked for, or where none was the only one there is. */
static int pick(const reader *r, const asl_value *all, const char *const path[], const char *what,
                const char **name, const asl_value **ret_value)
{
    *ret_value = *name != NULL ? asl_value_get(all, *name) : NULL;
    if (*ret_value != NULL)
        return 0;
    char *list = list_names(all);
    int exit_code = TOOL_USAGE;
    if (*name != NULL)
        SAY(r, TOOL_ERROR, true, path, "there is no %s '%s' here, only %s", what, *name,
            list != NULL ? list : "others");
    else
        SAY(r, TOOL_ERROR, true, path, "which %s? Here are %s; name it, as in %s#NAME", what,
            list != NULL ? list : "several", r->json->name);
    free(list);
    return exit_code;
}

static int read_case(reader *r, const asl_value *machine)
{
    const char *const path[] = {"StateMachines", r->machine, "TestCases", NULL};
    const asl_value *cases = asl_value_get(machine, "TestCases"), *test_case = NULL;
    if (cases == NULL)
        return REFUSE(r, false, PATH("StateMachines", r->machine),
                      "a state machine needs \"TestCases\"");
    int exit_code = check_object(r, cases, path, "\"TestCases\"");
    if (exit_code == 0 && r->test_case == NULL && asl_value_count(cases) == 1)
        r->test_case = key_at(cases, 0);
    if (exit_code == 0)
        exit_code = pick(r, cases, path, "test case", &r->test_case, &test_case);
    if (exit_code == 0)
        exit_code = check_object(
            r, test_case, PATH("StateMachines", r->machine, "TestCases", r->test_case), "a case");
    for (size_t i = 0; i < asl_value_count(test_case) && exit_code == 0; i++)
        exit_code = read_state(r, test_case, i);
    return exit_code;
}

static int read_file(reader *r)
{
    const asl_value *machines = asl_value_get(r->root, "StateMachines"), *machine = NULL;
    const asl_value *responses = asl_value_get(r->root, "MockedResponses");
    int exit_code = check_object(r, r->root, (const char *const[]){NULL}, "a mock file");
    if (exit_code != 0)
        return exit_code;
    if (machines == NULL || responses == NULL)
        return REFUSE(r, false, (const char *const[]){NULL}, "a mock file needs \"%s\"",
                      machines == NULL ? "StateMachines" : "MockedResponses");
    warn_unknown(r, r->root, "StateMachines", "MockedResponses");
    exit_code = check_object(r, machines, PATH("StateMachines"), "\"StateMachines\"");
    if (exit_code == 0)
        exit_code = check_object(r, responses, PATH("MockedResponses"), "\"MockedResponses\"");
    if (exit_code == 0 && asl_value_get(machines, r->machine) == NULL &&
        asl_value_count(machines) == 1)
        r->machine = key_at(machines, 0);
    if (exit_code == 0)
        exit_code =
            pick(r, machines, PATH("StateMachines"), "state machine", &r->machine, &machine);
    if (exit_code == 0)
        exit_code = check_object(r, machine, PATH("StateMachines", r->machine), "a state machine");
    return exit_code == 0 ? read_case(r, machine) : exit_code;
}

int tool_mocks_add_file(tool_mocks *mocks, const char *machine, const char *test_case,
                        const tool_json_text *json)
{
    reader r = {.mocks = mocks, .json = json, .machine = machine, .test_case = test_case};
    int exit_code = tool_parse_json(json->name, json->text, json->size, 0, &r.root);
    if (exit_code != 0)
        return exit_code;
    exit_code = read_file(&r);
    asl_value_unref(r.root);
    return exit_code;
}

static int set_one(mock_state *state, asl_value *held, mock_answer answer)
{
    mock_answer *answers = malloc(sizeof *answers);
    if (answers == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    answer.last = UINT64_MAX;
    *answers = answer;
    return mock_state_set(state, held, NULL, answers, 1);
}

/* "NAME:CAUSE", held as an array of texts. */
static int set_error(mock_state *state, const char *text)
{
    size_t size = strcspn(text, ":");
    if (size == 0)
        return tool_usage("--mock %s=error: needs the error's name", state->name);
    asl_value *held = asl_value_array(NULL);
    int status = asl_value_append(&held, asl_value_string_sized(NULL, text, size));
    if (status == ASL_OK && text[size] == ':')
        status = asl_value_append(&held, asl_value_string(NULL, text + size + 1));
    int exit_code = 0;
    if (status != ASL_OK) {
        exit_code = tool_usage("--mock %s: error and cause must be UTF-8", state->name);
    } else {
        const asl_value *cause = asl_value_at(held, 1);
        exit_code =
            set_one(state, held,
                    (mock_answer){.kind = MOCK_THROW,
                                  .error = asl_value_get_string(asl_value_at(held, 0), NULL),
                                  .cause = cause ? asl_value_get_string(cause, NULL) : NULL});
    }
    asl_value_unref(held);
    return exit_code;
}

static int set_output(mock_state *state, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    asl_value *output = NULL;
    int exit_code = tool_read(path, "the mocked result", &text, &size);
    if (exit_code == 0)
        exit_code = tool_parse_json(path, text, size, 0, &output);
    if (exit_code == 0)
        exit_code = set_one(state, output, (mock_answer){.kind = MOCK_RETURN, .output = output});
    asl_value_unref(output);
    free(text);
    return exit_code;
}

static int add_state(tool_mocks *mocks, mock_state *state, const char *value)
{
    if (resource_of(mocks, state) == NULL)
        return tool_usage("--mock: '%s' is no Task state: only the work of tasks is mocked",
                          state->name);
    if (state->is_given)
        return tool_usage("--mock is given twice for the state '%s'", state->name);
    if (strcmp(value, "-") == 0)
        return tool_usage("--mock %s needs a file: standard input has the input", state->name);
    return strncmp(value, "error:", 6) == 0 ? set_error(state, value + 6)
                                            : set_output(state, value);
}

static int add_path(tool_mocks *mocks, const char *machine, const char *path, const char *test_case)
{
    if (mocks->has_file)
        return tool_usage("--mock takes one mock file, and '%s' is the second", path);
    mocks->has_file = true;
    tool_json_text json = {.name = path};
    char *text = NULL;
    int exit_code = tool_read(path, "the mocks", &text, &json.size);
    json.text = text;
    if (exit_code == 0)
        exit_code = tool_mocks_add_file(mocks, machine, test_case, &json);
    free(text);
    return exit_code;
}

int tool_mocks_add(tool_mocks *mocks, const char *machine, const char *argument)
{
    /* Names of states and files may hold '=' and '#': what exists decides. */
    for (const char *equals = strchr(argument, '='); equals; equals = strchr(equals + 1, '=')) {
        mock_state *state = tool_mocks_find(mocks, argument, (size_t)(equals - argument));
        if (state != NULL)
            return add_state(mocks, state, equals + 1);
    }
    const char *hash = strrchr(argument, '#');
    if (hash == NULL || access(argument, F_OK) == 0) {
        if (strchr(argument, '=') != NULL && access(argument, F_OK) != 0)
            return tool_usage("--mock %s: the definition has no such state", argument);
        return add_path(mocks, machine, argument, NULL);
    }
    char *path = strndup(argument, (size_t)(hash - argument));
    if (path == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    int exit_code = add_path(mocks, machine, path, hash + 1);
    free(path);
    return exit_code;
}
