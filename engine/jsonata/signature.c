/* Parsing signatures, and checking arguments by them. */
#include "jsonata/signature.h"

#include <string.h>

#include "jsonata/eval.h"

/* The letters of jsonata-js; m is what is missing. */
static const char letters[] = "asnblfom";
#define LETTER_COUNT 8u
#define KINDS_ANY 0xFFu

static uint16_t kind_bit(char letter)
{
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;
    return found != NULL ? (uint16_t)(1u << (found - letters)) : 0;
}

/* Where the letter of each kind stands in `letters`. */
static const unsigned char places[] = {
    [ASL_DATUM_ARRAY] = 0,  [ASL_DATUM_STRING] = 1, [ASL_DATUM_NUMBER] = 2,
    [ASL_DATUM_BOOL] = 3,   [ASL_DATUM_NULL] = 4,   [ASL_DATUM_FUNCTION] = 5,
    [ASL_DATUM_OBJECT] = 6, [ASL_DATUM_TUPLE] = 6,  [ASL_DATUM_UNDEFINED] = 7};

static char letter_of(asl_datum datum)
{
    return letters[places[datum.kind]];
}

static uint16_t bit_of(asl_datum datum)
{
    return (uint16_t)(1u << places[datum.kind]);
}

typedef struct reader {
    const char *text;
    size_t size, position;
    asl_parameter *parameters;
    size_t count;
    asl_problem *problem;
} reader;

static int refuse(const reader *r, const char *code, asl_datum value)
{
    if (r->problem != NULL)
        *r->problem = (asl_problem){.status = ASL_SYNTAX,
                                    .code = code,
                                    .has_position = true,
                                    .position = r->position,
                                    .value = value};
    return ASL_SYNTAX;
}

/* Where the bracket that opens at `position` closes. */
static size_t closing(const reader *r, char open, char close)
{
    size_t depth = 1, i = r->position;
    while (++i < r->size) {
        if (r->text[i] == close && --depth == 0)
            break;
        if (r->text[i] == open)
            depth++;
    }
    return i;
}

static uint16_t kinds_of(const char *text, size_t size)
{
    uint16_t kinds = kind_bit('m');
    for (size_t i = 0; i < size; i++)
        kinds |= kind_bit(text[i]);
    return kinds;
}

static int read_choice(reader *r)
{
    size_t end = closing(r, '(', ')');
    const char *choice = r->text + r->position + 1;
    size_t size = end > r->position ? end - r->position - 1 : 0;
    if (memchr(choice, '<', size) != NULL)
        return refuse(r, "S0402", asl_datum_string(choice, size));
    r->parameters[r->count++] = (asl_parameter){.kinds = kinds_of(choice, size)};
    r->position = end;
    return ASL_OK;
}

static int read_subtype(reader *r, char type)
{
    asl_parameter *parameter = r->count > 0 ? &r->parameters[r->count - 1] : NULL;
    if (parameter == NULL || (type != 'a' && type != 'f'))
        return refuse(r, "S0401",
                      type != '\0' ? asl_datum_string(strchr("sbnlofjxa(", type), 1)
                                   : asl_datum_undefined());
    size_t end = closing(r, '<', '>');
    size_t size = end - r->position - 1;
    if (size >= sizeof parameter->subtype)
        size = sizeof parameter->subtype - 1;
    memcpy(parameter->subtype, r->text + r->position + 1, size);
    r->position = end;
    return ASL_OK;
}

static void read_modifier(reader *r, char symbol)
{
    if (r->count == 0)
        return;
    asl_parameter *parameter = &r->parameters[r->count - 1];
    if (symbol == '+') {
        parameter->is_repeated = true;
    } else {
        parameter->is_lazy |= parameter->is_optional;
        parameter->is_optional = true;
        parameter->has_context |= symbol == '-';
    }
}

