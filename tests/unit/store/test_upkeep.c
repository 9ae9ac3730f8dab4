/* Looking after a store: what it holds, whether it is whole, copies, and what has ended. */
#include <asl/upkeep.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/lmdb_store.h"
#include "stores.h"

static void end_execution(asl_store *store, uint64_t number, int64_t stop_ms)
{
    report r;
    step_batch(&r, number, ASL_EXECUTION_SUCCEEDED, "end");
    r.batch.head.stop_ms = stop_ms;
    ck_assert_int_eq(run_batch(store, &r), ASL_OK);
}

/* `count` executions, of which every third runs; the others ended at 1000 + their number. The store
 * is opened again, so that heads say so. */
static void fill(fixture *f, unsigned count)
{
    fixture_open(f, LMDB, NULL);
    for (unsigned i = 1; i <= count; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", i);
        uint64_t number = start_execution(f->store, "m", name);
        if (i % 3 != 0)
            end_execution(f->store, number, 1000 + i);
    }
    fixture_reopen(f);
}

static asl_store_statistics statistics_of(asl_store *store)
{
    asl_store_statistics statistics = {.size = sizeof statistics};
    ck_assert_int_eq(asl_store_read_statistics(store, &statistics, NULL), ASL_OK);
    return statistics;
}

static asl_purge purge_all(asl_store *store, const asl_purge_options *options)
{
    asl_purge progress = {.size = sizeof progress};
    for (unsigned calls = 0; !progress.is_done; calls++) {
        ck_assert_uint_lt(calls, 10000);
        ck_assert_int_eq(asl_store_purge(store, options, &progress, NULL), ASL_OK);
    }
    return progress;
}

static void note_problem(void *context, const char *problem)
{
    asl_buffer_text(context, problem);
    asl_buffer_byte(context, ';');
}

/* The problems that verifying tells of, each with ';' behind it. */
static bool problems_are(asl_store *store, const char *text)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    asl_verify_options options = {
        .size = sizeof options, .problem = note_problem, .context = &buffer};
    int status = asl_store_verify(store, &options, NULL);
    ck_assert_int_eq(status, text[0] == '\0' ? ASL_OK : ASL_STORE_CORRUPT);
    bool same = strcmp(asl_buffer_string(&buffer), text) == 0;
    if (!same)
        fprintf(stderr, "got:    %s\nwanted: %s\n", asl_buffer_string(&buffer), text);
    asl_buffer_done(&buffer);
    return same;
}

static bool is_there(asl_store *store, uint64_t number)
{
    asl_buffer text;
    asl_head head;
    asl_buffer_init(&text, NULL);
    int status = asl_store_read_head(store, number, &head, &text, NULL);
    ck_assert(status == ASL_OK || status == ASL_NOT_FOUND);
    asl_buffer_done(&text);
    return status == ASL_OK;
}

START_TEST(statistics_say_what_there_is)
{
    fixture f;
    fill(&f, 9);
    asl_store_statistics s = statistics_of(f.store);
    ck_assert_uint_eq(s.format, ASL_STORE_FORMAT);
    ck_assert_uint_eq(s.executions, 9);
    ck_assert_uint_eq(s.names, 9);
    ck_assert_uint_eq(s.active, 3);
    ck_assert_uint_eq(s.passive, 0);
    ck_assert_uint_eq(s.records, 15);
    ck_assert_uint_eq(s.definitions, 1);
    ck_assert_uint_eq(s.machines, 1);
    ck_assert_uint_eq(s.rows, 0);
    ck_assert_uint_eq(s.behind, 0);
    ck_assert_uint_eq(s.map_bytes, TEST_MAP_BYTES);
    ck_assert_uint_ge(s.file_bytes, s.used_bytes);
    ck_assert_uint_gt(s.used_bytes, 0);
    end_execution(f.store, 3, 9);
    ck_assert_uint_eq(statistics_of(f.store).behind, 1);
    asl_store_statistics none = {.size = 3};
    ck_assert_int_eq(asl_store_read_statistics(f.store, &none, NULL), ASL_MISUSE);
    fixture_close(&f);
}
END_TEST

