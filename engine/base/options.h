/* Structs that grow: options and vtables whose first member is their size. */
#ifndef ASL_BASE_OPTIONS_H
#define ASL_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Copies a caller's struct of any age into ours of `size` bytes: what a shorter one lacks is zero.
 * False where a longer one asks for something we do not know, or its size is none. `from` NULL: all
 * zeros. */
bool asl_options_read(void *to, size_t size, const void *from);

#endif
