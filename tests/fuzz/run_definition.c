/* Definitions made of bytes. One function a type of state; what a field may hold is a table of
 * texts, from which a byte chooses. States of one scope are chained, so that all can be reached;
 * branches and processors nest to a depth of three, and one definition has at most forty states. */
#include "run_definition.h"

#define DEPTH_MAX 3u
#define STATES_MAX 40u
#define PICK(g, table) pick(g, table, sizeof(table) / sizeof *(table))

typedef struct generator {
    tape *bytes;
    asl_buffer *text;
    unsigned state_count; /* names given so far */
} generator;

/* Where a state stands: `first` to `first + count - 1` are the names of its scope. */
typedef struct place {
    unsigned first, count, index, depth;
} place;

static const char *const values[] = {
    "{\"a\":\"x\",\"n\":1,\"t\":\"2023-11-14T22:13:25Z\",\"list\":[1,{\"n\":2},\"x\"]}",
    "{}",
    "null",
    "[1,2,3]",
    "{ \"a\" : [ 1, 2 ],\n\"n\": 3, \"list\":[ [1], [2], [3], [4] ] }",
    "\"text\"",
    "-2.5e3",
    "{\"a\":{\"b\":{\"c\":true}},\"n\":0,\"list\":[]}",
    "[]",
    "{\"n\":2,\"t\":\"never\",\"list\":[{\"n\":1},{\"n\":2},{\"n\":3}],\"Error\":\"E\"}",
    "true",
    "{\"n\":\"not a number\",\"list\":{\"a\":1}}",
    "{\"a\":\"a text that is too long for small limits, but not by much\",\"n\":1,\"list\":[1]}",
    "{\"a\":\"\\u0000\\\"\\\\\",\"n\":1.0,\"t\":\"2024-02-29T00:00:00.123+01:00\",\"list\":[null]}",
    "{\"n\":99999999999,\"list\":[[[]],{}]}",
    "0",
};

static const char *const errors[] = {
    "E",
    "States.TaskFailed",
    "States.Timeout",
    "States.ALL",
    "F",
    "States.Runtime",
    "States.DataLimitExceeded",
    "States.BranchFailed",
    "States.HeartbeatTimeout",
    NULL,
};

static const char *const paths[] = {
    "$",
    "$.a",
    "$.n",
    "$.t",
    "$.list",
    "$.list[0]",
    "$.list[*]",
    "$..n",
    "$.a.b",
    "$$.Execution.Name",
    "$$.State.EnteredTime",
    "$$.Map.Item.Value",
    "$$.Task.Token",
    "$$",
    "$x",
    "$y.n",
    "$.missing",
    "$.list[?(@.n > 1)]",
};

static const char *const calls[] = {
    "States.UUID()",
    "States.MathRandom(1, 99)",
    "States.Format('{} and {}', $.n, $.a)",
    "States.Array($.a, 1, $$.State.Name)",
    "States.JsonToString($)",
    "States.MathAdd($.n, 1)",
    "States.ArrayRange(1, 4, 1)",
};

static const char *const queries[] = {
    "$states.input",
    "$states.input.n + 1",
    "$states.input.list",
    "[$states.input.list.n]",
    "$states.input.missing",
    "$states.input.list[n > 1]",
    "$states.context.State.Name",
    "$states.context.Map.Item.Value",
    "$states.context",
    "$x",
    "$y.n",
    "$uuid()",
    "$millis() > 0",
    "$random() < 0.5 ? $states.input.a : 1",
    "$abs($states.input.a)",
    "function($v) { $v }",
    "1/0",
    "$states.input.n > 1",
    "$string($states.input)",
};

static const char *const references[] = {
    "\"$.r\"", "\"$\"", "null", "\"$.a\"", "\"$.a.b\"", "\"$.list[0]\"", "\"$.r.s.t\"",
};

static const char *const resources[] = {
    "arn:aws:states:::sns:publish",
    "arn:aws:lambda:us-east-1:123456789012:function:f",
    "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "arn:aws:states:::batch:submitJob.sync",
    "arn:aws:states:us-east-1:123456789012:activity:act",
    "arn:aws:states:::lambda:invoke",
};

const char *run_value_text(unsigned choice)
{
    return values[choice % (sizeof values / sizeof *values)];
}

const char *run_error_name(unsigned choice)
{
    return errors[choice % (sizeof errors / sizeof *errors)];
}

