/* What only the LMDB store promises: who may open it, what survives, what a child inherits. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/lmdb_store.h"
#include "stores.h"

/* A sanitizer needs terabytes of address space for itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif

/* Asserts that opening fails like this, with this in the message. */
static void assert_refused(const char *path, unsigned flags, int status, const char *message)
{
    asl_store *store = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(open_path(path, flags, &store, &error), status);
    ck_assert_ptr_null(store);
    ck_assert_msg(strstr(asl_error_message(error), message) != NULL, "%s",
                  asl_error_message(error));
    asl_error_free(error);
}

/* Runs a function in a child; its result is the exit code. */
static int in_child(int (*run)(const char *path), const char *path)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(run(path));
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int open_as_second(const char *path)
{
    asl_store *store = NULL;
    asl_error *error = NULL;
    int status = open_path(path, 0, &store, &error);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "process %ld uses the store", (long)getppid());
    return status == ASL_STORE_LOCKED && strstr(asl_error_message(error), wanted) != NULL ? 0 : 1;
}

START_TEST(a_second_process_is_told_who_has_the_store)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    ck_assert_int_eq(in_child(open_as_second, f.path), 0);
    fixture_close(&f);
}
END_TEST

START_TEST(the_store_is_free_after_its_owner_was_killed)
{
    fixture f;
    int ready[2];
    char byte;
    fixture_open(&f, LMDB, NULL);
    start_execution(f.store, "m", "before");
    asl_store_close(f.store);
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        asl_store *store = NULL;
        report r;
        if (open_path(f.path, 0, &store, NULL) != ASL_OK)
            _exit(1);
        start_batch(&r, asl_store_reserve(store, (asl_share){0, 1}), "m", "inside", "acknowledged");
        if (run_batch(store, &r) != ASL_OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    /* A reader opens what the writer left as it fell, and the next writer goes on. */
    ck_assert_int_eq(open_path(f.path, ASL_STORE_READ_ONLY, &f.store, NULL), ASL_OK);
    ck_assert(records_are(f.store, 2, "acknowledged;"));
    asl_store_close(f.store);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    ck_assert_uint_eq(start_execution(f.store, "m", "after"), 3);
    fixture_close(&f);
}
END_TEST

static int read_beside(const char *path)
{
    asl_store *store = NULL;
    if (open_path(path, ASL_STORE_READ_ONLY, &store, NULL) != ASL_OK)
        return 1;
    if (!records_are(store, 1, "start;"))
        return 2;
    report r;
    start_batch(&r, 2, "m", "x", "no");
    if (run_batch(store, &r) != ASL_READ_ONLY)
        return 3;
    asl_store_close(store);
    return 0;
}

START_TEST(a_reader_works_beside_the_writer_and_cannot_write)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    start_execution(f.store, "m", "n");
    ck_assert_int_eq(in_child(read_beside, f.path), 0);
    start_execution(f.store, "m", "n2");
    fixture_close(&f);
}
END_TEST

START_TEST(a_reader_sees_what_is_committed_after_it_opened)
{
    fixture f;
    int go[2], told[2];
    char byte;
    fixture_open(&f, LMDB, NULL);
    ck_assert(pipe(go) == 0 && pipe(told) == 0);
    asl_store_close(f.store);
    pid_t child = fork();
    if (child == 0) {
        asl_store *store = NULL;
        bool opened = open_path(f.path, ASL_STORE_READ_ONLY, &store, NULL) == ASL_OK;
        bool passed = opened && running_are(store, "") && write(told[1], "o", 1) == 1 &&
                      read(go[0], &byte, 1) == 1 && running_are(store, "1,");
        _exit(passed ? 0 : 1);
    }
    int status = 0;
    ck_assert_int_eq(read(told[0], &byte, 1), 1);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    start_execution(f.store, "m", "n");
    ck_assert_int_eq(write(go[1], "g", 1), 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_process_opens_a_store_once)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    assert_refused(f.path, 0, ASL_STORE_LOCKED, "this process has the store");
    assert_refused(f.path, ASL_STORE_READ_ONLY, ASL_STORE_LOCKED, "this process has the store");
    start_execution(f.store, "m", "still works");
    fixture_reopen(&f);
    start_execution(f.store, "m", "again");
    fixture_close(&f);
}
END_TEST

