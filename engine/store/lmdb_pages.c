/* The format of LMDB 0.9: two meta pages, each with the roots of two trees, in the machine's own
 * words. The tree of free pages has rows [count, page, page...], the greatest page first; the main
 * tree has a row for each named table, with the root of its tree. Every place is checked: nothing
 * is believed of the file. */
#include "store/lmdb_pages.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/heap.h"

#define HEADER_BYTES 16u      /* of a page: number u64, u16, flags u16, lower u16, upper u16 */
#define META_FREE_ROOT 80u    /* in a meta page: the root of the tree of free pages, u64, */
#define META_MAIN_ROOT 128u   /* that of the main tree, u64, */
#define META_TRANSACTION 144u /* and the number of its transaction, u64 */
#define META_BYTES 152u
#define NO_PAGE UINT64_MAX /* the root of an empty tree */
#define NODE_BYTES 8u      /* of a node: low u16, high u16, flags u16, size of the key u16 */
#define TABLE_ROOT 40u     /* in the row of a table: the root of its tree, u64 */
#define TABLE_BYTES 48u
#define DEPTH_MAX 32u /* LMDB's */
enum { BRANCH = 1, LEAF = 2, ROW_ON_ITS_OWN = 1, ROW_IS_TABLE = 2 };

/* A page of a tree on the way down, and which of its nodes comes next. */
typedef struct level {
    unsigned char *bytes;
    uint64_t page;
    size_t next, count;
} level;

