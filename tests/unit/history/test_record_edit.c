/* Edits: a large document that changes in a few places is stored once, comes back as it was, and
 * hostile edits do no harm. */
#include "base/buffer.h"
#include "events.h"
#include "fault_heap.h"
#include "history/record.h"
#include "history/record_edit.h"

/* {"doc": {"meta": {...}, "rows": [... long ...], "step": null}, "tail": [...]} */
static asl_value *large_document(const asl_heap *heap)
{
    asl_buffer text;
    asl_buffer_init(&text, heap);
    asl_buffer_text(&text, "{\"doc\":{\"meta\":{\"tag\":\"t\"},\"rows\":[");
    for (unsigned i = 0; i < 100; i++)
        asl_buffer_format(&text, "%s{\"id\":%u,\"note\":\"row %u\"}", i > 0 ? "," : "", i, i);
    asl_buffer_text(&text, "],\"step\":null},\"tail\":[1,2,3]}");
    asl_value *value = NULL;
    if (text.status == ASL_OK)
        (void)asl_value_parse(heap, text.bytes, text.size, 0, &value, NULL);
    asl_buffer_done(&text);
    return value;
}

/* The value of a JSON text, without it. */
static asl_value *plain(const char *text)
{
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text, strlen(text), 0, &value, NULL), ASL_OK);
    return value;
}

/* The document with `item` at doc.step (NULL: left as it is); what is around it is shared. */
static asl_value *with_step(const asl_value *document, asl_value *item)
{
    asl_value *root = asl_value_ref(document);
    asl_value *doc = asl_value_ref(asl_value_get(document, "doc"));
    ck_assert_int_eq(asl_value_set(&doc, "step", item), ASL_OK);
    ck_assert_int_eq(asl_value_set(&root, "doc", doc), ASL_OK);
    return root;
}

static void assert_prints_same(const asl_value *left, const asl_value *right)
{
    char *text = NULL;
    ck_assert_int_eq(asl_value_print(left, 0, &text, NULL), ASL_OK);
    ck_assert(prints_as(right, text));
    asl_text_free(text);
}

static void encode(asl_buffer *bytes, const asl_heap *heap, asl_value *const *values, size_t count)
{
    asl_event entries[16] = {{.type = ASL_EVENT_NONE}};
    for (size_t i = 0; i < count; i++)
        entries[i] =
            (asl_event){.type = ASL_EVENT_PASS_STATE_EXITED, .id = i + 1, .value = values[i]};
    const asl_fact fact = {.kind = ASL_FACT_TIMER};
    asl_buffer_init(bytes, heap);
    asl_record_encode(bytes, &fact, entries, count);
}

/* The size of a record of events with these values, which come back. */
static size_t stored_size(asl_value *const *values, size_t count)
{
    asl_buffer bytes;
    asl_event_list entries;
    asl_fact fact;
    encode(&bytes, NULL, values, count);
    ck_assert_int_eq(bytes.status, ASL_OK);
    asl_event_list_init(&entries, NULL);
    ck_assert_int_eq(asl_record_decode(NULL, bytes.bytes, bytes.size, &fact, &entries), ASL_OK);
    ck_assert_uint_eq(entries.count, count);
    for (size_t i = 0; i < count; i++)
        assert_prints_same(values[i], entries.items[i].value);
    size_t size = bytes.size;
    asl_event_list_done(&entries);
    asl_buffer_done(&bytes);
    return size;
}

static void free_values(asl_value **values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        asl_value_unref(values[i]);
}

START_TEST(a_document_that_changes_in_one_place_is_stored_once)
{
    asl_value *values[12] = {large_document(NULL)};
    for (int64_t i = 1; i < 12; i++)
        values[i] = with_step(values[i - 1], asl_value_integer(NULL, i));
    size_t one = stored_size(values, 1);
    ck_assert_uint_gt(one, 2000);
    ck_assert_uint_lt(stored_size(values, 12), one + 12 * 20);
    free_values(values, 12);
}
END_TEST

