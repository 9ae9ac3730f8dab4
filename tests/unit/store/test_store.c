/* The behaviour that every store has: each test runs over all of them. */
#include "store/store.h"

#include <pthread.h>

#include "stores.h"
#include "value/value.h"

START_TEST(a_start_is_found_by_its_name_and_number)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = start_execution(f.store, "order", "first");
        fixture_reopen(&f);
        uint64_t found = 0, hash = 0;
        ck_assert_int_eq(asl_store_find_name(f.store, "order", "first", &found, &hash), ASL_OK);
        ck_assert_uint_eq(found, number);
        ck_assert_uint_eq(hash, number * 100);
        asl_buffer text;
        asl_buffer_init(&text, NULL);
        asl_buffer_text(&text, "before");
        asl_head head = read_head(f.store, number, &text);
        ck_assert_str_eq(head.machine, "order");
        ck_assert_str_eq(head.name, "first");
        ck_assert_uint_eq(head.number, number);
        ck_assert_int_eq(head.status, ASL_EXECUTION_RUNNING);
        ck_assert_int_eq(head.start_ms, 5);
        ck_assert_mem_eq(text.bytes, "before", 6);
        asl_buffer_done(&text);
    }
}
END_TEST

START_TEST(numbers_are_given_once)
{
    FOR_EACH_STORE(f)
    {
        ck_assert_uint_eq(asl_store_reserve(f.store, (asl_share){0, 1}), 1);
        ck_assert_uint_eq(asl_store_reserve(f.store, (asl_share){0, 1}), 2);
        ck_assert_uint_eq(start_execution(f.store, "m", "n"), 3);
        fixture_reopen(&f);
        ck_assert_uint_eq(asl_store_reserve(f.store, (asl_share){0, 1}), 4);
        ck_assert(records_are(f.store, 3, "start;"));
    }
}
END_TEST

START_TEST(a_taken_name_refuses_a_start_alone)
{
    FOR_EACH_STORE(f)
    {
        uint64_t first = start_execution(f.store, "m", "taken");
        report again, other;
        start_batch(&again, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "taken", "no");
        start_batch(&other, asl_store_reserve(f.store, (asl_share){0, 1}), "m2", "taken", "yes");
        asl_store_submit(f.store, &again.batch);
        asl_store_submit(f.store, &other.batch);
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        ck_assert_int_eq(again.status, ASL_EXISTS);
        ck_assert_uint_eq(again.batch.existing, first);
        ck_assert_int_eq(other.status, ASL_OK);
        fixture_reopen(&f);
        asl_head head;
        asl_buffer text;
        asl_buffer_init(&text, NULL);
        ck_assert_int_eq(asl_store_read_head(f.store, again.batch.head.number, &head, &text, NULL),
                         ASL_NOT_FOUND);
        asl_buffer_done(&text);
        ck_assert(records_are(f.store, first, "start;"));
        ck_assert(records_are(f.store, other.batch.head.number, "yes;"));
    }
}
END_TEST

START_TEST(of_two_starts_of_a_name_in_one_commit_one_wins)
{
    FOR_EACH_STORE(f)
    {
        report one, two;
        start_batch(&one, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n", "one");
        start_batch(&two, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n", "two");
        asl_store_submit(f.store, &one.batch);
        asl_store_submit(f.store, &two.batch);
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        ck_assert_int_eq(one.status, ASL_OK);
        ck_assert_int_eq(two.status, ASL_EXISTS);
        ck_assert_uint_eq(two.batch.existing, one.batch.head.number);
        ck_assert_uint_lt(one.order, two.order);
    }
}
END_TEST

START_TEST(a_step_changes_what_may_change_of_a_head)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = start_execution(f.store, "m", "a");
        report r;
        step_batch(&r, number, ASL_EXECUTION_FAILED, "end");
        r.batch.head.stop_ms = 99;
        r.batch.head.event_count = 7;
        r.batch.head.start_ms = 1;
        r.batch.head.machine = "another";
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        fixture_reopen(&f);
        asl_buffer text;
        asl_buffer_init(&text, NULL);
        asl_head head = read_head(f.store, number, &text);
        ck_assert_int_eq(head.status, ASL_EXECUTION_FAILED);
        ck_assert_int_eq(head.stop_ms, 99);
        ck_assert_uint_eq(head.event_count, 7);
        ck_assert_int_eq(head.start_ms, 5);
        ck_assert_str_eq(head.machine, "m");
        ck_assert_uint_eq(head.input_hash, number * 100);
        ck_assert_uint_eq(head.last_lsn, r.batch.lsn);
        asl_buffer_done(&text);
    }
}
END_TEST

