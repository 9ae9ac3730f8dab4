/* $formatNumber: a number by its picture (XPath F&O 3.1, 4.7.5). The bullets are that clause's;
 * each works on the text that the one before has made, as jsonata-js does, for symbols may be such
 * that one step sees what another has put in. */
#include <math.h>
#include <string.h>

#include "jsonata/number_picture.h"
#include "jsonata/number_text.h"
#include "jsonata/splice.h"

typedef struct formatter {
    const asl_number_symbols *symbols;
    const asl_number_picture *picture;
    asl_picture_fault *fault;
    asl_buffer text, scratch; /* units */
} formatter;

static asl_utf16 symbol(const formatter *f, asl_number_symbol which)
{
    return f->symbols->of[which].text;
}

static size_t find_point(const formatter *f)
{
    return asl_utf16_search(asl_utf16_of(&f->text), &f->symbols->of[ASL_DECIMAL_SEPARATOR], 0);
}

/* Takes what stands in `scratch` for the text. */
static void take_scratch(formatter *f)
{
    asl_buffer old = f->text;
    f->text = f->scratch;
    f->scratch = old;
    f->scratch.size = 0;
}

/* Bullet 5: the number as mantissa * 10^exponent. The loops of jsonata-js never end for a number
 * that times ten gets no greater, or by ten no smaller. */
static int scale(const formatter *f, double *number, double *ret_exponent)
{
    double greatest = asl_number_power_of_ten((double)f->picture->scaling);
    double least = asl_number_power_of_ten((double)f->picture->scaling - 1);
    double exponent = 0;
    if ((*number < least && *number <= 0) || (*number > greatest && isinf(*number)))
        return asl_fault_raise(f->fault, ASL_FAULT_ENDLESS);
    while (*number < least) {
        *number *= 10;
        exponent--;
    }
    while (*number > greatest) {
        *number /= 10;
        exponent++;
    }
    *ret_exponent = exponent;
    return ASL_OK;
}

/* Bullet 7: plain digits, of the symbols' family. Without a family there are none. */
static int put_fixed(const formatter *f, double number, size_t places, asl_buffer *units)
{
    char text[ASL_FIXED_TEXT_SIZE];
    asl_utf16 zero = symbol(f, ASL_ZERO_DIGIT);
    if (places > ASL_FIXED_PLACES_MAX)
        return asl_fault_throw(f->fault, "toFixed() digits argument must be between 0 and 100");
    size_t size = asl_number_print_fixed(fabs(number), places, text);
    for (size_t i = 0; i < size; i++) {
        uint16_t unit = (unsigned char)text[i];
        bool is_digit = unit >= '0' && unit <= '9';
        if (is_digit && zero.size == 0)
            continue;
        asl_utf16_append_unit(units, is_digit ? (uint16_t)(zero.units[0] + unit - '0') : unit);
    }
    return asl_fault_of(f->fault, units->status);
}

/* The decimal separator in place of the point between `before` and `behind`. It is the second
 * argument of JavaScript's String.replace, which reads $$, $&, $` and $' in it. */
static void put_separator(formatter *f, asl_utf16 before, asl_utf16 behind)
{
    asl_utf16 separator = symbol(f, ASL_DECIMAL_SEPARATOR);
    for (size_t i = 0; i < separator.size; i++) {
        uint16_t unit = separator.units[i];
        uint16_t next = unit == '$' && i + 1 < separator.size ? separator.units[i + 1] : 0;
        i += next == '$' || next == '&' || next == '`' || next == '\'';
        if (next == '&')
            asl_utf16_append_unit(&f->scratch, '.');
        else if (next == '`')
            asl_utf16_append(&f->scratch, before);
        else if (next == '\'')
            asl_utf16_append(&f->scratch, behind);
        else
            asl_utf16_append_unit(&f->scratch, unit);
    }
}

static void replace_point(formatter *f)
{
    asl_utf16 text = asl_utf16_of(&f->text);
    size_t point = asl_utf16_find(text, '.', 0);
    if (point == ASL_UTF16_NONE) {
        asl_utf16_append(&f->text, symbol(f, ASL_DECIMAL_SEPARATOR));
        return;
    }
    asl_utf16 before = asl_utf16_slice(text, 0, point);
    asl_utf16 behind = asl_utf16_slice(text, point + 1, text.size);
    asl_utf16_append(&f->scratch, before);
    put_separator(f, before, behind);
    asl_utf16_append(&f->scratch, behind);
    take_scratch(f);
}

