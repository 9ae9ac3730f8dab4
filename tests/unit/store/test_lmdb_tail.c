/* The tail of the log and checkpoints: what was committed is read, whether or not heads say it. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/lmdb_store.h"
#include "stores.h"

static asl_lmdb_store *lmdb_of(const fixture *f)
{
    return (asl_lmdb_store *)f->store;
}

static void step(asl_store *store, uint64_t number, asl_execution_status status, int64_t until_ms)
{
    report r;
    step_batch(&r, number, status, "step");
    r.batch.head.passive_until_ms = until_ms;
    r.batch.head.event_count = 7;
    r.batch.head.stop_ms = status == ASL_EXECUTION_RUNNING ? 0 : 99;
    ck_assert_int_eq(run_batch(store, &r), ASL_OK);
}

/* A head as it is stored, without the log's changes. */
static asl_head stored_head(const fixture *f, uint64_t number)
{
    asl_lmdb_store *store = lmdb_of(f);
    MDB_txn *txn;
    MDB_val row;
    asl_lmdb_key key;
    asl_head_row head;
    asl_lmdb_key_u64(&key, number);
    ck_assert_int_eq(asl_lmdb_begin(store, &txn, NULL), ASL_OK);
    ck_assert_int_eq(asl_lmdb_get(store, txn, ASL_LMDB_EXECUTION, &key, &row), ASL_OK);
    ck_assert_int_eq(asl_head_row_decode(number, &row, &head), ASL_OK);
    asl_lmdb_end(&txn);
    head.head.machine = head.head.name = NULL;
    return head.head;
}

static size_t entries(const fixture *f, asl_lmdb_table table)
{
    asl_lmdb_store *store = lmdb_of(f);
    MDB_txn *txn;
    MDB_stat stat;
    ck_assert_int_eq(asl_lmdb_begin(store, &txn, NULL), ASL_OK);
    ck_assert_int_eq(mdb_stat(txn, store->tables[table], &stat), 0);
    asl_lmdb_end(&txn);
    return stat.ms_entries;
}

static asl_head head_now(asl_store *store, uint64_t number)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_head head = read_head(store, number, &text);
    head.machine = head.name = NULL;
    asl_buffer_done(&text);
    return head;
}

START_TEST(a_step_writes_no_head_and_is_read)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_execution(f.store, "m", "a");
    step(f.store, number, ASL_EXECUTION_RUNNING, 0);
    step(f.store, number, ASL_EXECUTION_FAILED, 0);
    ck_assert_uint_eq(stored_head(&f, number).last_lsn, 1);
    ck_assert_int_eq(stored_head(&f, number).status, ASL_EXECUTION_RUNNING);
    ck_assert_uint_eq(entries(&f, ASL_LMDB_RUNNING), 1);
    asl_head head = head_now(f.store, number);
    ck_assert_uint_eq(head.last_lsn, 3);
    ck_assert_int_eq(head.status, ASL_EXECUTION_FAILED);
    ck_assert_int_eq(head.stop_ms, 99);
    ck_assert_uint_eq(head.event_count, 7);
    ck_assert(running_are(f.store, ""));
    ck_assert(records_are(f.store, number, "start;step;step;"));
    fixture_close(&f);
}
END_TEST

START_TEST(closing_makes_a_checkpoint)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_execution(f.store, "m", "a");
    step(f.store, number, ASL_EXECUTION_SUCCEEDED, 0);
    fixture_reopen(&f);
    ck_assert_uint_eq(stored_head(&f, number).last_lsn, 2);
    ck_assert_uint_eq(entries(&f, ASL_LMDB_RUNNING), 0);
    ck_assert_uint_eq(lmdb_of(&f)->tail.count, 0);
    ck_assert_uint_eq(lmdb_of(&f)->checkpoint.lsn, 3);
    fixture_close(&f);
}
END_TEST

/* Six executions that end up in every place there is. */
static void use_store(asl_store *store)
{
    for (unsigned i = 0; i < 6; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        report r;
        start_batch(&r, asl_store_reserve(store, (asl_share){0, 1}), "m", name, "start");
        r.batch.head.passive_until_ms = i >= 3 ? 500 : 0;
        ck_assert_int_eq(run_batch(store, &r), ASL_OK);
    }
    step(store, 1, ASL_EXECUTION_RUNNING, 0);   /* runs */
    step(store, 2, ASL_EXECUTION_SUCCEEDED, 0); /* ran, has ended */
    step(store, 3, ASL_EXECUTION_RUNNING, 600); /* ran, is passive */
    step(store, 4, ASL_EXECUTION_RUNNING, 0);   /* was passive, runs */
    step(store, 5, ASL_EXECUTION_ABORTED, 0);   /* was passive, has ended */
    step(store, 6, ASL_EXECUTION_RUNNING, 700); /* is passive for longer */
}

