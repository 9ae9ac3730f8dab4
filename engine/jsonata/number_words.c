/* Numbers in English words, both ways. A number is written from the greatest magnitude down;
 * numbers past trillions are trillions of trillions. */
#include "jsonata/number_words.h"

#include <math.h>
#include <string.h>

typedef struct word {
    const char *text;
    double value;
} word;

/* In the order in which jsonata-js tries them: it takes the first that lets a text match.
 * "hundreieth" is its own. */
static const word words[] = {
    {"zero", 0},         {"one", 1},          {"two", 2},           {"three", 3},
    {"four", 4},         {"five", 5},         {"six", 6},           {"seven", 7},
    {"eight", 8},        {"nine", 9},         {"ten", 10},          {"eleven", 11},
    {"twelve", 12},      {"thirteen", 13},    {"fourteen", 14},     {"fifteen", 15},
    {"sixteen", 16},     {"seventeen", 17},   {"eighteen", 18},     {"nineteen", 19},
    {"zeroth", 0},       {"first", 1},        {"second", 2},        {"third", 3},
    {"fourth", 4},       {"fifth", 5},        {"sixth", 6},         {"seventh", 7},
    {"eighth", 8},       {"ninth", 9},        {"tenth", 10},        {"eleventh", 11},
    {"twelfth", 12},     {"thirteenth", 13},  {"fourteenth", 14},   {"fifteenth", 15},
    {"sixteenth", 16},   {"seventeenth", 17}, {"eighteenth", 18},   {"nineteenth", 19},
    {"twenty", 20},      {"twentieth", 20},   {"thirty", 30},       {"thirtieth", 30},
    {"forty", 40},       {"fortieth", 40},    {"fifty", 50},        {"fiftieth", 50},
    {"sixty", 60},       {"sixtieth", 60},    {"seventy", 70},      {"seventieth", 70},
    {"eighty", 80},      {"eightieth", 80},   {"ninety", 90},       {"ninetieth", 90},
    {"hundred", 100},    {"hundreieth", 100}, {"hundredth", 100},   {"thousand", 1e3},
    {"thousandth", 1e3}, {"million", 1e6},    {"millionth", 1e6},   {"billion", 1e9},
    {"billionth", 1e9},  {"trillion", 1e12},  {"trillionth", 1e12},
};
#define WORDS (sizeof words / sizeof words[0])
#define ORDINALS 20 /* where those of 0 to 19 begin */

const char *asl_number_word(size_t index)
{
    return index < WORDS ? words[index].text : NULL;
}

typedef struct writer {
    asl_buffer *units;
    asl_letter_case letter_case;
} writer;

