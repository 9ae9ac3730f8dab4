/* Page tokens. Nothing of a token is believed before its hash is right. */
#include "runtime/page_token.h"

#include <string.h>

#include "runtime/base64url.h"
#include "runtime/secret.h"

#define WORDS 2u
#define TOKEN_BYTES ((WORDS + 1) * 8)

static void put_word(unsigned char *out, uint64_t word)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (unsigned char)(word >> (8 * i));
}

static uint64_t get_word(const unsigned char *bytes)
{
    uint64_t word = 0;
    for (size_t i = 0; i < 8; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static uint64_t hash(const unsigned char secret[32], const unsigned char body[WORDS * 8])
{
    static const char purpose[] = "page token";
    unsigned char message[sizeof purpose + WORDS * 8];
    uint64_t key[2];
    memcpy(key, secret, sizeof key);
    memcpy(message, purpose, sizeof purpose);
    memcpy(message + sizeof purpose, body, WORDS * 8);
    return asl_secret_hash(key, message, sizeof message);
}

void asl_page_token_make(const unsigned char secret[32], const asl_page_place *place,
                         char out[ASL_PAGE_TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    put_word(bytes, place->number);
    put_word(bytes + 8, place->event << 1 | place->is_reverse);
    put_word(bytes + WORDS * 8, hash(secret, bytes));
    asl_base64url_encode(bytes, sizeof bytes, out);
}

bool asl_page_token_read(const unsigned char secret[32], const char *token,
                         asl_page_place *ret_place)
{
    unsigned char bytes[TOKEN_BYTES];
    if (!asl_base64url_decode(token, bytes, sizeof bytes) ||
        get_word(bytes + WORDS * 8) != hash(secret, bytes))
        return false;
    uint64_t place = get_word(bytes + 8);
    *ret_place = (asl_page_place){
        .number = get_word(bytes), .event = place >> 1, .is_reverse = (place & 1) != 0};
    return true;
}
