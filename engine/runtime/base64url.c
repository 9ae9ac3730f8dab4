/* Texts for tokens: four characters for three bytes. */
#include "runtime/base64url.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void asl_base64url_encode(const unsigned char *bytes, size_t size, char *out)
{
    for (size_t i = 0; i < size; i += 3) {
        unsigned word = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            *out++ = digits[word >> shift & 63];
    }
    *out = '\0';
}

bool asl_base64url_decode(const char *text, unsigned char *bytes, size_t size)
{
    size_t count = size / 3 * 4;
    if (!text || strnlen(text, count + 1) != count)
        return false;
    for (size_t i = 0; i < size; i += 3) {
        unsigned word = 0;
        for (int j = 0; j < 4; j++) {
            const char *digit = strchr(digits, *text++);
            if (!digit)
                return false;
            word = word << 6 | (unsigned)(digit - digits);
        }
        bytes[i] = (unsigned char)(word >> 16);
        bytes[i + 1] = (unsigned char)(word >> 8);
        bytes[i + 2] = (unsigned char)word;
    }
    return true;
}
