/* JSONata expressions of a definition: AWS's dialect around the language. An expression sees no
 * context item, but $states and the workflow's variables; $states is made when it is read, and of
 * what is read of it. Whatever goes wrong is States.QueryEvaluationError, in AWS's sentences. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "expression/expression.h"
#include "expression/layout.h"

#define ERROR_NAME "States.QueryEvaluationError"

/* The members of $states, as bits. */
#define READS_INPUT 1u
#define READS_CONTEXT 2u
#define READS_RESULT 4u
#define READS_ERROR_OUTPUT 8u
#define READS_ALL 15u

bool asl_expression_is_jsonata(const char *text, size_t size)
{
    return size >= 4 && memcmp(text, "{%", 2) == 0 && memcmp(text + size - 2, "%}", 2) == 0;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

const char *asl_expression_jsonata_text(const char *text, size_t size, size_t *ret_size)
{
    text += 2;
    size -= 4;
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    while (size > 0 && is_blank(*text)) {
        text++;
        size--;
    }
    *ret_size = size;
    return text;
}

static bool contains(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(text + i, word, length) == 0)
            return true;
    return false;
}

static bool is_states(const char *name, size_t size)
{
    return size == 6 && memcmp(name, "states", 6) == 0;
}

static void note_member(void *context, const char *name, size_t name_size, const char *member,
                        size_t member_size)
{
    static const struct {
        const char *name;
        unsigned bit;
    } members[] = {{"input", READS_INPUT},
                   {"context", READS_CONTEXT},
                   {"result", READS_RESULT},
                   {"errorOutput", READS_ERROR_OUTPUT}};
    unsigned *bits = context;
    if (!is_states(name, name_size))
        return;
    if (member == NULL) {
        *bits = READS_ALL;
        return;
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strlen(members[i].name) == member_size &&
            memcmp(members[i].name, member, member_size) == 0)
            *bits |= members[i].bit;
}

int asl_jsonata_expression_compile(asl_arena *arena, const char *field, const asl_value *string,
                                   unsigned flags, asl_expression **ret, asl_error **error)
{
    size_t size = 0;
    const char *whole = asl_value_get_string(string, &size);
    const char *text = asl_expression_jsonata_text(whole, size, &size);
    asl_expression *expression =
        asl_expression_new(arena, ASL_EXPRESSION_JSONATA, field, strlen(field));
    const char *copy = asl_arena_copy(arena, text, size);
    if (expression == NULL || copy == NULL)
        return ASL_NOMEM;
    int status = asl_jsonata_compile(arena->heap, copy, size, ASL_JSONATA_STATES | flags,
                                     &expression->jsonata.query, error);
    if (status != ASL_OK)
        return status == ASL_TOO_LARGE ? ASL_SYNTAX : status;
    expression->jsonata.text = copy;
    expression->jsonata.text_size = size;
    expression->jsonata.reads_time =
        contains(copy, size, "$now") || contains(copy, size, "$millis");
    asl_jsonata_variables(expression->jsonata.query, note_member, &expression->jsonata.members);
    *ret = expression;
    return ASL_OK;
}

/* One evaluation. */
typedef struct evaluation {
    const asl_expression *expression;
    const asl_environment *environment;
    asl_value *states;
    int status; /* of what was made for it */
    bool was_asked_to_stop;
} evaluation;

static void evaluation_cleanup(evaluation *self)
{
    asl_value_unref(self->states);
}

static void add_member(evaluation *self, unsigned bit, const char *name, const asl_value *value)
{
    if ((self->expression->jsonata.members & bit) == 0 || value == NULL || self->status != ASL_OK)
        return;
    self->status = asl_value_set(&self->states, name, asl_value_ref(value));
}

