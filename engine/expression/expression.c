/* Failures, constants, paths and intrinsic calls, and the one evaluate. Each field speaks AWS's
 * words for a path that finds nothing; which words depends on the kind of field, decided here. */
#include "expression/expression.h"

#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "expression/layout.h"

void asl_failure_done(asl_failure *failure)
{
    asl_value_unref(failure->error);
    asl_value_unref(failure->cause);
    asl_value_unref(failure->location);
    *failure = (asl_failure){0};
}

static void buffer_cleanup(asl_buffer *buffer)
{
    asl_buffer_done(buffer);
}

__attribute__((format(printf, 4, 0))) static int set_failure(asl_failure *failure,
                                                             const asl_heap *heap,
                                                             const char *error, const char *format,
                                                             va_list arguments)
{
    asl_cleanup(buffer_cleanup) asl_buffer cause;
    asl_buffer_init(&cause, heap);
    asl_buffer_format_list(&cause, format, arguments);
    if (cause.status != ASL_OK)
        return ASL_NOMEM;
    asl_cleanup(asl_value_cleanup) asl_value *name = asl_value_string(heap, error);
    asl_value *text = asl_value_string_sized(heap, cause.bytes, cause.size);
    if (name == NULL || text == NULL) {
        asl_value_unref(text);
        return ASL_NOMEM;
    }
    *failure = (asl_failure){.error = asl_steal(name), .cause = text};
    return ASL_WORKFLOW_FAILED;
}

int asl_failure_set(asl_failure *failure, const asl_heap *heap, const char *error,
                    const char *cause_format, ...)
{
    va_list arguments;
    va_start(arguments, cause_format);
    int status = set_failure(failure, heap, error, cause_format, arguments);
    va_end(arguments);
    return status;
}

int asl_failure_set_evaluation(asl_failure *failure, const asl_heap *heap, const char *location,
                               const char *cause_format, ...)
{
    asl_failure made = {.error = NULL};
    va_list arguments;
    va_start(arguments, cause_format);
    int status = set_failure(&made, heap, "States.QueryEvaluationError", cause_format, arguments);
    va_end(arguments);
    if (status == ASL_WORKFLOW_FAILED && location != NULL) {
        made.location = asl_value_string(heap, location);
        status = made.location != NULL ? status : ASL_NOMEM;
    }
    made.is_evaluation = true;
    if (status == ASL_WORKFLOW_FAILED)
        *failure = made;
    else
        asl_failure_done(&made);
    return status;
}

asl_expression *asl_expression_new(asl_arena *arena, asl_expression_kind kind, const char *field,
                                   size_t field_size)
{
    asl_expression *expression = asl_arena_allocate(arena, sizeof *expression);
    char *name = asl_arena_copy(arena, field, field_size);
    if (expression == NULL || name == NULL)
        return NULL;
    expression->kind = kind;
    expression->field = name;
    return expression;
}

int asl_expression_constant(asl_arena *arena, const char *field, const asl_value *value,
                            asl_expression **ret)
{
    asl_expression *expression =
        asl_expression_new(arena, ASL_EXPRESSION_CONSTANT, field, strlen(field));
    if (expression == NULL)
        return ASL_NOMEM;
    expression->constant = asl_value_ref(value);
    *ret = expression;
    return ASL_OK;
}

static int compile_path(asl_arena *arena, const char *field, size_t field_size, const char *text,
                        size_t size, unsigned flags, asl_expression **ret, asl_error **error)
{
    asl_expression *expression = asl_expression_new(arena, ASL_EXPRESSION_PATH, field, field_size);
    if (expression == NULL)
        return ASL_NOMEM;
    int status = asl_path_compile(arena->heap, text, size, flags, &expression->path, error);
    if (status == ASL_OK)
        *ret = expression;
    return status;
}

int asl_expression_path(asl_arena *arena, const char *field, const char *text, size_t size,
                        unsigned flags, asl_expression **ret, asl_error **error)
{
    int status = compile_path(arena, field, strlen(field), text, size, flags, ret, error);
    return status == ASL_TOO_LARGE ? ASL_SYNTAX : status;
}

