/* What a store must still be, after whatever happened to it. */
#ifndef ASL_TESTS_POWER_CHECK_H
#define ASL_TESTS_POWER_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_LOST 10
#define CHECK_BAD 11

/* What the scenario had said. */
typedef struct notes {
    struct {
        uint64_t number;
        char status[16]; /* "": it has started */
    } items[1024];
    size_t count;
    bool purges; /* what has ended may be gone */
} notes;

void notes_add(notes *said, const char *text, size_t size);

/* Opens the store of a folder, compares, reads everything, and runs one more execution. Returns 0,
 * CHECK_LOST, or CHECK_BAD, and says why on standard error. */
int check_store(const char *folder, const notes *said);

#endif
