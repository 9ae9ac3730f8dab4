/* Problems and their messages: jsonata-js's words, in which `{x}` stands for what is put in as JSON
 * and `<x>` for what is put in as it is. */
#include "jsonata/problem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "value/value.h"

#define VALUE_BYTES_MAX 4096u /* of a value in a message */

static const struct {
    const char *code, *message;
} messages[] = {
    {"S0101", "String literal must be terminated by a matching quote"},
    {"S0102", "Number out of range: {token}"},
    {"S0103", "Unsupported escape sequence: \\{token}"},
    {"S0104", "The escape sequence \\u must be followed by 4 hex digits"},
    {"S0105", "Quoted property name must be terminated with a backquote (`)"},
    {"S0106", "Comment has no closing tag"},
    {"S0201", "Syntax error: {token}"},
    {"S0202", "Expected {value}, got {token}"},
    {"S0203", "Expected {value} before end of expression"},
    {"S0204", "Unknown operator: {token}"},
    {"S0205", "Unexpected token: {token}"},
    {"S0206", "Unknown expression type: {token}"},
    {"S0207", "Unexpected end of expression"},
    {"S0208", "Parameter {value} of function definition must be a variable name (start with $)"},
    {"S0209", "A predicate cannot follow a grouping expression in a step"},
    {"S0210", "Each step can only have one grouping expression"},
    {"S0211", "The symbol {token} cannot be used as a unary operator"},
    {"S0212", "The left side of := must be a variable name (start with $)"},
    {"S0213", "The literal value {value} cannot be used as a step within a path expression"},
    {"S0214", "The right side of {token} must be a variable name (start with $)"},
    {"S0215", "A context variable binding must precede any predicates on a step"},
    {"S0216", "A context variable binding must precede the 'order-by' clause on a step"},
    {"S0217", "The object representing the 'parent' cannot be derived from this expression"},
    {"S0301", "Empty regular expressions are not allowed"},
    {"S0302", "No terminating / in regular expression"},
    {"S0402", "Choice groups containing parameterized types are not supported"},
    {"S0401", "Type parameters can only be applied to functions and arrays"},
    {"T0410", "Argument {index} of function {token} does not match function signature"},
    {"T0411", "Context value is not a compatible type with argument {index} of function {token}"},
    {"T0412", "Argument {index} of function {token} must be an array of {type}"},
    {"D1001", "Number out of range: {value}"},
    {"D1002", "Cannot negate a non-numeric value: {value}"},
    {"T1003", "Key in object structure must evaluate to a string; got: {value}"},
    {"D1004", "Regular expression matches zero length string"},
    {"T1005", "Attempted to invoke a non-function. Did you mean $<token>?"},
    {"T1006", "Attempted to invoke a non-function"},
    {"T1007", "Attempted to partially apply a non-function. Did you mean $<token>?"},
    {"T1008", "Attempted to partially apply a non-function"},
    {"D1009", "Multiple key definitions evaluate to same key: {value}"},
    {"D1010", "Attempted to access the Javascript object prototype"},
    {"T1010", "The matcher function argument passed to function {token} does not return the correct"
              " object structure"},
    {"T2001", "The left side of the {token} operator must evaluate to a number"},
    {"T2002", "The right side of the {token} operator must evaluate to a number"},
    {"T2003", "The left side of the range operator (..) must evaluate to an integer"},
    {"T2004", "The right side of the range operator (..) must evaluate to an integer"},
    {"T2006", "The right side of the function application operator ~> must be a function"},
    {"T2007", "Type mismatch when comparing values {value} and {value2} in order-by clause"},
    {"T2008",
     "The expressions within an order-by clause must evaluate to numeric or string values"},
    {"T2009", "The values {value} and {value2} either side of operator {token} must be of the same"
              " data type"},
    {"T2010", "The expressions either side of operator {token} must evaluate to numeric or string"
              " values"},
    {"T2011", "The insert/update clause of the transform expression must evaluate to an object:"
              " {value}"},
    {"T2012", "The delete clause of the transform expression must evaluate to a string or array of"
              " strings: {value}"},
    {"D2014", "The size of the sequence allocated by the range operator (..) must not exceed 1e6. "
              " Attempted to allocate {value}."},
    {"D3001", "Attempting to invoke string function on Infinity or NaN"},
    {"D3010", "Second argument of replace function cannot be an empty string"},
    {"D3011", "Fourth argument of replace function must evaluate to a positive number"},
    {"D3012", "Attempted to replace a matched string with a non-string value"},
    {"D3020", "Third argument of split function must evaluate to a positive number"},
    {"D3030", "Unable to cast value to a number: {value}"},
    {"D3040", "Third argument of match function must evaluate to a positive number"},
    {"D3050", "The second argument of reduce function must be a function with at least two"
              " arguments"},
    {"D3060", "The sqrt function cannot be applied to a negative number: {value}"},
    {"D3061", "The power function has resulted in a value that cannot be represented as a JSON"
              " number: base={value}, exponent={value2}"},
    {"D3070", "The single argument form of the sort function can only be applied to an array of"
              " strings or an array of numbers.  Use the second argument to specify a comparison"
              " function"},
    {"D3080", "The picture string must only contain a maximum of two sub-pictures"},
    {"D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator'"
              " character"},
    {"D3082", "The sub-picture must not contain more than one instance of the 'percent' character"},
    {"D3083", "The sub-picture must not contain more than one instance of the 'per-mille'"
              " character"},
    {"D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"},
    {"D3085", "The mantissa part of a sub-picture must contain at least one character that is"
              " either an 'optional digit character' or a member of the 'decimal digit family'"},
    {"D3086", "The sub-picture must not contain a passive character that is preceded by an active"
              " character and that is followed by another active character"},
    {"D3087", "The sub-picture must not contain a 'grouping-separator' character that appears"
              " adjacent to a 'decimal-separator' character"},
    {"D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the integer"
              " part"},
    {"D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator'"
              " character"},
    {"D3090", "The integer part of the sub-picture must not contain a member of the 'decimal digit"
              " family' that is followed by an instance of the 'optional digit character'"},
    {"D3091", "The fractional part of the sub-picture must not contain an instance of the 'optional"
              " digit character' that is followed by a member of the 'decimal digit family'"},
    {"D3092", "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a"
              " character treated as an 'exponent-separator'"},
    {"D3093", "The exponent part of the sub-picture must comprise only of one or more characters"
              " that are members of the 'decimal digit family'"},
    {"D3100", "The radix of the formatBase function must be between 2 and 36.  It was given"
              " {value}"},
    {"D3110", "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given"
              " {value}"},
    {"D3120", "Syntax error in expression passed to function eval: {value}"},
    {"D3121", "Dynamic error evaluating the expression passed to function eval: {value}"},
    {"D3130", "Formatting or parsing an integer as a sequence starting with {value} is not"
              " supported by this implementation"},
    {"D3131", "In a decimal digit pattern, all digits must be from the same decimal group"},
    {"D3132", "Unknown component specifier {value} in date/time picture string"},
    {"D3133", "The 'name' modifier can only be applied to months and days in the date/time picture"
              " string, not {value}"},
    {"D3134", "The timezone integer format specifier cannot have more than four digits"},
    {"D3135", "No matching closing bracket ']' in date/time picture string"},
    {"D3136", "The date/time picture string is missing specifiers required to parse the timestamp"},
    {"D3138", "The $single() function expected exactly 1 matching result.  Instead it matched"
              " more."},
    {"D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."},
    {"D3140", "Malformed URL passed to $<function>(): {value}"},
};

