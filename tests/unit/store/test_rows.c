/* The host's rows: written with batches, read one by one, scanned upwards and downwards. */
#include "stores.h"
#include "value/value.h"

START_TEST(rows_come_and_go_with_their_batch)
{
    FOR_EACH_STORE(f)
    {
        asl_writes *writes = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(writes, "t", "b", 1, "2", 1), ASL_OK);
        ck_assert_int_eq(asl_writes_put(writes, "t", "a", 1, "1", 1), ASL_OK);
        ck_assert_int_eq(asl_writes_put(writes, "t", "c", 1, "", 0), ASL_OK);
        ck_assert_int_eq(asl_writes_put(writes, "t2", "a", 1, "other", 5), ASL_OK);
        report r;
        start_batch(&r, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n", "r");
        r.batch.writes = writes;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        fixture_reopen(&f);
        ck_assert(rows_are(f.store, "t", NULL, "a=1;b=2;c=;"));
        ck_assert(rows_are(f.store, "t2", NULL, "a=other;"));
        ck_assert(rows_are(f.store, "t3", NULL, ""));
        /* A start that is refused writes nothing. */
        asl_writes *refused = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(refused, "t", "a", 1, "wrong", 5), ASL_OK);
        start_batch(&r, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n", "r");
        r.batch.writes = refused;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_EXISTS);
        /* Writes need no execution. */
        asl_writes *change = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_delete(change, "t", "b", 1), ASL_OK);
        ck_assert_int_eq(asl_writes_delete(change, "t", "missing", 7), ASL_OK);
        ck_assert_int_eq(asl_writes_put(change, "t", "a", 1, "first", 5), ASL_OK);
        ck_assert_int_eq(asl_writes_put(change, "t", "a", 1, "last", 4), ASL_OK);
        ck_assert_int_eq(asl_writes_put(change, "t", "aa", 2, "x", 1), ASL_OK);
        step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
        r.batch.writes = change;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        fixture_reopen(&f);
        ck_assert(rows_are(f.store, "t", NULL, "a=last;aa=x;c=;"));
        asl_writes_free(writes);
        asl_writes_free(refused);
        asl_writes_free(change);
    }
}
END_TEST

static bool stop_after_two(void *context, const void *key, size_t key_size, const void *row,
                           size_t row_size)
{
    (void)key;
    (void)key_size;
    (void)row;
    (void)row_size;
    return ++*(int *)context < 2;
}

START_TEST(scans_begin_where_asked_and_end_when_told)
{
    FOR_EACH_STORE(f)
    {
        asl_writes *writes = asl_writes_new(NULL);
        for (char c = 'a'; c <= 'f'; c++)
            ck_assert_int_eq(asl_writes_put(writes, "t", &c, 1, &c, 1), ASL_OK);
        ck_assert_int_eq(asl_writes_put(writes, "t", "c\0x", 3, "nul", 3), ASL_OK);
        ck_assert_int_eq(asl_writes_put(writes, "t", "\xff", 1, "last", 4), ASL_OK);
        report r;
        step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
        r.batch.writes = writes;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        ck_assert(rows_are(f.store, "t", "e", "e=e;f=f;\xff=last;"));
        ck_assert(rows_are(f.store, "t", "dd", "e=e;f=f;\xff=last;"));
        ck_assert(rows_are(f.store, "t", "\xff\xff", ""));
        int count = 0;
        ck_assert_int_eq(asl_table_scan(f.store, "t", "c\0", 2, stop_after_two, &count, NULL),
                         ASL_OK);
        ck_assert_int_eq(count, 2);
        asl_writes_free(writes);
    }
}
END_TEST

/* Writes empty rows. */
static void put_keys(fixture *f, const char *table, const char *const *keys)
{
    report r;
    asl_writes *writes = asl_writes_new(NULL);
    for (; *keys != NULL; keys++)
        ck_assert_int_eq(asl_writes_put(writes, table, *keys, strlen(*keys), "", 0), ASL_OK);
    step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
    r.batch.writes = writes;
    ck_assert_int_eq(run_batch(f->store, &r), ASL_OK);
    asl_writes_free(writes);
}