static int compile_call(asl_arena *arena, const char *field, size_t field_size, const char *text,
                        size_t size, asl_expression **ret, asl_error **error)
{
    asl_expression *expression =
        asl_expression_new(arena, ASL_EXPRESSION_INTRINSIC, field, field_size);
    if (expression == NULL)
        return ASL_NOMEM;
    int status = asl_intrinsic_compile(arena->heap, text, size, &expression->call, error);
    if (status == ASL_OK)
        *ret = expression;
    return status;
}

int asl_expression_dynamic_sized(asl_arena *arena, const char *field, size_t field_size,
                                 const char *text, size_t size, asl_expression **ret,
                                 asl_error **error)
{
    static const char prefix[] = "States.";
    int status;
    if (size > 0 && text[0] == '$')
        status = compile_path(arena, field, field_size, text, size, 0, ret, error);
    else if (size >= sizeof prefix - 1 && memcmp(text, prefix, sizeof prefix - 1) == 0)
        status = compile_call(arena, field, field_size, text, size, ret, error);
    else
        status = asl_error_set(error, ASL_SYNTAX,
                               "neither a path that begins with '$' nor a call of States.*");
    if (status == ASL_OK)
        (*ret)->is_dynamic = true;
    return status == ASL_TOO_LARGE ? ASL_SYNTAX : status;
}

int asl_expression_dynamic(asl_arena *arena, const char *field, const char *text, size_t size,
                           asl_expression **ret, asl_error **error)
{
    return asl_expression_dynamic_sized(arena, field, strlen(field), text, size, ret, error);
}

void asl_expression_done(asl_expression *expression)
{
    if (expression == NULL)
        return;
    switch (expression->kind) {
    case ASL_EXPRESSION_CONSTANT:
        asl_value_unref(asl_steal(expression->constant));
        break;
    case ASL_EXPRESSION_PATH:
        asl_path_free(asl_steal(expression->path));
        break;
    case ASL_EXPRESSION_INTRINSIC:
        asl_intrinsic_free(asl_steal(expression->call));
        break;
    case ASL_EXPRESSION_JSONATA:
        asl_jsonata_unref(asl_steal(expression->jsonata.query));
        break;
    case ASL_EXPRESSION_TEMPLATE:
        asl_template_done(expression);
        break;
    }
}

asl_expression_kind asl_expression_kind_of(const asl_expression *expression)
{
    return expression->kind;
}

const char *asl_expression_field(const asl_expression *expression)
{
    return expression->field;
}

const asl_path *asl_expression_get_path(const asl_expression *expression)
{
    return expression->kind == ASL_EXPRESSION_PATH ? expression->path : NULL;
}

/* ASL_NOT_FOUND where nothing is there; the failure then says why, or is empty. */
static int select_path(const asl_path *path, const asl_environment *environment,
                       asl_value **ret_value, asl_path_failure *failure)
{
    const asl_value *root = environment->input;
    switch (asl_path_root_of(path)) {
    case ASL_PATH_INPUT:
        break;
    case ASL_PATH_CONTEXT:
        root = environment->context(environment->owner);
        if (root == NULL)
            return ASL_NOMEM;
        break;
    case ASL_PATH_VARIABLE: {
        size_t size = 0;
        const char *name = asl_path_variable(path, &size);
        root = environment->variable(environment->owner, name, size);
        if (root == NULL)
            return ASL_NOT_FOUND;
        break;
    }
    }
    return asl_path_evaluate(path, root, ret_value, failure);
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t size = strlen(text), suffix_size = strlen(suffix);
    return size >= suffix_size && strcmp(text + size - suffix_size, suffix) == 0;
}

/* ASL: Choice, what is tested and the *Path operands. */
static bool is_choice_field(const char *field)
{
    return strcmp(field, "Variable") == 0 || ends_with(field, "EqualsPath") ||
           ends_with(field, "ThanPath");
}