START_TEST(what_ended_before_a_time_is_purged)
{
    fixture f;
    fill(&f, 30);
    asl_purge_options options = {.size = sizeof options, .ended_before_ms = 1010};
    asl_purge progress = purge_all(f.store, &options);
    ck_assert_uint_eq(progress.purged, 6); /* 1 2 4 5 7 8 */
    ck_assert_uint_eq(progress.records, 12);
    for (uint64_t i = 1; i <= 30; i++)
        ck_assert_int_eq(is_there(f.store, i), i >= 10 || i % 3 == 0);
    ck_assert(problems_are(f.store, ""));
    ck_assert(records_are(f.store, 10, "start;end;"));
    ck_assert(records_are(f.store, 3, "start;"));
    fixture_reopen(&f);
    ck_assert(problems_are(f.store, ""));
    fixture_close(&f);
}
END_TEST

START_TEST(the_newest_that_ended_are_kept)
{
    for (uint64_t keep = 0; keep <= 21; keep++) {
        fixture f;
        fill(&f, 30);
        asl_purge_options options = {.size = sizeof options, .keep = keep};
        asl_purge progress = purge_all(f.store, &options);
        ck_assert_uint_eq(progress.purged, keep < 20 ? 20 - keep : 0);
        ck_assert_uint_eq(statistics_of(f.store).executions, 30 - progress.purged);
        for (uint64_t i = 1; i <= 30; i += 3)
            ck_assert_int_eq(is_there(f.store, i), (30 - i) / 3 * 2 + 2 <= keep);
        ck_assert_uint_eq(purge_all(f.store, &options).purged, 0); /* ends behind a gap as well */
        fixture_close(&f);
    }
}
END_TEST

START_TEST(what_a_checkpoint_has_not_reached_stays_for_now)
{
    fixture f;
    fill(&f, 3);
    end_execution(f.store, 3, 5);
    asl_purge_options options = {.size = sizeof options};
    ck_assert_uint_eq(purge_all(f.store, &options).purged, 2);
    ck_assert(is_there(f.store, 3));
    fixture_reopen(&f);
    ck_assert_uint_eq(purge_all(f.store, &options).purged, 1);
    ck_assert(problems_are(f.store, ""));
    fixture_close(&f);
}
END_TEST

START_TEST(names_outlive_histories_and_numbers_are_not_used_again)
{
    fixture f;
    fill(&f, 2);
    asl_purge_options options = {.size = sizeof options};
    ck_assert_uint_eq(purge_all(f.store, &options).purged, 2);
    fixture_reopen(&f);
    report r;
    start_batch(&r, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "n1", "start");
    ck_assert_int_eq(run_batch(f.store, &r), ASL_EXISTS);
    ck_assert_uint_eq(start_execution(f.store, "m", "new"), 4);
    asl_lmdb_store *store = (asl_lmdb_store *)f.store;
    ck_assert_uint_eq(store->next.lsn, 6);
    ck_assert(problems_are(f.store, ""));
    fixture_close(&f);
}
END_TEST

START_TEST(room_is_used_again)
{
    enum { COUNT = 400, SIZE = 2000 };
    fixture f;
    char *record = malloc(SIZE + 1);
    memset(record, 'x', SIZE);
    record[SIZE] = '\0';
    fixture_open(&f, LMDB, NULL);
    uint64_t first_bytes = 0;
    for (unsigned turn = 0; turn < 6; turn++) {
        for (unsigned i = 0; i < COUNT; i++) {
            char name[16];
            report r;
            snprintf(name, sizeof name, "%u-%u", turn, i);
            start_batch(&r, asl_store_reserve(f.store, (asl_share){0, 1}), "m", name, record);
            r.batch.head.status = ASL_EXECUTION_SUCCEEDED;
            asl_store_submit(f.store, &r.batch);
            ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
        }
        if (turn == 0)
            first_bytes = statistics_of(f.store).file_bytes;
        asl_purge_options options = {.size = sizeof options};
        ck_assert_uint_eq(purge_all(f.store, &options).purged, COUNT);
    }
    asl_store_statistics s = statistics_of(f.store);
    ck_assert_uint_lt(s.file_bytes, first_bytes + first_bytes / 2);
    ck_assert_uint_gt(s.free_bytes, first_bytes / 2);
    asl_store_close(f.store);
    asl_store_options options = {
        .size = sizeof options, .path = f.path, .map_bytes = TEST_MAP_BYTES};
    ck_assert_int_eq(asl_store_compact(&options, NULL), ASL_OK);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    ck_assert_uint_lt(statistics_of(f.store).file_bytes, first_bytes / 2);
    ck_assert(problems_are(f.store, ""));
    free(record);
    fixture_close(&f);
}
END_TEST

