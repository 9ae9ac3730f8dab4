/* $toMillis: a text by its time picture. What the picture does not name is taken of the present
 * where it is greater than all that it names, and is the least possible where it is smaller;
 * nothing may be missing in between. */
#include <math.h>
#include <string.h>

#include "base/heap.h"
#include "jsonata/calendar.h"
#include "jsonata/iso_time.h"
#include "jsonata/pattern.h"
#include "jsonata/time_pattern.h"

/* The components that a picture can read. */
static const char letters[] = "YXMxWwdDFPHhmsfZz";
#define LETTERS (sizeof letters - 1)

typedef struct parser {
    asl_arena *arena;
    asl_picture_fault *fault;
    asl_utf16 text;
    double now;
    asl_time_picture picture;
    asl_pattern pattern;
    asl_time_value values[LETTERS];
    bool names_any;
} parser;

static asl_time_value *value_of(parser *p, int letter)
{
    return &p->values[strchr(letters, letter) - letters];
}

static double number_of(parser *p, int letter)
{
    return value_of(p, letter)->number;
}

static int compile(parser *p)
{
    asl_buffer source;
    int status = ASL_OK;
    asl_utf16_init(&source, p->picture.heap);
    asl_utf16_append_text(&source, "^");
    for (size_t i = 0; status == ASL_OK && i < p->picture.count; i++) {
        asl_utf16_append_text(&source, "(");
        status = asl_time_pattern_write(&p->picture.parts[i], &source, p->fault);
        asl_utf16_append_text(&source, ")");
    }
    asl_utf16_append_text(&source, "$");
    if (status == ASL_OK)
        status = asl_fault_of(p->fault, source.status);
    if (status == ASL_OK)
        status = asl_pattern_compile(&p->pattern, p->picture.heap, asl_utf16_of(&source), p->fault);
    asl_buffer_done(&source);
    return status;
}

/* Reads what each group matched. A zone's separator that is a parenthesis makes more groups than
 * there are parts. */
static int read_groups(parser *p, const asl_pattern_group *groups)
{
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < p->pattern.group_count; i++) {
        if (i == p->picture.count)
            return asl_fault_throw(p->fault,
                                   "Cannot read properties of undefined (reading 'parse')");
        const asl_time_part *part = &p->picture.parts[i];
        if (part->is_literal)
            continue;
        p->names_any = true;
        status = asl_time_part_parse(part, p->arena,
                                     asl_utf16_slice(p->text, groups[i].start, groups[i].end),
                                     value_of(p, part->component), p->fault);
    }
    return status;
}

static int match(parser *p, bool *ret_matches)
{
    size_t size = p->pattern.group_count * sizeof(asl_pattern_group);
    asl_pattern_group *groups = asl_allocate_zeroed(p->picture.heap, size);
    if (groups == NULL)
        return ASL_NOMEM;
    int status = asl_pattern_match(&p->pattern, p->text, groups, ret_matches, p->fault);
    if (status == ASL_OK && *ret_matches)
        status = read_groups(p, groups);
    asl_release(p->picture.heap, groups, size);
    return status;
}

/* Whether of the components `all` (those that count) one has a value, and only such as are among
 * the `allowed` ones. */
static bool is_kind(parser *p, const char *all, const char *allowed)
{
    bool has_any = false;
    for (; *all != '\0'; all++) {
        if (!value_of(p, *all)->is_true)
            continue;
        if (strchr(allowed, *all) == NULL)
            return false;
        has_any = true;
    }
    return has_any;
}

/* Goes through components from the greatest to the smallest. */
static int fill_in(parser *p, const char *components)
{
    bool has_begun = false, has_ended = false;
    for (; *components != '\0'; components++) {
        asl_time_value *value = value_of(p, *components);
        if (value->is_defined) {
            if (has_ended)
                return asl_fault_raise(p->fault, "D3136");
            has_begun = true;
        } else if (has_begun) {
            *value = asl_time_value_of(strchr("MDd", *components) != NULL ? 1 : 0);
            has_ended = true;
        } else {
            *value = asl_time_value_of(asl_time_component(p->now, (uint16_t)*components));
        }
    }
    return ASL_OK;
}