static int read_symbols(reader *r)
{
    char type = '\0';
    for (r->position = 1; r->position < r->size; r->position++) {
        char symbol = r->text[r->position];
        int status = ASL_OK;
        if (symbol == ':')
            return ASL_OK;
        if (symbol == '-' || symbol == '?' || symbol == '+') {
            read_modifier(r, symbol);
        } else if (symbol == '(') {
            type = symbol;
            status = read_choice(r);
        } else if (symbol == '<') {
            status = read_subtype(r, type);
        } else if (symbol != '\0' && strchr("snblofajx", symbol) != NULL) {
            type = symbol;
            uint16_t kinds = kinds_of(&symbol, 1);
            if (symbol == 'a' || symbol == 'x')
                kinds = KINDS_ANY;
            else if (symbol == 'j')
                kinds = (uint16_t)(KINDS_ANY & ~(unsigned)kind_bit('f'));
            else if (symbol == 'f')
                kinds = kind_bit('f');
            r->parameters[r->count++] = (asl_parameter){.kinds = kinds, .is_array = symbol == 'a'};
        }
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

int asl_signature_parse(asl_arena *arena, const char *text, size_t size,
                        const asl_signature **ret_signature, asl_problem *problem)
{
    asl_signature *signature =
        asl_arena_allocate(arena, sizeof *signature + size * sizeof(asl_parameter));
    if (signature == NULL) {
        if (problem != NULL)
            problem->status = ASL_NOMEM;
        return ASL_NOMEM;
    }
    reader r = {
        .text = text, .size = size, .parameters = signature->parameters, .problem = problem};
    int status = read_symbols(&r);
    signature->count = r.count;
    if (status == ASL_OK)
        *ret_signature = signature;
    return status;
}

/* How many arguments each parameter takes; `kinds` are the bits of the arguments. */
typedef struct matching {
    const asl_signature *signature;
    uint16_t kinds[ASL_ARGUMENTS_MAX];
    size_t count;
    size_t taken[ASL_ARGUMENTS_MAX];
    size_t tries;
} matching;

#define TRIES_MAX 100000u

static size_t run_length(const matching *m, const asl_parameter *parameter, size_t at)
{
    size_t length = 0, most = parameter->is_repeated ? m->count : 1;
    while (length < most && at + length < m->count &&
           (m->kinds[at + length] & parameter->kinds) != 0)
        length++;
    return length;
}

/* Recursion is bounded by the parameters of one signature. */
static bool match(matching *m, size_t index, size_t at)
{
    if (index == m->signature->count)
        return at == m->count;
    if (++m->tries > TRIES_MAX)
        return false;
    const asl_parameter *parameter = &m->signature->parameters[index];
    size_t longest = run_length(m, parameter, at), shortest = parameter->is_optional ? 0 : 1;
    if (longest < shortest)
        return false;
    for (size_t i = 0; i <= longest - shortest; i++) {
        m->taken[index] = parameter->is_lazy ? shortest + i : longest - i;
        if (match(m, index + 1, at + m->taken[index]))
            return true;
    }
    return false;
}

/* Names the first argument that does not fit: how far a greedy match of ever more parameters
 * comes. */
static int refuse_arguments(asl_eval *eval, matching *m, const asl_datum *arguments)
{
    size_t good = 0;
    for (size_t index = 0, at = 0; index < m->signature->count; index++) {
        const asl_parameter *parameter = &m->signature->parameters[index];
        size_t length = run_length(m, parameter, at);
        if (length == 0 && !parameter->is_optional)
            break;
        at += parameter->is_lazy ? 0 : length;
        good = at;
    }
    asl_problem_about(&eval->problem, "T0410",
                      good < m->count ? arguments[good] : asl_datum_undefined());
    eval->problem.index = (uint32_t)good + 1;
    return ASL_EVALUATION;
}

static int refuse_context(asl_eval *eval, size_t index, asl_datum context)
{
    asl_problem_about(&eval->problem, "T0411", context);
    eval->problem.index = (uint32_t)index + 1;
    return ASL_EVALUATION;
}

static const char *plural(const char *subtype)
{
    static const char *const names[] = {"arrays",  "booleans", "functions",
                                        "numbers", "objects",  "strings"};
    const char *found = subtype[1] == '\0' ? strchr("abfnos", subtype[0]) : NULL;
    return found != NULL && *found != '\0' ? names[found - "abfnos"] : NULL;
}

static bool items_are(asl_datum array, char letter)
{
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        if (letter_of(asl_datum_at(array, i)) != letter)
            return false;
    }
    return true;
}

/* An argument for a parameter that wants an array. */
static int as_array(asl_eval *eval, const asl_parameter *parameter, asl_datum *argument,
                    size_t index)
{
    if (asl_datum_is_undefined(*argument))
        return ASL_OK;
    char letter = letter_of(*argument);
    bool fits = true;
    if (parameter->subtype[0] != '\0')
        fits = letter == 'a' ? items_are(*argument, parameter->subtype[0])
                             : letter == parameter->subtype[0] && parameter->subtype[1] == '\0';
    if (!fits) {
        asl_problem_about(&eval->problem, "T0412", *argument);
        eval->problem.index = (uint32_t)index + 1;
        eval->problem.type = plural(parameter->subtype);
        return ASL_EVALUATION;
    }
    if (letter == 'a')
        return ASL_OK;
    asl_list *list = asl_eval_list(eval, 1);
    if (list == NULL)
        return eval->problem.status;
    list->items[list->count++] = *argument;
    *argument = asl_datum_list(list);
    return ASL_OK;
}

/* Whether each argument is just what its parameter takes, one for one. */
static bool fits_directly(const matching *m)
{
    if (m->count != m->signature->count)
        return false;
    for (size_t i = 0; i < m->count; i++) {
        if ((m->kinds[i] & m->signature->parameters[i].kinds) == 0)
            return false;
    }
    return true;
}

static int take_arguments(asl_eval *eval, const matching *m, asl_datum *arguments, size_t *count,
                          asl_datum context)
{
    asl_datum validated[ASL_ARGUMENTS_MAX];
    size_t at = 0, made = 0;
    for (size_t i = 0; i < m->signature->count; i++) {
        const asl_parameter *parameter = &m->signature->parameters[i];
        if (made + m->taken[i] + 1 > ASL_ARGUMENTS_MAX)
            return asl_eval_fail(eval, ASL_TOO_LARGE);
        if (m->taken[i] == 0 && parameter->has_context) {
            if ((bit_of(context) & parameter->kinds) == 0)
                return refuse_context(eval, at, context);
            validated[made++] = context;
        } else if (m->taken[i] == 0) {
            validated[made++] = at < m->count ? arguments[at] : asl_datum_undefined();
            at++;
        }
        for (size_t j = 0; j < m->taken[i]; j++, at++) {
            asl_datum argument = arguments[at];
            int status = parameter->is_array ? as_array(eval, parameter, &argument, at) : ASL_OK;
            if (status != ASL_OK)
                return status;
            validated[made++] = argument;
        }
    }
    memcpy(arguments, validated, made * sizeof *arguments);
    *count = made;
    return ASL_OK;
}

int asl_signature_validate(asl_eval *eval, const asl_signature *signature, asl_datum *arguments,
                           size_t *count, asl_datum context)
{
    matching m; /* large, and what counts of it is filled in here */
    m.signature = signature;
    m.count = *count;
    m.tries = 0;
    for (size_t i = 0; i < *count; i++)
        m.kinds[i] = bit_of(arguments[i]);
    if (fits_directly(&m)) {
        for (size_t i = 0; i < *count; i++) {
            int status = signature->parameters[i].is_array
                             ? as_array(eval, &signature->parameters[i], &arguments[i], i)
                             : ASL_OK;
            if (status != ASL_OK)
                return status;
        }
        return ASL_OK;
    }
    if (signature->count > ASL_ARGUMENTS_MAX || !match(&m, 0, 0))
        return refuse_arguments(eval, &m, arguments);
    return take_arguments(eval, &m, arguments, count, context);
}
