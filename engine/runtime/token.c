/* Task tokens. The module with libcrypto is loaded when the first machine that needs tokens starts
 * an execution. A token is compared in constant time, and before anything in it is believed. */
#include "runtime/token.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/module.h"
#include "runtime/base64url.h"

#define MAC_SIZE 32u
#define BODY_SIZE 16u
#define BYTES_SIZE (BODY_SIZE + MAC_SIZE) /* a multiple of 3: no padding */

typedef int hmac_function(const void *key, size_t key_size, const void *bytes, size_t size,
                          unsigned char out[MAC_SIZE]);

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static hmac_function *_Atomic loaded_hmac;

int asl_task_token_load(asl_error **error)
{
    if (loaded_hmac)
        return ASL_OK;
    void *symbol = NULL;
    pthread_mutex_lock(&load_lock);
    int status = asl_module_symbol("crypto", NULL, "asl_crypto_hmac", &symbol, error);
    if (status == ASL_OK) {
        hmac_function *hmac;
        memcpy(&hmac, &symbol, sizeof hmac);
        loaded_hmac = hmac;
    }
    pthread_mutex_unlock(&load_lock);
    return status;
}

bool asl_task_token_is_needed(const asl_program *program)
{
    for (uint32_t i = 0; i < program->state_count; i++) {
        const asl_state *state = &program->states[i];
        if (state->type == ASL_STATE_TASK &&
            (state->as.task.kind == ASL_RESOURCE_ACTIVITY ||
             state->as.task.pattern != ASL_PATTERN_REQUEST_RESPONSE))
            return true;
    }
    return false;
}

static int sign(const unsigned char secret[32], const unsigned char body[BODY_SIZE],
                unsigned char out[MAC_SIZE], asl_error **error)
{
    static const char purpose[] = "task token";
    unsigned char message[sizeof purpose + BODY_SIZE];
    int status = asl_task_token_load(error);
    if (status != ASL_OK)
        return status;
    memcpy(message, purpose, sizeof purpose);
    memcpy(message + sizeof purpose, body, BODY_SIZE);
    hmac_function *hmac = loaded_hmac;
    return hmac(secret, 32, message, sizeof message, out);
}

static void put_number(unsigned char *out, uint64_t number)
{
    for (int i = 7; i >= 0; i--, number >>= 8)
        out[i] = (unsigned char)number;
}

static uint64_t get_number(const unsigned char *bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

int asl_task_token_make(void *owner, uint64_t event, char out[ASL_TOKEN_SIZE])
{
    const asl_token_source *source = owner;
    unsigned char bytes[BYTES_SIZE];
    put_number(bytes, source->number);
    put_number(bytes + 8, event);
    int status = sign(source->secret, bytes, bytes + BODY_SIZE, NULL);
    if (status == ASL_OK)
        asl_base64url_encode(bytes, sizeof bytes, out);
    return status;
}

static bool is_same(const unsigned char *left, const unsigned char *right, size_t size)
{
    unsigned difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= (unsigned)(left[i] ^ right[i]);
    return difference == 0;
}

int asl_task_token_read(const unsigned char secret[32], const char *token, uint64_t *ret_number,
                        uint64_t *ret_event, asl_error **error)
{
    unsigned char bytes[BYTES_SIZE], mac[MAC_SIZE];
    bool is_token = asl_base64url_decode(token, bytes, sizeof bytes);
    if (is_token) {
        int status = sign(secret, bytes, mac, error);
        if (status != ASL_OK)
            return status;
    }
    if (!is_token || !is_same(mac, bytes + BODY_SIZE, MAC_SIZE))
        return asl_error_set(error, ASL_MISUSE, "Invalid Token: 'Invalid token'");
    *ret_number = get_number(bytes);
    *ret_event = get_number(bytes + 8);
    return ASL_OK;
}