/* The evaluation's input as text, for causes that quote it. */
static const char *print_input(const asl_environment *environment, asl_buffer *buffer)
{
    asl_buffer_init(buffer, environment->heap);
    asl_value_print_to(environment->input, buffer);
    return asl_buffer_string(buffer);
}

static int fail_dynamic(const asl_expression *expression, const asl_environment *environment,
                        asl_failure *failure)
{
    asl_cleanup(buffer_cleanup) asl_buffer buffer;
    const char *input = print_input(environment, &buffer);
    if (input == NULL)
        return ASL_NOMEM;
    size_t size = 0;
    const char *path = asl_path_text(expression->path, &size);
    return asl_failure_set(failure, environment->heap, "States.Runtime",
                           "The JSONPath '%.*s' specified for the field '%s' could not be found "
                           "in the input '%s'",
                           (int)size, path, expression->field, input);
}

static int fail_path(const asl_expression *expression, const asl_environment *environment,
                     const asl_path_failure *why, asl_failure *failure)
{
    const asl_heap *heap = environment->heap;
    const char *field = expression->field;
    size_t size = 0;
    const char *path = asl_path_text(expression->path, &size);
    if (strcmp(field, "SecondsPath") == 0 || strcmp(field, "TimestampPath") == 0)
        return asl_failure_set(failure, heap, "States.Runtime",
                               "The %s parameter does not reference an input value: %.*s", field,
                               (int)size, path);
    if (is_choice_field(field))
        return asl_failure_set(failure, heap, "States.Runtime",
                               "Invalid path '%.*s': The choice state's condition path references "
                               "an invalid value.",
                               (int)size, path);
    if (why->message == NULL)
        return asl_failure_set(failure, heap, "States.Runtime",
                               "Invalid path '%.*s' : The variable has not been assigned",
                               (int)size, path);
    return asl_failure_set(failure, heap, "States.Runtime", "Invalid path '%.*s' : %s", (int)size,
                           path, asl_value_get_string(why->message, NULL));
}

/* AWS re-serialises what a ".$" field or an argument takes from a document: white space goes. */
static int select_compact(const asl_path *path, const asl_environment *environment,
                          asl_value **ret_value, asl_path_failure *why)
{
    asl_cleanup(asl_value_cleanup) asl_value *selected = NULL;
    int status = select_path(path, environment, &selected, why);
    if (status != ASL_OK)
        return status;
    asl_value *compact = asl_value_compact(selected);
    if (compact == NULL)
        return ASL_NOMEM;
    *ret_value = compact;
    return ASL_OK;
}

static int evaluate_path(const asl_expression *expression, const asl_environment *environment,
                         asl_value **ret_value, asl_failure *failure)
{
    asl_path_failure why = {0};
    int status = (expression->is_dynamic ? select_compact : select_path)(
        expression->path, environment, ret_value, &why);
    if (status == ASL_NOT_FOUND && expression->is_dynamic) {
        /* The service reads an array index past the end as null in ".$" fields. */
        if (why.is_past_end) {
            *ret_value = asl_value_null();
            status = ASL_OK;
        } else {
            status = fail_dynamic(expression, environment, failure);
        }
    } else if (status == ASL_NOT_FOUND) {
        status = fail_path(expression, environment, &why, failure);
    } else if (status == ASL_TOO_LARGE) {
        size_t size = 0;
        const char *path = asl_path_text(expression->path, &size);
        status =
            asl_failure_set(failure, environment->heap, "States.Runtime",
                            "Invalid path '%.*s' : it visits too many values", (int)size, path);
    }
    asl_value_unref(why.message);
    return status;
}

/* What an intrinsic call's path argument goes through: the failure is kept for later. */
typedef struct call_state {
    const asl_environment *environment;
    asl_failure *failure;
} call_state;

