/* What a benchmark says: a JSON line for each measurement as it is made, and a table at the end. */
#ifndef ASL_BENCH_REPORT_H
#define ASL_BENCH_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of a clock that only goes forward. */
int64_t report_now_ns(void);

/* Says one measurement; `work` and `unit` are literals. */
void report_add(const char *work, double figure, const char *unit);

/* The middle of some figures, which are sorted in place. */
double report_median(double *figures, size_t count);
/* The figure that a share (0 to 1) of all is not above. */
double report_quantile(double *figures, size_t count, double share);

/* A line of /proc/self/status, such as "RssAnon:", in bytes. */
double report_memory(const char *name);

/* Prints the table of all that was said, on standard error. */
void report_table(void);

#endif
