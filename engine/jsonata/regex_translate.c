/* A pattern's tree, written for PCRE2.
 *
 * What JavaScript does otherwise than Perl is made of three things. Sets are written out, so that
 * no option and no table of PCRE2 has a say in them. Marks, empty groups at the start of each round
 * of a quantifier, tell a round that matched nothing, which JavaScript takes back, and groups of an
 * earlier round, which it forgets. Callouts look at the marks, and count steps: PCRE2's own limits
 * count neither what a quantifier of one character runs over nor the places where a match may
 * start. There is a step for each branch, each round, each quantifier, and each stretch of text. */
#include "base/array.h"
#include "base/heap.h"
#include "jsonata/regex_layout.h"

#define STRETCH 16u /* what is matched one after another without a step */
#define ROUND 64u   /* the same, of a code unit that is repeated */
#define TABLE_MAX REGEX_TRANSLATION_MAX

typedef struct regex_writer {
    regex_translation *out;
    asl_buffer *text;
    unsigned flags;
    uint32_t mark;    /* the innermost one around this place */
    unsigned stretch; /* since the last step */
    bool is_behind;   /* in a look-behind: matched from its end in JavaScript, not here */
    bool is_unsupported;
} regex_writer;

static void write_node(regex_writer *writer, const regex_node *node);

static void write_step(regex_writer *writer)
{
    asl_buffer_text(writer->text, "(?C1)");
    writer->stretch = 0;
}

static void count_item(regex_writer *writer)
{
    if (++writer->stretch >= STRETCH)
        write_step(writer);
}

static bool is_alphanumeric(uint16_t unit)
{
    return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') ||
           (unit >= '0' && unit <= '9');
}

static void write_unit(regex_writer *writer, uint16_t unit)
{
    if (is_alphanumeric(unit))
        asl_buffer_byte(writer->text, (char)unit);
    else
        asl_buffer_format(writer->text, "\\x{%x}", unit);
}

static void write_range(regex_writer *writer, uint32_t first, uint32_t last)
{
    write_unit(writer, (uint16_t)first);
    if (last > first + 1)
        asl_buffer_byte(writer->text, '-');
    if (last > first)
        write_unit(writer, (uint16_t)last);
}

/* What is between the ranges of a set, in the brackets of a negated class. */
static void write_others(regex_writer *writer, const regex_set *set)
{
    uint32_t from = 0;
    asl_buffer_text(writer->text, "[^");
    for (size_t i = 0; i < set->count; i++) {
        if (set->ranges[i].first > from)
            write_range(writer, from, set->ranges[i].first - 1u);
        from = set->ranges[i].last + 1u;
    }
    if (from <= UINT16_MAX)
        write_range(writer, from, UINT16_MAX);
    asl_buffer_byte(writer->text, ']');
}

/* Whether a set may be one letter in both cases to PCRE2. */
static bool may_be_pair(const regex_set *set)
{
    const regex_range *one = set->ranges, *other = one + 1;
    if (set->count != 2 || one->first != one->last || other->first != other->last)
        return false;
    return other->first >= 0x80 || (one->first ^ other->first) == 0x20;
}

static void write_set(regex_writer *writer, const regex_set *set)
{
    const regex_range *first = set->ranges;
    if (set->count > writer->out->weight)
        writer->out->weight = (uint32_t)set->count;
    if (set->count == 0) {
        asl_buffer_text(writer->text, "(?!)");
        return;
    }
    writer->out->has_pair |= may_be_pair(set);
    bool has_all = first->first == 0 && first->last == UINT16_MAX;
    bool has_ends = first->first == 0 && set->ranges[set->count - 1].last == UINT16_MAX;
    if (has_all) {
        asl_buffer_byte(writer->text, '.');
    } else if (set->count == 1 && first->first == first->last) {
        write_unit(writer, first->first);
    } else if (has_ends) {
        write_others(writer, set);
    } else {
        asl_buffer_byte(writer->text, '[');
        for (size_t i = 0; i < set->count; i++)
            write_range(writer, set->ranges[i].first, set->ranges[i].last);
        asl_buffer_byte(writer->text, ']');
    }
}

static void write_branches(regex_writer *writer, const regex_node *node)
{
    if (node->kind != REGEX_CHOICE) {
        write_node(writer, node);
        return;
    }
    for (const regex_node *branch = node->child; branch != NULL; branch = branch->next) {
        if (branch != node->child) {
            asl_buffer_byte(writer->text, '|');
            write_step(writer);
        }
        write_node(writer, branch);
    }
}

/* Adds a row to a table and gives its number; 0, with the status, where there is no room. */
static uint32_t add_mark(regex_writer *writer, regex_mark mark)
{
    regex_translation *out = writer->out;
    if (writer->text->status == ASL_OK)
        writer->text->status = asl_array_reserve(writer->text->heap, &out->marks,
                                                 &out->mark_capacity, out->mark_count, TABLE_MAX);
    if (writer->text->status != ASL_OK)
        return 0;
    out->marks[out->mark_count] = mark;
    return out->mark_count++;
}

