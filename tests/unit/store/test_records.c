/* Records: all of an execution, from its newest one back, or its first and last. Over all stores.
 */
#include "stores.h"

START_TEST(records_come_back_oldest_first_and_unmixed)
{
    FOR_EACH_STORE(f)
    {
        uint64_t a = start_execution(f.store, "m", "a");
        uint64_t b = start_execution(f.store, "m", "b");
        report r[4];
        step_batch(&r[0], a, ASL_EXECUTION_RUNNING, "a1");
        step_batch(&r[1], b, ASL_EXECUTION_RUNNING, "b1");
        step_batch(&r[2], a, ASL_EXECUTION_RUNNING, "a2");
        step_batch(&r[3], a, ASL_EXECUTION_RUNNING, NULL);
        for (int i = 0; i < 4; i++)
            asl_store_submit(f.store, &r[i].batch);
        ck_assert(asl_store_has_pending(f.store));
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        ck_assert(!asl_store_has_pending(f.store));
        ck_assert_int_eq(r[3].status, ASL_MISUSE);
        ck_assert_uint_lt(r[0].batch.lsn, r[1].batch.lsn);
        ck_assert_uint_lt(r[1].batch.lsn, r[2].batch.lsn);
        ck_assert_uint_eq(r[2].batch.head.last_lsn, r[2].batch.lsn);
        step_batch(&r[0], a, ASL_EXECUTION_RUNNING, "a3");
        ck_assert_int_eq(run_batch(f.store, &r[0]), ASL_OK);
        fixture_reopen(&f);
        ck_assert(records_are(f.store, a, "start;a1;a2;a3;"));
        ck_assert(records_are(f.store, b, "start;b1;"));
    }
}
END_TEST

static int stop_at_once(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    (void)record;
    (void)size;
    ++*(int *)context;
    return ASL_TIMED_OUT;
}

START_TEST(a_visit_ends_reading_with_its_status)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = start_execution(f.store, "m", "a");
        report r;
        step_batch(&r, number, ASL_EXECUTION_RUNNING, "more");
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        int calls = 0;
        ck_assert_int_eq(asl_store_read_records(f.store, number, stop_at_once, &calls, NULL),
                         ASL_TIMED_OUT);
        ck_assert_int_eq(calls, 1);
    }
}
END_TEST

static void add_record(asl_store *store, uint64_t number, const char *record)
{
    report r;
    step_batch(&r, number, ASL_EXECUTION_RUNNING, record);
    ck_assert_int_eq(run_batch(store, &r), ASL_OK);
}

/* Appends records until one that says "stop". */
static int append_until_stop(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    asl_buffer_append(context, record, size);
    asl_buffer_byte(context, ';');
    return size == 4 && memcmp(record, "stop", 4) == 0 ? ASL_STORE_STOP : ASL_OK;
}

static void assert_back(asl_store *store, uint64_t number, const char *text)
{
    asl_buffer got;
    asl_buffer_init(&got, NULL);
    ck_assert_int_eq(asl_store_read_records_back(store, number, append_until_stop, &got, NULL),
                     ASL_OK);
    ck_assert_str_eq(asl_buffer_string(&got), text);
    asl_buffer_done(&got);
}

START_TEST(records_can_be_read_newest_first_until_it_is_enough)
{
    FOR_EACH_STORE(f)
    {
        uint64_t a = start_execution(f.store, "m", "a");
        uint64_t b = start_execution(f.store, "m", "b");
        add_record(f.store, a, "a1");
        add_record(f.store, b, "stop");
        add_record(f.store, a, "a2");
        add_record(f.store, b, "b2");
        fixture_reopen(&f);
        assert_back(f.store, a, "a2;a1;start;");
        assert_back(f.store, b, "b2;stop;");
        int calls = 0;
        ck_assert_int_eq(asl_store_read_records_back(f.store, a, stop_at_once, &calls, NULL),
                         ASL_TIMED_OUT);
        ck_assert_int_eq(calls, 1);
        ck_assert_int_eq(asl_store_read_records_back(f.store, 77, stop_at_once, &calls, NULL),
                         ASL_NOT_FOUND);
    }
}
END_TEST

static void assert_ends(asl_store *store, uint64_t number, const char *text)
{
    asl_head head;
    asl_buffer got, names;
    asl_buffer_init(&got, NULL);
    asl_buffer_init(&names, NULL);
    ck_assert_int_eq(
        asl_store_read_ends(store, number, &head, &names, append_until_stop, &got, NULL), ASL_OK);
    ck_assert_str_eq(asl_buffer_string(&got), text);
    ck_assert_uint_eq(head.number, number);
    ck_assert_str_eq(head.machine, "m");
    ck_assert_uint_ne(head.first_lsn, 0);
    ck_assert_uint_le(head.first_lsn, head.last_lsn);
    asl_buffer_done(&got);
    asl_buffer_done(&names);
}

START_TEST(the_ends_of_a_history_are_read_without_what_is_between)
{
    FOR_EACH_STORE(f)
    {
        uint64_t a = start_execution(f.store, "m", "a");
        uint64_t b = start_execution(f.store, "m", "b");
        assert_ends(f.store, a, "start;");
        add_record(f.store, a, "a1");
        add_record(f.store, b, "b1");
        add_record(f.store, a, "a2");
        fixture_reopen(&f);
        assert_ends(f.store, a, "start;a2;");
        assert_ends(f.store, b, "start;b1;");
        asl_head head;
        asl_buffer names;
        asl_buffer_init(&names, NULL);
        int calls = 0;
        ck_assert_int_eq(asl_store_read_ends(f.store, a, &head, &names, stop_at_once, &calls, NULL),
                         ASL_TIMED_OUT);
        ck_assert_int_eq(calls, 1);
        ck_assert_int_eq(
            asl_store_read_ends(f.store, 77, &head, &names, stop_at_once, &calls, NULL),
            ASL_NOT_FOUND);
        asl_buffer_done(&names);
    }
}
END_TEST

SUITE("store/records", records_come_back_oldest_first_and_unmixed,
      a_visit_ends_reading_with_its_status, records_can_be_read_newest_first_until_it_is_enough,
      the_ends_of_a_history_are_read_without_what_is_between)
