/* Matching: PCRE2 within a budget of steps.
 *
 * Every callout is a step, and takes more from the budget for what was run over since the last one.
 * So a search ends after the same work everywhere, and no pattern makes one long. */
#include "base/heap.h"
#include "jsonata/regex_layout.h"
#include "jsonata/regex_subject.h"

/* Steps of one search; each takes 5 to 50 ns. */
#define STEPS_MAX 1000000u
#define STEPS_PER_BYTE 2u
#define HEAP_KIB_MAX 20480u    /* what PCRE2 keeps to come back to; 100 to 400 bytes for a round */
#define MATCH_LIMIT 100000000u /* the steps' end comes first */

/* What counts as a step besides: what was run over, PCRE2's groups, which it copies each time, and
 * the ranges of a set. */
#define BYTES_PER_STEP 16u
#define GROUPS_PER_STEP 8u
#define RANGES_PER_STEP 16u

struct asl_jsonata_matcher {
    const asl_jsonata_regex *regex;
    const asl_heap *heap;
    regex_subject subject;
    pcre2_general_context *general;
    pcre2_match_context *context;
    pcre2_match_data *data;
    asl_jsonata_span *groups;
    uint64_t steps;
    uint64_t budget; /* left to the search */
    size_t place;    /* where the last callout was */
    size_t resume;   /* where the next match is looked for */
    bool has_begun;
};

/* What PCRE2's groups have taken, during a match or after it. */
typedef struct capture_list {
    const PCRE2_SIZE *offsets;
    size_t count;
} capture_list;

static size_t start_of(const capture_list *captures, uint32_t number)
{
    return number < captures->count ? captures->offsets[2 * number] : PCRE2_UNSET;
}

/* Whether a round that began at `round` is the last one of its quantifier, for what was taken at
 * `start`: rounds of a second part come behind those of the first. */
static bool is_last_round(const regex_translation *translation, const capture_list *captures,
                          const regex_mark *mark, size_t start)
{
    size_t round = start_of(captures, mark->number);
    if (start < round)
        return false;
    if (mark->before != 0 && start < start_of(captures, translation->marks[mark->before].number))
        return false;
    if (mark->after == 0)
        return true;
    size_t later = start_of(captures, translation->marks[mark->after].number);
    return later == PCRE2_UNSET || later < round;
}

/* Whether what a copy took was taken in the last round of each quantifier around it. */
static bool is_live(const regex_translation *translation, const capture_list *captures,
                    uint32_t copy)
{
    const regex_mark *marks = translation->marks;
    size_t start = start_of(captures, translation->copies[copy].number);
    uint32_t mark = translation->copies[copy].mark;
    if (start == PCRE2_UNSET)
        return mark == 0;
    while (mark != 0 && is_last_round(translation, captures, &marks[mark], start))
        mark = marks[mark].outer;
    return mark == 0;
}

/* The live one of a copy and those before it; 0: none. */
static uint32_t live_copy(const regex_translation *translation, const capture_list *captures,
                          uint32_t copy)
{
    while (copy != 0 && !is_live(translation, captures, copy))
        copy = translation->copies[copy].other;
    return copy;
}

/* Takes from the budget what was run over since the last step; false where it is used up. */
static bool spend(asl_jsonata_matcher *matcher, size_t bytes)
{
    const regex_translation *translation = &matcher->regex->translation;
    size_t weight = 1 + translation->weight / RANGES_PER_STEP;
    uint64_t cost =
        weight * (1 + bytes / BYTES_PER_STEP) + translation->capture_count / GROUPS_PER_STEP;
    matcher->steps += cost;
    if (matcher->budget < cost)
        return false;
    matcher->budget -= cost;
    return true;
}

static uint32_t read_number(const unsigned char *text)
{
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return number;
}

static bool check(const regex_translation *translation, const pcre2_callout_block *block)
{
    capture_list captures = {block->offset_vector, block->capture_top};
    const unsigned char *text = block->callout_string + 1;
    uint32_t number = read_number(text);
    switch (*block->callout_string) {
    case REGEX_CALLOUT_PROGRESS:
        return start_of(&captures, translation->marks[number].number) != block->current_position;
    case REGEX_CALLOUT_LIVE:
        return is_live(translation, &captures, number);
    default:
        return live_copy(translation, &captures, number) == 0;
    }
}

/* The bytes that a reference is about to compare. */
static size_t reference_size(const regex_translation *translation, const pcre2_callout_block *block)
{
    if (block->callout_string_length == 0 || *block->callout_string != REGEX_CALLOUT_LIVE)
        return 0;
    uint32_t number = translation->copies[read_number(block->callout_string + 1)].number;
    if (number >= block->capture_top || block->offset_vector[2 * number] == PCRE2_UNSET)
        return 0;
    return block->offset_vector[2 * number + 1] - block->offset_vector[2 * number];
}

static int on_callout(pcre2_callout_block *block, void *context)
{
    asl_jsonata_matcher *matcher = context;
    const regex_translation *translation = &matcher->regex->translation;
    size_t place = block->current_position, last = matcher->place;
    size_t bytes = place > last ? place - last : last - place;
    matcher->place = place;
    if (!spend(matcher, bytes + reference_size(translation, block)))
        return PCRE2_ERROR_CALLOUT;
    return block->callout_string_length > 0 && !check(translation, block);
}