/* Removes zeros at both ends. An empty zero stands at both ends of an empty text, for ever. */
static int strip_zeros(formatter *f)
{
    asl_utf16 text = asl_utf16_of(&f->text);
    if (text.size == 0 && symbol(f, ASL_ZERO_DIGIT).size == 0)
        return asl_fault_raise(f->fault, ASL_FAULT_ENDLESS);
    size_t start = 0, end = text.size;
    while (start < end && asl_number_symbols_is(f->symbols, ASL_ZERO_DIGIT, text.units[start]))
        start++;
    while (end > start && asl_number_symbols_is(f->symbols, ASL_ZERO_DIGIT, text.units[end - 1]))
        end--;
    asl_utf16_append(&f->scratch, asl_utf16_slice(text, start, end));
    take_scratch(f);
    return asl_fault_of(f->fault, f->text.status);
}

static void put_zeros(const formatter *f, asl_buffer *units, size_t wanted, size_t present)
{
    for (size_t i = present; i < wanted && units->status == ASL_OK; i++)
        asl_utf16_append(units, symbol(f, ASL_ZERO_DIGIT));
}

/* Bullets 8 and 9: zeros up to the digits that are mandatory. */
static int pad(formatter *f)
{
    asl_utf16 text = asl_utf16_of(&f->text);
    size_t point = find_point(f);
    /* A separator that is not found counts as one before the text. */
    size_t before = point == ASL_UTF16_NONE ? 0 : point;
    size_t missing = point == ASL_UTF16_NONE ? 1 : 0;
    size_t behind = text.size - before - 1 + missing;
    put_zeros(f, &f->scratch, f->picture->integer_size + missing, before);
    asl_utf16_append(&f->scratch, text);
    put_zeros(f, &f->scratch, f->picture->fraction_size, behind);
    take_scratch(f);
    return asl_fault_of(f->fault, f->text.status);
}

/* Bullet 10 where separators repeat: none before the first unit. */
static void group_regularly(formatter *f)
{
    asl_utf16 text = asl_utf16_of(&f->text);
    size_t point = find_point(f);
    for (size_t i = 0; i < text.size && f->scratch.status == ASL_OK; i++) {
        if (point != ASL_UTF16_NONE && i > 0 && i < point &&
            (point - i) % f->picture->grouping == 0)
            asl_utf16_append(&f->scratch, symbol(f, ASL_GROUPING_SEPARATOR));
        asl_utf16_append_unit(&f->scratch, text.units[i]);
    }
    take_scratch(f);
}

/* Bullet 10 where they do not: each moves the point on by one; a place before the text is one from
 * its end. */
static int group_at_positions(formatter *f)
{
    asl_splice splice;
    asl_number_groups groups = f->picture->integer_groups;
    size_t found = find_point(f);
    ptrdiff_t point = found == ASL_UTF16_NONE ? -1 : (ptrdiff_t)found;
    asl_splice_init(&splice, f->text.heap, asl_utf16_of(&f->text));
    for (size_t i = 0; i < groups.count; i++) {
        ptrdiff_t index = point + (ptrdiff_t)i - (ptrdiff_t)groups.positions[i];
        if (index < 0)
            index += (ptrdiff_t)asl_splice_size(&splice);
        asl_splice_insert(&splice, index > 0 ? (size_t)index : 0,
                          symbol(f, ASL_GROUPING_SEPARATOR));
    }
    int status = asl_splice_finish(&splice, &f->scratch);
    asl_splice_done(&splice);
    take_scratch(f);
    return asl_fault_of(f->fault, status);
}

/* Bullet 11. */
static int group_fraction(formatter *f)
{
    asl_splice splice;
    asl_number_groups groups = f->picture->fraction_groups;
    size_t point = find_point(f);
    asl_splice_init(&splice, f->text.heap, asl_utf16_of(&f->text));
    for (size_t i = 0; i < groups.count; i++) /* no point: one before the text */
        asl_splice_insert(&splice, groups.positions[i] + (point + 1),
                          symbol(f, ASL_GROUPING_SEPARATOR));
    int status = asl_splice_finish(&splice, &f->scratch);
    asl_splice_done(&splice);
    take_scratch(f);
    return asl_fault_of(f->fault, status);
}

static int group(formatter *f)
{
    int status = ASL_OK;
    if (f->picture->grouping > 0)
        group_regularly(f);
    else if (f->picture->integer_groups.count > 0)
        status = group_at_positions(f);
    if (status == ASL_OK)
        status = asl_fault_of(f->fault, f->text.status);
    if (status == ASL_OK && f->picture->fraction_groups.count > 0)
        status = group_fraction(f);
    return status;
}

