/* Splice: a gap buffer of two stacks. */
#include "jsonata/splice.h"

static size_t count_of(const asl_buffer *units)
{
    return units->size / sizeof(uint16_t);
}

void asl_splice_init(asl_splice *splice, const asl_heap *heap, asl_utf16 text)
{
    asl_utf16_init(&splice->before, heap);
    asl_utf16_init(&splice->behind, heap);
    for (size_t i = text.size; i > 0; i--)
        asl_utf16_append_unit(&splice->behind, text.units[i - 1]);
}

void asl_splice_done(asl_splice *splice)
{
    asl_buffer_done(&splice->before);
    asl_buffer_done(&splice->behind);
}

size_t asl_splice_size(const asl_splice *splice)
{
    return count_of(&splice->before) + count_of(&splice->behind);
}

static bool is_whole(const asl_splice *splice)
{
    return splice->before.status == ASL_OK && splice->behind.status == ASL_OK;
}

static void move_unit(asl_buffer *from, asl_buffer *to)
{
    asl_utf16 units = asl_utf16_of(from);
    asl_utf16_append_unit(to, units.units[units.size - 1]);
    from->size -= sizeof(uint16_t);
}

static void go_to(asl_splice *splice, size_t index)
{
    while (is_whole(splice) && count_of(&splice->before) > index)
        move_unit(&splice->before, &splice->behind);
    while (is_whole(splice) && count_of(&splice->before) < index && count_of(&splice->behind) > 0)
        move_unit(&splice->behind, &splice->before);
}

void asl_splice_insert(asl_splice *splice, size_t index, asl_utf16 text)
{
    go_to(splice, index);
    asl_utf16_append(&splice->before, text);
}

void asl_splice_drop(asl_splice *splice, size_t count)
{
    go_to(splice, count);
    splice->before.size = 0;
}

int asl_splice_finish(asl_splice *splice, asl_buffer *units)
{
    go_to(splice, asl_splice_size(splice));
    if (splice->before.status != ASL_OK)
        return splice->before.status;
    if (splice->behind.status != ASL_OK)
        return splice->behind.status;
    asl_utf16_append(units, asl_utf16_of(&splice->before));
    return units->status;
}
