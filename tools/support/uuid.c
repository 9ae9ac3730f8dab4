/* New UUIDs: random ones, and ones that are ordered by time (RFC 9562, versions 4 and 7).
 */
#include <unistd.h>

#include "support.h"

bool tool_uuid(bool is_ordered, char text[TOOL_UUID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    uint64_t time_ms = (uint64_t)tool_now_ms();
    if (getentropy(bytes, sizeof bytes) != 0)
        return false;
    for (int i = 0; is_ordered && i < 6; i++)
        bytes[i] = (unsigned char)(time_ms >> (40 - 8 * i));
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | (is_ordered ? 0x70 : 0x40));
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
    return true;
}
