/* Deep equality. */
#include <stdio.h>

#include "json.h"
#include "suite.h"
#include "value/value_layout.h"

static void check_equal(const char *left, const char *right, bool expected)
{
    asl_value *l = json_quoted(left), *r = json_quoted(right);
    ck_assert_msg(asl_value_equal(l, r) == expected, "%s and %s", left, right);
    ck_assert_msg(asl_value_equal(r, l) == expected, "%s and %s", right, left);
    ck_assert(asl_value_equal(l, l));
    asl_value_unref(l);
    asl_value_unref(r);
}

START_TEST(equal_values_are_equal)
{
    check_equal("null", "null", true);
    check_equal("[]", "[]", true);
    check_equal("{}", "{}", true);
    check_equal("{'a':1,'b':[1,{'c':null}]}", "{'b':[1,{'c':null}],'a':1}", true);
    check_equal("1", "1.0", true);
    check_equal("[100]", "[1e2]", true);
    check_equal("0", "-0", true);
    check_equal("'\\u0041'", "'A'", true);
}
END_TEST

START_TEST(different_values_are_different)
{
    check_equal("null", "false", false);
    check_equal("true", "false", false);
    check_equal("0", "'0'", false);
    check_equal("[]", "{}", false);
    check_equal("[1]", "[1,1]", false);
    check_equal("[1,2]", "[2,1]", false);
    check_equal("{'a':1}", "{'b':1}", false);
    check_equal("{'a':1}", "{'a':2}", false);
    check_equal("{'a':1,'b':1}", "{'a':1}", false);
    check_equal("{'a':1,'b':2}", "{'c':1,'b':2}", false);
    check_equal("'a'", "'b'", false);
    check_equal("'a'", "'a\\u0000'", false);
    check_equal("[[[[1]]],2]", "[[[[2]]],2]", false);
    check_equal("9007199254740993", "9007199254740992", false);
    check_equal("9007199254740993", "9007199254740993.0", true);
    check_equal("0.1", "0.10000000000000000001", false);
}
END_TEST

START_TEST(order_of_many_members_does_not_matter)
{
    asl_value *up = asl_value_object(NULL), *down = asl_value_object(NULL);
    for (int i = 0; i < 200; i++) {
        char key[8];
        snprintf(key, sizeof key, "%d", i);
        asl_value_set(&up, key, asl_value_integer(NULL, i));
        snprintf(key, sizeof key, "%d", 199 - i);
        asl_value_set(&down, key, asl_value_integer(NULL, 199 - i));
    }
    ck_assert(asl_value_equal(up, down));
    asl_value_set(&down, "77", asl_value_null());
    ck_assert(!asl_value_equal(up, down));
    asl_value_unref(up);
    asl_value_unref(down);
}
END_TEST

START_TEST(the_deepest_values_compare)
{
    asl_value *values[2];
    for (int side = 0; side < 2; side++) {
        values[side] = asl_value_array(NULL);
        for (unsigned i = 1; i < ASL_VALUE_DEPTH_MAX; i++) {
            asl_value *around = asl_value_array(NULL);
            asl_value_append(&around, values[side]);
            asl_value_append(&around, asl_value_integer(NULL, 5000 + (side == 1 && i == 3)));
            values[side] = around;
        }
    }
    ck_assert(!asl_value_equal(values[0], values[1]));
    asl_value_unref(values[0]);
    asl_value_unref(values[1]);
}
END_TEST

SUITE("value/equal", equal_values_are_equal, different_values_are_different,
      order_of_many_members_does_not_matter, the_deepest_values_compare)
