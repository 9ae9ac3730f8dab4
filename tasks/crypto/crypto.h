/* What the module asl_crypto offers to the library. */
#ifndef ASL_TASKS_CRYPTO_H
#define ASL_TASKS_CRYPTO_H

#include <asl/error.h>

/* Hashes bytes with MD5, SHA-1, SHA-256, SHA-384 or SHA-512 (names as they stand). ASL_OK,
 * ASL_NOT_FOUND (no such algorithm), ASL_NOMEM. Any thread. */
ASL_API int asl_crypto_hash(const char *algorithm, const void *bytes, size_t size,
                            unsigned char out[64], size_t *ret_size);
/* HMAC-SHA-256 of bytes under a key. ASL_OK, ASL_NOMEM. Any thread. */
ASL_API int asl_crypto_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                            unsigned char out[32]);

#endif
