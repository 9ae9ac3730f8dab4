/* The host's own writes: durable with the next commit, told once, refused where nothing is taken.
 */
#include <string.h>

#include "fixture.h"

typedef struct report {
    unsigned count;
    int status;
    asl_engine *engine; /* not NULL: writes once more from inside */
} report;

static asl_writes *row(const char *key, const char *text)
{
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put(writes, "rows", key, strlen(key), text, strlen(text));
    return writes;
}

static void note(void *context, int status)
{
    report *self = context;
    self->count++;
    self->status = status;
    asl_engine *engine = self->engine;
    self->engine = NULL;
    if (engine)
        ck_assert_int_eq(asl_engine_write(engine, row("second", "2"), note, self, NULL), ASL_OK);
}

static bool has(fixture *f, const char *key)
{
    asl_value *value = NULL;
    int status = asl_table_get_value(f->store, "rows", key, strlen(key), &value, NULL);
    asl_value_unref(value);
    ck_assert(status == ASL_OK || status == ASL_NOT_FOUND);
    return status == ASL_OK;
}

START_TEST(rows_are_durable_when_it_is_told)
{
    FOR_EACH_STORE(f)
    {
        report r = {.count = 0};
        ck_assert_int_eq(asl_engine_write(f.engine, row("first", "1"), note, &r, NULL), ASL_OK);
        ck_assert(r.count == 0 && !has(&f, "first"));
        ck_assert_int_eq(asl_engine_next_deadline(f.engine), 0);
        fixture_settle(&f);
        ck_assert(r.count == 1 && r.status == ASL_OK && has(&f, "first"));
        ck_assert_int_eq(asl_engine_write(f.engine, row("first", "1"), NULL, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(r.count, 1);
    }
}
END_TEST

START_TEST(who_is_told_may_write_again)
{
    FOR_EACH_STORE(f)
    {
        report r = {.engine = f.engine};
        ck_assert_int_eq(asl_engine_write(f.engine, row("first", "1"), note, &r, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert(r.count == 2 && has(&f, "second"));
    }
}
END_TEST

START_TEST(freeing_the_engine_writes_and_tells)
{
    FOR_EACH_STORE(f)
    {
        report r = {.count = 0};
        ck_assert_int_eq(asl_engine_write(f.engine, row("first", "1"), note, &r, NULL), ASL_OK);
        fixture_free_engine(&f);
        ck_assert(r.count == 1 && r.status == ASL_OK && has(&f, "first"));
        fixture_open_engine(&f);
    }
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
    FOR_EACH_STORE(f)
    {
        report r = {.count = 0};
        ck_assert_int_eq(asl_engine_write(f.engine, NULL, note, &r, NULL), ASL_MISUSE);
        asl_writes *writes = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(writes, "no table", "k", 1, "1", 1), ASL_MISUSE);
        ck_assert_int_eq(asl_engine_write(f.engine, writes, note, &r, NULL), ASL_MISUSE);
        fixture_settle(&f);
        ck_assert_uint_eq(r.count, 0);
    }
}
END_TEST

SUITE("runtime/write", rows_are_durable_when_it_is_told, who_is_told_may_write_again,
      freeing_the_engine_writes_and_tells, what_cannot_be_written_is_refused)