START_TEST(a_table_without_rows_has_none_below_either)
{
    FOR_EACH_STORE(f)
    {
        ck_assert(rows_back_are(f.store, "t", NULL, ""));
        ck_assert(rows_back_are(f.store, "t", "k", ""));
        ck_assert(rows_back_are(f.store, "", NULL, ""));
        put_keys(&f, "s", (const char *const[]){"k", NULL});
        put_keys(&f, "u", (const char *const[]){"k", NULL});
        ck_assert(rows_back_are(f.store, "t", NULL, ""));
        ck_assert(rows_back_are(f.store, "t", "k", ""));
        ck_assert(rows_back_are(f.store, "r", NULL, ""));
        ck_assert(rows_back_are(f.store, "v", NULL, ""));
    }
}
END_TEST

START_TEST(scans_back_begin_below_what_is_given)
{
    FOR_EACH_STORE(f)
    {
        put_keys(&f, "t", (const char *const[]){"b", "ba", "bb", "c", "c\xff", "\xff\xff", NULL});
        ck_assert(rows_back_are(f.store, "t", NULL, "\xff\xff=;c\xff=;c=;bb=;ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "\xff\xff\xff", "\xff\xff=;c\xff=;c=;bb=;ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "\xff\xff", "c\xff=;c=;bb=;ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "\xff", "c\xff=;c=;bb=;ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "c\xff", "c=;bb=;ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "c", "bb=;ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "baa", "ba=;b=;"));
        ck_assert(rows_back_are(f.store, "t", "ba", "b=;"));
        ck_assert(rows_back_are(f.store, "t", "b", ""));
        ck_assert(rows_back_are(f.store, "t", "a", ""));
        ck_assert(rows_back_are(f.store, "t", "", ""));
    }
}
END_TEST

START_TEST(scans_back_stay_in_their_table)
{
    FOR_EACH_STORE(f)
    {
        put_keys(&f, "a", (const char *const[]){"1", "\xff", NULL});
        put_keys(&f, "a-", (const char *const[]){"1", NULL});
        put_keys(&f, "aa", (const char *const[]){"1", "a", NULL});
        put_keys(&f, "aaa", (const char *const[]){"1", NULL});
        put_keys(&f, "b", (const char *const[]){"1", NULL});
        ck_assert(rows_back_are(f.store, "a", NULL, "\xff=;1=;"));
        ck_assert(rows_back_are(f.store, "a", "\xff\xff", "\xff=;1=;"));
        ck_assert(rows_back_are(f.store, "a", "1", ""));
        ck_assert(rows_back_are(f.store, "a-", NULL, "1=;"));
        ck_assert(rows_back_are(f.store, "a-", "1", ""));
        ck_assert(rows_back_are(f.store, "aa", NULL, "a=;1=;"));
        ck_assert(rows_back_are(f.store, "aa", "a", "1=;"));
        ck_assert(rows_back_are(f.store, "aaa", NULL, "1=;"));
        ck_assert(rows_back_are(f.store, "b", NULL, "1=;"));
        ck_assert(rows_back_are(f.store, "b", "1", ""));
    }
}
END_TEST

static bool note_last(void *context, const void *key, size_t key_size, const void *row,
                      size_t row_size)
{
    (void)row;
    (void)row_size;
    memcpy(context, key, key_size);
    return false;
}

START_TEST(scans_back_end_when_told_and_take_keys_of_any_length)
{
    char longest[ASL_TABLE_KEY_MAX + 1], before[1000];
    memset(longest, 'x', sizeof longest);
    longest[ASL_TABLE_KEY_MAX] = '\0';
    memset(before, 'x', sizeof before);
    FOR_EACH_STORE(f)
    {
        put_keys(&f, "t", (const char *const[]){"a", "b", "c", longest, "y", NULL});
        int count = 0;
        ck_assert_int_eq(asl_table_scan_back(f.store, "t", NULL, 0, stop_after_two, &count, NULL),
                         ASL_OK);
        ck_assert_int_eq(count, 2);
        /* Past the longest key, by one byte and by many. */
        for (size_t size = ASL_TABLE_KEY_MAX; size <= sizeof before; size += 1 + size % 2 * 742) {
            char last[ASL_TABLE_KEY_MAX + 1] = "";
            ck_assert_int_eq(asl_table_scan_back(f.store, "t", before, size, note_last, last, NULL),
                             ASL_OK);
            ck_assert_str_eq(last, size > ASL_TABLE_KEY_MAX ? longest : "c");
        }
        /* A NUL is a byte like others. */
        char last[ASL_TABLE_KEY_MAX + 1] = "";
        ck_assert_int_eq(asl_table_scan_back(f.store, "t", "b\0", 2, note_last, last, NULL),
                         ASL_OK);
        ck_assert_str_eq(last, "b");
    }
}
END_TEST

