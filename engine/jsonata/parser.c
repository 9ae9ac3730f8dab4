/* The parser: Pratt's top-down operator precedence, as jsonata-js has it, so that what is refused
 * is refused with the same code, token and place. A token that begins an operand has a case in
 * `prefix`, one that follows an operand has one in `infix`. */
#include <string.h>

#include "base/array.h"
#include "base/limits.h"
#include "jsonata/lexer.h"
#include "jsonata/regex.h"
#include "jsonata/signature.h"

typedef struct parser {
    asl_ast_source *source;
    asl_lexer lexer;
    asl_token token; /* the next one */
    unsigned depth;
} parser;

static const struct {
    const char *symbol;
    unsigned power;
    asl_operator op;
} infixes[] = {
    {".", 75, ASL_OP_MAP},         {"[", 80, ASL_OP_FILTER},
    {"{", 70, ASL_OP_GROUP},       {"(", 80, ASL_OP_NONE},
    {"@", 80, ASL_OP_FOCUS},       {"#", 80, ASL_OP_INDEX},
    {"?", 20, ASL_OP_NONE},        {"+", 50, ASL_OP_ADD},
    {"-", 50, ASL_OP_SUBTRACT},    {"*", 60, ASL_OP_MULTIPLY},
    {"/", 60, ASL_OP_DIVIDE},      {"%", 60, ASL_OP_MODULO},
    {"=", 40, ASL_OP_EQUAL},       {"<", 40, ASL_OP_LESS},
    {">", 40, ASL_OP_GREATER},     {"^", 40, ASL_OP_SORT},
    {":=", 10, ASL_OP_BIND},       {"!=", 40, ASL_OP_UNEQUAL},
    {"<=", 40, ASL_OP_LESS_EQUAL}, {">=", 40, ASL_OP_GREATER_EQUAL},
    {"~>", 40, ASL_OP_APPLY},      {"and", 30, ASL_OP_AND},
    {"or", 25, ASL_OP_OR},         {"in", 40, ASL_OP_IN},
    {"&", 50, ASL_OP_CONCATENATE},
};

static asl_ast *expression(parser *p, unsigned power);

static bool failed(const parser *p)
{
    return p->source->problem->status != ASL_OK;
}

static asl_ast *refuse(parser *p, const char *code, size_t position, asl_datum token)
{
    return asl_ast_refuse(p->source, code, position, token);
}

static bool token_is(const parser *p, const char *symbol)
{
    bool has_symbol = p->token.type == ASL_TOKEN_OPERATOR || p->token.type == ASL_TOKEN_END;
    return has_symbol && strcmp(p->token.symbol, symbol) == 0;
}

/* Symbols that are no operator of the language, though the lexer knows them. */
static bool is_unknown(const char *symbol)
{
    return strcmp(symbol, "!") == 0 || strcmp(symbol, "~") == 0;
}

static void next(parser *p, bool is_infix)
{
    if (failed(p) || asl_lexer_next(&p->lexer, is_infix, &p->token) != ASL_OK)
        return;
    asl_jsonata_regex *regex = p->token.regex;
    if (regex != NULL) {
        /* Owned by a node from here on, whatever becomes of the token. */
        asl_ast *owner = asl_ast_new(p->source, ASL_AST_REGEX, p->token.position);
        if (owner == NULL) {
            asl_jsonata_regex_free(regex);
            return;
        }
        owner->regex = regex;
        owner->next_regex = p->source->regexes;
        p->source->regexes = owner;
    }
    if (p->token.type == ASL_TOKEN_OPERATOR && is_unknown(p->token.symbol))
        refuse(p, "S0204", p->token.position, p->token.value);
}

/* Takes the symbol that must come here. */
static void expect(parser *p, const char *symbol, bool is_infix)
{
    if (!token_is(p, symbol) && !failed(p)) {
        refuse(p, p->token.type == ASL_TOKEN_END ? "S0203" : "S0202", p->token.position,
               p->token.value);
        p->source->problem->value = asl_datum_string(symbol, strlen(symbol));
    }
    next(p, is_infix);
}

static asl_ast *node(parser *p, asl_ast_type type, const asl_token *token)
{
    asl_ast *made = asl_ast_new(p->source, type, token->position);
    if (made != NULL) {
        made->symbol = token->symbol;
        made->name = token->name;
        made->literal = token->value;
    }
    return made;
}

static void add(parser *p, asl_ast_list *list, asl_ast *item)
{
    if (!failed(p) && item != NULL)
        asl_ast_list_add(p->source, list, item);
}

