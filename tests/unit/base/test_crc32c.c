/* CRC32C. Expected values: RFC 3720, B.4. */
#include "base/crc32c.h"

#include <string.h>

#include "base/random.h"
#include "suite.h"

START_TEST(known_values_come_out)
{
    char bytes[32];
    ck_assert_uint_eq(asl_crc32c(0, "123456789", 9), 0xE3069283);
    ck_assert_uint_eq(asl_crc32c(0, "", 0), 0);
    memset(bytes, 0, sizeof bytes);
    ck_assert_uint_eq(asl_crc32c(0, bytes, sizeof bytes), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    ck_assert_uint_eq(asl_crc32c(0, bytes, sizeof bytes), 0x62A8AB43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (char)i;
    ck_assert_uint_eq(asl_crc32c(0, bytes, sizeof bytes), 0x46DD794E);
}
END_TEST

START_TEST(tables_and_instruction_agree_at_every_size_and_place)
{
    unsigned char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)asl_random_draw(1, 2, i);
    for (size_t start = 0; start < 9; start++) {
        for (size_t size = 0; size + start <= sizeof bytes; size++)
            ck_assert_uint_eq(asl_crc32c(7, bytes + start, size),
                              asl_crc32c_by_tables(7, bytes + start, size));
    }
}
END_TEST

START_TEST(parts_give_what_the_whole_gives)
{
    const char *text = "a record in parts, as it is written";
    size_t size = strlen(text);
    for (size_t cut = 0; cut <= size; cut++)
        ck_assert_uint_eq(asl_crc32c(asl_crc32c(0, text, cut), text + cut, size - cut),
                          asl_crc32c(0, text, size));
}
END_TEST

SUITE("base/crc32c", known_values_come_out, tables_and_instruction_agree_at_every_size_and_place,
      parts_give_what_the_whole_gives)
