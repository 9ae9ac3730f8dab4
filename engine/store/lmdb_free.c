/* The format of LMDB 0.9, as far as the list of free pages goes: two meta pages, of which the newer
 * one has the root of a tree; its rows are [count, page, page...], the greatest page first, in the
 * machine's own words. Every place is checked: nothing is believed of the file. */
#include "store/lmdb_free.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_BYTES 16u      /* of a page: number u64, u16, flags u16, lower u16, upper u16 */
#define META_ROOT 80u         /* in a meta page: the root of the tree of free pages, u64, */
#define META_TRANSACTION 144u /* and the number of its transaction, u64 */
#define META_BYTES 152u
#define DEPTH_MAX 32u /* LMDB's */
#define NODE_BYTES \
    8u /* of a node: low u16, high u16, flags u16, size of the key u16; the key and */
#define ROW_PLACE 16u /* the row follow, where keys are numbers of transactions, u64 */
enum { BRANCH = 1, LEAF = 2, IN_PAGES_OF_ITS_OWN = 1 };

typedef struct walk {
    int fd;
    uint64_t page_bytes, page_count; /* of the file */
    uint64_t last;
    uint64_t found;  /* free pages behind the file's end */
    uint64_t budget; /* nodes that may be looked at: a file has no more */
} walk;

static uint16_t get_u16(const unsigned char *bytes)
{
    uint16_t number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

static uint64_t get_u64(const unsigned char *bytes)
{
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

static bool read_at(const walk *self, uint64_t place, void *bytes, size_t size)
{
    return place <= INT64_MAX && pread(self->fd, bytes, size, (off_t)place) == (ssize_t)size;
}

static bool find_root(const walk *self, uint64_t *ret_root)
{
    unsigned char metas[2][META_BYTES];
    for (unsigned i = 0; i < 2; i++)
        if (!read_at(self, i * self->page_bytes, metas[i], META_BYTES))
            return false;
    bool is_second = get_u64(metas[1] + META_TRANSACTION) > get_u64(metas[0] + META_TRANSACTION);
    *ret_root = get_u64(metas[is_second] + META_ROOT);
    return true;
}

/* Counts the pages of a row that lie behind the file's end; they stand first. */
static bool count_pages(walk *self, uint64_t place, uint64_t size)
{
    uint64_t count;
    unsigned char word[8];
    if (!read_at(self, place, word, sizeof word))
        return false;
    count = get_u64(word);
    if (size % 8 != 0 || count != size / 8 - 1)
        return false;
    for (uint64_t i = 1; i <= count; i++) {
        if (!read_at(self, place + i * 8, word, sizeof word))
            return false;
        uint64_t page = get_u64(word);
        if (page < self->page_count)
            break;
        self->found += page <= self->last;
    }
    return true;
}

/* A row of the tree, whose node stands at a place of a page. */
static bool read_row(walk *self, uint64_t page_end, uint64_t place, const unsigned char *node)
{
    unsigned char word[8];
    uint64_t size = get_u16(node) | (uint64_t)get_u16(node + 2) << 16;
    place += ROW_PLACE;
    if (get_u16(node + 6) != ROW_PLACE - NODE_BYTES || place + 8 > page_end)
        return false;
    if ((get_u16(node + 4) & IN_PAGES_OF_ITS_OWN) == 0)
        return size <= page_end - place && count_pages(self, place, size);
    if (!read_at(self, place, word, sizeof word) || get_u64(word) >= self->page_count)
        return false;
    return count_pages(self, get_u64(word) * self->page_bytes + HEADER_BYTES, size);
}

static uint64_t child_of(const unsigned char *node)
{
    return get_u16(node) | (uint64_t)get_u16(node + 2) << 16 | (uint64_t)get_u16(node + 4) << 32;
}

/* A page of the tree, and which of its nodes comes next. */
typedef struct step {
    uint64_t page;
    size_t next;
} step;

/* Looks at one node of the page on top: goes down, reads a row, or goes up behind the last one. */
static bool take_step(walk *self, step *steps, size_t *depth)
{
    step *top = &steps[*depth - 1];
    unsigned char header[HEADER_BYTES], pointer[2], node[NODE_BYTES];
    uint64_t page = top->page * self->page_bytes, page_end = page + self->page_bytes;
    if (self->budget-- == 0 || top->page >= self->page_count ||
        !read_at(self, page, header, sizeof header))
        return false;
    uint16_t flags = get_u16(header + 10), lower = get_u16(header + 12);
    if (lower < HEADER_BYTES || lower > self->page_bytes || (flags & (BRANCH | LEAF)) == 0)
        return false;
    if (top->next == (lower - HEADER_BYTES) / 2u) {
        --*depth;
        return true;
    }
    if (!read_at(self, page + HEADER_BYTES + top->next++ * 2, pointer, sizeof pointer))
        return false;
    uint64_t place = page + get_u16(pointer);
    if (place + NODE_BYTES > page_end || !read_at(self, place, node, sizeof node))
        return false;
    if ((flags & LEAF) != 0)
        return read_row(self, page_end, place, node);
    if (*depth == DEPTH_MAX)
        return false;
    steps[(*depth)++] = (step){.page = child_of(node)};
    return true;
}

bool asl_lmdb_is_free_behind(int data_fd, uint64_t page_bytes, uint64_t last)
{
    struct stat data;
    walk self = {.fd = data_fd, .page_bytes = page_bytes, .last = last};
    step steps[DEPTH_MAX];
    size_t depth = 1;
    uint64_t root;
    if (page_bytes < META_BYTES || fstat(data_fd, &data) != 0 || !find_root(&self, &root))
        return false;
    self.page_count = (uint64_t)data.st_size / page_bytes;
    self.budget = (uint64_t)data.st_size / NODE_BYTES;
    steps[0] = (step){.page = root};
    while (depth > 0)
        if (!take_step(&self, steps, &depth))
            return false;
    return self.page_count > last || self.found == last + 1 - self.page_count;
}
