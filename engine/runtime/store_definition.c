/* The definition an execution is pinned to, out of the store. It was accepted when the execution
 * started, so that it is refused now means that the store is damaged or was written by a newer
 * version. */
#include "base/cleanup.h"
#include "base/error.h"
#include "store/store.h"

int asl_store_definition(asl_store *store, uint64_t number, asl_definition **ret_definition,
                         asl_error **error)
{
    const asl_heap *heap = asl_store_heap(store);
    asl_cleanup(asl_buffer_done) asl_buffer text;
    asl_buffer_init(&text, heap);
    asl_head head;
    int status = asl_store_read_head(store, number, &head, &text, error);
    uint64_t definition = status == ASL_OK ? head.definition : 0;
    asl_buffer_clear(&text);
    if (status == ASL_OK)
        status = asl_store_read_definition(store, definition, &text, error);
    if (status != ASL_OK)
        return status;
    const asl_definition_options options = {.size = sizeof options, .heap = heap};
    status = asl_definition_load(text.size > 0 ? text.bytes : "", text.size, &options,
                                 ret_definition, NULL, error);
    if (status == ASL_INVALID)
        return asl_error_set(error, status,
                             "the stored definition of execution %llu is not valid for this "
                             "version",
                             (unsigned long long)number);
    return status;
}