/* A block: `(a; b)`. */
static asl_ast *block(parser *p, const asl_token *token)
{
    asl_ast *made = node(p, ASL_AST_BLOCK, token);
    while (!failed(p) && !token_is(p, ")")) {
        add(p, &made->items, expression(p, 0));
        if (!token_is(p, ";"))
            break;
        next(p, false);
    }
    expect(p, ")", true);
    return made;
}

/* An item of an array, which may be a range. */
static asl_ast *array_item(parser *p)
{
    asl_ast *item = expression(p, 0);
    if (failed(p) || !token_is(p, ".."))
        return item;
    asl_ast *range = node(p, ASL_AST_BINARY, &p->token);
    next(p, false);
    if (range == NULL)
        return NULL;
    range->op = ASL_OP_RANGE;
    range->left = item;
    range->right = expression(p, 0);
    return range;
}

static asl_ast *array(parser *p, const asl_token *token)
{
    asl_ast *made = node(p, ASL_AST_ARRAY, token);
    if (!token_is(p, "]")) {
        while (!failed(p)) {
            add(p, &made->items, array_item(p));
            if (!token_is(p, ","))
                break;
            next(p, false);
        }
    }
    expect(p, "]", true);
    return made;
}

static void add_pair(parser *p, asl_ast_group *group)
{
    asl_ast *key = expression(p, 0);
    expect(p, ":", false);
    asl_ast *item = failed(p) ? NULL : expression(p, 0);
    if (failed(p))
        return;
    size_t capacity = group->capacity;
    if (group->count == capacity) {
        capacity = capacity == 0 ? 4 : capacity * 2;
        asl_ast_pair *pairs = asl_arena_allocate(p->source->arena, capacity * sizeof *pairs);
        if (pairs == NULL) {
            p->source->problem->status = ASL_NOMEM;
            return;
        }
        if (group->count > 0)
            memcpy(pairs, group->pairs, group->count * sizeof *pairs);
        group->pairs = pairs;
        group->capacity = capacity;
    }
    group->pairs[group->count++] = (asl_ast_pair){.key = key, .item = item};
}

/* The pairs of an object, or of a grouping. */
static asl_ast_group *pairs(parser *p, const asl_token *token)
{
    asl_ast_group *group = asl_arena_allocate(p->source->arena, sizeof *group);
    if (group == NULL) {
        p->source->problem->status = ASL_NOMEM;
        return NULL;
    }
    group->position = token->position;
    if (!token_is(p, "}")) {
        while (!failed(p)) {
            add_pair(p, group);
            if (!token_is(p, ","))
                break;
            next(p, false);
        }
    }
    expect(p, "}", true);
    return group;
}

static asl_ast *object(parser *p, const asl_token *token)
{
    asl_ast *made = node(p, ASL_AST_OBJECT, token);
    if (made != NULL)
        made->group = pairs(p, token);
    return made;
}

static asl_ast *transform(parser *p, const asl_token *token)
{
    asl_ast *made = node(p, ASL_AST_TRANSFORM, token);
    if (made == NULL)
        return NULL;
    made->left = expression(p, 0);
    expect(p, "|", false);
    if (failed(p))
        return NULL;
    made->right = expression(p, 0);
    if (token_is(p, ",")) {
        next(p, false);
        if (failed(p))
            return NULL;
        made->third = expression(p, 0);
    }
    expect(p, "|", false);
    return made;
}

static asl_ast *negation(parser *p, const asl_token *token)
{
    asl_ast *made = node(p, ASL_AST_NEGATE, token);
    if (made != NULL)
        made->left = expression(p, 70);
    return made;
}

static asl_ast *prefix_operator(parser *p, const asl_token *token)
{
    static const struct {
        const char *symbol;
        asl_ast *(*parse)(parser *p, const asl_token *token);
    } prefixes[] = {{"-", negation}, {"(", block}, {"[", array}, {"{", object}, {"|", transform}};
    static const struct {
        const char *symbol;
        asl_ast_type type;
    } terminals[] = {{"and", ASL_AST_OPERATOR},  {"or", ASL_AST_OPERATOR},
                     {"in", ASL_AST_OPERATOR},   {"*", ASL_AST_WILDCARD},
                     {"**", ASL_AST_DESCENDANT}, {"%", ASL_AST_PARENT}};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strcmp(token->symbol, prefixes[i].symbol) == 0)
            return prefixes[i].parse(p, token);
    }
    for (size_t i = 0; i < sizeof terminals / sizeof terminals[0]; i++) {
        if (strcmp(token->symbol, terminals[i].symbol) == 0)
            return node(p, terminals[i].type, token);
    }
    return refuse(p, "S0211", token->position, token->value);
}

