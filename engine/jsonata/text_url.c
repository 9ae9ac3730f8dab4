/* encodeURI, encodeURIComponent and their inverses (ECMAScript, 19.2.6). */
#include <string.h>

#include "base/utf8.h"
#include "jsonata/text.h"

#define MARKS "-_.!~*'()"
#define RESERVED ";/?:@&=+$,#"

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static int malformed(asl_jsonata_fault *fault)
{
    *fault = (asl_jsonata_fault){.code = "D3140"};
    return ASL_EVALUATION;
}

int asl_jsonata_encode_url(const char *text, size_t size, bool is_component, asl_buffer *buffer,
                           asl_jsonata_fault *fault)
{
    static const char digits[] = "0123456789ABCDEF";
    if (asl_utf8_valid(text, size) != size)
        return malformed(fault);
    for (size_t i = 0; i < size; i++) {
        char byte = text[i];
        if (is_alphanumeric(byte) || is_one_of(byte, is_component ? MARKS : MARKS RESERVED)) {
            asl_buffer_byte(buffer, byte);
            continue;
        }
        unsigned char octet = (unsigned char)byte;
        char escape[] = {'%', digits[octet >> 4], digits[octet & 15]};
        asl_buffer_append(buffer, escape, sizeof escape);
    }
    return buffer->status;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Reads "%XX"; false where there is none. */
static bool read_octet(const char *text, size_t size, char *ret_octet)
{
    if (size < 3 || text[0] != '%')
        return false;
    int high = hex_digit(text[1]), low = hex_digit(text[2]);
    if (high < 0 || low < 0)
        return false;
    *ret_octet = (char)(high << 4 | low);
    return true;
}

/* Reads the escapes of one code point; returns how many octets, 0 where they are malformed. */
static size_t read_escapes(const char *text, size_t size, char octets[4])
{
    if (!read_octet(text, size, &octets[0]))
        return 0;
    unsigned char first = (unsigned char)octets[0];
    size_t count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < count; i++) {
        if (size < 3 * i || !read_octet(text + 3 * i, size - 3 * i, &octets[i]))
            return 0;
    }
    return asl_utf8_valid(octets, count) == count ? count : 0;
}

int asl_jsonata_decode_url(const char *text, size_t size, bool is_component, asl_buffer *buffer,
                           asl_jsonata_fault *fault)
{
    for (size_t i = 0; i < size;) {
        if (text[i] != '%') {
            asl_buffer_byte(buffer, text[i++]);
            continue;
        }
        char octets[4];
        size_t count = read_escapes(text + i, size - i, octets);
        if (count == 0)
            return malformed(fault);
        if (!is_component && is_one_of(octets[0], RESERVED))
            asl_buffer_append(buffer, text + i, 3);
        else
            asl_buffer_append(buffer, octets, count);
        i += 3 * count;
    }
    return buffer->status;
}
