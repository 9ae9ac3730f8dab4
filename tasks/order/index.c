/* The index of orders: "s/STATUS/ID" and "r/HASH/ID".
 *
 * A restaurant's name is as long as a key may be, so its hash stands for it (FNV-1a, 64 bits).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "order/rules.h"

static const char *const statuses[] = {ORDER_QUEUED, ORDER_PENDING, ORDER_SUCCESS, ORDER_FAILURE,
                                       ORDER_CANCELLED};
#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

bool order_is_status(const char *text)
{
    for (size_t i = 0; text != NULL && i < STATUS_COUNT; i++) {
        if (strcmp(statuses[i], text) == 0)
            return true;
    }
    return false;
}

size_t order_index_status(char key[ASL_TABLE_KEY_MAX], const char *status)
{
    return (size_t)snprintf(key, ASL_TABLE_KEY_MAX, "s/%s/", status);
}

size_t order_index_restaurant(char key[ASL_TABLE_KEY_MAX], const char *name, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3u;
    return (size_t)snprintf(key, ASL_TABLE_KEY_MAX, "r/%016" PRIx64 "/", hash);
}

/* Adds the order's id, which is an execution's name: at most 80 characters of four bytes would not
 * fit, and are no id of ours. Returns the size, 0 where it does not fit. */
static size_t add_id(char key[ASL_TABLE_KEY_MAX], size_t size, const char *id)
{
    size_t id_size = strlen(id);
    if (id_size > ASL_TABLE_KEY_MAX - size)
        return 0;
    memcpy(key + size, id, id_size);
    return size + id_size;
}

void order_put(asl_writes *writes, const char *id, const asl_value *row)
{
    char key[ASL_TABLE_KEY_MAX];
    const char *status = order_text(order_get(row, "orderStatus"), NULL);
    asl_writes_put_value(writes, ORDER_TABLE, id, strlen(id), row);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        size_t size = add_id(key, order_index_status(key, statuses[i]), id);
        if (size > 0 && status != NULL && strcmp(statuses[i], status) == 0)
            asl_writes_put(writes, ORDER_INDEX_TABLE, key, size, "", 0);
        else if (size > 0)
            asl_writes_delete(writes, ORDER_INDEX_TABLE, key, size);
    }
    size_t name_size = 0;
    const char *name = order_text(order_get(row, "restaurantId"), &name_size);
    size_t size = name != NULL ? add_id(key, order_index_restaurant(key, name, name_size), id) : 0;
    if (size > 0)
        asl_writes_put(writes, ORDER_INDEX_TABLE, key, size, "", 0);
}
