/* No room: a full map, a full disk, a file that may not grow. Nothing changes, the batches are
 * told, what was committed stays, and the store goes on when there is room. */
#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores.h"

#define ROW_BYTES 20000u

static int open_small(const char *path, uint64_t map_bytes, asl_store **ret_store)
{
    const asl_store_options options = {
        .size = sizeof options, .path = path, .map_bytes = map_bytes};
    return asl_store_open(&options, ret_store, NULL);
}

/* One write of a large row under a key of its own; the status it was reported with. */
static int put_large(asl_store *store, unsigned index)
{
    static const char row[ROW_BYTES];
    char key[16];
    report r;
    snprintf(key, sizeof key, "%05u", index);
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put(writes, "t", key, strlen(key), row, sizeof row), ASL_OK);
    step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
    r.batch.writes = writes;
    int status = run_batch(store, &r);
    asl_writes_free(writes);
    return status;
}

static int delete_row(asl_store *store, unsigned index)
{
    char key[16];
    report r;
    snprintf(key, sizeof key, "%05u", index);
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_delete(writes, "t", key, strlen(key)), ASL_OK);
    step_batch(&r, 0, ASL_EXECUTION_RUNNING, NULL);
    r.batch.writes = writes;
    int status = run_batch(store, &r);
    asl_writes_free(writes);
    return status;
}

static bool count_row(void *context, const void *key, size_t key_size, const void *row,
                      size_t row_size)
{
    (void)key;
    (void)key_size;
    (void)row;
    ck_assert_uint_eq(row_size, ROW_BYTES);
    ++*(unsigned *)context;
    return true;
}

static unsigned count_rows(asl_store *store)
{
    unsigned count = 0;
    ck_assert_int_eq(asl_table_scan(store, "t", NULL, 0, count_row, &count, NULL), ASL_OK);
    return count;
}

/* Fills the store until it says that it is full; how many rows went in. */
static unsigned fill(asl_store *store)
{
    unsigned count = 0;
    int status;
    while ((status = put_large(store, count)) == ASL_OK)
        ck_assert_uint_lt(++count, 4000);
    ck_assert_int_eq(status, ASL_STORE_FULL);
    return count;
}

START_TEST(a_full_map_refuses_and_goes_on_after_a_delete)
{
    char folder[64];
    asl_store *store = NULL;
    make_folder(folder);
    ck_assert_int_eq(open_small(folder, 1 << 20, &store), ASL_OK);
    uint64_t number = start_execution(store, "m", "n");
    unsigned count = fill(store);
    ck_assert_uint_gt(count, 10);
    ck_assert_int_eq(put_large(store, count), ASL_STORE_FULL);
    ck_assert_uint_eq(count_rows(store), count);
    ck_assert(records_are(store, number, "start;"));
    for (unsigned i = 0; i < 5; i++)
        ck_assert_int_eq(delete_row(store, i), ASL_OK);
    ck_assert_int_eq(put_large(store, count), ASL_OK);
    ck_assert_uint_eq(count_rows(store), count - 4);
    asl_store_close(store);
    /* The same folder with a larger map has room. */
    ck_assert_int_eq(open_small(folder, 4 << 20, &store), ASL_OK);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_int_eq(put_large(store, count + 1 + i), ASL_OK);
    ck_assert(records_are(store, number, "start;"));
    asl_store_close(store);
    remove_folder(folder);
}
END_TEST

START_TEST(batches_behind_one_without_room_do_not_overtake_it)
{
    char folder[64];
    asl_store *store = NULL;
    static char large[600000];
    make_folder(folder);
    ck_assert_int_eq(open_small(folder, 1 << 20, &store), ASL_OK);
    uint64_t number = start_execution(store, "m", "n");
    report r[3];
    step_batch(&r[0], number, ASL_EXECUTION_RUNNING, "small");
    step_batch(&r[1], number, ASL_EXECUTION_RUNNING, "");
    r[1].batch.record = large;
    r[1].batch.record_size = sizeof large;
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, large, sizeof large), ASL_OK);
    r[1].batch.writes = writes;
    step_batch(&r[2], number, ASL_EXECUTION_SUCCEEDED, "end");
    for (int i = 0; i < 3; i++)
        asl_store_submit(store, &r[i].batch);
    ck_assert_int_eq(asl_store_commit(store), ASL_STORE_FULL);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(r[i].status, ASL_STORE_FULL);
    ck_assert(records_are(store, number, "start;"));
    ck_assert(running_are(store, "1,"));
    step_batch(&r[0], number, ASL_EXECUTION_RUNNING, "small");
    ck_assert_int_eq(run_batch(store, &r[0]), ASL_OK);
    ck_assert(records_are(store, number, "start;small;"));
    asl_writes_free(writes);
    asl_store_close(store);
    remove_folder(folder);
}
END_TEST

