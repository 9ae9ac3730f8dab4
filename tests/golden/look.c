/* Looks at a store that may be damaged, in every way: opens it, verifies it, shows all that it
 * holds, and goes on with what runs.
 *
 * usage: look FOLDER
 *
 * Ends with 0 where nothing is wrong, 3 where something is told to be, 70 where LMDB has crashed,
 * which has no checksums of its own pages, and by a signal where we have. */
#include <asl/asl.h>

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "show.h"

#define DAMAGED 3
#define LMDB_CRASHED 70
#define FRAMES_MAX 64

/* Whose code it is: the nearest caller of the C library. */
static void judge_crash(int signal_number)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    for (int i = 2; i < count; i++) { /* behind this function and the signal's frame */
        Dl_info where;
        if (dladdr(frames[i], &where) == 0 || !where.dli_fname ||
            strstr(where.dli_fname, "libc.so"))
            continue;
        if (strstr(where.dli_fname, "lmdb"))
            _exit(LMDB_CRASHED);
        break;
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static size_t go_on(asl_store *store)
{
    asl_engine_options options = {
        .size = sizeof options, .store = store, .clock = ASL_CLOCK_MANUAL};
    asl_engine *engine = NULL;
    size_t failed = asl_engine_open(&options, &engine, NULL) != ASL_OK;
    int status = failed == 0 ? asl_engine_recover(engine, 0, NULL, NULL) : ASL_OK;
    failed += status != ASL_OK && status != ASL_NO_HANDLER;
    for (unsigned i = 0; failed == 0 && asl_engine_next_deadline(engine) == 0; i++)
        failed += asl_engine_dispatch(engine, 0) != ASL_OK;
    asl_engine_free(engine);
    return failed;
}

int main(int argc, char **argv)
{
    void *warm[1]; /* backtrace loads a library when it is called first */
    asl_store *store = NULL;
    if (argc != 2 || backtrace(warm, 1) != 1)
        return 2;
    signal(SIGSEGV, judge_crash);
    signal(SIGBUS, judge_crash);
    signal(SIGABRT, judge_crash);
    asl_store_options where = {
        .size = sizeof where, .path = argv[1], .map_bytes = (uint64_t)1 << 30};
    if (asl_store_open(&where, &store, NULL) != ASL_OK)
        return DAMAGED;
    size_t failed = asl_store_verify(store, NULL, NULL) != ASL_OK;
    failed += show_store(store);
    fflush(stdout);
    failed += go_on(store);
    asl_store_close(store);
    return failed > 0 ? DAMAGED : 0;
}
