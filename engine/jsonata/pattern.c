/* Compiling patterns, in one pass: a stack holds the groups that are open. */
#include "jsonata/pattern.h"

#include <string.h>

#include "base/array.h"
#include "base/heap.h"
#include "base/limits.h"
#include "jsonata/capitals.h"
#include "jsonata/pattern_step.h"

typedef struct open_group {
    uint32_t first;  /* its first step */
    uint32_t choice; /* the choice that begins the alternative that is read */
    uint32_t jumps;  /* the last jump to its end, which has the one before as target; 0: none */
    uint32_t number;
    bool captures;
} open_group;

typedef struct compiler {
    asl_pattern *pattern;
    asl_utf16 source;
    size_t next;
    open_group *open;
    size_t open_count, open_capacity;
    const char *problem; /* in JavaScript's words */
} compiler;

uint16_t asl_pattern_fold(uint16_t unit)
{
    if (unit < 0x80)
        return unit >= 'a' && unit <= 'z' ? unit - 'a' + 'A' : unit;
    size_t low = 0, high = sizeof capitals / sizeof capitals[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (capitals[middle].last < unit)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == sizeof capitals / sizeof capitals[0] || unit < capitals[low].first ||
        (unit - capitals[low].first) % capitals[low].step != 0)
        return unit;
    return (uint16_t)(unit + capitals[low].distance);
}

static int emit(compiler *c, asl_pattern_step step)
{
    asl_pattern *p = c->pattern;
    int status = asl_array_reserve(p->heap, &p->steps, &p->capacity, p->count, SIZE_MAX);
    if (status == ASL_OK)
        p->steps[p->count++] = step;
    return status;
}

static int emit_kind(compiler *c, asl_pattern_kind kind, uint32_t target)
{
    return emit(c, (asl_pattern_step){.kind = kind, .target = target, .least = 1, .most = 1});
}

static uint32_t here(const compiler *c)
{
    return (uint32_t)c->pattern->count;
}

/* The unit `ahead` of the next one; 0 behind the end. */
static uint16_t peek(const compiler *c, size_t ahead)
{
    size_t index = c->next + ahead;
    return index < c->source.size ? c->source.units[index] : 0;
}

static int open(compiler *c, bool captures)
{
    int status =
        asl_array_reserve(c->pattern->heap, &c->open, &c->open_capacity, c->open_count, SIZE_MAX);
    if (status != ASL_OK)
        return status;
    open_group *group = &c->open[c->open_count++];
    *group = (open_group){.first = here(c), .captures = captures};
    if (captures) {
        group->number = (uint32_t)c->pattern->group_count++;
        status = emit_kind(c, ASL_PATTERN_OPEN, group->number);
    }
    group->choice = here(c);
    return status == ASL_OK ? emit_kind(c, ASL_PATTERN_CHOICE, 0) : status;
}

static int add_alternative(compiler *c)
{
    open_group *group = &c->open[c->open_count - 1];
    uint32_t jump = here(c);
    int status = emit_kind(c, ASL_PATTERN_JUMP, group->jumps);
    group->jumps = jump;
    c->pattern->steps[group->choice].target = here(c);
    group->choice = here(c);
    return status == ASL_OK ? emit_kind(c, ASL_PATTERN_CHOICE, 0) : status;
}

/* The jumps of the alternatives get their target. */
static void end_alternatives(compiler *c, const open_group *group)
{
    asl_pattern_step *steps = c->pattern->steps;
    for (uint32_t jump = group->jumps; jump != 0;) {
        uint32_t before = steps[jump].target;
        steps[jump].target = here(c);
        jump = before;
    }
}

static int close(compiler *c)
{
    if (c->open_count == 1) { /* the whole expression */
        c->problem = "Unmatched ')'";
        return ASL_OK;
    }
    open_group group = c->open[--c->open_count];
    end_alternatives(c, &group);
    if (group.captures)
        return emit_kind(c, ASL_PATTERN_CLOSE, group.number);
    if (peek(c, 0) != '+')
        return ASL_OK;
    c->next++;
    return emit_kind(c, ASL_PATTERN_LOOP, group.first);
}

/* Classes have ASCII only. */
static void add_to_class(asl_pattern_step *step, uint16_t unit)
{
    if (unit >= 0x80)
        return;
    uint16_t folded = asl_pattern_fold(unit);
    uint16_t small = folded >= 'A' && folded <= 'Z' ? folded - 'A' + 'a' : folded;
    step->class[folded / 64] |= UINT64_C(1) << folded % 64;
    step->class[small / 64] |= UINT64_C(1) << small % 64;
}

static uint16_t take_class_unit(compiler *c)
{
    c->next += peek(c, 0) == '\\';
    uint16_t unit = peek(c, 0);
    c->next++;
    return unit;
}

static asl_pattern_step read_class(compiler *c)
{
    asl_pattern_step step = {.kind = ASL_PATTERN_CLASS};
    while (peek(c, 0) != ']' && c->next < c->source.size) {
        uint32_t first = take_class_unit(c), last = first;
        if (peek(c, 0) == '-' && peek(c, 1) != ']') {
            c->next++;
            last = take_class_unit(c);
        }
        for (uint32_t unit = first; unit <= last; unit++)
            add_to_class(&step, (uint16_t)unit);
    }
    c->next++;
    return step;
}