START_TEST(a_file_that_may_not_grow_is_a_full_store)
{
    char folder[64];
    asl_store *store = NULL;
    struct rlimit old, small;
    make_folder(folder);
    ck_assert_int_eq(open_small(folder, TEST_MAP_BYTES, &store), ASL_OK);
    uint64_t number = start_execution(store, "m", "n");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 600000; /* in the middle of a page */
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    unsigned count = fill(store);
    ck_assert_int_eq(put_large(store, count), ASL_STORE_FULL);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert_int_eq(put_large(store, count), ASL_OK);
    ck_assert_uint_eq(count_rows(store), count + 1);
    ck_assert(records_are(store, number, "start;"));
    asl_store_close(store);
    ck_assert_int_eq(open_small(folder, TEST_MAP_BYTES, &store), ASL_OK);
    ck_assert_uint_eq(count_rows(store), count + 1);
    asl_store_close(store);
    remove_folder(folder);
}
END_TEST

/* A file system of 2 MiB, where this process may mount one; else the test has nothing to run on, as
 * in most containers, and the one above stands for it. */
START_TEST(a_full_disk_is_a_full_store)
{
    char folder[64], path[80], ballast[80];
    asl_store *store = NULL;
    make_folder(folder);
    if (mount("tmpfs", folder, "tmpfs", 0, "size=2m,mode=700") != 0) {
        ck_assert(errno == EPERM || errno == ENODEV || errno == EACCES);
        fprintf(stderr, "not run: this process may not mount a tmpfs\n");
        remove_folder(folder);
        return;
    }
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(ballast, sizeof ballast, "%s/ballast", folder);
    FILE *file = fopen(ballast, "w");
    static const char block[300000];
    ck_assert_uint_eq(fwrite(block, 1, sizeof block, file), sizeof block);
    fclose(file);
    ck_assert_int_eq(open_small(path, TEST_MAP_BYTES, &store), ASL_OK);
    uint64_t number = start_execution(store, "m", "n");
    unsigned count = fill(store);
    ck_assert_int_eq(put_large(store, count), ASL_STORE_FULL);
    ck_assert_int_eq(unlink(ballast), 0);
    ck_assert_int_eq(put_large(store, count), ASL_OK);
    ck_assert_uint_eq(count_rows(store), count + 1);
    ck_assert(records_are(store, number, "start;"));
    asl_store_close(store);
    umount(folder);
    remove_folder(folder);
}
END_TEST

START_TEST(a_store_on_a_disk_that_is_full_already_is_refused)
{
    char folder[64], path[80], ballast[80];
    asl_store *store = NULL;
    make_folder(folder);
    if (mount("tmpfs", folder, "tmpfs", 0, "size=2m,mode=700") != 0) {
        ck_assert(errno == EPERM || errno == ENODEV || errno == EACCES);
        fprintf(stderr, "not run: this process may not mount a tmpfs\n");
        remove_folder(folder);
        return;
    }
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(ballast, sizeof ballast, "%s/ballast", folder);
    FILE *file = fopen(ballast, "w");
    static const char block[4096];
    while (fwrite(block, 1, sizeof block, file) == sizeof block && fflush(file) == 0)
        continue;
    fclose(file);
    ck_assert_int_eq(open_small(path, TEST_MAP_BYTES, &store), ASL_STORE_FULL);
    ck_assert_int_eq(unlink(ballast), 0);
    ck_assert_int_eq(open_small(path, TEST_MAP_BYTES, &store), ASL_OK);
    asl_store_close(store);
    umount(folder);
    remove_folder(folder);
}
END_TEST

START_TEST(a_commit_larger_than_a_transaction_is_made_in_several)
{
    enum { COUNT = 100 };
    char folder[64];
    asl_store *store = NULL;
    static char row[600000];
    static report r[COUNT];
    asl_writes *writes[COUNT];
    make_folder(folder);
    ck_assert_int_eq(open_small(folder, TEST_MAP_BYTES, &store), ASL_OK);
    for (int i = 0; i < COUNT; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        writes[i] = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(writes[i], "t", key, strlen(key), row, sizeof row), ASL_OK);
        step_batch(&r[i], 0, ASL_EXECUTION_RUNNING, NULL);
        r[i].batch.writes = writes[i];
        asl_store_submit(store, &r[i].batch);
    }
    ck_assert_int_eq(asl_store_commit(store), ASL_OK);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(r[i].status, ASL_OK);
        asl_writes_free(writes[i]);
    }
    asl_store_close(store);
    remove_folder(folder);
}
END_TEST

SUITE("store/lmdb_full", a_full_map_refuses_and_goes_on_after_a_delete,
      batches_behind_one_without_room_do_not_overtake_it, a_file_that_may_not_grow_is_a_full_store,
      a_full_disk_is_a_full_store, a_store_on_a_disk_that_is_full_already_is_refused,
      a_commit_larger_than_a_transaction_is_made_in_several)
