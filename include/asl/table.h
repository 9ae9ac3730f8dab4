/* <asl/table.h> - application tables: rows of the host in the engine's store.
 *
 * A table is a name; its rows are bytes under byte keys, in key order. A row is never written on
 * its own: writes are gathered and handed over with what they belong to (a task's result, a start,
 * a stop), and are in the same transaction as the history events of it: all of them happen, or
 * none.
 *
 *     asl_writes *writes = asl_writes_new(NULL);
 *     asl_writes_put_value(writes, "order", id, strlen(id), order);
 *     asl_task_succeed(task, asl_value_null(), writes);
 *
 * Threads: writes belong to one thread until they are handed over. Reading is safe from any thread.
 */
#ifndef ASL_TABLE_H
#define ASL_TABLE_H

#include <asl/store.h>
#include <asl/value.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASL_TABLE_NAME_MAX 64u /* bytes of a table's name: letters, digits, '-', '_' and '.' */
#define ASL_TABLE_KEY_MAX 256u /* bytes of a row's key, at least 1 */

typedef struct asl_writes asl_writes;

/* NULL when out of memory. */
ASL_API asl_writes *asl_writes_new(const asl_heap *heap);
ASL_API void asl_writes_free(asl_writes *writes);

/* Gathers one write; bytes are copied. Errors stick: handing over writes that failed to gather is
 * refused with the same status. ASL_OK, ASL_NOMEM, ASL_MISUSE (a name or key outside the limits).
 */
ASL_API int asl_writes_put(asl_writes *writes, const char *table, const void *key, size_t key_size,
                           const void *row, size_t row_size);
/* The same with the value's compact JSON text as row; `row` is borrowed. */
ASL_API int asl_writes_put_value(asl_writes *writes, const char *table, const void *key,
                                 size_t key_size, const asl_value *row);
ASL_API int asl_writes_delete(asl_writes *writes, const char *table, const void *key,
                              size_t key_size);

/* Reads one row as JSON. ASL_OK with a new value, ASL_NOT_FOUND, ASL_NOMEM, ASL_SYNTAX (the row is
 * no JSON). */
ASL_API int asl_table_get_value(asl_store *store, const char *table, const void *key,
                                size_t key_size, asl_value **ret_row, asl_error **error);

/* Calls `visit` for each row whose key is at least `from` (NULL: from the first), in key order,
 * until it returns false. Key and row are borrowed for the call, which must be short and must not
 * call the store. */
typedef bool (*asl_table_visit)(void *context, const void *key, size_t key_size, const void *row,
                                size_t row_size);
ASL_API int asl_table_scan(asl_store *store, const char *table, const void *from, size_t from_size,
                           asl_table_visit visit, void *context, asl_error **error);
/* The same downwards: for each row whose key is below `before` (NULL: from the last row), in
 * falling key order. */
ASL_API int asl_table_scan_back(asl_store *store, const char *table, const void *before,
                                size_t before_size, asl_table_visit visit, void *context,
                                asl_error **error);

#ifdef __cplusplus
}
#endif
#endif
