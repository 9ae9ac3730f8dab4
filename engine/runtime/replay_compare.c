/* Comparing a recorded entry with the one the interpreter gives. */
#include <string.h>

#include "base/buffer.h"
#include "history/json.h"
#include "runtime/replay.h"

static bool same_value(const asl_value *left, const asl_value *right)
{
    if (left == right)
        return true;
    return left && right && asl_value_equal(left, right);
}

/* Two causes that differ at most in "(entered at the event id #N)". */
static bool same_but_for_ids(const char *left, const char *right)
{
    static const char words[] = "(entered at the event id #";
    while (*left != '\0' && *left == *right) {
        if (strncmp(left, words, sizeof words - 1) == 0 &&
            strncmp(right, words, sizeof words - 1) == 0) {
            left += sizeof words - 1;
            right += sizeof words - 1;
            left += strspn(left, "0123456789");
            right += strspn(right, "0123456789");
            continue;
        }
        left++;
        right++;
    }
    return *left == *right;
}

static bool same_cause(const asl_value *recorded, const asl_value *got, bool ignores_place)
{
    if (same_value(recorded, got))
        return true;
    return ignores_place && recorded && got &&
           same_but_for_ids(asl_value_get_string(recorded, NULL), asl_value_get_string(got, NULL));
}

const char *asl_replay_compare(const asl_event *recorded, const asl_event *got, bool ignores_place)
{
    if (recorded->type != got->type)
        return "type";
    if (!ignores_place && recorded->id != got->id)
        return "id";
    if (!ignores_place && recorded->previous_id != got->previous_id)
        return "previousEventId";
    if (!same_value(recorded->name, got->name))
        return "name";
    if (recorded->index != got->index)
        return "index";
    if (recorded->count != got->count)
        return "length";
    if (!same_value(recorded->value, got->value))
        return recorded->id == 0 ? "value" : "payload";
    if (!same_value(recorded->error, got->error))
        return "error";
    if (!same_cause(recorded->cause, got->cause, ignores_place))
        return "cause";
    if (recorded->type == ASL_EVENT_EVALUATION_FAILED && !same_value(recorded->extra, got->extra))
        return "location";
    if (!same_value(recorded->variables, got->variables))
        return "assignedVariables";
    if (recorded->timeout_s != got->timeout_s)
        return "timeoutInSeconds";
    if (recorded->heartbeat_s != got->heartbeat_s)
        return "heartbeatInSeconds";
    return NULL;
}

/* An entry as text: the event's JSON, or what a note says. */
static int entry_text(const asl_replay *replay, const asl_event *entry, char **ret_text)
{
    if (!entry)
        return ASL_OK;
    asl_cleanup(asl_value_cleanup) asl_value *json = NULL;
    int status = ASL_OK;
    if (entry->id != 0) {
        status = asl_event_to_value(entry, replay->heap, replay->region, &json);
    } else {
        json = asl_value_object(replay->heap);
        status = json ? asl_value_set(&json, "note", asl_value_integer(replay->heap, entry->type))
                      : ASL_NOMEM;
        if (status == ASL_OK)
            status = asl_value_set(&json, "due", asl_value_integer(replay->heap, entry->due_ms));
        if (status == ASL_OK)
            status = asl_value_set(&json, "index", asl_value_integer(replay->heap, entry->index));
    }
    return status == ASL_OK ? asl_value_print(json, 0, ret_text, NULL) : status;
}

int asl_replay_diverge(asl_replay *replay, const asl_event *recorded, const asl_event *got,
                       const char *field)
{
    replay->different++;
    if (replay->divergence.size != 0)
        return ASL_OK;
    int status = entry_text(replay, recorded, &replay->expected_text);
    if (status == ASL_OK)
        status = entry_text(replay, got, &replay->got_text);
    const asl_event *known = recorded ? recorded : got;
    replay->divergence = (asl_divergence){
        .size = sizeof(asl_divergence),
        .event = known->id,
        .expected = replay->expected_text,
        .got = replay->got_text,
        .field = field,
    };
    return status;
}
