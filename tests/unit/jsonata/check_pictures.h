/* What the tests of pictures share: calls that are compared with their outcome. */
#ifndef ASL_TESTS_CHECK_PICTURES_H
#define ASL_TESTS_CHECK_PICTURES_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "jsonata/pictures.h"
#include "suite.h"

#define COUNT(items) (sizeof(items) / sizeof(items)[0])

static inline asl_picture_text picture_text(const char *text)
{
    return (asl_picture_text){text, text != NULL ? strlen(text) : 0};
}

/* One call: its buffer and fault. */
typedef struct picture_call {
    asl_buffer out;
    asl_picture_fault fault;
    int status;
} picture_call;

static inline void picture_call_init(picture_call *call, const asl_heap *heap)
{
    asl_buffer_init(&call->out, heap);
    asl_picture_fault_init(&call->fault, heap);
}

static inline void picture_call_done(picture_call *call)
{
    asl_buffer_done(&call->out);
    asl_picture_fault_done(&call->fault);
}

/* It has made this text. */
static inline void check_made(picture_call *call, const char *expected, const char *what)
{
    ck_assert_msg(call->status == ASL_OK, "%s: %d %s", what, call->status,
                  asl_buffer_string(&call->fault.text));
    ck_assert_msg(strcmp(asl_buffer_string(&call->out), expected) == 0, "%s: %s, not %s", what,
                  asl_buffer_string(&call->out), expected);
    picture_call_done(call);
}

/* It has failed with this code and value, or (no code) with this message, and made nothing. */
static inline void check_fault(picture_call *call, const char *code, const char *text,
                               const char *what)
{
    ck_assert_msg(call->status == ASL_EVALUATION, "%s: %d", what, call->status);
    ck_assert_uint_eq(call->out.size, 0);
    ck_assert_msg((code == NULL) == (call->fault.code == NULL), "%s", what);
    if (code != NULL)
        ck_assert_msg(strcmp(call->fault.code, code) == 0, "%s: %s", what, call->fault.code);
    ck_assert_msg(strcmp(asl_buffer_string(&call->fault.text), text) == 0, "%s: %s", what,
                  asl_buffer_string(&call->fault.text));
    picture_call_done(call);
}

/* The same number: NaN and -0 count. */
static inline bool is_same(double left, double right)
{
    return isnan(left) ? isnan(right) : left == right && signbit(left) == signbit(right);
}

#endif
