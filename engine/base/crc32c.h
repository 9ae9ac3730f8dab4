/* CRC32C (Castagnoli). Uses the processor's instruction where it has one. */
#ifndef ASL_BASE_CRC32C_H
#define ASL_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Start with 0; feed the result of one call to the next. */
uint32_t asl_crc32c(uint32_t crc, const void *bytes, size_t size);
/* The same without the instruction, for processors that lack it. */
uint32_t asl_crc32c_by_tables(uint32_t crc, const void *bytes, size_t size);

#endif
