/* Positions in a row: the least sum of weighted squares of how far each is from where it is wanted,
 * under a least distance between neighbours. Less these distances positions must only not fall, and
 * that is solved by pooling: whoever would stand before its neighbour shares one position with it,
 * their weighted mean. Each is pooled once, so it takes linear time. */
#include "graph/sheet.h"

/* Of a pool, rounded to the nearest: what is compared is what it gets, or rounding would tear pools
 * apart. */
static int64_t mean_of(int64_t sum, int64_t weight)
{
    int64_t dividend = sum * 2 + weight, divisor = weight * 2, quotient = dividend / divisor;
    return quotient - (dividend % divisor < 0);
}

void asl_graph_spread(asl_wish *wishes, size_t count, int64_t *scratch)
{
    int64_t *sums = scratch, *weights = scratch + count, *sizes = scratch + 2 * count;
    size_t pools = 0;
    int64_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        offset += i > 0 ? wishes[i].room : 0;
        sums[pools] = (wishes[i].x - offset) * wishes[i].weight;
        weights[pools] = wishes[i].weight;
        sizes[pools++] = 1;
        while (pools > 1 && mean_of(sums[pools - 2], weights[pools - 2]) >
                                mean_of(sums[pools - 1], weights[pools - 1])) {
            pools--;
            sums[pools - 1] += sums[pools];
            weights[pools - 1] += weights[pools];
            sizes[pools - 1] += sizes[pools];
        }
    }
    offset = 0;
    for (size_t pool = 0, i = 0; pool < pools; pool++) {
        int64_t mean = mean_of(sums[pool], weights[pool]);
        for (int64_t end = (int64_t)i + sizes[pool]; (int64_t)i < end; i++) {
            offset += i > 0 ? wishes[i].room : 0;
            wishes[i].x = mean + offset;
        }
    }
}
