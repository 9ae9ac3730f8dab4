/* Passive executions: listed by the time until when they wait, and nowhere else. */

#include <asl/upkeep.h>

#include "store/lmdb_store.h"
#include "stores.h"

/* The passive executions as "until:number,". */
static bool passive_are(asl_store *store, asl_passive after, size_t room, const char *text)
{
    asl_passive items[8];
    size_t count = 99;
    char got[256] = "";
    ck_assert_uint_le(room, sizeof items / sizeof items[0]);
    ck_assert_int_eq(asl_store_read_passive(store, after, items, room, &count, NULL), ASL_OK);
    for (size_t i = 0; i < count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%lld:%llu,",
                 (long long)items[i].until_ms, (unsigned long long)items[i].number);
    if (strcmp(got, text) != 0)
        fprintf(stderr, "got:    %s\nwanted: %s\n", got, text);
    return strcmp(got, text) == 0;
}

static const asl_passive from_start;
static const asl_share whole = {0, 1};

static uint64_t start_passive(asl_store *store, const char *name, int64_t until_ms)
{
    report r;
    start_batch(&r, asl_store_reserve(store, (asl_share){0, 1}), "m", name, "start");
    r.batch.head.passive_until_ms = until_ms;
    ck_assert_int_eq(run_batch(store, &r), ASL_OK);
    return r.batch.head.number;
}

static void step(asl_store *store, uint64_t number, asl_execution_status status, int64_t until_ms)
{
    report r;
    step_batch(&r, number, status, "step");
    r.batch.head.passive_until_ms = until_ms;
    ck_assert_int_eq(run_batch(store, &r), ASL_OK);
}

START_TEST(passive_executions_are_read_by_time_then_number)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    ck_assert(asl_store_claim_passive(f.store, whole));
    ck_assert(!asl_store_claim_passive(f.store, whole));
    ck_assert(!asl_store_claim_passive(f.store, (asl_share){1, 2}));
    asl_store_unclaim_passive(f.store, whole);
    ck_assert(asl_store_claim_passive(f.store, (asl_share){1, 2}));
    ck_assert(!asl_store_claim_passive(f.store, (asl_share){1, 2}));
    ck_assert(!asl_store_claim_passive(f.store, whole));
    ck_assert(asl_store_claim_passive(f.store, (asl_share){0, 2}));
    ck_assert(passive_are(f.store, from_start, 8, ""));
    ck_assert_uint_eq(start_passive(f.store, "a", 300), 1);
    start_passive(f.store, "b", INT64_MAX);
    start_passive(f.store, "c", 256);
    start_passive(f.store, "d", 300);
    start_execution(f.store, "m", "e");
    fixture_reopen(&f);
    ck_assert(running_are(f.store, "5,"));
    ck_assert(passive_are(f.store, from_start, 8, "256:3,300:1,300:4,9223372036854775807:2,"));
    ck_assert(passive_are(f.store, from_start, 2, "256:3,300:1,"));
    ck_assert(passive_are(f.store, (asl_passive){300, 1}, 8, "300:4,9223372036854775807:2,"));
    ck_assert(passive_are(f.store, (asl_passive){300, 0}, 1, "300:1,"));
    ck_assert(passive_are(f.store, (asl_passive){INT64_MAX, 2}, 8, ""));
    fixture_close(&f);
}
END_TEST

START_TEST(a_step_moves_an_execution_to_where_it_belongs)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_passive(f.store, "a", 300);
    step(f.store, number, ASL_EXECUTION_RUNNING, 0);
    ck_assert(passive_are(f.store, from_start, 8, "") && running_are(f.store, "1,"));
    step(f.store, number, ASL_EXECUTION_RUNNING, 400);
    ck_assert(passive_are(f.store, from_start, 8, "400:1,") && running_are(f.store, ""));
    step(f.store, number, ASL_EXECUTION_RUNNING, 500);
    ck_assert(passive_are(f.store, from_start, 8, "500:1,"));
    step(f.store, number, ASL_EXECUTION_RUNNING, 500);
    ck_assert(passive_are(f.store, from_start, 8, "500:1,"));
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    ck_assert_int_eq(read_head(f.store, number, &text).passive_until_ms, 500);
    asl_buffer_done(&text);
    step(f.store, number, ASL_EXECUTION_SUCCEEDED, 0);
    ck_assert(passive_are(f.store, from_start, 8, "") && running_are(f.store, ""));
    fixture_close(&f);
}
END_TEST

/* It waits for a token, then for a time, then for a token: the last change is in the transaction in
 * which a checkpoint carries out the one before. */