static void check_store(asl_store *store)
{
    asl_passive items[4];
    size_t count;
    ck_assert(running_are(store, "1,4,"));
    ck_assert_int_eq(asl_store_read_passive(store, (asl_passive){0}, items, 4, &count, NULL),
                     ASL_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(items[0].number, 3);
    ck_assert_int_eq(items[0].until_ms, 600);
    ck_assert_uint_eq(items[1].number, 6);
    ck_assert_int_eq(items[1].until_ms, 700);
    static const asl_execution_status statuses[] = {ASL_EXECUTION_RUNNING, ASL_EXECUTION_SUCCEEDED,
                                                    ASL_EXECUTION_RUNNING, ASL_EXECUTION_RUNNING,
                                                    ASL_EXECUTION_ABORTED, ASL_EXECUTION_RUNNING};
    for (uint64_t number = 1; number <= 6; number++) {
        asl_head head = head_now(store, number);
        ck_assert_int_eq(head.status, statuses[number - 1]);
        ck_assert_uint_eq(head.last_lsn, 6 + number);
        ck_assert(records_are(store, number, "start;step;"));
    }
    asl_execution_list *list = NULL;
    asl_list_options options = {.size = sizeof options, .statuses = 1u << ASL_EXECUTION_RUNNING};
    ck_assert_int_eq(asl_store_list(store, &options, &list, NULL), ASL_OK);
    ck_assert_uint_eq(asl_execution_list_count(list), 4);
    asl_execution_list_free(list);
}

/* Runs a function in a child that ends without closing anything. */
static void in_child(void (*run)(const char *path), const char *path)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        run(path);
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void use_and_die(const char *path)
{
    asl_store *store = NULL;
    ck_assert_int_eq(open_path(path, 0, &store, NULL), ASL_OK);
    use_store(store);
}

START_TEST(a_process_that_dies_leaves_all_that_it_committed)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    asl_store_close(f.store);
    in_child(use_and_die, f.path);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    ck_assert_uint_eq(stored_head(&f, 2).last_lsn, 2);
    ck_assert_uint_eq(lmdb_of(&f)->tail.count, 6);
    check_store(f.store);
    fixture_reopen(&f);
    ck_assert_uint_eq(stored_head(&f, 2).last_lsn, 8);
    ck_assert_uint_eq(entries(&f, ASL_LMDB_RUNNING), 2);
    check_store(f.store);
    fixture_close(&f);
}
END_TEST

static void look_beside(const char *path)
{
    asl_store *store = NULL;
    ck_assert_int_eq(open_path(path, ASL_STORE_READ_ONLY, &store, NULL), ASL_OK);
    check_store(store);
    asl_store_close(store);
}

START_TEST(who_reads_beside_the_writer_sees_the_same)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    use_store(f.store);
    check_store(f.store);
    in_child(look_beside, f.path);
    fixture_reopen(&f);
    in_child(look_beside, f.path);
    fixture_close(&f);
}
END_TEST

/* A pipe each way: "go" to the child, which answers when it has looked. */
typedef struct dialogue {
    int to_child[2], to_parent[2];
} dialogue;