START_TEST(a_store_is_dead_in_a_forked_child)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    start_execution(f.store, "m", "n");
    pid_t child = fork();
    if (child == 0) {
        uint64_t number;
        report r;
        asl_error *error = NULL;
        start_batch(&r, 2, "m", "child", "no");
        bool refused = run_batch(f.store, &r) == ASL_MISUSE &&
                       asl_store_find(f.store, "m", "n", &number, &error) == ASL_MISUSE &&
                       strstr(asl_error_message(error), "fork") != NULL;
        asl_store_close(f.store);
        _exit(refused ? 0 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    start_execution(f.store, "m", "the parent goes on");
    ck_assert(running_are(f.store, "1,2,"));
    fixture_close(&f);
}
END_TEST

START_TEST(no_descriptor_of_a_store_outlives_exec)
{
    fixture f;
    size_t inside = 0;
    fixture_open(&f, LMDB, NULL);
    DIR *descriptors = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(descriptors);
    for (struct dirent *entry = readdir(descriptors); entry; entry = readdir(descriptors)) {
        char target[512];
        ssize_t size = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target - 1);
        if (size <= 0)
            continue;
        target[size] = '\0';
        if (strstr(target, f.folder) == NULL)
            continue;
        inside++;
        ck_assert_msg((fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC) != 0, "%s", target);
    }
    closedir(descriptors);
    ck_assert_uint_ge(inside, 4); /* folder, owner, data, lock */
    fixture_close(&f);
}
END_TEST

static mode_t mode_of(const char *folder, const char *name)
{
    char path[160];
    struct stat properties;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_int_eq(stat(path, &properties), 0);
    return properties.st_mode & 07777;
}

START_TEST(files_are_for_their_owner_whatever_the_umask)
{
    mode_t old = umask(0);
    fixture f;
    fixture_open(&f, LMDB, NULL);
    ck_assert_uint_eq(mode_of(f.path, "."), 0700);
    ck_assert_uint_eq(mode_of(f.path, "data.mdb"), 0600);
    ck_assert_uint_eq(mode_of(f.path, "lock.mdb"), 0600);
    ck_assert_uint_eq(mode_of(f.path, "owner"), 0600);
    fixture_close(&f);
    umask(old);
}
END_TEST

START_TEST(folders_that_others_may_write_are_refused)
{
    char folder[64];
    make_folder(folder);
    ck_assert_int_eq(chmod(folder, 0770), 0);
    assert_refused(folder, 0, ASL_IO, "chmod 700");
    ck_assert_int_eq(chmod(folder, 0702), 0);
    assert_refused(folder, 0, ASL_IO, "chmod 700");
    ck_assert_int_eq(chmod(folder, 0755), 0);
    asl_store *store = NULL;
    ck_assert_int_eq(open_path(folder, 0, &store, NULL), ASL_OK);
    asl_store_close(store);
    remove_folder(folder);
}
END_TEST

START_TEST(a_link_or_a_file_is_no_folder)
{
    char folder[64], path[80];
    make_folder(folder);
    snprintf(path, sizeof path, "%s/link", folder);
    ck_assert_int_eq(symlink("/tmp", path), 0);
    assert_refused(path, 0, ASL_IO, "symbolic link");
    snprintf(path, sizeof path, "%s/file", folder);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_refused(path, 0, ASL_IO, "is no folder");
    snprintf(path, sizeof path, "%s/file/below", folder);
    assert_refused(path, 0, ASL_IO, "cannot");
    assert_refused("", 0, ASL_MISUSE, "empty");
    remove_folder(folder);
}
END_TEST

START_TEST(missing_folders_on_the_way_are_made)
{
    char folder[64], path[80];
    make_folder(folder);
    snprintf(path, sizeof path, "%s/a/b/c", folder);
    asl_store *store = NULL;
    ck_assert_int_eq(open_path(path, 0, &store, NULL), ASL_OK);
    asl_store_close(store);
    ck_assert_uint_eq(mode_of(folder, "a"), 0700);
    ck_assert_uint_eq(mode_of(folder, "a/b"), 0700);
    remove_folder(folder);
}
END_TEST