START_TEST(what_runs_is_listed_by_number)
{
    FOR_EACH_STORE(f)
    {
        char name[16];
        for (int i = 1; i <= 5; i++) {
            snprintf(name, sizeof name, "n%d", i);
            start_execution(f.store, "m", name);
        }
        report r;
        step_batch(&r, 2, ASL_EXECUTION_SUCCEEDED, "end");
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        step_batch(&r, 5, ASL_EXECUTION_ABORTED, "end");
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        fixture_reopen(&f);
        ck_assert(running_are(f.store, "1,3,4,"));
        step_batch(&r, 5, ASL_EXECUTION_RUNNING, "redriven");
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        ck_assert(running_are(f.store, "1,3,4,5,"));
    }
}
END_TEST

START_TEST(an_execution_that_ends_in_its_first_record_never_runs)
{
    FOR_EACH_STORE(f)
    {
        report r;
        start_batch(&r, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n", "all");
        r.batch.head.status = ASL_EXECUTION_SUCCEEDED;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        ck_assert(running_are(f.store, ""));
    }
}
END_TEST

static int read_head_inside(void *context, uint64_t number)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_head head = read_head(context, number, &text);
    ck_assert_uint_eq(head.number, number);
    ck_assert(records_are(context, number, "start;"));
    asl_buffer_done(&text);
    return ASL_OK;
}

START_TEST(a_visit_of_what_runs_may_read)
{
    FOR_EACH_STORE(f)
    {
        char name[16];
        for (int i = 0; i < 300; i++) {
            snprintf(name, sizeof name, "n%d", i);
            if (f.kind == MEMORY || i < 20)
                start_execution(f.store, "m", name);
        }
        ck_assert_int_eq(asl_store_read_running(f.store, read_head_inside, f.store, NULL), ASL_OK);
    }
}
END_TEST

static int follow_number(void *context, uint64_t number)
{
    uint64_t *last = context;
    ck_assert_uint_eq(number, *last + 1);
    *last = number;
    return ASL_OK;
}

START_TEST(thousands_are_listed_across_the_walks_pages)
{
    enum { COUNT = 5000 };
    FOR_EACH_STORE(f)
    {
        report *r = calloc(COUNT, sizeof *r);
        char(*names)[16] = calloc(COUNT, sizeof *names);
        for (int i = 0; i < COUNT; i++) {
            snprintf(names[i], sizeof names[i], "n%d", i);
            start_batch(&r[i], asl_store_reserve(f.store, (asl_share){0, 1}), "m", names[i],
                        "start");
            asl_store_submit(f.store, &r[i].batch);
        }
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        asl_execution_list *list = NULL;
        const asl_list_options options = {.size = sizeof options, .limit = COUNT + 1};
        ck_assert_int_eq(asl_store_list(f.store, &options, &list, NULL), ASL_OK);
        ck_assert_uint_eq(asl_execution_list_count(list), COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            const asl_execution_summary *summary = asl_execution_list_at(list, i);
            ck_assert_uint_eq(summary->number, COUNT - i);
            ck_assert_str_eq(summary->name, names[COUNT - 1 - i]);
        }
        asl_execution_list_free(list);
        uint64_t last = 0;
        ck_assert_int_eq(asl_store_read_running(f.store, follow_number, &last, NULL), ASL_OK);
        ck_assert_uint_eq(last, COUNT);
        free(names);
        free(r);
    }
}
END_TEST

