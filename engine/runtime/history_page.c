/* Pages of a history. Records are chained backwards, so a page is reached from the newest record:
 * what is newer is passed over by the id it begins with, and the walk ends at the page's first
 * event. Ids are dense, so nothing of a page can be missing unnoticed. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/options.h"
#include "history/record.h"
#include "runtime/history.h"
#include "store/store.h"

#define RESULTS_DEFAULT 100u

/* One page on its way. */
typedef struct paging {
    asl_history *history;
    asl_store *store;
    asl_page_options options;
    asl_head head;
    asl_buffer names;
    uint64_t first, last; /* ids; first > last: none */
    bool has_start;
    bool has_all; /* the page's first event has been seen */
} paging;

static void paging_done(paging *self)
{
    asl_history_free(self->history);
    asl_buffer_done(&self->names);
}

static bool is_reverse(const paging *self)
{
    return (self->options.flags & ASL_HISTORY_REVERSE) != 0;
}

static int read_options(paging *self, const asl_page_options *given, asl_error **error)
{
    const unsigned flags = ASL_HISTORY_REVERSE | ASL_HISTORY_WITHOUT_DATA;
    if (!asl_options_read(&self->options, sizeof self->options, given) ||
        (self->options.flags & ~flags) != 0)
        return asl_error_set(error, ASL_MISUSE, "the page's options are not known");
    if (self->options.max_results > ASL_PAGE_RESULTS_MAX)
        return asl_error_set(error, ASL_MISUSE, "a page has at most %u events",
                             ASL_PAGE_RESULTS_MAX);
    if (self->options.max_results == 0)
        self->options.max_results = RESULTS_DEFAULT;
    return ASL_OK;
}

/* The first record has the execution's ARN. */
static int read_start(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    paging *self = context;
    asl_fact fact;
    if (self->has_start)
        return ASL_OK;
    self->has_start = true;
    asl_history *history = self->history;
    int status =
        asl_record_decode_events(history->heap, record, size, 1, 0, &fact, &history->entries);
    if (status != ASL_OK)
        return status;
    asl_history_set_arn(history, fact.name);
    asl_fact_done(&fact);
    return ASL_OK;
}

/* Which events the page has: from the place that the token says, else from the end it begins at. */
static int find_range(paging *self, asl_error **error)
{
    asl_page_place place = {.event = is_reverse(self) ? self->head.event_count : 1};
    unsigned char secret[32];
    asl_store_secret(self->store, secret);
    if (self->options.token &&
        (!asl_page_token_read(secret, self->options.token, &place) ||
         place.number != self->head.number || place.is_reverse != is_reverse(self) ||
         place.event == 0 || place.event > self->head.event_count))
        return asl_error_set(error, ASL_MISUSE, "Invalid Token: 'Invalid token'");
    uint64_t most = self->options.max_results - 1;
    if (self->head.event_count == 0) {
        self->first = 1;
        self->last = 0;
    } else if (is_reverse(self)) {
        self->last = place.event;
        self->first = place.event > most ? place.event - most : 1;
    } else {
        self->first = place.event;
        self->last = self->head.event_count - place.event > most ? place.event + most
                                                                 : self->head.event_count;
    }
    return ASL_OK;
}

static int collect(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    paging *self = context;
    asl_history *history = self->history;
    uint64_t id;
    int status = asl_record_first_event(record, size, &id);
    if (status != ASL_OK || id == 0 || id > self->last)
        return status;
    status = asl_record_decode_events(history->heap, record, size, self->first, self->last, NULL,
                                      &history->entries);
    self->has_all = id <= self->first;
    return status == ASL_OK && self->has_all ? ASL_STORE_STOP : status;
}

/* Puts events into the order of their ids, each into the place that its id says. False where they
 * are not those of the page, each once. */
static bool put_in_order(asl_event_list *list, uint64_t first)
{
    for (size_t i = 0; i < list->count; i++) {
        while (list->items[i].id != first + i) {
            uint64_t place = list->items[i].id - first;
            if (place >= list->count || list->items[place].id == list->items[i].id)
                return false;
            asl_event moved = list->items[i];
            list->items[i] = list->items[place];
            list->items[place] = moved;
        }
    }
    return true;
}

static void turn_around(asl_history *history)
{
    for (size_t i = 0, j = history->event_count; i + 1 < j; i++) {
        j--;
        asl_history_event event = history->events[i];
        history->events[i] = history->events[j];
        history->events[j] = event;
        size_t entry = history->entry_of_event[i];
        history->entry_of_event[i] = history->entry_of_event[j];
        history->entry_of_event[j] = entry;
    }
}

static void set_next(paging *self)
{
    bool is_last = is_reverse(self) ? self->first <= 1 : self->last >= self->head.event_count;
    if (is_last)
        return;
    asl_page_place next = {.number = self->head.number,
                           .event = is_reverse(self) ? self->first - 1 : self->last + 1,
                           .is_reverse = is_reverse(self)};
    unsigned char secret[32];
    asl_store_secret(self->store, secret);
    asl_page_token_make(secret, &next, self->history->next_token);
    self->history->has_next = true;
}

static int read_events(paging *self, asl_error **error)
{
    asl_history *history = self->history;
    int status = asl_store_read_records_back(self->store, self->head.number, collect, self, error);
    if (status != ASL_OK)
        return status;
    size_t count = (size_t)(self->last - self->first) + 1;
    if (!self->has_all || history->entries.count != count ||
        !put_in_order(&history->entries, self->first))
        return asl_error_set(error, ASL_STORE_CORRUPT,
                             "events %llu to %llu of execution %llu are not all there",
                             (unsigned long long)self->first, (unsigned long long)self->last,
                             (unsigned long long)self->head.number);
    history->first_id = self->first;
    return asl_history_show(history, error);
}

static int read_page(paging *self, uint64_t number, asl_error **error)
{
    asl_history *history = self->history = asl_history_new(asl_store_heap(self->store));
    if (!history)
        return ASL_NOMEM;
    history->is_page = true;
    history->flags = self->options.flags;
    int status = asl_store_read_ends(self->store, number, &self->head, &self->names, read_start,
                                     self, error);
    if (status == ASL_OK)
        status = find_range(self, error);
    if (status == ASL_OK && self->first <= self->last)
        status = read_events(self, error);
    if (status != ASL_OK)
        return status;
    if (is_reverse(self))
        turn_around(history);
    set_next(self);
    return ASL_OK;
}

int asl_history_read_page(asl_store *store, uint64_t number, const asl_page_options *options,
                          asl_history **ret_history, asl_error **error)
{
    asl_cleanup(paging_done) paging self = {.store = store};
    asl_buffer_init(&self.names, asl_store_heap(store));
    int status = read_options(&self, options, error);
    if (status == ASL_OK)
        status = read_page(&self, number, error);
    if (status != ASL_OK)
        return asl_error_set(error, status, "the history of execution %llu cannot be read: %s",
                             (unsigned long long)number, asl_status_name(status));
    *ret_history = asl_steal(self.history);
    return ASL_OK;
}
