/* The order's parts that no shipped input can show: what counts as a card number, and what becomes
 * of a failure's message. */
#include <string.h>

#include "order/order.h"
#include "suite.h"

static asl_value *parse(const char *text)
{
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text, strlen(text), 0, &value, NULL), ASL_OK);
    return value;
}

static bool has_card(const char *text)
{
    asl_value *value = parse(text);
    const char *problem = order_card_problem(value);
    asl_value_unref(value);
    return problem != NULL;
}

START_TEST(card_numbers_are_found_however_they_are_written)
{
    ck_assert(has_card("\"4111111111111111\""));
    ck_assert(has_card("\"no. 4111 1111 1111 1111!\""));
    ck_assert(has_card("\"5555-5555-5555-4444\""));
    ck_assert(has_card("378282246310005"));
    ck_assert(has_card("{\"a\": [1, {\"b\": \"6011111111111117\"}]}"));
    ck_assert(has_card("{\"4111111111111111\": 1}"));
    ck_assert(has_card("\"x4222222222222y\""));
}
END_TEST

START_TEST(members_that_are_named_like_cards_are_found)
{
    ck_assert(has_card("{\"card_number\": \"\"}"));
    ck_assert(has_card("{\"payment\": {\"Card-Number\": null}}"));
    ck_assert(has_card("{\"CVV\": 123}"));
    ck_assert(!has_card("{\"cardboard\": 1, \"company\": 2, \"pancake\": 3}"));
}
END_TEST

START_TEST(other_numbers_are_no_cards)
{
    ck_assert(!has_card("\"4111111111111112\"")); /* check digit */
    ck_assert(!has_card("\"411111111111\""));     /* too short */
    ck_assert(!has_card("\"41111111111111111111\""));
    ck_assert(!has_card("\"4111 1111  1111 1111\""));                 /* two numbers */
    ck_assert(!has_card("\"0193abcd-4111-1111-1111-1111abcdef01\"")); /* an id */
    ck_assert(!has_card("\"id 0193abcd-4111-1111-1111-1111abcdef01.\""));
    ck_assert(has_card("\"0193abcd-4111-1111-1111-1111abcdef012\""));
    ck_assert(has_card("\"x0193abcd-4111-1111-1111-1111abcdef01\""));
    ck_assert(!has_card("{\"quantity\": 3, \"at\": 1767268800001}"));
    ck_assert(has_card("{\"quantity\": 3, \"at\": 1767268800003}")); /* whatever it begins with */
}
END_TEST

static asl_value *message_of(const char *failure, const char *order)
{
    asl_value *failure_value = parse(failure);
    asl_value *order_value = parse(order);
    asl_value *message = order_failure_message(failure_value, order_value);
    ck_assert_ptr_nonnull(message);
    asl_value_unref(failure_value);
    asl_value_unref(order_value);
    return message;
}

START_TEST(token_is_blotted_out_of_messages)
{
    asl_value *message = message_of(
        "{\"Error\": \"E\", \"Cause\": \"tok_a refused: {\\\"token\\\":\\\"tok_a\\\"}\\n\"}",
        "{\"payment\": {\"token\": \"tok_a\", \"amount\": 1}}");
    ck_assert_str_eq(asl_value_get_string(message, NULL), "***** refused: {\"token\":\"*****\"} ");
    asl_value_unref(message);
}
END_TEST

START_TEST(message_is_the_cause_or_else_the_error)
{
    asl_value *message = message_of("{\"Error\": \"States.Timeout\", \"Cause\": \"\"}", "{}");
    ck_assert_str_eq(asl_value_get_string(message, NULL), "States.Timeout");
    asl_value_unref(message);
    message = message_of("{\"Error\": \"States.Timeout\"}", "[]");
    ck_assert_str_eq(asl_value_get_string(message, NULL), "States.Timeout");
    asl_value_unref(message);
    message = message_of("7", "null");
    ck_assert_str_eq(asl_value_get_string(message, NULL), "unknown failure");
    asl_value_unref(message);
}
END_TEST

START_TEST(long_message_is_cut_between_characters)
{
    char text[4096] = "{\"Cause\": \"x";
    for (size_t i = 0; i < 600; i++)
        strncat(text, "\xc3\xa9", sizeof text - strlen(text) - 1);
    strncat(text, "\"}", sizeof text - strlen(text) - 1);
    asl_value *message = message_of(text, "{}");
    size_t size = 0;
    ck_assert_ptr_nonnull(asl_value_get_string(message, &size));
    ck_assert_uint_eq(size, 999);
    asl_value_unref(message);
}
END_TEST

SUITE("definitions/order", card_numbers_are_found_however_they_are_written,
      members_that_are_named_like_cards_are_found, other_numbers_are_no_cards,
      token_is_blotted_out_of_messages, message_is_the_cause_or_else_the_error,
      long_message_is_cut_between_characters)
