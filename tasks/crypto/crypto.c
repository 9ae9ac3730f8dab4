/* Hashes and keyed hashes, in a module of their own: linked into the library, libcrypto would cost
 * a millisecond and more than a megabyte at every start, and most workflows hash nothing. */
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "crypto.h"

/* The names that the language knows, and only these. */
static const EVP_MD *algorithm_of(const char *name)
{
    static const char *const names[] = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"};
    const EVP_MD *const algorithms[] = {EVP_md5(), EVP_sha1(), EVP_sha256(), EVP_sha384(),
                                        EVP_sha512()};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return algorithms[i];
    return NULL;
}

int asl_crypto_hash(const char *algorithm, const void *bytes, size_t size, unsigned char out[64],
                    size_t *ret_size)
{
    const EVP_MD *digest = algorithm_of(algorithm);
    if (digest == NULL)
        return ASL_NOT_FOUND;
    unsigned out_size = 0;
    if (EVP_Digest(bytes, size, out, &out_size, digest, NULL) != 1)
        return ASL_NOMEM;
    *ret_size = out_size;
    return ASL_OK;
}

int asl_crypto_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                    unsigned char out[32])
{
    unsigned out_size = 0;
    if (key_size > INT_MAX ||
        HMAC(EVP_sha256(), key, (int)key_size, bytes, size, out, &out_size) == NULL)
        return ASL_NOMEM;
    return ASL_OK;
}
