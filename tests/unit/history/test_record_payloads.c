/* Edits in parts of a record: payloads that were passed over are made when one that is wanted needs
 * them, also where they are long out of reach by then, and not before. */
#include "base/buffer.h"
#include "events.h"
#include "fault_heap.h"
#include "history/record.h"

#define DOCUMENTS 150u

/* A document of over 1 KiB whose first member is its number. */
static asl_value *first_document(void)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_buffer_text(&text, "{\"number\":0,\"rows\":[");
    for (unsigned i = 0; i < 100; i++)
        asl_buffer_format(&text, "%s\"row %u\"", i > 0 ? "," : "", i);
    asl_buffer_text(&text, "]}");
    asl_value *document = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text.bytes, text.size, 0, &document, NULL), ASL_OK);
    asl_buffer_done(&text);
    return document;
}

/* The same with `number` changed, and `keys` new members. */
static asl_value *next_document(const asl_value *document, unsigned number, unsigned keys)
{
    asl_value *next = asl_value_ref(document);
    ck_assert_int_eq(asl_value_set(&next, "number", asl_value_integer(NULL, number)), ASL_OK);
    for (unsigned i = 0; i < keys; i++) {
        char text[24];
        snprintf(text, sizeof text, "key %u of %u", i, number);
        ck_assert_int_eq(asl_value_set(&next, text, asl_value_string(NULL, text)), ASL_OK);
    }
    return next;
}

static asl_event event_of(uint64_t id, asl_value *value)
{
    return (asl_event){.type = ASL_EVENT_PASS_STATE_EXITED, .id = id, .value = value};
}

static void encode(asl_buffer *bytes, const asl_event *entries, size_t count)
{
    const asl_fact fact = {.kind = ASL_FACT_TIMER, .time_ms = 17};
    asl_buffer_init(bytes, NULL);
    asl_record_encode(bytes, &fact, entries, count);
    ck_assert_int_eq(bytes->status, ASL_OK);
}

/* Reads the events `first` to `last` of `entries`, whose ids count from 1. */
static void check_range(const asl_buffer *bytes, const asl_event *entries, size_t first,
                        size_t last)
{
    asl_event_list list;
    asl_event_list_init(&list, NULL);
    ck_assert_int_eq(
        asl_record_decode_events(NULL, bytes->bytes, bytes->size, first, last, NULL, &list),
        ASL_OK);
    ck_assert_uint_eq(list.count, last - first + 1);
    for (size_t i = 0; i < list.count; i++) {
        char *text = NULL;
        ck_assert_uint_eq(list.items[i].id, first + i);
        ck_assert_int_eq(asl_value_print(entries[first + i - 1].value, 0, &text, NULL), ASL_OK);
        ck_assert(prints_as(list.items[i].value, text));
        asl_text_free(text);
    }
    asl_event_list_done(&list);
}

static void encode_documents(asl_buffer *bytes, asl_event *entries)
{
    asl_value *document = first_document();
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        entries[i] = event_of(i + 1, document);
        document = next_document(document, i + 1, 0);
    }
    asl_value_unref(document);
    encode(bytes, entries, DOCUMENTS);
}

static void free_entries(asl_event *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        asl_value_unref(entries[i].value);
}

START_TEST(any_range_of_edits_is_read_as_in_the_whole)
{
    asl_buffer bytes;
    asl_event entries[DOCUMENTS];
    encode_documents(&bytes, entries);
    ck_assert_int_eq(bytes.bytes[0], ASL_RECORD_FORMAT_EDITS);
    ck_assert_uint_lt(bytes.size, 1200 + DOCUMENTS * 20);
    for (size_t first = 1; first <= DOCUMENTS; first += 7)
        for (size_t last = first; last <= DOCUMENTS; last += 11)
            check_range(&bytes, entries, first, last);
    free_entries(entries, DOCUMENTS);
    asl_buffer_done(&bytes);
}
END_TEST

/* Two documents with `between` numbers between them, and `behind` more before the second, which
 * alone is wanted, comes again. */
static void check_distances(unsigned between, unsigned behind)
{
    asl_event entries[256];
    size_t count = 0;
    asl_buffer bytes;
    entries[0] = event_of(++count, first_document());
    for (unsigned i = 0; i < between; i++, count++)
        entries[count] = event_of(count + 1, asl_value_integer(NULL, 1000 + i));
    asl_value *second = next_document(entries[0].value, 7, 7);
    entries[count] = event_of(count + 1, second);
    count++;
    for (unsigned i = 0; i < behind; i++, count++)
        entries[count] = event_of(count + 1, asl_value_integer(NULL, 2000 + i));
    entries[count] = event_of(count + 1, next_document(second, 8, 0));
    count++;
    encode(&bytes, entries, count);
    check_range(&bytes, entries, count, count);
    check_range(&bytes, entries, 1, count);
    free_entries(entries, count);
    asl_buffer_done(&bytes);
}

