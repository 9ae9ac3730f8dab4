/* Payloads of a record that is read.
 *
 * An edit refers to earlier payloads alone, so what it changes leads back to a text, over no more
 * payloads than are kept. What it refers to is kept until the edit is made: where the oldest
 * payload has to go, edits that need it are made first. That an edit's own texts do not push out
 * what it refers to follows from ASL_RECORD_EDIT_REACH. So each text is parsed and each edit
 * carried out at most once, whichever payloads are wanted; and as the parts of an edit are texts,
 * edits do not multiply. */
#include "history/record_payloads.h"

#include "history/record_edit.h"

_Static_assert(ASL_RECORD_PAYLOADS == 64, "a bit for each place");
_Static_assert(ASL_RECORD_EDIT_REACH + 2 * ASL_EDIT_CHANGES_MAX < ASL_RECORD_PAYLOADS,
               "what an edit refers to is within reach when the edit has been read");

/* The bytes of an edit. They are read to find what it needs and its end, and again to make it. */
typedef struct edit_reader {
    asl_cursor *cursor;
    size_t count; /* of payloads before the next */
    bool is_first;
    uint64_t needs;
} edit_reader;

/* A change as it is stored. */
typedef struct stored_change {
    asl_edit_change change;
    asl_payload *key, *value;
} stored_change;

static uint64_t bit_of(const asl_payloads *self, const asl_payload *payload)
{
    return (uint64_t)1 << (payload - self->items);
}

static asl_payload *payload_at(asl_payloads *self, size_t number)
{
    return &self->items[number % ASL_RECORD_PAYLOADS];
}

static int corrupt_unless_nomem(int status)
{
    return status == ASL_OK || status == ASL_NOMEM ? status : ASL_STORE_CORRUPT;
}

/* Edits that need the payload are made before it goes. */
static int drop(asl_payloads *self, asl_payload *payload)
{
    uint64_t bit = bit_of(self, payload);
    int status = ASL_OK;
    if ((self->needed & bit) != 0 && !self->is_skimmed)
        for (size_t i = 0; i < ASL_RECORD_PAYLOADS && status == ASL_OK; i++)
            if ((self->items[i].needs & bit) != 0)
                status = asl_payloads_make(self, &self->items[i]);
    self->needed &= ~bit;
    asl_value_unref(payload->value);
    payload->value = NULL;
    return status;
}

static int add(asl_payloads *self, asl_payload payload)
{
    asl_payload *place = payload_at(self, self->count);
    int status = self->count >= ASL_RECORD_PAYLOADS ? drop(self, place) : ASL_OK;
    if (status != ASL_OK)
        return status;
    *place = payload;
    self->needed |= payload.needs;
    self->count++;
    return ASL_OK;
}

/* The payload so many before number `count`; NULL where there is none. */
static asl_payload *earlier(asl_payloads *self, size_t count, uint64_t distance, size_t reach)
{
    if (distance == 0 || distance > count || distance > reach)
        return NULL;
    return payload_at(self, count - (size_t)distance);
}

static const char *read_text(asl_cursor *cursor, uint64_t text_size, size_t *ret_size)
{
    *ret_size = text_size > SIZE_MAX ? SIZE_MAX : (size_t)text_size;
    return asl_cursor_slice(cursor, *ret_size);
}

static uint32_t read_u32(asl_cursor *cursor)
{
    uint64_t number = asl_cursor_varint(cursor);
    if (number > UINT32_MAX)
        cursor->bad = 1;
    return (uint32_t)number;
}

/* A key or value of a change. */
static int read_part(asl_payloads *self, edit_reader *reader, asl_payload **ret)
{
    uint64_t tag = asl_cursor_varint(reader->cursor);
    asl_payload *part;
    if ((tag & 1) != 0) {
        part = earlier(self, reader->count, tag >> 1, ASL_RECORD_EDIT_REACH);
        if (part == NULL || part->base != NULL)
            return ASL_STORE_CORRUPT;
    } else {
        size_t size;
        const char *text = read_text(reader->cursor, tag >> 1, &size);
        if (text == NULL)
            return ASL_STORE_CORRUPT;
        int status =
            reader->is_first ? add(self, (asl_payload){.text = text, .size = size}) : ASL_OK;
        if (status != ASL_OK)
            return status;
        part = payload_at(self, reader->count++);
    }
    reader->needs |= bit_of(self, part);
    *ret = part;
    return ASL_OK;
}

static int read_change(asl_payloads *self, edit_reader *reader, stored_change *ret)
{
    asl_cursor *cursor = reader->cursor;
    asl_edit_change *change = &ret->change;
    uint32_t depth = read_u32(cursor);
    change->depth = depth / 2;
    if (change->depth > ASL_EDIT_DEPTH_MAX)
        return ASL_STORE_CORRUPT;
    for (uint32_t i = 0; i < change->depth; i++)
        change->path[i] = read_u32(cursor);
    if (cursor->bad)
        return ASL_STORE_CORRUPT;
    ret->key = NULL;
    int status = (depth & 1) != 0 ? read_part(self, reader, &ret->key) : ASL_OK;
    return status == ASL_OK ? read_part(self, reader, &ret->value) : status;
}

