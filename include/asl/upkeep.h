/* <asl/upkeep.h> - looking after a store on disk: what it holds and how much room it takes, whether
 * it is whole, a copy of it, and getting rid of what has ended long ago.
 *
 *     asl_store_options where = {
 *         .size = sizeof where, .path = "/var/lib/shop", .flags = ASL_STORE_READ_ONLY};
 *     asl_store *store = NULL;
 *     asl_store_statistics found = {.size = sizeof found};
 *     if (asl_store_open(&where, &store, NULL) == ASL_OK &&
 *         asl_store_read_statistics(store, &found, NULL) == ASL_OK)
 *         printf("%llu executions\n", (unsigned long long)found.executions);
 *     asl_store_close(store);
 *
 * Threads: as <asl/store.h>. Stores in memory know none of it: ASL_UNSUPPORTED.
 */
#ifndef ASL_UPKEEP_H
#define ASL_UPKEEP_H

#include <asl/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a store holds. Room that was given back by purging is used again before the file grows; only
 * compacting makes the file smaller. */
typedef struct asl_store_statistics {
    size_t size;         /* sizeof(asl_store_statistics), set by the caller */
    uint64_t format;     /* version of the stored format */
    uint64_t map_bytes;  /* how large it may become */
    uint64_t file_bytes; /* how large it is */
    uint64_t used_bytes; /* of these are in use */
    uint64_t free_bytes; /* and can be used again */
    uint64_t executions; /* with a history */
    uint64_t names;      /* of executions; they outlive histories */
    uint64_t active;     /* executions that run and are looked at when the store is opened */
    uint64_t passive;    /* executions that wait, and are not */
    uint64_t records;    /* of histories */
    uint64_t definitions, machines;
    uint64_t rows;    /* of application tables */
    uint64_t behind;  /* records behind the last checkpoint */
    uint64_t readers; /* that have the store open */
    asl_durability durability;
    unsigned reserved;
} asl_store_statistics;

/* Fills it, as far as the caller's size reaches. Counts of `active` and `passive` may be ahead of
 * the truth by what is behind the last checkpoint. ASL_OK, ASL_MISUSE (the size), ASL_UNSUPPORTED,
 * ASL_IO, ASL_STORE_CORRUPT. */
ASL_API int asl_store_read_statistics(asl_store *store, asl_store_statistics *statistics,
                                      asl_error **error);

/* Called for each thing that is not as it should be; the text is borrowed for the call. */
typedef void (*asl_verify_problem)(void *context, const char *problem);
/* Called now and then with how many rows of all were looked at; false ends it. NULL: it is not. */
typedef bool (*asl_verify_progress)(void *context, uint64_t done, uint64_t all);

typedef struct asl_verify_options {
    size_t size; /* sizeof(asl_verify_options) */
    asl_verify_problem problem;
    asl_verify_progress progress;
    void *context;
} asl_verify_options;

/* Reads everything: checksums of all rows, and whether histories, heads, names and lists fit
 * together. Beside the process that writes what it sees is of one moment, and the store cannot use
 * again meanwhile what is purged. ASL_OK: it is whole; ASL_STORE_CORRUPT: problems were told;
 * ASL_MISUSE, ASL_UNSUPPORTED, ASL_IO, ASL_NOMEM, ASL_TIMED_OUT (`progress` has ended it). */
ASL_API int asl_store_verify(asl_store *store, const asl_verify_options *options,
                             asl_error **error);

/* Copies a store, as it is at one moment, into a new folder, without what is free; others may write
 * meanwhile. The copy is durable when the call returns, and is a store like any other. ASL_OK,
 * ASL_EXISTS (there is something in the folder), ASL_IO, ASL_STORE_FULL, ASL_UNSUPPORTED. */
ASL_API int asl_store_backup(asl_store *store, const char *folder, asl_error **error);

/* Rewrites a store that nobody has open without what is free, so that its file is as small as it
 * can be. It takes as much room again until it is done; where it fails the store is as it was. As
 * asl_store_open, and ASL_STORE_LOCKED where a process writes it. Who only reads it goes on reading
 * the old file. */
ASL_API int asl_store_compact(const asl_store_options *options, asl_error **error);

/* Which executions are purged: those that have ended and are both older and more than these say.
 * `size` first. */
typedef struct asl_purge_options {
    size_t size;             /* sizeof(asl_purge_options) */
    int64_t ended_before_ms; /* ended before then; 0: whenever */
    uint64_t keep;           /* not the newest so many that have ended */
    unsigned slice_ms;       /* a call takes about so long, 0: 15 */
    unsigned reserved;
} asl_purge_options;

/* How far it has come; zero but for the size before the first call. */
typedef struct asl_purge {
    size_t size;      /* sizeof(asl_purge) */
    uint64_t next;    /* the library's */
    uint64_t below;   /* the library's */
    uint64_t purged;  /* executions */
    uint64_t records; /* of them */
    unsigned is_done;
    unsigned reserved;
} asl_purge;

/* Deletes histories of executions, oldest first, in one transaction of about a slice: call it until
 * it is done, between other work. Each execution is gone whole or is still there, whenever the
 * process ends. Names stay, so none is used again; rows of application tables are the host's. Not
 * from a handler. ASL_OK, ASL_MISUSE, ASL_READ_ONLY, ASL_UNSUPPORTED, ASL_STORE_FULL,
 * ASL_STORE_LOST, ASL_STORE_CORRUPT, ASL_NOMEM. */
ASL_API int asl_store_purge(asl_store *store, const asl_purge_options *options, asl_purge *progress,
                            asl_error **error);

#ifdef __cplusplus
}
#endif
#endif
