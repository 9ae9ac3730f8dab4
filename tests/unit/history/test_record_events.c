/* Parts of a record: the events of a range of ids, read without the rest of it. */
#include <stdint.h>

#include "base/buffer.h"
#include "events.h"
#include "fault_heap.h"
#include "history/record.h"

#define EVENTS 200u

/* A record of EVENTS events from `first` on with notes between; payloads repeat, so that many refer
 * to ones before them. */
static void encode_sample(asl_buffer *buffer, uint64_t first)
{
    asl_event entries[EVENTS * 2];
    asl_value *texts[3] = {json(NULL, "{\"a\": [1,2]}"), asl_value_string(NULL, "name"),
                           json(NULL, "[\"b\"]")};
    size_t count = 0;
    for (uint64_t i = 0; i < EVENTS; i++) {
        if (i % 3 == 0)
            entries[count++] =
                (asl_event){.type = ASL_NOTE_RETRY, .value = texts[2], .due_ms = (int64_t)i};
        entries[count++] = (asl_event){.type = ASL_EVENT_PASS_STATE_ENTERED,
                                       .id = first + i,
                                       .previous_id = first + i - 1,
                                       .name = texts[1],
                                       .value = i % 5 == 0 ? texts[2] : texts[0]};
    }
    const asl_fact fact = {.kind = ASL_FACT_START, .time_ms = 17, .value = texts[0]};
    asl_record_encode(buffer, &fact, entries, count);
    ck_assert_int_eq(buffer->status, ASL_OK);
    for (size_t i = 0; i < 3; i++)
        asl_value_unref(texts[i]);
}

static void check_range(const asl_buffer *bytes, uint64_t base, uint64_t first, uint64_t last)
{
    asl_event_list list;
    asl_event_list_init(&list, NULL);
    ck_assert_int_eq(
        asl_record_decode_events(NULL, bytes->bytes, bytes->size, first, last, NULL, &list),
        ASL_OK);
    uint64_t from = first > base ? first : base;
    uint64_t to = last < base + EVENTS - 1 ? last : base + EVENTS - 1;
    ck_assert_uint_eq(list.count, from <= to ? to - from + 1 : 0);
    for (size_t i = 0; i < list.count; i++) {
        const asl_event *event = &list.items[i];
        ck_assert_uint_eq(event->id, from + i);
        ck_assert_uint_eq(event->previous_id, from + i - 1);
        ck_assert(prints_as(event->name, "\"name\""));
        bool is_third = (event->id - base) % 5 == 0;
        ck_assert(prints_as(event->value, is_third ? "[\"b\"]" : "{\"a\": [1,2]}"));
    }
    asl_event_list_done(&list);
}

START_TEST(any_range_of_events_is_read_as_in_the_whole)
{
    asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    encode_sample(&bytes, 1000);
    check_range(&bytes, 1000, 1, UINT64_MAX);
    check_range(&bytes, 1000, 1, 999);
    check_range(&bytes, 1000, 1200, 1300);
    for (uint64_t first = 998; first < 1202; first += 7)
        for (uint64_t last = first; last < 1203; last += 11)
            check_range(&bytes, 1000, first, last);
    asl_buffer_done(&bytes);
}
END_TEST

START_TEST(the_fact_comes_with_them_where_it_is_asked_for)
{
    asl_buffer bytes;
    asl_fact fact;
    asl_event_list list;
    asl_buffer_init(&bytes, NULL);
    asl_event_list_init(&list, NULL);
    encode_sample(&bytes, 1);
    ck_assert_int_eq(asl_record_decode_events(NULL, bytes.bytes, bytes.size, 1, 0, &fact, &list),
                     ASL_OK);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(fact.time_ms, 17);
    ck_assert(prints_as(fact.value, "{\"a\": [1,2]}"));
    asl_fact_done(&fact);
    ck_assert_int_eq(asl_record_decode_events(NULL, bytes.bytes, bytes.size, 2, 3, &fact, &list),
                     ASL_OK);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_ptr_eq(list.items[0].value, fact.value);
    asl_fact_done(&fact);
    asl_event_list_done(&list);
    asl_buffer_done(&bytes);
}
END_TEST

static uint64_t first_event(const asl_buffer *bytes)
{
    uint64_t id = UINT64_MAX;
    ck_assert_int_eq(asl_record_first_event(bytes->bytes, bytes->size, &id), ASL_OK);
    return id;
}

START_TEST(the_first_event_of_a_record_is_known)
{
    asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    encode_sample(&bytes, 77);
    ck_assert_uint_eq(first_event(&bytes), 77);
    asl_buffer_clear(&bytes);
    asl_value *value = json(NULL, "{\"x\":1}");
    const asl_fact fact = {.kind = ASL_FACT_TIMER, .value = value};
    const asl_event notes[] = {{.type = ASL_NOTE_WAITING, .value = value, .due_ms = 3},
                               {.type = ASL_NOTE_CHILD_DONE, .index = 3, .value = value}};
    asl_record_encode(&bytes, &fact, notes, 2);
    ck_assert_uint_eq(first_event(&bytes), 0);
    asl_buffer_clear(&bytes);
    asl_record_encode(&bytes, &fact, notes, 0);
    ck_assert_uint_eq(first_event(&bytes), 0);
    asl_value_unref(value);
    asl_buffer_done(&bytes);
}
END_TEST

START_TEST(cut_and_changed_bytes_do_no_harm)
{
    asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    encode_sample(&bytes, 1);
    for (size_t i = 0; i < bytes.size; i++) {
        char kept = bytes.bytes[i];
        for (int change = 1; change < 256; change += 23) {
            asl_event_list list;
            uint64_t id;
            asl_event_list_init(&list, NULL);
            bytes.bytes[i] = (char)(kept ^ change);
            int status =
                asl_record_decode_events(NULL, bytes.bytes, bytes.size, 50, 60, NULL, &list);
            ck_assert(status == ASL_OK || status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER);
            ck_assert(status == ASL_OK || list.count == 0);
            (void)asl_record_first_event(bytes.bytes, bytes.size, &id);
            asl_event_list_done(&list);
        }
        bytes.bytes[i] = kept;
        char *exact = malloc(i + 1);
        uint64_t id;
        memcpy(exact, bytes.bytes, i);
        (void)asl_record_first_event(exact, i, &id);
        free(exact);
    }
    asl_buffer_done(&bytes);
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind)
{
    asl_buffer bytes;
    fault_heap heap;
    asl_buffer_init(&bytes, NULL);
    encode_sample(&bytes, 1);
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_event_list list;
        asl_event_list_init(&list, &heap.hook);
        int status =
            asl_record_decode_events(&heap.hook, bytes.bytes, bytes.size, 90, 99, NULL, &list);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        ck_assert_uint_eq(list.count, status == ASL_OK ? 10 : 0);
        asl_event_list_done(&list);
    }
    asl_buffer_done(&bytes);
}
END_TEST

SUITE("history/record_events", any_range_of_events_is_read_as_in_the_whole,
      the_fact_comes_with_them_where_it_is_asked_for, the_first_event_of_a_record_is_known,
      cut_and_changed_bytes_do_no_harm, out_of_memory_leaves_nothing_behind)