START_TEST(equal_definitions_are_stored_once)
{
    FOR_EACH_STORE(f)
    {
        static const char *const texts[] = {"{\"a\":1}", "{\"a\":2}", "{\"a\":1}"};
        report r[3];
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"x", "y", "z"};
            start_batch(&r[i], asl_store_reserve(f.store, (asl_share){0, 1}), "m", names[i], "r");
            r[i].batch.definition_text = texts[i];
            r[i].batch.definition_size = strlen(texts[i]);
            ck_assert_int_eq(run_batch(f.store, &r[i]), ASL_OK);
            ck_assert_uint_ne(r[i].batch.head.definition, 0);
            fixture_reopen(&f);
        }
        ck_assert_uint_eq(r[0].batch.head.definition, r[2].batch.head.definition);
        ck_assert_uint_ne(r[0].batch.head.definition, r[1].batch.head.definition);
        asl_buffer text;
        asl_buffer_init(&text, NULL);
        ck_assert_int_eq(
            asl_store_read_definition(f.store, r[1].batch.head.definition, &text, NULL), ASL_OK);
        ck_assert_str_eq(asl_buffer_string(&text), texts[1]);
        asl_head head = read_head(f.store, 3, &text);
        ck_assert_uint_eq(head.definition, r[0].batch.head.definition);
        asl_buffer_clear(&text);
        ck_assert_int_eq(asl_store_read_definition(f.store, 77, &text, NULL), ASL_NOT_FOUND);
        ck_assert_int_eq(asl_store_read_definition(f.store, 0, &text, NULL), ASL_NOT_FOUND);
        asl_buffer_done(&text);
    }
}
END_TEST

static void assert_listed(asl_store *store, const asl_list_options *options, const char *text)
{
    asl_execution_list *list = NULL;
    asl_buffer got;
    asl_buffer_init(&got, NULL);
    ck_assert_int_eq(asl_store_list(store, options, &list, NULL), ASL_OK);
    for (size_t i = 0; i < asl_execution_list_count(list); i++) {
        const asl_execution_summary *summary = asl_execution_list_at(list, i);
        asl_buffer_format(&got, "%llu %s/%s %s;", (unsigned long long)summary->number,
                          summary->machine, summary->name,
                          asl_execution_status_name(summary->status));
    }
    ck_assert_ptr_null(asl_execution_list_at(list, asl_execution_list_count(list)));
    ck_assert_str_eq(got.size > 0 ? asl_buffer_string(&got) : "", text);
    asl_buffer_done(&got);
    asl_execution_list_free(list);
}

START_TEST(lists_are_newest_first_and_come_in_pages)
{
    FOR_EACH_STORE(f)
    {
        assert_listed(f.store, NULL, "");
        start_execution(f.store, "a", "one");
        start_execution(f.store, "b", "two");
        start_execution(f.store, "a", "three");
        report r;
        step_batch(&r, 2, ASL_EXECUTION_TIMED_OUT, "end");
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        assert_listed(f.store, NULL, "3 a/three RUNNING;2 b/two TIMED_OUT;1 a/one RUNNING;");
        asl_list_options options = {.size = sizeof options, .limit = 2};
        assert_listed(f.store, &options, "3 a/three RUNNING;2 b/two TIMED_OUT;");
        options.before = 2;
        assert_listed(f.store, &options, "1 a/one RUNNING;");
        options.before = 1;
        assert_listed(f.store, &options, "");
        options = (asl_list_options){.size = sizeof options, .machine = "a"};
        assert_listed(f.store, &options, "3 a/three RUNNING;1 a/one RUNNING;");
        options.machine = "c";
        assert_listed(f.store, &options, "");
        options.machine = NULL;
        options.statuses = 1u << ASL_EXECUTION_TIMED_OUT;
        assert_listed(f.store, &options, "2 b/two TIMED_OUT;");
        options.statuses |= 1u << ASL_EXECUTION_RUNNING;
        options.limit = 2;
        assert_listed(f.store, &options, "3 a/three RUNNING;2 b/two TIMED_OUT;");
        options.statuses = 1u << ASL_EXECUTION_RUNNING;
        assert_listed(f.store, &options, "3 a/three RUNNING;1 a/one RUNNING;");
        options.statuses = 1u << ASL_EXECUTION_ABORTED;
        assert_listed(f.store, &options, "");
        options.size = offsetof(asl_list_options, statuses); /* an older caller */
        assert_listed(f.store, &options, "3 a/three RUNNING;2 b/two TIMED_OUT;");
    }
}
END_TEST

