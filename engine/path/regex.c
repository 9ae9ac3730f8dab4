/* Java's regular expressions over PCRE2: whole-text matches without JIT, within limits.
 *
 * A match is tried with a small limit first and with larger ones only where that was not enough, so
 * what it takes from the evaluation's budget is near to what it cost. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/heap.h"
#include "path/layout.h"

#define DEPTH_MAX 1000u
#define HEAP_KIB_MAX 1024u

static const uint32_t match_limits[] = {200, 5000, 100000};

struct asl_regex {
    const asl_heap *heap;
    pcre2_general_context *general;
    pcre2_code *code;
};

/* PCRE2 gives no size back, so each block carries its own. */
#define HEADER_SIZE 16

static void *allocate(size_t size, void *context)
{
    asl_regex *regex = context;
    char *block = asl_allocate(regex->heap, size + HEADER_SIZE);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    return block + HEADER_SIZE;
}

static void release(void *pointer, void *context)
{
    asl_regex *regex = context;
    if (pointer == NULL)
        return;
    char *block = (char *)pointer - HEADER_SIZE;
    size_t size;
    memcpy(&size, block, sizeof size);
    asl_release(regex->heap, block, size + HEADER_SIZE);
}

static uint32_t read_flags(const char *flags, size_t size, bool *ret_unix_lines)
{
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    for (size_t i = 0; i < size; i++) {
        switch (flags[i]) {
        case 'i':
            options |= PCRE2_CASELESS;
            break;
        case 'x':
            options |= PCRE2_EXTENDED;
            break;
        case 'm':
            options |= PCRE2_MULTILINE;
            break;
        case 's':
            options |= PCRE2_DOTALL;
            break;
        case 'U':
            options |= PCRE2_UCP;
            break;
        case 'd':
            *ret_unix_lines = true;
            break;
        default: /* 'u': case is Unicode's anyway */
            break;
        }
    }
    return options;
}

static int compile(asl_regex *regex, const char *pattern, size_t size, const char *flags,
                   size_t flags_size)
{
    bool is_unix_lines = false;
    uint32_t options = read_flags(flags, flags_size, &is_unix_lines);
    pcre2_compile_context *context = pcre2_compile_context_create(regex->general);
    if (context == NULL)
        return ASL_NOMEM;
    pcre2_set_newline(context, is_unix_lines ? PCRE2_NEWLINE_LF : PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_parens_nest_limit(context, 100);
    int error = 0;
    PCRE2_SIZE offset = 0;
    regex->code = pcre2_compile((PCRE2_SPTR)pattern, size, options, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (regex->code != NULL)
        return ASL_OK;
    return error == PCRE2_ERROR_HEAP_FAILED ? ASL_NOMEM : ASL_SYNTAX;
}

int asl_regex_compile(const asl_heap *heap, const char *pattern, size_t size, const char *flags,
                      size_t flags_size, asl_regex **ret_regex)
{
    /* "(*LIMIT_MATCH=...)" and its like are not Java's. */
    if (size >= 2 && memcmp(pattern, "(*", 2) == 0)
        return ASL_SYNTAX;
    asl_regex *regex = asl_allocate_zeroed(heap, sizeof *regex);
    if (regex == NULL)
        return ASL_NOMEM;
    regex->heap = heap;
    regex->general = pcre2_general_context_create(allocate, release, regex);
    int status =
        regex->general == NULL ? ASL_NOMEM : compile(regex, pattern, size, flags, flags_size);
    if (status != ASL_OK)
        asl_regex_free(regex);
    else
        *ret_regex = regex;
    return status;
}

void asl_regex_free(asl_regex *regex)
{
    if (regex == NULL)
        return;
    pcre2_code_free(regex->code);
    pcre2_general_context_free(regex->general);
    asl_release(regex->heap, regex, sizeof *regex);
}

/* Matches with growing limits; PCRE2's result. */
static int match(const asl_regex *regex, const char *text, size_t size, size_t *work,
                 pcre2_match_context *context, pcre2_match_data *data)
{
    int result = PCRE2_ERROR_MATCHLIMIT;
    for (size_t i = 0; i < sizeof match_limits / sizeof match_limits[0]; i++) {
        size_t cost = match_limits[i] + size / 16;
        if (*work < cost)
            return PCRE2_ERROR_MATCHLIMIT;
        *work -= cost;
        pcre2_set_match_limit(context, match_limits[i]);
        result =
            pcre2_match(regex->code, (PCRE2_SPTR)text, size, 0,
                        PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK, data, context);
        if (result != PCRE2_ERROR_MATCHLIMIT)
            break;
    }
    return result;
}

int asl_regex_match(const asl_regex *regex, const char *text, size_t size, size_t *work,
                    bool *ret_matches)
{
    pcre2_match_context *context = pcre2_match_context_create(regex->general);
    pcre2_match_data *data = pcre2_match_data_create(1, regex->general);
    int result = PCRE2_ERROR_NOMEMORY;
    if (context != NULL && data != NULL) {
        pcre2_set_depth_limit(context, DEPTH_MAX);
        pcre2_set_heap_limit(context, HEAP_KIB_MAX);
        result = match(regex, text, size, work, context, data);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (result >= 0 || result == PCRE2_ERROR_NOMATCH) {
        *ret_matches = result >= 0;
        return ASL_OK;
    }
    return result == PCRE2_ERROR_NOMEMORY ? ASL_NOMEM : ASL_TOO_LARGE;
}
