/* Puts rows behind each other with LMDB alone, and nothing more. */
#include "floor.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define MAP_BYTES ((size_t)1 << 34)

/* The rows that bench-engine's five steps leave in the log, in bytes. */
static const size_t row_sizes[FLOOR_COMMITS] = {300, 204, 222, 239, 256, 249};

static void check(int code, const char *what)
{
    if (code == 0)
        return;
    fprintf(stderr, "floor: %s: %s\n", what, mdb_strerror(code));
    exit(1);
}

static void put_next(MDB_txn *txn, MDB_dbi log, unsigned long long *lsn, size_t size)
{
    static const char bytes[512];
    unsigned char key_bytes[8];
    ++*lsn;
    for (size_t i = 0; i < sizeof key_bytes; i++)
        key_bytes[i] = (unsigned char)(*lsn >> (56 - 8 * i));
    MDB_val key = {sizeof key_bytes, key_bytes}, row = {size, (void *)(size_t)bytes};
    check(mdb_put(txn, log, &key, &row, MDB_APPEND), "put");
}

static void spend(double busy_ns)
{
    int64_t until_ns = report_now_ns() + (int64_t)busy_ns;
    while (busy_ns > 0 && report_now_ns() < until_ns)
        continue;
}

double floor_run(const char *path, size_t in_flight, double busy_ns, int relaxed, double seconds)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi log;
    unsigned long long lsn = 0, commits = 0;
    check(mdb_env_create(&env), "create");
    check(mdb_env_set_mapsize(env, MAP_BYTES), "map");
    check(mdb_env_open(env, path, relaxed ? MDB_NOMETASYNC : 0u, 0600), path);
    int64_t began_ns = report_now_ns(), now_ns = began_ns;
    for (; (double)(now_ns - began_ns) < seconds * 1e9; commits++) {
        spend(busy_ns * (double)in_flight);
        check(mdb_txn_begin(env, NULL, 0, &txn), "begin");
        check(mdb_dbi_open(txn, NULL, 0, &log), "open");
        for (size_t i = 0; i < in_flight; i++)
            put_next(txn, log, &lsn, row_sizes[commits % FLOOR_COMMITS]);
        check(mdb_txn_commit(txn), "commit");
        now_ns = report_now_ns();
    }
    mdb_env_close(env);
    return (double)(commits * in_flight) / FLOOR_COMMITS / ((double)(now_ns - began_ns) / 1e9);
}