static asl_ast *prefix(parser *p, const asl_token *token)
{
    switch (token->type) {
    case ASL_TOKEN_NAME:
        return node(p, ASL_AST_NAME, token);
    case ASL_TOKEN_VARIABLE:
        return node(p, ASL_AST_VARIABLE, token);
    case ASL_TOKEN_STRING:
        return node(p, ASL_AST_STRING, token);
    case ASL_TOKEN_NUMBER:
        return node(p, ASL_AST_NUMBER, token);
    case ASL_TOKEN_CONSTANT:
        return node(p, ASL_AST_CONSTANT, token);
    case ASL_TOKEN_REGEX: {
        asl_ast *made = node(p, ASL_AST_REGEX, token);
        if (made != NULL)
            made->regex = token->regex;
        return made;
    }
    case ASL_TOKEN_END:
        return node(p, ASL_AST_END, token);
    case ASL_TOKEN_OPERATOR:
        break;
    }
    return prefix_operator(p, token);
}

static bool is_lambda_name(const asl_ast *ast)
{
    if (ast->type != ASL_AST_NAME)
        return false;
    const asl_name *name = ast->name;
    return (name->size == 8 && memcmp(name->bytes, "function", 8) == 0) ||
           (name->size == 2 && memcmp(name->bytes, "\xCE\xBB", 2) == 0);
}

static void arguments(parser *p, asl_ast *call)
{
    while (!failed(p)) {
        if (token_is(p, "?")) {
            call->type = ASL_AST_PARTIAL;
            add(p, &call->items, node(p, ASL_AST_OPERATOR, &p->token));
            next(p, false);
        } else {
            add(p, &call->items, expression(p, 0));
        }
        if (!token_is(p, ","))
            break;
        next(p, false);
    }
}

/* The signature of a lambda, `<s-n:s>`: its text is put together from tokens again. */
static void lambda_signature(parser *p, asl_ast *lambda)
{
    size_t position = p->token.position, depth = 1;
    asl_buffer text;
    asl_buffer_init(&text, p->source->heap);
    asl_buffer_byte(&text, '<');
    while (!failed(p) && depth > 0 && !token_is(p, "{") && p->token.type != ASL_TOKEN_END) {
        next(p, false);
        if (failed(p))
            break;
        if (token_is(p, ">"))
            depth--;
        else if (token_is(p, "<"))
            depth++;
        asl_buffer_append(&text, p->source->text + p->token.begin,
                          p->token.position - p->token.begin);
    }
    expect(p, ">", false);
    if (text.status != ASL_OK)
        p->source->problem->status = ASL_NOMEM;
    if (!failed(p)) {
        int status = asl_signature_parse(p->source->arena, text.bytes, text.size,
                                         &lambda->signature, p->source->problem);
        if (status == ASL_SYNTAX)
            p->source->problem->position += position;
    }
    asl_buffer_done(&text);
}

static asl_ast *lambda(parser *p, asl_ast *call)
{
    for (size_t i = 0; i < call->items.count; i++) {
        const asl_ast *argument = call->items.items[i];
        if (argument->type != ASL_AST_VARIABLE) {
            refuse(p, "S0208", argument->position, argument->literal);
            p->source->problem->value = asl_datum_number((double)i + 1);
            return NULL;
        }
    }
    call->type = ASL_AST_LAMBDA;
    if (token_is(p, "<"))
        lambda_signature(p, call);
    expect(p, "{", false);
    if (failed(p))
        return NULL;
    call->left = expression(p, 0);
    expect(p, "}", false);
    return call;
}

static asl_ast *call(parser *p, const asl_token *token, asl_ast *procedure)
{
    asl_ast *made = node(p, ASL_AST_CALL, token);
    if (made == NULL)
        return NULL;
    made->left = procedure;
    if (!token_is(p, ")"))
        arguments(p, made);
    expect(p, ")", true);
    if (failed(p))
        return NULL;
    return is_lambda_name(procedure) ? lambda(p, made) : made;
}

static asl_ast *binary(parser *p, const asl_token *token, asl_operator op, asl_ast *left)
{
    asl_ast *made = node(p, ASL_AST_BINARY, token);
    if (made != NULL) {
        made->op = (uint8_t)op;
        made->left = left;
    }
    return made;
}

static asl_ast *filter(parser *p, const asl_token *token, asl_ast *left)
{
    if (token_is(p, "]")) {
        /* `[]` on a step keeps a singleton an array. */
        asl_ast *step = left;
        while (step->type == ASL_AST_BINARY && step->op == ASL_OP_FILTER)
            step = step->left;
        step->keeps_array = true;
        next(p, false);
        return left;
    }
    asl_ast *made = binary(p, token, ASL_OP_FILTER, left);
    if (made == NULL)
        return NULL;
    made->right = expression(p, 0);
    expect(p, "]", true);
    return made;
}

