/* Looking after a store: the public functions, which check what they are given and leave the rest
 * to the backend. */
#include <asl/upkeep.h>

#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "store/backend.h"

#define SLICE_MS_DEFAULT 15u

static int refuse_memory(asl_error **error)
{
    return asl_error_set(error, ASL_UNSUPPORTED, "a store in memory cannot be looked after");
}

static int refuse_options(asl_error **error)
{
    return asl_error_set(error, ASL_MISUSE, "a struct is of no known size");
}

int asl_store_read_statistics(asl_store *store, asl_store_statistics *statistics, asl_error **error)
{
    asl_store_statistics read = {.size = sizeof read};
    size_t size = statistics->size;
    if (size < sizeof size || size > sizeof read)
        return refuse_options(error);
    int status = asl_store_check_usable(store, error);
    if (status == ASL_OK && store->backend->read_statistics == NULL)
        return refuse_memory(error);
    if (status == ASL_OK)
        status = store->backend->read_statistics(store, &read, error);
    if (status != ASL_OK)
        return status;
    memcpy(statistics, &read, size);
    statistics->size = size;
    return ASL_OK;
}

int asl_store_verify(asl_store *store, const asl_verify_options *given, asl_error **error)
{
    asl_verify_options options;
    if (!asl_options_read(&options, sizeof options, given))
        return refuse_options(error);
    int status = asl_store_check_usable(store, error);
    if (status == ASL_OK && store->backend->verify == NULL)
        return refuse_memory(error);
    return status == ASL_OK ? store->backend->verify(store, &options, error) : status;
}

int asl_store_backup(asl_store *store, const char *folder, asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    if (status == ASL_OK && store->backend->backup == NULL)
        return refuse_memory(error);
    return status == ASL_OK ? store->backend->backup(store, folder, error) : status;
}

int asl_store_compact(const asl_store_options *given, asl_error **error)
{
    asl_store_options options;
    if (given == NULL || !asl_options_read(&options, sizeof options, given) ||
        (options.flags & ~ASL_STORE_NETWORK) != 0)
        return refuse_options(error);
    if (options.path == NULL)
        return refuse_memory(error);
    return asl_lmdb_store_compact(&options, error);
}

/* The commit lock is what keeps two writers apart. */
int asl_store_purge(asl_store *store, const asl_purge_options *given, asl_purge *progress,
                    asl_error **error)
{
    asl_purge_options options;
    if (given == NULL || !asl_options_read(&options, sizeof options, given) ||
        progress->size != sizeof *progress)
        return refuse_options(error);
    if (options.slice_ms == 0)
        options.slice_ms = SLICE_MS_DEFAULT;
    int status = asl_store_check_usable(store, error);
    if (status == ASL_OK && store->read_only)
        return asl_error_set(error, ASL_READ_ONLY, "the store was opened to be read");
    if (status == ASL_OK && store->backend->purge == NULL)
        return refuse_memory(error);
    if (status != ASL_OK)
        return status;
    pthread_mutex_lock(&store->commit_lock);
    status = store->backend->purge(store, &options, progress, error);
    pthread_mutex_unlock(&store->commit_lock);
    return status;
}