typedef struct ordered {
    char last[5];
    unsigned count;
} ordered;

static bool check_order(void *context, const void *key, size_t key_size, const void *row,
                        size_t row_size)
{
    ordered *seen = context;
    ck_assert_uint_eq(key_size, sizeof seen->last);
    ck_assert_uint_eq(row_size, key_size);
    ck_assert_mem_eq(key, row, key_size);
    ck_assert_int_gt(memcmp(key, seen->last, key_size), 0);
    memcpy(seen->last, key, key_size);
    seen->count++;
    return true;
}

static bool check_falling(void *context, const void *key, size_t key_size, const void *row,
                          size_t row_size)
{
    ordered *seen = context;
    ck_assert_uint_eq(key_size, sizeof seen->last);
    ck_assert_uint_eq(row_size, key_size);
    ck_assert_mem_eq(key, row, key_size);
    ck_assert(seen->count == 0 || memcmp(key, seen->last, key_size) < 0);
    memcpy(seen->last, key, key_size);
    seen->count++;
    return true;
}

START_TEST(many_rows_stay_in_order_while_they_come_and_go)
{
    enum { COUNT = 3000 };
    FOR_EACH_STORE(f)
    {
        char key[8];
        asl_writes *writes = asl_writes_new(NULL);
        for (unsigned i = 0; i < COUNT; i++) {
            snprintf(key, sizeof key, "%05u", i * 7919 % 99991);
            ck_assert_int_eq(asl_writes_put(writes, "t", key, 5, key, 5), ASL_OK);
        }
        for (unsigned i = 0; i < COUNT; i += 3) {
            snprintf(key, sizeof key, "%05u", i * 7919 % 99991);
            ck_assert_int_eq(asl_writes_delete(writes, "t", key, 5), ASL_OK);
        }
        report r;
        step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
        r.batch.writes = writes;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        ordered seen = {.count = 0};
        ck_assert_int_eq(asl_table_scan(f.store, "t", NULL, 0, check_order, &seen, NULL), ASL_OK);
        ck_assert_uint_eq(seen.count, COUNT - COUNT / 3);
        seen = (ordered){.count = 0};
        ck_assert_int_eq(asl_table_scan_back(f.store, "t", NULL, 0, check_falling, &seen, NULL),
                         ASL_OK);
        ck_assert_uint_eq(seen.count, COUNT - COUNT / 3);
        asl_writes_free(writes);
    }
}
END_TEST

START_TEST(rows_are_read_as_json)
{
    FOR_EACH_STORE(f)
    {
        asl_value *order = asl_value_object(NULL), *row = NULL;
        asl_error *error = NULL;
        ck_assert_int_eq(asl_value_set(&order, "quantity", asl_value_integer(NULL, 3)), ASL_OK);
        asl_writes *writes = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put_value(writes, "order", "o1", 2, order), ASL_OK);
        ck_assert_int_eq(asl_writes_put(writes, "order", "o2", 2, "{", 1), ASL_OK);
        report r;
        step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
        r.batch.writes = writes;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        ck_assert_int_eq(asl_table_get_value(f.store, "order", "o1", 2, &row, NULL), ASL_OK);
        ck_assert(asl_value_equal(row, order));
        ck_assert(rows_are(f.store, "order", NULL, "o1={\"quantity\":3};o2={;"));
        asl_value_unref(row);
        ck_assert_int_eq(asl_table_get_value(f.store, "order", "o2", 2, &row, &error), ASL_SYNTAX);
        asl_error_free(error);
        error = NULL;
        ck_assert_int_eq(asl_table_get_value(f.store, "order", "o3", 2, &row, &error),
                         ASL_NOT_FOUND);
        asl_error_free(error);
        ck_assert_int_eq(asl_table_get_value(f.store, "orde", "o1", 2, &row, NULL), ASL_NOT_FOUND);
        asl_writes_free(writes);
        asl_value_unref(order);
    }
}
END_TEST

SUITE("store/rows", rows_come_and_go_with_their_batch, scans_begin_where_asked_and_end_when_told,
      a_table_without_rows_has_none_below_either, scans_back_begin_below_what_is_given,
      scans_back_stay_in_their_table, scans_back_end_when_told_and_take_keys_of_any_length,
      many_rows_stay_in_order_while_they_come_and_go, rows_are_read_as_json)
