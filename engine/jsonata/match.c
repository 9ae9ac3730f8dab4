/* Functions that match: $match, $contains, $replace and $split, over a regular expression, or over
 * any function that gives matches as jsonata-js's regular expressions do: an object with `match`,
 * `start`, `end`, `groups`, and `next`, which gives the next one. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "jsonata/eval.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

/* One match: offsets are bytes of the text. */
typedef struct match {
    size_t start, end;
    size_t index; /* the start in UTF-16 code units */
    asl_datum text, groups;
} match;

/* A walk from match to match. */
typedef struct walk {
    asl_eval *eval;
    asl_datum matcher, text;
    asl_jsonata_matcher *engine; /* of a regular expression; NULL: `next` is called */
    asl_jsonata_match last;      /* the engine's */
    asl_datum object;            /* what a function gave */
    bool is_found;
    match now;
} walk;

static void walk_done(walk *w)
{
    asl_jsonata_matcher_free(w->engine);
}

static bool is_regex(asl_datum function)
{
    return (function.flags & ASL_DATUM_BUILTIN) == 0 && function.closure->kind == ASL_CLOSURE_REGEX;
}

static asl_datum member(asl_datum object, const char *name)
{
    return asl_datum_is(object, ASL_DATUM_OBJECT) ? asl_datum_get(object, name, strlen(name))
                                                  : asl_datum_undefined();
}

static int group_list(asl_eval *eval, asl_datum text, const asl_jsonata_match *found,
                      asl_datum *ret)
{
    asl_list *groups = asl_eval_list(eval, found->group_count);
    if (groups == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < found->group_count; i++) {
        asl_jsonata_span span = found->groups[i];
        groups->items[groups->count++] =
            span.start == ASL_JSONATA_UNSET
                ? asl_datum_undefined()
                : asl_datum_string(text.bytes + span.start, span.end - span.start);
    }
    *ret = asl_datum_list(groups);
    return ASL_OK;
}

static int note_found(walk *w)
{
    const asl_jsonata_match *found = &w->last;
    w->now = (match){.start = found->start, .end = found->end, .index = found->index};
    w->now.text = asl_datum_string(w->text.bytes + found->start, found->end - found->start);
    return ASL_OK;
}

/* The byte that a UTF-16 offset means. */
static size_t byte_offset(asl_datum text, double units)
{
    const char *next = text.bytes, *end = text.bytes + text.size;
    double at = 0;
    while (next < end && at < units)
        at += asl_utf8_decode(&next, end) > 0xFFFF ? 2 : 1;
    return (size_t)(next - text.bytes);
}

/* Takes what a function gave for a match. */
static int note_object(walk *w, asl_datum object)
{
    w->object = object;
    w->is_found = !asl_datum_is_undefined(object);
    if (!w->is_found)
        return ASL_OK;
    asl_datum start = member(object, "start"), end = member(object, "end");
    asl_datum groups = member(object, "groups"), text = member(object, "match");
    bool has_start = asl_datum_is(start, ASL_DATUM_NUMBER);
    if (!has_start && !asl_datum_is(end, ASL_DATUM_NUMBER) &&
        !asl_datum_is(groups, ASL_DATUM_ARRAY) &&
        !asl_datum_is(member(object, "next"), ASL_DATUM_FUNCTION))
        return asl_eval_error(w->eval, "T1010");
    if (!asl_datum_is(groups, ASL_DATUM_ARRAY)) {
        asl_list *none = asl_eval_list(w->eval, 0);
        if (none == NULL)
            return w->eval->problem.status;
        groups = asl_datum_list(none);
    }
    if (!asl_datum_is(text, ASL_DATUM_STRING))
        text = asl_datum_string("", 0);
    double index = has_start ? asl_datum_double(start) : 0;
    if (!(index >= 0) || index > (double)UINT32_MAX)
        index = 0;
    w->now = (match){.index = (size_t)index, .text = text, .groups = groups};
    w->now.start = byte_offset(w->text, index);
    w->now.end = asl_datum_is(end, ASL_DATUM_NUMBER) ? byte_offset(w->text, asl_datum_double(end))
                                                     : w->now.start;
    return ASL_OK;
}

static int advance_engine(walk *w)
{
    asl_jsonata_fault fault = {.code = NULL};
    uint64_t before = asl_jsonata_matcher_steps(w->engine);
    int status = asl_jsonata_matcher_next(w->engine, &w->last, &fault);
    w->is_found = status == ASL_OK;
    if (asl_eval_spend(w->eval, asl_jsonata_matcher_steps(w->engine) - before) != ASL_OK)
        return w->eval->problem.status;
    if (status == ASL_NOT_FOUND)
        return ASL_OK;
    return status == ASL_OK ? note_found(w)
                            : asl_eval_fault(w->eval, status, &fault, asl_datum_undefined());
}