static unsigned take(generator *g)
{
    return tape_front(g->bytes);
}

static const char *pick(generator *g, const char *const *table, size_t count)
{
    return table[take(g) % count];
}

static void put(generator *g, const char *text)
{
    asl_buffer_text(g->text, text);
}

/* A field, by chance; `share` of 256. */
static bool has(generator *g, unsigned share)
{
    return take(g) > 256 - share;
}

static void put_path(generator *g, const char *field)
{
    asl_buffer_format(g->text, ",\"%s\":\"%s\"", field, PICK(g, paths));
}

static void put_template(generator *g, const char *field)
{
    asl_buffer_format(g->text, ",\"%s\":{", field);
    unsigned count = take(g) % 4;
    for (unsigned i = 0; i < count; i++) {
        unsigned kind = take(g) % 3;
        const char *comma = i > 0 ? "," : "";
        if (kind == 0)
            asl_buffer_format(g->text, "%s\"m%u.$\":\"%s\"", comma, i, PICK(g, paths));
        else if (kind == 1)
            asl_buffer_format(g->text, "%s\"m%u.$\":\"%s\"", comma, i, PICK(g, calls));
        else
            asl_buffer_format(g->text, "%s\"%s\":%s", comma, i == 0 ? "n" : "list",
                              run_value_text(take(g)));
    }
    put(g, "}");
}

/* A variable of a scope may not have the name of one around it. */
static void put_assign(generator *g, const place *at)
{
    static const char *const names[][2] = {{"x", "y"}, {"x1", "y1"}, {"x2", "y2"}, {"x3", "y3"}};
    asl_buffer_format(g->text, ",\"Assign\":{\"%s.$\":\"%s\",\"%s\":%s}", names[at->depth][0],
                      PICK(g, paths), names[at->depth][1], run_value_text(take(g)));
}

/* Any state of the scope. */
static void put_target(generator *g, const place *at, const char *field)
{
    asl_buffer_format(g->text, "\"%s\":\"S%u\"", field, at->first + take(g) % at->count);
}

static bool is_last(const place *at)
{
    return at->index + 1 == at->count;
}

static void put_next(generator *g, const place *at)
{
    put(g, ",");
    if (is_last(at))
        put(g, "\"End\":true");
    else
        asl_buffer_format(g->text, "\"Next\":\"S%u\"", at->first + at->index + 1);
}

static void put_error_names(generator *g, bool is_alone)
{
    const char *name = run_error_name(is_alone && has(g, 96) ? 3 : take(g));
    asl_buffer_format(g->text, "\"ErrorEquals\":[\"%s\"]", name != NULL ? name : "G");
}

static void put_retry(generator *g)
{
    put(g, ",\"Retry\":[{");
    put_error_names(g, true);
    asl_buffer_format(g->text, ",\"MaxAttempts\":%u,\"IntervalSeconds\":%u", take(g) % 4,
                      1 + take(g) % 5);
    if (has(g, 128))
        asl_buffer_format(g->text, ",\"BackoffRate\":%u.5,\"MaxDelaySeconds\":%u", 1 + take(g) % 3,
                          6 + take(g));
    if (has(g, 128))
        put(g, ",\"JitterStrategy\":\"FULL\"");
    put(g, "}]");
}

static void put_catch(generator *g, const place *at)
{
    put(g, ",\"Catch\":[{");
    put_error_names(g, true);
    if (has(g, 128))
        asl_buffer_format(g->text, ",\"ResultPath\":%s", PICK(g, references));
    if (has(g, 64))
        put_assign(g, at);
    put(g, ",");
    put_target(g, at, "Next");
    put(g, "}]");
}

static void put_handlers(generator *g, const place *at)
{
    if (has(g, 64))
        put_template(g, "ResultSelector");
    if (has(g, 96))
        put_retry(g);
    if (has(g, 96))
        put_catch(g, at);
}

/* What Task, Pass, Wait, Parallel and Map states have in common. */
static void put_flow(generator *g, const place *at, bool has_result)
{
    if (has(g, 32))
        put_path(g, "InputPath");
    if (has(g, 32))
        put_path(g, "OutputPath");
    if (has_result && has(g, 96))
        asl_buffer_format(g->text, ",\"ResultPath\":%s", PICK(g, references));
    if (has(g, 64))
        put_assign(g, at);
    put_next(g, at);
}

