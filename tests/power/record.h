/* What a program does to the disk, written down as it does it: every write to a file data.mdb and
 * every flush, in order, and between them what the program says. Linked into the program, whose
 * functions take the place of the C library's for LMDB as well.
 *
 * Environment: POWER_LOG is the file that it goes to. POWER_STOP is the number of an event (from 1)
 * at which something happens, POWER_HOW what: "kill" ends the process with SIGKILL before the
 * event, "torn" in the middle of the write, "ENOSPC" and "EIO" let it fail from there on, up to
 * POWER_TIMES times (default 1). */
#ifndef ASL_TESTS_POWER_RECORD_H
#define ASL_TESTS_POWER_RECORD_H

#include <stdint.h>

/* The log is a row of these, each with `size` bytes behind it. */
typedef enum record_kind {
    RECORD_WRITE, /* is on the disk behind the next flush, perhaps, or in parts, before */
    RECORD_META,  /* the same, but the call returns when it is: O_DSYNC */
    RECORD_FLUSH,
    RECORD_NOTE /* what the program said */
} record_kind;
typedef struct record_event {
    uint32_t kind, size;
    uint64_t offset;
} record_event;

/* Says something, which is in the log behind all that was done before. */
void record_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* How many writes and flushes there were. */
uint64_t record_count(void);

#endif
