/* A flush that fails: what the disk holds is unknown from then on, so the store is lost to the
 * process. The program's own fdatasync stands before the system's. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stores.h"

static int fail_with;
static int flushes;

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    flushes++;
    if (fail_with != 0) {
        errno = fail_with;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

START_TEST(every_commit_is_flushed_once)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    report r[50];
    char names[50][8];
    flushes = 0;
    for (int i = 0; i < 50; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        start_batch(&r[i], asl_store_reserve(f.store), "m", names[i], "r");
        asl_store_submit(f.store, &r[i].batch);
    }
    ck_assert_int_eq(flushes, 0);
    ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
    ck_assert_int_eq(flushes, 1);
    ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
    ck_assert_int_eq(flushes, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(a_failed_flush_loses_the_store_until_it_is_opened_again)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_execution(f.store, "m", "before");
    report r[2];
    step_batch(&r[0], number, ASL_EXECUTION_RUNNING, "unknown");
    start_batch(&r[1], asl_store_reserve(f.store), "m", "second", "unknown");
    asl_store_submit(f.store, &r[0].batch);
    asl_store_submit(f.store, &r[1].batch);
    fail_with = EIO;
    ck_assert_int_eq(asl_store_commit(f.store), ASL_STORE_LOST);
    fail_with = 0;
    ck_assert_int_eq(r[0].status, ASL_STORE_LOST);
    ck_assert_int_eq(r[1].status, ASL_STORE_LOST);
    /* That the disk answers again changes nothing. */
    step_batch(&r[0], number, ASL_EXECUTION_RUNNING, "later");
    ck_assert_int_eq(run_batch(f.store, &r[0]), ASL_STORE_LOST);
    uint64_t found;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_store_find(f.store, "m", "before", &found, &error), ASL_STORE_LOST);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "open the store again"));
    asl_error_free(error);
    fixture_reopen(&f);
    ck_assert(records_are(f.store, number, "start;"));
    start_execution(f.store, "m", "after");
    fixture_close(&f);
}
END_TEST

START_TEST(a_flush_without_room_is_a_full_store)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_execution(f.store, "m", "before");
    report r;
    step_batch(&r, number, ASL_EXECUTION_RUNNING, "no");
    fail_with = ENOSPC;
    ck_assert_int_eq(run_batch(f.store, &r), ASL_STORE_FULL);
    fail_with = EDQUOT;
    step_batch(&r, number, ASL_EXECUTION_RUNNING, "no");
    ck_assert_int_eq(run_batch(f.store, &r), ASL_STORE_FULL);
    fail_with = 0;
    step_batch(&r, number, ASL_EXECUTION_RUNNING, "yes");
    ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
    ck_assert(records_are(f.store, number, "start;yes;"));
    fixture_close(&f);
}
END_TEST

SUITE("store/lmdb_lost", every_commit_is_flushed_once,
      a_failed_flush_loses_the_store_until_it_is_opened_again, a_flush_without_room_is_a_full_store)
