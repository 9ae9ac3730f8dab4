/* Runs the fuzz target of executions over inputs drawn from a seed: definitions that nobody chose,
 * with what happens to them, whose records must give the same frames and whose facts the same
 * history.
 *
 * usage: random-run COUNT [SEED [broken]]
 * Input i of a seed is the same on every machine; what fails is named by "seed=S input=i", and
 * runs alone as `random-run 1 S+i`. "broken" is the control: replays get one fact at another time,
 * and must be seen to differ.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_run.h"

#define SIZE_LEAST 200u
#define SIZE_MOST 2000u

static uint64_t state;
static char current[64];

static uint64_t draw(void)
{
    /* SplitMix64: neighbouring seeds give unlike inputs. */
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The target aborts where something does not hold: the control's way to succeed. */
static void name_current(int signal_number)
{
    (void)signal_number;
    (void)!write(STDERR_FILENO, current, strlen(current));
    if (fuzz_run_is_broken)
        _exit(0);
}

static void run_one(uint64_t seed)
{
    uint8_t bytes[SIZE_MOST];
    state = seed;
    size_t size = SIZE_LEAST + draw() % (SIZE_MOST - SIZE_LEAST + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)draw();
    LLVMFuzzerTestOneInput(bytes, size);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: random-run COUNT [SEED [broken]]\n");
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10);
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    fuzz_run_is_broken = argc > 3 && strcmp(argv[3], "broken") == 0;
    signal(SIGABRT, name_current);
    for (uint64_t i = 0; i < count; i++) {
        snprintf(current, sizeof current, "seed=%llu input=%llu\n", (unsigned long long)seed,
                 (unsigned long long)i);
        run_one(seed + i);
    }
    printf("seed=%llu: %llu inputs, %llu executions replayed, %llu events\n",
           (unsigned long long)seed, (unsigned long long)count,
           (unsigned long long)fuzz_run_replayed, (unsigned long long)fuzz_run_events);
    return fuzz_run_is_broken || fuzz_run_replayed < count / 2; /* most inputs are executions */
}
