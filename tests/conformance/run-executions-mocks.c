/* The tasks of a case. `byState` holds the outcomes of each state in the order of its tries; where
 * tries run at the same time, what a task receives says which outcome is its own. Where a state has
 * none left, `byResource` says how the function behaves that it calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run-executions.h"

static void print_python(const asl_value *value, bool is_repr, FILE *out)
{
    static const char *const words[2][3] = {{"null", "false", "true"}, {"None", "False", "True"}};
    char *text = NULL;
    asl_kind kind = asl_value_kind(value);
    if (kind <= ASL_KIND_TRUE) {
        fputs(words[is_repr][kind], out);
    } else if (kind == ASL_KIND_STRING && is_repr) {
        fprintf(out, "'%s'", asl_value_get_string(value, NULL));
    } else if (kind == ASL_KIND_STRING || kind == ASL_KIND_NUMBER) {
        if (asl_value_print(value, 0, &text, NULL) == ASL_OK)
            fputs(text, out);
    } else {
        bool is_object = kind == ASL_KIND_OBJECT;
        fputc(is_object ? '{' : '[', out);
        for (size_t i = 0; i < asl_value_count(value); i++) {
            fputs(i > 0 ? ", " : "", out);
            if (is_object) {
                print_python(asl_value_key(value, i), is_repr, out);
                fputs(": ", out);
            }
            print_python(asl_value_at(value, i), is_repr, out);
        }
        fputc(is_object ? '}' : ']', out);
    }
    asl_text_free(text);
}

char *python_text(const asl_value *value, bool is_repr)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    print_python(value, is_repr, out);
    fclose(out);
    return text;
}

bool mocks_init(mocks *self, const asl_value *record, first_problem *problem)
{
    const asl_value *all = asl_value_get(record, "mocks");
    *self = (mocks){.by_state = asl_value_get(all, "byState"),
                    .by_resource = asl_value_get(all, "byResource"),
                    .problem = problem};
    size_t count = 1;
    for (size_t i = 0; i < asl_value_count(self->by_state); i++)
        count += asl_value_count(asl_value_at(self->by_state, i));
    self->used = calloc(count, sizeof *self->used);
    return self->used != NULL;
}

void mocks_done(mocks *self)
{
    free(self->used);
    free(self->workers);
    self->used = NULL;
    self->workers = NULL;
}

/* The outcomes of a state, and where their marks begin. */
static const asl_value *find_outcomes(const mocks *self, const char *state, bool **ret_used)
{
    bool *used = self->used;
    for (size_t i = 0; i < asl_value_count(self->by_state); i++) {
        const asl_value *outcomes = asl_value_at(self->by_state, i);
        if (strcmp(asl_value_get_string(asl_value_key(self->by_state, i), NULL), state) == 0) {
            *ret_used = used;
            return outcomes;
        }
        used += asl_value_count(outcomes);
    }
    return NULL;
}

/* The first outcome left that was recorded for this input, else the first one left. */
static const asl_value *pick_outcome(mocks *self, const char *state, const asl_value *input)
{
    bool *used = NULL;
    const asl_value *outcomes = find_outcomes(self, state, &used);
    size_t count = asl_value_count(outcomes), first = count;
    for (size_t i = 0; i < count; i++) {
        const asl_value *when = asl_value_get(asl_value_at(outcomes, i), "whenInput");
        if (used[i])
            continue;
        if (when != NULL && asl_value_equal(when, input)) {
            first = i;
            break;
        }
        first = first == count ? i : first;
    }
    if (first == count)
        return NULL;
    used[first] = true;
    return asl_value_at(outcomes, first);
}

static bool is_function(const char *resource)
{
    return strstr(resource, ":lambda:") != NULL && strstr(resource, ":function:") != NULL;
}

