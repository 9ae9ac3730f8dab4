/* An order: what it must look like, and the row it becomes.
 *
 * The row is built member by member from what is well formed, so that nothing else of an input can
 * reach the table: no card number, no text of unlimited length, no unknown member. A member that is
 * null counts as missing.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "order/rules.h"

#define TEXT_BYTES_MAX 256u
#define TOKEN_BYTES_MAX 128u

/* A text of sensible length without control characters (C0, DEL, C1). */
static bool is_text(const asl_value *value)
{
    size_t size = 0;
    const char *text = order_text(value, &size);
    if (text == NULL || size == 0 || size > TEXT_BYTES_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool is_c1 = byte == 0xc2 && (unsigned char)text[i + 1] < 0xa0;
        if (byte < 0x20 || byte == 0x7f || is_c1)
            return false;
    }
    return true;
}

/* Any number: whether a restaurant can make so many is the restaurant's answer. */
static bool is_quantity(const asl_value *value)
{
    double number = 0;
    return order_number(value, &number);
}

static bool is_token(const asl_value *value)
{
    size_t size = 0;
    const char *text = order_text(value, &size);
    if (text == NULL || size == 0 || size > TOKEN_BYTES_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return true;
}

static bool is_payment(const asl_value *value)
{
    double amount = 0;
    return is_token(order_get(value, "token")) &&
           order_number(order_get(value, "amount"), &amount) && isfinite(amount) && amount > 0;
}

typedef struct member {
    const char *name;
    bool required;
    bool (*is_right)(const asl_value *value);
    const char *missing;
    const char *wrong;
} member;

static const member members[] = {
    {"name", true, is_text, "the order has no name",
     "the order's name must be a text of 1 to 256 bytes without control characters"},
    {"restaurantId", false, is_text, NULL,
     "the order's restaurantId must be a text of 1 to 256 bytes without control characters"},
    {"quantity", true, is_quantity, "the order has no quantity",
     "the order's quantity must be a number"},
    {"payment", false, is_payment, NULL,
     "the order's payment must be {\"token\", \"amount\"}: a token of the payment form and an "
     "amount above 0"},
};
#define MEMBER_COUNT (sizeof members / sizeof members[0])

/* NULL where it is missing or null. */
static const asl_value *member_of(const asl_value *order, const char *name)
{
    const asl_value *value = order_get(order, name);
    return value != NULL && asl_value_kind(value) != ASL_KIND_NULL ? value : NULL;
}

const char *order_problem(const asl_value *order)
{
    if (order == NULL || asl_value_kind(order) != ASL_KIND_OBJECT)
        return "the order must be an object";
    const char *problem = order_card_problem(order);
    for (size_t i = 0; i < MEMBER_COUNT && problem == NULL; i++) {
        const asl_value *value = member_of(order, members[i].name);
        if (value == NULL && members[i].required)
            problem = members[i].missing;
        else if (value != NULL && !members[i].is_right(value))
            problem = members[i].wrong;
    }
    return problem;
}

/* Only what a payment is made of. */
static asl_value *clean_payment(const asl_value *payment)
{
    asl_value *clean = asl_value_object(NULL);
    if (asl_value_set(&clean, "token", asl_value_ref(order_get(payment, "token"))) == ASL_OK &&
        asl_value_set(&clean, "amount", asl_value_ref(order_get(payment, "amount"))) == ASL_OK)
        return clean;
    asl_value_unref(clean);
    return NULL;
}

static asl_value *time_text(int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    char date[32];
    char text[48];
    if (gmtime_r(&seconds, &parts) == NULL)
        return NULL;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof text, "%s.%03dZ", date, (int)(time_ms % 1000));
    return asl_value_string(NULL, text);
}

asl_value *order_row_new(const asl_value *order, int64_t created_ms, const char *status,
                         const asl_value *error_message)
{
    asl_value *row = asl_value_object(NULL);
    int result = row != NULL ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; i < MEMBER_COUNT && result == ASL_OK; i++) {
        const asl_value *value = member_of(order, members[i].name);
        if (value == NULL || !members[i].is_right(value) || order_card_problem(value) != NULL)
            continue;
        bool is_pay = members[i].is_right == is_payment;
        result = asl_value_set(&row, members[i].name,
                               is_pay ? clean_payment(value) : asl_value_ref(value));
    }
    if (result == ASL_OK)
        result = asl_value_set(&row, "createdAt", time_text(created_ms));
    if (result == ASL_OK)
        result = asl_value_set(&row, "orderStatus", asl_value_string(NULL, status));
    if (result == ASL_OK && error_message != NULL)
        result = asl_value_set(&row, "errorMessage", asl_value_ref(error_message));
    if (result == ASL_OK)
        return row;
    asl_value_unref(row);
    return NULL;
}
