/* Damage: a changed byte, a wrong row, a cut file, a newer format. Each is found out and named. */
#include <asl/upkeep.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/lmdb_layout.h"
#include "stores.h"

#define FRAME_SIZE 26u /* of a record while it runs, in the log */

/* Opens the environment beside the library's back and runs a change in one transaction. */
typedef void (*change)(MDB_txn *txn, void *context);
static void change_store(const char *path, change run, void *context)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_set_maxdbs(env, ASL_LMDB_TABLES + 1), 0);
    ck_assert_int_eq(mdb_env_set_mapsize(env, TEST_MAP_BYTES), 0);
    ck_assert_int_eq(mdb_env_open(env, path, 0, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    run(txn, context);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static MDB_dbi open_table(MDB_txn *txn, asl_lmdb_table table)
{
    MDB_dbi dbi;
    ck_assert_int_eq(mdb_dbi_open(txn, asl_lmdb_table_name(table), 0, &dbi), 0);
    return dbi;
}

/* Which byte of which row is changed; SIZE_MAX: the row is deleted. */
typedef struct damage {
    asl_lmdb_table table;
    asl_lmdb_key key;
    size_t offset;
    char bits;
    bool seal; /* with a checksum that is right */
} damage;

static void apply_damage(MDB_txn *txn, void *context)
{
    damage *d = context;
    MDB_dbi dbi = open_table(txn, d->table);
    MDB_val key = {d->key.size, d->key.bytes}, row;
    if (d->offset == SIZE_MAX) {
        ck_assert_int_eq(mdb_del(txn, dbi, &key, NULL), 0);
        return;
    }
    ck_assert_int_eq(mdb_get(txn, dbi, &key, &row), 0);
    ck_assert_uint_lt(d->offset, row.mv_size);
    char *copy = malloc(row.mv_size);
    memcpy(copy, row.mv_data, row.mv_size);
    copy[d->offset] = (char)(copy[d->offset] ^ d->bits);
    if (d->seal) {
        uint32_t crc = asl_lmdb_checksum(d->table, &key, copy, row.mv_size - 4, "", 0);
        memcpy(copy + row.mv_size - 4, &crc, 4); /* tests run on little-endian machines */
    }
    MDB_val changed = {row.mv_size, copy};
    ck_assert_int_eq(mdb_put(txn, dbi, &key, &changed, 0), 0);
    free(copy);
}

/* A closed store with one execution of two records and a row. */
static void make_store(fixture *f)
{
    report r;
    fixture_open(f, LMDB, NULL);
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, "row", 3), ASL_OK);
    uint64_t number = start_execution(f->store, "m", "n");
    step_batch(&r, number, ASL_EXECUTION_RUNNING, "second");
    r.batch.writes = writes;
    ck_assert_int_eq(run_batch(f->store, &r), ASL_OK);
    asl_store_close(f->store);
    f->store = NULL;
    asl_writes_free(writes);
}

static void damage_store(fixture *f, damage d)
{
    make_store(f);
    change_store(f->path, apply_damage, &d);
    ck_assert_int_eq(open_path(f->path, 0, &f->store, NULL), ASL_OK);
}

static damage of_number(asl_lmdb_table table, uint64_t number, size_t offset, bool seal)
{
    damage d = {.table = table, .offset = offset, .bits = 1, .seal = seal};
    asl_lmdb_key_u64(&d.key, number);
    return d;
}

static void assert_records_damaged(damage d, int status, const char *message)
{
    fixture f;
    asl_error *error = NULL;
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    damage_store(&f, d);
    ck_assert_int_eq(read_all(f.store, 1, &text, &error), status);
    ck_assert_msg(strstr(asl_error_message(error), message) != NULL, "%s",
                  asl_error_message(error));
    ck_assert_uint_eq(text.size, 0);
    asl_error_free(error);
    asl_buffer_done(&text);
    fixture_close(&f);
}

START_TEST(every_byte_of_a_record_is_guarded)
{
    size_t size = FRAME_SIZE + strlen("start") + 4;
    for (size_t offset = 0; offset < size; offset++)
        assert_records_damaged(of_number(ASL_LMDB_LOG, 1, offset, false), ASL_STORE_CORRUPT,
                               "record 1 of execution 1 is not readable");
}
END_TEST

