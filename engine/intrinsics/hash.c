/* States.Hash. The module with libcrypto is loaded at the first call. */
#include <pthread.h>
#include <string.h>

#include "base/module.h"
#include "base/utf8.h"
#include "intrinsics/call.h"

typedef int hash_function(const char *algorithm, const void *bytes, size_t size,
                          unsigned char out[64], size_t *ret_size);

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static hash_function *loaded_hash;

static int load(const asl_intrinsic_run *run, hash_function **ret_hash)
{
    pthread_mutex_lock(&load_lock);
    int status = ASL_OK;
    if (!loaded_hash) {
        void *symbol = NULL;
        asl_error *error = NULL;
        status = asl_module_symbol("crypto", NULL, "asl_crypto_hash", &symbol, &error);
        if (status == ASL_OK)
            memcpy(&loaded_hash, &symbol, sizeof symbol);
        else
            status = asl_intrinsic_refuse(run, "%s", asl_error_message(error));
        asl_error_free(error);
    }
    *ret_hash = loaded_hash;
    pthread_mutex_unlock(&load_lock);
    return status;
}

static int finish(const asl_intrinsic_run *run, const unsigned char *digest, size_t size,
                  asl_value **ret_value)
{
    static const char digits[] = "0123456789abcdef";
    char text[128];
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    *ret_value = asl_value_string_sized(run->heap, text, 2 * size);
    return *ret_value ? ASL_OK : ASL_NOMEM;
}

/* A string is hashed as it is, anything else as its JSON text. */
static int hash_bytes(const asl_intrinsic_run *run, const char *bytes, size_t size,
                      asl_value **ret_value)
{
    if (asl_utf8_count(bytes, size) > ASL_INTRINSIC_TEXT_MAX)
        return asl_intrinsic_refuse(run, "argument 1 is longer than %u characters",
                                    ASL_INTRINSIC_TEXT_MAX);
    hash_function *hash = NULL;
    int status = load(run, &hash);
    if (status != ASL_OK)
        return status;
    unsigned char digest[64];
    size_t digest_size = 0;
    status = hash(asl_value_get_string(run->arguments[1], NULL), bytes, size, digest, &digest_size);
    if (status == ASL_NOT_FOUND)
        return asl_intrinsic_refuse(run,
                                    "argument 2 must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
    return status == ASL_OK ? finish(run, digest, digest_size, ret_value) : status;
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