int asl_problem_set(asl_problem *problem, const char *code)
{
    *problem = (asl_problem){.status = ASL_EVALUATION, .code = code};
    return ASL_EVALUATION;
}

int asl_problem_about(asl_problem *problem, const char *code, asl_datum value)
{
    *problem = (asl_problem){.status = ASL_EVALUATION, .code = code, .value = value};
    return ASL_EVALUATION;
}

static void put(asl_datum datum, asl_buffer *buffer, unsigned depth);

static void put_array(asl_datum array, asl_buffer *buffer, unsigned depth)
{
    asl_buffer_byte(buffer, '[');
    for (size_t i = 0; i < asl_datum_count(array) && buffer->status == ASL_OK; i++) {
        if (i > 0)
            asl_buffer_byte(buffer, ',');
        asl_datum item = asl_datum_at(array, i);
        put(asl_datum_is_undefined(item) ? asl_datum_null() : item, buffer, depth + 1);
    }
    asl_buffer_byte(buffer, ']');
}

static void put_object(asl_datum object, asl_buffer *buffer, unsigned depth)
{
    bool is_first = true;
    asl_buffer_byte(buffer, '{');
    for (size_t i = 0; i < asl_datum_member_count(object) && buffer->status == ASL_OK; i++) {
        asl_datum key = asl_datum_key(object, i), item = asl_datum_member(object, i);
        if (asl_datum_is_undefined(item))
            continue;
        if (!is_first)
            asl_buffer_byte(buffer, ',');
        is_first = false;
        asl_print_string(key.bytes, key.size, buffer);
        asl_buffer_byte(buffer, ':');
        put(item, buffer, depth + 1);
    }
    asl_buffer_byte(buffer, '}');
}

static void put_number(double number, asl_buffer *buffer)
{
    char text[ASL_DOUBLE_TEXT_SIZE];
    if (isfinite(number))
        asl_buffer_append(buffer, text, asl_print_double(number == 0 ? 0 : number, text));
    else
        asl_buffer_text(buffer, "null");
}

/* A value as JSON.stringify prints it. */
static void put(asl_datum datum, asl_buffer *buffer, unsigned depth)
{
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return;
    switch ((asl_datum_kind)datum.kind) {
    case ASL_DATUM_UNDEFINED:
        asl_buffer_text(buffer, "undefined");
        break;
    case ASL_DATUM_NULL:
        asl_buffer_text(buffer, "null");
        break;
    case ASL_DATUM_BOOL:
        asl_buffer_text(buffer, datum.truth ? "true" : "false");
        break;
    case ASL_DATUM_NUMBER:
        put_number(asl_datum_double(datum), buffer);
        break;
    case ASL_DATUM_STRING:
        asl_print_string(datum.bytes, datum.size, buffer);
        break;
    case ASL_DATUM_ARRAY:
        put_array(datum, buffer, depth);
        break;
    case ASL_DATUM_OBJECT:
        put_object(datum, buffer, depth);
        break;
    case ASL_DATUM_FUNCTION:
    case ASL_DATUM_TUPLE:
        asl_buffer_text(buffer, "{}");
        break;
    }
}

