/* Merge sort from the bottom up: runs of one are merged into runs of two, four, and so on. */
#include "graph/sort.h"

#include <string.h>

static void merge(const asl_keyed *from, asl_keyed *to, size_t first, size_t middle, size_t end)
{
    size_t left = first, right = middle;
    for (size_t i = first; i < end; i++) {
        int from_left = right == end || (left < middle && from[left].key <= from[right].key);
        to[i] = from[from_left ? left++ : right++];
    }
}

void asl_graph_sort(asl_keyed *items, size_t count, asl_keyed *scratch)
{
    asl_keyed *from = items, *to = scratch;
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t first = 0; first < count; first += 2 * run) {
            size_t middle = first + run < count ? first + run : count;
            size_t end = middle + run < count ? middle + run : count;
            merge(from, to, first, middle, end);
        }
        asl_keyed *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}