START_TEST(a_checkpoint_leaves_what_its_transaction_lists_again)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    uint64_t number = start_passive(f.store, "a", INT64_MAX);
    asl_lmdb_checkpoint_all((asl_lmdb_store *)f.store);
    step(f.store, number, ASL_EXECUTION_RUNNING, 400);
    ((asl_lmdb_store *)f.store)->checkpoint.done_ms = INT64_MIN / 2;
    step(f.store, number, ASL_EXECUTION_RUNNING, INT64_MAX);
    ck_assert(passive_are(f.store, from_start, 8, "9223372036854775807:1,"));
    fixture_reopen(&f);
    ck_assert(passive_are(f.store, from_start, 8, "9223372036854775807:1,"));
    ck_assert_int_eq(asl_store_verify(f.store, NULL, NULL), ASL_OK);
    fixture_close(&f);
}
END_TEST

START_TEST(a_store_in_memory_keeps_none_apart)
{
    fixture f;
    fixture_open(&f, MEMORY, NULL);
    ck_assert(!asl_store_claim_passive(f.store, whole));
    ck_assert(passive_are(f.store, from_start, 8, ""));
    fixture_close(&f);
}
END_TEST

/* What the store was before there were passive executions. */
static void make_old(const fixture *f)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_set_maxdbs(env, ASL_LMDB_TABLES + 1), 0);
    ck_assert_int_eq(mdb_env_set_mapsize(env, TEST_MAP_BYTES), 0);
    ck_assert_int_eq(mdb_env_open(env, f->path, 0, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, "passive", 0, &dbi), 0);
    ck_assert_int_eq(mdb_drop(txn, dbi, 1), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
    MDB_val key = {6, "format"};
    unsigned char bytes[8] = {1};
    uint32_t crc = asl_lmdb_checksum(ASL_LMDB_META, &key, bytes, 4, "", 0);
    memcpy(bytes + 4, &crc, 4); /* tests run on little-endian machines */
    MDB_val row = {sizeof bytes, bytes};
    ck_assert_int_eq(mdb_put(txn, dbi, &key, &row, 0), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

START_TEST(a_store_of_version_1_is_read_and_brought_up_to_date)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    start_execution(f.store, "m", "old");
    asl_store_close(f.store);
    make_old(&f);
    ck_assert_int_eq(open_path(f.path, ASL_STORE_READ_ONLY, &f.store, NULL), ASL_OK);
    ck_assert(running_are(f.store, "1,"));
    ck_assert(passive_are(f.store, from_start, 8, ""));
    ck_assert_uint_eq(((asl_lmdb_store *)f.store)->format, 1);
    asl_store_close(f.store);
    ck_assert_int_eq(open_path(f.path, 0, &f.store, NULL), ASL_OK);
    ck_assert_uint_eq(((asl_lmdb_store *)f.store)->format, ASL_STORE_FORMAT);
    step(f.store, 1, ASL_EXECUTION_RUNNING, 700);
    fixture_reopen(&f);
    ck_assert_uint_eq(((asl_lmdb_store *)f.store)->format, ASL_STORE_FORMAT);
    ck_assert(passive_are(f.store, from_start, 8, "700:1,"));
    ck_assert(running_are(f.store, ""));
    fixture_close(&f);
}
END_TEST

static void spoil_passive(const fixture *f)
{
    asl_lmdb_store *store = (asl_lmdb_store *)f->store;
    MDB_txn *txn;
    ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    MDB_val key = {4, "what"};
    unsigned char bytes[4];
    uint32_t crc = asl_lmdb_checksum(ASL_LMDB_PASSIVE, &key, "", 0, "", 0);
    memcpy(bytes, &crc, 4);
    MDB_val row = {sizeof bytes, bytes};
    ck_assert_int_eq(mdb_put(txn, store->tables[ASL_LMDB_PASSIVE], &key, &row, 0), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
}

START_TEST(a_damaged_list_of_them_is_found_out)
{
    fixture f;
    fixture_open(&f, LMDB, NULL);
    spoil_passive(&f);
    asl_passive items[2];
    size_t count;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_store_read_passive(f.store, from_start, items, 2, &count, &error),
                     ASL_STORE_CORRUPT);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "passive executions is not readable"));
    asl_error_free(error);
    fixture_close(&f);
}
END_TEST

SUITE("store/lmdb_passive", passive_executions_are_read_by_time_then_number,
      a_step_moves_an_execution_to_where_it_belongs,
      a_checkpoint_leaves_what_its_transaction_lists_again, a_store_in_memory_keeps_none_apart,
      a_store_of_version_1_is_read_and_brought_up_to_date, a_damaged_list_of_them_is_found_out)
