/* Digests, signatures, and bytes as text.
 */
#ifndef ORDER_SERVICE_DIGEST_H
#define ORDER_SERVICE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_MD5_SIZE 33 /* in hexadecimal, and a NUL */
#define DIGEST_SHA256_SIZE 65

/* False when out of memory. */
bool digest_md5(const void *bytes, size_t size, char text[DIGEST_MD5_SIZE]);
bool digest_sha256(const void *bytes, size_t size, char text[DIGEST_SHA256_SIZE]);
/* HMAC-SHA256, in hexadecimal. */
bool digest_sign(const void *key, size_t key_size, const void *bytes, size_t size,
                 char text[DIGEST_SHA256_SIZE]);
/* Takes the same time wherever they differ. */
bool digest_is_equal(const char *left, const char *right);

/* Base64 for URLs, without padding. Both return a new text, from malloc; NULL where there is no
 * memory, or `text` is none. The second ends with a NUL, and `ret_size` may be NULL. */
char *digest_base64(const void *bytes, size_t size);
char *digest_unbase64(const char *text, size_t size, size_t *ret_size);

#endif