START_TEST(edits_at_every_distance_come_back)
{
    for (unsigned between = 0; between < 70; between++)
        for (unsigned behind = 0; behind < 70; behind++)
            check_distances(between, behind);
}
END_TEST

START_TEST(an_edited_document_inside_another_comes_back)
{
    asl_event entries[4];
    asl_buffer bytes;
    entries[0] = event_of(1, first_document());
    entries[1] = event_of(2, next_document(entries[0].value, 1, 0));
    asl_value *around = asl_value_array(NULL);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_int_eq(asl_value_append(&around, first_document()), ASL_OK);
    entries[2] = event_of(3, asl_value_ref(around));
    ck_assert_int_eq(asl_value_append(&around, asl_value_ref(entries[1].value)), ASL_OK);
    entries[3] = event_of(4, around);
    encode(&bytes, entries, 4);
    check_range(&bytes, entries, 1, 4);
    check_range(&bytes, entries, 4, 4);
    free_entries(entries, 4);
    asl_buffer_done(&bytes);
}
END_TEST

START_TEST(edits_that_nobody_wants_are_not_made)
{
    enum { COUNT = 20 };
    asl_event entries[COUNT + 1];
    asl_value *document = first_document();
    asl_buffer bytes;
    fault_heap heap;
    asl_event_list list;
    for (unsigned i = 0; i < COUNT; i++) {
        entries[i] = event_of(i + 1, document);
        document = next_document(document, i + 1, 0);
    }
    asl_value_unref(document);
    entries[COUNT] = event_of(COUNT + 1, asl_value_bool(true));
    encode(&bytes, entries, COUNT + 1);
    fault_heap_init(&heap);
    asl_event_list_init(&list, &heap.hook);
    fault_heap_fail_at(&heap, 0, false);
    ck_assert_int_eq(asl_record_decode_events(&heap.hook, bytes.bytes, bytes.size, COUNT + 1,
                                              COUNT + 1, NULL, &list),
                     ASL_OK);
    ck_assert(prints_as(list.items[0].value, "true"));
    ck_assert_uint_lt(heap.peak_bytes, 1000);
    asl_event_list_done(&list);
    ck_assert(fault_heap_is_empty(&heap));
    free_entries(entries, COUNT + 1);
    asl_buffer_done(&bytes);
}
END_TEST

START_TEST(the_first_event_behind_edits_is_known)
{
    uint64_t id = 0;
    asl_event_list list;
    asl_event_list_init(&list, NULL);
    asl_buffer bytes;
    asl_event entries[DOCUMENTS];
    encode_documents(&bytes, entries);
    asl_buffer_done(&bytes);
    for (size_t i = 0; i + 1 < DOCUMENTS; i++) {
        entries[i].type = ASL_NOTE_RETRY;
        entries[i].id = 0;
    }
    encode(&bytes, entries, DOCUMENTS);
    ck_assert_int_eq(asl_record_first_event(bytes.bytes, bytes.size, &id), ASL_OK);
    ck_assert_uint_eq(id, DOCUMENTS);
    *(char *)memchr(bytes.bytes, '{', bytes.size) = 'x'; /* and no value is made for that */
    ck_assert_int_eq(asl_record_first_event(bytes.bytes, bytes.size, &id), ASL_OK);
    ck_assert_int_eq(
        asl_record_decode_events(NULL, bytes.bytes, bytes.size, 1, DOCUMENTS, NULL, &list),
        ASL_STORE_CORRUPT);
    ck_assert_uint_eq(list.count, 0);
    free_entries(entries, DOCUMENTS);
    asl_buffer_done(&bytes);
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind)
{
    asl_buffer bytes;
    fault_heap heap;
    asl_event entries[DOCUMENTS];
    encode_documents(&bytes, entries);
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_event_list list;
        asl_event_list_init(&list, &heap.hook);
        int status =
            asl_record_decode_events(&heap.hook, bytes.bytes, bytes.size, 140, 142, NULL, &list);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        ck_assert_uint_eq(list.count, status == ASL_OK ? 3 : 0);
        asl_event_list_done(&list);
    }
    free_entries(entries, DOCUMENTS);
    asl_buffer_done(&bytes);
}
END_TEST

SUITE("history/record_payloads", any_range_of_edits_is_read_as_in_the_whole,
      edits_at_every_distance_come_back, an_edited_document_inside_another_comes_back,
      edits_that_nobody_wants_are_not_made, the_first_event_behind_edits_is_known,
      out_of_memory_leaves_nothing_behind)