START_TEST(finding_needs_the_machine_only_where_several_have_the_name)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = 0;
        start_execution(f.store, "a", "one");
        start_execution(f.store, "b", "two");
        start_execution(f.store, "a", "two");
        asl_error *error = NULL;
        ck_assert_int_eq(asl_store_find(f.store, NULL, "one", &number, NULL), ASL_OK);
        ck_assert_uint_eq(number, 1);
        ck_assert_int_eq(asl_store_find(f.store, NULL, "two", &number, &error), ASL_MISUSE);
        asl_error_free(error);
        error = NULL;
        ck_assert_int_eq(asl_store_find(f.store, "b", "two", &number, NULL), ASL_OK);
        ck_assert_uint_eq(number, 2);
        ck_assert_int_eq(asl_store_find(f.store, "b", "one", &number, &error), ASL_NOT_FOUND);
        ck_assert_ptr_nonnull(strstr(asl_error_message(error), "\"one\""));
        asl_error_free(error);
        ck_assert_int_eq(asl_store_find(f.store, "c", "one", &number, NULL), ASL_NOT_FOUND);
        ck_assert_int_eq(asl_store_find(f.store, NULL, "six", &number, NULL), ASL_NOT_FOUND);
        ck_assert_int_eq(asl_store_find(f.store, NULL, "", &number, NULL), ASL_NOT_FOUND);
    }
}
END_TEST

START_TEST(names_of_eighty_wide_characters_stay_apart)
{
    FOR_EACH_STORE(f)
    {
        char machine[321], name[321], other[321];
        for (int i = 0; i < 320; i += 4)
            memcpy(machine + i, "\xf0\x9f\x98\x80", 4);
        machine[320] = '\0';
        memcpy(name, machine, sizeof name);
        memcpy(other, machine, sizeof other);
        other[319] = '\x81';
        uint64_t first = start_execution(f.store, machine, name);
        uint64_t second = start_execution(f.store, machine, other);
        uint64_t found, hash;
        ck_assert_int_eq(asl_store_find_name(f.store, machine, name, &found, &hash), ASL_OK);
        ck_assert_uint_eq(found, first);
        ck_assert_int_eq(asl_store_find_name(f.store, machine, other, &found, &hash), ASL_OK);
        ck_assert_uint_eq(found, second);
    }
}
END_TEST

START_TEST(wrong_batches_fail_alone)
{
    FOR_EACH_STORE(f)
    {
        report r[6];
        asl_writes *wrong = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(wrong, "a/b", "k", 1, "", 0), ASL_MISUSE);
        step_batch(&r[0], 1, ASL_EXECUTION_RUNNING, "r"); /* there is no execution 1 */
        start_batch(&r[1], 1000, "m", "unreserved", "r"); /* a number of its own choice */
        step_batch(&r[2], 0, ASL_EXECUTION_RUNNING, "r"); /* whose record? */
        step_batch(&r[3], 0, ASL_EXECUTION_RUNNING, NULL);
        r[3].batch.writes = wrong;
        start_batch(&r[4], asl_store_reserve(f.store, (asl_share){0, 1}), "m", NULL, "r");
        start_batch(&r[5], asl_store_reserve(f.store, (asl_share){0, 1}), "m", "right", "r");
        for (int i = 0; i < 6; i++)
            asl_store_submit(f.store, &r[i].batch);
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        ck_assert_int_eq(r[0].status, ASL_NOT_FOUND);
        for (int i = 1; i < 5; i++)
            ck_assert_int_eq(r[i].status, ASL_MISUSE);
        ck_assert_int_eq(r[5].status, ASL_OK);
        ck_assert(running_are(f.store, "2,"));
        asl_writes_free(wrong);
    }
}
END_TEST

