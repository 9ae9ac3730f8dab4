/* What LMDB does not look at in its own pages. They are read without it: where they are damaged it
 * would read behind the end of the file, and so end the process. */
#ifndef ASL_STORE_LMDB_PAGES_H
#define ASL_STORE_LMDB_PAGES_H

#include <asl/error.h>
#include <asl/heap.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether all pages from the end of the file up to `last` are in LMDB's list of free pages: it does
 * not write a page that it has taken and given back in one transaction, also not the last one. What
 * cannot be read is not free. */
bool asl_lmdb_is_free_behind(const asl_heap *heap, int data_fd, uint64_t page_bytes, uint64_t last);

/* Whether each page in use says that it is the one it stands for: one that was written to another
 * place would show what is old or another's, with right checksums. Of the state behind a
 * transaction, which somebody reads; where it is older than the last two, nothing is found. ASL_OK,
 * ASL_STORE_CORRUPT (*ret_page is the first wrong one), ASL_NOMEM, ASL_IO. */
int asl_lmdb_check_pages(const asl_heap *heap, int data_fd, uint64_t page_bytes,
                         uint64_t transaction, uint64_t *ret_page);

#endif