static asl_ast *sort(parser *p, const asl_token *token, asl_ast *left)
{
    asl_ast *made = binary(p, token, ASL_OP_SORT, left);
    expect(p, "(", false);
    while (!failed(p)) {
        bool is_descending = token_is(p, ">");
        if (is_descending || token_is(p, "<"))
            next(p, false);
        if (failed(p))
            break;
        asl_ast *term = asl_ast_new(p->source, ASL_AST_BLOCK, p->token.position);
        if (term == NULL)
            break;
        term->is_descending = is_descending;
        term->left = expression(p, 0);
        add(p, &made->items, term);
        if (!token_is(p, ","))
            break;
        next(p, false);
    }
    expect(p, ")", false);
    return made;
}

static asl_ast *condition(parser *p, const asl_token *token, asl_ast *left)
{
    asl_ast *made = node(p, ASL_AST_CONDITION, token);
    if (made == NULL)
        return NULL;
    made->left = left;
    made->right = expression(p, 0);
    if (!failed(p) && token_is(p, ":")) {
        next(p, false);
        if (!failed(p))
            made->third = expression(p, 0);
    }
    return made;
}

/* `@$v` and `#$i`. */
static asl_ast *binding(parser *p, const asl_token *token, asl_operator op, asl_ast *left)
{
    asl_ast *made = binary(p, token, op, left);
    if (made == NULL)
        return NULL;
    made->right = expression(p, 80);
    if (failed(p))
        return NULL;
    if (made->right->type != ASL_AST_VARIABLE)
        return refuse(p, "S0214", made->right->position, token->value);
    return made;
}

static asl_ast *assignment(parser *p, const asl_token *token, asl_ast *left)
{
    if (left->type != ASL_AST_VARIABLE)
        return refuse(p, "S0212", left->position, left->literal);
    asl_ast *made = binary(p, token, ASL_OP_BIND, left);
    if (made != NULL)
        made->right = expression(p, 9);
    return made;
}

static asl_ast *infix(parser *p, const asl_token *token, size_t which, asl_ast *left)
{
    const char *symbol = infixes[which].symbol;
    asl_operator op = infixes[which].op;
    if (op == ASL_OP_NONE)
        return symbol[0] == '(' ? call(p, token, left) : condition(p, token, left);
    if (op == ASL_OP_FILTER)
        return filter(p, token, left);
    if (op == ASL_OP_SORT)
        return sort(p, token, left);
    if (op == ASL_OP_BIND)
        return assignment(p, token, left);
    if (op == ASL_OP_FOCUS || op == ASL_OP_INDEX)
        return binding(p, token, op, left);
    asl_ast *made = binary(p, token, op, left);
    if (made == NULL)
        return NULL;
    if (op == ASL_OP_GROUP)
        made->group = pairs(p, token);
    else
        made->right = expression(p, infixes[which].power);
    return made;
}

/* The infix operator that comes next; SIZE_MAX where none does. */
static size_t next_infix(const parser *p)
{
    if (p->token.type != ASL_TOKEN_OPERATOR)
        return SIZE_MAX;
    for (size_t i = 0; i < sizeof infixes / sizeof infixes[0]; i++) {
        if (strcmp(p->token.symbol, infixes[i].symbol) == 0)
            return i;
    }
    return SIZE_MAX;
}

static asl_ast *expression(parser *p, unsigned power)
{
    if (failed(p))
        return NULL;
    if (++p->depth > ASL_JSONATA_DEPTH_MAX) {
        p->source->problem->status = ASL_TOO_LARGE;
        return NULL;
    }
    asl_token token = p->token;
    next(p, true);
    asl_ast *left = failed(p) ? NULL : prefix(p, &token);
    while (!failed(p)) {
        size_t which = next_infix(p);
        if (which == SIZE_MAX || infixes[which].power <= power)
            break;
        token = p->token;
        next(p, false);
        if (!failed(p))
            left = infix(p, &token, which, left);
    }
    p->depth--;
    return failed(p) ? NULL : left;
}

asl_ast *asl_ast_parse(asl_ast_source *source)
{
    parser p = {.source = source, .lexer = {.source = source}};
    next(&p, false);
    asl_ast *root = expression(&p, 0);
    if (!failed(&p) && p.token.type != ASL_TOKEN_END)
        refuse(&p, "S0201", p.token.position, p.token.value);
    return failed(&p) ? NULL : root;
}
