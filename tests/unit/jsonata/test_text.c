/* Strings as JavaScript has them. */
#include <math.h>
#include <string.h>

#include "fault_heap.h"
#include "jsonata/text.h"
#include "suite.h"

/* The buffer holds the text; it is cleared. */
static void has(asl_buffer *buffer, int status, const char *expected)
{
    ck_assert_int_eq(status, ASL_OK);
    ck_assert_str_eq(asl_buffer_string(buffer), expected);
    asl_buffer_clear(buffer);
}

static void cuts(const char *text, double start, double length, const char *expected)
{
    size_t offset = 0, size = 0;
    asl_jsonata_substring(text, strlen(text), start, isnan(length) ? NULL : &length, &offset,
                          &size);
    ck_assert_uint_eq(size, strlen(expected));
    ck_assert_msg(memcmp(text + offset, expected, size) == 0, "%s: %s", text, text + offset);
}

START_TEST(substrings_are_cut_by_code_points)
{
    cuts("hello world", 0, 5, "hello");
    cuts("hello world", -5, 5, "world");
    cuts("hello world", -5, 1, "w");
    cuts("hello world", 0, -6, "");
    cuts("hello world", 6, (double)NAN, "world");
    cuts("hello", -99, 2, "he");
    cuts("hello", 99, (double)NAN, "");
    cuts("hello", 1.9, 1.9, "el");
    cuts("hello", -1.5, (double)NAN, "o");
    cuts("hello", -0.5, 2, "hello");
    cuts("hello", 1, 1e300, "ello");
    cuts("hello", 1, 0, "");
    cuts("\xF0\x9D\x84\x9E\xF0\x9F\x92\xA9", 1, 1, "\xF0\x9F\x92\xA9");
    cuts("\xF0\x9F\x98\x82\xF0\x9F\x98\x81\xF0\x9F\x98\x80", -4, 1, "\xF0\x9F\x98\x82");
    cuts("", -1, (double)NAN, "");
}
END_TEST

