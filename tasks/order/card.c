/* Card numbers: 13 to 19 digits, perhaps grouped by blanks or dashes, whose check digit (Luhn) is
 * right. Such a number has no place in an order, and neither has a member that is named like one.
 */
#include <ctype.h>
#include <string.h>

#include "order/rules.h"

#define DIGITS_MIN 13u
#define DIGITS_MAX 19u
#define DEPTH_MAX 32u
#define UUID_SIZE 36u

static bool check_digit_is_right(const char *digits, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0');
        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

static bool is_card(const char *digits, size_t count)
{
    return count >= DIGITS_MIN && count <= DIGITS_MAX && check_digit_is_right(digits, count);
}

/* The digits of an id may look like anything. */
static bool is_uuid(const char *text, size_t size)
{
    for (size_t i = 0; i < UUID_SIZE; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (i >= size || (is_dash ? text[i] != '-' : !isxdigit((unsigned char)text[i])))
            return false;
    }
    return size == UUID_SIZE || !isalnum((unsigned char)text[UUID_SIZE]);
}

/* Looks at each run of digits, single blanks and dashes inside it left out. */
static bool text_has_card(const char *text, size_t size)
{
    char digits[DIGITS_MAX];
    size_t count = 0;
    for (size_t i = 0; i <= size; i++) {
        if (count == 0 && (i == 0 || !isalnum((unsigned char)text[i - 1])) &&
            is_uuid(text + i, size - i))
            i += UUID_SIZE;
        char byte = i < size ? text[i] : '\0';
        bool is_digit = byte >= '0' && byte <= '9';
        bool is_gap = (byte == ' ' || byte == '-') && count > 0 && i + 1 < size &&
                      text[i + 1] >= '0' && text[i + 1] <= '9';
        if (is_digit) {
            if (count < DIGITS_MAX)
                digits[count] = byte;
            count++;
        } else if (!is_gap) {
            if (is_card(digits, count))
                return true;
            count = 0;
        }
    }
    return false;
}

/* "card_number", "cardNumber", "CVV": letters alone, in lower case. */
static bool key_is_card(const char *key, size_t size)
{
    static const char *const names[] = {"cardnumber", "cardno",       "creditcard", "pan",
                                        "cvv",        "securitycode", "cvc",        "cvv2"};
    char letters[16];
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)key[i]))
            continue;
        if (count == sizeof letters - 1)
            return false;
        letters[count++] = (char)tolower((unsigned char)key[i]);
    }
    letters[count] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(letters, names[i]) == 0)
            return true;
    }
    return false;
}

/* One value, without what is in it. */
static bool scalar_has_card(const asl_value *value)
{
    size_t size = 0;
    const char *string = order_text(value, &size);
    if (string != NULL)
        return text_has_card(string, size);
    if (asl_value_kind(value) != ASL_KIND_NUMBER)
        return false;
    char *text = NULL;
    if (asl_value_print(value, 0, &text, &size) != ASL_OK)
        return true;
    bool has_card = text_has_card(text, size);
    asl_text_free(text);
    return has_card;
}

const char *order_card_problem(const asl_value *value)
{
    static const char has_card[] =
        "an order must not carry a card number: send the token of the payment form";
    struct {
        const asl_value *container;
        size_t next;
    } stack[DEPTH_MAX] = {{value, 0}};
    size_t depth = 1;
    if (scalar_has_card(value))
        return has_card;
    while (depth > 0) {
        const asl_value *container = stack[depth - 1].container;
        size_t index = stack[depth - 1].next++;
        if (index >= asl_value_count(container)) {
            depth--;
            continue;
        }
        const asl_value *item = asl_value_at(container, index);
        size_t size = 0;
        const char *key = order_text(asl_value_key(container, index), &size);
        if (key != NULL && (key_is_card(key, size) || text_has_card(key, size)))
            return has_card;
        if (scalar_has_card(item))
            return has_card;
        if (asl_value_count(item) == 0)
            continue;
        if (depth == DEPTH_MAX)
            return "the order is nested too deeply";
        stack[depth].container = item;
        stack[depth++].next = 0;
    }
    return NULL;
}