/* AWS: the members of $states come in this order. */
static void make_states(evaluation *self)
{
    const asl_environment *environment = self->environment;
    const asl_value *context = NULL;
    self->states = asl_value_object(environment->heap);
    if ((self->expression->jsonata.members & READS_CONTEXT) != 0)
        context = environment->context(environment->owner);
    if (self->states == NULL ||
        ((self->expression->jsonata.members & READS_CONTEXT) != 0 && context == NULL)) {
        self->status = ASL_NOMEM;
        return;
    }
    add_member(self, READS_INPUT, "input", environment->input);
    add_member(self, READS_CONTEXT, "context", context);
    add_member(self, READS_RESULT, "result", environment->result);
    add_member(self, READS_ERROR_OUTPUT, "errorOutput", environment->error_output);
}

static const asl_value *get_variable(void *context, const char *name, size_t size)
{
    evaluation *self = context;
    const asl_environment *environment = self->environment;
    if (!is_states(name, size))
        return environment->variable(environment->owner, name, size);
    if (self->states == NULL && self->status == ASL_OK)
        make_states(self);
    return self->status == ASL_OK ? self->states : NULL;
}

static uint64_t draw_random(void *context)
{
    const asl_environment *environment = ((evaluation *)context)->environment;
    return environment->random(environment->owner);
}

static bool ask_to_stop(void *context)
{
    evaluation *self = context;
    bool is_first = !self->was_asked_to_stop;
    self->was_asked_to_stop = true;
    return self->environment->stop(self->environment->owner, is_first);
}

static asl_value *clipped_string(asl_buffer *buffer, const asl_heap *heap, size_t characters)
{
    const char *text = asl_buffer_string(buffer);
    if (text == NULL)
        return NULL;
    return asl_value_string_sized(heap, text, asl_utf8_prefix(text, buffer->size, characters));
}

/* Takes what stands in the two buffers as cause and location. */
static int set_failure(asl_failure *failure, const asl_heap *heap, asl_buffer *cause,
                       asl_buffer *location)
{
    asl_failure made = {
        .error = asl_value_string(heap, ERROR_NAME),
        .cause = clipped_string(cause, heap, ASL_CAUSE_CHARACTERS_MAX),
        .location = clipped_string(location, heap, ASL_LOCATION_CHARACTERS_MAX),
        .is_evaluation = true,
    };
    if (made.error == NULL || made.cause == NULL || made.location == NULL) {
        asl_failure_done(&made);
        return ASL_NOMEM;
    }
    *failure = made;
    return ASL_WORKFLOW_FAILED;
}

/* AWS: "The JSONata expression '...' specified for the field '...' " and what it did. */
static void begin_sentence(const asl_expression *expression, const asl_expression_place *place,
                           asl_buffer *cause, asl_buffer *location)
{
    asl_buffer_text(location, expression->field);
    if (place != NULL)
        place->write(place->owner, location);
    asl_buffer_text(cause, "The JSONata expression '");
    asl_buffer_append(cause, expression->jsonata.text, expression->jsonata.text_size);
    asl_buffer_text(cause, "' specified for the field '");
    const char *text = asl_buffer_string(location);
    if (text != NULL)
        asl_buffer_append(cause, text, location->size);
    asl_buffer_text(cause, "' ");
}

static int fail(evaluation *self, const asl_expression_place *place, const char *what,
                const char *code, const char *message, asl_failure *failure)
{
    const asl_heap *heap = self->environment->heap;
    asl_cleanup(asl_buffer_done) asl_buffer cause, location;
    asl_buffer_init(&cause, heap);
    asl_buffer_init(&location, heap);
    begin_sentence(self->expression, place, &cause, &location);
    asl_buffer_text(&cause, what);
    /* AWS: a message with a code is a sentence of its own. */
    if (message != NULL)
        asl_buffer_format(&cause, "%s%s%s%s", code[0] != '\0' ? ". " : ": ", code,
                          code[0] != '\0' ? ": " : "", message);
    return set_failure(failure, heap, &cause, &location);
}

static void error_cleanup(asl_error **error)
{
    asl_error_free(*error);
}