static uint16_t cased(char letter, bool is_first, asl_letter_case letter_case)
{
    bool upper = letter_case == ASL_CASE_UPPER || (letter_case == ASL_CASE_TITLE && is_first);
    return (uint16_t)(upper && letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
}

static void write_word(const writer *w, const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        asl_utf16_append_unit(w->units, cased(text[i], i == 0, w->letter_case));
}

/* What joins words: small letters also between titles. */
static void write_joint(const writer *w, const char *text)
{
    asl_letter_case letter_case =
        w->letter_case == ASL_CASE_TITLE ? ASL_CASE_LOWER : w->letter_case;
    for (size_t i = 0; text[i] != '\0'; i++)
        asl_utf16_append_unit(w->units, cased(text[i], false, letter_case));
}

static void write_small(const writer *w, double number, bool is_ordinal)
{
    if (number != floor(number)) /* a list has nothing there */
        write_joint(w, "undefined");
    else
        write_word(w, words[(size_t)number + (is_ordinal ? ORDINALS : 0)].text);
}

static void write_tens(const writer *w, double number, bool is_ordinal)
{
    static const char *const tens[][2] = {
        {"twenty", "twentieth"}, {"thirty", "thirtieth"}, {"forty", "fortieth"},
        {"fifty", "fiftieth"},   {"sixty", "sixtieth"},   {"seventy", "seventieth"},
        {"eighty", "eightieth"}, {"ninety", "ninetieth"},
    };
    double rest = fmod(number, 10);
    write_word(w, tens[(size_t)(number / 10) - 2][rest == 0 && is_ordinal]);
    if (rest > 0) {
        write_joint(w, "-");
        write_small(w, rest, is_ordinal);
    }
}

static void write_number(const writer *w, double number, bool is_rest, bool is_ordinal);

/* What is left below a hundred or a magnitude that was written. */
static void write_rest(const writer *w, double rest, bool is_ordinal)
{
    if (rest > 0)
        write_number(w, rest, true, is_ordinal);
    else if (is_ordinal)
        write_joint(w, "th");
}

static void write_hundreds(const writer *w, double number, bool is_ordinal)
{
    write_small(w, floor(number / 100), false);
    write_joint(w, " ");
    write_word(w, "hundred");
    write_rest(w, fmod(number, 100), is_ordinal);
}

static void write_magnitude(const writer *w, double number, bool is_ordinal)
{
    static const word magnitudes[] = {
        {"trillion", 1e12}, {"billion", 1e9}, {"million", 1e6}, {"thousand", 1e3}};
    const word *magnitude = magnitudes;
    while (number < magnitude->value)
        magnitude++;
    double count = floor(number / magnitude->value);
    write_number(w, count, false, false);
    write_joint(w, " ");
    write_word(w, magnitude->text);
    write_rest(w, number - count * magnitude->value, is_ordinal);
}

/* It calls itself with a number that is at least a thousand times smaller, and a double has but 308
 * decades. */
static void write_number(const writer *w, double number, bool is_rest, bool is_ordinal)
{
    if (is_rest)
        write_joint(w, number < 100 ? " and " : ", ");
    if (number < 20)
        write_small(w, number, is_ordinal);
    else if (number < 100)
        write_tens(w, number, is_ordinal);
    else if (number < 1000)
        write_hundreds(w, number, is_ordinal);
    else
        write_magnitude(w, number, is_ordinal);
}

bool asl_number_words_write(double number, bool is_ordinal, asl_letter_case letter_case,
                            asl_buffer *units)
{
    if (!isfinite(number))
        return false;
    writer w = {units, letter_case};
    write_number(&w, number, false, is_ordinal);
    return true;
}

static uint16_t lower(uint16_t unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit + ('a' - 'A') : unit;
}

static double value_of(asl_utf16 part)
{
    for (size_t i = 0; i < WORDS; i++) {
        size_t k = 0;
        const char *text = words[i].text;
        while (k < part.size && text[k] != '\0' && lower(part.units[k]) == (unsigned char)text[k])
            k++;
        if (k == part.size && text[k] == '\0')
            return words[i].value;
    }
    return NAN;
}

static bool is_space_at(asl_utf16 text, size_t index)
{
    return index < text.size && asl_utf16_is_space(text.units[index]);
}

/* The units of the separator at `index`: ", ", " and ", or one of white space, backslash and
 * hyphen; 0 where there is none. */
static size_t separator_size(asl_utf16 text, size_t index)
{
    uint16_t unit = text.units[index];
    if (unit == ',')
        return is_space_at(text, index + 1) ? 2 : 0;
    if (unit == '\\' || unit == '-')
        return 1;
    if (!asl_utf16_is_space(unit))
        return 0;
    bool is_and = index + 4 < text.size && lower(text.units[index + 1]) == 'a' &&
                  lower(text.units[index + 2]) == 'n' && lower(text.units[index + 3]) == 'd' &&
                  is_space_at(text, index + 4);
    return is_and ? 5 : 1;
}

/* A sum whose last addend still grows: "two hundred" multiplies it, "and one" adds to it, unless it
 * has thousands already. */
typedef struct sum {
    double total, last;
} sum;

static void add_word(sum *s, double value)
{
    if (!(value < 100)) {
        s->last *= value;
        return;
    }
    if (s->last >= 1000) {
        s->total += s->last;
        s->last = 0;
    }
    s->last += value;
}

double asl_number_words_read(asl_utf16 text)
{
    sum s = {0, 0};
    size_t start = 0, index = 0;
    while (index < text.size) {
        size_t size = separator_size(text, index);
        if (size > 0) {
            add_word(&s, value_of(asl_utf16_slice(text, start, index)));
            start = index + size;
        }
        index += size > 0 ? size : 1;
    }
    add_word(&s, value_of(asl_utf16_slice(text, start, text.size)));
    return s.total + s.last;
}
