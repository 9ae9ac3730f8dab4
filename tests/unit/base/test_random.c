/* Keyed draws and UUIDs. */
#include "base/random.h"

#include <string.h>

#include "suite.h"

/* These are recorded in histories: they may never change. */
START_TEST(draws_are_the_same_for_ever)
{
    ck_assert_uint_eq(asl_random_draw(0, 0, 0), asl_random_draw(0, 0, 0));
    ck_assert_uint_eq(asl_random_draw(1, 2, 3), 0xd0734750fde362b3);
    ck_assert_uint_eq(asl_random_draw(UINT64_MAX, 0, 1), 0x9eef2aff9660585a);
}
END_TEST

START_TEST(every_part_of_the_key_counts)
{
    uint64_t base = asl_random_draw(5, 6, 7);
    ck_assert_uint_ne(base, asl_random_draw(4, 6, 7));
    ck_assert_uint_ne(base, asl_random_draw(5, 7, 7));
    ck_assert_uint_ne(base, asl_random_draw(5, 6, 8));
    ck_assert_uint_ne(base, asl_random_draw(6, 5, 7));
    ck_assert_uint_ne(base, asl_random_draw(5, 7, 6));
}
END_TEST

START_TEST(unit_doubles_lie_in_the_half_open_interval)
{
    ck_assert(asl_random_unit(0) == 0.0);
    ck_assert(asl_random_unit(UINT64_MAX) < 1.0);
    double sum = 0;
    for (uint64_t i = 0; i < 10000; i++)
        sum += asl_random_unit(asl_random_draw(9, 9, i));
    ck_assert(sum > 4900 && sum < 5100);
}
END_TEST

START_TEST(uuids_have_version_and_variant)
{
    char text[37];
    asl_random_uuid4(UINT64_MAX, UINT64_MAX, text);
    ck_assert_str_eq(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    asl_random_uuid4(0, 0, text);
    ck_assert_str_eq(text, "00000000-0000-4000-8000-000000000000");
    /* RFC 9562, appendix A.6 */
    asl_random_uuid7(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F, text);
    ck_assert_str_eq(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}
END_TEST

START_TEST(the_system_gives_different_bytes)
{
    char first[300], second[300];
    ck_assert_int_eq(asl_random_system(first, sizeof first), 0);
    ck_assert_int_eq(asl_random_system(second, sizeof second), 0);
    ck_assert_mem_ne(first, second, sizeof first);
}
END_TEST

SUITE("base/random", draws_are_the_same_for_ever, every_part_of_the_key_counts,
      unit_doubles_lie_in_the_half_open_interval, uuids_have_version_and_variant,
      the_system_gives_different_bytes)