static int run(evaluation *self, asl_value **ret_value, asl_error **error)
{
    const asl_environment *environment = self->environment;
    asl_jsonata_options options = {
        .size = sizeof options,
        .context = self,
        .variable = get_variable,
        .random = draw_random,
        .stop = environment->stop != NULL ? ask_to_stop : NULL,
        .now_ms = 1,
    };
    if (self->expression->jsonata.reads_time) {
        int64_t now_ms = environment->now_ms(environment->owner);
        options.now_ms = now_ms > 0 ? now_ms : 1;
    }
    int status =
        asl_jsonata_evaluate(self->expression->jsonata.query, NULL, &options, ret_value, error);
    if (self->status == ASL_OK && !asl_error_is_stand_in(*error))
        return status;
    asl_value_move(ret_value, NULL);
    return ASL_NOMEM;
}

int asl_jsonata_expression_evaluate(const asl_expression *expression,
                                    const asl_environment *environment,
                                    const asl_expression_place *place, asl_value **ret_value,
                                    asl_failure *failure)
{
    asl_cleanup(evaluation_cleanup)
        evaluation self = {.expression = expression, .environment = environment};
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    asl_cleanup(error_cleanup) asl_error *error = NULL;
    int status = run(&self, &value, &error);
    if (status == ASL_EVALUATION)
        return fail(&self, place, "threw an error during evaluation", asl_error_code(error),
                    asl_error_message(error), failure);
    if (status == ASL_UNSUPPORTED)
        return fail(&self, place, "returned an unsupported result type.", "", NULL, failure);
    if (status == ASL_TOO_LARGE)
        return fail(&self, place, "threw an error during evaluation", "",
                    "What it reads or gives is nested too deep", failure);
    if (status != ASL_OK)
        return status;
    if (value == NULL)
        return fail(&self, place, "returned nothing (undefined).", "", NULL, failure);
    /* What an expression gives is serialised anew, also where it is a document as it came. */
    asl_value *compact = asl_value_compact(value);
    if (compact == NULL)
        return ASL_NOMEM;
    *ret_value = compact;
    return ASL_OK;
}

static const char *kind_name(const asl_value *value)
{
    switch (asl_value_kind(value)) {
    case ASL_KIND_NULL:
        return "null";
    case ASL_KIND_FALSE:
    case ASL_KIND_TRUE:
        return "boolean";
    case ASL_KIND_NUMBER:
        return "number";
    case ASL_KIND_STRING:
        return "string";
    case ASL_KIND_ARRAY:
        return "array";
    case ASL_KIND_OBJECT:
        break;
    }
    return "object";
}

int asl_expression_fail_kind(const asl_expression *expression, const asl_heap *heap,
                             const char *expected, const asl_value *value, asl_failure *failure)
{
    asl_cleanup(asl_buffer_done) asl_buffer cause, location;
    asl_buffer_init(&cause, heap);
    asl_buffer_init(&location, heap);
    begin_sentence(expression, NULL, &cause, &location);
    asl_buffer_format(&cause,
                      "returned an unexpected result type. Expected '%s', but was '%s' for value: ",
                      expected, kind_name(value));
    asl_value_print_to(value, &cause);
    return set_failure(failure, heap, &cause, &location);
}

typedef struct visitor {
    void (*visit)(void *context, const char *name, size_t size);
    void *context;
} visitor;

static void pass_name(void *context, const char *name, size_t name_size, const char *member,
                      size_t member_size)
{
    const visitor *self = context;
    (void)member;
    (void)member_size;
    if (!is_states(name, name_size))
        self->visit(self->context, name, name_size);
}

void asl_jsonata_expression_variables(const asl_expression *expression,
                                      void (*visit)(void *context, const char *name, size_t size),
                                      void *context)
{
    visitor self = {.visit = visit, .context = context};
    asl_jsonata_variables(expression->jsonata.query, pass_name, &self);
}
