/* The definition that an execution is pinned to: the store keeps its text, and the text loads as it
 * did. */
#include "base/error.h"
#include "store/store.h"

int asl_store_definition(asl_store *store, uint64_t number, asl_definition **ret_definition,
                         asl_error **error)
{
    asl_head head;
    asl_buffer names, text;
    asl_buffer_init(&names, asl_store_heap(store));
    asl_buffer_init(&text, asl_store_heap(store));
    int status = asl_store_read_head(store, number, &head, &names, error);
    if (status == ASL_OK)
        status = asl_store_read_definition(store, head.definition, &text, error);
    if (status == ASL_OK) {
        asl_definition_options options = {.size = sizeof options, .heap = asl_store_heap(store)};
        status = asl_definition_load(text.bytes, text.size, &options, ret_definition, NULL, error);
    }
    if (status == ASL_INVALID)
        (void)asl_error_set(
            error, status,
            "The definition of execution %llu, which the store holds, is not accepted by this "
            "version of the library.",
            (unsigned long long)number);
    asl_buffer_done(&names);
    asl_buffer_done(&text);
    return status;
}
