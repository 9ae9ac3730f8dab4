/* Records: what goes in comes out, small, and hostile bytes do no harm. */
#include <stdint.h>

#include "base/buffer.h"
#include "events.h"
#include "fault_heap.h"
#include "history/record.h"

typedef struct record {
    asl_buffer bytes;
    asl_fact fact;
    asl_event_list entries;
} record;

static void record_init(record *r, const asl_heap *heap)
{
    memset(r, 0, sizeof *r);
    asl_buffer_init(&r->bytes, heap);
    asl_event_list_init(&r->entries, heap);
}

static void record_done(record *r)
{
    asl_buffer_done(&r->bytes);
    asl_fact_done(&r->fact);
    asl_event_list_done(&r->entries);
}

static bool same_value(const asl_value *left, const asl_value *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    char *text = NULL;
    ck_assert_int_eq(asl_value_print(left, 0, &text, NULL), ASL_OK);
    bool same = prints_as(right, text);
    asl_text_free(text);
    return same;
}

static void assert_same_event(const asl_event *left, const asl_event *right)
{
    ck_assert_int_eq(left->type, right->type);
    ck_assert_uint_eq(left->frame, right->frame);
    ck_assert_uint_eq(left->id, right->id);
    ck_assert_uint_eq(left->previous_id, right->previous_id);
    ck_assert_int_eq(left->time_ms, right->time_ms);
    ck_assert(same_value(left->name, right->name));
    ck_assert(same_value(left->value, right->value));
    ck_assert(same_value(left->extra, right->extra));
    ck_assert(same_value(left->error, right->error));
    ck_assert(same_value(left->cause, right->cause));
    ck_assert(same_value(left->variables, right->variables));
    ck_assert_uint_eq(left->state, right->state);
    ck_assert_uint_eq(left->index, right->index);
    ck_assert_uint_eq(left->count, right->count);
    ck_assert_uint_eq(left->concurrency, right->concurrency);
    ck_assert_int_eq(left->timeout_s, right->timeout_s);
    ck_assert_int_eq(left->heartbeat_s, right->heartbeat_s);
    ck_assert_int_eq(left->due_ms, right->due_ms);
}

static void assert_same_fact(const asl_fact *left, const asl_fact *right)
{
    ck_assert_int_eq(left->kind, right->kind);
    ck_assert_uint_eq(left->frame, right->frame);
    ck_assert_uint_eq(left->event, right->event);
    ck_assert_int_eq(left->time_ms, right->time_ms);
    ck_assert_uint_eq(left->seed, right->seed);
    ck_assert(same_value(left->value, right->value));
    ck_assert(same_value(left->error, right->error));
    ck_assert(same_value(left->cause, right->cause));
    ck_assert(same_value(left->name, right->name));
    ck_assert_uint_eq(left->flags, right->flags);
}

static void assert_round_trip(const asl_fact *fact, const asl_event *entries, size_t count)
{
    record r;
    record_init(&r, NULL);
    asl_record_encode(&r.bytes, fact, entries, count);
    ck_assert_int_eq(r.bytes.status, ASL_OK);
    ck_assert_int_eq(asl_record_decode(NULL, r.bytes.bytes, r.bytes.size, &r.fact, &r.entries),
                     ASL_OK);
    assert_same_fact(fact, &r.fact);
    ck_assert_uint_eq(r.entries.count, count);
    for (size_t i = 0; i < count; i++)
        assert_same_event(&entries[i], &r.entries.items[i]);
    record_done(&r);
}

START_TEST(every_field_comes_back)
{
    asl_fact fact = {.kind = ASL_FACT_STOP,
                     .frame = 3,
                     .event = 17,
                     .time_ms = 1700000000123,
                     .seed = UINT64_MAX,
                     .value = json(NULL, "{\"a\":[1,2.50,null]}"),
                     .error = asl_value_string(NULL, "E"),
                     .cause = asl_value_string(NULL, "because \xc3\xa9"),
                     .name = asl_value_string(NULL, "arn:aws:states:x"),
                     .flags = UINT32_MAX};
    asl_event event = {.type = ASL_EVENT_TASK_SCHEDULED,
                       .frame = UINT32_MAX,
                       .id = 5,
                       .previous_id = 4,
                       .time_ms = 1700000000125,
                       .name = asl_value_string(NULL, "Pay"),
                       .value = json(NULL, "[true,false]"),
                       .extra = json(NULL, "\"role\""),
                       .error = asl_value_string(NULL, "E"),
                       .cause = asl_value_string(NULL, "c"),
                       .variables = json(NULL, "{\"x\":1}"),
                       .state = 9,
                       .index = 1,
                       .count = 2,
                       .concurrency = 3,
                       .timeout_s = -1,
                       .heartbeat_s = 5,
                       .due_ms = 1700000030123};
    assert_round_trip(&fact, &event, 1);
    asl_event_done(&event);
    asl_fact_done(&fact);
}
END_TEST