START_TEST(records_that_do_not_fit_together_are_damage)
{
    assert_records_damaged(of_number(ASL_LMDB_LOG, 1, SIZE_MAX, false), ASL_STORE_CORRUPT,
                           "record 1 of execution 1 is missing");
    assert_records_damaged(of_number(ASL_LMDB_LOG, 1, 1, true), ASL_STORE_CORRUPT, "record 1");
    assert_records_damaged(of_number(ASL_LMDB_LOG, 1, 9, true), ASL_STORE_CORRUPT, "record 1");
    damage newer = of_number(ASL_LMDB_LOG, 2, 0, true);
    newer.bits = ASL_LOG_ROW_FORMAT ^ (ASL_LOG_ROW_FORMAT + 1);
    assert_records_damaged(newer, ASL_STORE_NEWER, "newer than this library");
}
END_TEST

START_TEST(a_damaged_head_is_named_and_refuses_steps_alone)
{
    fixture f;
    damage_store(&f, of_number(ASL_LMDB_EXECUTION, 1, 20, false));
    asl_error *error = NULL;
    asl_head head;
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    ck_assert_int_eq(asl_store_read_head(f.store, 1, &head, &text, &error), ASL_STORE_CORRUPT);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "head of execution 1"));
    asl_error_free(error);
    error = NULL;
    asl_execution_list *list = NULL;
    ck_assert_int_eq(asl_store_list(f.store, NULL, &list, &error), ASL_STORE_CORRUPT);
    asl_error_free(error);
    report step, start;
    step_batch(&step, 1, ASL_EXECUTION_RUNNING, "r");
    start_batch(&start, asl_store_reserve(f.store, (asl_share){0, 1}), "m", "other", "r");
    asl_store_submit(f.store, &step.batch);
    asl_store_submit(f.store, &start.batch);
    ck_assert_int_eq(asl_store_commit(f.store), ASL_OK);
    ck_assert_int_eq(step.status, ASL_STORE_CORRUPT);
    ck_assert_int_eq(start.status, ASL_OK);
    asl_buffer_done(&text);
    fixture_close(&f);
}
END_TEST

static bool never(void *context, const void *key, size_t key_size, const void *row, size_t row_size)
{
    (void)context;
    (void)key;
    (void)key_size;
    (void)row;
    (void)row_size;
    ck_abort_msg("a damaged row is visited");
    return false;
}

START_TEST(damaged_definitions_rows_and_indexes_are_found_out)
{
    fixture f;
    asl_buffer text;
    uint64_t number, hash;
    asl_buffer_init(&text, NULL);
    damage_store(&f, of_number(ASL_LMDB_DEFINITION, 1, 1, false));
    ck_assert_int_eq(asl_store_read_definition(f.store, 1, &text, NULL), ASL_STORE_CORRUPT);
    fixture_close(&f);

    damage row = {.table = ASL_LMDB_TABLE, .bits = 4};
    ck_assert(asl_lmdb_key_row(&row.key, "t", "k", 1));
    damage_store(&f, row);
    ck_assert_int_eq(asl_store_read_row(f.store, "t", "k", 1, &text, NULL), ASL_STORE_CORRUPT);
    ck_assert_int_eq(asl_table_scan(f.store, "t", NULL, 0, never, NULL, NULL), ASL_STORE_CORRUPT);
    ck_assert_int_eq(asl_table_scan_back(f.store, "t", NULL, 0, never, NULL, NULL),
                     ASL_STORE_CORRUPT);
    fixture_close(&f);

    damage name = {.table = ASL_LMDB_NAME, .bits = 1};
    ck_assert(asl_lmdb_key_name(&name.key, 1, "n"));
    damage_store(&f, name);
    ck_assert_int_eq(asl_store_find_name(f.store, "m", "n", &number, &hash), ASL_STORE_CORRUPT);
    ck_assert_int_eq(asl_store_find(f.store, NULL, "n", &number, NULL), ASL_STORE_CORRUPT);
    fixture_close(&f);
    asl_buffer_done(&text);
}
END_TEST