/* How the function that a task calls behaves: it may be named by its ARN or by its name alone. */
static const asl_value *find_behaviour(const mocks *self, const asl_task *task)
{
    const char *name = asl_task_resource(task);
    if (!is_function(name))
        name = text_of(asl_task_input(task), "FunctionName");
    for (size_t i = 0; name != NULL && i < asl_value_count(self->by_resource); i++) {
        const char *key = asl_value_get_string(asl_value_key(self->by_resource, i), NULL);
        const char *tail = strstr(key, ":function:");
        if (strcmp(key, name) == 0 ||
            (tail != NULL && strcmp(tail + strlen(":function:"), name) == 0))
            return asl_value_at(self->by_resource, i);
    }
    return NULL;
}

static void set_text(asl_value **object, const char *key, const char *text, bool in_array)
{
    asl_value *item = asl_value_string(NULL, text);
    asl_value *array = in_array ? asl_value_array(NULL) : NULL;
    if (in_array)
        asl_value_append(&array, item);
    asl_value_set(object, key, in_array ? array : item);
}

/* The headers of an answer of the function service, in its order; ids are placeholders. */
static asl_value *make_headers(const char *size, bool is_all)
{
    static const char *const all[] = {"X-Amz-Executed-Version",
                                      "x-amzn-Remapped-Content-Length",
                                      "Connection",
                                      "x-amzn-RequestId",
                                      "Content-Length",
                                      "Date",
                                      "X-Amzn-Trace-Id",
                                      "Content-Type"};
    static const char *const one_by_one[] = {"Connection",
                                             "Content-Length",
                                             "Content-Type",
                                             "Date",
                                             "X-Amz-Executed-Version",
                                             "x-amzn-Remapped-Content-Length",
                                             "x-amzn-RequestId",
                                             "X-Amzn-Trace-Id"};
    static const struct {
        const char *name, *text;
        bool in_array;
    } texts[] = {
        {"Connection", "keep-alive", true},
        {"Content-Type", "application/json", true},
        {"Date", "Thu, 01 Jan 1970 00:00:00 GMT", false},
        {"X-Amz-Executed-Version", "$LATEST", true},
        {"x-amzn-Remapped-Content-Length", "0", true},
        {"x-amzn-RequestId", "x-amzn-RequestId", false},
        {"X-Amzn-Trace-Id", "X-Amzn-Trace-Id", false},
    };
    asl_value *headers = asl_value_object(NULL);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *name = is_all ? all[i] : one_by_one[i];
        if (strcmp(name, "Content-Length") == 0)
            set_text(&headers, name, size, is_all);
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
            if (strcmp(texts[j].name, name) == 0)
                set_text(&headers, name, texts[j].text, is_all && texts[j].in_array);
    }
    return headers;
}

/* What lambda:invoke returns for a function's result. Steals `payload`. */
static asl_value *make_answer(asl_value *payload)
{
    char size[32];
    char *text = python_text(payload, false);
    snprintf(size, sizeof size, "%zu", text == NULL ? 0 : strlen(text));
    free(text);
    asl_value *http = asl_value_object(NULL), *metadata = asl_value_object(NULL),
              *answer = asl_value_object(NULL);
    asl_value_set(&http, "AllHttpHeaders", make_headers(size, true));
    asl_value_set(&http, "HttpHeaders", make_headers(size, false));
    asl_value_set(&http, "HttpStatusCode", asl_value_integer(NULL, 200));
    set_text(&metadata, "RequestId", "RequestId", false);
    set_text(&answer, "ExecutedVersion", "$LATEST", false);
    asl_value_set(&answer, "Payload", payload);
    asl_value_set(&answer, "SdkHttpMetadata", http);
    asl_value_set(&answer, "SdkResponseMetadata", metadata);
    asl_value_set(&answer, "StatusCode", asl_value_integer(NULL, 200));
    return answer;
}

/* Who ends a task: a handler, or who has its token. */
typedef struct ending {
    asl_engine *engine;
    asl_task *task;
    const char *token; /* NULL: the handler */
} ending;

