/* Buffers and cursors. */
#include "base/buffer.h"

#include <string.h>

#include "base/cleanup.h"
#include "fault_heap.h"
#include "suite.h"

START_TEST(what_is_appended_is_one_string)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_buffer buffer;
    asl_buffer_init(&buffer, &heap.hook);
    ck_assert_str_eq(asl_buffer_string(&buffer), "");
    asl_buffer_text(&buffer, "one");
    asl_buffer_byte(&buffer, ' ');
    asl_buffer_append(&buffer, "two!", 3);
    asl_buffer_append(&buffer, NULL, 0);
    asl_buffer_format(&buffer, " %d %s", 3,
                      "and a text that is longer than what there is room for, "
                      "so that it has to be printed twice");
    ck_assert_str_eq(asl_buffer_string(&buffer),
                     "one two 3 and a text that is longer than what there is room for, so that it "
                     "has to be printed twice");
    ck_assert_uint_eq(buffer.size, strlen(buffer.bytes));
    asl_buffer_clear(&buffer);
    ck_assert_uint_eq(buffer.size, 0);
    asl_buffer_done(&buffer);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(the_limit_is_exact_and_sticks)
{
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    buffer.limit = 10;
    asl_buffer_text(&buffer, "123456789");
    asl_buffer_byte(&buffer, '0');
    ck_assert_int_eq(buffer.status, ASL_OK);
    ck_assert_str_eq(asl_buffer_string(&buffer), "1234567890");
    asl_buffer_byte(&buffer, 'x');
    ck_assert_int_eq(buffer.status, ASL_TOO_LARGE);
    asl_buffer_append(&buffer, "", 0);
    ck_assert_uint_eq(buffer.size, 10);
    ck_assert_ptr_null(asl_buffer_string(&buffer));
    asl_buffer_clear(&buffer);
    asl_buffer_format(&buffer, "%010d", 7);
    ck_assert_str_eq(asl_buffer_string(&buffer), "0000000007");
    asl_buffer_clear(&buffer);
    asl_buffer_format(&buffer, "%011d", 7);
    ck_assert_int_eq(buffer.status, ASL_TOO_LARGE);
    ck_assert_uint_eq(buffer.size, 0);
}
END_TEST

START_TEST(every_failed_allocation_sticks_as_nomem)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_buffer buffer;
        asl_buffer_init(&buffer, &heap.hook);
        for (int i = 0; i < 200; i++) {
            asl_buffer_varint(&buffer, (uint64_t)i * 1000);
            asl_buffer_format(&buffer, "%d", i);
        }
        const char *text = asl_buffer_string(&buffer);
        ck_assert_int_eq(buffer.status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        ck_assert_int_eq(text == NULL, fault_heap_failed(&heap));
        asl_buffer_done(&buffer);
    }
}
END_TEST

START_TEST(impossible_sizes_are_nomem)
{
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    asl_buffer_byte(&buffer, 'a');
    ck_assert_int_eq(asl_buffer_reserve(&buffer, SIZE_MAX - 1), ASL_NOMEM);
}
END_TEST

START_TEST(numbers_come_back)
{
    static const uint64_t numbers[] = {0,     1,          127,       128,        16383,
                                       16384, UINT32_MAX, INT64_MAX, UINT64_MAX, (uint64_t)1 << 63};
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        asl_buffer_varint(&buffer, numbers[i]);
        asl_buffer_zigzag(&buffer, (int64_t)numbers[i]);
        asl_buffer_zigzag(&buffer, -(int64_t)(numbers[i] >> 1));
        asl_buffer_u32(&buffer, (uint32_t)numbers[i]);
        asl_buffer_u64(&buffer, numbers[i]);
    }
    asl_cursor cursor;
    asl_cursor_init(&cursor, buffer.bytes, buffer.size);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        ck_assert_uint_eq(asl_cursor_varint(&cursor), numbers[i]);
        ck_assert_int_eq(asl_cursor_zigzag(&cursor), (int64_t)numbers[i]);
        ck_assert_int_eq(asl_cursor_zigzag(&cursor), -(int64_t)(numbers[i] >> 1));
        ck_assert_uint_eq(asl_cursor_u32(&cursor), (uint32_t)numbers[i]);
        ck_assert_uint_eq(asl_cursor_u64(&cursor), numbers[i]);
    }
    ck_assert_int_eq(cursor.bad, 0);
    ck_assert_ptr_eq(cursor.next, cursor.end);
    ck_assert_uint_eq(asl_cursor_byte(&cursor), 0);
    ck_assert_int_eq(cursor.bad, 1);
}
END_TEST

START_TEST(fixed_numbers_are_little_endian)
{
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    asl_buffer_u32(&buffer, 0x01020304);
    asl_buffer_u64(&buffer, 0x0102030405060708);
    asl_buffer_varint(&buffer, 300);
    asl_buffer_zigzag(&buffer, -1);
    ck_assert_mem_eq(buffer.bytes, "\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01\xAC\x02\x01",
                     15);
}
END_TEST

/* Each spelling that is not the one a buffer writes. */
START_TEST(a_varint_has_one_spelling)
{
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {{"", 0},
                 {"\x80", 1},
                 {"\x80\x00", 2},
                 {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10},
                 {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x00", 11},
                 {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        asl_cursor cursor;
        asl_cursor_init(&cursor, wrong[i].bytes, wrong[i].size);
        ck_assert_uint_eq(asl_cursor_varint(&cursor), 0);
        ck_assert_int_eq(cursor.bad, 1);
    }
}
END_TEST

START_TEST(a_slice_past_the_end_is_bad_and_stays_bad)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, "abcdef", 6);
    ck_assert_mem_eq(asl_cursor_slice(&cursor, 3), "abc", 3);
    ck_assert_ptr_nonnull(asl_cursor_slice(&cursor, 0));
    ck_assert_ptr_null(asl_cursor_slice(&cursor, 4));
    ck_assert_int_eq(cursor.bad, 1);
    ck_assert_ptr_null(asl_cursor_slice(&cursor, 1));
    ck_assert_uint_eq(asl_cursor_u32(&cursor), 0);
    asl_cursor_init(&cursor, NULL, 0);
    ck_assert_ptr_nonnull(asl_cursor_slice(&cursor, 0));
    ck_assert_ptr_null(asl_cursor_slice(&cursor, SIZE_MAX));
}
END_TEST

SUITE("base/buffer", what_is_appended_is_one_string, the_limit_is_exact_and_sticks,
      every_failed_allocation_sticks_as_nomem, impossible_sizes_are_nomem, numbers_come_back,
      fixed_numbers_are_little_endian, a_varint_has_one_spelling,
      a_slice_past_the_end_is_bad_and_stays_bad)