START_TEST(extreme_numbers_and_absent_values_come_back)
{
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX};
    static const uint64_t ids[] = {0, 1, 2, UINT64_MAX - 1, UINT64_MAX};
    static const uint32_t states[] = {0, 1, UINT32_MAX - 1, UINT32_MAX};
    for (size_t i = 0; i < 6; i++) {
        const asl_fact fact = {.kind = ASL_FACT_TIMER, .time_ms = times[i]};
        for (size_t j = 0; j < 120; j++) {
            const asl_event entries[2] = {{.type = ASL_NOTE_RETRY,
                                           .time_ms = times[j % 6],
                                           .due_ms = times[j % 5],
                                           .id = ids[j % 5],
                                           .previous_id = ids[(j / 5) % 5],
                                           .state = states[j % 4]},
                                          {.type = ASL_EVENT_PASS_STATE_EXITED,
                                           .id = ids[(j / 3) % 5],
                                           .previous_id = ids[(j + 2) % 5]}};
            assert_round_trip(&fact, entries, 2);
        }
    }
}
END_TEST

START_TEST(a_record_without_entries_comes_back)
{
    const asl_fact fact = {.kind = ASL_FACT_START};
    assert_round_trip(&fact, NULL, 0);
}
END_TEST

START_TEST(text_of_payloads_is_kept_byte_for_byte)
{
    static const char *const texts[] = {
        "[[1, 2,  3], [4]]",  " {\"b\" : 1.0, \"a\":0.10}\n",   "\"\\u00e9\\/\"", "1e2", "-0", "{}",
        "{\"a\":1, \"a\":2}", "123456789012345678901234567890",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        record r;
        record_init(&r, NULL);
        asl_fact fact = {.kind = ASL_FACT_TASK_SUCCEEDED, .value = json(NULL, texts[i])};
        asl_record_encode(&r.bytes, &fact, NULL, 0);
        ck_assert_int_eq(asl_record_decode(NULL, r.bytes.bytes, r.bytes.size, &r.fact, &r.entries),
                         ASL_OK);
        ck_assert(prints_as(r.fact.value, texts[i]));
        asl_fact_done(&fact);
        record_done(&r);
    }
}
END_TEST

START_TEST(a_value_as_deep_as_can_be_built_comes_back)
{
    asl_value *deep = asl_value_array(NULL);
    for (;;) {
        asl_value *outer = asl_value_array(NULL);
        if (asl_value_append(&outer, asl_value_ref(deep)) != ASL_OK) {
            asl_value_unref(outer);
            break;
        }
        asl_value_move(&deep, outer);
    }
    const asl_fact fact = {.kind = ASL_FACT_START, .value = deep};
    assert_round_trip(&fact, NULL, 0);
    asl_value_unref(deep);
}
END_TEST

