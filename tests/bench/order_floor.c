/* Rows are as large as those of an order for one pizza, with their checksums. A batch goes one step
 * with every transaction, and waits between its fourth and fifth step as an order waits for changes
 * of mind. */
#include "order_floor.h"

#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define MAP_BYTES ((size_t)1 << 36)
#define WAIT_COMMITS 200u
#define ID_SIZE 37u

enum { LOG, EXECUTION, NAME, RUNNING, PASSIVE, TABLE, META, DATABASES };
static const char *const names[] = {"log",     "execution", "name", "running",
                                    "passive", "table",     "meta"};

#define ORDER_BYTES 142u
#define ORDER_QUEUED_BYTES 157u /* with its place in the queue */
#define MESSAGE_BYTES 142u
#define LEASE_BYTES 25u
#define NOTIFICATION_BYTES 284u
#define MAIL_BYTES 214u
#define HEAD_BYTES 117u
#define NAME_BYTES 20u
#define NEXT_BYTES 48u
#define EMPTY_BYTES 4u

typedef struct floor_store {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi tables[DATABASES];
    uint64_t lsn;
    MDB_val key;
    unsigned char key_bytes[128];
} floor_store;

static void check(int code, const char *what)
{
    if (code == 0)
        return;
    fprintf(stderr, "order floor: %s: %s\n", what, mdb_strerror(code));
    exit(1);
}

static void put(floor_store *self, int table, size_t size, unsigned flags)
{
    static const char bytes[1024];
    MDB_val row = {size, (void *)(uintptr_t)bytes};
    check(mdb_put(self->txn, self->tables[table], &self->key, &row, flags), "put");
}

static void drop(floor_store *self, int table)
{
    int code = mdb_del(self->txn, self->tables[table], &self->key, NULL);
    check(code == MDB_NOTFOUND ? 0 : code, "delete");
}

static void put_number(unsigned char *bytes, uint64_t number)
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (56 - 8 * i));
}

static void key_number(floor_store *self, uint64_t number)
{
    put_number(self->key_bytes, number);
    self->key = (MDB_val){8, self->key_bytes};
}

static void key_pair(floor_store *self, uint64_t first, uint64_t second)
{
    put_number(self->key_bytes, first);
    put_number(self->key_bytes + 8, second);
    self->key = (MDB_val){16, self->key_bytes};
}

/* "TABLE NUL PREFIX ID SUFFIX" */
static void key_row(floor_store *self, const char *table, const char *prefix, const char *id,
                    const char *suffix)
{
    char *bytes = (char *)self->key_bytes;
    size_t size = strlen(table) + 1;
    memcpy(bytes, table, size);
    int rest = snprintf(bytes + size, sizeof self->key_bytes - size, "%s%s%s", prefix, id, suffix);
    self->key = (MDB_val){size + (size_t)rest, bytes};
}

static void key_queue(floor_store *self, const char *table, uint64_t number)
{
    size_t size = strlen(table) + 1;
    memcpy(self->key_bytes, table, size);
    put_number(self->key_bytes + size, number);
    self->key = (MDB_val){size + 8, self->key_bytes};
}

/* Ids grow with time and are random behind it. */
static void id_of(uint64_t number, char id[ID_SIZE])
{
    uint64_t noise = (number + 1) * 0x9e3779b97f4a7c15u;
    snprintf(id, ID_SIZE, "01a214e2-%04x-7%03x-9f1b-%012" PRIx64, (unsigned)(number >> 12 & 0xffff),
             (unsigned)(number & 0xfff), noise & 0xffffffffffffu);
}

static void put_record(floor_store *self, size_t size)
{
    key_number(self, ++self->lsn);
    put(self, LOG, size, MDB_APPEND);
}

static void put_order(floor_store *self, const char *id, const char *status, size_t size)
{
    static const char *const statuses[] = {"s/QUEUED/", "s/PENDING/", "s/SUCCESS/", "s/FAILURE/",
                                           "s/CANCELLED/"};
    key_row(self, "order", "", id, "");
    put(self, TABLE, size, 0);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        key_row(self, "order.index", statuses[i], id, "");
        if (strcmp(statuses[i], status) == 0)
            put(self, TABLE, EMPTY_BYTES, 0);
        else
            drop(self, TABLE);
    }
    key_row(self, "order.index", "r/d8e8e5157dbf3468/", id, "");
    put(self, TABLE, EMPTY_BYTES, 0);
}

static void send_message(floor_store *self, uint64_t number, const char *id)
{
    key_queue(self, "asl.queue.orders", number);
    put(self, TABLE, MESSAGE_BYTES, 0);
    put_order(self, id, "s/QUEUED/", ORDER_QUEUED_BYTES);
}

static void receive(floor_store *self, uint64_t number, const char *id)
{
    (void)id;
    key_queue(self, "asl.lease.orders", number);
    put(self, TABLE, LEASE_BYTES, 0);
}

