/* Patterns: what they match and how they are shared out among groups. */
#include "jsonata/pattern.h"

#include "check_pictures.h"

/* The groups of a match as "a|b"; "-" where there is none, else what is wrong. */
static const char *match(const char *source, const char *text, char out[512])
{
    asl_arena arena;
    asl_utf16 source_units, units;
    asl_pattern pattern;
    asl_picture_fault fault;
    asl_pattern_group groups[16];
    asl_buffer found;
    bool matches = false;
    asl_arena_init(&arena, NULL);
    asl_buffer_init(&found, NULL);
    asl_picture_fault_init(&fault, NULL);
    ck_assert_int_eq(asl_utf16_read(&arena, source, strlen(source), &source_units), ASL_OK);
    ck_assert_int_eq(asl_utf16_read(&arena, text, strlen(text), &units), ASL_OK);
    int status = asl_pattern_compile(&pattern, NULL, source_units, &fault);
    if (status == ASL_OK)
        status = asl_pattern_match(&pattern, units, groups, &matches, &fault);
    for (size_t i = 0; matches && i < pattern.group_count; i++) {
        asl_buffer_text(&found, i > 0 ? "|" : "");
        asl_utf16_write(asl_utf16_slice(units, groups[i].start, groups[i].end), &found);
    }
    const char *result = status != ASL_OK ? asl_buffer_string(&fault.text)
                         : matches        ? asl_buffer_string(&found)
                                          : "-";
    snprintf(out, 512, "%s", result);
    asl_pattern_done(&pattern);
    asl_picture_fault_done(&fault);
    asl_buffer_done(&found);
    asl_arena_done(&arena);
    return out;
}

START_TEST(patterns_match_as_in_javascript)
{
    static const struct {
        const char *source, *text, *expected;
    } cases[] = {
        {"^$", "", ""},
        {"^$", "a", "-"},
        {"^([0-9]+)([0-9]+)$", "1234", "123|4"},
        {"^([0-9]+?)([0-9]+)$", "1234", "1|234"},
        {"^([0-9]{2})([0-9]{1,2})([0-9]+)$", "12345", "12|34|5"},
        {"^([0-9]{2,})([0-9])$", "12345", "1234|5"},
        {"^([0-9]{3})$", "12", "-"},
        {"^([0-9]{0,1})(5)$", "5", "|5"},
        {"^([0-9]{99999999999})$", "12", "-"},
        {"^([0-9]{-1,1})$", "5{-1,1}", "5{-1,1}"},
        {"^([0-9]{1e+2})$", "5{1eee2}", "5{1eee2}"},
        {"^((?:six|sixteen|and|[\\-, ])+)(teen)$", "sixteen", "six|teen"},
        {"^((?:one|two)+)(o)$", "onetwoo", "onetwo|o"},
        {"^([-+][0-9]+|[0-9]+)$", "12", "12"},
        {"^([-+][0-9]+|[0-9]+)$", "-12", "-12"},
        {"^(a|b|c)(d)$", "CD", "C|D"},
        {"^([A-Z]+)$", "aZ", "aZ"},
        {"^([a-z]+)$", "ſ", "-"},
        {"^(É)$", "é", "é"},
        {"^(ß)$", "ẞ", "-"},
        {"^(ǆ)$", "ǅ", "ǅ"},
        {"^(\xE2\x84\xAA)$", "K", "-"},
        {"^(i)$", "ı", "-"},
        {"^(Σ)$", "ς", "ς"},
        {"^(😀)$", "😀", "😀"},
        {"^(\\.\\*)$", ".*", ".*"},
        {"^(.)$", "\n", "-"},
        {"^(.)(.)$", "😀", "�|�"},
        {"^(a)(^b)$", "ab", "-"},
        {"^(a$)(b)$", "ab", "-"},
        {"^([[0-9]+)$", "[1[", "[1["},
        {"^(\\[0-9]+)$", "[0-9]]", "[0-9]]"},
        {"^([-+]([0-9]+)([0-9])[0-9]+)$", "+1234", "+1234|12|3"},
        {"^(", "", "Invalid regular expression: /^(/i: Unterminated group"},
        {"^(a))$", "", "Invalid regular expression: /^(a))$/i: Unmatched ')'"},
        {"^(é+*)$", "", "Invalid regular expression: /^(é+*)$/i: Nothing to repeat"},
        {"^(a++)$", "", "Invalid regular expression: /^(a++)$/i: Nothing to repeat"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[512];
        ck_assert_msg(strcmp(match(cases[i].source, cases[i].text, out), cases[i].expected) == 0,
                      "%s on %s: %s", cases[i].source, cases[i].text, out);
    }
}
END_TEST

/* Long enough for places that were seen to count. */
START_TEST(long_matches_are_shared_out_the_same_way)
{
    char text[301], out[512];
    memset(text, '1', 300);
    text[300] = '\0';
    ck_assert_str_eq(match("^([0-9]+)([0-9]+)([0-9]+)([0-9]+)(x)$", text, out), "-");
    memset(text, 'a', 300);
    text[299] = 'b';
    ck_assert_str_eq(match("^((?:a|aa)+)((?:a|aa)+)((?:a|aa)+)(c)$", text, out), "-");
    /* Half of it fails long before the other half matches. */
    memcpy(text + 290, "aaaaaaaaab", 10);
    match("^((?:a|aa)+c|(?:aa|a)+)(a)(b)$", text, out);
    ck_assert_uint_eq(strlen(out), 298 + 1 + 1 + 1 + 1);
    ck_assert_str_eq(out + 298, "|a|b");
}
END_TEST

SUITE("jsonata/pattern", patterns_match_as_in_javascript, long_matches_are_shared_out_the_same_way)