/* Month and day of a day of the year. */
static void set_day_of_year(parser *p)
{
    asl_date_fields first = {.year = number_of(p, 'Y'), .day = 1};
    asl_date_fields day = asl_date_fields_of(
        asl_date_clip(asl_date_utc(&first) + (number_of(p, 'd') - 1) * ASL_DAY_MS));
    value_of(p, 'M')->number = day.month;
    value_of(p, 'D')->number = day.day;
}

static void set_half_day_hour(parser *p)
{
    double hour = number_of(p, 'h') == 12 ? 0 : number_of(p, 'h');
    value_of(p, 'H')->number = number_of(p, 'P') == 1 ? hour + 12 : hour;
}

static double make_time(parser *p, bool has_day_of_year, bool has_half_day)
{
    double month = number_of(p, 'M');
    value_of(p, 'M')->number = month > 0 ? month - 1 : 0;
    if (has_day_of_year)
        set_day_of_year(p);
    if (has_half_day)
        set_half_day_hour(p);
    asl_date_fields fields = {
        .year = number_of(p, 'Y'),
        .month = number_of(p, 'M'),
        .day = number_of(p, 'D'),
        .hour = number_of(p, 'H'),
        .minute = number_of(p, 'm'),
        .second = number_of(p, 's'),
        .millisecond = number_of(p, 'f'),
    };
    double zone = value_of(p, 'Z')->is_true   ? number_of(p, 'Z')
                  : value_of(p, 'z')->is_true ? number_of(p, 'z')
                                              : 0;
    return asl_date_utc(&fields) - zone * 60 * 1000;
}

/* Which components count depends on those that have a value other than 0. Dates by week are not
 * supported by jsonata-js. */
static int combine(parser *p, double *ret_millis)
{
    static const char dates[] = "YXMxWwdD", times[] = "PHhmsf";
    static const char *const components[2][2] = {{"YMDHmsf", "YMDPhmsf"}, {"YDHmsf", "YDPhmsf"}};
    bool has_day_of_year = !is_kind(p, dates, "YMD") && is_kind(p, dates, "Yd");
    bool has_half_day = !is_kind(p, times, "Hmsf") && is_kind(p, times, "Phmsf");
    if (is_kind(p, dates, "Xxw") || is_kind(p, dates, "XW"))
        return asl_fault_raise(p->fault, "D3136");
    int status = fill_in(p, components[has_day_of_year][has_half_day]);
    if (status == ASL_OK)
        *ret_millis = make_time(p, has_day_of_year, has_half_day);
    return status;
}

static int parse(parser *p, asl_picture_text picture, asl_millis *ret_millis)
{
    asl_utf16 text;
    bool matches = false;
    asl_millis millis = {false, NAN};
    int status = asl_utf16_read(p->arena, picture.bytes, picture.size, &text);
    if (status == ASL_OK)
        status = asl_time_picture_read(&p->picture, p->arena, text, p->fault);
    if (status == ASL_OK)
        status = compile(p);
    if (status == ASL_OK)
        status = match(p, &matches);
    if (status == ASL_OK && matches && p->names_any) {
        millis.is_found = true;
        status = combine(p, &millis.millis);
    }
    asl_pattern_done(&p->pattern);
    asl_time_picture_done(&p->picture);
    if (status == ASL_OK)
        *ret_millis = millis;
    return status;
}

static int parse_iso(parser *p, asl_millis *ret_millis)
{
    if (!asl_iso_time_is(p->text))
        return asl_fault_raise_text(p->fault, "D3110", p->text);
    *ret_millis = (asl_millis){true, asl_iso_time_parse(p->text)};
    return ASL_OK;
}

int asl_jsonata_to_millis(asl_picture_text text, asl_picture_text picture, double now_ms,
                          asl_millis *ret_millis, asl_picture_fault *fault)
{
    asl_arena arena;
    const asl_heap *heap = fault->text.heap;
    parser p = {.arena = &arena, .fault = fault, .now = now_ms};
    p.picture.heap = p.pattern.heap = heap;
    asl_arena_init(&arena, heap);
    int status = asl_utf16_read(&arena, text.bytes, text.size, &p.text);
    if (status == ASL_OK)
        status = picture.bytes != NULL ? parse(&p, picture, ret_millis) : parse_iso(&p, ret_millis);
    asl_arena_done(&arena);
    return status;
}