static void put_pass(generator *g, const place *at)
{
    put(g, "\"Type\":\"Pass\"");
    if (has(g, 128))
        asl_buffer_format(g->text, ",\"Result\":%s", run_value_text(take(g)));
    if (has(g, 96))
        put_template(g, "Parameters");
    put_flow(g, at, true);
}

static void put_task(generator *g, const place *at)
{
    asl_buffer_format(g->text, "\"Type\":\"Task\",\"Resource\":\"%s\"", PICK(g, resources));
    if (has(g, 96))
        asl_buffer_format(g->text, ",\"TimeoutSeconds\":%u", 10 + take(g) % 4);
    else if (has(g, 32))
        put(g, ",\"TimeoutSecondsPath\":\"$.n\"");
    if (has(g, 96))
        asl_buffer_format(g->text, ",\"HeartbeatSeconds\":%u", 1 + take(g) % 9);
    if (has(g, 96))
        put_template(g, "Parameters");
    put_handlers(g, at);
    put_flow(g, at, true);
}

static void put_wait(generator *g, const place *at)
{
    static const char *const forms[] = {
        "\"Seconds\":1",
        "\"SecondsPath\":\"$.n\"",
        "\"Timestamp\":\"2023-11-14T22:13:30Z\"",
        "\"TimestampPath\":\"$.t\"",
        "\"Seconds\":0",
        "\"SecondsPath\":\"$x\"",
        "\"Seconds\":100",
    };
    asl_buffer_format(g->text, "\"Type\":\"Wait\",%s", PICK(g, forms));
    put_flow(g, at, false);
}

static void put_choice(generator *g, const place *at)
{
    static const char *const rules[] = {
        "\"Variable\":\"$.n\",\"NumericGreaterThan\":1",
        "\"Variable\":\"$.a\",\"StringMatches\":\"x*\"",
        "\"Variable\":\"$.list[0]\",\"IsPresent\":true",
        "\"Not\":{\"Variable\":\"$.n\",\"NumericEqualsPath\":\"$.list[0]\"}",
        "\"Or\":[{\"Variable\":\"$.n\",\"IsNull\":true},{\"Variable\":\"$.a\",\"IsString\":true}]",
        "\"Variable\":\"$.t\",\"TimestampLessThan\":\"2024-01-01T00:00:00Z\"",
        "\"Variable\":\"$$.State.Name\",\"StringEquals\":\"S1\"",
        "\"Variable\":\"$x\",\"IsString\":true",
    };
    put(g, "\"Type\":\"Choice\",\"Choices\":[");
    unsigned count = 1 + take(g) % 3;
    for (unsigned i = 0; i < count; i++) {
        asl_buffer_format(g->text, "%s{%s", i > 0 ? "," : "", PICK(g, rules));
        if (has(g, 48))
            put_assign(g, at);
        put(g, ",");
        put_target(g, at, "Next");
        put(g, "}");
    }
    put(g, "]");
    asl_buffer_format(g->text, ",\"Default\":\"S%u\"", at->first + at->index + 1);
}

static void put_end(generator *g, const place *at)
{
    (void)at;
    if (has(g, 160)) {
        put(g, "\"Type\":\"Succeed\"");
        if (has(g, 64))
            put_path(g, "OutputPath");
        return;
    }
    put(g, "\"Type\":\"Fail\"");
    if (has(g, 64))
        asl_buffer_format(g->text, ",\"ErrorPath\":\"%s\"", PICK(g, paths));
    else if (has(g, 192))
        put(g, ",\"Error\":\"E\"");
    if (has(g, 64))
        put(g, ",\"CausePath\":\"States.Format('{}', $.a)\"");
    else if (has(g, 128))
        put(g, ",\"Cause\":\"because\"");
}

static void put_scope(generator *g, unsigned depth);

static void put_parallel(generator *g, const place *at)
{
    put(g, "\"Type\":\"Parallel\",\"Branches\":[");
    unsigned count = 1 + take(g) % 3;
    for (unsigned i = 0; i < count; i++) {
        put(g, i > 0 ? ",{" : "{");
        put_scope(g, at->depth + 1);
        put(g, "}");
    }
    put(g, "]");
    if (has(g, 64))
        put_template(g, "Parameters");
    put_handlers(g, at);
    put_flow(g, at, true);
}

