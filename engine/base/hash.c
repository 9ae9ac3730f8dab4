/* Hashes: the module is loaded once for all threads. */
#include "base/hash.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/module.h"

typedef int hash_function(const char *algorithm, const void *bytes, size_t size,
                          unsigned char out[ASL_HASH_BYTES_MAX], size_t *ret_size);

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static hash_function *loaded_hash;

static int load(hash_function **ret_hash, asl_error **error)
{
    pthread_mutex_lock(&load_lock);
    int status = ASL_OK;
    if (loaded_hash == NULL) {
        void *symbol = NULL;
        status = asl_module_symbol("crypto", NULL, "asl_crypto_hash", &symbol, error);
        if (status == ASL_OK)
            memcpy(&loaded_hash, &symbol, sizeof symbol);
    }
    *ret_hash = loaded_hash;
    pthread_mutex_unlock(&load_lock);
    return status;
}

int asl_hash_hex(const char *algorithm, const void *bytes, size_t size,
                 char hex[2 * ASL_HASH_BYTES_MAX], size_t *ret_size, asl_error **error)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[ASL_HASH_BYTES_MAX];
    size_t digest_size = 0;
    hash_function *hash = NULL;
    int status = load(&hash, error);
    if (status == ASL_OK)
        status = hash(algorithm, bytes, size, digest, &digest_size);
    if (status != ASL_OK)
        return status;
    for (size_t i = 0; i < digest_size; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    *ret_size = 2 * digest_size;
    return ASL_OK;
}