static int select_argument(void *owner, const asl_path *path, asl_value **ret_value)
{
    const call_state *state = owner;
    const asl_environment *environment = state->environment;
    asl_path_failure why = {0};
    int status = select_compact(path, environment, ret_value, &why);
    asl_value_unref(why.message);
    if (status != ASL_NOT_FOUND)
        return status;
    asl_cleanup(buffer_cleanup) asl_buffer buffer;
    const char *input = print_input(environment, &buffer);
    if (input == NULL)
        return ASL_NOMEM;
    size_t size = 0;
    const char *text = asl_path_text(path, &size);
    status = asl_failure_set(state->failure, environment->heap, "States.Runtime",
                             "The JsonPath argument for the field '%.*s' could not be found in "
                             "the input '%s'",
                             (int)size, text, input);
    return status == ASL_WORKFLOW_FAILED ? ASL_NOT_FOUND : status;
}

static uint64_t draw_random(void *owner)
{
    const call_state *state = owner;
    return state->environment->random(state->environment->owner);
}

static int evaluate_call(const asl_expression *expression, const asl_environment *environment,
                         asl_value **ret_value, asl_failure *failure)
{
    call_state state = {.environment = environment, .failure = failure};
    asl_intrinsic_environment call_environment = {
        .heap = environment->heap,
        .owner = &state,
        .path = select_argument,
        .random = draw_random,
        .payload_bytes = environment->payload_bytes,
    };
    asl_cleanup(asl_value_cleanup) asl_value *cause = NULL;
    int status = asl_intrinsic_call(expression->call, &call_environment, ret_value, &cause);
    if (status == ASL_NOT_FOUND)
        return ASL_WORKFLOW_FAILED;
    if (status == ASL_INVALID)
        return asl_failure_set(failure, environment->heap, "States.IntrinsicFailure", "%s",
                               cause != NULL ? asl_value_get_string(cause, NULL) : "");
    if (status == ASL_TOO_LARGE)
        return asl_failure_set(failure, environment->heap, "States.DataLimitExceeded",
                               "The function '%s' returned a result with a size exceeding the "
                               "maximum number of bytes service limit.",
                               asl_intrinsic_name(expression->call));
    return status;
}

int asl_expression_evaluate(const asl_expression *expression, const asl_environment *environment,
                            asl_value **ret_value, asl_failure *failure)
{
    switch (expression->kind) {
    case ASL_EXPRESSION_CONSTANT:
        *ret_value = asl_value_ref(expression->constant);
        return ASL_OK;
    case ASL_EXPRESSION_PATH:
        return evaluate_path(expression, environment, ret_value, failure);
    case ASL_EXPRESSION_INTRINSIC:
        return evaluate_call(expression, environment, ret_value, failure);
    case ASL_EXPRESSION_JSONATA:
        return asl_jsonata_expression_evaluate(expression, environment, NULL, ret_value, failure);
    case ASL_EXPRESSION_TEMPLATE:
        return asl_template_evaluate(expression, environment, ret_value, failure);
    }
    return ASL_MISUSE;
}

typedef struct variable_visit {
    void (*visit)(void *context, const char *name, size_t size);
    void *context;
} variable_visit;

static void visit_path(void *context, const asl_path *path)
{
    const variable_visit *visit = context;
    if (asl_path_root_of(path) != ASL_PATH_VARIABLE)
        return;
    size_t size = 0;
    const char *name = asl_path_variable(path, &size);
    visit->visit(visit->context, name, size);
}

void asl_expression_variables(const asl_expression *expression,
                              void (*visit)(void *context, const char *name, size_t size),
                              void *context)
{
    variable_visit state = {.visit = visit, .context = context};
    switch (expression->kind) {
    case ASL_EXPRESSION_CONSTANT:
        break;
    case ASL_EXPRESSION_PATH:
        visit_path(&state, expression->path);
        break;
    case ASL_EXPRESSION_INTRINSIC:
        asl_intrinsic_paths(expression->call, visit_path, &state);
        break;
    case ASL_EXPRESSION_JSONATA:
        asl_jsonata_expression_variables(expression, visit, context);
        break;
    case ASL_EXPRESSION_TEMPLATE:
        for (uint32_t i = 0; i < expression->steps.count; i++)
            if (expression->steps.steps[i].kind == ASL_TEMPLATE_DYNAMIC)
                asl_expression_variables(expression->steps.steps[i].dynamic, visit, context);
        break;
    }
}
