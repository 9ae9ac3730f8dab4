/* UTF-8. */
#include "base/utf8.h"

#include <string.h>

#include "suite.h"

START_TEST(every_code_point_is_encoded_valid_and_decoded)
{
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        size_t size = asl_utf8_encode(code, bytes);
        bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
        ck_assert_uint_eq(asl_utf8_valid(bytes, size), is_surrogate ? 0 : size);
        const char *next = bytes;
        ck_assert_uint_eq(asl_utf8_decode(&next, bytes + size), code);
        ck_assert_ptr_eq(next, bytes + size);
    }
}
END_TEST

START_TEST(malformed_bytes_are_found_where_they_are)
{
    static const struct {
        const char *bytes;
        size_t size, valid;
    } cases[] = {
        {"", 0, 0},
        {"abcdefghijk\x80", 12, 11},
        {"a\xC0\xAF", 3, 1},
        {"a\xC1\xBF", 3, 1},
        {"a\xE0\x9F\xBF", 4, 1},
        {"a\xED\xA0\x80", 4, 1},
        {"a\xF0\x8F\xBF\xBF", 5, 1},
        {"a\xF4\x90\x80\x80", 5, 1},
        {"a\xF5\x80\x80\x80", 5, 1},
        {"a\xFF", 2, 1},
        {"ab\xE2\x82", 4, 2},
        {"ab\xC3", 3, 2},
        {"\xE2\x82\xAC\xE2\x82(", 6, 3},
        {"12345678\xF0\x9F\x8D\x95"
         "12345678\xF0\x9F\x8D",
         23, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_uint_eq(asl_utf8_valid(cases[i].bytes, cases[i].size), cases[i].valid);
}
END_TEST

START_TEST(code_points_are_counted_and_cut)
{
    const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8D\x95z";
    size_t size = strlen(text);
    static const size_t sizes[] = {0, 1, 3, 6, 10, 11, 11};
    ck_assert_uint_eq(asl_utf8_count(text, size), 5);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        ck_assert_uint_eq(asl_utf8_prefix(text, size, i), sizes[i]);
}
END_TEST

START_TEST(decoding_never_leaves_its_end)
{
    const char cut[] = {(char)0xF0, (char)0x9F};
    const char *next = cut;
    asl_utf8_decode(&next, cut + sizeof cut);
    ck_assert(next <= cut + sizeof cut);
    next = cut;
    asl_utf8_decode(&next, cut + 1);
    ck_assert_ptr_eq(next, cut + 1);
}
END_TEST

START_TEST(places_are_lines_and_columns)
{
    const char *text = "ab\ncd\r\nef\rgh\n";
    static const struct {
        size_t offset, line, column;
    } cases[] = {{0, 1, 1}, {2, 1, 3},  {3, 2, 1},  {5, 2, 3},  {6, 2, 4},   {7, 3, 1},
                 {9, 3, 3}, {10, 4, 1}, {12, 4, 3}, {13, 5, 1}, {1000, 5, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t line, column;
        asl_utf8_place(text, strlen(text), cases[i].offset, &line, &column);
        ck_assert_uint_eq(line, cases[i].line);
        ck_assert_uint_eq(column, cases[i].column);
    }
}
END_TEST

SUITE("base/utf8", every_code_point_is_encoded_valid_and_decoded,
      malformed_bytes_are_found_where_they_are, code_points_are_counted_and_cut,
      decoding_never_leaves_its_end, places_are_lines_and_columns)
