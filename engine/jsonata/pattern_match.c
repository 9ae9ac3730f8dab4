/* Matching patterns. A thread takes the first choice everywhere and keeps the others on a stack, as
 * JavaScript's backtracking does. Once that takes long it also keeps where it has been: from a step
 * and a place in the text that it has left once in vain it fails again, for there are no back
 * references. So the time is bounded by steps times units, and the outcome is the same. */
#include "jsonata/pattern.h"

#include "base/array.h"
#include "base/heap.h"
#include "base/limits.h"
#include "jsonata/pattern_step.h"

#ifdef ASL_PARANOID
#define SEEN_FROM 1u
#else
#define SEEN_FROM 4096u /* steps from which places are kept */
#endif

/* A choice that is left: `step` at `place`, and where it has taken more units than it must, how
 * many. */
typedef struct choice {
    uint32_t step, place, units;
} choice;
#define NOT_REPEATED UINT32_MAX

/* Places that were seen: a table of (step, place) + 1, half of it empty at least. */
typedef struct seen {
    uint64_t *keys;
    size_t count, capacity;
} seen;

typedef struct matcher {
    const asl_pattern *pattern;
    asl_utf16 text;
    asl_pattern_group *groups;
    choice *choices;
    size_t choice_count, choice_capacity;
    seen seen;
    uint64_t taken;
    uint32_t step, place;
    int status;
} matcher;

static void put_key(uint64_t *keys, size_t capacity, uint64_t key)
{
    size_t slot = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (capacity - 1);
    while (keys[slot] != 0)
        slot = (slot + 1) & (capacity - 1);
    keys[slot] = key;
}

static int grow_seen(seen *s, const asl_heap *heap)
{
    size_t capacity = s->capacity == 0 ? 64 : 2 * s->capacity;
    uint64_t *keys = asl_allocate_zeroed(heap, capacity * sizeof *keys);
    if (keys == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < s->capacity; i++) {
        if (s->keys[i] != 0)
            put_key(keys, capacity, s->keys[i]);
    }
    asl_release(heap, s->keys, s->capacity * sizeof *s->keys);
    s->keys = keys;
    s->capacity = capacity;
    return ASL_OK;
}

/* Whether the thread has been at this step and place; notes that it is. */
static bool was_here(matcher *m)
{
    seen *s = &m->seen;
    if (m->taken < SEEN_FROM)
        return false;
    if (2 * (s->count + 1) > s->capacity) {
        m->status = grow_seen(s, m->pattern->heap);
        if (m->status != ASL_OK)
            return true;
    }
    uint64_t key = ((uint64_t)m->step << 32 | m->place) + 1;
    size_t slot = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (s->capacity - 1);
    for (; s->keys[slot] != 0; slot = (slot + 1) & (s->capacity - 1)) {
        if (s->keys[slot] == key)
            return true;
    }
    s->keys[slot] = key;
    s->count++;
    return false;
}

static void push(matcher *m, uint32_t step, uint32_t place, uint32_t units)
{
    if (m->status == ASL_OK)
        m->status = asl_array_reserve(m->pattern->heap, &m->choices, &m->choice_capacity,
                                      m->choice_count, SIZE_MAX);
    if (m->status == ASL_OK)
        m->choices[m->choice_count++] = (choice){step, place, units};
}

static bool takes(const asl_pattern_step *step, uint16_t unit)
{
    switch ((int)step->kind) {
    case ASL_PATTERN_UNIT:
        return asl_pattern_fold(unit) == step->unit;
    case ASL_PATTERN_ANY:
        return unit != '\n' && unit != '\r' && unit != 0x2028 && unit != 0x2029;
    default:
        return unit < 0x80 && (step->class[unit / 64] >> unit % 64 & 1) != 0;
    }
}

/* How many units the step takes here at most. */
static uint32_t run(matcher *m, const asl_pattern_step *step)
{
    uint32_t units = 0;
    while (units < step->most && m->place + units < m->text.size &&
           takes(step, m->text.units[m->place + units]))
        units++;
    m->taken += step->most > 1 ? units : 0;
    return units;
}

static void go_on(matcher *m, uint32_t step, uint32_t place)
{
    m->step = step;
    m->place = place;
}

/* Takes as many units as there are; fewer are choices. */
static bool take_units(matcher *m, const asl_pattern_step *step)
{
    if (step->least < step->most && was_here(m))
        return false;
    uint32_t units = run(m, step);
    if (units < step->least)
        return false;
    if (units > step->least)
        push(m, m->step, m->place, units);
    go_on(m, m->step + 1, m->place + units);
    return true;
}

/* Takes the choice that was left last; false where there is none. */
static bool go_back(matcher *m)
{
    if (m->status != ASL_OK || m->choice_count == 0)
        return false;
    choice other = m->choices[--m->choice_count];
    if (other.units == NOT_REPEATED) {
        go_on(m, other.step, other.place);
        return true;
    }
    uint32_t units = other.units - 1;
    if (units > m->pattern->steps[other.step].least)
        push(m, other.step, other.place, units);
    go_on(m, other.step + 1, other.place + units);
    return true;
}

/* A step that may go two ways. */
static bool choose(matcher *m, uint32_t first, uint32_t other)
{
    if (was_here(m))
        return false;
    push(m, other, m->place, NOT_REPEATED);
    m->step = first;
    return true;
}

/* False where the step fails. */
static bool take_step(matcher *m)
{
    const asl_pattern_step *step = &m->pattern->steps[m->step];
    switch (step->kind) {
    case ASL_PATTERN_UNIT:
    case ASL_PATTERN_ANY:
    case ASL_PATTERN_CLASS:
        return take_units(m, step);
    case ASL_PATTERN_CHOICE:
        if (step->target != 0)
            return choose(m, m->step + 1, step->target);
        break;
    case ASL_PATTERN_LOOP:
        return step->is_lazy ? choose(m, m->step + 1, step->target)
                             : choose(m, step->target, m->step + 1);
    case ASL_PATTERN_JUMP:
        m->step = step->target;
        return true;
    case ASL_PATTERN_OPEN:
        m->groups[step->target].start = m->place;
        break;
    case ASL_PATTERN_CLOSE:
        m->groups[step->target].end = m->place;
        break;
    case ASL_PATTERN_BEGIN:
        if (m->place != 0)
            return false;
        break;
    case ASL_PATTERN_END:
        if (m->place != m->text.size)
            return false;
        break;
    case ASL_PATTERN_MATCHED:
        return true;
    }
    m->step++;
    return true;
}

static bool match(matcher *m)
{
    while (m->status == ASL_OK && m->taken++ < ASL_PICTURE_MATCH_STEPS_MAX) {
        if (m->pattern->steps[m->step].kind == ASL_PATTERN_MATCHED)
            return true;
        if (!take_step(m) && !go_back(m))
            return false;
    }
    return false;
}

int asl_pattern_match(const asl_pattern *pattern, asl_utf16 text, asl_pattern_group *groups,
                      bool *ret_matches, asl_picture_fault *fault)
{
    matcher m = {.pattern = pattern, .text = text, .groups = groups};
    bool matches = match(&m);
    asl_release(pattern->heap, m.choices, m.choice_capacity * sizeof *m.choices);
    asl_release(pattern->heap, m.seen.keys, m.seen.capacity * sizeof *m.seen.keys);
    if (m.status != ASL_OK)
        return m.status;
    if (m.taken > ASL_PICTURE_MATCH_STEPS_MAX)
        return asl_fault_raise(fault, ASL_FAULT_ENDLESS);
    *ret_matches = matches;
    return ASL_OK;
}
