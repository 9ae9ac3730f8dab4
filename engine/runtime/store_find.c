/* Executions by their ARNs. An ARN says under which name to look; that it is the ARN of what is
 * found there, and not one of another account or region, its first record says. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "history/record.h"
#include "runtime/history.h"
#include "store/store.h"

#define PART_SIZE 512u /* 80 characters, and a UUID, are less */

typedef struct arn_check {
    const asl_heap *heap;
    const char *arn;
    bool is_same, is_read;
} arn_check;

static int check_first(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    arn_check *check = context;
    asl_fact fact;
    asl_event_list none;
    if (check->is_read)
        return ASL_OK;
    check->is_read = true;
    asl_event_list_init(&none, check->heap);
    int status = asl_record_decode_events(check->heap, record, size, 1, 0, &fact, &none);
    if (status != ASL_OK)
        return status;
    const char *arn = fact.name ? asl_value_get_string(fact.name, NULL) : NULL;
    check->is_same = arn && strcmp(arn, check->arn) == 0;
    asl_fact_done(&fact);
    return ASL_OK;
}

static int refuse_unknown(const char *arn, asl_error **error)
{
    return asl_error_set(error, ASL_NOT_FOUND, "Execution Does Not Exist: '%s'", arn);
}

int asl_store_find_arn(asl_store *store, const char *arn, uint64_t *ret_number, asl_error **error)
{
    char kind[16], machine[PART_SIZE], name[PART_SIZE];
    asl_arn_part(arn, 5, 7, kind, sizeof kind);
    asl_arn_part(arn, 6, 7, machine, sizeof machine);
    asl_arn_part(arn, 7, 7, name, sizeof name);
    bool is_arn = strncmp(arn, "arn:", 4) == 0 && machine[0] != '\0' && name[0] != '\0';
    if (!is_arn || (strcmp(kind, "execution") != 0 && strcmp(kind, "express") != 0))
        return asl_error_set(error, ASL_MISUSE, "Invalid Arn: '%s' is no execution's", arn);
    uint64_t number, input_hash;
    int status = asl_store_find_name(store, machine, name, &number, &input_hash);
    if (status == ASL_NOT_FOUND)
        return refuse_unknown(arn, error);
    if (status != ASL_OK)
        return asl_error_set(error, status, "the store could not be searched for '%s'", arn);
    asl_head head;
    asl_cleanup(asl_buffer_done) asl_buffer text;
    asl_buffer_init(&text, asl_store_heap(store));
    arn_check check = {.heap = asl_store_heap(store), .arn = arn};
    status = asl_store_read_ends(store, number, &head, &text, check_first, &check, error);
    if (status != ASL_OK)
        return asl_error_set(error, status, "the store could not be searched for '%s'", arn);
    if (!check.is_same)
        return refuse_unknown(arn, error);
    *ret_number = number;
    return ASL_OK;
}
