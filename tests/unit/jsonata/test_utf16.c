/* UTF-16 text. */
#include "jsonata/utf16.h"

#include "check_pictures.h"

static asl_utf16 read(asl_arena *arena, const char *text)
{
    asl_utf16 units;
    ck_assert_int_eq(asl_utf16_read(arena, text, strlen(text), &units), ASL_OK);
    return units;
}

START_TEST(characters_have_one_unit_or_two)
{
    asl_arena arena;
    asl_arena_init(&arena, NULL);
    asl_utf16 text = read(&arena, "aé年😀");
    ck_assert_uint_eq(text.size, 5);
    ck_assert_uint_eq(text.units[3], 0xD83D);
    ck_assert_uint_eq(text.units[4], 0xDE00);
    size_t size;
    ck_assert_uint_eq(asl_utf16_code_point(text, 3, &size), 0x1F600);
    ck_assert_uint_eq(size, 2);
    ck_assert_uint_eq(asl_utf16_code_point(text, 4, &size), 0xDE00);
    ck_assert_uint_eq(size, 1);
    ck_assert_uint_eq(asl_utf16_code_point(asl_utf16_slice(text, 0, 4), 3, &size), 0xD83D);
    ck_assert_uint_eq(read(&arena, "").size, 0);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(texts_are_written_as_utf8_and_json)
{
    static const uint16_t units[] = {'a', 0xE9, 0xD83D, 0xDE00, 0xDE00,
                                     '"', '\\', '\n',   0x1F,   0xD83D};
    asl_utf16 text = {units, COUNT(units)};
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    asl_utf16_write(text, &out);
    ck_assert_str_eq(asl_buffer_string(&out), "aé😀�\"\\\n\x1F�");
    asl_buffer_clear(&out);
    asl_utf16_write_json(text, &out);
    ck_assert_str_eq(asl_buffer_string(&out), "\"aé😀\\ude00\\\"\\\\\\n\\u001f\\ud83d\"");
    asl_buffer_done(&out);
}
END_TEST

START_TEST(slices_stay_within_the_text)
{
    asl_arena arena;
    asl_arena_init(&arena, NULL);
    asl_utf16 text = read(&arena, "abc"), none = {NULL, 0};
    ck_assert(asl_utf16_is(asl_utf16_slice(text, 1, 2), "b"));
    ck_assert(asl_utf16_is(asl_utf16_slice(text, 1, SIZE_MAX), "bc"));
    ck_assert(asl_utf16_is(asl_utf16_slice(text, 7, 9), ""));
    ck_assert(asl_utf16_is(asl_utf16_slice(text, 2, 1), ""));
    ck_assert(asl_utf16_is(asl_utf16_slice(none, 0, 1), ""));
    ck_assert(!asl_utf16_is(text, "ab") && !asl_utf16_is(text, "abcd"));
    ck_assert(asl_utf16_equal(none, asl_utf16_slice(text, 3, 3)));
    ck_assert(!asl_utf16_equal(text, asl_utf16_slice(text, 0, 2)));
    asl_arena_done(&arena);
}
END_TEST

/* Every place of every needle of a and b, by the search and by comparison. */
START_TEST(needles_are_found_wherever_they_stand)
{
    asl_arena arena;
    asl_arena_init(&arena, NULL);
    asl_utf16 text = read(&arena, "abaababaabaababaababa");
    for (unsigned pattern = 2; pattern < 256; pattern++) {
        uint16_t units[8];
        size_t size = 0;
        for (unsigned rest = pattern; rest > 1; rest >>= 1)
            units[size++] = (rest & 1) != 0 ? 'a' : 'b';
        asl_utf16_needle needle;
        ck_assert_int_eq(asl_utf16_needle_init(&needle, &arena, (asl_utf16){units, size}), ASL_OK);
        asl_utf16_matches matches = asl_utf16_matches_of(text, &needle, 0);
        size_t last = ASL_UTF16_NONE;
        for (size_t i = 0; i + size <= text.size; i++) {
            if (!asl_utf16_equal(asl_utf16_slice(text, i, i + size), needle.text))
                continue;
            ck_assert_uint_eq(asl_utf16_search(text, &needle, i), i);
            ck_assert_uint_eq(asl_utf16_match(&matches), i);
            last = i;
        }
        ck_assert_uint_eq(asl_utf16_match(&matches), ASL_UTF16_NONE);
        ck_assert_uint_eq(asl_utf16_search_last(text, &needle), last);
    }
    asl_arena_done(&arena);
}
END_TEST

START_TEST(an_empty_needle_stands_everywhere)
{
    asl_arena arena;
    asl_utf16_needle needle;
    asl_arena_init(&arena, NULL);
    asl_utf16 text = read(&arena, "ab"), none = {NULL, 0};
    ck_assert_int_eq(asl_utf16_needle_init(&needle, &arena, none), ASL_OK);
    ck_assert_uint_eq(asl_utf16_search(text, &needle, 0), 0);
    ck_assert_uint_eq(asl_utf16_search(text, &needle, 7), 2);
    ck_assert_uint_eq(asl_utf16_search_last(text, &needle), 2);
    ck_assert_uint_eq(asl_utf16_search_last(none, &needle), 0);
    asl_arena_done(&arena);
}
END_TEST

SUITE("jsonata/utf16", characters_have_one_unit_or_two, texts_are_written_as_utf8_and_json,
      slices_stay_within_the_text, needles_are_found_wherever_they_stand,
      an_empty_needle_stands_everywhere)
