/* A flush that fails: what the disk holds is unknown from then on, so the store is lost to the
 * process. The program's own fdatasync stands before the system's. */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stores.h"

static int fail_with;
static int flushes;
static int synchronous_writes;

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    flushes++;
    if (fail_with != 0) {
        errno = fail_with;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

/* LMDB writes the page that makes a commit count through a descriptor that waits for the disk. The
 * name is given to the linker alone: the header calls another one by it. */
__attribute__((visibility("default"))) ssize_t count_pwrite(int fd, const void *bytes, size_t size,
                                                            off_t offset) __asm__("pwrite");
ssize_t count_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    synchronous_writes += (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    return (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, offset);
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
        start_batch(&r[i], asl_store_reserve(f.store, (asl_share){0, 1}), "m", names[i], "r");
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

static void assert_durable(unsigned flags, asl_durability durability, int writes_of_a_commit)
{
    char folder[64];
    asl_store *store = NULL;
    make_folder(folder);
    ck_assert_int_eq(open_path(folder, flags, &store, NULL), ASL_OK);
    ck_assert_int_eq(asl_store_durability(store), durability);
    flushes = synchronous_writes = 0;
    for (int i = 1; i <= 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%d", i);
        start_execution(store, "m", name);
        ck_assert_int_eq(flushes, i);
        ck_assert_int_eq(synchronous_writes, i * writes_of_a_commit);
    }
    asl_store_close(store);
    ck_assert_int_eq(open_path(folder, ASL_STORE_READ_ONLY, &store, NULL), ASL_OK);
    ck_assert_int_eq(asl_store_durability(store), durability);
    asl_store_close(store);
    remove_folder(folder);
}

START_TEST(a_commit_waits_for_its_last_page_unless_durability_is_relaxed)
{
    assert_durable(0, ASL_DURABILITY_FULL, 1);
    assert_durable(ASL_STORE_RELAXED, ASL_DURABILITY_RELAXED, 0);
    ck_assert_str_eq(asl_durability_name(ASL_DURABILITY_RELAXED), "relaxed");
}
END_TEST

START_TEST(a_failed_flush_loses_the_store_until_it_is_opened_again)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_execution(f.store, "m", "before");
    report r[2];
    step_batch(&r[0], number, ASL_EXECUTION_RUNNING, "unknown");
    start_batch(&r[1], asl_store_reserve(f.store, (asl_share){0, 1}), "m", "second", "unknown");
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
      a_commit_waits_for_its_last_page_unless_durability_is_relaxed,
      a_failed_flush_loses_the_store_until_it_is_opened_again, a_flush_without_room_is_a_full_store)