static void put_map(generator *g, const place *at)
{
    put(g, "\"Type\":\"Map\",\"ItemProcessor\":{");
    put_scope(g, at->depth + 1);
    put(g, "}");
    if (has(g, 224))
        asl_buffer_format(g->text, ",\"ItemsPath\":\"%s\"", has(g, 48) ? PICK(g, paths) : "$.list");
    if (has(g, 96))
        put_template(g, "ItemSelector");
    if (has(g, 128))
        asl_buffer_format(g->text, ",\"MaxConcurrency\":%u", take(g) % 4);
    else if (has(g, 48))
        put(g, ",\"MaxConcurrencyPath\":\"$.n\"");
    put_handlers(g, at);
    put_flow(g, at, true);
}

/* A JSONata expression; `own` is what only this field may read, and NULL where there is nothing. */
static void put_query(generator *g, const char *own)
{
    if (own != NULL && has(g, 96))
        asl_buffer_format(g->text, "\"{%% %s%s %%}\"", own, has(g, 64) ? ".a" : "");
    else
        asl_buffer_format(g->text, "\"{%% %s %%}\"", PICK(g, queries));
}

/* An expression by itself, or in objects and arrays. */
static void put_queries(generator *g, const char *field, const char *own)
{
    unsigned form = take(g) % 4;
    asl_buffer_format(g->text, ",\"%s\":%s", field, form == 2 ? "[1," : form == 3 ? "{\"a\":" : "");
    put_query(g, own);
    if (form == 2) {
        put(g, ",{\"n\":");
        put_query(g, own);
        put(g, "}]");
    } else if (form == 3) {
        asl_buffer_format(g->text, ",\"list\":%s,\"n\":[", run_value_text(take(g)));
        put_query(g, own);
        put(g, "]}");
    }
}

static void put_query_assign(generator *g, const place *at, const char *own)
{
    static const char *const names[][2] = {{"x", "y"}, {"x1", "y1"}, {"x2", "y2"}, {"x3", "y3"}};
    asl_buffer_format(g->text, ",\"Assign\":{\"%s\":%s", names[at->depth][1],
                      run_value_text(take(g)));
    put_queries(g, names[at->depth][0], own);
    put(g, "}");
}

/* Output and Assign of a state, a rule or a catcher. */
static void put_query_output(generator *g, const place *at, const char *own)
{
    if (has(g, 128))
        put_queries(g, "Output", own);
    if (has(g, 64))
        put_query_assign(g, at, own);
}

static void put_query_handlers(generator *g, const place *at)
{
    if (has(g, 96))
        put_retry(g);
    if (!has(g, 128))
        return;
    put(g, ",\"Catch\":[{");
    put_error_names(g, true);
    put_query_output(g, at, "$states.errorOutput");
    put(g, ",");
    put_target(g, at, "Next");
    put(g, "}]");
}

static void put_query_result(generator *g, const place *at)
{
    put_query_handlers(g, at);
    put_query_output(g, at, "$states.result");
    put_next(g, at);
}

static void put_query_pass(generator *g, const place *at)
{
    put(g, "\"Type\":\"Pass\"");
    put_query_output(g, at, NULL);
    put_next(g, at);
}

static void put_query_task(generator *g, const place *at)
{
    asl_buffer_format(g->text, "\"Type\":\"Task\",\"Resource\":\"%s\"", PICK(g, resources));
    if (has(g, 96))
        put(g, ",\"TimeoutSeconds\":\"{% 10 + $states.input.n %}\"");
    if (has(g, 64))
        put(g, ",\"HeartbeatSeconds\":\"{% $states.input.n %}\"");
    if (has(g, 128))
        put_queries(g, "Arguments", NULL);
    put_query_result(g, at);
}

static void put_query_wait(generator *g, const place *at)
{
    static const char *const forms[] = {
        "\"Seconds\":\"{% $states.input.n %}\"",
        "\"Timestamp\":\"{% $states.input.t %}\"",
        "\"Timestamp\":\"2023-11-14T22:13:30Z\"",
        "\"Seconds\":\"{% $x %}\"",
    };
    asl_buffer_format(g->text, "\"Type\":\"Wait\",%s", PICK(g, forms));
    put_query_output(g, at, NULL);
    put_next(g, at);
}

