/* Hashes by name. libcrypto is behind a module that is loaded at the first call. */
#ifndef ASL_BASE_HASH_H
#define ASL_BASE_HASH_H

#include <asl/error.h>

#define ASL_HASH_BYTES_MAX 64u

/* MD5, SHA-1, SHA-256, SHA-384 or SHA-512 as lower-case hex digits: `hex` has room for two a byte,
 * without a NUL. ASL_OK, ASL_NOT_FOUND (another name), or why the module cannot be had. */
int asl_hash_hex(const char *algorithm, const void *bytes, size_t size,
                 char hex[2 * ASL_HASH_BYTES_MAX], size_t *ret_size, asl_error **error);

#endif