START_TEST(a_reader_makes_nothing)
{
    char folder[64], path[80];
    make_folder(folder);
    snprintf(path, sizeof path, "%s/none", folder);
    assert_refused(path, ASL_STORE_READ_ONLY, ASL_NOT_FOUND, "there is no store");
    assert_refused(folder, ASL_STORE_READ_ONLY, ASL_NOT_FOUND, "there is no store");
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(network_file_systems_are_known_by_their_type)
{
    ck_assert(asl_folder_is_network(0x6969));      /* NFS */
    ck_assert(asl_folder_is_network(0xFF534D42));  /* CIFS */
    ck_assert(asl_folder_is_network(0x01021997));  /* 9P */
    ck_assert(!asl_folder_is_network(0xEF53));     /* ext4 */
    ck_assert(!asl_folder_is_network(0x58465342)); /* XFS */
    ck_assert(!asl_folder_is_network(0x9123683E)); /* Btrfs */
    ck_assert(!asl_folder_is_network(0x01021994)); /* tmpfs */
}
END_TEST

START_TEST(a_map_that_does_not_fit_is_explained)
{
    char folder[64];
    asl_store *store = NULL;
    asl_error *error = NULL;
    asl_store_options options = {.size = sizeof options, .path = folder};
    make_folder(folder);
    options.map_bytes = (uint64_t)1 << 60;
    ck_assert_int_eq(asl_store_open(&options, &store, &error), ASL_NOMEM);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "1073741824 GiB of address space"));
    asl_error_free(error);
#ifndef UNDER_SANITIZER
    struct rlimit old, small;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &old), 0);
    small = old;
    small.rlim_cur = (rlim_t)1 << 30;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &small), 0);
    options.map_bytes = 0;
    error = NULL;
    int status = asl_store_open(&options, &store, &error);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &old), 0);
    ck_assert_int_eq(status, ASL_IO);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "64 GiB of address space"));
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "map_bytes"));
    asl_error_free(error);
#endif
    remove_folder(folder);
}
END_TEST

START_TEST(options_of_a_newer_caller_are_refused)
{
    struct {
        asl_store_options options;
        char more[16];
    } newer = {.options = {.size = sizeof newer}};
    asl_store *store = NULL;
    ck_assert_int_eq(asl_store_open(&newer.options, &store, NULL), ASL_OK);
    asl_store_close(store);
    newer.more[15] = 1;
    ck_assert_int_eq(asl_store_open(&newer.options, &store, NULL), ASL_UNSUPPORTED);
    newer.more[15] = 0;
    newer.options.flags = 64;
    ck_assert_int_eq(asl_store_open(&newer.options, &store, NULL), ASL_UNSUPPORTED);
    /* And a shorter struct is filled with zeros. */
    newer.options.flags = 64;
    newer.options.size = offsetof(asl_store_options, flags);
    ck_assert_int_eq(asl_store_open(&newer.options, &store, NULL), ASL_OK);
    asl_store_close(store);
}
END_TEST

START_TEST(a_relaxed_store_is_the_same_store)
{
    char folder[64];
    make_folder(folder);
    asl_store *store = NULL;
    ck_assert_int_eq(open_path(folder, ASL_STORE_RELAXED, &store, NULL), ASL_OK);
    start_execution(store, "m", "n");
    asl_store_close(store);
    ck_assert_int_eq(open_path(folder, 0, &store, NULL), ASL_OK);
    ck_assert_int_eq(asl_store_durability(store), ASL_DURABILITY_FULL);
    ck_assert(records_are(store, 1, "start;"));
    asl_store_close(store);
    remove_folder(folder);
}
END_TEST

SUITE("store/lmdb", a_second_process_is_told_who_has_the_store,
      the_store_is_free_after_its_owner_was_killed,
      a_reader_works_beside_the_writer_and_cannot_write,
      a_reader_sees_what_is_committed_after_it_opened, a_process_opens_a_store_once,
      a_store_is_dead_in_a_forked_child, no_descriptor_of_a_store_outlives_exec,
      files_are_for_their_owner_whatever_the_umask, folders_that_others_may_write_are_refused,
      a_link_or_a_file_is_no_folder, missing_folders_on_the_way_are_made, a_reader_makes_nothing,
      network_file_systems_are_known_by_their_type, a_map_that_does_not_fit_is_explained,
      options_of_a_newer_caller_are_refused, a_relaxed_store_is_the_same_store)