START_TEST(members_and_items_that_are_added_come_back)
{
    asl_value *values[4] = {large_document(NULL)};
    values[1] = asl_value_ref(values[0]);
    ck_assert_int_eq(asl_value_set(&values[1], "new", plain("{\"a\":[]}")), ASL_OK);
    values[2] = asl_value_ref(values[1]);
    asl_value *tail = asl_value_ref(asl_value_get(values[1], "tail"));
    ck_assert_int_eq(asl_value_append(&tail, asl_value_string(NULL, "four")), ASL_OK);
    ck_assert_int_eq(asl_value_set(&values[2], "tail", tail), ASL_OK);
    asl_value *doc = asl_value_ref(asl_value_get(values[2], "doc"));
    asl_value *rows = asl_value_ref(asl_value_get(doc, "rows"));
    ck_assert_int_eq(asl_value_append(&rows, asl_value_bool(true)), ASL_OK);
    ck_assert_int_eq(asl_value_replace(&rows, 7, asl_value_string(NULL, "seven")), ASL_OK);
    ck_assert_int_eq(asl_value_set(&doc, "rows", rows), ASL_OK);
    values[3] = asl_value_ref(values[2]);
    ck_assert_int_eq(asl_value_set(&values[3], "doc", doc), ASL_OK);
    size_t one = stored_size(values, 1);
    ck_assert_uint_lt(stored_size(values, 4), one + 150);
    free_values(values, 4);
}
END_TEST

START_TEST(what_is_no_edit_is_stored_whole)
{
    asl_value *document = large_document(NULL);
    asl_value *less = asl_value_object(NULL); /* the same without its tail */
    ck_assert_int_eq(asl_value_set(&less, "doc", asl_value_ref(asl_value_get(document, "doc"))),
                     ASL_OK);
    asl_value *other = large_document(NULL); /* equal, and not the same anywhere */
    asl_value *values[3] = {document, less, other};
    stored_size(values, 3);
    asl_edit edit;
    ck_assert(!asl_edit_find(document, less, &edit));
    ck_assert(!asl_edit_find(document, asl_value_null(), &edit));
    free_values(values, 3);
}
END_TEST

START_TEST(white_space_of_the_first_document_stays_its_own)
{
    asl_value *compact = large_document(NULL);
    char *text = NULL;
    size_t size;
    ck_assert_int_eq(asl_value_print(compact, ASL_PRINT_PRETTY, &text, &size), ASL_OK);
    asl_value *kept = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text, size, ASL_PARSE_KEEP_TEXT, &kept, NULL), ASL_OK);
    asl_value *values[3] = {kept, asl_value_compact(kept), NULL};
    values[2] = with_step(values[1], asl_value_bool(true));
    ck_assert(prints_as(values[0], text));
    stored_size(values, 3);
    asl_value *straight[2] = {kept, values[2]};
    stored_size(straight, 2);
    asl_text_free(text);
    asl_value_unref(compact);
    free_values(values, 3);
}
END_TEST

START_TEST(text_that_is_kept_below_the_root_comes_back)
{
    asl_value *kept = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, "[1,  2]", 7, ASL_PARSE_KEEP_TEXT, &kept, NULL), ASL_OK);
    asl_value *values[3] = {large_document(NULL)};
    values[1] = with_step(values[0], kept);
    values[2] = with_step(values[1], asl_value_integer(NULL, 5));
    stored_size(values, 3);
    free_values(values, 3);
}
END_TEST

START_TEST(some_events_of_a_record_with_edits_are_read)
{
    asl_value *values[12] = {large_document(NULL)};
    for (int64_t i = 1; i < 12; i++)
        values[i] = with_step(values[i - 1], plain("{\"deep\":[1]}"));
    asl_buffer bytes;
    encode(&bytes, NULL, values, 12);
    uint64_t id = 0;
    ck_assert_int_eq(asl_record_first_event(bytes.bytes, bytes.size, &id), ASL_OK);
    ck_assert_uint_eq(id, 1);
    for (uint64_t first = 1; first <= 12; first++) {
        for (uint64_t last = first; last <= 12; last++) {
            asl_event_list entries;
            asl_event_list_init(&entries, NULL);
            ck_assert_int_eq(asl_record_decode_events(NULL, bytes.bytes, bytes.size, first, last,
                                                      NULL, &entries),
                             ASL_OK);
            ck_assert_uint_eq(entries.count, last - first + 1);
            for (uint64_t i = first; i <= last; i++)
                assert_prints_same(values[i - 1], entries.items[i - first].value);
            asl_event_list_done(&entries);
        }
    }
    asl_buffer_done(&bytes);
    free_values(values, 12);
}
END_TEST

