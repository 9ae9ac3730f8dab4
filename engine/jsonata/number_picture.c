/* Analysis of number pictures (XPath F&O 3.1, 4.7.3 and 4.7.4, as jsonata-js has them). */
#include "jsonata/number_picture.h"

static size_t search(asl_utf16 text, const asl_number_symbols *symbols, asl_number_symbol symbol,
                     size_t from)
{
    return asl_utf16_search(text, &symbols->of[symbol], from);
}

static bool has(asl_utf16 text, const asl_number_symbols *symbols, asl_number_symbol symbol)
{
    return search(text, symbols, symbol, 0) != ASL_UTF16_NONE;
}

static bool has_twice(asl_utf16 text, const asl_number_symbols *symbols, asl_number_symbol symbol)
{
    return search(text, symbols, symbol, 0) != asl_utf16_search_last(text, &symbols->of[symbol]);
}

/* `charAt(index) === symbol`: outside the text that is the empty symbol. */
static bool is_at(asl_utf16 text, size_t index, const asl_number_symbols *symbols,
                  asl_number_symbol symbol)
{
    if (index >= text.size)
        return symbols->of[symbol].text.size == 0;
    return asl_number_symbols_is(symbols, symbol, text.units[index]);
}

static bool is_digit(const asl_number_symbols *symbols, uint16_t unit)
{
    return asl_number_symbols_digit(symbols, unit) < 10;
}

static bool is_any_digit(const asl_number_symbols *symbols, uint16_t unit)
{
    return is_digit(symbols, unit) || asl_number_symbols_is(symbols, ASL_OPTIONAL_DIGIT, unit);
}

static bool is_active(const asl_number_symbols *symbols, uint16_t unit)
{
    return is_any_digit(symbols, unit) ||
           asl_number_symbols_is(symbols, ASL_DECIMAL_SEPARATOR, unit) ||
           asl_number_symbols_is(symbols, ASL_EXPONENT_SEPARATOR, unit) ||
           asl_number_symbols_is(symbols, ASL_GROUPING_SEPARATOR, unit) ||
           asl_number_symbols_is(symbols, ASL_PATTERN_SEPARATOR, unit);
}

typedef bool unit_test(const asl_number_symbols *symbols, uint16_t unit);

static size_t count(asl_utf16 text, const asl_number_symbols *symbols, unit_test *test)
{
    size_t found = 0;
    for (size_t i = 0; i < text.size; i++)
        found += test(symbols, text.units[i]);
    return found;
}

static bool bounds_active_part(const asl_number_symbols *symbols, uint16_t unit)
{
    return is_active(symbols, unit) &&
           !asl_number_symbols_is(symbols, ASL_EXPONENT_SEPARATOR, unit);
}

/* Splits prefix and suffix off; false where nothing is active. */
static bool split_ends(asl_number_picture *p, const asl_number_symbols *symbols)
{
    size_t start = 0, end = p->text.size;
    while (start < end && !bounds_active_part(symbols, p->text.units[start]))
        start++;
    while (end > start && !bounds_active_part(symbols, p->text.units[end - 1]))
        end--;
    p->prefix = asl_utf16_slice(p->text, 0, start);
    p->active = asl_utf16_slice(p->text, start, end);
    p->suffix = asl_utf16_slice(p->text, end, p->text.size);
    return start < end;
}

/* Splits what is active. Places of the exponent are counted in the sub-picture, and used in its
 * active part, as jsonata-js does; without a decimal separator the suffix passes for the fraction.
 */
static void split_active(asl_number_picture *p, const asl_number_symbols *symbols)
{
    size_t end = p->prefix.size + p->active.size;
    size_t exponent = search(p->text, symbols, ASL_EXPONENT_SEPARATOR, p->prefix.size);
    p->has_exponent = exponent != ASL_UTF16_NONE && exponent <= end;
    p->mantissa = p->active;
    if (p->has_exponent) {
        p->mantissa = asl_utf16_slice(p->active, 0, exponent);
        p->exponent = asl_utf16_slice(p->active, exponent + 1, p->active.size);
    }
    size_t point = search(p->mantissa, symbols, ASL_DECIMAL_SEPARATOR, 0);
    p->integer = asl_utf16_slice(p->mantissa, 0, point);
    p->fraction = p->suffix;
    if (point != ASL_UTF16_NONE)
        p->fraction = asl_utf16_slice(p->mantissa, point + 1, p->mantissa.size);
}

