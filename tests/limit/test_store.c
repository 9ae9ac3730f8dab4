/* When a store makes a checkpoint: behind so many changes or records, and not one earlier. */
#include <stdlib.h>

#include "base/limits.h"
#include "store/lmdb_store.h"
#include "stores.h"

#define AT_ONCE 4096u

/* Submits `count` batches in several commits; `make` says what is in each. */
static void submit_all(fixture *f, size_t count,
                       void (*make)(report *r, asl_store *store, size_t index))
{
    report *r = calloc(AT_ONCE, sizeof *r);
    for (size_t i = 0; i < count; i++) {
        make(&r[i % AT_ONCE], f->store, i);
        asl_store_submit(f->store, &r[i % AT_ONCE].batch);
        if (i % AT_ONCE == AT_ONCE - 1 || i + 1 == count)
            ck_assert_int_eq(asl_store_commit(f->store), ASL_OK);
    }
    free(r);
}

static void make_start(report *r, asl_store *store, size_t index)
{
    static char names[AT_ONCE][16];
    char *name = names[index % AT_ONCE];
    snprintf(name, sizeof names[0], "n%zu", index);
    start_batch(r, asl_store_reserve(store, (asl_share){0, 1}), "m", name, "");
}

static void make_step_of_each(report *r, asl_store *store, size_t index)
{
    (void)store;
    step_batch(r, index + 1, ASL_EXECUTION_RUNNING, "");
}

static void make_step_of_one(report *r, asl_store *store, size_t index)
{
    (void)store;
    (void)index;
    step_batch(r, 1, ASL_EXECUTION_RUNNING, "");
}

/* One commit more, whose transaction looks whether a checkpoint is due before it. */
static bool is_one_made(fixture *f)
{
    asl_lmdb_store *store = (asl_lmdb_store *)f->store;
    uint64_t before = store->checkpoint.lsn;
    asl_lmdb_checkpoint_rest(store);
    submit_all(f, 1, make_step_of_one);
    return store->checkpoint.numbers != NULL || store->checkpoint.lsn != before;
}

/* A new store with `count` executions, none of which has a change that its head does not have. */
static void open_with(fixture *f, size_t count)
{
    fixture_open(f, LMDB, NULL);
    submit_all(f, count, make_start);
    fixture_reopen(f);
    asl_lmdb_store *store = (asl_lmdb_store *)f->store;
    /* Starts are records, too: from here on they are counted anew. */
    store->checkpoint.lsn = store->next.lsn;
}

START_TEST(changes_make_a_checkpoint_due)
{
    for (int past = 0; past < 2; past++) {
        fixture f;
        open_with(&f, ASL_CHECKPOINT_CHANGES);
        submit_all(&f, ASL_CHECKPOINT_CHANGES - (past == 0), make_step_of_each);
        ck_assert_uint_eq(((asl_lmdb_store *)f.store)->tail.count,
                          ASL_CHECKPOINT_CHANGES - (past == 0));
        ck_assert_int_eq(is_one_made(&f), past);
        fixture_close(&f);
    }
}
END_TEST

START_TEST(records_make_a_checkpoint_due)
{
    for (int past = 0; past < 2; past++) {
        fixture f;
        open_with(&f, 1);
        submit_all(&f, ASL_CHECKPOINT_RECORDS - (past == 0), make_step_of_one);
        const asl_lmdb_store *store = (asl_lmdb_store *)f.store;
        ck_assert_uint_eq(store->next.lsn - store->checkpoint.lsn,
                          ASL_CHECKPOINT_RECORDS - (past == 0));
        ck_assert_int_eq(is_one_made(&f), past);
        fixture_close(&f);
    }
}
END_TEST

SUITE("limit/store", changes_make_a_checkpoint_due, records_make_a_checkpoint_due)