START_TEST(a_number_starts_one_execution)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = start_execution(f.store, "m", "a");
        report r;
        start_batch(&r, number, "m", "b", "r");
        ck_assert_int_eq(run_batch(f.store, &r), ASL_MISUSE);
        uint64_t found, hash;
        ck_assert_int_eq(asl_store_find_name(f.store, "m", "b", &found, &hash), ASL_NOT_FOUND);
        ck_assert(records_are(f.store, number, "start;"));
    }
}
END_TEST

START_TEST(times_go_with_the_next_commit)
{
    FOR_EACH_STORE(f)
    {
        int64_t real_ms = -1, engine_ms = -1;
        asl_store_times(f.store, &real_ms, &engine_ms);
        ck_assert_int_eq(real_ms, 0);
        ck_assert_int_eq(engine_ms, 0);
        asl_store_set_times(f.store, 1000, 5000);
        asl_store_times(f.store, &real_ms, &engine_ms);
        ck_assert_int_eq(real_ms, 0);
        start_execution(f.store, "m", "n");
        asl_store_set_times(f.store, 1001, 5001);
        fixture_reopen(&f);
        asl_store_times(f.store, &real_ms, &engine_ms);
        ck_assert_int_eq(real_ms, 1000);
        ck_assert_int_eq(engine_ms, 5000);
    }
}
END_TEST

START_TEST(the_secret_is_random_and_stays)
{
    unsigned char first[32], again[32], other[32];
    FOR_EACH_STORE(f)
    {
        asl_store_secret(f.store, first);
        fixture_reopen(&f);
        asl_store_secret(f.store, again);
        ck_assert_mem_eq(first, again, sizeof first);
        fixture g;
        fixture_open(&g, f.kind, NULL);
        asl_store_secret(g.store, other);
        ck_assert_mem_ne(first, other, sizeof first);
        fixture_close(&g);
    }
}
END_TEST

typedef struct resubmitter {
    report report;
    asl_store *store;
    report *next;
} resubmitter;

static void submit_next(asl_batch *batch, int status)
{
    resubmitter *r = batch->owner;
    ck_assert_int_eq(status, ASL_OK);
    r->report.calls++;
    ck_assert(records_are(r->store, batch->head.number, "start;one;"));
    asl_store_submit(r->store, &r->next->batch);
}

START_TEST(a_report_may_read_and_submit_again)
{
    FOR_EACH_STORE(f)
    {
        report second;
        uint64_t number = start_execution(f.store, "m", "n");
        resubmitter first = {.store = f.store, .next = &second};
        step_batch(&first.report, number, ASL_EXECUTION_RUNNING, "one");
        step_batch(&second, number, ASL_EXECUTION_RUNNING, "two");
        first.report.batch.done = submit_next;
        first.report.batch.owner = &first;
        asl_store_submit(f.store, &first.report.batch);
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        ck_assert_int_eq(first.report.calls, 1);
        ck_assert_int_eq(second.calls, 0);
        ck_assert(asl_store_has_pending(f.store));
        ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        ck_assert_int_eq(second.calls, 1);
        ck_assert(records_are(f.store, number, "start;one;two;"));
    }
}
END_TEST