/* Bullet 12: no separator where no fraction follows, or where the picture has none. */
static void drop_last_point(formatter *f)
{
    size_t size = f->text.size / sizeof(uint16_t), point = find_point(f);
    bool is_asked = asl_utf16_search(f->picture->text, &f->symbols->of[ASL_DECIMAL_SEPARATOR], 0) !=
                    ASL_UTF16_NONE;
    if ((!is_asked || point == size - 1) && size > 0)
        f->text.size -= sizeof(uint16_t);
}

/* Bullet 13. */
static int put_exponent(formatter *f, double exponent)
{
    asl_buffer digits;
    asl_utf16_init(&digits, f->text.heap);
    int status = put_fixed(f, exponent, 0, &digits);
    if (status == ASL_OK) {
        asl_utf16_append(&f->text, symbol(f, ASL_EXPONENT_SEPARATOR));
        if (exponent < 0)
            asl_utf16_append(&f->text, symbol(f, ASL_MINUS_SIGN));
        put_zeros(f, &f->text, f->picture->exponent_size, asl_utf16_of(&digits).size);
        asl_utf16_append(&f->text, asl_utf16_of(&digits));
    }
    asl_buffer_done(&digits);
    return status;
}

/* Bullets 3 to 13: the text between prefix and suffix. */
static int format(formatter *f, double number)
{
    const asl_number_picture *picture = f->picture;
    double exponent = 0;
    int status = ASL_OK;
    if (asl_utf16_search(picture->text, &f->symbols->of[ASL_PERCENT], 0) != ASL_UTF16_NONE)
        number *= 100;
    else if (asl_utf16_search(picture->text, &f->symbols->of[ASL_PER_MILLE], 0) != ASL_UTF16_NONE)
        number *= 1000;
    if (picture->exponent_size > 0)
        status = scale(f, &number, &exponent);
    if (status == ASL_OK) {
        number = asl_jsonata_round(number, (double)picture->fraction_size_max);
        status = put_fixed(f, number, picture->fraction_size_max, &f->text);
    }
    if (status == ASL_OK) {
        replace_point(f);
        status = asl_fault_of(f->fault, f->text.status);
    }
    if (status == ASL_OK)
        status = strip_zeros(f);
    if (status == ASL_OK)
        status = pad(f);
    if (status == ASL_OK)
        status = group(f);
    if (status != ASL_OK)
        return status;
    drop_last_point(f);
    return picture->exponent_size > 0 ? put_exponent(f, exponent) : ASL_OK;
}

/* Bullet 2 and 14: which sub-picture, and what stands around the number. */
static int format_by(formatter *f, const asl_number_picture pictures[2], size_t count,
                     double number, asl_buffer *units)
{
    if (count == 0)
        return asl_fault_throw(f->fault, "Cannot read properties of undefined (reading 'picture')");
    bool is_second = !(number >= 0);
    f->picture = &pictures[is_second && count == 2];
    int status = format(f, number);
    if (status != ASL_OK)
        return status;
    if (is_second && count == 1)
        asl_utf16_append(units, symbol(f, ASL_MINUS_SIGN));
    asl_utf16_append(units, f->picture->prefix);
    asl_utf16_append(units, asl_utf16_of(&f->text));
    asl_utf16_append(units, f->picture->suffix);
    return asl_fault_of(f->fault, f->text.status != ASL_OK ? f->text.status : units->status);
}

int asl_jsonata_format_number(double number, asl_picture_text picture,
                              const asl_number_options *options, asl_buffer *out,
                              asl_picture_fault *fault)
{
    asl_arena arena;
    asl_buffer units;
    asl_utf16 text;
    asl_number_symbols symbols;
    asl_number_picture pictures[2];
    size_t count;
    formatter f = {.symbols = &symbols, .fault = fault};
    asl_arena_init(&arena, fault->text.heap);
    asl_utf16_init(&units, fault->text.heap);
    asl_utf16_init(&f.text, fault->text.heap);
    asl_utf16_init(&f.scratch, fault->text.heap);
    int status = asl_utf16_read(&arena, picture.bytes, picture.size, &text);
    if (status == ASL_OK)
        status = asl_number_symbols_read(&symbols, &arena, options);
    if (status == ASL_OK)
        status = asl_number_picture_read(&arena, &symbols, text, pictures, &count, fault);
    if (status == ASL_OK)
        status = format_by(&f, pictures, count, number, &units);
    if (status == ASL_OK) {
        asl_utf16_write(asl_utf16_of(&units), out);
        status = out->status;
    }
    asl_buffer_done(&f.text);
    asl_buffer_done(&f.scratch);
    asl_buffer_done(&units);
    asl_arena_done(&arena);
    return status;
}
