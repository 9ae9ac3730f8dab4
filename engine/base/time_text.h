/* Time as text: ISO 8601 / RFC 3339. Pure arithmetic, no time zone data, years 0000 to 9999. */
#ifndef ASL_BASE_TIME_TEXT_H
#define ASL_BASE_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASL_TIME_TEXT_SIZE 32

/* "2026-11-22T16:41:53.123Z", NUL-ended; returns its size. Milliseconds always have three digits.
 */
size_t asl_time_print(int64_t time_ms, char out[ASL_TIME_TEXT_SIZE]);

/* Parses an extended offset date-time ("2016-03-14T01:59:00Z", fraction up to nine digits, offset Z
 * or +hh:mm): what Wait and Timestamp* take. Upper case T and Z only. False where it is none. */
bool asl_time_parse(const char *text, size_t size, int64_t *ret_seconds, int32_t *ret_nanoseconds);

#endif