/* What it changes, and in how many places. */
static int begin_edit(asl_payloads *self, edit_reader *reader, asl_payload **ret_base,
                      uint32_t *ret_count)
{
    uint64_t distance = asl_cursor_varint(reader->cursor);
    uint32_t count = read_u32(reader->cursor);
    asl_payload *base = earlier(self, reader->count, distance, ASL_RECORD_EDIT_REACH);
    if (reader->cursor->bad || base == NULL || count > ASL_EDIT_CHANGES_MAX)
        return ASL_STORE_CORRUPT;
    reader->needs |= bit_of(self, base);
    *ret_base = base;
    *ret_count = count;
    return ASL_OK;
}

static int read_edit(asl_payloads *self, asl_cursor *cursor)
{
    const char *text = (const char *)cursor->next;
    edit_reader reader = {.cursor = cursor, .count = self->count, .is_first = true};
    asl_payload edit = {.text = text, .first = self->count};
    stored_change change;
    uint32_t count = 0;
    int status = begin_edit(self, &reader, &edit.base, &count);
    for (uint32_t i = 0; i < count && status == ASL_OK; i++)
        status = read_change(self, &reader, &change);
    if (status != ASL_OK)
        return status;
    edit.size = (size_t)((const char *)cursor->next - text);
    edit.needs = reader.needs;
    return add(self, edit);
}

static int make_text(asl_payloads *self, asl_payload *payload)
{
    if (payload->value != NULL)
        return ASL_OK;
    return corrupt_unless_nomem(asl_value_parse(self->heap, payload->text, payload->size,
                                                ASL_PARSE_KEEP_TEXT | ASL_PARSE_STORED,
                                                &payload->value, NULL));
}

/* Makes the parts of a change and carries it out. */
static int make_change(asl_payloads *self, stored_change *stored, asl_value **root)
{
    int status = make_text(self, stored->value);
    if (status == ASL_OK && stored->key != NULL)
        status = make_text(self, stored->key);
    if (status != ASL_OK)
        return status;
    stored->change.key = stored->key != NULL ? stored->key->value : NULL;
    stored->change.value = stored->value->value;
    return asl_edit_apply(root, &stored->change);
}

/* Makes an edit of a payload that has been made. */
static int make_edit(asl_payloads *self, asl_payload *edit)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, edit->text, edit->size);
    edit_reader reader = {.cursor = &cursor, .count = edit->first};
    stored_change change;
    asl_payload *base = NULL;
    uint32_t count = 0;
    int status = begin_edit(self, &reader, &base, &count);
    if (status != ASL_OK)
        return status;
    asl_cleanup(asl_value_cleanup) asl_value *value = asl_value_ref(base->value);
    for (uint32_t i = 0; i < count && status == ASL_OK; i++) {
        status = read_change(self, &reader, &change);
        if (status == ASL_OK)
            status = make_change(self, &change, &value);
    }
    if (status == ASL_OK)
        edit->value = asl_steal(value);
    return status;
}

int asl_payloads_make(asl_payloads *self, asl_payload *payload)
{
    asl_payload *edits[ASL_RECORD_PAYLOADS];
    size_t count = 0;
    for (; payload->value == NULL && payload->base != NULL; payload = payload->base)
        edits[count++] = payload;
    int status = make_text(self, payload);
    while (count > 0 && status == ASL_OK)
        status = make_edit(self, edits[--count]);
    return status;
}

int asl_payloads_read(asl_payloads *self, asl_cursor *cursor, asl_payload **ret)
{
    uint64_t tag = asl_cursor_varint(cursor);
    if (tag != ASL_RECORD_EDIT && (tag & 1) != 0) {
        *ret = earlier(self, self->count, tag >> 1, ASL_RECORD_PAYLOADS);
        return *ret != NULL ? ASL_OK : ASL_STORE_CORRUPT;
    }
    int status;
    if (tag == ASL_RECORD_EDIT) {
        status = self->has_edits ? read_edit(self, cursor) : ASL_STORE_CORRUPT;
    } else {
        asl_payload text = {.value = NULL};
        text.text = read_text(cursor, tag >> 1, &text.size);
        status = text.text != NULL ? add(self, text) : ASL_STORE_CORRUPT;
    }
    if (status == ASL_OK)
        *ret = payload_at(self, self->count - 1);
    return status;
}

void asl_payloads_init(asl_payloads *self, const asl_heap *heap)
{
    self->heap = heap;
    self->has_edits = self->is_skimmed = false;
    self->count = 0;
    self->needed = 0;
}

void asl_payloads_done(asl_payloads *self)
{
    for (size_t i = 0; i < self->count && i < ASL_RECORD_PAYLOADS; i++)
        asl_value_unref(self->items[i].value);
}
