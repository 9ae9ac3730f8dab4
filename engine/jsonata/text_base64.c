/* Base64 as Node's Buffer has it between 'binary' and 'base64'. */
#include "base/utf8.h"
#include "jsonata/text.h"

/* Three bytes at a time. */
typedef struct base64_encoder {
    asl_buffer *buffer;
    uint32_t bits;
    unsigned count;
} base64_encoder;

static void encode_group(base64_encoder *encoder)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char group[4] = {'=', '=', '=', '='};
    uint32_t bits = encoder->bits << 8 * (3 - encoder->count);
    for (unsigned i = 0; i <= encoder->count; i++)
        group[i] = alphabet[bits >> (18 - 6 * i) & 63];
    asl_buffer_append(encoder->buffer, group, sizeof group);
    encoder->bits = encoder->count = 0;
}

static void encode_byte(base64_encoder *encoder, uint32_t byte)
{
    encoder->bits = encoder->bits << 8 | (byte & 0xFF);
    if (++encoder->count == 3)
        encode_group(encoder);
}

/* The low bytes of a character's UTF-16 code units, of which it has one or two; returns how many.
 */
static unsigned low_bytes(uint32_t c, unsigned char bytes[2])
{
    unsigned count = 0;
    if (c >= 0x10000)
        bytes[count++] = (unsigned char)((c - 0x10000) >> 10);
    bytes[count++] = (unsigned char)c;
    return count;
}

int asl_jsonata_base64_encode(const char *text, size_t size, asl_buffer *buffer)
{
    base64_encoder encoder = {.buffer = buffer};
    const char *end = text + size;
    while (text < end) {
        unsigned char bytes[2];
        unsigned count = low_bytes(asl_utf8_decode(&text, end), bytes);
        for (unsigned i = 0; i < count; i++)
            encode_byte(&encoder, bytes[i]);
    }
    if (encoder.count > 0)
        encode_group(&encoder);
    return buffer->status;
}

/* The value of a letter of either alphabet; -1: none. */
static int letter_value(unsigned char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    if (letter == '+' || letter == '-')
        return 62;
    return letter == '/' || letter == '_' ? 63 : -1;
}

/* Letters that have given no byte yet. */
typedef struct base64_decoder {
    asl_buffer *buffer;
    uint32_t bits;
    unsigned count; /* of the bits */
} base64_decoder;

static void decode_letter(base64_decoder *decoder, unsigned char letter)
{
    int value = letter_value(letter);
    if (value < 0)
        return;
    decoder->bits = (decoder->bits << 6 | (uint32_t)value) & 0xFFFF;
    decoder->count += 6;
    if (decoder->count < 8)
        return;
    decoder->count -= 8;
    char bytes[4];
    uint32_t byte = decoder->bits >> decoder->count & 0xFF;
    asl_buffer_append(decoder->buffer, bytes, asl_utf8_encode(byte, bytes));
}

int asl_jsonata_base64_decode(const char *text, size_t size, asl_buffer *buffer)
{
    base64_decoder decoder = {.buffer = buffer};
    const char *end = text + size;
    while (text < end) {
        unsigned char bytes[2];
        unsigned count = low_bytes(asl_utf8_decode(&text, end), bytes);
        for (unsigned i = 0; i < count; i++) {
            if (bytes[i] == '=')
                return buffer->status;
            decode_letter(&decoder, bytes[i]);
        }
    }
    return buffer->status;
}
