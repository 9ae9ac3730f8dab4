/* Reading the host's tables: the public face of the store's rows. */
#include <asl/table.h>

#include "base/error.h"
#include "store/store.h"
#include "value/value.h"

int asl_table_get_value(asl_store *store, const char *table, const void *key, size_t key_size,
                        asl_value **ret_row, asl_error **error)
{
    const asl_heap *heap = asl_store_heap(store);
    asl_cleanup(asl_buffer_done) asl_buffer row;
    asl_buffer_init(&row, heap);
    int status = asl_store_read_row(store, table, key, key_size, &row, error);
    if (status != ASL_OK)
        return status;
    return asl_value_parse(heap, row.bytes != NULL ? row.bytes : "", row.size, 0, ret_row, error);
}

int asl_table_scan(asl_store *store, const char *table, const void *from, size_t from_size,
                   asl_table_visit visit, void *context, asl_error **error)
{
    return asl_store_scan_rows(store, table, from, from_size, visit, context, error);
}

int asl_table_scan_back(asl_store *store, const char *table, const void *before, size_t before_size,
                        asl_table_visit visit, void *context, asl_error **error)
{
    return asl_store_scan_rows_back(store, table, before, before_size, visit, context, error);
}