static uint32_t add_copy(regex_writer *writer, regex_copy copy)
{
    regex_translation *out = writer->out;
    if (writer->text->status == ASL_OK)
        writer->text->status = asl_array_reserve(writer->text->heap, &out->copies,
                                                 &out->copy_capacity, out->copy_count, TABLE_MAX);
    if (writer->text->status != ASL_OK)
        return 0;
    out->copies[out->copy_count] = copy;
    return out->copy_count++;
}

static void write_group(regex_writer *writer, const regex_node *node)
{
    uint32_t number = node->number == 0 ? 0 : ++writer->out->capture_count;
    asl_buffer_text(writer->text, number == 0 ? "(?:" : "(");
    write_branches(writer, node->child);
    asl_buffer_byte(writer->text, ')');
    /* Only now: within itself, and before, a group is unset, and a reference to it matches nothing.
     */
    uint32_t *group = &writer->out->groups[node->number];
    if (number != 0)
        *group = add_copy(writer, (regex_copy){number, writer->mark, *group});
}

static void write_look(regex_writer *writer, const regex_node *node)
{
    bool is_behind = writer->is_behind;
    writer->is_behind = node->is_behind;
    /* What a group takes there may lie before the round that it belongs to. */
    if (node->is_behind && node->has_groups && writer->mark != 0)
        writer->is_unsupported = true;
    asl_buffer_text(writer->text, node->is_behind ? "(?<" : "(?");
    asl_buffer_byte(writer->text, node->is_negative ? '!' : '=');
    write_branches(writer, node->child);
    asl_buffer_byte(writer->text, ')');
    writer->is_behind = is_behind;
}

static void write_reference(regex_writer *writer, const regex_node *node)
{
    const regex_translation *out = writer->out;
    uint32_t last = out->groups[node->number];
    bool ignores_case = (writer->flags & ASL_JSONATA_IGNORE_CASE) != 0;
    if (writer->is_behind)
        writer->is_unsupported = true;
    if (last == 0)
        return;
    for (uint32_t i = last; i != 0; i = out->copies[i].other)
        asl_buffer_format(writer->text, "%s(?C'%c%u')(?%s:\\g{%u})", i == last ? "(?:" : "|",
                          REGEX_CALLOUT_LIVE, i, ignores_case ? "i" : "", out->copies[i].number);
    if (out->copies[last].mark != 0)
        asl_buffer_format(writer->text, "|(?C'%c%u')", REGEX_CALLOUT_DEAD, last);
    asl_buffer_byte(writer->text, ')');
}

static void write_quantifier(regex_writer *writer, uint32_t min, uint32_t max, bool is_lazy)
{
    if (max == REGEX_INFINITE && min <= 1)
        asl_buffer_byte(writer->text, min == 0 ? '*' : '+');
    else if (min == 0 && max == 1)
        asl_buffer_byte(writer->text, '?');
    else if (max == REGEX_INFINITE)
        asl_buffer_format(writer->text, "{%u,}", min);
    else if (min == max)
        asl_buffer_format(writer->text, "{%u}", min);
    else
        asl_buffer_format(writer->text, "{%u,%u}", min, max);
    if (is_lazy)
        asl_buffer_byte(writer->text, '?');
}

/* A quantifier of one code unit. A great minimum is written as rounds, each with a step. */
static void write_unit_repeat(regex_writer *writer, const regex_node *node)
{
    uint32_t min = node->min, max = node->max;
    if (min > ROUND) {
        uint32_t rounds = min / ROUND;
        asl_buffer_text(writer->text, "(?:");
        write_node(writer, node->child);
        asl_buffer_format(writer->text, "{%u}(?C1)){%u}", ROUND, rounds);
        min -= rounds * ROUND;
        if (max != REGEX_INFINITE)
            max -= rounds * ROUND;
    }
    if (max > 0) {
        write_node(writer, node->child);
        write_quantifier(writer, min, max, node->is_lazy);
    }
    write_step(writer);
}

/* Writes a mark within the innermost one. */
static uint32_t write_mark(regex_writer *writer)
{
    asl_buffer_text(writer->text, "()");
    return add_mark(writer, (regex_mark){++writer->out->capture_count, writer->mark, 0, 0});
}

/* Rounds of a quantifier. */
typedef struct round_form {
    uint32_t min, max;
    bool has_mark, must_progress;
} round_form;

/* Returns the mark. */
static uint32_t write_rounds(regex_writer *writer, const regex_node *node, const round_form *form)
{
    uint32_t outer = writer->mark;
    asl_buffer_text(writer->text, "(?:");
    if (form->has_mark)
        writer->mark = write_mark(writer);
    uint32_t mark = writer->mark;
    write_step(writer);
    write_node(writer, node->child);
    if (form->must_progress)
        asl_buffer_format(writer->text, "(?C'%c%u')", REGEX_CALLOUT_PROGRESS, mark);
    asl_buffer_byte(writer->text, ')');
    write_quantifier(writer, form->min, form->max, node->is_lazy);
    writer->mark = outer;
    return mark;
}