typedef struct walk {
    const asl_heap *heap;
    int fd;
    uint64_t page_bytes, page_count; /* of the file */
    unsigned char metas[2][META_BYTES];
    unsigned char *pages; /* a page's room for each level */
    level levels[DEPTH_MAX];
    size_t depth;
    bool counts_free; /* the tree is that of free pages */
    uint64_t last, free_count;
    uint64_t wrong;  /* the page that ended it */
    uint64_t budget; /* pages that may be read: a file has no more */
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

static int begin(walk *self, const asl_heap *heap, int fd, uint64_t page_bytes)
{
    struct stat file;
    *self = (walk){.heap = heap, .fd = fd, .page_bytes = page_bytes};
    if (page_bytes < META_BYTES || page_bytes > UINT16_MAX + 1u || fstat(fd, &file) != 0)
        return ASL_IO;
    self->page_count = self->budget = (uint64_t)file.st_size / page_bytes;
    for (unsigned i = 0; i < 2; i++)
        if (!read_at(self, i * page_bytes, self->metas[i], META_BYTES))
            return ASL_IO;
    self->pages = asl_allocate(heap, DEPTH_MAX * page_bytes);
    return self->pages != NULL ? ASL_OK : ASL_NOMEM;
}

static void end(const walk *self)
{
    asl_release(self->heap, self->pages, DEPTH_MAX * self->page_bytes);
}

/* Goes down to a page, which has to be of a tree and in its place. */
static bool enter(walk *self, uint64_t page)
{
    level *one = &self->levels[self->depth];
    self->wrong = page;
    if (self->depth == DEPTH_MAX || page >= self->page_count || self->budget-- == 0)
        return false;
    *one = (level){.bytes = self->pages + self->depth * self->page_bytes, .page = page};
    if (!read_at(self, page * self->page_bytes, one->bytes, self->page_bytes))
        return false;
    uint16_t flags = get_u16(one->bytes + 10), lower = get_u16(one->bytes + 12);
    if (get_u64(one->bytes) != page || (flags & (BRANCH | LEAF)) == 0 || lower < HEADER_BYTES ||
        lower > self->page_bytes)
        return false;
    one->count = (lower - HEADER_BYTES) / 2u;
    self->depth++;
    return true;
}

/* Counts the pages of a row of free pages that lie behind the file's end; they stand first. */
static bool count_free(walk *self, uint64_t place, uint64_t size)
{
    unsigned char word[8];
    if (size % 8 != 0 || !read_at(self, place, word, sizeof word) || get_u64(word) != size / 8 - 1)
        return false;
    for (uint64_t at = 8; at < size; at += 8) {
        if (!read_at(self, place + at, word, sizeof word))
            return false;
        uint64_t page = get_u64(word);
        if (page < self->page_count)
            break;
        self->free_count += page <= self->last;
    }
    return true;
}

/* A row that stands in pages of its own, the first of which says so. */
static bool read_large_row(walk *self, uint64_t page, uint64_t size)
{
    unsigned char number[8];
    self->wrong = page;
    if (page >= self->page_count ||
        !read_at(self, page * self->page_bytes, number, sizeof number) || get_u64(number) != page)
        return false;
    return !self->counts_free || count_free(self, page * self->page_bytes + HEADER_BYTES, size);
}

static bool read_row(walk *self, const level *at, const unsigned char *node)
{
    uint64_t size = get_u16(node) | (uint64_t)get_u16(node + 2) << 16;
    uint16_t flags = get_u16(node + 4);
    const unsigned char *row = node + NODE_BYTES + get_u16(node + 6);
    const unsigned char *page_end = at->bytes + self->page_bytes;
    bool is_large = (flags & ROW_ON_ITS_OWN) != 0, is_table = (flags & ROW_IS_TABLE) != 0;
    if (row > page_end || (is_large ? 8 : size) > (uint64_t)(page_end - row) ||
        (is_table && size < TABLE_BYTES))
        return false;
    if (is_large)
        return read_large_row(self, get_u64(row), size);
    if (self->counts_free)
        return count_free(self, at->page * self->page_bytes + (uint64_t)(row - at->bytes), size);
    return !is_table || get_u64(row + TABLE_ROOT) == NO_PAGE ||
           enter(self, get_u64(row + TABLE_ROOT));
}

/* The next node of the page at hand: down, or a row, or up behind the last one. */
static bool take_step(walk *self)
{
    level *at = &self->levels[self->depth - 1];
    self->wrong = at->page;
    if (at->next == at->count) {
        self->depth--;
        return true;
    }
    size_t place = get_u16(at->bytes + HEADER_BYTES + at->next++ * 2);
    const unsigned char *node = at->bytes + place;
    if (place + NODE_BYTES > self->page_bytes)
        return false;
    if ((get_u16(at->bytes + 10) & LEAF) != 0)
        return read_row(self, at, node);
    return enter(self, get_u16(node) | (uint64_t)get_u16(node + 2) << 16 |
                           (uint64_t)get_u16(node + 4) << 32);
}

static bool walk_tree(walk *self, uint64_t root)
{
    self->depth = 0;
    if (root == NO_PAGE)
        return true;
    bool is_right = enter(self, root);
    while (is_right && self->depth > 0)
        is_right = take_step(self);
    return is_right;
}

bool asl_lmdb_is_free_behind(const asl_heap *heap, int data_fd, uint64_t page_bytes, uint64_t last)
{
    walk self;
    if (begin(&self, heap, data_fd, page_bytes) != ASL_OK)
        return false;
    bool is_second =
        get_u64(self.metas[1] + META_TRANSACTION) > get_u64(self.metas[0] + META_TRANSACTION);
    self.counts_free = true;
    self.last = last;
    bool is_read = walk_tree(&self, get_u64(self.metas[is_second] + META_FREE_ROOT));
    end(&self);
    return is_read && (self.page_count > last || self.free_count == last + 1 - self.page_count);
}

int asl_lmdb_check_pages(const asl_heap *heap, int data_fd, uint64_t page_bytes,
                         uint64_t transaction, uint64_t *ret_page)
{
    walk self;
    bool is_right = true;
    int status = begin(&self, heap, data_fd, page_bytes);
    if (status != ASL_OK)
        return status;
    for (unsigned i = 0; i < 2; i++) {
        if (get_u64(self.metas[i] + META_TRANSACTION) != transaction)
            continue;
        is_right = walk_tree(&self, get_u64(self.metas[i] + META_MAIN_ROOT));
        self.counts_free = true;
        is_right = is_right && walk_tree(&self, get_u64(self.metas[i] + META_FREE_ROOT));
    }
    *ret_page = self.wrong;
    end(&self);
    return is_right ? ASL_OK : ASL_STORE_CORRUPT;
}