static const char *check_separators(const asl_number_picture *p, const asl_number_symbols *symbols)
{
    const char *code = NULL;
    size_t point = search(p->text, symbols, ASL_DECIMAL_SEPARATOR, 0);
    if (point != ASL_UTF16_NONE) {
        /* point - 1 of a point at the beginning is outside the text, too. */
        if (is_at(p->text, point - 1, symbols, ASL_GROUPING_SEPARATOR) ||
            is_at(p->text, point + 1, symbols, ASL_GROUPING_SEPARATOR))
            code = "D3087";
    } else if (is_at(p->integer, p->integer.size - 1, symbols, ASL_GROUPING_SEPARATOR)) {
        code = "D3088";
    }
    if (asl_utf16_search(p->text, &symbols->two_groupings, 0) != ASL_UTF16_NONE)
        code = "D3089";
    return code;
}

/* Optional digits stand outside: first in the integer, last in the fraction. */
static const char *check_digits(const asl_number_picture *p, const asl_number_symbols *symbols)
{
    const char *code = NULL;
    size_t first = search(p->integer, symbols, ASL_OPTIONAL_DIGIT, 0);
    if (first != ASL_UTF16_NONE &&
        count(asl_utf16_slice(p->integer, 0, first), symbols, is_digit) > 0)
        code = "D3090";
    size_t last = asl_utf16_search_last(p->fraction, &symbols->of[ASL_OPTIONAL_DIGIT]);
    if (last != ASL_UTF16_NONE &&
        count(asl_utf16_slice(p->fraction, last, p->fraction.size), symbols, is_digit) > 0)
        code = "D3091";
    return code;
}

static const char *check_exponent(const asl_number_picture *p, const asl_number_symbols *symbols)
{
    if (!p->has_exponent)
        return NULL;
    if (p->exponent.size == 0 || count(p->exponent, symbols, is_digit) < p->exponent.size)
        return "D3093";
    return has(p->text, symbols, ASL_PERCENT) || has(p->text, symbols, ASL_PER_MILLE) ? "D3092"
                                                                                      : NULL;
}

/* Of all that is wrong jsonata-js names what it looks at last. */
static const char *check(const asl_number_picture *p, const asl_number_symbols *symbols)
{
    const char *code = check_exponent(p, symbols);
    if (code == NULL)
        code = check_digits(p, symbols);
    if (code == NULL)
        code = check_separators(p, symbols);
    if (code != NULL)
        return code;
    if (count(p->active, symbols, is_active) < p->active.size)
        return "D3086";
    if (count(p->mantissa, symbols, is_any_digit) == 0)
        return "D3085";
    if (has(p->text, symbols, ASL_PERCENT) && has(p->text, symbols, ASL_PER_MILLE))
        return "D3084";
    if (has_twice(p->text, symbols, ASL_PER_MILLE))
        return "D3083";
    if (has_twice(p->text, symbols, ASL_PERCENT))
        return "D3082";
    return has_twice(p->text, symbols, ASL_DECIMAL_SEPARATOR) ? "D3081" : NULL;
}

/* The positions of the grouping separators in `part`: how many digits stand left of each. The first
 * is looked for in the part, the others in the integer, whichever part it is: jsonata-js's way. */
static int read_groups(const asl_number_picture *p, const asl_number_symbols *symbols,
                       asl_utf16 part, asl_arena *arena, asl_number_groups *ret_groups)
{
    size_t capacity = p->integer.size + 1; /* one in the part, the others in the integer */
    size_t first = search(part, symbols, ASL_GROUPING_SEPARATOR, 0);
    *ret_groups = (asl_number_groups){NULL, 0};
    if (first == ASL_UTF16_NONE)
        return ASL_OK;
    size_t *positions = asl_arena_allocate(arena, capacity * sizeof *positions);
    if (positions == NULL)
        return ASL_NOMEM;
    size_t found = 0, digits = 0, done = 0;
    const asl_utf16_needle *separator = &symbols->of[ASL_GROUPING_SEPARATOR];
    asl_utf16_matches others = asl_utf16_matches_of(p->integer, separator, 0);
    for (size_t next = first; next != ASL_UTF16_NONE; next = asl_utf16_match(&others)) {
        if (found > 0 && next <= first)
            continue;
        for (; done < next && done < part.size; done++)
            digits += is_any_digit(symbols, part.units[done]);
        positions[found++] = digits;
    }
    *ret_groups = (asl_number_groups){positions, found};
    return ASL_OK;
}

