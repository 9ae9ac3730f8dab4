/* The symbols of number pictures: defaults, and what options put in their place. */
#include <string.h>

#include "jsonata/number_picture.h"

static const struct {
    const char *name, *text;
} defaults[ASL_NUMBER_SYMBOLS] = {
    [ASL_DECIMAL_SEPARATOR] = {"decimal-separator", "."},
    [ASL_GROUPING_SEPARATOR] = {"grouping-separator", ","},
    [ASL_EXPONENT_SEPARATOR] = {"exponent-separator", "e"},
    [ASL_MINUS_SIGN] = {"minus-sign", "-"},
    [ASL_PERCENT] = {"percent", "%"},
    [ASL_PER_MILLE] = {"per-mille", "\xE2\x80\xB0"},
    [ASL_ZERO_DIGIT] = {"zero-digit", "0"},
    [ASL_OPTIONAL_DIGIT] = {"digit", "#"},
    [ASL_PATTERN_SEPARATOR] = {"pattern-separator", ";"},
};

asl_number_symbol asl_number_symbol_find(const char *name, size_t size)
{
    size_t i = 0;
    while (i < ASL_NUMBER_SYMBOLS &&
           (strlen(defaults[i].name) != size || memcmp(defaults[i].name, name, size) != 0))
        i++;
    return (asl_number_symbol)i;
}

static int read_symbol(asl_number_symbols *symbols, asl_arena *arena, size_t symbol,
                       asl_picture_text option)
{
    asl_utf16 text;
    if (option.bytes == NULL) {
        option.bytes = defaults[symbol].text;
        option.size = strlen(option.bytes);
    }
    int status = asl_utf16_read(arena, option.bytes, option.size, &text);
    if (status != ASL_OK)
        return status;
    return asl_utf16_needle_init(&symbols->of[symbol], arena, text);
}

int asl_number_symbols_read(asl_number_symbols *symbols, asl_arena *arena,
                            const asl_number_options *options)
{
    for (size_t i = 0; i < ASL_NUMBER_SYMBOLS; i++) {
        asl_picture_text none = {NULL, 0};
        int status = read_symbol(symbols, arena, i, options != NULL ? options->symbols[i] : none);
        if (status != ASL_OK)
            return status;
    }
    asl_utf16 once = symbols->of[ASL_GROUPING_SEPARATOR].text;
    uint16_t *twice = asl_arena_allocate(arena, (2 * once.size + 1) * sizeof *twice);
    if (twice == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < once.size; i++)
        twice[i] = twice[once.size + i] = once.units[i];
    return asl_utf16_needle_init(&symbols->two_groupings, arena, (asl_utf16){twice, 2 * once.size});
}

bool asl_number_symbols_is(const asl_number_symbols *symbols, asl_number_symbol symbol,
                           uint16_t unit)
{
    asl_utf16 text = symbols->of[symbol].text;
    return text.size == 1 && text.units[0] == unit;
}

size_t asl_number_symbols_digit(const asl_number_symbols *symbols, uint16_t unit)
{
    asl_utf16 zero = symbols->of[ASL_ZERO_DIGIT].text;
    if (zero.size == 0)
        return 10;
    uint16_t digit = (uint16_t)(unit - zero.units[0]);
    return digit < 10 ? digit : 10;
}
