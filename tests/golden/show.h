/* All that a store holds, as text. */
#ifndef ASL_TESTS_GOLDEN_SHOW_H
#define ASL_TESTS_GOLDEN_SHOW_H

#include <asl/asl.h>
#include <stddef.h>

/* Prints descriptions and events of all executions, oldest first, a line each, and the rows of the
 * table "rows". How many of them cannot be read: each is told on standard error, and passed over.
 */
size_t show_store(asl_store *store);

#endif