static void assert_open_refused(const char *path, int status, const char *message)
{
    for (unsigned flags = 0; flags <= ASL_STORE_READ_ONLY; flags++) {
        asl_store *store = NULL;
        asl_error *error = NULL;
        ck_assert_int_eq(open_path(path, flags, &store, &error), status);
        ck_assert_msg(strstr(asl_error_message(error), message) != NULL, "%s",
                      asl_error_message(error));
        asl_error_free(error);
    }
}

static damage of_meta(const char *name, size_t offset, bool seal)
{
    damage d = {.table = ASL_LMDB_META, .offset = offset, .bits = 3, .seal = seal};
    asl_lmdb_key_text(&d.key, name);
    return d;
}

static void assert_meta_refused(damage d, int status, const char *message)
{
    fixture f;
    make_store(&f);
    change_store(f.path, apply_damage, &d);
    assert_open_refused(f.path, status, message);
    fixture_close(&f);
}

START_TEST(a_newer_format_is_refused_as_that)
{
    damage newer = of_meta("format", 0, true);
    newer.bits = ASL_STORE_FORMAT ^ (ASL_STORE_FORMAT + 1);
    assert_meta_refused(newer, ASL_STORE_NEWER, "has format 3");
}
END_TEST

START_TEST(damaged_meta_rows_are_refused)
{
    assert_meta_refused(of_meta("format", 0, false), ASL_STORE_CORRUPT, "format");
    assert_meta_refused(of_meta("format", SIZE_MAX, false), ASL_STORE_CORRUPT, "format");
    assert_meta_refused(of_meta("secret", 5, false), ASL_STORE_CORRUPT, "secret");
    assert_meta_refused(of_meta("next", 0, false), ASL_STORE_CORRUPT, "counters");
}
END_TEST

START_TEST(a_damaged_durability_is_refused)
{
    fixture f;
    for (int seal = 0; seal <= 1; seal++) {
        make_store(&f);
        ck_assert_int_eq(open_path(f.path, ASL_STORE_RELAXED, &f.store, NULL), ASL_OK);
        asl_store_close(f.store);
        f.store = NULL;
        damage d = of_meta("durability", 0, seal);
        d.bits = 1;
        change_store(f.path, apply_damage, &d);
        assert_open_refused(f.path, ASL_STORE_CORRUPT, "durability");
        fixture_close(&f);
    }
}
END_TEST

static void drop_log(MDB_txn *txn, void *context)
{
    (void)context;
    ck_assert_int_eq(mdb_drop(txn, open_table(txn, ASL_LMDB_LOG), 1), 0);
}

START_TEST(a_missing_table_is_named)
{
    fixture f;
    make_store(&f);
    change_store(f.path, drop_log, NULL);
    assert_open_refused(f.path, ASL_STORE_CORRUPT, "table `log` is missing");
    fixture_close(&f);
}
END_TEST

