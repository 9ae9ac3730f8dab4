/* Limits of JSONata's pictures. */
#include "base/limits.h"
#include "jsonata/pictures.h"
#include "limit.h"

/* How a call ended: "" where it did what it was to do, else its code or message. */
typedef struct outcome {
    char text[64];
    size_t size; /* of what it made */
} outcome;

static outcome outcome_of(int status, asl_buffer *out, asl_picture_fault *fault)
{
    outcome o = {.size = out->size};
    size_t skipped = fault->text.size > 32 ? fault->text.size - 32 : 0;
    if (status == ASL_EVALUATION && fault->code != NULL)
        snprintf(o.text, sizeof o.text, "%s", fault->code);
    else if (status == ASL_EVALUATION) /* the message's end: an expression may stand before it */
        snprintf(o.text, sizeof o.text, "%s", asl_buffer_string(&fault->text) + skipped);
    else
        ck_assert_int_eq(status, ASL_OK);
    asl_buffer_done(out);
    asl_picture_fault_done(fault);
    return o;
}

static outcome format(double number, const char *picture)
{
    asl_buffer out;
    asl_picture_fault fault;
    asl_buffer_init(&out, NULL);
    asl_picture_fault_init(&fault, NULL);
    int status = asl_jsonata_format_integer(number, (asl_picture_text){picture, strlen(picture)},
                                            &out, &fault);
    return outcome_of(status, &out, &fault);
}

static outcome format_zeros(size_t count)
{
    char *picture = limit_text("", "0", count, "");
    outcome o = format(1, picture);
    free(picture);
    return o;
}

START_TEST(a_picture_makes_so_many_units)
{
    outcome o = format_zeros(ASL_PICTURE_RESULT_UNITS_MAX);
    ck_assert_str_eq(o.text, "");
    ck_assert_uint_eq(o.size, ASL_PICTURE_RESULT_UNITS_MAX);
    ck_assert_str_eq(format_zeros(ASL_PICTURE_RESULT_UNITS_MAX + 1).text, "Invalid string length");
}
END_TEST

START_TEST(roman_numbers_are_so_great)
{
    outcome o = format(ASL_ROMAN_NUMBER_MAX, "I");
    ck_assert_str_eq(o.text, "");
    ck_assert_uint_eq(o.size, ASL_ROMAN_NUMBER_MAX / 1000);
    ck_assert_str_eq(format(ASL_ROMAN_NUMBER_MAX + 1, "I").text,
                     "Maximum call stack size exceeded");
}
END_TEST

static outcome parse(const char *text, const char *picture)
{
    asl_millis millis = {false, 0};
    asl_buffer none;
    asl_picture_fault fault;
    asl_buffer_init(&none, NULL);
    asl_picture_fault_init(&fault, NULL);
    int status =
        asl_jsonata_to_millis((asl_picture_text){text, strlen(text)},
                              (asl_picture_text){picture, strlen(picture)}, 0, &millis, &fault);
    ck_assert(status != ASL_OK || millis.is_found);
    return outcome_of(status, &none, &fault);
}

static outcome parse_literal(size_t size)
{
    char *text = limit_text("2018", "a", size, ""), *picture = limit_text("[Y]", "a", size, "");
    outcome o = parse(text, picture);
    free(text);
    free(picture);
    return o;
}

START_TEST(a_time_picture_is_so_long_an_expression)
{
    size_t around = strlen("^([0-9]+)()$");
    ck_assert_str_eq(parse_literal(ASL_PICTURE_PATTERN_UNITS_MAX - around).text, "");
    ck_assert_str_eq(parse_literal(ASL_PICTURE_PATTERN_UNITS_MAX - around + 1).text,
                     "/i: Regular expression too large");
}
END_TEST

/* Two steps for each digit, and one for each unit of the literal. */
static outcome parse_digits(size_t digits, const char *literal)
{
    char *text = limit_text("", "1", digits, literal), picture[16];
    snprintf(picture, sizeof picture, "[Y]%s", literal);
    outcome o = parse(text, picture);
    free(text);
    return o;
}

START_TEST(matching_takes_so_many_steps)
{
    size_t around = 11; /* choices of alternatives, ends of groups and text, a digit too many */
    size_t digits = (ASL_PICTURE_MATCH_STEPS_MAX - around - 2) / 2;
    ck_assert_uint_eq(2 * digits + 3 + around, ASL_PICTURE_MATCH_STEPS_MAX);
    ck_assert_str_eq(parse_digits(digits, "aaa").text, "");
    ck_assert_str_eq(parse_digits(digits, "aaaa").text, "U1001");
}
END_TEST

SUITE("limit/pictures", a_picture_makes_so_many_units, roman_numbers_are_so_great,
      a_time_picture_is_so_long_an_expression, matching_takes_so_many_steps)
