/* Flags and a pattern in the first line, a text behind it. What JavaScript would not refuse is
 * searched: matches lie in the text, in order, on whole characters, and their groups too; every
 * search ends within its steps, and twice the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

#define STEPS_MAX 20000000u /* of a search: more than any may take */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct fuzz_input {
    const char *pattern, *text;
    size_t pattern_size, text_size;
} fuzz_input;

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Whether an offset is that of a character, or the end. */
static bool is_edge(const fuzz_input *input, size_t offset)
{
    return offset == input->text_size ||
           (offset < input->text_size && ((unsigned char)input->text[offset] & 0xC0) != 0x80);
}

static void check_match(const fuzz_input *input, const asl_jsonata_match *match, size_t from)
{
    require(match->start >= from && match->start <= match->end);
    require(is_edge(input, match->start) && is_edge(input, match->end));
    require(match->index == asl_jsonata_code_units(input->text, match->start));
    for (size_t i = 0; i < match->group_count; i++) {
        const asl_jsonata_span *group = &match->groups[i];
        bool is_unset = group->start == ASL_JSONATA_UNSET;
        require(is_unset == (group->end == ASL_JSONATA_UNSET));
        require(is_unset || (group->start <= group->end && is_edge(input, group->start) &&
                             is_edge(input, group->end)));
    }
}

static void check_substitution(const fuzz_input *input, const asl_jsonata_match *match)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    buffer.limit = 1048576;
    int status =
        asl_jsonata_substitute(input->pattern, input->pattern_size, input->text, match, &buffer);
    require(status == ASL_OK || status == ASL_TOO_LARGE);
    require(asl_utf8_valid(buffer.bytes, buffer.size) == buffer.size);
    asl_buffer_done(&buffer);
}

/* All matches, or the first few; returns the steps. */
static uint64_t search(const asl_jsonata_regex *regex, const fuzz_input *input)
{
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault = {NULL, NULL};
    int status = ASL_OK;
    uint64_t steps = 0;
    size_t from = 0;
    require(asl_jsonata_matcher_new(regex, NULL, input->text, input->text_size, &matcher) ==
            ASL_OK);
    for (int count = 0; count < 20 && status == ASL_OK; count++) {
        status = asl_jsonata_matcher_next(matcher, &match, &fault);
        require(status == ASL_OK || status == ASL_NOT_FOUND || status == ASL_EVALUATION);
        require(asl_jsonata_matcher_steps(matcher) - steps < STEPS_MAX);
        steps = asl_jsonata_matcher_steps(matcher);
        if (status != ASL_OK)
            break;
        check_match(input, &match, from);
        check_substitution(input, &match);
        require(match.group_count == asl_jsonata_regex_groups(regex));
        from = match.end;
    }
    require((status == ASL_EVALUATION) == (fault.code != NULL));
    asl_jsonata_matcher_free(matcher);
    return steps;
}

/* "im/" before the pattern. */
static unsigned take_flags(fuzz_input *input)
{
    unsigned flags = 0;
    while (input->pattern_size > 0 && (*input->pattern == 'i' || *input->pattern == 'm')) {
        flags |= *input->pattern == 'i' ? ASL_JSONATA_IGNORE_CASE : ASL_JSONATA_MULTILINE;
        input->pattern++;
        input->pattern_size--;
    }
    if (input->pattern_size > 0 && *input->pattern == '/') {
        input->pattern++;
        input->pattern_size--;
    }
    return flags;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line_end = size == 0 ? NULL : memchr(text, '\n', size);
    if (line_end == NULL || asl_utf8_valid(text, size) != size)
        return 0;
    size_t line_size = (size_t)(line_end - text);
    fuzz_input input = {text, line_end + 1, line_size, size - line_size - 1};
    unsigned flags = take_flags(&input);
    asl_jsonata_regex *regex = NULL;
    asl_jsonata_fault fault = {NULL, NULL};
    int status =
        asl_jsonata_regex_compile(NULL, input.pattern, input.pattern_size, flags, &regex, &fault);
    require(status == ASL_OK || status == ASL_SYNTAX || status == ASL_UNSUPPORTED ||
            status == ASL_TOO_LARGE);
    require((status == ASL_OK) == (regex != NULL));
    require((status == ASL_SYNTAX) == (fault.message != NULL));
    if (status == ASL_OK)
        require(search(regex, &input) == search(regex, &input));
    asl_jsonata_regex_free(regex);
    return 0;
}
