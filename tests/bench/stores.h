/* Folders of stores that are measured. */
#ifndef ASL_BENCH_STORES_H
#define ASL_BENCH_STORES_H

#include <stddef.h>

/* Makes a new folder in `parent`; exits where that fails. */
void stores_make(const char *parent, char *path, size_t size);
/* Takes a store and its folder away. */
void stores_remove(const char *path);

#endif