static int walk_next(walk *w)
{
    if (w->engine != NULL)
        return advance_engine(w);
    asl_datum next = member(w->object, "next"), object;
    int status = asl_apply_higher(w->eval, next, NULL, 0, &object);
    return status == ASL_OK ? note_object(w, object) : status;
}

/* Finds the first match. */
static int walk_begin(walk *w, asl_eval *eval, asl_datum matcher, asl_datum text)
{
    *w = (walk){.eval = eval, .matcher = matcher, .text = text};
    if (is_regex(matcher)) {
        int status = asl_jsonata_matcher_new(matcher.closure->ast->regex, eval->heap, text.bytes,
                                             text.size, &w->engine);
        return status == ASL_OK ? advance_engine(w) : asl_eval_fail(eval, status);
    }
    asl_datum object;
    int status = asl_apply_higher(eval, matcher, &text, 1, &object);
    return status == ASL_OK ? note_object(w, object) : status;
}

/* The groups, made when they are wanted. */
static int walk_groups(walk *w, asl_datum *ret)
{
    *ret = w->now.groups;
    return w->engine != NULL ? group_list(w->eval, w->text, &w->last, ret) : ASL_OK;
}

static int set(asl_eval *eval, asl_dict *dict, const char *key, asl_datum item)
{
    return asl_dict_set(eval, dict, asl_datum_string(key, strlen(key)), item);
}

/* The object that jsonata-js's regular expressions give. */
static int match_object(asl_eval *eval, const asl_closure *regex, asl_datum text,
                        const asl_jsonata_match *found, asl_datum *ret)
{
    asl_datum groups, matched;
    matched = asl_datum_string(text.bytes + found->start, found->end - found->start);
    asl_dict *object = asl_eval_dict(eval, 5);
    asl_closure *next = asl_eval_closure(eval, ASL_CLOSURE_NEXT_MATCH);
    if (object == NULL || next == NULL || group_list(eval, text, found, &groups) != ASL_OK)
        return eval->problem.status;
    next->ast = regex->ast;
    next->input = text;
    next->offset = found->end;
    size_t length = asl_jsonata_code_units(matched.bytes, matched.size);
    set(eval, object, "match", matched);
    set(eval, object, "start", asl_datum_number((double)found->index));
    set(eval, object, "end", asl_datum_number((double)(found->index + length)));
    set(eval, object, "groups", groups);
    set(eval, object, "next", (asl_datum){.kind = ASL_DATUM_FUNCTION, .closure = next});
    *ret = asl_datum_dict(object);
    return eval->problem.status;
}

int asl_apply_regex(asl_eval *eval, const asl_closure *closure, asl_datum text, size_t offset,
                    asl_datum *ret)
{
    bool is_next = closure->kind == ASL_CLOSURE_NEXT_MATCH;
    *ret = asl_datum_undefined();
    if (!asl_datum_is(text, ASL_DATUM_STRING))
        return asl_eval_error_about(eval, "T1010", text);
    if (is_next && offset >= text.size)
        return ASL_OK;
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match found;
    asl_jsonata_fault fault = {.code = NULL};
    int status =
        asl_jsonata_matcher_new(closure->ast->regex, eval->heap, text.bytes, text.size, &matcher);
    if (status != ASL_OK)
        return asl_eval_fail(eval, status);
    status = asl_jsonata_matcher_find(matcher, offset, &found, &fault);
    if (asl_eval_spend(eval, asl_jsonata_matcher_steps(matcher)) != ASL_OK)
        status = eval->problem.status;
    else if (status == ASL_OK && is_next && found.start == found.end)
        status = asl_eval_error(eval, "D1004");
    else if (status == ASL_OK)
        status = match_object(eval, closure, text, &found, ret);
    else if (status == ASL_NOT_FOUND)
        status = ASL_OK;
    else
        status = asl_eval_fault(eval, status, &fault, asl_datum_undefined());
    asl_jsonata_matcher_free(matcher);
    return status;
}

static int refuse_limit(asl_call *call, const char *code, size_t index)
{
    asl_eval_error_about(call->eval, code, call->arguments[index]);
    call->eval->problem.index = (uint32_t)index + 1;
    return ASL_EVALUATION;
}

