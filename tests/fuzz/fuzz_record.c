/* Stored records: any bytes are refused or understood, and what is understood is written and read
 * again as the same. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "history/json.h"
#include "history/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct decoded {
    asl_fact fact;
    asl_event_list entries;
} decoded;

static int decode(const void *bytes, size_t size, decoded *ret)
{
    memset(ret, 0, sizeof *ret);
    asl_event_list_init(&ret->entries, NULL);
    return asl_record_decode(NULL, bytes, size, &ret->fact, &ret->entries);
}

static void decoded_done(decoded *record)
{
    asl_fact_done(&record->fact);
    asl_event_list_done(&record->entries);
}

/* The views of all events: none may fail for anything but what a view cannot show. */
static void view(const asl_event_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        asl_value *json = NULL;
        if (asl_event_to_value(&list->items[i], NULL, "eu-west-1", &json) == ASL_OK) {
            asl_event back;
            if (asl_event_from_value(json, NULL, &back, NULL) == ASL_OK)
                asl_event_done(&back);
        }
        asl_value_unref(json);
    }
}

static void encode_again(const decoded *record, asl_buffer *bytes)
{
    asl_buffer_init(bytes, NULL);
    asl_record_encode(bytes, &record->fact, record->entries.items, record->entries.count);
    if (bytes->status != ASL_OK)
        abort();
}

static bool is_in_part(const asl_event *event)
{
    return event->id >= 3 && event->id <= 5;
}

/* Whether both have all their payloads alike. */
static bool has_same_payloads(const asl_event *left, const asl_event *right)
{
    const asl_value *const pairs[][2] = {
        {left->name, right->name},   {left->value, right->value},
        {left->extra, right->extra}, {left->error, right->error},
        {left->cause, right->cause}, {left->variables, right->variables},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][0] == NULL ? pairs[i][1] != NULL : !asl_value_equal(pairs[i][0], pairs[i][1]))
            return false;
    return true;
}

static void compare_part(const asl_event_list *whole, const asl_event_list *part)
{
    size_t found = 0;
    for (size_t i = 0; i < whole->count; i++)
        if (is_in_part(&whole->items[i]))
            if (found == part->count || !has_same_payloads(&whole->items[i], &part->items[found++]))
                abort();
    if (found != part->count)
        abort();
}

/* The middle of a record alone: what is understood as a whole is understood in part, the same. */
static void decode_part(const void *bytes, size_t size, const decoded *whole)
{
    uint64_t id = 0, last = 0;
    bool is_ascending = true;
    asl_event_list list;
    asl_event_list_init(&list, NULL);
    int status = asl_record_first_event(bytes, size, &id);
    for (size_t i = 0; whole != NULL && i < whole->entries.count; i++) {
        uint64_t next = whole->entries.items[i].id;
        is_ascending = is_ascending && (next == 0 || next > last);
        last = next != 0 ? next : last;
    }
    if (whole != NULL && status != ASL_OK)
        abort();
    status = asl_record_decode_events(NULL, bytes, size, 3, 5, NULL, &list);
    if (whole != NULL && is_ascending && status != ASL_OK)
        abort();
    if (whole != NULL && is_ascending)
        compare_part(&whole->entries, &list);
    asl_event_list_done(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoded first, second;
    asl_buffer once, twice;
    int status = decode(data, size, &first);
    if (status != ASL_OK) {
        if (first.entries.count != 0 || (status != ASL_STORE_CORRUPT && status != ASL_STORE_NEWER))
            abort();
        decode_part(data, size, NULL);
        decoded_done(&first);
        return 0;
    }
    decode_part(data, size, &first);
    view(&first.entries);
    encode_again(&first, &once);
    if (decode(once.bytes, once.size, &second) != ASL_OK)
        abort();
    encode_again(&second, &twice);
    if (once.size != twice.size || memcmp(once.bytes, twice.bytes, once.size) != 0)
        abort();
    asl_buffer_done(&once);
    asl_buffer_done(&twice);
    decoded_done(&first);
    decoded_done(&second);
    return 0;
}
