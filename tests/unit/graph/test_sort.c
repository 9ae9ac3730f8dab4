#include "graph/sheet.h"
#include "graph/sort.h"
#include "suite.h"

START_TEST(equals_keep_their_order)
{
    asl_keyed items[100], scratch[100];
    for (uint32_t i = 0; i < 100; i++)
        items[i] = (asl_keyed){(int64_t)(i * 37 % 10) - 5, i};
    asl_graph_sort(items, 100, scratch);
    for (uint32_t i = 1; i < 100; i++) {
        ck_assert_int_le(items[i - 1].key, items[i].key);
        if (items[i - 1].key == items[i].key)
            ck_assert_uint_lt(items[i - 1].value, items[i].value);
    }
    asl_graph_sort(items, 0, scratch);
    asl_graph_sort(items, 1, scratch);
    ck_assert_int_eq(items[0].key, -5);
}
END_TEST

static void spread(asl_wish *wishes, size_t count)
{
    int64_t scratch[64];
    ck_assert_uint_le(count * 3, 64);
    asl_graph_spread(wishes, count, scratch);
}

START_TEST(what_has_room_stands_where_it_wants_to)
{
    asl_wish wishes[] = {{-50, 1, 0}, {0, 3, 50}, {70, 2, 50}};
    spread(wishes, 3);
    ck_assert_int_eq(wishes[0].x, -50);
    ck_assert_int_eq(wishes[1].x, 0);
    ck_assert_int_eq(wishes[2].x, 70);
}
END_TEST

START_TEST(equals_that_want_one_place_stand_around_it)
{
    asl_wish wishes[] = {{100, 1, 0}, {100, 1, 40}, {100, 1, 40}};
    spread(wishes, 3);
    ck_assert_int_eq(wishes[0].x, 60);
    ck_assert_int_eq(wishes[1].x, 100);
    ck_assert_int_eq(wishes[2].x, 140);
}
END_TEST

START_TEST(the_lighter_one_gives_way)
{
    asl_wish wishes[] = {{0, 10000, 0}, {0, 1, 30}};
    spread(wishes, 2);
    ck_assert_int_eq(wishes[0].x, 0);
    ck_assert_int_eq(wishes[1].x, 30);
}
END_TEST

START_TEST(room_is_kept_whatever_is_wanted)
{
    uint32_t state = 7;
    for (int round = 0; round < 2000; round++) {
        asl_wish wishes[20];
        for (int i = 0; i < 20; i++) {
            state = state * 1664525u + 1013904223u;
            wishes[i] = (asl_wish){(int64_t)(state >> 8) % 2001 - 1000, 1 + (state >> 4) % 50,
                                   i > 0 ? (state >> 16) % 90 : 0};
        }
        int64_t room[20];
        for (int i = 0; i < 20; i++)
            room[i] = wishes[i].room;
        spread(wishes, 20);
        for (int i = 1; i < 20; i++)
            ck_assert_int_ge(wishes[i].x - wishes[i - 1].x, room[i]);
    }
}
END_TEST

SUITE("graph/sort", equals_keep_their_order, what_has_room_stands_where_it_wants_to,
      equals_that_want_one_place_stand_around_it, the_lighter_one_gives_way,
      room_is_kept_whatever_is_wanted)
