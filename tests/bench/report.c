/* Rows are kept in a fixed table: a benchmark has some dozens of figures, not thousands. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_MAX 128u

typedef struct row {
    const char *work, *unit;
    double figure;
} row;

static row rows[ROWS_MAX];
static size_t row_count;

int64_t report_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void report_add(const char *work, double figure, const char *unit)
{
    printf("{\"work\":\"%s\",\"figure\":%.6g,\"unit\":\"%s\"}\n", work, figure, unit);
    fflush(stdout);
    if (row_count < ROWS_MAX)
        rows[row_count++] = (row){work, unit, figure};
}

static int compare_figures(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

double report_quantile(double *figures, size_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(figures, count, sizeof *figures, compare_figures);
    size_t index = (size_t)(share * (double)count);
    return figures[index < count ? index : count - 1];
}

double report_median(double *figures, size_t count)
{
    return report_quantile(figures, count, 0.5);
}

void report_table(void)
{
    for (size_t i = 0; i < row_count; i++)
        fprintf(stderr, "%-32s %14.1f  %s\n", rows[i].work, rows[i].figure, rows[i].unit);
}

double report_memory(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    double kilobytes = 0;
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = strtod(line + strlen(name), NULL);
    }
    if (status)
        fclose(status);
    return kilobytes * 1024;
}