START_TEST(changes_up_to_the_limits_and_past_them_come_back)
{
    /* Nested so that each level is looked into, one past the depth of an edit. */
    for (unsigned depth = 1; depth <= ASL_EDIT_DEPTH_MAX + 1; depth++) {
        asl_value *values[2] = {large_document(NULL), plain("[true]")};
        for (unsigned i = 1; i < depth; i++) {
            asl_value *outer[2] = {asl_value_array(NULL), asl_value_array(NULL)};
            const asl_value *shared = i == 1 ? values[0] : NULL;
            ck_assert_int_eq(asl_value_append(&outer[0], values[0]), ASL_OK);
            ck_assert_int_eq(asl_value_append(&outer[1], values[1]), ASL_OK);
            if (shared)
                ck_assert_int_eq(asl_value_append(&outer[1], asl_value_ref(shared)), ASL_OK);
            values[0] = outer[0];
            values[1] = outer[1];
        }
        stored_size(values, 2);
        free_values(values, 2);
    }
    for (unsigned changes = 1; changes <= ASL_EDIT_CHANGES_MAX + 1; changes++) {
        asl_value *values[2] = {large_document(NULL), NULL};
        values[1] = asl_value_ref(values[0]);
        for (unsigned i = 0; i < changes; i++) {
            char key[8];
            snprintf(key, sizeof key, "k%u", i);
            ck_assert_int_eq(asl_value_set(&values[1], key, asl_value_integer(NULL, i)), ASL_OK);
        }
        asl_edit edit;
        bool is_edit = asl_edit_find(values[0], values[1], &edit);
        ck_assert(is_edit == (changes <= ASL_EDIT_CHANGES_MAX));
        stored_size(values, 2);
        free_values(values, 2);
    }
}
END_TEST