START_TEST(code_units_count_as_javascript_counts)
{
    ck_assert_uint_eq(asl_jsonata_code_units("", 0), 0);
    ck_assert_uint_eq(asl_jsonata_code_units("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10), 5);
}
END_TEST

static void compares(const char *left, const char *right, int expected)
{
    int order = asl_jsonata_compare(left, strlen(left), right, strlen(right));
    int other = asl_jsonata_compare(right, strlen(right), left, strlen(left));
    ck_assert_int_eq((order > 0) - (order < 0), expected);
    ck_assert_int_eq((other > 0) - (other < 0), -expected);
}

START_TEST(strings_compare_by_code_units)
{
    compares("", "", 0);
    compares("", "a", -1);
    compares("a", "ab", -1);
    compares("b", "ab", 1);
    compares("\xC3\xA9", "z", 1);
    compares("\xF0\x90\x80\x80", "\xEF\xBF\xBD", -1);            /* U+10000, U+FFFD */
    compares("\xF0\x90\x80\x80", "\xED\x9F\xBF", 1);             /* U+10000, U+D7FF */
    compares("\xF0\x9F\x98\x80", "\xF0\x9F\x98\x81", -1);        /* in the second half */
    compares("x\xF4\x8F\xBF\xBFy", "x\xEE\x80\x80", -1);         /* U+10FFFF, U+E000 */
    compares("\xED\xA0\xBDx", "\xF0\x9F\x98\x80", -1);           /* U+D83D x, U+1F600 */
    compares("\xED\xA0\xBD\xEE\x80\x80", "\xF0\x9F\x98\x80", 1); /* U+D83D U+E000, U+1F600 */
}
END_TEST

START_TEST(tokens_are_found)
{
    ck_assert_uint_eq(asl_jsonata_find("abcabc", 6, 0, "c", 1), 2);
    ck_assert_uint_eq(asl_jsonata_find("abcabc", 6, 3, "c", 1), 5);
    ck_assert_uint_eq(asl_jsonata_find("abcabc", 6, 6, "c", 1), ASL_JSONATA_NOWHERE);
    ck_assert_uint_eq(asl_jsonata_find("abcabc", 6, 0, "cb", 2), ASL_JSONATA_NOWHERE);
    ck_assert_uint_eq(asl_jsonata_find("abcabc", 6, 4, "", 0), 4);
    ck_assert_uint_eq(asl_jsonata_find("", 0, 0, "", 0), 0);
    ck_assert_uint_eq(asl_jsonata_find("", 0, 0, "a", 1), ASL_JSONATA_NOWHERE);
}
END_TEST

START_TEST(white_space_is_normalized)
{
    static const char *const cases[][2] = {
        {"", ""},
        {" ", ""},
        {" \t\r\n ", ""},
        {"Hello World", "Hello World"},
        {"  a \n b\t", "a b"},
        {"\xC2\xA0 a", "\xC2\xA0 a"},
        {"a\vb\f", "a\vb\f"},
    };
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        has(&buffer, asl_jsonata_trim(cases[i][0], strlen(cases[i][0]), &buffer), cases[i][1]);
    asl_buffer_done(&buffer);
}
END_TEST

static void pads(const char *text, double width, const char *fill, const char *expected)
{
    asl_jsonata_fault fault;
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    has(&buffer, asl_jsonata_pad(text, strlen(text), width, fill, strlen(fill), &buffer, &fault),
        expected);
    asl_buffer_done(&buffer);
}

START_TEST(padding_repeats_its_characters)
{
    pads("foo", 5, "", "foo  ");
    pads("foo", -5, "", "  foo");
    pads("foo", -5, "#", "##foo");
    pads("35", -5, "0", "00035");
    pads("foo", 8, "-+", "foo-+-+-");
    pads("foo", 2, "-+", "foo");
    pads("foo", 0, "-+", "foo");
    pads("", 3, "\xF0\x9F\x92\xA9x", "\xF0\x9F\x92\xA9x\xF0\x9F\x92\xA9");
    pads("\xF0\x9D\x84\x9E\xF0\x9F\x92\xA9", -4, "", "  \xF0\x9D\x84\x9E\xF0\x9F\x92\xA9");
}
END_TEST

START_TEST(padding_that_javascript_cannot_make_is_a_fault)
{
    static const struct {
        double width;
        const char *message;
    } cases[] = {
        {3.5, "Invalid array length"},
        {-4294967297.0, "Invalid array length"},
        {1e300, "Invalid array length"},
        {-600000000, "Invalid string length"},
    };
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_jsonata_fault fault = {"", NULL};
        int status = asl_jsonata_pad("a", 1, cases[i].width, "", 0, &buffer, &fault);
        ck_assert_int_eq(status, ASL_EVALUATION);
        ck_assert_ptr_null(fault.code);
        ck_assert_str_eq(fault.message, cases[i].message);
    }
    buffer.limit = 1000;
    asl_jsonata_fault fault;
    ck_assert_int_eq(asl_jsonata_pad("a", 1, 1000, "", 0, &buffer, &fault), ASL_OK);
    asl_buffer_clear(&buffer);
    ck_assert_int_eq(asl_jsonata_pad("a", 1, 1001, "", 0, &buffer, &fault), ASL_TOO_LARGE);
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(case_changes_in_all_of_unicode)
{
    static const char *const cases[][3] = {
        {"Hello World", "HELLO WORLD", "hello world"},
        {"\xC3\xA9\xC3\x89", "\xC3\x89\xC3\x89", "\xC3\xA9\xC3\xA9"},
        {"stra\xC3\x9F"
         "e",
         "STRASSE",
         "stra\xC3\x9F"
         "e"},
        {"\xE1\xBA\x9E", "\xE1\xBA\x9E", "\xC3\x9F"}, /* capital sharp s */
        {"\xEF\xAC\x83", "FFI", "\xEF\xAC\x83"},      /* a ligature of three */
        {"\xC4\xB0", "\xC4\xB0", "i\xCC\x87"},        /* capital I with a dot */
        {"\xC7\x85", "\xC7\x84", "\xC7\x86"},         /* a title case letter */
        {"\xF0\x90\x90\x80\xF0\x90\x90\xA8", "\xF0\x90\x90\x80\xF0\x90\x90\x80",
         "\xF0\x90\x90\xA8\xF0\x90\x90\xA8"}, /* Deseret */
        {"\xF0\x9F\x98\x80 1", "\xF0\x9F\x98\x80 1", "\xF0\x9F\x98\x80 1"},
    };
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size = strlen(cases[i][0]);
        has(&buffer, asl_jsonata_uppercase(cases[i][0], size, &buffer), cases[i][1]);
        has(&buffer, asl_jsonata_lowercase(cases[i][0], size, &buffer), cases[i][2]);
    }
    asl_buffer_done(&buffer);
}
END_TEST

#define SIGMA "\xCE\xA3"
#define SMALL "\xCF\x83"
#define FINAL "\xCF\x82"

START_TEST(a_sigma_is_final_at_the_end_of_a_word)
{
    static const char *const cases[][2] = {
        {SIGMA, SMALL},
        {"A" SIGMA, "a" FINAL},
        {"A" SIGMA "A", "a" SMALL "a"},
        {"A" SIGMA " A", "a" FINAL " a"},
        {SIGMA "A", SMALL "a"},
        {"A'" SIGMA "'", "a'" FINAL "'"}, /* an apostrophe is passed over */
        {"A" SIGMA "'A", "a" SMALL "'a"},
        {"1" SIGMA, "1" SMALL},
        {"A" SIGMA SIGMA, "a" SMALL FINAL},
    };
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        has(&buffer, asl_jsonata_lowercase(cases[i][0], strlen(cases[i][0]), &buffer), cases[i][1]);
    asl_buffer_done(&buffer);
}
END_TEST

/* The pieces, with a bar behind each. */
static void splits(const char *text, const char *separator, const char *expected)
{
    asl_jsonata_split split = {text, strlen(text), separator, strlen(separator)};
    const char *piece = NULL;
    size_t size = 0;
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    while (asl_jsonata_split_next(&split, &piece, &size)) {
        asl_buffer_append(&buffer, piece, size);
        asl_buffer_byte(&buffer, '|');
    }
    has(&buffer, buffer.status, expected);
    asl_buffer_done(&buffer);
}

START_TEST(texts_are_split)
{
    splits("a, b, c", ", ", "a|b|c|");
    splits("Hello  World", " ", "Hello||World|");
    splits("Hello", " ", "Hello|");
    splits(",a,", ",", "|a||");
    splits("aaa", "aa", "|a|");
    splits("", ",", "|");
    splits("", "", "");
    splits("ab\xF0\x9F\x92\xA9", "", "a|b|\xF0\x9F\x92\xA9|");
    splits("12\xF0\x9F\x92\xA9"
           "3",
           "\xF0\x9F\x92\xA9", "12|3|");
}
END_TEST

START_TEST(a_limit_of_pieces_wraps_as_in_javascript)
{
    ck_assert_uint_eq(asl_jsonata_split_limit(2.9), 2);
    ck_assert_uint_eq(asl_jsonata_split_limit(0.5), 0);
    ck_assert_uint_eq(asl_jsonata_split_limit(4294967295.0), 4294967295u);
    ck_assert_uint_eq(asl_jsonata_split_limit(4294967297.0), 1);
    ck_assert_uint_eq(asl_jsonata_split_limit(-1), 4294967295u);
    ck_assert_uint_eq(asl_jsonata_split_limit((double)INFINITY), 0);
}
END_TEST

START_TEST(urls_are_encoded)
{
    const char *url = "https://mozilla.org/?x=\xD1\x88 (1)&y='#\"<";
    asl_jsonata_fault fault;
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    has(&buffer, asl_jsonata_encode_url(url, strlen(url), false, &buffer, &fault),
        "https://mozilla.org/?x=%D1%88%20(1)&y='#%22%3C");
    has(&buffer, asl_jsonata_encode_url(url, strlen(url), true, &buffer, &fault),
        "https%3A%2F%2Fmozilla.org%2F%3Fx%3D%D1%88%20(1)%26y%3D'%23%22%3C");
    ck_assert_int_eq(asl_jsonata_encode_url("a\0\xF0\x9F\x98\x80", 6, true, &buffer, &fault),
                     ASL_OK);
    has(&buffer, ASL_OK, "a%00%F0%9F%98%80");
    ck_assert_int_eq(asl_jsonata_encode_url("\xED\xA0\x80", 3, true, &buffer, &fault),
                     ASL_EVALUATION);
    ck_assert_str_eq(fault.code, "D3140");
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(urls_are_decoded)
{
    const char *url = "%3Fx%3d%D1%88%20%f0%9f%98%80+\xC3\xA9%23%41";
    asl_jsonata_fault fault;
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    has(&buffer, asl_jsonata_decode_url(url, strlen(url), true, &buffer, &fault),
        "?x=\xD1\x88 \xF0\x9F\x98\x80+\xC3\xA9#A");
    has(&buffer, asl_jsonata_decode_url(url, strlen(url), false, &buffer, &fault),
        "%3Fx%3d\xD1\x88 \xF0\x9F\x98\x80+\xC3\xA9%23"
        "A");
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(malformed_escapes_are_a_fault)
{
    static const char *const bad[] = {
        "%",
        "%4",
        "%zz",
        "%4g",
        "%E0%A4%A",
        "%80",
        "%c3",
        "%c3%",
        "%c3a",
        "%c3%41",
        "%c0%80",
        "%ed%a0%80",
        "%f8%80%80%80%80",
        "%e2%28%a1",
        "%f4%90%80%80",
        "%f0%80%80%80",
        "%E2%82",
    };
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (int is_component = 0; is_component < 2; is_component++) {
            asl_jsonata_fault fault = {NULL, NULL};
            int status =
                asl_jsonata_decode_url(bad[i], strlen(bad[i]), is_component, &buffer, &fault);
            ck_assert_msg(status == ASL_EVALUATION, "%s", bad[i]);
            ck_assert_str_eq(fault.code, "D3140");
        }
    }
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(base64_is_nodes)
{
    static const char *const encoded[][2] = {
        {"", ""},
        {"h", "aA=="},
        {"he", "aGU="},
        {"hello:world", "aGVsbG86d29ybGQ="},
        {"\xC3\xBF", "/w=="},         /* U+00FF: one byte */
        {"\xE2\x82\xAC", "rA=="},     /* U+20AC: its low byte */
        {"\xF0\x9F\x98\x80", "PQA="}, /* two code units */
    };
    static const char *const decoded[][2] = {
        {"aGVsbG86d29ybGQ=", "hello:world"},
        {"aGU", "he"},
        {"aA", "h"},
        {"a", ""},
        {"/w==", "\xC3\xBF"},
        {"_-_-", "\xC3\xBF\xC3\xAF\xC3\xBE"}, /* the alphabet of URLs */
        {" a\nG*U= ", "he"},                  /* what is no letter is passed over */
        {"aA==aA==", "h"},                    /* nothing is read behind = */
    };
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof encoded / sizeof encoded[0]; i++)
        has(&buffer, asl_jsonata_base64_encode(encoded[i][0], strlen(encoded[i][0]), &buffer),
            encoded[i][1]);
    for (size_t i = 0; i < sizeof decoded / sizeof decoded[0]; i++)
        has(&buffer, asl_jsonata_base64_decode(decoded[i][0], strlen(decoded[i][0]), &buffer),
            decoded[i][1]);
    asl_buffer_done(&buffer);
}
END_TEST

static double number(const char *text, size_t size)
{
    double value = 0;
    asl_jsonata_fault fault = {NULL, NULL};
    ck_assert_msg(asl_jsonata_number(text, size, &value, &fault) == ASL_OK, "%s", text);
    return value;
}

START_TEST(numbers_are_read)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"007", 7},
        {"-12.5e1", -125},
        {"1E+2", 100},
        {"0.1", 0.1},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"5e-324", 5e-324},
        {"1e-99999999999", 0},
        {"0e99999999999", 0},
        {"9007199254740993", 9007199254740992.0},
        {"0x1f", 31},
        {"0XFF", 255},
        {"0x1fffffffffffff8", 144115188075855864.0}, /* a tie: to even */
        {"0o17", 15},
        {" 0O17\n", 15}, /* the pattern does not bind "0o" to the start or end */
        {"0b101", 5},
        {"\xC2\xA0"
         "0B1",
         1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_double_eq(number(cases[i].text, strlen(cases[i].text)), cases[i].value);
    ck_assert(signbit(number("-0", 2)));
    char text[300] = "0x1";
    memset(text + 3, '0', 256);
    ck_assert(isinf(number(text, 259))); /* 2^1024 */
    ck_assert_double_eq(number(text, 258), ldexp(1, 1020));
}
END_TEST

