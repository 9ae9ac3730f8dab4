/* Keyed draws, UUIDs, and the system's own randomness. A draw hashes its key (seed, event, draw)
 * with the finalizer of SplitMix64 after each word: no state, so any draw can be made again alone.
 */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

static uint64_t mix(uint64_t word)
{
    word += 0x9e3779b97f4a7c15u;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

uint64_t asl_random_draw(uint64_t seed, uint64_t event, uint64_t draw)
{
    return mix(mix(mix(seed) ^ event) ^ draw);
}

double asl_random_unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

static void print_uuid(uint64_t high, uint64_t low, char out[ASL_UUID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (unsigned i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[at++] = '-';
        uint64_t word = i < 16 ? high : low;
        out[at++] = digits[(word >> (60 - 4 * (i & 15))) & 15];
    }
    out[at] = '\0';
}

/* RFC 9562: the variant is the two highest bits of the low half, 10. */
static uint64_t with_variant(uint64_t low)
{
    return (low & 0x3fffffffffffffffu) | 0x8000000000000000u;
}

void asl_random_uuid4(uint64_t high, uint64_t low, char out[ASL_UUID_SIZE])
{
    print_uuid((high & ~(uint64_t)0xf000) | 0x4000, with_variant(low), out);
}

void asl_random_uuid7(int64_t time_ms, uint64_t high, uint64_t low, char out[ASL_UUID_SIZE])
{
    print_uuid((uint64_t)time_ms << 16 | 0x7000 | (high & 0x0fff), with_variant(low), out);
}

int asl_random_system(void *bytes, size_t size)
{
    char *next = bytes;
    while (size > 0) {
        ssize_t drawn = getrandom(next, size, 0);
        if (drawn < 0 && errno == EINTR)
            continue;
        if (drawn < 0)
            return -errno;
        next += drawn;
        size -= (size_t)drawn;
    }
    return 0;
}