START_TEST(large_records_and_rows_come_back_whole)
{
    FOR_EACH_STORE(f)
    {
        size_t size = 700000;
        char *bytes = malloc(size);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(i * 7 + i / 255);
        asl_writes *writes = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, bytes, size), ASL_OK);
        report r;
        start_batch(&r, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n", "");
        r.batch.record = bytes;
        r.batch.record_size = size;
        r.batch.writes = writes;
        ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
        fixture_reopen(&f);
        asl_buffer got;
        asl_buffer_init(&got, NULL);
        ck_assert_int_eq(read_all(f.store, 1, &got, NULL), ASL_OK);
        ck_assert_uint_eq(got.size, size + 1);
        ck_assert_mem_eq(got.bytes, bytes, size);
        asl_buffer_clear(&got);
        ck_assert_int_eq(asl_store_read_row(f.store, "t", "k", 1, &got, NULL), ASL_OK);
        ck_assert_uint_eq(got.size, size);
        ck_assert_mem_eq(got.bytes, bytes, size);
        asl_buffer_done(&got);
        asl_writes_free(writes);
        free(bytes);
    }
}
END_TEST

enum { COMMITTERS = 4, PER_COMMITTER = 25 };

static void *commit_many(void *context)
{
    asl_store *store = context;
    char name[32];
    for (int i = 0; i < PER_COMMITTER; i++) {
        report r;
        uint64_t number = asl_store_reserve(store, (asl_share){0, 1});
        snprintf(name, sizeof name, "e%llu", (unsigned long long)number);
        start_batch(&r, number, "m", name, "start");
        asl_store_submit(store, &r.batch);
        while (__atomic_load_n(&r.calls, __ATOMIC_ACQUIRE) == 0)
            asl_store_commit(store); /* another thread's commit may report it */
        ck_assert_int_eq(r.status, ASL_OK);
        asl_execution_list *list = NULL;
        ck_assert_int_eq(asl_store_list(store, NULL, &list, NULL), ASL_OK);
        ck_assert_uint_ge(asl_execution_list_count(list), 1);
        asl_execution_list_free(list);
    }
    return NULL;
}

START_TEST(several_threads_share_a_store)
{
    FOR_EACH_STORE(f)
    {
        pthread_t threads[COMMITTERS];
        for (int i = 0; i < COMMITTERS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, commit_many, f.store), 0);
        for (int i = 0; i < COMMITTERS; i++)
            ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        asl_execution_list *list = NULL;
        ck_assert_int_eq(asl_store_list(f.store, NULL, &list, NULL), ASL_OK);
        ck_assert_uint_eq(asl_execution_list_count(list), COMMITTERS * PER_COMMITTER);
        asl_execution_list_free(list);
    }
}
END_TEST

START_TEST(statuses_have_names)
{
    ck_assert_str_eq(asl_execution_status_name(ASL_EXECUTION_RUNNING), "RUNNING");
    ck_assert_str_eq(asl_execution_status_name(ASL_EXECUTION_ABORTED), "ABORTED");
    ck_assert_str_eq(asl_execution_status_name((asl_execution_status)77), "UNKNOWN");
}
END_TEST

SUITE("store/store", a_start_is_found_by_its_name_and_number, numbers_are_given_once,
      a_taken_name_refuses_a_start_alone, of_two_starts_of_a_name_in_one_commit_one_wins,
      a_step_changes_what_may_change_of_a_head, what_runs_is_listed_by_number,
      an_execution_that_ends_in_its_first_record_never_runs, a_visit_of_what_runs_may_read,
      thousands_are_listed_across_the_walks_pages, equal_definitions_are_stored_once,
      lists_are_newest_first_and_come_in_pages,
      finding_needs_the_machine_only_where_several_have_the_name,
      names_of_eighty_wide_characters_stay_apart, wrong_batches_fail_alone,
      a_number_starts_one_execution, times_go_with_the_next_commit, the_secret_is_random_and_stays,
      a_report_may_read_and_submit_again, large_records_and_rows_come_back_whole,
      several_threads_share_a_store, statuses_have_names)