static void put_foreign_row(MDB_txn *txn, void *context)
{
    MDB_dbi dbi;
    MDB_val key = {3, "key"}, row = {3, "row"};
    (void)context;
    ck_assert_int_eq(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    ck_assert_int_eq(mdb_put(txn, dbi, &key, &row, 0), 0);
}

START_TEST(a_file_of_another_program_is_left_alone)
{
    char folder[64];
    make_folder(folder);
    change_store(folder, put_foreign_row, NULL);
    assert_open_refused(folder, ASL_STORE_CORRUPT, "another program");
    remove_folder(folder);
}
END_TEST

static void write_data_file(const char *folder, const void *bytes, size_t size)
{
    char path[160];
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

START_TEST(what_is_no_store_at_all_is_refused)
{
    char folder[64];
    static const char noise[16384] = "This is no LMDB file.";
    make_folder(folder);
    write_data_file(folder, noise, sizeof noise);
    assert_open_refused(folder, ASL_STORE_CORRUPT, "no LMDB file");
    remove_folder(folder);
}
END_TEST

START_TEST(a_cut_file_is_found_before_it_ends_the_process)
{
    fixture f;
    char path[160];
    struct stat properties;
    make_store(&f);
    snprintf(path, sizeof path, "%s/data.mdb", f.path);
    ck_assert_int_eq(stat(path, &properties), 0);
    ck_assert_int_eq(truncate(path, properties.st_size - 4096), 0);
    assert_open_refused(f.path, ASL_STORE_CORRUPT, "data.mdb has");
    fixture_close(&f);
}
END_TEST

static void put_and_delete(MDB_txn *txn, void *context)
{
    static const char noise[200 * 4096];
    const bool *is_put = context;
    MDB_val key = {4, "gone"}, row = {sizeof noise, (void *)(uintptr_t)noise};
    MDB_dbi dbi = open_table(txn, ASL_LMDB_META);
    ck_assert_int_eq(*is_put ? mdb_put(txn, dbi, &key, &row, 0) : mdb_del(txn, dbi, &key, NULL), 0);
}

/* Whether the store can be used whose file has lost so many pages at its end. */
static bool goes_on_without(fixture *f, unsigned page_count)
{
    char path[160];
    struct stat properties;
    snprintf(path, sizeof path, "%s/data.mdb", f->path);
    ck_assert_int_eq(stat(path, &properties), 0);
    ck_assert_int_eq(truncate(path, properties.st_size - page_count * 4096), 0);
    int status = asl_store_open(&(asl_store_options){.size = sizeof(asl_store_options),
                                                     .path = f->path,
                                                     .map_bytes = TEST_MAP_BYTES},
                                &f->store, NULL);
    if (status != ASL_OK)
        return false;
    ck_assert_int_eq(asl_store_verify(f->store, NULL, NULL), ASL_OK);
    start_execution(f->store, "m", "more");
    ck_assert_int_eq(asl_store_verify(f->store, NULL, NULL), ASL_OK);
    asl_store_close(f->store);
    f->store = NULL;
    return true;
}

/* LMDB leaves a last page out of the file that it has taken and given back in one transaction. */
START_TEST(a_file_may_end_before_pages_that_are_free)
{
    static const unsigned counts[] = {1, 3, 150, 220};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        fixture f;
        make_store(&f);
        change_store(f.path, put_and_delete, &(bool){true});
        change_store(f.path, put_and_delete, &(bool){false});
        ck_assert_int_eq(goes_on_without(&f, counts[i]), counts[i] < 200);
        fixture_close(&f);
    }
}
END_TEST

/* A data file of `size` bytes, zero but for a number at one place. */
static void write_data(const char *path, size_t size, size_t place, uint32_t number)
{
    char name[128];
    char *bytes = calloc(1, size);
    snprintf(name, sizeof name, "%s/data.mdb", path);
    memcpy(bytes + place, &number, sizeof number);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
    free(bytes);
}

/* Nothing of it was flushed when the power was cut, so there was no store. */
START_TEST(a_file_that_was_only_begun_is_begun_anew)
{
    static const struct {
        size_t size, place;
        uint32_t number;
        bool is_taken;
    } cases[] = {
        {8192, 0, 0, true},
        {4096, 0, 0, true},
        {8192, 4112, 0xBEEFC0DE, true},
        {8192, 16, 0xBEEFC0DE, true},
        {512, 16, 0xBEEFC0DE, true},
        {8192, 16, 0xBEEFC0DD, false},
        {8192, 600, 1, false},
        {8192, 528, 0xBEEFC0DE, false},
        {12288, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture f;
        fixture_open(&f, LMDB, NULL);
        asl_store_close(f.store);
        write_data(f.path, cases[i].size, cases[i].place, cases[i].number);
        int status = open_path(f.path, 0, &f.store, NULL);
        ck_assert_int_eq(status, cases[i].is_taken ? ASL_OK : ASL_STORE_CORRUPT);
        if (status == ASL_OK)
            ck_assert_uint_eq(start_execution(f.store, "m", "first"), 1);
        else
            f.store = NULL;
        fixture_close(&f);
    }
}
END_TEST

/* What is left of a store is no file that was only begun. */
START_TEST(a_store_that_was_cut_to_its_first_page_is_damaged)
{
    static const off_t sizes[] = {512, 4096, 8192};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fixture f;
        char path[160];
        struct stat properties;
        make_store(&f);
        snprintf(path, sizeof path, "%s/data.mdb", f.path);
        ck_assert_int_eq(truncate(path, sizes[i]), 0);
        assert_open_refused(f.path, ASL_STORE_CORRUPT, "data.mdb");
        ck_assert_int_eq(stat(path, &properties), 0);
        ck_assert_int_eq(properties.st_size, sizes[i]);
        fixture_close(&f);
    }
}
END_TEST

/* The head of execution 1 as version 1 of its format had it: without its first LSN, and without the
 * time until when it is passive. */
static void put_old_head(MDB_txn *txn, void *context)
{
    (void)context;
    static const size_t at = 54, size = 16;
    MDB_dbi dbi = open_table(txn, ASL_LMDB_EXECUTION);
    MDB_val key = {8, "\0\0\0\0\0\0\0\1"}, row;
    char old[80] = {1};
    ck_assert_int_eq(mdb_get(txn, dbi, &key, &row), 0);
    ck_assert_uint_lt(row.mv_size, sizeof old);
    size_t old_size = row.mv_size - size - 4;
    memcpy(old + 1, (char *)row.mv_data + 1, at - 1);
    memcpy(old + at, (char *)row.mv_data + at + size, old_size - at);
    uint32_t crc = asl_lmdb_checksum(ASL_LMDB_EXECUTION, &key, old, old_size, "", 0);
    memcpy(old + old_size, &crc, 4); /* tests run on little-endian machines */
    MDB_val changed = {old_size + 4, old};
    ck_assert_int_eq(mdb_put(txn, dbi, &key, &changed, 0), 0);
}

static int append_text(void *context, uint64_t lsn, const void *record, size_t size)
{
    asl_buffer_format(context, "%llu ", (unsigned long long)lsn);
    asl_buffer_append(context, record, size);
    asl_buffer_byte(context, ';');
    return ASL_OK;
}

static int read_ends(asl_store *store, asl_buffer *text, asl_error **error)
{
    asl_head head;
    asl_buffer names;
    asl_buffer_init(&names, NULL);
    int status = asl_store_read_ends(store, 1, &head, &names, append_text, text, error);
    asl_buffer_done(&names);
    return status;
}

static void assert_ends(asl_store *store, const char *expected)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    ck_assert_int_eq(read_ends(store, &text, NULL), ASL_OK);
    ck_assert_str_eq(asl_buffer_string(&text), expected);
    asl_buffer_done(&text);
}