/* The size of a record of `count` entries that all have this value. */
static size_t size_with(asl_value *const *values, size_t count)
{
    record r;
    record_init(&r, NULL);
    asl_event *entries = calloc(count, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = (asl_event){.type = ASL_EVENT_PASS_STATE_ENTERED,
                                 .id = i + 1,
                                 .previous_id = i,
                                 .value = values[i]};
    const asl_fact fact = {.kind = ASL_FACT_TIMER};
    asl_record_encode(&r.bytes, &fact, entries, count);
    ck_assert_int_eq(asl_record_decode(NULL, r.bytes.bytes, r.bytes.size, &r.fact, &r.entries),
                     ASL_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert(same_value(values[i], r.entries.items[i].value));
    size_t size = r.bytes.size;
    free(entries);
    record_done(&r);
    return size;
}

START_TEST(the_same_payload_is_stored_once)
{
    asl_value *value = json(NULL, "\"0123456789012345678901234567890123456789\"");
    asl_value *equal = json(NULL, "\"0123456789012345678901234567890123456789\"");
    asl_value *values[3] = {value, value, equal};
    size_t one = size_with(values, 1);
    size_t three = size_with(values, 3);
    ck_assert_uint_le(three - one, 2 * 6);
    asl_value_unref(value);
    asl_value_unref(equal);
}
END_TEST

START_TEST(values_that_are_equal_but_spelt_otherwise_stay_apart)
{
    asl_value *values[2] = {json(NULL, "[1,2.0]"), json(NULL, "[1, 2]")};
    size_with(values, 2);
    asl_value_unref(values[0]);
    asl_value_unref(values[1]);
}
END_TEST

START_TEST(payloads_out_of_reach_are_stored_again)
{
    enum { COUNT = 150 };
    asl_value *values[COUNT];
    for (int i = 0; i < COUNT; i++)
        values[i] = asl_value_integer(NULL, i % 75);
    size_with(values, COUNT);
    for (int i = 0; i < COUNT; i++)
        asl_value_unref(values[i]);
}
END_TEST

START_TEST(a_name_that_is_no_string_is_refused)
{
    record r;
    record_init(&r, NULL);
    const asl_event event = {.type = ASL_EVENT_PASS_STATE_ENTERED, .name = asl_value_bool(true)};
    const asl_fact fact = {.kind = ASL_FACT_TIMER};
    asl_record_encode(&r.bytes, &fact, &event, 1);
    ck_assert_int_eq(r.bytes.status, ASL_MISUSE);
    record_done(&r);
}
END_TEST

static int decode_bytes(const char *bytes, size_t size)
{
    record r;
    record_init(&r, NULL);
    int status = asl_record_decode(NULL, bytes, size, &r.fact, &r.entries);
    if (status != ASL_OK)
        ck_assert_uint_eq(r.entries.count, 0);
    record_done(&r);
    return status;
}

START_TEST(hostile_bytes_are_corrupt)
{
    ck_assert_int_eq(decode_bytes("", 0), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\0", 1), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\1", 1), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\2", 1), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\3", 1), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\4", 1), ASL_STORE_NEWER);
    ck_assert_int_eq(decode_bytes("\1\1\0\0", 4), ASL_OK);
    ck_assert_int_eq(decode_bytes("\1\1\0\0\0", 5), ASL_STORE_CORRUPT);     /* more follows */
    ck_assert_int_eq(decode_bytes("\1\12\0\0", 4), ASL_STORE_CORRUPT);      /* no such fact */
    ck_assert_int_eq(decode_bytes("\1\1\x80\2\1\0", 6), ASL_STORE_CORRUPT); /* no such field */
    ck_assert_int_eq(decode_bytes("\2\1\x80\2\1\0", 6), ASL_OK);            /* in version 2 it is */
    ck_assert_int_eq(decode_bytes("\3\1\x80\2\1\0", 6), ASL_OK);            /* and later */
    ck_assert_int_eq(decode_bytes("\2\1\x80\4\1\0", 6), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\1\1\0\1\x3f\0", 6), ASL_STORE_CORRUPT); /* no such type */
    ck_assert_int_eq(decode_bytes("\1\1\0\1\x45\0", 6), ASL_STORE_CORRUPT); /* nor this one */
    ck_assert_int_eq(decode_bytes("\1\1\20\3\0", 5), ASL_STORE_CORRUPT);    /* refers to none */
    ck_assert_int_eq(decode_bytes("\1\1\20\x01\0", 5), ASL_STORE_CORRUPT);  /* to itself */
    ck_assert_int_eq(decode_bytes("\1\1\20\2x\0", 6), ASL_STORE_CORRUPT);   /* no JSON */
    ck_assert_int_eq(decode_bytes("\1\1\40\0021\0", 6), ASL_STORE_CORRUPT); /* no string */
    ck_assert_int_eq(decode_bytes("\1\1\20\xff\xff\xff\xff\x1f", 8), ASL_STORE_CORRUPT);
    ck_assert_int_eq(decode_bytes("\1\1\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 13),
                     ASL_STORE_CORRUPT); /* so many entries, and none there */
}
END_TEST

static void encode_sample(asl_buffer *buffer)
{
    asl_value *order = json(NULL, "{\"quantity\": 3}");
    asl_value *name = asl_value_string(NULL, "Pay");
    const asl_fact fact = {.kind = ASL_FACT_START, .time_ms = 1700000000000, .value = order};
    const asl_event entries[] = {
        {.type = ASL_EVENT_EXECUTION_STARTED, .id = 1, .time_ms = 1700000000000, .value = order},
        {.type = ASL_EVENT_TASK_STATE_ENTERED, .id = 2, .name = name, .value = order, .state = 1},
        {.type = ASL_NOTE_WAITING, .due_ms = 1700000030000},
        {.type = ASL_EVENT_TASK_SCHEDULED, .id = 3, .previous_id = 2, .name = name, .value = order},
    };
    asl_record_encode(buffer, &fact, entries, 4);
    asl_value_unref(order);
    asl_value_unref(name);
}

START_TEST(a_cut_record_is_corrupt_wherever_it_is_cut)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    encode_sample(&buffer);
    for (size_t size = 0; size < buffer.size; size++) {
        char *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, buffer.bytes, size);
        ck_assert_int_eq(decode_bytes(exact, size), ASL_STORE_CORRUPT);
        free(exact);
    }
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(any_changed_byte_is_safe)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    encode_sample(&buffer);
    for (size_t i = 0; i < buffer.size; i++) {
        char kept = buffer.bytes[i];
        for (int change = 1; change < 256; change++) {
            buffer.bytes[i] = (char)(kept ^ change);
            int status = decode_bytes(buffer.bytes, buffer.size);
            ck_assert(status == ASL_OK || status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER);
        }
        buffer.bytes[i] = kept;
    }
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(the_format_is_the_one_that_was_stored)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    encode_sample(&buffer);
    static const char golden[] =
        "\x01"                                                        /* format */
        "\x01\x11\x80\xa0\xab\xfe\xf9\x62\x1e{\"quantity\": 3}"       /* START: time, value */
        "\x04"                                                        /* entries */
        "\x0d\x21\x01\x03"                                            /* id + 1, the same value */
        "\x36\xb5\x08\x01\xff\x9f\xab\xfe\xf9\x62\x0a\"Pay\"\x05\x02" /* time 0, name, state 1 */
        "\x40\x84\x80\x04\xff\x9f\xab\xfe\xf9\x62\xe0\xd4\x03"        /* due 30 s later */
        "\x32\x37\x01\x02\xff\x9f\xab\xfe\xf9\x62\x03\x05";           /* previous: one less */
    ck_assert_uint_eq(buffer.size, sizeof golden - 1);
    ck_assert_mem_eq(buffer.bytes, golden, sizeof golden - 1);
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind)
{
    asl_buffer sample;
    asl_buffer_init(&sample, NULL);
    encode_sample(&sample);
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        record r;
        record_init(&r, &heap.hook);
        asl_event_list *list = &r.entries;
        int status = asl_record_decode(&heap.hook, sample.bytes, sample.size, &r.fact, list);
        if (status == ASL_OK)
            asl_record_encode(&r.bytes, &r.fact, list->items, list->count);
        else
            ck_assert_int_eq(status, ASL_NOMEM);
        if (status == ASL_OK && r.bytes.status == ASL_OK) {
            ck_assert_uint_eq(r.bytes.size, sample.size);
            ck_assert_mem_eq(r.bytes.bytes, sample.bytes, sample.size);
        }
        bool failed = status != ASL_OK || r.bytes.status != ASL_OK;
        ck_assert(failed == fault_heap_failed(&heap));
        record_done(&r);
    }
    asl_buffer_done(&sample);
}
END_TEST

SUITE("history/record", every_field_comes_back, extreme_numbers_and_absent_values_come_back,
      a_record_without_entries_comes_back, text_of_payloads_is_kept_byte_for_byte,
      a_value_as_deep_as_can_be_built_comes_back, the_same_payload_is_stored_once,
      values_that_are_equal_but_spelt_otherwise_stay_apart, payloads_out_of_reach_are_stored_again,
      a_name_that_is_no_string_is_refused, hostile_bytes_are_corrupt,
      a_cut_record_is_corrupt_wherever_it_is_cut, any_changed_byte_is_safe,
      the_format_is_the_one_that_was_stored, out_of_memory_leaves_nothing_behind)
