/* Digests, by OpenSSL.
 */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

static void write_hex(const unsigned char *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

static bool digest(const EVP_MD *type, const void *bytes, size_t size, char *text)
{
    unsigned char result[EVP_MAX_MD_SIZE];
    unsigned result_size = 0;
    if (EVP_Digest(bytes, size, result, &result_size, type, NULL) != 1)
        return false;
    write_hex(result, result_size, text);
    return true;
}

bool digest_md5(const void *bytes, size_t size, char text[DIGEST_MD5_SIZE])
{
    return digest(EVP_md5(), bytes, size, text);
}

bool digest_sha256(const void *bytes, size_t size, char text[DIGEST_SHA256_SIZE])
{
    return digest(EVP_sha256(), bytes, size, text);
}

bool digest_sign(const void *key, size_t key_size, const void *bytes, size_t size,
                 char text[DIGEST_SHA256_SIZE])
{
    unsigned char result[EVP_MAX_MD_SIZE];
    unsigned result_size = 0;
    if (HMAC(EVP_sha256(), key, (int)key_size, bytes, size, result, &result_size) == NULL)
        return false;
    write_hex(result, result_size, text);
    return true;
}

bool digest_is_equal(const char *left, const char *right)
{
    size_t size = strlen(left);
    return size == strlen(right) && CRYPTO_memcmp(left, right, size) == 0;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *digest_base64(const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    char *text = malloc((size + 2) / 3 * 4 + 1);
    char *to = text;
    unsigned held = 0;
    unsigned bits = 0;
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        held = held << 8 | from[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *to++ = letters[held >> (bits - 6) & 63];
    }
    if (bits > 0)
        *to++ = letters[held << (6 - bits) & 63];
    *to = '\0';
    return text;
}

char *digest_unbase64(const char *text, size_t size, size_t *ret_size)
{
    char *bytes = malloc(size / 4 * 3 + 4);
    size_t count = 0;
    unsigned held = 0;
    unsigned bits = 0;
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        const char *letter = text[i] != '\0' ? strchr(letters, text[i]) : NULL;
        if (letter == NULL) {
            free(bytes);
            return NULL;
        }
        held = held << 6 | (unsigned)(letter - letters);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[count++] = (char)(held >> bits & 255);
        }
    }
    if (bytes == NULL)
        return NULL;
    bytes[count] = '\0';
    if (ret_size != NULL)
        *ret_size = count;
    return bytes;
}