static void ask(const dialogue *d)
{
    char byte = 'g';
    ck_assert_int_eq(write(d->to_child[1], &byte, 1), 1);
    ck_assert_int_eq(read(d->to_parent[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
}

static void answer_twice(const dialogue *d, const char *path)
{
    asl_store *store = NULL;
    char byte;
    ck_assert_int_eq(open_path(path, ASL_STORE_READ_ONLY, &store, NULL), ASL_OK);
    for (uint64_t lsn = 2; lsn <= 4; lsn += 2) {
        ck_assert_int_eq(read(d->to_child[0], &byte, 1), 1);
        byte = head_now(store, 1).last_lsn == lsn ? 'y' : 'n';
        ck_assert_int_eq(write(d->to_parent[1], &byte, 1), 1);
    }
}

/* Between the two looks the first change was carried out, and another one has come. */
START_TEST(a_reader_follows_changes_and_checkpoints)
{
    fixture f;
    dialogue d;
    fixture_open(&f, LMDB, NULL);
    ck_assert_int_eq(pipe(d.to_child) | pipe(d.to_parent), 0);
    start_execution(f.store, "m", "a");
    pid_t child = fork();
    if (child == 0) {
        answer_twice(&d, f.path);
        _exit(0);
    }
    step(f.store, 1, ASL_EXECUTION_RUNNING, 0);
    ask(&d);
    asl_lmdb_checkpoint_all(lmdb_of(&f));
    ck_assert_uint_eq(stored_head(&f, 1).last_lsn, 2);
    step(f.store, 1, ASL_EXECUTION_RUNNING, 0);
    step(f.store, 1, ASL_EXECUTION_RUNNING, 0);
    ask(&d);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    fixture_close(&f);
}
END_TEST

/* More than a slice: some heads follow with each commit, and what changes meanwhile is kept. */
START_TEST(a_checkpoint_is_made_in_slices)
{
    enum { COUNT = 300 };
    fixture f;
    fixture_open(&f, LMDB, NULL);
    asl_lmdb_store *store = lmdb_of(&f);
    report *r = calloc(COUNT, sizeof *r);
    for (unsigned i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", i);
        start_execution(f.store, "m", name);
    }
    asl_lmdb_checkpoint_all(store);
    for (unsigned i = 0; i < COUNT; i++) {
        step_batch(&r[i], i + 1, ASL_EXECUTION_SUCCEEDED, "step");
        asl_store_submit(f.store, &r[i].batch);
    }
    ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
    ck_assert_uint_ge(store->tail.count, COUNT / 2); /* small limits make one sooner */
    store->checkpoint.done_ms = INT64_MIN / 2;
    unsigned commits = 0;
    for (; store->checkpoint.numbers != NULL || commits == 0; commits++) {
        ck_assert_uint_lt(commits, COUNT);
        step(f.store, COUNT - commits % 3, ASL_EXECUTION_FAILED, 0);
    }
    ck_assert_uint_gt(commits, 2);
    ck_assert_uint_le(store->tail.count, 3);
    for (unsigned i = 1; i <= COUNT; i++) {
        asl_execution_status wanted =
            i > COUNT - 3 ? ASL_EXECUTION_FAILED : ASL_EXECUTION_SUCCEEDED;
        ck_assert_int_eq(head_now(f.store, i).status, wanted);
        ck_assert_int_ne(stored_head(&f, i).status, ASL_EXECUTION_RUNNING);
    }
    ck_assert_uint_eq(entries(&f, ASL_LMDB_RUNNING), 0);
    free(r);
    fixture_close(&f);
}
END_TEST

START_TEST(a_transaction_that_fails_carries_nothing_out)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    asl_store_close(f.store);
    const asl_store_options small = {.size = sizeof small, .path = f.path, .map_bytes = 1 << 20};
    ck_assert_int_eq(asl_store_open(&small, &f.store, NULL), ASL_OK);
    asl_lmdb_store *store = lmdb_of(&f);
    start_execution(f.store, "m", "a");
    step(f.store, 1, ASL_EXECUTION_RUNNING, 0);
    store->checkpoint.done_ms = INT64_MIN / 2;
    report r;
    step_batch(&r, 1, ASL_EXECUTION_SUCCEEDED, "step");
    asl_writes *writes = asl_writes_new(NULL);
    char *row = calloc(2, small.map_bytes);
    ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, row, 2 * small.map_bytes), ASL_OK);
    r.batch.writes = writes;
    ck_assert_int_eq(run_batch(f.store, &r), ASL_STORE_FULL);
    ck_assert_uint_eq(stored_head(&f, 1).last_lsn, 1);
    ck_assert_uint_eq(head_now(f.store, 1).last_lsn, 2);
    ck_assert_int_eq(head_now(f.store, 1).status, ASL_EXECUTION_RUNNING);
    step(f.store, 1, ASL_EXECUTION_FAILED, 0);
    ck_assert_uint_eq(head_now(f.store, 1).last_lsn, 3);
    ck_assert_int_eq(head_now(f.store, 1).status, ASL_EXECUTION_FAILED);
    asl_writes_free(writes);
    free(row);
    fixture_close(&f);
}
END_TEST

/* Against an array: what a table of changes says after many puts and removals. */
START_TEST(changes_are_found_again)
{
    enum { NUMBERS = 200, TURNS = 20000 };
    uint64_t expected[NUMBERS + 1] = {0}, state = 1;
    asl_tail tail;
    asl_tail_init(&tail, NULL);
    for (uint64_t turn = 1; turn <= TURNS; turn++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t number = (state >> 33) % NUMBERS + 1;
        if ((state >> 60) < 6) {
            asl_tail_remove(&tail, number);
            expected[number] = 0;
        } else {
            ck_assert_int_eq(asl_tail_reserve(&tail, 1), ASL_OK);
            asl_tail_put(&tail, &(asl_change){.number = number, .lsn = turn});
            asl_tail_put(&tail, &(asl_change){.number = number, .lsn = turn - 1});
            expected[number] = turn;
        }
        const asl_change *found = asl_tail_find(&tail, number);
        ck_assert_uint_eq(found != NULL ? found->lsn : 0, expected[number]);
    }
    size_t count = 0;
    for (uint64_t number = 1; number <= NUMBERS; number++) {
        const asl_change *found = asl_tail_find(&tail, number);
        ck_assert_uint_eq(found != NULL ? found->lsn : 0, expected[number]);
        count += expected[number] != 0;
    }
    ck_assert_uint_eq(tail.count, count);
    asl_tail_done(&tail);
}
END_TEST

SUITE("store/lmdb_tail", a_step_writes_no_head_and_is_read, closing_makes_a_checkpoint,
      a_process_that_dies_leaves_all_that_it_committed, who_reads_beside_the_writer_sees_the_same,
      a_reader_follows_changes_and_checkpoints, a_checkpoint_is_made_in_slices,
      a_transaction_that_fails_carries_nothing_out, changes_are_found_again)
