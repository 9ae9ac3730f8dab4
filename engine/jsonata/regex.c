/* Compiling: JavaScript's pattern becomes a tree, the tree a pattern of PCRE2, that its code. */
#include "jsonata/regex.h"

#include <string.h>

#include "base/heap.h"
#include "jsonata/regex_layout.h"

/* PCRE2 gives no size back, so each block carries its own. */
#define HEADER_SIZE 16

void *regex_allocate(size_t size, void *heap)
{
    char *block = asl_allocate(heap, size + HEADER_SIZE);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    return block + HEADER_SIZE;
}

void regex_release(void *pointer, void *heap)
{
    if (pointer == NULL)
        return;
    char *block = (char *)pointer - HEADER_SIZE;
    size_t size;
    memcpy(&size, block, sizeof size);
    asl_release(heap, block, size + HEADER_SIZE);
}

/* What a refusal means: the translation is always well-formed. */
static int status_of(int error)
{
    switch (error) {
    case PCRE2_ERROR_HEAP_FAILED:
        return ASL_NOMEM;
    case PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH:
    case PCRE2_ERROR_LOOKBEHIND_TOO_COMPLICATED:
    case PCRE2_ERROR_LOOKBEHIND_TOO_LONG:
        return ASL_UNSUPPORTED;
    default:
        return ASL_TOO_LARGE;
    }
}

static int compile_translation(asl_jsonata_regex *regex)
{
    pcre2_compile_context *context = pcre2_compile_context_create(regex->general);
    if (context == NULL)
        return ASL_NOMEM;
    pcre2_set_parens_nest_limit(context, 3 * REGEX_NEST_MAX);
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
    int error = 0;
    PCRE2_SIZE offset = 0;
    uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOTALL | PCRE2_MATCH_UNSET_BACKREF |
                       PCRE2_NEVER_BACKSLASH_C;
    /* For each place where a match may start PCRE2 looks for both cases of a letter that it begins
     * with, and through the rest of the text for the one that is not there. */
    if (regex->translation.has_pair)
        options |= PCRE2_NO_START_OPTIMIZE;
    const asl_buffer *text = &regex->translation.text;
    regex->code =
        pcre2_compile((PCRE2_SPTR)text->bytes, text->size, options, &error, &offset, context);
    pcre2_compile_context_free(context);
    return regex->code != NULL ? ASL_OK : status_of(error);
}

static int compile(asl_jsonata_regex *regex, const char *pattern, size_t size, unsigned flags,
                   const char **ret_message)
{
    asl_arena arena;
    regex_pattern tree;
    asl_arena_init(&arena, regex->heap);
    int status = regex_parse(&arena, pattern, size, flags, &tree, ret_message);
    if (status == ASL_OK)
        status = regex_translate(regex->heap, &tree, flags, &regex->translation);
    asl_arena_done(&arena);
    if (status == ASL_OK)
        status = compile_translation(regex);
    asl_buffer_done(&regex->translation.text);
    return status;
}

int asl_jsonata_regex_compile(const asl_heap *heap, const char *pattern, size_t size,
                              unsigned flags, asl_jsonata_regex **ret_regex,
                              asl_jsonata_fault *fault)
{
    asl_jsonata_regex *regex = asl_allocate_zeroed(heap, sizeof *regex);
    if (regex == NULL)
        return ASL_NOMEM;
    regex->heap = heap;
    asl_buffer_init(&regex->translation.text, heap);
    regex->general =
        pcre2_general_context_create(regex_allocate, regex_release, (void *)(uintptr_t)heap);
    const char *message = NULL;
    int status =
        regex->general == NULL ? ASL_NOMEM : compile(regex, pattern, size, flags, &message);
    if (status != ASL_OK)
        asl_jsonata_regex_free(regex);
    else
        *ret_regex = regex;
    if (status == ASL_SYNTAX)
        *fault = (asl_jsonata_fault){.message = message};
    return status;
}

void asl_jsonata_regex_free(asl_jsonata_regex *regex)
{
    if (regex == NULL)
        return;
    pcre2_code_free(regex->code);
    pcre2_general_context_free(regex->general);
    regex_translation_done(&regex->translation);
    asl_release(regex->heap, regex, sizeof *regex);
}

size_t asl_jsonata_regex_groups(const asl_jsonata_regex *regex)
{
    return regex->translation.group_count;
}