/* The limit given as argument `index`: infinite where there is none. */
static int limit_of(asl_call *call, size_t index, const char *code, double *ret)
{
    asl_datum limit = asl_call_argument(call, index);
    *ret = INFINITY;
    if (asl_datum_is_undefined(limit))
        return ASL_OK;
    *ret = asl_datum_double(limit);
    return *ret < 0 ? refuse_limit(call, code, index) : ASL_OK;
}

static int contains(asl_call *call)
{
    asl_datum text = call->arguments[0], token = call->arguments[1];
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    if (asl_datum_is(token, ASL_DATUM_STRING)) {
        size_t found = asl_jsonata_find(text.bytes, text.size, 0, token.bytes, token.size);
        return asl_call_give(call, asl_datum_bool(found != ASL_JSONATA_NOWHERE));
    }
    if (asl_datum_is_undefined(token))
        return asl_eval_error(call->eval, "T1010");
    walk w;
    int status = walk_begin(&w, call->eval, token, text);
    walk_done(&w);
    return status == ASL_OK ? asl_call_give(call, asl_datum_bool(w.is_found)) : status;
}

static int add_match(walk *w, asl_list *matches)
{
    asl_datum groups;
    asl_dict *object = asl_eval_dict(w->eval, 3);
    if (object == NULL || walk_groups(w, &groups) != ASL_OK)
        return w->eval->problem.status;
    set(w->eval, object, "match", w->now.text);
    set(w->eval, object, "index", asl_datum_number((double)w->now.index));
    set(w->eval, object, "groups", groups);
    return asl_list_add(w->eval, matches, asl_datum_dict(object));
}

static int match_all(asl_call *call)
{
    asl_datum text = call->arguments[0];
    double limit;
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    int status = limit_of(call, 2, "D3040", &limit);
    asl_list *matches = status == ASL_OK ? asl_eval_sequence(call->eval, 4) : NULL;
    if (matches == NULL)
        return call->eval->problem.status;
    if (limit > 0) {
        walk w;
        status = walk_begin(&w, call->eval, call->arguments[1], text);
        for (size_t count = 0; status == ASL_OK && w.is_found && (double)count < limit; count++) {
            status = add_match(&w, matches);
            if (status == ASL_OK)
                status = walk_next(&w);
        }
        walk_done(&w);
    }
    return status == ASL_OK ? asl_call_give(call, asl_datum_list(matches)) : status;
}

/* What stands in for a match: a text with `$1`, or what a function gives. */
static int append_replacement(walk *w, asl_datum replacement, asl_buffer *buffer)
{
    asl_eval *eval = w->eval;
    if (asl_datum_is(replacement, ASL_DATUM_STRING) && w->engine != NULL) {
        asl_jsonata_substitute(replacement.bytes, replacement.size, w->text.bytes, &w->last,
                               buffer);
        return ASL_OK;
    }
    if (asl_datum_is(replacement, ASL_DATUM_STRING)) {
        asl_jsonata_match plain = {.start = w->now.start, .end = w->now.end};
        asl_jsonata_substitute(replacement.bytes, replacement.size, w->text.bytes, &plain, buffer);
        return ASL_OK;
    }
    asl_datum object = w->object, text;
    int status = ASL_OK;
    if (w->engine != NULL)
        status = match_object(eval, w->matcher.closure, w->text, &w->last, &object);
    if (status == ASL_OK)
        status = asl_apply_higher(eval, replacement, &object, 1, &text);
    if (status != ASL_OK)
        return status;
    if (!asl_datum_is(text, ASL_DATUM_STRING))
        return asl_eval_error_about(eval, "D3012", text);
    asl_buffer_append(buffer, text.bytes, text.size);
    return ASL_OK;
}

static int replace_matches(asl_call *call, asl_datum text, double limit, asl_buffer *buffer)
{
    walk w;
    size_t position = 0;
    int status = walk_begin(&w, call->eval, call->arguments[1], text);
    for (size_t count = 0; status == ASL_OK && w.is_found && (double)count < limit; count++) {
        size_t start = w.now.start > position ? w.now.start : position;
        asl_buffer_append(buffer, text.bytes + position, start - position);
        status = append_replacement(&w, call->arguments[2], buffer);
        position = w.now.start + w.now.text.size;
        position = position < text.size ? position : text.size;
        if (status == ASL_OK)
            status = walk_next(&w);
    }
    asl_buffer_append(buffer, text.bytes + position, text.size - position);
    walk_done(&w);
    return status;
}

