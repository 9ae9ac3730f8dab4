/* Sorting that keeps the order of equals, and asks for no memory. */
#ifndef ASL_GRAPH_SORT_H
#define ASL_GRAPH_SORT_H

#include <stddef.h>
#include <stdint.h>

typedef struct asl_keyed {
    int64_t key;
    uint32_t value;
} asl_keyed;

/* Ascending; `scratch` has room for `count`. */
void asl_graph_sort(asl_keyed *items, size_t count, asl_keyed *scratch);

#endif
