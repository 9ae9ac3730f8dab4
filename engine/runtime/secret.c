/* SipHash-2-4 (Aumasson and Bernstein) over bytes read as little-endian words. */
#include "runtime/secret.h"

#include <endian.h>
#include <string.h>

typedef struct sip {
    uint64_t a, b, c, d;
} sip;

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void mix(sip *state, unsigned rounds)
{
    while (rounds-- > 0) {
        state->a += state->b;
        state->c += state->d;
        state->b = rotate(state->b, 13) ^ state->a;
        state->d = rotate(state->d, 16) ^ state->c;
        state->a = rotate(state->a, 32);
        state->c += state->b;
        state->a += state->d;
        state->b = rotate(state->b, 17) ^ state->c;
        state->d = rotate(state->d, 21) ^ state->a;
        state->c = rotate(state->c, 32);
    }
}

static void absorb(sip *state, uint64_t word)
{
    state->d ^= word;
    mix(state, 2);
    state->a ^= word;
}

static uint64_t read_word(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, bytes, size);
    return le64toh(word);
}

uint64_t asl_secret_hash(const uint64_t key[2], const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    sip state = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                 key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    size_t rest = size;
    for (; rest >= 8; rest -= 8, next += 8)
        absorb(&state, read_word(next, 8));
    absorb(&state, (rest > 0 ? read_word(next, rest) : 0) | (uint64_t)size << 56);
    state.c ^= 0xff;
    mix(&state, 4);
    return state.a ^ state.b ^ state.c ^ state.d;
}