static int replace_text(asl_call *call, asl_datum text, double limit, asl_buffer *buffer)
{
    asl_datum token = call->arguments[1], replacement = call->arguments[2];
    size_t position = 0;
    if (!asl_datum_is(replacement, ASL_DATUM_STRING)) /* as JavaScript concatenates it */
        replacement = asl_datum_string("undefined", 9);
    for (size_t count = 0; (double)count < limit; count++) {
        size_t found = asl_jsonata_find(text.bytes, text.size, position, token.bytes, token.size);
        if (found == ASL_JSONATA_NOWHERE || buffer->status != ASL_OK)
            break;
        asl_buffer_append(buffer, text.bytes + position, found - position);
        asl_buffer_append(buffer, replacement.bytes, replacement.size);
        position = found + token.size;
    }
    asl_buffer_append(buffer, text.bytes + position, text.size - position);
    return ASL_OK;
}

static int replace(asl_call *call)
{
    asl_datum text = call->arguments[0], token = call->arguments[1];
    double limit;
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    if (asl_datum_is(token, ASL_DATUM_STRING) && token.size == 0) {
        asl_eval_error_about(call->eval, "D3010", token);
        call->eval->problem.index = 2;
        return ASL_EVALUATION;
    }
    int status = limit_of(call, 3, "D3011", &limit);
    if (status != ASL_OK)
        return status;
    if (limit <= 0)
        return asl_call_give(call, text);
    if (asl_datum_is_undefined(token))
        return asl_eval_error(call->eval, "T1010");
    asl_buffer buffer;
    asl_eval_buffer(call->eval, &buffer);
    status = asl_datum_is(token, ASL_DATUM_STRING) ? replace_text(call, text, limit, &buffer)
                                                   : replace_matches(call, text, limit, &buffer);
    if (status == ASL_OK)
        status = asl_eval_string_of(call->eval, &buffer, &call->result);
    asl_buffer_done(&buffer);
    return status;
}

static int split_text(asl_call *call, asl_datum text, asl_datum separator, asl_list *pieces)
{
    asl_datum given = asl_call_argument(call, 2);
    uint32_t limit = asl_datum_is_undefined(given)
                         ? UINT32_MAX
                         : asl_jsonata_split_limit(asl_datum_double(given));
    asl_jsonata_split split = {text.bytes, text.size, separator.bytes, separator.size};
    const char *piece;
    size_t size;
    int status = ASL_OK;
    while (status == ASL_OK && pieces->count < limit &&
           asl_jsonata_split_next(&split, &piece, &size))
        status = asl_list_add(call->eval, pieces, asl_datum_string(piece, size));
    return status;
}

static int split_matches(asl_call *call, asl_datum text, double limit, asl_list *pieces)
{
    walk w;
    size_t start = 0, count = 0;
    int status = walk_begin(&w, call->eval, call->arguments[1], text);
    bool has_match = status == ASL_OK && w.is_found;
    for (; status == ASL_OK && w.is_found && (double)count < limit; count++) {
        size_t end = w.now.start > start ? w.now.start : start;
        status =
            asl_list_add(call->eval, pieces, asl_datum_string(text.bytes + start, end - start));
        start = w.now.end;
        if (status == ASL_OK)
            status = walk_next(&w);
    }
    if (status == ASL_OK && (!has_match || (double)count < limit))
        status = asl_list_add(call->eval, pieces,
                              asl_datum_string(text.bytes + start, text.size - start));
    walk_done(&w);
    return status;
}

static int split(asl_call *call)
{
    asl_datum text = call->arguments[0], separator = asl_call_argument(call, 1);
    double limit;
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    int status = limit_of(call, 2, "D3020", &limit);
    asl_list *pieces = status == ASL_OK ? asl_eval_list(call->eval, 8) : NULL;
    if (pieces == NULL)
        return call->eval->problem.status;
    if (limit > 0) {
        if (asl_datum_is(separator, ASL_DATUM_STRING))
            status = split_text(call, text, separator, pieces);
        else if (asl_datum_is_undefined(separator))
            status = asl_eval_error(call->eval, "T1010");
        else
            status = split_matches(call, text, limit, pieces);
    }
    return status == ASL_OK ? asl_call_give(call, asl_datum_list(pieces)) : status;
}

const asl_builtin asl_builtins_match[] = {
    {"match", "<s-f<s:o>n?:a<o>>", 3, match_all},
    {"contains", "<s-(sf):b>", 2, contains},
    {"replace", "<s-(sf)(sf)n?:s>", 4, replace},
    {"split", "<s-(sf)n?:a<s>>", 3, split},
    {NULL, NULL, 0, NULL},
};