/* A value in a message: a very long one is cut. */
static void put_value(asl_datum datum, asl_buffer *buffer)
{
    asl_buffer text;
    asl_buffer_init(&text, buffer->heap);
    text.limit = VALUE_BYTES_MAX;
    put(datum, &text, 0);
    asl_buffer_append(buffer, text.bytes, text.size);
    if (text.status == ASL_TOO_LARGE)
        asl_buffer_text(buffer, "...");
    else if (text.status != ASL_OK)
        buffer->status = text.status;
    asl_buffer_done(&text);
}

static bool field_is(const char *field, size_t size, const char *name)
{
    return size == strlen(name) && memcmp(field, name, size) == 0;
}

static void put_field(const asl_problem *problem, const char *field, size_t size,
                      asl_buffer *buffer)
{
    if (field_is(field, size, "token")) {
        put_value(problem->token, buffer);
    } else if (field_is(field, size, "value") && !asl_datum_is_undefined(problem->quoted)) {
        asl_buffer_append(buffer, problem->quoted.bytes, problem->quoted.size);
    } else if (field_is(field, size, "value")) {
        put_value(problem->value, buffer);
    } else if (field_is(field, size, "value2")) {
        put_value(problem->value2, buffer);
    } else if (field_is(field, size, "index")) {
        asl_buffer_format(buffer, "%u", problem->index);
    } else if (field_is(field, size, "type") && problem->type != NULL) {
        asl_buffer_format(buffer, "\"%s\"", problem->type);
    } else {
        asl_buffer_text(buffer, "undefined");
    }
}

/* What stands in `<...>`: bare. */
static void put_bare(const asl_problem *problem, const char *field, size_t size, asl_buffer *buffer)
{
    if (field_is(field, size, "function"))
        asl_buffer_text(buffer, problem->function != NULL ? problem->function : "undefined");
    else if (asl_datum_is(problem->token, ASL_DATUM_STRING))
        asl_buffer_append(buffer, problem->token.bytes, problem->token.size);
}

static void put_message(const asl_problem *problem, const char *message, asl_buffer *buffer)
{
    for (const char *next = message; *next != '\0';) {
        size_t plain = strcspn(next, "{<");
        asl_buffer_append(buffer, next, plain);
        next += plain;
        if (*next == '\0')
            break;
        bool is_bare = *next == '<';
        size_t size = strcspn(++next, is_bare ? ">" : "}");
        (is_bare ? put_bare : put_field)(problem, next, size, buffer);
        next += size + 1;
    }
}

void asl_problem_message(const asl_problem *problem, asl_buffer *buffer)
{
    if (!asl_datum_is_undefined(problem->text)) {
        asl_buffer_append(buffer, problem->text.bytes, problem->text.size);
        return;
    }
    for (size_t i = 0; problem->code != NULL && i < sizeof messages / sizeof messages[0]; i++) {
        if (strcmp(messages[i].code, problem->code) == 0) {
            put_message(problem, messages[i].message, buffer);
            return;
        }
    }
    asl_buffer_text(buffer, "the expression failed");
}

static const char *plain_message(int status)
{
    switch (status) {
    case ASL_NOMEM:
        return "out of memory";
    case ASL_TOO_LARGE:
        return "the expression, or what it makes, is nested too deep";
    case ASL_UNSUPPORTED:
        return "the result is, or contains, a function";
    default:
        return "the expression could not be evaluated";
    }
}

int asl_problem_to_error(const asl_problem *problem, const char *text, size_t size,
                         asl_error **error)
{
    if (error == NULL || *error != NULL)
        return problem->status;
    if (problem->code == NULL)
        return asl_error_set(error, problem->status, "%s", plain_message(problem->status));
    asl_buffer message, token;
    asl_buffer_init(&message, NULL);
    asl_buffer_init(&token, NULL);
    asl_problem_message(problem, &message);
    if (asl_datum_is(problem->token, ASL_DATUM_STRING))
        asl_buffer_append(&token, problem->token.bytes, problem->token.size);
    else if (!asl_datum_is_undefined(problem->token))
        put(problem->token, &token, 0);
    const char *said = asl_buffer_string(&message);
    asl_error_code_parts parts = {.code = problem->code,
                                  .message = said != NULL ? said : "out of memory",
                                  .token = token.bytes,
                                  .token_size = token.status == ASL_OK ? token.size : 0,
                                  .offset = problem->has_position ? problem->position : 0};
    int status = asl_error_set_code(error, problem->status, text, size, &parts);
    asl_buffer_done(&message);
    asl_buffer_done(&token);
    return status;
}