static void start(floor_store *self, uint64_t number, const char *id)
{
    key_row(self, "mach", "", id, "");
    self->key.mv_data = self->key_bytes + 1; /* a machine's number and the name */
    self->key.mv_size--;
    put(self, NAME, NAME_BYTES, 0);
    put_record(self, 683);
    key_number(self, number);
    put(self, EXECUTION, HEAD_BYTES, 0);
    put(self, RUNNING, EMPTY_BYTES, 0);
    key_queue(self, "asl.queue.orders", number);
    drop(self, TABLE);
    key_queue(self, "asl.lease.orders", number);
    drop(self, TABLE);
}

static void write_pending(floor_store *self, uint64_t number, const char *id)
{
    put_record(self, 559);
    key_pair(self, number / 100, number);
    put(self, PASSIVE, EMPTY_BYTES, 0);
    put_order(self, id, "s/PENDING/", ORDER_BYTES);
}

static void wake(floor_store *self, uint64_t number, const char *id)
{
    (void)id;
    put_record(self, 542);
    key_pair(self, number / 100, number);
    drop(self, PASSIVE);
}

static void ask_restaurant(floor_store *self, uint64_t number, const char *id)
{
    (void)number;
    (void)id;
    put_record(self, 838);
}

static void write_success(floor_store *self, uint64_t number, const char *id)
{
    (void)number;
    put_record(self, 845);
    put_order(self, id, "s/SUCCESS/", ORDER_BYTES);
}

static void publish(floor_store *self, uint64_t number, const char *id)
{
    (void)number;
    put_record(self, 642);
    key_row(self, "outbox", "", id, "/SUCCESS");
    put(self, TABLE, NOTIFICATION_BYTES, 0);
}

static void write_mail(floor_store *self, uint64_t number, const char *id)
{
    (void)number;
    key_row(self, "mail", "", id, ".SUCCESS.0123456789abcdef");
    put(self, TABLE, MAIL_BYTES, 0);
    key_row(self, "outbox", "", id, "/SUCCESS");
    drop(self, TABLE);
}

/* The mail was sent; and once in its life an order's head follows at a checkpoint. */
static void drop_mail(floor_store *self, uint64_t number, const char *id)
{
    key_row(self, "mail", "", id, ".SUCCESS.0123456789abcdef");
    drop(self, TABLE);
    key_number(self, number);
    put(self, EXECUTION, HEAD_BYTES, 0);
    drop(self, RUNNING);
}

static const struct {
    void (*write)(floor_store *store, uint64_t number, const char *id);
    uint64_t after; /* so many commits behind the first step */
} steps[] = {
    {send_message, 0},
    {receive, 1},
    {start, 2},
    {write_pending, 3},
    {wake, 4 + WAIT_COMMITS},
    {ask_restaurant, 5 + WAIT_COMMITS},
    {write_success, 6 + WAIT_COMMITS},
    {publish, 7 + WAIT_COMMITS},
    {write_mail, 8 + WAIT_COMMITS},
    {drop_mail, 9 + WAIT_COMMITS},
};
#define STEPS (sizeof steps / sizeof steps[0])

static void open_store(floor_store *self, const char *path)
{
    check(mdb_env_create(&self->env), "create");
    check(mdb_env_set_mapsize(self->env, MAP_BYTES), "map");
    check(mdb_env_set_maxdbs(self->env, DATABASES), "tables");
    check(mdb_env_open(self->env, path, 0, 0600), path);
    check(mdb_txn_begin(self->env, NULL, 0, &self->txn), "begin");
    for (size_t i = 0; i < DATABASES; i++)
        check(mdb_dbi_open(self->txn, names[i], MDB_CREATE, &self->tables[i]), "open");
    check(mdb_txn_commit(self->txn), "commit");
}

static void commit_once(floor_store *self, uint64_t commits, size_t batch)
{
    char id[ID_SIZE];
    check(mdb_txn_begin(self->env, NULL, 0, &self->txn), "begin");
    for (size_t step = 0; step < STEPS; step++) {
        if (commits < steps[step].after)
            continue;
        uint64_t first = (commits - steps[step].after) * batch;
        for (uint64_t number = first; number < first + batch; number++) {
            id_of(number, id);
            steps[step].write(self, number, id);
        }
    }
    self->key = (MDB_val){4, (void *)(uintptr_t) "next"};
    put(self, META, NEXT_BYTES, 0);
    check(mdb_txn_commit(self->txn), "commit");
}

double order_floor_run(const char *path, size_t batch, double seconds, double *ret_commits)
{
    floor_store self = {.lsn = 0};
    uint64_t commits = 0, ended = 0;
    open_store(&self, path);
    int64_t began_ns = report_now_ns(), now_ns = began_ns;
    for (; (double)(now_ns - began_ns) < seconds * 1e9; commits++) {
        commit_once(&self, commits, batch);
        ended += commits >= steps[STEPS - 1].after ? batch : 0;
        if (commits == steps[STEPS - 1].after) { /* it has as many at each step from now on */
            began_ns = report_now_ns();
            ended = 0;
        }
        now_ns = report_now_ns();
    }
    mdb_env_close(self.env);
    double passed = (double)(now_ns - began_ns) / 1e9;
    *ret_commits = (double)ended / (double)batch / passed;
    return (double)ended / passed;
}
