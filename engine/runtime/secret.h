/* Hashes keyed with the store's secret: the same for the life of the store, not to be guessed. */
#ifndef ASL_RUNTIME_SECRET_H
#define ASL_RUNTIME_SECRET_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4. */
uint64_t asl_secret_hash(const uint64_t key[2], const void *bytes, size_t size);

#endif
