/* New UUIDs: random ones, and ones that are ordered by time (RFC 9562, versions 4 and 7).
 */
#include <unistd.h>

#include "support.h"

/* The time in the first 48 bits, and a counter in the next 12, so that those of one millisecond are
 * in order, too. */
static void set_time(unsigned char bytes[16])
{
    static uint64_t last_ms;
    static unsigned counter;
    uint64_t time_ms = (uint64_t)tool_now_ms();
    if (time_ms > last_ms) {
        last_ms = time_ms;
        counter = ((unsigned)bytes[6] << 8 | bytes[7]) & 0x7ff;
    } else if (++counter > 0xfff) {
        last_ms++;
        counter = 0;
    }
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(last_ms >> (40 - 8 * i));
    bytes[6] = (unsigned char)(counter >> 8);
    bytes[7] = (unsigned char)counter;
}

bool tool_uuid(bool is_ordered, char text[TOOL_UUID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes) != 0)
        return false;
    if (is_ordered)
        set_time(bytes);
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