/* Digits of a quantifier; what is more than a text can have is endless. */
static uint32_t take_count(compiler *c)
{
    uint64_t count = 0;
    for (; peek(c, 0) >= '0' && peek(c, 0) <= '9'; c->next++)
        count = count < ASL_PATTERN_ENDLESS ? count * 10 + (uint64_t)(peek(c, 0) - '0') : count;
    return count < ASL_PATTERN_ENDLESS ? (uint32_t)count : ASL_PATTERN_ENDLESS;
}

static bool is_digit_next(const compiler *c)
{
    return peek(c, 0) >= '0' && peek(c, 0) <= '9';
}

/* {n} or {n,m}; where it is neither, its units stand for themselves. */
static void read_counts(compiler *c, asl_pattern_step *step)
{
    size_t start = c->next++;
    if (is_digit_next(c)) {
        uint32_t least = take_count(c), most = least;
        if (peek(c, 0) == ',') {
            c->next++;
            most = is_digit_next(c) ? take_count(c) : ASL_PATTERN_ENDLESS;
        }
        if (peek(c, 0) == '}') {
            c->next++;
            step->least = least;
            step->most = most;
            return;
        }
    }
    c->next = start;
}

/* One unit of the text. */
static asl_pattern_step read_unit(compiler *c, uint16_t unit)
{
    if (unit == '[')
        return read_class(c);
    asl_pattern_step step = {.kind = unit == '.' ? ASL_PATTERN_ANY : ASL_PATTERN_UNIT};
    if (unit == '\\') {
        unit = peek(c, 0);
        c->next++;
    }
    step.unit = asl_pattern_fold(unit);
    return step;
}

/* One unit, and how often it is taken. */
static int read_atom(compiler *c, uint16_t unit)
{
    asl_pattern_step step = read_unit(c, unit);
    step.least = step.most = 1;
    if (peek(c, 0) == '{')
        read_counts(c, &step);
    uint32_t place = here(c);
    int status = emit(c, step);
    if (status != ASL_OK || peek(c, 0) != '+')
        return status;
    c->next++;
    bool is_lazy = peek(c, 0) == '?';
    c->next += is_lazy;
    return emit(c,
                (asl_pattern_step){.kind = ASL_PATTERN_LOOP, .is_lazy = is_lazy, .target = place});
}

static int read_open(compiler *c)
{
    bool captures = peek(c, 0) != '?';
    c->next += captures ? 0 : 2; /* "?:" */
    return open(c, captures);
}

static int read_term(compiler *c)
{
    uint16_t unit = peek(c, 0);
    c->next++;
    switch (unit) {
    case '^':
        return emit_kind(c, ASL_PATTERN_BEGIN, 0);
    case '$':
        return emit_kind(c, ASL_PATTERN_END, 0);
    case '(':
        return read_open(c);
    case ')':
        return close(c);
    case '|':
        return add_alternative(c);
    case '*':
    case '+':
    case '?':
        c->problem = "Nothing to repeat";
        return ASL_OK;
    default:
        return read_atom(c, unit);
    }
}

static int throw_problem(asl_utf16 source, const char *problem, asl_picture_fault *fault)
{
    int status = asl_fault_throw(fault, "Invalid regular expression: /");
    asl_utf16_write(source, &fault->text);
    asl_buffer_text(&fault->text, "/i: ");
    asl_buffer_text(&fault->text, problem);
    return fault->text.status != ASL_OK ? fault->text.status : status;
}

static int compile(compiler *c)
{
    int status = open(c, false);
    while (status == ASL_OK && c->problem == NULL && c->next < c->source.size)
        status = read_term(c);
    if (status == ASL_OK && c->problem == NULL && c->open_count > 1)
        c->problem = "Unterminated group";
    if (status != ASL_OK || c->problem != NULL)
        return status;
    end_alternatives(c, &c->open[0]);
    return emit_kind(c, ASL_PATTERN_MATCHED, 0);
}

int asl_pattern_compile(asl_pattern *pattern, const asl_heap *heap, asl_utf16 source,
                        asl_picture_fault *fault)
{
    *pattern = (asl_pattern){.heap = heap};
    if (source.size > ASL_PICTURE_PATTERN_UNITS_MAX)
        return throw_problem(source, "Regular expression too large", fault);
    compiler c = {.pattern = pattern, .source = source};
    int status = compile(&c);
    asl_release(heap, c.open, c.open_capacity * sizeof *c.open);
    if (status == ASL_OK && c.problem != NULL)
        status = throw_problem(source, c.problem, fault);
    return status;
}

void asl_pattern_done(asl_pattern *pattern)
{
    asl_release(pattern->heap, pattern->steps, pattern->capacity * sizeof *pattern->steps);
    *pattern = (asl_pattern){.heap = pattern->heap};
}