START_TEST(a_head_of_an_older_version_is_read_and_kept)
{
    fixture f;
    make_store(&f);
    change_store(f.path, put_old_head, NULL);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    assert_ends(f.store, "1 start;2 second;");
    report r;
    step_batch(&r, 1, ASL_EXECUTION_SUCCEEDED, "third");
    ck_assert_int_eq(run_batch(f.store, &r), ASL_OK);
    assert_ends(f.store, "1 start;3 third;");
    fixture_close(&f);
}
END_TEST

START_TEST(an_end_that_is_not_the_executions_is_damage)
{
    fixture f;
    asl_buffer text;
    asl_error *error = NULL;
    asl_buffer_init(&text, NULL);
    damage d = of_number(ASL_LMDB_EXECUTION, 1, 54, true); /* its first LSN becomes 1 ^ 2 = 3 */
    d.bits = 2;
    damage_store(&f, d);
    ck_assert_int_eq(read_ends(f.store, &text, &error), ASL_STORE_CORRUPT);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "record 3 of execution 1 is missing"));
    asl_error_free(error);
    asl_buffer_done(&text);
    fixture_close(&f);
}
END_TEST

START_TEST(the_rows_are_the_ones_that_were_stored)
{
    /* Golden rows: a change of these bytes is a change of the format. */
    static const char head[] =
        "\x03\x02\x07\0\0\0\x03\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0"
        "\x06\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x08\0\0\0\0\0\0\0"
        "\x09\0\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0m\0na";
    static const char frame[] = "\x02\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0"
                                "\x02\x05\0\0\0\0\0\0\0";
    static const char full_frame[] = "\x02\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0"
                                     "\x32\x05\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0"
                                     "\x07\0\0\0\0\0\0\0";
    static const char next[] = "\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x04\0\0\0"
                               "\x05\0\0\0\0\0\0\0\x06\0\0\0\0\0\0";
    asl_buffer row;
    asl_buffer_init(&row, NULL);
    const asl_head_row head_row = {.head = {.status = ASL_EXECUTION_FAILED,
                                            .definition = 3,
                                            .first_lsn = 9,
                                            .last_lsn = 4,
                                            .event_count = 5,
                                            .input_hash = 6,
                                            .start_ms = -1,
                                            .stop_ms = 8,
                                            .passive_until_ms = 10,
                                            .machine = "m",
                                            .name = "na"},
                                   .machine = 7};
    asl_head_row_encode(&row, &head_row);
    ck_assert_uint_eq(row.size, sizeof head);
    ck_assert_mem_eq(row.bytes, head, sizeof head);
    unsigned char made[ASL_LOG_FRAME_MAX];
    asl_change of = {.number = 0x102, .event_count = 5, .status = ASL_EXECUTION_FAILED};
    ck_assert_uint_eq(asl_log_frame_encode(made, &of, 3), sizeof frame - 1);
    ck_assert_mem_eq(made, frame, sizeof frame - 1);
    of.stop_ms = 6;
    of.passive_until_ms = 7;
    ck_assert_uint_eq(asl_log_frame_encode(made, &of, 3), sizeof full_frame - 1);
    ck_assert_mem_eq(made, full_frame, sizeof full_frame - 1);
    asl_buffer_clear(&row);
    const asl_next_row next_row = {1, 2, 3, 4, 5, 6};
    asl_next_row_encode(&row, &next_row);
    ck_assert_uint_eq(row.size, sizeof next);
    ck_assert_mem_eq(row.bytes, next, sizeof next);
    asl_buffer_done(&row);
    MDB_val key = {8, "\0\0\0\0\0\0\0\1"};
    ck_assert_uint_eq(asl_lmdb_checksum(ASL_LMDB_LOG, &key, "ab", 2, "cd", 2),
                      asl_lmdb_checksum(ASL_LMDB_LOG, &key, "abcd", 4, "", 0));
    ck_assert_uint_ne(asl_lmdb_checksum(ASL_LMDB_LOG, &key, "abcd", 4, "", 0),
                      asl_lmdb_checksum(ASL_LMDB_TABLE, &key, "abcd", 4, "", 0));
}
END_TEST

