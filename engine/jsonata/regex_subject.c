/* Text in JavaScript's code units, and offsets back. */
#include "jsonata/regex_subject.h"

#include "base/heap.h"
#include "base/utf8.h"

#define BLOCK 256u

/* Whether the second surrogate of a pair begins at a place in the wide copy. */
static bool is_second_surrogate(const char *wide, size_t place)
{
    const unsigned char *bytes = (const unsigned char *)wide;
    return bytes[place] == 0xED && bytes[place + 1] >= 0xB0 && place >= 3 &&
           bytes[place - 3] == 0xED && bytes[place - 2] >= 0xA0 && bytes[place - 2] < 0xB0;
}

static size_t count_beyond(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += (unsigned char)text[i] >= 0xF0;
    return count;
}

static size_t block_count(const regex_subject *subject)
{
    return subject->byte_count / BLOCK + 1;
}

/* A character of four bytes becomes two surrogates of three. */
static void write_pair(const char *character, char *out)
{
    const char *next = character;
    uint32_t c = asl_utf8_decode(&next, character + 4) - 0x10000;
    asl_utf8_encode(0xD800 | c >> 10, out);
    asl_utf8_encode(0xDC00 | (c & 0x3FF), out + 3);
}

static void write_wide(regex_subject *subject)
{
    size_t written = 0;
    for (size_t i = 0; i < subject->size;) {
        if ((unsigned char)subject->text[i] < 0xF0) {
            subject->wide[written++] = subject->text[i++];
            continue;
        }
        write_pair(subject->text + i, subject->wide + written);
        written += 6;
        i += 4;
    }
}

static void count_pairs(regex_subject *subject)
{
    uint32_t pairs = 0;
    subject->pairs[0] = 0;
    for (size_t i = 0; i < subject->byte_count; i++) {
        pairs += is_second_surrogate(subject->wide, i);
        if ((i + 1) % BLOCK == 0)
            subject->pairs[(i + 1) / BLOCK] = pairs;
    }
}

int regex_subject_init(regex_subject *subject, const asl_heap *heap, const char *text, size_t size)
{
    *subject = (regex_subject){
        .heap = heap, .text = text, .size = size, .bytes = text, .byte_count = size};
    size_t beyond = count_beyond(text, size);
    if (beyond == 0)
        return ASL_OK;
    subject->byte_count = size + 2 * beyond;
    subject->wide = asl_allocate(heap, subject->byte_count);
    subject->pairs = asl_allocate(heap, block_count(subject) * sizeof *subject->pairs);
    if (subject->wide == NULL || subject->pairs == NULL) {
        regex_subject_done(subject);
        return ASL_NOMEM;
    }
    write_wide(subject);
    count_pairs(subject);
    subject->bytes = subject->wide;
    return ASL_OK;
}

void regex_subject_done(regex_subject *subject)
{
    asl_release(subject->heap, subject->wide, subject->byte_count);
    asl_release(subject->heap, subject->pairs, block_count(subject) * sizeof *subject->pairs);
    *subject = (regex_subject){.heap = subject->heap};
}

void regex_subject_move(regex_subject *subject, size_t offset)
{
    if (offset < subject->at)
        subject->at = subject->byte_at = subject->index = 0;
    while (subject->at < offset) {
        unsigned char byte = (unsigned char)subject->text[subject->at++];
        subject->index += (byte & 0xC0) != 0x80 ? 1 : 0;
        subject->index += byte >= 0xF0 ? 1 : 0;
        subject->byte_at += byte >= 0xF0 ? 3 : 1;
    }
}

/* Second surrogates that begin before a place in the wide copy. */
static size_t pairs_before(const regex_subject *subject, size_t place)
{
    size_t from = place / BLOCK * BLOCK, count = subject->pairs[place / BLOCK];
    for (size_t i = from; i < place; i++)
        count += is_second_surrogate(subject->wide, i);
    return count;
}

/* The offset in the text; between two surrogates that of their character, or of the next. */
static size_t text_offset(const regex_subject *subject, size_t place, bool is_end)
{
    if (subject->wide == NULL)
        return place;
    size_t offset = place - 2 * pairs_before(subject, place);
    if (place < subject->byte_count && is_second_surrogate(subject->wide, place))
        offset += is_end ? 1 : -(size_t)3;
    return offset;
}

asl_jsonata_span regex_subject_span(const regex_subject *subject, size_t start, size_t end)
{
    return (asl_jsonata_span){text_offset(subject, start, start == end),
                              text_offset(subject, end, true)};
}
