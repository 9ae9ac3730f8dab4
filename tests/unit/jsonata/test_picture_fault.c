/* Pictures where memory runs out: each allocation fails in turn. */
#include "check_pictures.h"
#include "fault_heap.h"

typedef int call_with(picture_call *call);

static int format_number(picture_call *call)
{
    asl_number_options options = {0};
    options.symbols[ASL_GROUPING_SEPARATOR] = picture_text("ab");
    options.symbols[ASL_EXPONENT_SEPARATOR] = picture_text("^");
    return asl_jsonata_format_number(-1234567.891, picture_text("#,#,##0.0,0;(#,0,0.00)"), NULL,
                                     &call->out, &call->fault) |
           asl_jsonata_format_number(5, picture_text("0^0"), &options, &call->out, &call->fault);
}

static int format_integer(picture_call *call)
{
    return asl_jsonata_format_integer(-1234567, picture_text("#,##,00😀0;o"), &call->out,
                                      &call->fault) |
           asl_jsonata_format_integer(1234567, picture_text("Ww;o"), &call->out, &call->fault);
}

static int parse_integer(picture_call *call)
{
    double number;
    return asl_jsonata_parse_integer(picture_text("1,23.45"), picture_text("#,##.#0"), &number,
                                     &call->fault);
}

static int format_time(picture_call *call)
{
    return asl_jsonata_from_millis(1521801216617,
                                   picture_text("a]]b[Y,*-4][MNn,3][D01o][H]:[m]:[s] [Z] [[[PN]"),
                                   picture_text("+0530"), &call->out, &call->fault);
}

static int parse_time(picture_call *call)
{
    asl_millis millis;
    return asl_jsonata_to_millis(
        picture_text("twenty-first March, 2018 1111111111111111111111111111111 a"),
        picture_text("[Dwo] [MNn], [Y0001] [H][m][s][f][H][m][s][f] A"), 0, &millis, &call->fault);
}

static int raise_fault(picture_call *call)
{
    asl_millis millis;
    int status =
        asl_jsonata_to_millis(picture_text("x"), picture_text("[Z0+0]"), 0, &millis, &call->fault);
    if (status == ASL_EVALUATION)
        status = asl_jsonata_format_integer(1, picture_text("long enough to be allocated"),
                                            &call->out, &call->fault);
    return status == ASL_EVALUATION ? ASL_OK : status;
}

static void check_sweep(call_with *scenario)
{
    fault_heap heap;
    size_t nth = 1;
    fault_heap_init(&heap);
    for (; fault_heap_sweep(&heap, nth, true); nth++) {
        picture_call call;
        picture_call_init(&call, &heap.hook);
        int status = scenario(&call);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        picture_call_done(&call);
    }
    ck_assert_uint_gt(nth, 3);
}

START_TEST(every_allocation_may_fail)
{
    static call_with *const scenarios[] = {format_number, format_integer, parse_integer,
                                           format_time,   parse_time,     raise_fault};
    for (size_t i = 0; i < COUNT(scenarios); i++)
        check_sweep(scenarios[i]);
}
END_TEST

START_TEST(a_limit_of_the_caller_is_its_own)
{
    picture_call call;
    picture_call_init(&call, NULL);
    call.out.limit = 3;
    ck_assert_int_eq(asl_jsonata_format_integer(1234, picture_text("0"), &call.out, &call.fault),
                     ASL_TOO_LARGE);
    picture_call_done(&call);
}
END_TEST

START_TEST(a_later_fault_replaces_an_earlier_one)
{
    picture_call call;
    picture_call_init(&call, NULL);
    call.status = asl_jsonata_format_integer(1, picture_text("α"), &call.out, &call.fault);
    ck_assert_int_eq(call.status, ASL_EVALUATION);
    call.status = asl_jsonata_format_integer(1, picture_text("0٠"), &call.out, &call.fault);
    check_fault(&call, "D3131", "", "0٠");
}
END_TEST

SUITE("jsonata/fault", every_allocation_may_fail, a_limit_of_the_caller_is_its_own,
      a_later_fault_replaces_an_earlier_one)