START_TEST(an_edit_that_leads_nowhere_is_corrupt)
{
    asl_value *root = plain("{\"a\":[1,{\"b\":2}],\"c\":3}");
    asl_value *item = asl_value_bool(true);
    asl_value *key = asl_value_string(NULL, "new");
    const asl_edit_change wrong[] = {
        {.depth = 0, .value = item},
        {.path = {2}, .depth = 1, .value = item},                /* a member without a key */
        {.path = {3}, .depth = 1, .key = key, .value = item},    /* not next to the last */
        {.path = {1, 0}, .depth = 2, .value = item},             /* a number has nothing in it */
        {.path = {0, 2}, .depth = 2, .key = key, .value = item}, /* an item with a key */
        {.path = {0, 5, 0}, .depth = 3, .value = item},
        {.path = {2, 0}, .depth = 2, .value = item},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_int_eq(asl_edit_apply(&root, &wrong[i]), ASL_STORE_CORRUPT);
    ck_assert(prints_as(root, "{\"a\":[1,{\"b\":2}],\"c\":3}"));
    const asl_edit_change right = {.path = {0, 1, 1}, .depth = 3, .key = key, .value = item};
    ck_assert_int_eq(asl_edit_apply(&root, &right), ASL_OK);
    ck_assert(prints_as(root, "{\"a\":[1,{\"b\":2,\"new\":true}],\"c\":3}"));
    asl_value_unref(key);
    asl_value_unref(root);
}
END_TEST

static int decode_bytes(const char *bytes, size_t size)
{
    asl_event_list entries;
    asl_fact fact = {.kind = 0};
    asl_event_list_init(&entries, NULL);
    int status = asl_record_decode(NULL, bytes, size, &fact, &entries);
    asl_fact_done(&fact);
    asl_event_list_done(&entries);
    return status;
}

/* The same where only the last of three events is wanted. */
static int decode_last(const char *bytes, size_t size)
{
    uint64_t id;
    asl_event_list entries;
    asl_event_list_init(&entries, NULL);
    (void)asl_record_first_event(bytes, size, &id);
    int status = asl_record_decode_events(NULL, bytes, size, 3, 3, NULL, &entries);
    asl_event_list_done(&entries);
    return status;
}

/* Of a record with [1,2] and then `between` numbers, one with this edit, and one with another. */
static int decode_edits(unsigned between, const char *edit, size_t size, const char *next,
                        size_t next_size)
{
    asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    asl_buffer_append(&bytes, "\3\1\0", 3);
    asl_buffer_varint(&bytes, between + (next_size > 0 ? 3 : 2));
    asl_buffer_append(&bytes, "\x36\x20\x0a[1,2]", 8);
    for (unsigned i = 0; i < between; i++)
        asl_buffer_append(&bytes,
                          "\x36\x20\2"
                          "7",
                          4);
    asl_buffer_append(&bytes, "\x36\x20", 2);
    asl_buffer_append(&bytes, edit, size);
    if (next_size > 0)
        asl_buffer_append(&bytes, "\x36\x20", 2);
    asl_buffer_append(&bytes, next, next_size);
    ck_assert_int_eq(bytes.status, ASL_OK);
    int status = decode_bytes(bytes.bytes, bytes.size);
    asl_buffer_done(&bytes);
    return status;
}

START_TEST(hostile_edits_are_corrupt)
{
    static const struct {
        const char *bytes;
        size_t size;
        int status;
    } edits[] = {
        {"\1\1\1\2\0\2x", 7, ASL_STORE_CORRUPT}, /* no JSON */
        {"\1\1\1\2\0\0023", 7, ASL_OK},
        {"\1\1\1\2\2\0023", 7, ASL_OK},            /* one behind the last */
        {"\1\1\1\2\3\0023", 7, ASL_STORE_CORRUPT}, /* two behind it */
        {"\1\1\0", 3, ASL_OK},                     /* no change */
        {"\1\0\0", 3, ASL_STORE_CORRUPT},          /* of itself */
        {"\1\2\0", 3, ASL_STORE_CORRUPT},          /* of none */
        {"\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0", 12, ASL_STORE_CORRUPT},
        {"\1\1\x09", 3, ASL_STORE_CORRUPT}, /* too many changes */
        {"\1\1\xff\xff\xff\xff\xff\1", 8, ASL_STORE_CORRUPT},
        {"\1\1\1\0\0023", 6, ASL_STORE_CORRUPT},                      /* of the root itself */
        {"\1\1\1\x12\0\0\0\0\0\0\0\0\0\0023", 15, ASL_STORE_CORRUPT}, /* too deep a way */
        {"\1\1\1\2\0\3", 6, ASL_OK},                                  /* what was before it */
        {"\1\1\1\2\0\1", 6, ASL_STORE_CORRUPT},                       /* an edit in it */
        {"\1\1\1\2\0\5", 6, ASL_STORE_CORRUPT},                       /* none */
        {"\1\1\1\3\2\6\"k\"\0023", 11, ASL_STORE_CORRUPT},            /* a key in an array */
        {"\1\1\1\2\0\xff\xff\xff\xff\x1f", 10, ASL_STORE_CORRUPT},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        ck_assert_msg(decode_edits(0, edits[i].bytes, edits[i].size, "", 0) == edits[i].status,
                      "edit %zu", i);
}
END_TEST

START_TEST(parts_of_an_edit_are_no_edits)
{
    static const char edit[] = "\1\1\1\2\0\0023";
    ck_assert_int_eq(decode_edits(0, edit, 7, "\1\1\1\2\0\5", 6), ASL_OK);
    ck_assert_int_eq(decode_edits(0, edit, 7, "\1\1\1\2\0\3", 6), ASL_STORE_CORRUPT);
}
END_TEST

START_TEST(an_edit_refers_less_far_than_a_payload)
{
    char edit[] = "\1?\1\2\0\0023", part[] = "\1\1\1\2\0?";
    for (unsigned distance = 1; distance <= 70; distance++) {
        char whole = (char)(distance * 2 + 1);
        bool is_near = distance <= 47;
        int wanted = is_near ? ASL_OK : ASL_STORE_CORRUPT;
        edit[1] = (char)distance;
        ck_assert_int_eq(decode_edits(distance - 1, edit, 7, "", 0), wanted);
        part[1] = (char)distance;
        part[5] = whole;
        if (distance < 64)
            ck_assert_int_eq(decode_edits(distance - 1, part, 6, "", 0), wanted);
    }
}
END_TEST

START_TEST(a_way_that_is_too_wide_is_corrupt)
{
    asl_value *root = asl_value_array(NULL), *item = asl_value_bool(true);
    const asl_edit_change change = {.path = {0}, .depth = 1, .value = item};
    for (unsigned i = 0; i < ASL_EDIT_CHILDREN_MAX; i++)
        ck_assert_int_eq(asl_value_append(&root, asl_value_integer(NULL, i)), ASL_OK);
    ck_assert_int_eq(asl_edit_apply(&root, &change), ASL_OK);
    ck_assert_int_eq(asl_value_append(&root, asl_value_null()), ASL_OK);
    ck_assert_int_eq(asl_edit_apply(&root, &change), ASL_STORE_CORRUPT);
    asl_value_unref(root);
}
END_TEST

START_TEST(a_record_may_have_flags_and_edits)
{
    asl_value *values[2] = {large_document(NULL)};
    values[1] = with_step(values[0], asl_value_bool(true));
    const asl_fact fact = {.kind = ASL_FACT_START, .value = values[0], .flags = 5};
    const asl_event entry = {.type = ASL_EVENT_PASS_STATE_EXITED, .id = 1, .value = values[1]};
    asl_buffer bytes;
    asl_event_list entries;
    asl_fact back;
    asl_buffer_init(&bytes, NULL);
    asl_event_list_init(&entries, NULL);
    asl_record_encode(&bytes, &fact, &entry, 1);
    ck_assert_int_eq(bytes.status, ASL_OK);
    ck_assert_int_eq(bytes.bytes[0], ASL_RECORD_FORMAT_EDITS);
    ck_assert_int_eq(asl_record_decode(NULL, bytes.bytes, bytes.size, &back, &entries), ASL_OK);
    ck_assert_uint_eq(back.flags, 5);
    assert_prints_same(entries.items[0].value, values[1]);
    bytes.bytes[0] = ASL_RECORD_FORMAT_FLAGS; /* which knows no edits */
    ck_assert_int_eq(decode_bytes(bytes.bytes, bytes.size), ASL_STORE_CORRUPT);
    asl_fact_done(&back);
    asl_event_list_done(&entries);
    asl_buffer_done(&bytes);
    free_values(values, 2);
}
END_TEST

START_TEST(any_changed_byte_of_an_edit_is_safe)
{
    asl_value *values[3] = {large_document(NULL)};
    values[1] = with_step(values[0], plain("{\"x\":1}"));
    values[2] = asl_value_ref(values[1]);
    ck_assert_int_eq(asl_value_set(&values[2], "new", asl_value_string(NULL, "n")), ASL_OK);
    asl_buffer bytes;
    encode(&bytes, NULL, values, 3);
    ck_assert_int_eq(bytes.bytes[0], ASL_RECORD_FORMAT_EDITS);
    size_t edits = stored_size(values, 1) - 2;
    for (size_t i = edits; i < bytes.size; i++) {
        char kept = bytes.bytes[i];
        for (int change = 1; change < 256; change++) {
            bytes.bytes[i] = (char)(kept ^ change);
            int status = decode_bytes(bytes.bytes, bytes.size);
            ck_assert(status == ASL_OK || status == ASL_STORE_CORRUPT);
            status = decode_last(bytes.bytes, bytes.size);
            ck_assert(status == ASL_OK || status == ASL_STORE_CORRUPT);
        }
        bytes.bytes[i] = kept;
    }
    for (size_t size = edits; size < bytes.size; size++)
        ck_assert_int_eq(decode_bytes(bytes.bytes, size), ASL_STORE_CORRUPT);
    bytes.bytes[0] = 1; /* which knows no edits */
    ck_assert_int_eq(decode_bytes(bytes.bytes, bytes.size), ASL_STORE_CORRUPT);
    asl_buffer_done(&bytes);
    free_values(values, 3);
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind)
{
    asl_value *values[3] = {large_document(NULL)};
    values[1] = with_step(values[0], plain("{\"x\":1}"));
    values[2] = with_step(values[1], asl_value_string(NULL, "last"));
    asl_buffer sample;
    encode(&sample, NULL, values, 3);
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_event_list entries;
        asl_fact fact = {.kind = 0};
        asl_event_list_init(&entries, &heap.hook);
        int status = asl_record_decode(&heap.hook, sample.bytes, sample.size, &fact, &entries);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        asl_event_list_done(&entries);
    }
    asl_buffer_done(&sample);
    free_values(values, 3);
}
END_TEST

SUITE("history/record_edit", a_document_that_changes_in_one_place_is_stored_once,
      members_and_items_that_are_added_come_back, what_is_no_edit_is_stored_whole,
      white_space_of_the_first_document_stays_its_own, text_that_is_kept_below_the_root_comes_back,
      some_events_of_a_record_with_edits_are_read, changes_up_to_the_limits_and_past_them_come_back,
      an_edit_that_leads_nowhere_is_corrupt, a_way_that_is_too_wide_is_corrupt,
      hostile_edits_are_corrupt, parts_of_an_edit_are_no_edits,
      an_edit_refers_less_far_than_a_payload, a_record_may_have_flags_and_edits,
      any_changed_byte_of_an_edit_is_safe, out_of_memory_leaves_nothing_behind)
