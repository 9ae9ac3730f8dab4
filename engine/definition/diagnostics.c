/* Lines and columns are found for all problems together, in one sweep over the text: a document of
 * one long line with many problems stays cheap. */
#include "definition/diagnostics.h"

#include "base/array.h"
#include "base/heap.h"
#include "base/utf8.h"

asl_diagnostics *asl_diagnostics_new(const asl_heap *heap)
{
    asl_diagnostics *list = asl_allocate_zeroed(heap, sizeof *list);
    if (list == NULL)
        return NULL;
    list->heap = heap;
    asl_arena_init(&list->arena, heap);
    return list;
}

void asl_diagnostics_free(asl_diagnostics *diagnostics)
{
    if (diagnostics == NULL)
        return;
    asl_arena_done(&diagnostics->arena);
    asl_release(diagnostics->heap, diagnostics->entries,
                diagnostics->capacity * sizeof *diagnostics->entries);
    asl_release(diagnostics->heap, diagnostics, sizeof *diagnostics);
}

size_t asl_diagnostics_count(const asl_diagnostics *diagnostics)
{
    return diagnostics != NULL ? diagnostics->count : 0;
}

const asl_diagnostic *asl_diagnostics_at(const asl_diagnostics *diagnostics, size_t index)
{
    if (index >= asl_diagnostics_count(diagnostics))
        return NULL;
    return &diagnostics->entries[index].diagnostic;
}

bool asl_diagnostics_is_truncated(const asl_diagnostics *diagnostics)
{
    return diagnostics != NULL &&
           diagnostics->error_count + diagnostics->warning_count > diagnostics->count;
}

int asl_diagnostics_add(asl_diagnostics *list, const asl_diagnostic *diagnostic, asl_phase phase,
                        uint32_t order)
{
    bool is_error = diagnostic->severity == ASL_SEVERITY_ERROR;
    *(is_error ? &list->error_count : &list->warning_count) += 1;
    int status = asl_array_reserve(list->heap, &list->entries, &list->capacity, list->count,
                                   ASL_DIAGNOSTICS_MAX);
    if (status == ASL_TOO_LARGE)
        return ASL_OK;
    if (status != ASL_OK)
        return status;
    asl_diagnostic_entry *entry = &list->entries[list->count++];
    *entry = (asl_diagnostic_entry){.diagnostic = *diagnostic, .phase = phase, .order = order};
    entry->diagnostic.size = sizeof entry->diagnostic;
    return ASL_OK;
}

static bool comes_after(const asl_diagnostic_entry *left, const asl_diagnostic_entry *right)
{
    return left->phase != right->phase ? left->phase > right->phase : left->order > right->order;
}

/* Insertion sort: what is found nearly in order is sorted in nearly one pass, and it is stable. */
static void sort_entries(asl_diagnostics *list)
{
    for (size_t i = 1; i < list->count; i++) {
        asl_diagnostic_entry entry = list->entries[i];
        size_t at = i;
        for (; at > 0 && comes_after(&list->entries[at - 1], &entry); at--)
            list->entries[at] = list->entries[at - 1];
        list->entries[at] = entry;
    }
}

/* One end of a diagnostic's range. */
typedef struct place {
    size_t offset;
    size_t *line, *column;
} place;

static void sift_down(place *places, size_t root, size_t count)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && places[child + 1].offset > places[child].offset)
            child++;
        if (places[root].offset >= places[child].offset)
            return;
        place swap = places[root];
        places[root] = places[child];
        places[child] = swap;
    }
}

static void sort_places(place *places, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(places, i, count);
    for (size_t i = count; i-- > 1;) {
        place swap = places[0];
        places[0] = places[i];
        places[i] = swap;
        sift_down(places, 0, i);
    }
}

static void sweep(place *places, size_t count, const char *text, size_t size)
{
    size_t offset = 0, line = 1, column = 1;
    for (size_t i = 0; i < count; i++) {
        size_t target = places[i].offset < size ? places[i].offset : size;
        size_t lines = 1, columns = 1;
        asl_utf8_place(text + offset, size - offset, target - offset, &lines, &columns);
        column = lines == 1 ? column + columns - 1 : columns;
        line += lines - 1;
        offset = target;
        *places[i].line = line;
        *places[i].column = column;
    }
}

int asl_diagnostics_finish(asl_diagnostics *list, const char *text, size_t size)
{
    sort_entries(list);
    size_t count = 0, room = 2 * list->count * sizeof(place);
    if (room == 0)
        return ASL_OK;
    place *places = asl_allocate(list->heap, room);
    if (places == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < list->count; i++) {
        asl_diagnostic *diagnostic = &list->entries[i].diagnostic;
        if (diagnostic->line != 0)
            continue;
        places[count++] = (place){diagnostic->offset, &diagnostic->line, &diagnostic->column};
        places[count++] = (place){diagnostic->offset + diagnostic->length, &diagnostic->end_line,
                                  &diagnostic->end_column};
    }
    sort_places(places, count);
    sweep(places, count, text, size);
    asl_release(list->heap, places, room);
    return ASL_OK;
}