/* An output in which the recording has a mark for the task's token. Steals `output`. */
static asl_value *fill_token(asl_value *output, const char *token)
{
    static const char mark[] = "{{task_token:1}}";
    char *text = NULL, *filled = NULL;
    asl_value *result = NULL;
    const char *place = asl_value_print(output, 0, &text, NULL) == ASL_OK ? strstr(text, mark) : 0;
    int size = place == NULL ? -1
                             : asprintf(&filled, "%.*s%s%s", (int)(place - text), text, token,
                                        place + strlen(mark));
    if (size >= 0)
        (void)asl_value_parse(NULL, filled, (size_t)size, ASL_PARSE_KEEP_TEXT, &result, NULL);
    if (size >= 0)
        free(filled);
    asl_text_free(text);
    if (result == NULL)
        return output;
    asl_value_unref(output);
    return result;
}

static void end_well(const ending *end, asl_value *output)
{
    if (end->token != NULL)
        output = fill_token(output, end->token);
    if (end->token != NULL)
        (void)asl_engine_send_task_success(end->engine, end->token, output, NULL, NULL);
    else
        (void)asl_task_succeed(end->task, output, NULL);
}

/* A cause that was recorded as JSON: a function's own text, or re-serialised by the service. */
static void end_badly(const ending *end, const asl_value *what)
{
    const asl_value *json = asl_value_get(what, "causeJson");
    char *compact = NULL, *spaced = NULL;
    if (json != NULL && end->task != NULL && is_function(asl_task_resource(end->task)))
        spaced = python_text(json, false);
    else if (json != NULL)
        (void)asl_value_print(json, 0, &compact, NULL);
    const char *cause = json == NULL ? text_of(what, "cause") : spaced != NULL ? spaced : compact;
    const char *error = text_of(what, "error");
    if (end->token != NULL)
        (void)asl_engine_send_task_failure(end->engine, end->token, error, cause, NULL, NULL);
    else
        (void)asl_task_fail(end->task, error, cause, NULL);
    free(spaced);
    asl_text_free(compact);
}

/* "input-event-{event as python repr}" with the event in its place. */
static asl_value *fill_template(const char *pattern, const asl_value *event)
{
    char *shown = python_text(event, true), *filled = NULL;
    const char *place = strchr(pattern, '{');
    asl_value *result = NULL;
    if (shown != NULL && place != NULL &&
        asprintf(&filled, "%.*s%s", (int)(place - pattern), pattern, shown) >= 0)
        result = asl_value_string(NULL, filled);
    free(filled);
    free(shown);
    return result;
}

static void behave(mocks *self, asl_task *task, const asl_value *behaviour)
{
    bool is_direct = is_function(asl_task_resource(task));
    const asl_value *input = asl_task_input(task);
    const asl_value *event = is_direct ? input : asl_value_get(input, "Payload");
    const char *word = asl_value_get_string(behaviour, NULL);
    const char *pattern = text_of(behaviour, "returnTemplate");
    asl_value *result = NULL;
    if (word != NULL && strcmp(word, "echo") == 0)
        result = event != NULL ? asl_value_ref(event) : asl_value_object(NULL);
    else if (pattern != NULL)
        result = fill_template(pattern, event);
    else if (asl_value_get(behaviour, "return") != NULL)
        result = asl_value_ref(asl_value_get(behaviour, "return"));
    if (result != NULL)
        (void)asl_task_succeed(task, is_direct ? result : make_answer(result), NULL);
    else if (asl_value_get(behaviour, "throw") != NULL)
        end_badly(&(ending){.task = task}, asl_value_get(behaviour, "throw"));
    else
        problem_note(self->problem, "%s: nothing plays this behaviour", asl_task_state(task));
}

/* The exact text of a result, or the text as a string where it is no JSON. */
static asl_value *parse_result(const asl_value *text)
{
    size_t size = 0;
    const char *bytes = asl_value_get_string(text, &size);
    asl_value *result = NULL;
    if (asl_value_parse(NULL, bytes, size, ASL_PARSE_KEEP_TEXT, &result, NULL) != ASL_OK)
        result = asl_value_ref(text);
    return result;
}

