/* <asl/store.h> - where executions, their histories and the host's tables are kept.
 *
 * A store is a folder that holds one LMDB environment, or memory. One process writes a folder at a
 * time; any number may read it beside that one.
 *
 *     asl_store_options options = {
 *         .size = sizeof options, .path = "/var/lib/shop", .flags = ASL_STORE_READ_ONLY};
 *     asl_store *store = NULL;
 *     asl_execution_list *list = NULL;
 *     if (asl_store_open(&options, &store, NULL) == ASL_OK &&
 *         asl_store_list(store, NULL, &list, NULL) == ASL_OK)
 *         printf("%zu executions\n", asl_execution_list_count(list));
 *     asl_execution_list_free(list);
 *     asl_store_close(store);
 *
 * Threads: a store may be used from any thread, and must be closed after the engines on it.
 */
#ifndef ASL_STORE_H
#define ASL_STORE_H

#include <stdint.h>

#include <asl/definition.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_store asl_store;

/* Options: `size` first, zero means default. */
typedef struct asl_store_options {
    size_t size; /* sizeof(asl_store_options) */
    const asl_heap *heap;
    const char *path;   /* the folder, made if missing (mode 0700); NULL: a store in memory */
    uint64_t map_bytes; /* greatest size of the store: address space, not disk (default 64 GiB) */
    unsigned flags;     /* ASL_STORE_* below */
    unsigned reserved;
} asl_store_options;
#define ASL_STORE_READ_ONLY 1u /* look only; works beside the process that writes */
/* Durability is relaxed: a power cut may take the last acknowledged commits, never consistency, and
 * a crash of the process or kill -9 takes nothing. Without it durability is full. */
#define ASL_STORE_RELAXED 2u
/* Allow a network file system, which LMDB forbids: at your own risk. */
#define ASL_STORE_NETWORK 4u

/* Opens a store. Returns ASL_OK, ASL_NOMEM, ASL_IO, ASL_STORE_LOCKED, ASL_STORE_FULL,
 * ASL_STORE_CORRUPT, ASL_STORE_NEWER, or ASL_NOT_FOUND (read-only and there is none). */
ASL_API int asl_store_open(const asl_store_options *options, asl_store **ret_store,
                           asl_error **error);
ASL_API void asl_store_close(asl_store *store);

/* What an acknowledged commit has survived already. */
typedef enum asl_durability {
    ASL_DURABILITY_FULL,    /* a power cut */
    ASL_DURABILITY_RELAXED, /* the end of the process: see ASL_STORE_RELAXED */
    ASL_DURABILITY_NONE     /* nothing: a store in memory */
} asl_durability;

/* How the process that writes the store makes it durable, or the last one did, as it was when this
 * one was opened. */
ASL_API asl_durability asl_store_durability(const asl_store *store);
/* "full", "relaxed", "none"; static. */
ASL_API const char *asl_durability_name(asl_durability durability);

typedef enum asl_execution_status {
    ASL_EXECUTION_RUNNING,
    ASL_EXECUTION_SUCCEEDED,
    ASL_EXECUTION_FAILED,
    ASL_EXECUTION_TIMED_OUT,
    ASL_EXECUTION_ABORTED
} asl_execution_status;

/* "RUNNING", "SUCCEEDED", ... ; static. */
ASL_API const char *asl_execution_status_name(asl_execution_status status);

/* AWS: executions of EXPRESS machines take at most five minutes, have histories of any length, and
 * names that need not be unique. */
typedef enum asl_machine_type { ASL_MACHINE_STANDARD, ASL_MACHINE_EXPRESS } asl_machine_type;

/* What a store knows of an execution without reading its history. Texts are borrowed from what gave
 * it. */
typedef struct asl_execution_summary {
    size_t size; /* sizeof(asl_execution_summary) as the library knows it */
    uint64_t number;
    const char *machine;
    const char *name; /* EXPRESS: NAME:UUID, as its ARN ends: so it is found again */
    asl_execution_status status;
    asl_machine_type type;
    int64_t start_ms; /* since 1970-01-01 UTC */
    int64_t stop_ms;  /* 0 while it runs */
    uint64_t event_count;
} asl_execution_summary;

typedef struct asl_execution_list asl_execution_list;

/* Options of a listing: newest first. */
typedef struct asl_list_options {
    size_t size;         /* sizeof(asl_list_options) */
    const char *machine; /* only executions of this machine; NULL: all */
    uint64_t before;     /* only numbers below this one; 0: all. For the next page. */
    size_t limit;        /* at most so many; 0: 1,000 */
    unsigned statuses;   /* only these: 1u << ASL_EXECUTION_FAILED, or several; 0: all */
    unsigned reserved;
} asl_list_options;

/* A page of the executions that a store holds; a new list. ASL_OK, ASL_IO, ASL_STORE_CORRUPT,
 * ASL_NOMEM. `options` may be NULL. */
ASL_API int asl_store_list(asl_store *store, const asl_list_options *options,
                           asl_execution_list **ret_list, asl_error **error);
ASL_API size_t asl_execution_list_count(const asl_execution_list *list);
ASL_API const asl_execution_summary *asl_execution_list_at(const asl_execution_list *list,
                                                           size_t index);
ASL_API void asl_execution_list_free(asl_execution_list *list);

/* Finds an execution's number by its name (EXPRESS: NAME:UUID). `machine` may be NULL where only
 * one machine has an execution of that name. ASL_OK, ASL_NOT_FOUND, ASL_MISUSE (several machines
 * have one), ASL_IO, ASL_NOMEM. */
ASL_API int asl_store_find(asl_store *store, const char *machine, const char *name,
                           uint64_t *ret_number, asl_error **error);

/* The same by its ARN. ASL_OK, ASL_NOT_FOUND, ASL_MISUSE (no ARN of an execution), ASL_IO,
 * ASL_STORE_CORRUPT, ASL_NOMEM. */
ASL_API int asl_store_find_arn(asl_store *store, const char *arn, uint64_t *ret_number,
                               asl_error **error);

/* The definition that an execution is pinned to, loaded; a new reference. */
ASL_API int asl_store_definition(asl_store *store, uint64_t number, asl_definition **ret_definition,
                                 asl_error **error);

#ifdef __cplusplus
}
#endif
#endif
