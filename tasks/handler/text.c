/* Cleaning is one pass over code points; what does not decode becomes U+FFFD byte by byte, so the
 * result is at most three times as long. */
#include "handler/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The size of the well-formed sequence at `bytes`, 0 where there is none (RFC 3629, table 3-7 of
 * Unicode: the second byte's range shuts out overlong forms, surrogates and > U+10FFFF). */
static size_t sequence_size(const unsigned char *bytes, size_t left)
{
    unsigned char first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < size)
        return 0;
    unsigned char least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < least || bytes[1] > most)
        return 0;
    for (size_t i = 2; i < size; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    }
    return size;
}

/* C0 but line feed and tab, DEL, and C1 (C2 80 to C2 9F). */
static bool is_control(const unsigned char *bytes, size_t size)
{
    if (size == 1)
        return (bytes[0] < 0x20 && bytes[0] != '\n' && bytes[0] != '\t') || bytes[0] == 0x7F;
    return size == 2 && bytes[0] == 0xC2 && bytes[1] < 0xA0;
}

char *asl_text_clean(const char *bytes, size_t size)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    if (size > SIZE_MAX / 3 - 1)
        return NULL;
    char *clean = malloc(size * 3 + 1);
    if (clean == NULL)
        return NULL;
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        const unsigned char *next = (const unsigned char *)bytes + at;
        size_t width = sequence_size(next, size - at);
        if (next[0] == '\r' && at + 1 < size && next[1] == '\n') {
            at++;
            continue;
        }
        bool is_bad = width == 0 || is_control(next, width);
        size_t add = is_bad ? 3 : width;
        memcpy(clean + used, is_bad ? replacement : bytes + at, add);
        used += add;
        at += width == 0 ? 1 : width;
    }
    clean[used] = '\0';
    return clean;
}
