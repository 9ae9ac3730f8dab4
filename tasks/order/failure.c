/* The message of a failure, for the order's row and for people.
 */
#include <stdlib.h>
#include <string.h>

#include "order.h"

#define MESSAGE_BYTES_MAX 1000u

/* Overwrites each occurrence of the token with asterisks. */
static void blot_out(char *text, size_t size, const asl_value *token)
{
    size_t token_size = 0;
    const char *token_text = order_text(token, &token_size);
    if (token_text == NULL || token_size == 0)
        return;
    for (size_t i = 0; i + token_size <= size; i++) {
        if (memcmp(text + i, token_text, token_size) == 0)
            memset(text + i, '*', token_size);
    }
}

asl_value *order_failure_message(const asl_value *failure, const asl_value *order)
{
    size_t size = 0;
    const char *text = order_text(order_get(failure, "Cause"), &size);
    if (text == NULL || size == 0)
        text = order_text(order_get(failure, "Error"), &size);
    if (text == NULL || size == 0)
        return asl_value_string(NULL, "unknown failure");
    char *copy = malloc(size);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, size);
    blot_out(copy, size, order_get(order_get(order, "payment"), "token"));
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7f)
            copy[i] = ' ';
    }
    if (size > MESSAGE_BYTES_MAX) {
        size = MESSAGE_BYTES_MAX;
        while (size > 0 && ((unsigned char)copy[size] & 0xc0) == 0x80)
            size--; /* not inside a character */
    }
    asl_value *message = asl_value_string_sized(NULL, copy, size);
    free(copy);
    return message;
}
