/* Splice. */
#include "jsonata/splice.h"

#include "check_pictures.h"

static asl_utf16 text_of(const char *text, uint16_t units[16])
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++)
        units[i] = (unsigned char)text[i];
    return (asl_utf16){units, size};
}

static void check_finish(asl_splice *splice, const char *expected)
{
    asl_buffer units;
    asl_utf16_init(&units, NULL);
    ck_assert_int_eq(asl_splice_finish(splice, &units), ASL_OK);
    ck_assert(asl_utf16_is(asl_utf16_of(&units), expected));
    asl_buffer_done(&units);
    asl_splice_done(splice);
}

START_TEST(texts_are_put_in_anywhere)
{
    uint16_t units[16], dash[16];
    asl_splice splice;
    asl_splice_init(&splice, NULL, text_of("abcdef", units));
    asl_splice_insert(&splice, 2, text_of("--", dash));
    asl_splice_insert(&splice, 1, text_of("+", dash));
    asl_splice_insert(&splice, 99, text_of("!", dash));
    asl_splice_insert(&splice, 0, text_of("?", dash));
    ck_assert_uint_eq(asl_splice_size(&splice), 11);
    check_finish(&splice, "?a+b--cdef!");
}
END_TEST

START_TEST(the_beginning_is_dropped)
{
    uint16_t units[16], dash[16];
    asl_splice splice;
    asl_splice_init(&splice, NULL, text_of("abcdef", units));
    asl_splice_insert(&splice, 5, text_of("-", dash));
    asl_splice_drop(&splice, 2);
    ck_assert_uint_eq(asl_splice_size(&splice), 5);
    asl_splice_insert(&splice, 0, text_of("x", dash));
    asl_splice_drop(&splice, 0);
    check_finish(&splice, "xcde-f");
}
END_TEST

START_TEST(nothing_stays_nothing)
{
    asl_splice splice;
    asl_splice_init(&splice, NULL, (asl_utf16){NULL, 0});
    asl_splice_drop(&splice, 3);
    check_finish(&splice, "");
}
END_TEST

SUITE("jsonata/splice", texts_are_put_in_anywhere, the_beginning_is_dropped, nothing_stays_nothing)