static size_t greatest_common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The distance at which all stand, the last one nearest to the point; 0 where there is none. */
static size_t regular_grouping(asl_number_groups groups)
{
    size_t divisor = 0;
    for (size_t i = 0; i < groups.count; i++)
        divisor = greatest_common_divisor(groups.positions[i], divisor);
    for (size_t i = 0; i < groups.count; i++) {
        if (groups.positions[groups.count - 1 - i] != (i + 1) * divisor)
            return 0;
    }
    return divisor;
}

static int analyse_groups(asl_number_picture *p, const asl_number_symbols *symbols,
                          asl_arena *arena)
{
    asl_number_groups left;
    int status = read_groups(p, symbols, p->integer, arena, &left);
    if (status != ASL_OK)
        return status;
    size_t *positions = asl_arena_allocate(arena, (left.count + 1) * sizeof *positions);
    if (positions == NULL)
        return ASL_NOMEM;
    size_t digits = count(p->integer, symbols, is_any_digit);
    for (size_t i = 0; i < left.count; i++)
        positions[i] = digits - left.positions[i];
    p->integer_groups = (asl_number_groups){positions, left.count};
    p->grouping = regular_grouping(p->integer_groups);
    return read_groups(p, symbols, p->fraction, arena, &p->fraction_groups);
}

static void analyse_sizes(asl_number_picture *p, const asl_number_symbols *symbols)
{
    p->integer_size = p->scaling = count(p->integer, symbols, is_digit);
    p->fraction_size = count(p->fraction, symbols, is_digit);
    p->fraction_size_max = count(p->fraction, symbols, is_any_digit);
    if (p->integer_size == 0 && p->fraction_size_max == 0) {
        if (p->has_exponent)
            p->fraction_size = p->fraction_size_max = 1;
        else
            p->integer_size = 1;
    }
    if (p->has_exponent && p->integer_size == 0 && has(p->integer, symbols, ASL_OPTIONAL_DIGIT))
        p->integer_size = 1;
    if (p->integer_size == 0 && p->fraction_size == 0)
        p->fraction_size = 1;
    p->exponent_size = count(p->exponent, symbols, is_digit);
}

/* Splits the picture at the pattern separator; D3080 where that gives more than two. */
static int split_patterns(const asl_number_symbols *symbols, asl_utf16 text,
                          asl_number_picture pictures[2], size_t *ret_count,
                          asl_picture_fault *fault)
{
    asl_utf16 separator = symbols->of[ASL_PATTERN_SEPARATOR].text;
    size_t found = 0, start = 0, next;
    if (separator.size == 0) { /* each unit is one */
        if (text.size > 2)
            return asl_fault_raise(fault, "D3080");
        for (; found < text.size; found++)
            pictures[found] = (asl_number_picture){.text = asl_utf16_slice(text, found, found + 1)};
        *ret_count = found;
        return ASL_OK;
    }
    do {
        if (found == 2)
            return asl_fault_raise(fault, "D3080");
        next = search(text, symbols, ASL_PATTERN_SEPARATOR, start);
        pictures[found++] = (asl_number_picture){.text = asl_utf16_slice(text, start, next)};
        start = next + separator.size;
    } while (next != ASL_UTF16_NONE);
    *ret_count = found;
    return ASL_OK;
}

int asl_number_picture_read(asl_arena *arena, const asl_number_symbols *symbols, asl_utf16 text,
                            asl_number_picture ret_pictures[2], size_t *ret_count,
                            asl_picture_fault *fault)
{
    int status = split_patterns(symbols, text, ret_pictures, ret_count, fault);
    for (size_t i = 0; status == ASL_OK && i < *ret_count; i++) {
        if (!split_ends(&ret_pictures[i], symbols))
            status =
                asl_fault_throw(fault, "Cannot read properties of undefined (reading 'length')");
        else
            split_active(&ret_pictures[i], symbols);
    }
    for (size_t i = 0; status == ASL_OK && i < *ret_count; i++) {
        const char *code = check(&ret_pictures[i], symbols);
        if (code != NULL)
            status = asl_fault_raise(fault, code);
    }
    for (size_t i = 0; status == ASL_OK && i < *ret_count; i++) {
        analyse_sizes(&ret_pictures[i], symbols);
        status = analyse_groups(&ret_pictures[i], symbols, arena);
    }
    return status;
}