static void put_query_choice(generator *g, const place *at)
{
    put(g, "\"Type\":\"Choice\",\"Choices\":[");
    unsigned count = 1 + take(g) % 3;
    for (unsigned i = 0; i < count; i++) {
        put(g, i > 0 ? ",{\"Condition\":" : "{\"Condition\":");
        if (has(g, 128))
            put(g, "\"{% $states.input.n > 1 %}\"");
        else
            put_query(g, NULL);
        put_query_output(g, at, NULL);
        put(g, ",");
        put_target(g, at, "Next");
        put(g, "}");
    }
    put(g, "]");
    put_query_output(g, at, NULL);
    asl_buffer_format(g->text, ",\"Default\":\"S%u\"", at->first + at->index + 1);
}

static void put_query_parallel(generator *g, const place *at)
{
    put(g, "\"Type\":\"Parallel\",\"Branches\":[{");
    put_scope(g, at->depth + 1);
    put(g, "},{");
    put_scope(g, at->depth + 1);
    put(g, "}]");
    if (has(g, 96))
        put_queries(g, "Arguments", NULL);
    put_query_result(g, at);
}

static void put_query_map(generator *g, const place *at)
{
    put(g, "\"Type\":\"Map\",\"ItemProcessor\":{");
    put_scope(g, at->depth + 1);
    put(g, "}");
    if (has(g, 192))
        put(g, ",\"Items\":\"{% $states.input.list %}\"");
    else if (has(g, 128))
        put(g, ",\"Items\":[1,\"{% $states.input %}\"]");
    if (has(g, 96))
        put_queries(g, "ItemSelector", NULL);
    if (has(g, 96))
        put(g, ",\"MaxConcurrency\":\"{% $states.input.n %}\"");
    put_query_result(g, at);
}

static void put_query_end(generator *g, const place *at)
{
    (void)at;
    if (has(g, 160)) {
        put(g, "\"Type\":\"Succeed\"");
        if (has(g, 128))
            put_queries(g, "Output", NULL);
        return;
    }
    put(g, "\"Type\":\"Fail\",\"Cause\":");
    put_query(g, NULL);
    put(g, ",\"Error\":\"{% 'E' & $states.input.n %}\"");
}

typedef void (*state_writer)(generator *g, const place *at);

/* One state in four uses JSONata. */
static void put_state(generator *g, const place *at)
{
    static const state_writer flat[][4] = {
        {put_task, put_pass, put_wait, put_choice},
        {put_query_task, put_query_pass, put_query_wait, put_query_choice}};
    static const state_writer any[][8] = {
        {put_task, put_parallel, put_map, put_pass, put_map, put_parallel, put_wait, put_choice},
        {put_query_task, put_query_parallel, put_query_map, put_query_pass, put_query_map,
         put_query_parallel, put_query_wait, put_query_choice}};
    static const state_writer pass[] = {put_pass, put_query_pass};
    static const state_writer end[] = {put_end, put_query_end};
    unsigned choice = take(g), language = choice / 8 % 4 == 3;
    if (language == 1)
        put(g, "\"QueryLanguage\":\"JSONata\",");
    if (is_last(at) && choice > 160)
        end[language](g, at);
    else if (is_last(at) && choice % 8 == 7)
        pass[language](g, at); /* a Choice ends no scope, so it is never the last */
    else if (at->depth < DEPTH_MAX && g->state_count < STATES_MAX)
        any[language][choice % 8](g, at);
    else
        flat[language][choice % (is_last(at) ? 3 : 4)](g, at);
}

static void put_scope(generator *g, unsigned depth)
{
    place at = {.first = g->state_count, .count = 1 + take(g) % 4, .depth = depth};
    g->state_count += at.count;
    asl_buffer_format(g->text, "\"StartAt\":\"S%u\",\"States\":{", at.first);
    for (; at.index < at.count; at.index++) {
        asl_buffer_format(g->text, "%s\"S%u\":{", at.index > 0 ? "," : "", at.first + at.index);
        put_state(g, &at);
        put(g, "}");
    }
    put(g, "}");
}

void run_definition_make(tape *bytes, asl_buffer *text)
{
    generator g = {.bytes = bytes, .text = text};
    put(&g, "{");
    put_scope(&g, 0);
    if (has(&g, 32))
        put(&g, ",\"TimeoutSeconds\":60");
    put(&g, "}");
}
