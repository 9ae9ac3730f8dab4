/* What the fuzz target of executions tells whoever drives it. */
#ifndef ASL_TESTS_FUZZ_FUZZ_RUN_H
#define ASL_TESTS_FUZZ_FUZZ_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern uint64_t fuzz_run_replayed; /* executions that went to their end and were replayed */
extern uint64_t fuzz_run_events;   /* entries of these, notes included */
extern bool fuzz_run_is_broken;    /* the last fact is replayed at another time */

#endif
