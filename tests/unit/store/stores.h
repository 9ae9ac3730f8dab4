/* What the tests of this room share: stores of every kind in folders of their own, and batches that
 * remember what was reported of them. */
#ifndef ASL_TESTS_UNIT_STORE_STORES_H
#define ASL_TESTS_UNIT_STORE_STORES_H

#include <stdio.h>
#include <string.h>

#include "store/store.h"
#include "suite.h"

typedef enum store_kind { MEMORY, LMDB, STORE_KINDS } store_kind;

#define TEST_MAP_BYTES ((uint64_t)1 << 30)

/* A store and the folder it is in. */
typedef struct fixture {
    store_kind kind;
    const asl_heap *heap;
    char folder[64];
    char path[80];
    asl_store *store;
} fixture;

/* A new store; FOR_EACH_STORE runs a test's body once for every kind. */
void fixture_open(fixture *f, store_kind kind, const asl_heap *heap);
void fixture_close(fixture *f);
/* Closes the store and opens it again; a store in memory stays as it is. */
void fixture_reopen(fixture *f);
#define FOR_EACH_STORE(f) \
    for (fixture f = {.kind = MEMORY}; \
         (int)f.kind < STORE_KINDS && (fixture_open(&f, f.kind, NULL), true); \
         fixture_close(&f), f.kind = (store_kind)(f.kind + 1))

void make_folder(char folder[64]);
void remove_folder(const char *folder);
/* Opens a store in a path: the map is small enough for every tool. */
int open_path(const char *path, unsigned flags, asl_store **ret_store, asl_error **error);

typedef struct report {
    asl_batch batch;
    int status;
    int calls;
    size_t order; /* of all reports */
} report;

/* A batch that starts execution `number` with a record that holds the text. */
void start_batch(report *r, uint64_t number, const char *machine, const char *name,
                 const char *record);
/* One that goes on with it. */
void step_batch(report *r, uint64_t number, asl_execution_status status, const char *record);
/* Submits, commits, and returns what was reported. */
int run_batch(asl_store *store, report *r);
/* Reserves a number, starts an execution in it and returns the number. */
uint64_t start_execution(asl_store *store, const char *machine, const char *name);

/* All records of an execution, one after another with ';' behind each. */
int read_all(asl_store *store, uint64_t number, asl_buffer *text, asl_error **error);
bool records_are(asl_store *store, uint64_t number, const char *text);
/* The rows of a table as "key=row;". */
bool rows_are(asl_store *store, const char *table, const char *from, const char *text);
/* The same downwards, of those below a key. */
bool rows_back_are(asl_store *store, const char *table, const char *before, const char *text);
/* The running executions as "1,2,". */
bool running_are(asl_store *store, const char *text);
asl_head read_head(asl_store *store, uint64_t number, asl_buffer *text);

#endif
