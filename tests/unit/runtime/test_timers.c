#include "runtime/timers.h"

#include "base/random.h"
#include "suite.h"

#define TIMER_COUNT 500

static int64_t pop(asl_timers *timers)
{
    const asl_timer_entry *first = asl_timers_first(timers);
    int64_t due_ms = first->due_ms;
    asl_timer_disarm(first->timer);
    return due_ms;
}

START_TEST(timers_come_in_the_order_due_execution_event)
{
    asl_timers timers;
    asl_timers_init(&timers, NULL);
    asl_timer timer[4] = {{.timers = NULL}};
    ck_assert_int_eq(asl_timers_arm(&timers, &timer[0], 10, 2, 1), 0);
    ck_assert_int_eq(asl_timers_arm(&timers, &timer[1], 10, 1, 9), 0);
    ck_assert_int_eq(asl_timers_arm(&timers, &timer[2], 5, 7, 7), 0);
    ck_assert_int_eq(asl_timers_arm(&timers, &timer[3], 10, 1, 3), 0);
    static const int order[] = {2, 3, 1, 0};
    for (int i = 0; i < 4; i++) {
        ck_assert_ptr_eq(asl_timers_first(&timers)->timer, &timer[order[i]]);
        asl_timer_disarm(&timer[order[i]]);
    }
    ck_assert_ptr_null(asl_timers_first(&timers));
    asl_timers_done(&timers);
}
END_TEST

START_TEST(arming_again_moves_a_timer)
{
    asl_timers timers;
    asl_timers_init(&timers, NULL);
    asl_timer one = {.timers = NULL}, two = {.timers = NULL};
    asl_timers_arm(&timers, &one, 10, 1, 1);
    asl_timers_arm(&timers, &two, 20, 1, 1);
    asl_timers_arm(&timers, &one, 30, 1, 1);
    ck_assert_uint_eq(timers.count, 2);
    ck_assert_int_eq(pop(&timers), 20);
    ck_assert_int_eq(pop(&timers), 30);
    ck_assert_ptr_null(one.timers);
    asl_timer_disarm(&one);
    asl_timers_done(&timers);
}
END_TEST

/* Against a plain search for the least: random arming, moving and disarming. */
START_TEST(the_first_is_always_the_least_of_those_armed)
{
    asl_timers timers;
    asl_timers_init(&timers, NULL);
    static asl_timer timer[TIMER_COUNT];
    static int64_t due_ms[TIMER_COUNT];
    for (uint64_t step = 0; step < 20000; step++) {
        size_t at = asl_random_draw(1, step, 0) % TIMER_COUNT;
        if (asl_random_draw(1, step, 1) % 3 == 0) {
            asl_timer_disarm(&timer[at]);
        } else {
            due_ms[at] = (int64_t)(asl_random_draw(1, step, 2) % 1000);
            ck_assert_int_eq(asl_timers_arm(&timers, &timer[at], due_ms[at], 1, 1), 0);
        }
        int64_t least_ms = INT64_MAX;
        for (size_t i = 0; i < TIMER_COUNT; i++)
            if (timer[i].timers && due_ms[i] < least_ms)
                least_ms = due_ms[i];
        const asl_timer_entry *first = asl_timers_first(&timers);
        ck_assert_int_eq(first ? first->due_ms : INT64_MAX, least_ms);
    }
    asl_timers_done(&timers);
}
END_TEST

SUITE("runtime/timers", timers_come_in_the_order_due_execution_event, arming_again_moves_a_timer,
      the_first_is_always_the_least_of_those_armed)
