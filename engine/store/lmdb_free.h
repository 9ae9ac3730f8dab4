/* LMDB does not write a page that it has taken and given back in one transaction, also not the last
 * one: a file may end before a page that it speaks of, where that page is free. */
#ifndef ASL_STORE_LMDB_FREE_H
#define ASL_STORE_LMDB_FREE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether all pages from the end of the file up to `last` are in LMDB's list of free pages. It is
 * read without LMDB, which would read pages behind the file's end, and so end the process. What
 * cannot be read is not free. */
bool asl_lmdb_is_free_behind(int data_fd, uint64_t page_bytes, uint64_t last);

#endif