static int init(asl_jsonata_matcher *matcher, const char *text, size_t size)
{
    const regex_translation *translation = &matcher->regex->translation;
    int status = regex_subject_init(&matcher->subject, matcher->heap, text, size);
    if (status != ASL_OK)
        return status;
    matcher->general = pcre2_general_context_create(regex_allocate, regex_release,
                                                    (void *)(uintptr_t)matcher->heap);
    if (matcher->general == NULL)
        return ASL_NOMEM;
    matcher->context = pcre2_match_context_create(matcher->general);
    matcher->data = pcre2_match_data_create(translation->capture_count + 1, matcher->general);
    matcher->groups =
        asl_allocate(matcher->heap, (translation->group_count + 1) * sizeof *matcher->groups);
    if (matcher->context == NULL || matcher->data == NULL || matcher->groups == NULL)
        return ASL_NOMEM;
    pcre2_set_callout(matcher->context, on_callout, matcher);
    pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
    pcre2_set_depth_limit(matcher->context, MATCH_LIMIT);
    pcre2_set_heap_limit(matcher->context, HEAP_KIB_MAX);
    return ASL_OK;
}

int asl_jsonata_matcher_new(const asl_jsonata_regex *regex, const asl_heap *heap, const char *text,
                            size_t size, asl_jsonata_matcher **ret_matcher)
{
    asl_jsonata_matcher *matcher = asl_allocate_zeroed(heap, sizeof *matcher);
    if (matcher == NULL)
        return ASL_NOMEM;
    matcher->regex = regex;
    matcher->heap = heap;
    int status = init(matcher, text, size);
    if (status != ASL_OK)
        asl_jsonata_matcher_free(matcher);
    else
        *ret_matcher = matcher;
    return status;
}

void asl_jsonata_matcher_free(asl_jsonata_matcher *matcher)
{
    if (matcher == NULL)
        return;
    size_t group_count = matcher->regex->translation.group_count;
    asl_release(matcher->heap, matcher->groups, (group_count + 1) * sizeof *matcher->groups);
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_general_context_free(matcher->general);
    regex_subject_done(&matcher->subject);
    asl_release(matcher->heap, matcher, sizeof *matcher);
}

static asl_jsonata_span read_group(const asl_jsonata_matcher *matcher, const capture_list *captures,
                                   uint32_t group)
{
    const regex_translation *translation = &matcher->regex->translation;
    uint32_t copy = live_copy(translation, captures, translation->groups[group]);
    size_t at = copy != 0 ? 2 * (size_t)translation->copies[copy].number : 0;
    if (copy == 0 || captures->offsets[at] == PCRE2_UNSET)
        return (asl_jsonata_span){ASL_JSONATA_UNSET, ASL_JSONATA_UNSET};
    return regex_subject_span(&matcher->subject, captures->offsets[at], captures->offsets[at + 1]);
}

static void read_match(asl_jsonata_matcher *matcher, asl_jsonata_match *match)
{
    const regex_translation *translation = &matcher->regex->translation;
    capture_list captures = {pcre2_get_ovector_pointer(matcher->data),
                             translation->capture_count + 1};
    asl_jsonata_span all =
        regex_subject_span(&matcher->subject, captures.offsets[0], captures.offsets[1]);
    for (uint32_t i = 1; i <= translation->group_count; i++)
        matcher->groups[i - 1] = read_group(matcher, &captures, i);
    regex_subject_move(&matcher->subject, all.start);
    *match = (asl_jsonata_match){all.start, all.end, matcher->subject.index, matcher->groups,
                                 translation->group_count};
}

int asl_jsonata_matcher_find(asl_jsonata_matcher *matcher, size_t offset, asl_jsonata_match *match,
                             asl_jsonata_fault *fault)
{
    regex_subject *subject = &matcher->subject;
    regex_subject_move(subject, offset);
    matcher->has_begun = true;
    matcher->budget = STEPS_MAX + STEPS_PER_BYTE * (uint64_t)(subject->size - offset);
    matcher->place = subject->byte_at;
    int result = pcre2_match(matcher->regex->code, (PCRE2_SPTR)subject->bytes, subject->byte_count,
                             subject->byte_at, PCRE2_NO_UTF_CHECK, matcher->data, matcher->context);
    if (result == PCRE2_ERROR_NOMATCH)
        return ASL_NOT_FOUND;
    if (result == PCRE2_ERROR_NOMEMORY)
        return ASL_NOMEM;
    if (result < 0) {
        *fault = (asl_jsonata_fault){.code = "U1001"};
        return ASL_EVALUATION;
    }
    read_match(matcher, match);
    matcher->resume = match->end;
    return ASL_OK;
}

int asl_jsonata_matcher_next(asl_jsonata_matcher *matcher, asl_jsonata_match *match,
                             asl_jsonata_fault *fault)
{
    if (!matcher->has_begun)
        return asl_jsonata_matcher_find(matcher, 0, match, fault);
    if (matcher->resume >= matcher->subject.size)
        return ASL_NOT_FOUND;
    int status = asl_jsonata_matcher_find(matcher, matcher->resume, match, fault);
    if (status == ASL_OK && match->start == match->end) {
        *fault = (asl_jsonata_fault){.code = "D1004"};
        return ASL_EVALUATION;
    }
    return status;
}

uint64_t asl_jsonata_matcher_steps(const asl_jsonata_matcher *matcher)
{
    return matcher->steps;
}
