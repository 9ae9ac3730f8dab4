/* The stores that this process has open. Opening a folder twice would break LMDB's locks, and a
 * store that was open at fork() is dead in the child. */
#include <unistd.h>

#include "base/error.h"
#include "store/lmdb_store.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static asl_lmdb_store *open_stores;
static int guard_failed;

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&lock);
}

/* The child's copy of the descriptor would hold the lock of a parent that died. */
static void after_fork_in_child(void)
{
    for (asl_lmdb_store *store = open_stores; store != NULL; store = store->next_open) {
        atomic_store(&store->base.lost, ASL_MISUSE);
        if (store->folder.owner_fd >= 0)
            close(store->folder.owner_fd);
        store->folder.owner_fd = -1;
    }
    open_stores = NULL;
    pthread_mutex_unlock(&lock);
}

static void guard_forks(void)
{
    guard_failed = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

int asl_registry_add(asl_lmdb_store *store, asl_error **error)
{
    pthread_once(&once, guard_forks);
    if (guard_failed != 0)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    pthread_mutex_lock(&lock);
    const asl_lmdb_store *other = open_stores;
    while (other != NULL && (other->folder.device != store->folder.device ||
                             other->folder.inode != store->folder.inode))
        other = other->next_open;
    if (other == NULL) {
        store->next_open = open_stores;
        open_stores = store;
    }
    pthread_mutex_unlock(&lock);
    if (other != NULL)
        return asl_error_set(error, ASL_STORE_LOCKED, "this process has the store %s open already",
                             store->path);
    return ASL_OK;
}

void asl_registry_remove(asl_lmdb_store *store)
{
    pthread_mutex_lock(&lock);
    asl_lmdb_store **slot = &open_stores;
    while (*slot != NULL && *slot != store)
        slot = &(*slot)->next_open;
    if (*slot != NULL)
        *slot = store->next_open;
    pthread_mutex_unlock(&lock);
}
