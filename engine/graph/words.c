/* Rules are written as one would say them: "$.a >= 1", not "NumericGreaterThanEquals". The operator
 * is taken apart by the parts that its name is made of. */
#include "graph/words.h"

#include <string.h>

#include "expression/expression.h"
#include "value/value.h"

#define RULE_DEPTH_MAX 8u /* And, Or and Not in each other; deeper ones are an ellipsis */
#define ELLIPSIS "\xE2\x80\xA6"
#define DOT " \xC2\xB7 "
#define TIMES "\xC3\x97"

static bool is_full(const asl_buffer *out)
{
    return out->status != ASL_OK || out->size >= ASL_GRAPH_WORDS_MAX;
}

/* A long text is cut at the end of a character. */
static void append_text(asl_buffer *out, const char *text, size_t size)
{
    if (is_full(out))
        return;
    size_t room = ASL_GRAPH_WORDS_MAX - out->size, taken = size;
    if (size > room)
        for (taken = room; taken > 0 && ((unsigned char)text[taken] & 0xC0) == 0x80;)
            taken--;
    asl_buffer_append(out, text, taken);
    if (taken < size)
        asl_buffer_text(out, ELLIPSIS);
}

static void append_string(asl_buffer *out, const asl_value *string)
{
    size_t size = 0;
    const char *text = asl_value_get_string(string, &size);
    if (text != NULL)
        append_text(out, text, size);
}

static void append_literal(asl_buffer *out, const asl_value *value)
{
    asl_buffer text;
    asl_buffer_init(&text, out->heap);
    asl_value_print_to(value, &text);
    if (text.status == ASL_OK)
        append_text(out, text.bytes, text.size);
    else
        out->status = text.status;
    asl_buffer_done(&text);
}

/* A JSONata expression without its signs; any other text as it is; other values as JSON. */
static void append_field(asl_buffer *out, const asl_value *value)
{
    size_t size = 0;
    const char *text = asl_value_get_string(value, &size);
    if (text != NULL && asl_expression_is_jsonata(text, size))
        text = asl_expression_jsonata_text(text, size, &size);
    if (text != NULL)
        append_text(out, text, size);
    else
        append_literal(out, value);
}

static bool starts_with(const char *text, size_t size, const char *start)
{
    size_t start_size = strlen(start);
    return size >= start_size && memcmp(text, start, start_size) == 0;
}

static bool is_text(const char *text, size_t size, const char *other)
{
    return size == strlen(other) && memcmp(text, other, size) == 0;
}

/* "Equals" -> "==". */
static const char *sign_of(const char *name, size_t size)
{
    static const char *const signs[][2] = {
        {"Equals", "=="},         {"LessThan", "<"},           {"GreaterThan", ">"},
        {"LessThanEquals", "<="}, {"GreaterThanEquals", ">="}, {"Matches", "matches"},
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (is_text(name, size, signs[i][0]))
            return signs[i][1];
    return NULL;
}

/* "IsNull": true -> "is null". */
static void append_kind(asl_buffer *out, const char *name, size_t size, const asl_value *operand)
{
    asl_buffer_text(out, asl_value_kind(operand) == ASL_KIND_FALSE ? " is not " : " is ");
    for (size_t i = 2; i < size; i++)
        asl_buffer_byte(out, (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]));
}

static void append_comparison(asl_buffer *out, const char *name, size_t size,
                              const asl_value *operand)
{
    static const char *const kinds[] = {"String", "Numeric", "Boolean", "Timestamp"};
    bool is_path = size > 4 && memcmp(name + size - 4, "Path", 4) == 0;
    size -= is_path ? 4 : 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!starts_with(name, size, kinds[i]))
            continue;
        const char *sign = sign_of(name + strlen(kinds[i]), size - strlen(kinds[i]));
        asl_buffer_format(out, " %s ", sign != NULL ? sign : "?");
        if (is_path)
            append_string(out, operand);
        else
            append_literal(out, operand);
        return;
    }
}

static void append_test(asl_buffer *out, const asl_value *test, unsigned depth);

/* Operands with more than one part stand in parentheses where they are not alone. */
static void append_operands(asl_buffer *out, const asl_value *operands, const char *word,
                            unsigned depth)
{
    size_t count = asl_value_count(operands);
    for (size_t i = 0; i < count && !is_full(out); i++) {
        const asl_value *operand = asl_value_at(operands, i);
        bool is_joined =
            asl_value_get(operand, "And") != NULL || asl_value_get(operand, "Or") != NULL;
        asl_buffer_text(out, i > 0 ? word : "");
        asl_buffer_text(out, is_joined && count > 1 ? "(" : "");
        append_test(out, operand, depth + 1);
        asl_buffer_text(out, is_joined && count > 1 ? ")" : "");
    }
}