static void end_as_told(mocks *self, const ending *end, const char *state, const asl_value *what)
{
    const asl_value *text = asl_value_get(what, "returnText");
    if (is_true(asl_value_get(what, "hang")))
        return;
    if (asl_value_get(what, "throw") != NULL)
        end_badly(end, asl_value_get(what, "throw"));
    else if (text != NULL)
        end_well(end, parse_result(text));
    else if (asl_value_get(what, "return") != NULL)
        end_well(end, asl_value_ref(asl_value_get(what, "return")));
    else
        problem_note(self->problem, "%s: an outcome of an unknown kind", state);
}

static bool is_callback(const asl_task *task)
{
    static const char pattern[] = ".waitForTaskToken";
    const char *resource = asl_task_resource(task);
    size_t size = strlen(resource), end = sizeof pattern - 1;
    return size > end && strcmp(resource + size - end, pattern) == 0;
}

/* A task's outcome: for a handler. */
static void play(void *context, asl_task *task)
{
    mocks *self = context;
    const asl_value *what = pick_outcome(self, asl_task_state(task), asl_task_input(task));
    if (what == NULL) {
        const asl_value *behaviour = find_behaviour(self, task);
        if (behaviour != NULL)
            behave(self, task, behaviour);
        else
            problem_note(self->problem, "%s: no outcome is left for this task",
                         asl_task_state(task));
        return;
    }
    ending end = {.engine = self->engine, .task = task};
    const asl_value *submission = asl_value_get(what, "submit");
    if (submission != NULL) {
        (void)asl_task_submit(task, asl_value_ref(submission), NULL);
        end.token = is_callback(task) ? asl_task_token(task) : NULL;
    }
    end_as_told(self, &end, asl_task_state(task), what);
}

/* The worker of an activity: asks for a task, plays its outcome, and asks for the next. */
typedef struct worker {
    mocks *mocks;
    const char *state, *resource, *name;
} worker;

static void fetch(void *context, const char *token, const asl_value *input)
{
    worker *self = context;
    mocks *all = self->mocks;
    if (token == NULL)
        return;
    const asl_value *what = pick_outcome(all, self->state, input);
    if (what == NULL)
        problem_note(all->problem, "%s: no outcome is left for this task", self->state);
    else
        end_as_told(all, &(ending){.engine = all->engine, .token = token}, self->state, what);
    (void)asl_activity_poll(all->engine, self->resource, self->name, fetch, self, NULL);
}

/* The name of the worker that a state's first outcome was recorded with; NULL: none. */
static const char *worker_of(const mocks *self, const char *state)
{
    bool *used = NULL;
    return text_of(asl_value_at(find_outcomes(self, state, &used), 0), "workerName");
}

int mocks_serve(mocks *self, asl_engine *engine, const asl_definition *definition)
{
    asl_task_handler handler = {
        .size = sizeof handler, .start = play, .context = self, .flags = ASL_HANDLER_MOCK};
    size_t count = asl_definition_state_count(definition);
    self->engine = engine;
    self->workers = calloc(count + 1, sizeof *self->workers);
    int status = self->workers != NULL ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; status == ASL_OK && i < count; i++) {
        const char *state = asl_definition_state_name(definition, i);
        const char *resource = asl_definition_state_resource(definition, i);
        const char *name = resource != NULL ? worker_of(self, state) : NULL;
        if (name != NULL) {
            worker *added = &self->workers[self->worker_count++];
            *added = (worker){.mocks = self, .state = state, .resource = resource, .name = name};
            status = asl_activity_poll(engine, resource, name, fetch, added, NULL);
        } else if (resource != NULL) {
            status = asl_engine_register(engine, resource, &handler, NULL);
        }
    }
    return status;
}