START_TEST(cut_rows_are_never_read_past_their_end)
{
    asl_buffer row;
    asl_buffer_init(&row, NULL);
    const asl_head_row head_row = {.head = {.machine = "m", .name = "n"}};
    asl_head_row_encode(&row, &head_row);
    for (size_t size = 0; size < row.size; size++) {
        char *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, row.bytes, size);
        MDB_val cut = {size, exact};
        asl_head_row head;
        asl_log_row log;
        asl_name_row name;
        asl_next_row next;
        ck_assert_int_eq(asl_head_row_decode(1, &cut, &head), ASL_STORE_CORRUPT);
        if (size > 0)
            exact[0] = (char)ASL_LOG_ROW_FORMAT;
        int log_status = asl_log_row_decode(&cut, &log);
        ck_assert_int_eq(log_status, size < FRAME_SIZE ? ASL_STORE_CORRUPT : ASL_OK);
        ck_assert_int_eq(asl_name_row_decode(&cut, &name), size == 16 ? ASL_OK : ASL_STORE_CORRUPT);
        ck_assert_int_eq(asl_next_row_decode(&cut, &next), size == 44 ? ASL_OK : ASL_STORE_CORRUPT);
        ck_assert(!asl_lmdb_unseal(ASL_LMDB_LOG, &cut, &cut));
        free(exact);
    }
    asl_buffer_done(&row);
}
END_TEST

SUITE("store/lmdb_damage", every_byte_of_a_record_is_guarded,
      records_that_do_not_fit_together_are_damage, a_damaged_head_is_named_and_refuses_steps_alone,
      damaged_definitions_rows_and_indexes_are_found_out, a_newer_format_is_refused_as_that,
      a_file_that_was_only_begun_is_begun_anew, a_store_that_was_cut_to_its_first_page_is_damaged,
      damaged_meta_rows_are_refused, a_damaged_durability_is_refused, a_missing_table_is_named,
      a_file_of_another_program_is_left_alone, what_is_no_store_at_all_is_refused,
      a_cut_file_is_found_before_it_ends_the_process, a_file_may_end_before_pages_that_are_free,
      a_head_of_an_older_version_is_read_and_kept, an_end_that_is_not_the_executions_is_damage,
      the_rows_are_the_ones_that_were_stored, cut_rows_are_never_read_past_their_end)