static void append_test(asl_buffer *out, const asl_value *test, unsigned depth)
{
    if (depth == RULE_DEPTH_MAX) {
        asl_buffer_text(out, ELLIPSIS);
        return;
    }
    const asl_value *all = asl_value_get(test, "And"), *any = asl_value_get(test, "Or");
    const asl_value *not = asl_value_get(test, "Not");
    if (all != NULL || any != NULL) {
        append_operands(out, all != NULL ? all : any, all != NULL ? " and " : " or ", depth);
        return;
    }
    if (not != NULL) {
        asl_buffer_text(out, "not (");
        append_test(out, not, depth + 1);
        asl_buffer_byte(out, ')');
        return;
    }
    append_string(out, asl_value_get(test, "Variable"));
    for (size_t i = 0; i < asl_value_count(test); i++) {
        size_t size = 0;
        const char *name = asl_value_get_string(asl_value_key(test, i), &size);
        if (starts_with(name, size, "Is"))
            append_kind(out, name, size, asl_value_at(test, i));
        else
            append_comparison(out, name, size, asl_value_at(test, i));
    }
}

void asl_graph_words_rule(asl_buffer *out, const asl_value *rule)
{
    const asl_value *condition = asl_value_get(rule, "Condition");
    if (condition != NULL)
        append_field(out, condition);
    else if (rule != NULL)
        append_test(out, rule, 0);
}

void asl_graph_words_errors(asl_buffer *out, const asl_error_names *errors)
{
    for (uint32_t i = 0; i < errors->count && !is_full(out); i++) {
        asl_buffer_text(out, i > 0 ? ", " : "");
        append_string(out, errors->names[i]);
    }
}

void asl_graph_words_retry(asl_buffer *out, const asl_state *state)
{
    for (uint32_t i = 0; i < state->retrier_count && !is_full(out); i++) {
        const asl_retrier *retrier = &state->retriers[i];
        asl_buffer_format(out, "%s%lld" TIMES " ", i > 0 ? "; " : "Retry ",
                          (long long)retrier->max_attempts);
        asl_graph_words_errors(out, &retrier->errors);
    }
}

/* Behind the last "part" of a text; NULL where it has none. */
static const char *behind(const char *text, const char *part)
{
    const char *found = NULL;
    for (const char *next = text; next != NULL && (next = strstr(next, part)) != NULL;)
        found = next += strlen(part);
    return found;
}

/* What tells one resource from another: an ARN without what all of its kind have in common. */
static void append_resource(asl_buffer *out, const asl_value *resource)
{
    static const char *const parts[] = {":::aws-sdk:", ":::", ":function:", ":activity:"};
    size_t size = 0;
    const char *text = asl_value_get_string(resource, &size), *found = NULL;
    bool is_arn = text != NULL && starts_with(text, size, "arn:");
    for (size_t i = 0; is_arn && found == NULL && i < sizeof parts / sizeof *parts; i++)
        found = behind(text, parts[i]);
    if (found != NULL && *found != '\0')
        append_text(out, found, size - (size_t)(found - text));
    else
        append_string(out, resource);
}

static void append_wait(asl_buffer *out, const asl_value *source)
{
    static const char *const fields[] = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const asl_value *field = asl_value_get(source, fields[i]);
        if (field == NULL)
            continue;
        asl_buffer_text(out, i < 2 ? DOT : DOT "until ");
        append_field(out, field);
        asl_buffer_text(out, i < 2 ? " s" : "");
        return;
    }
}

static void append_member(asl_buffer *out, const char *before, const asl_value *source,
                          const char *name)
{
    const asl_value *field = asl_value_get(source, name);
    if (field == NULL)
        return;
    asl_buffer_text(out, before);
    append_field(out, field);
}

void asl_graph_words_detail(asl_buffer *out, const asl_state *state, const asl_value *source)
{
    asl_buffer_text(out, asl_state_type_name(state->type));
    switch (state->type) {
    case ASL_STATE_TASK:
        asl_buffer_text(out, DOT);
        append_resource(out, state->as.task.resource);
        break;
    case ASL_STATE_WAIT:
        append_wait(out, source);
        break;
    case ASL_STATE_MAP:
        append_member(out, DOT "at most ", source, "MaxConcurrency");
        break;
    case ASL_STATE_FAIL:
        append_member(out, DOT, source, "Error");
        append_member(out, DOT, source, "ErrorPath");
        break;
    case ASL_STATE_PARALLEL:
    case ASL_STATE_PASS:
    case ASL_STATE_CHOICE:
    case ASL_STATE_SUCCEED:
        break;
    }
}
