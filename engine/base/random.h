/* Keyed draws: the same key gives the same numbers, so replays are exact. Not for secrets. */
#ifndef ASL_BASE_RANDOM_H
#define ASL_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The `draw`-th 64 random bits of event `event` in the execution with this seed. */
uint64_t asl_random_draw(uint64_t seed, uint64_t event, uint64_t draw);
/* A double in [0, 1) from 64 random bits. */
double asl_random_unit(uint64_t bits);
#define ASL_UUID_SIZE 37u /* 36 characters and NUL */
/* A version 4 UUID from 128 random bits. */
void asl_random_uuid4(uint64_t high, uint64_t low, char out[ASL_UUID_SIZE]);
/* A version 7 (time-ordered) UUID. */
void asl_random_uuid7(int64_t time_ms, uint64_t high, uint64_t low, char out[ASL_UUID_SIZE]);
/* From the system (getrandom); 0 or a negative errno. */
int asl_random_system(void *bytes, size_t size);

#endif