START_TEST(long_numbers_are_rounded_by_all_their_digits)
{
    char text[4096];
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17);
    text[2000] = '1'; /* just more than the middle between two doubles */
    ck_assert_double_eq(number(text, 2000), 9007199254740992.0);
    ck_assert_double_eq(number(text, 2001), 9007199254740994.0);
    memset(text, '0', sizeof text);
    text[3999] = '7';
    ck_assert_double_eq(number(text, 4000), 7);
}
END_TEST

START_TEST(what_javascript_reads_as_no_number_is_none)
{
    static const char *const texts[] = {"0x1z", "0x1.5", "a0o7", "0o78", "-0b1", "0x1 0b1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert(isnan(number(texts[i], strlen(texts[i]))));
}
END_TEST

START_TEST(what_is_no_number_is_a_fault)
{
    static const char *const bad[] = {"",       " ",   "x",        "1.",       ".5",   "+1",
                                      "1e",     "1e+", "--1",      "1 ",       " 1",   "1e309",
                                      "-1e400", "0x",  "0o8",      "0b2",      "0b1 ", " 0x1",
                                      "1_0",    "NaN", "Infinity", "\xD9\xA1", "1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double value = 0;
        asl_jsonata_fault fault = {NULL, NULL};
        int status = asl_jsonata_number(bad[i], strlen(bad[i]), &value, &fault);
        ck_assert_msg(status == ASL_EVALUATION, "%s", bad[i]);
        ck_assert_str_eq(fault.code, "D3030");
    }
}
END_TEST

/* Every function that appends. */
static int append_all(asl_buffer *buffer)
{
    const char *text = "  \xC3\x9F"
                       "A\xCE\xA3 %41 \xF0\x9F\x98\x80 ";
    size_t size = strlen(text);
    asl_jsonata_fault fault;
    asl_jsonata_trim(text, size, buffer);
    asl_jsonata_pad(text, size, -90, "ab", 2, buffer, &fault);
    asl_jsonata_uppercase(text, size, buffer);
    asl_jsonata_lowercase(text, size, buffer);
    asl_jsonata_encode_url(text, size, true, buffer, &fault);
    asl_jsonata_decode_url(text, size, false, buffer, &fault);
    asl_jsonata_base64_encode(text, size, buffer);
    return asl_jsonata_base64_decode("aGVsbG86d29ybGQ=", 16, buffer);
}

START_TEST(failed_allocations_are_reported)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_buffer buffer;
        asl_buffer_init(&buffer, &heap.hook);
        int status = append_all(&buffer);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        asl_buffer_done(&buffer);
    }
}
END_TEST

SUITE("jsonata/text", substrings_are_cut_by_code_points, code_units_count_as_javascript_counts,
      strings_compare_by_code_units, tokens_are_found, white_space_is_normalized,
      padding_repeats_its_characters, padding_that_javascript_cannot_make_is_a_fault,
      case_changes_in_all_of_unicode, a_sigma_is_final_at_the_end_of_a_word, texts_are_split,
      a_limit_of_pieces_wraps_as_in_javascript, urls_are_encoded, urls_are_decoded,
      malformed_escapes_are_a_fault, base64_is_nodes, numbers_are_read,
      long_numbers_are_rounded_by_all_their_digits, what_javascript_reads_as_no_number_is_none,
      what_is_no_number_is_a_fault, failed_allocations_are_reported)
