/* base64url (RFC 4648, section 5) without padding, of a number of bytes that is a multiple of 3. */
#ifndef ASL_RUNTIME_BASE64URL_H
#define ASL_RUNTIME_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* `out` has room for size / 3 * 4 characters and a NUL. */
void asl_base64url_encode(const unsigned char *bytes, size_t size, char *out);
/* False where the text is not that of exactly `size` bytes; NULL is none. */
bool asl_base64url_decode(const char *text, unsigned char *bytes, size_t size);

#endif
