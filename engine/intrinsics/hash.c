/* States.Hash. */
#include "base/hash.h"
#include "base/utf8.h"
#include "intrinsics/call.h"

/* A string is hashed as it is, anything else as its JSON text. */
static int hash_bytes(const asl_intrinsic_run *run, const char *bytes, size_t size,
                      asl_value **ret_value)
{
    if (asl_utf8_count(bytes, size) > ASL_INTRINSIC_TEXT_MAX)
        return asl_intrinsic_refuse(run, "argument 1 is longer than %u characters",
                                    ASL_INTRINSIC_TEXT_MAX);
    char hex[2 * ASL_HASH_BYTES_MAX];
    size_t hex_size = 0;
    asl_error *error = NULL;
    int status = asl_hash_hex(asl_value_get_string(run->arguments[1], NULL), bytes, size, hex,
                              &hex_size, &error);
    if (status == ASL_NOT_FOUND && error == NULL)
        return asl_intrinsic_refuse(run,
                                    "argument 2 must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
    if (error != NULL)
        status = asl_intrinsic_refuse(run, "%s", asl_error_message(error));
    asl_error_free(error);
    if (status != ASL_OK)
        return status;
    *ret_value = asl_value_string_sized(run->heap, hex, hex_size);
    return *ret_value != NULL ? ASL_OK : ASL_NOMEM;
}

int asl_intrinsic_hash(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_string(run, 1);
    if (status != ASL_OK)
        return status;
    size_t size;
    const char *string = asl_value_get_string(run->arguments[0], &size);
    if (string)
        return hash_bytes(run, string, size, ret_value);
    asl_cleanup(asl_value_cleanup) asl_value *compact = asl_value_compact(run->arguments[0]);
    if (!compact)
        return ASL_NOMEM;
    asl_buffer buffer;
    asl_buffer_init(&buffer, run->heap);
    asl_value_print_to(compact, &buffer);
    const char *printed = asl_buffer_string(&buffer);
    status = printed ? hash_bytes(run, printed, buffer.size, ret_value) : ASL_NOMEM;
    asl_buffer_done(&buffer);
    return status;
}
