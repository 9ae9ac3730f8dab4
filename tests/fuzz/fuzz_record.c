/* Stored records: any bytes are refused or understood, and what is understood is written and read
 * again as the same. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoded first, second;
    asl_buffer once, twice;
    int status = decode(data, size, &first);
    if (status != ASL_OK) {
        if (first.entries.count != 0 || (status != ASL_STORE_CORRUPT && status != ASL_STORE_NEWER))
            abort();
        decoded_done(&first);
        return 0;
    }
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