static void purge_and_die(const char *path, unsigned us)
{
    asl_store *store = NULL;
    asl_purge_options options = {.size = sizeof options, .slice_ms = 1};
    asl_purge progress = {.size = sizeof progress};
    if (open_path(path, 0, &store, NULL) != ASL_OK)
        _exit(3);
    useconds_t wait = us;
    pid_t self = getpid();
    if (fork() == 0) { /* kills from outside, so in the middle of anything */
        usleep(wait);
        kill(self, SIGKILL);
        _exit(0);
    }
    while (!progress.is_done)
        if (asl_store_purge(store, &options, &progress, NULL) != ASL_OK)
            _exit(4);
    _exit(0);
}

/* A kill at any moment: what is left is whole. */
START_TEST(kills_leave_executions_whole_or_gone)
{
    enum { COUNT = 3000 };
    fixture f;
    fill(&f, COUNT);
    asl_store_close(f.store);
    unsigned killed = 0, stays = COUNT / 3;
    uint64_t left = COUNT;
    for (unsigned i = 0; i < 40 && left > stays; i++) {
        pid_t child = fork();
        if (child == 0)
            purge_and_die(f.path, 500 * (i % 16));
        int status = 0;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        killed += WIFSIGNALED(status);
        ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
        ck_assert(problems_are(f.store, ""));
        left = statistics_of(f.store).executions;
        asl_store_close(f.store);
    }
    ck_assert_uint_gt(killed, 0);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    fixture_close(&f);
}
END_TEST

/* The control: an execution that is half gone is told of. */
START_TEST(half_an_execution_is_told_of)
{
    fixture f;
    fill(&f, 2);
    asl_lmdb_store *store = (asl_lmdb_store *)f.store;
    MDB_txn *txn;
    asl_lmdb_key key;
    ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    asl_lmdb_key_u64(&key, 1);
    ck_assert_int_eq(asl_lmdb_delete(store, txn, ASL_LMDB_LOG, &key), 0);
    asl_lmdb_key_u64(&key, 2);
    ck_assert_int_eq(asl_lmdb_delete(store, txn, ASL_LMDB_EXECUTION, &key), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    ck_assert(
        problems_are(f.store, "execution 1 lacks record 1;2 records belong to no execution;"));
    fixture_close(&f);
}
END_TEST

typedef struct spoiling {
    asl_lmdb_table table;
    uint64_t number;
    size_t offset;
    const char *problems;
} spoiling;

static void spoil(asl_lmdb_store *store, const spoiling *s)
{
    MDB_txn *txn;
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, s->number);
    MDB_val bytes = {key.size, key.bytes};
    ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_get(txn, store->tables[s->table], &bytes, &row), 0);
    char *copy = malloc(row.mv_size);
    memcpy(copy, row.mv_data, row.mv_size);
    copy[s->offset] = (char)(copy[s->offset] ^ 1);
    MDB_val changed = {row.mv_size, copy};
    ck_assert_int_eq(mdb_put(txn, store->tables[s->table], &bytes, &changed, 0), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    free(copy);
}

