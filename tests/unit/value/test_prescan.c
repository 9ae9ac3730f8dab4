/* The prescan. */
#include <string.h>

#include "suite.h"
#include "value/json_text.h"

static void check_refused(const char *text, size_t size, size_t expected)
{
    size_t offset = 0;
    const char *message = NULL;
    ck_assert(!asl_json_prescan(text, size, &offset, &message));
    ck_assert_uint_eq(offset, expected);
    ck_assert_ptr_nonnull(message);
}

/* At every place of a text that is longer than what is looked at at once. */
START_TEST(control_characters_are_found_wherever_they_stand)
{
    for (int byte = 0; byte < 0x20; byte++) {
        bool allowed = byte == '\t' || byte == '\n' || byte == '\r';
        for (size_t place = 0; place < 24; place++) {
            char text[24];
            memset(text, ' ', sizeof text);
            text[place] = (char)byte;
            size_t offset = 0;
            const char *message = NULL;
            if (allowed)
                ck_assert(asl_json_prescan(text, sizeof text, &offset, &message));
            else
                check_refused(text, sizeof text, place);
        }
    }
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_found)
{
    check_refused("\"12345678\xC0\xAF\"", 12, 9);
    check_refused("\"\xC3\xA9\xC3\xA9\xED\xA0\x80\"", 9, 5);
    check_refused("\"\xE2\x82", 3, 1);
    check_refused("\xFF", 1, 0);
    size_t offset = 0;
    const char *message = NULL;
    ck_assert(asl_json_prescan("\"\xF0\x9F\x8D\x95 \xC3\xA9\"", 9, &offset, &message));
    ck_assert(asl_json_prescan("", 0, &offset, &message));
}
END_TEST

START_TEST(half_a_surrogate_pair_is_found_and_a_whole_one_passes)
{
    static const char *const good[] = {"\"\\uD83C\\uDF55\"",
                                       "\"\\ud83c\\udf55\"",
                                       "\"\\\\ud83c\"",
                                       "\"\\\\\\\\uDF55\"",
                                       "\"\\uD7FF\\uE000\"",
                                       "\"\\u12\"",
                                       "\"\\u\"",
                                       "\\",
                                       "\\uD8"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        size_t offset = 0;
        const char *message = NULL;
        ck_assert_msg(asl_json_prescan(good[i], strlen(good[i]), &offset, &message), "%s", good[i]);
    }
    check_refused("\"\\uD83C\"", 8, 1);
    check_refused("\"\\uDF55\"", 8, 1);
    check_refused("\"\\uD83C\\u0041\"", 14, 1);
    check_refused("\"\\uD83C\\uD83C\\uDF55\"", 20, 1);
    check_refused("\"\\\\\\uD83C\"", 10, 3);
    check_refused("\"\\uD83C\\uDF55\\uDF55\"", 20, 13);
    check_refused("\"\\uD83C\\n\"", 10, 1);
}
END_TEST

SUITE("value/prescan", control_characters_are_found_wherever_they_stand,
      bytes_that_are_not_utf8_are_found, half_a_surrogate_pair_is_found_and_a_whole_one_passes)
