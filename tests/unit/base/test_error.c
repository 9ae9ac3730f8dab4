/* Engine errors. */
#include "base/error.h"

#include "suite.h"

START_TEST(an_error_carries_status_and_message)
{
    asl_error *error = NULL;
    ck_assert_int_eq(asl_error_set(&error, ASL_IO, "%s: %d", "file", 5), ASL_IO);
    ck_assert_int_eq(asl_error_status(error), ASL_IO);
    ck_assert_str_eq(asl_error_message(error), "file: 5");
    ck_assert(!asl_error_is_stand_in(error));
    ck_assert_uint_eq(asl_error_line(error), 0);
    ck_assert_uint_eq(asl_error_column(error), 0);
    ck_assert_uint_eq(asl_error_offset(error), 0);
    asl_error_free(error);
}
END_TEST

START_TEST(the_first_error_stays)
{
    asl_error *error = NULL;
    asl_error_set(&error, ASL_IO, "first");
    ck_assert_int_eq(asl_error_set(&error, ASL_SYNTAX, "second"), ASL_SYNTAX);
    ck_assert_str_eq(asl_error_message(error), "first");
    asl_error_free(error);
}
END_TEST

START_TEST(nobody_need_ask_for_the_error)
{
    ck_assert_int_eq(asl_error_set(NULL, ASL_IO, "x"), ASL_IO);
    ck_assert_int_eq(asl_error_set_place(NULL, ASL_SYNTAX, "abc", 3, 1, "x"), ASL_SYNTAX);
    ck_assert_int_eq(asl_error_status(NULL), ASL_OK);
    ck_assert_ptr_nonnull(asl_error_message(NULL));
    ck_assert(!asl_error_is_stand_in(NULL));
    asl_error_free(NULL);
}
END_TEST

START_TEST(a_place_is_a_line_and_a_column_of_code_points)
{
    asl_error *error = NULL;
    asl_error_set_place(&error, ASL_SYNTAX, "a\n\xC3\xA9x", 5, 4, "here");
    ck_assert_uint_eq(asl_error_line(error), 2);
    ck_assert_uint_eq(asl_error_column(error), 2);
    ck_assert_uint_eq(asl_error_offset(error), 4);
    asl_error_free(error);
}
END_TEST

START_TEST(every_status_has_its_name)
{
    ck_assert_str_eq(asl_status_name(ASL_OK), "ASL_OK");
    ck_assert_str_eq(asl_status_name(ASL_NOMEM), "ASL_NOMEM");
    ck_assert_str_eq(asl_status_name(ASL_MISUSE), "ASL_MISUSE");
    ck_assert_str_eq(asl_status_name(ASL_SYNTAX), "ASL_SYNTAX");
    ck_assert_str_eq(asl_status_name(ASL_TOO_LARGE), "ASL_TOO_LARGE");
    ck_assert_str_eq(asl_status_name(ASL_INVALID), "ASL_INVALID");
    ck_assert_str_eq(asl_status_name(ASL_NOT_FOUND), "ASL_NOT_FOUND");
    ck_assert_str_eq(asl_status_name(ASL_EXISTS), "ASL_EXISTS");
    ck_assert_str_eq(asl_status_name(ASL_UNSUPPORTED), "ASL_UNSUPPORTED");
    ck_assert_str_eq(asl_status_name(ASL_IO), "ASL_IO");
    ck_assert_str_eq(asl_status_name(ASL_STORE_LOCKED), "ASL_STORE_LOCKED");
    ck_assert_str_eq(asl_status_name(ASL_STORE_FULL), "ASL_STORE_FULL");
    ck_assert_str_eq(asl_status_name(ASL_STORE_LOST), "ASL_STORE_LOST");
    ck_assert_str_eq(asl_status_name(ASL_STORE_CORRUPT), "ASL_STORE_CORRUPT");
    ck_assert_str_eq(asl_status_name(ASL_STORE_NEWER), "ASL_STORE_NEWER");
    ck_assert_str_eq(asl_status_name(ASL_READ_ONLY), "ASL_READ_ONLY");
    ck_assert_str_eq(asl_status_name(ASL_TASK_CLOSED), "ASL_TASK_CLOSED");
    ck_assert_str_eq(asl_status_name(ASL_NO_HANDLER), "ASL_NO_HANDLER");
    ck_assert_str_eq(asl_status_name(ASL_DENIED), "ASL_DENIED");
    ck_assert_str_eq(asl_status_name(ASL_TIMED_OUT), "ASL_TIMED_OUT");
    ck_assert_str_eq(asl_status_name(-1000), "(unknown status)");
    ck_assert_str_eq(asl_status_name(1), "(unknown status)");
}
END_TEST

SUITE("base/error", an_error_carries_status_and_message, the_first_error_stays,
      nobody_need_ask_for_the_error, a_place_is_a_line_and_a_column_of_code_points,
      every_status_has_its_name)