/* A round past the minimum must match something, so where the body may match nothing those before
 * are written apart. */
static void write_group_repeat(regex_writer *writer, const regex_node *node)
{
    const regex_node *child = node->child;
    bool must_progress = child->may_be_empty && node->min != node->max;
    bool is_parted = must_progress && node->min > 0;
    bool has_mark = child->may_skip_groups || (is_parted && child->has_groups);
    round_form first = {node->min, node->min, has_mark, false};
    round_form rest = {node->min, node->max, has_mark || must_progress, must_progress};
    uint32_t first_mark = 0;
    if (child->has_groups && writer->is_behind)
        writer->is_unsupported = true;
    if (is_parted) {
        first_mark = write_rounds(writer, node, &first);
        rest.min = 0;
        rest.max = node->max == REGEX_INFINITE ? node->max : node->max - node->min;
    }
    uint32_t mark = write_rounds(writer, node, &rest);
    if (is_parted && has_mark && writer->text->status == ASL_OK) {
        writer->out->marks[first_mark].after = mark;
        writer->out->marks[mark].before = first_mark;
    }
    write_step(writer);
}

static void write_repeat(regex_writer *writer, const regex_node *node)
{
    const regex_node *child = node->child;
    if (node->max == 0 || (child->kind == REGEX_LOOK && node->min == 0))
        return;
    if (child->kind == REGEX_LOOK || (node->min == 1 && node->max == 1))
        write_node(writer, child);
    else if (node->min > REGEX_REPEAT_MAX ||
             (node->max > REGEX_REPEAT_MAX && node->max != REGEX_INFINITE))
        writer->text->status = ASL_TOO_LARGE;
    else if (child->kind == REGEX_UNIT || child->kind == REGEX_SET)
        write_unit_repeat(writer, node);
    else
        write_group_repeat(writer, node);
}

/* The start and end of a line: no character that ends none stands beside. */
static void write_line_edge(regex_writer *writer, bool is_start)
{
    if ((writer->flags & ASL_JSONATA_MULTILINE) == 0)
        asl_buffer_text(writer->text, is_start ? "\\A" : "\\z");
    else
        asl_buffer_format(writer->text, "(?%s[^\\n\\r\\x{2028}\\x{2029}])", is_start ? "<!" : "!");
}

static void write_node(regex_writer *writer, const regex_node *node)
{
    if (writer->text->status != ASL_OK || writer->is_unsupported)
        return;
    switch (node->kind) {
    case REGEX_EMPTY:
        break;
    case REGEX_UNIT:
        write_unit(writer, node->unit);
        break;
    case REGEX_SET:
        write_set(writer, &node->set);
        break;
    case REGEX_SEQUENCE:
        for (const regex_node *child = node->child; child != NULL; child = child->next) {
            write_node(writer, child);
            count_item(writer);
        }
        break;
    case REGEX_CHOICE:
        write_branches(writer, node);
        break;
    case REGEX_START:
    case REGEX_END:
        write_line_edge(writer, node->kind == REGEX_START);
        break;
    case REGEX_EDGE:
        asl_buffer_text(writer->text, node->is_negative ? "\\B" : "\\b");
        break;
    case REGEX_LOOK:
        write_look(writer, node);
        break;
    case REGEX_GROUP:
        write_group(writer, node);
        break;
    case REGEX_REFERENCE:
        write_reference(writer, node);
        break;
    case REGEX_REPEAT:
        write_repeat(writer, node);
        break;
    }
}

void regex_translation_done(regex_translation *translation)
{
    const asl_heap *heap = translation->text.heap;
    asl_buffer_done(&translation->text);
    asl_release(heap, translation->groups,
                (translation->group_count + 1) * sizeof *translation->groups);
    asl_release(heap, translation->marks, translation->mark_capacity * sizeof *translation->marks);
    asl_release(heap, translation->copies,
                translation->copy_capacity * sizeof *translation->copies);
    *translation = (regex_translation){.text = {.heap = heap}};
}

int regex_translate(const asl_heap *heap, const regex_pattern *pattern, unsigned flags,
                    regex_translation *ret_translation)
{
    regex_translation *out = ret_translation;
    *out = (regex_translation){.group_count = pattern->group_count, .weight = 1};
    asl_buffer_init(&out->text, heap);
    out->text.limit = REGEX_TRANSLATION_MAX;
    out->groups = asl_allocate_zeroed(heap, (out->group_count + 1) * sizeof *out->groups);
    regex_writer writer = {.out = out, .text = &out->text, .flags = flags};
    if (out->groups != NULL) {
        add_mark(&writer, (regex_mark){0, 0, 0, 0}); /* the rows that mean none */
        add_copy(&writer, (regex_copy){0, 0, 0});
        write_step(&writer);
        write_branches(&writer, pattern->root);
    }
    int status = out->groups == NULL ? ASL_NOMEM : out->text.status;
    if (status == ASL_OK && writer.is_unsupported)
        status = ASL_UNSUPPORTED;
    if (status != ASL_OK)
        regex_translation_done(out);
    return status;
}