START_TEST(damage_is_told_with_its_place)
{
    static const spoiling cases[] = {
        {ASL_LMDB_LOG, 2, 5,
         "log 2 is damaged;execution 1 lacks record 2;"
         "2 records belong to no execution;"},
        {ASL_LMDB_EXECUTION, 2, 7, "execution 2 is damaged;2 records belong to no execution;"},
        {ASL_LMDB_RUNNING, 3, 0,
         "execution 3 is not listed among those that run;"
         "running 3 is damaged;"},
        {ASL_LMDB_DEFINITION, 1, 1, "definition 1 is damaged;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture f;
        fill(&f, 3);
        spoil((asl_lmdb_store *)f.store, &cases[i]);
        ck_assert(problems_are(f.store, cases[i].problems));
        fixture_close(&f);
    }
}
END_TEST

static bool stop_at_once(void *context, uint64_t done, uint64_t all)
{
    uint64_t *seen = context;
    *seen = all;
    ck_assert_uint_le(done, all);
    return false;
}

START_TEST(verifying_can_be_ended)
{
    fixture f;
    fill(&f, 3000);
    uint64_t all = 0;
    asl_verify_options options = {
        .size = sizeof options, .progress = stop_at_once, .context = &all};
    ck_assert_int_eq(asl_store_verify(f.store, &options, NULL), ASL_TIMED_OUT);
    ck_assert_uint_gt(all, 3000);
    ck_assert_int_eq(asl_store_verify(f.store, NULL, NULL), ASL_OK);
    fixture_close(&f);
}
END_TEST

START_TEST(a_backup_is_a_store_like_any_other)
{
    fixture f;
    fill(&f, 10);
    end_execution(f.store, 3, 77); /* behind the last checkpoint */
    char path[128];
    snprintf(path, sizeof path, "%s/copy", f.folder);
    ck_assert_int_eq(asl_store_backup(f.store, path, NULL), ASL_OK);
    end_execution(f.store, 6, 78);
    asl_error *error = NULL;
    ck_assert_int_eq(asl_store_backup(f.store, path, &error), ASL_EXISTS);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "there is something in"));
    asl_error_free(error);
    struct stat properties;
    ck_assert_int_eq(stat(path, &properties), 0);
    ck_assert_int_eq(properties.st_mode & 0777, 0700);
    asl_store *copy = NULL;
    ck_assert_int_eq(open_path(path, 0, &copy, NULL), ASL_OK);
    ck_assert(problems_are(copy, ""));
    ck_assert(running_are(copy, "6,9,"));
    ck_assert(records_are(copy, 3, "start;end;"));
    ck_assert_uint_eq(start_execution(copy, "m", "more"), 11);
    asl_store_close(copy);
    remove_folder(path);
    fixture_close(&f);
}
END_TEST

START_TEST(a_store_that_is_open_is_not_compacted)
{
    fixture f;
    fill(&f, 3);
    asl_store_options options = {
        .size = sizeof options, .path = f.path, .map_bytes = TEST_MAP_BYTES};
    ck_assert_int_eq(asl_store_compact(&options, NULL), ASL_STORE_LOCKED);
    options.flags = ASL_STORE_READ_ONLY;
    ck_assert_int_eq(asl_store_compact(&options, NULL), ASL_MISUSE);
    ck_assert(problems_are(f.store, ""));
    fixture_close(&f);
}
END_TEST

START_TEST(a_store_in_memory_knows_none_of_it)
{
    fixture f;
    fixture_open(&f, MEMORY, NULL);
    asl_store_statistics statistics = {.size = sizeof statistics};
    asl_purge_options options = {.size = sizeof options};
    asl_purge progress = {.size = sizeof progress};
    ck_assert_int_eq(asl_store_read_statistics(f.store, &statistics, NULL), ASL_UNSUPPORTED);
    ck_assert_int_eq(asl_store_verify(f.store, NULL, NULL), ASL_UNSUPPORTED);
    ck_assert_int_eq(asl_store_backup(f.store, "/nowhere", NULL), ASL_UNSUPPORTED);
    ck_assert_int_eq(asl_store_purge(f.store, &options, &progress, NULL), ASL_UNSUPPORTED);
    fixture_close(&f);
}
END_TEST

SUITE("store/upkeep", statistics_say_what_there_is, what_ended_before_a_time_is_purged,
      the_newest_that_ended_are_kept, what_a_checkpoint_has_not_reached_stays_for_now,
      names_outlive_histories_and_numbers_are_not_used_again, room_is_used_again,
      kills_leave_executions_whole_or_gone, half_an_execution_is_told_of,
      damage_is_told_with_its_place, verifying_can_be_ended, a_backup_is_a_store_like_any_other,
      a_store_that_is_open_is_not_compacted, a_store_in_memory_knows_none_of_it)
