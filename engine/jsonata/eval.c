/* What an evaluation makes: lists, objects, scopes, closures, all in its scratch memory; and its
 * budget. */
#include "jsonata/eval.h"

#include <string.h>

#include "base/heap.h"
#include "base/limits.h"

#define STEPS_BETWEEN_CHECKS 4096u
#define DICT_INDEX_FROM 12u

int asl_eval_fail(asl_eval *eval, int status)
{
    if (eval->problem.status == ASL_OK)
        eval->problem = (asl_problem){.status = status};
    return eval->problem.status;
}

int asl_eval_no_memory(asl_eval *eval)
{
    if (!eval->scratch.is_full || eval->problem.status != ASL_OK)
        return asl_eval_fail(eval, ASL_NOMEM);
    static const char text[] = "Expression evaluation memory limit exceeded";
    asl_problem_set(&eval->problem, "");
    eval->problem.text = asl_datum_string(text, sizeof text - 1);
    return ASL_EVALUATION;
}

int asl_eval_check_steps(asl_eval *eval)
{
    eval->steps_check = eval->steps + STEPS_BETWEEN_CHECKS;
    bool is_stopped = eval->options.stop != NULL && eval->options.stop(eval->options.context);
    if (eval->steps <= eval->steps_max && !is_stopped)
        return ASL_OK;
    static const char text[] = "Expression evaluation timeout: Check for infinite loop";
    asl_problem_set(&eval->problem, "U1001");
    eval->problem.text = asl_datum_string(text, sizeof text - 1);
    return ASL_EVALUATION;
}

void *asl_eval_allocate(asl_eval *eval, size_t size)
{
    void *pointer = asl_scratch_allocate(&eval->scratch, size);
    if (pointer == NULL)
        asl_eval_no_memory(eval);
    return pointer;
}

asl_list *asl_eval_list(asl_eval *eval, size_t capacity)
{
    asl_list *list = asl_eval_allocate(eval, sizeof *list + capacity * sizeof(asl_datum));
    if (list == NULL)
        return NULL;
    *list = (asl_list){.items = (asl_datum *)(void *)(list + 1), .capacity = (uint32_t)capacity};
    return list;
}

asl_list *asl_eval_sequence(asl_eval *eval, size_t capacity)
{
    asl_list *list = asl_eval_list(eval, capacity);
    if (list != NULL)
        list->is_sequence = true;
    return list;
}

/* Makes room for so many items in all. */
static int grow_list(asl_eval *eval, asl_list *list, size_t capacity)
{
    if (capacity > UINT32_MAX / 2)
        return asl_eval_no_memory(eval);
    asl_datum *items = asl_eval_allocate(eval, capacity * sizeof *items);
    if (items == NULL)
        return eval->problem.status;
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->capacity = (uint32_t)capacity;
    return ASL_OK;
}

int asl_list_add_slowly(asl_eval *eval, asl_list *list, asl_datum item)
{
    int status = grow_list(eval, list, list->capacity < 4 ? 8 : (size_t)list->capacity * 2);
    if (status == ASL_OK)
        list->items[list->count++] = item;
    return status;
}

int asl_list_add_items(asl_eval *eval, asl_list *list, asl_datum items)
{
    if (!asl_datum_is(items, ASL_DATUM_ARRAY))
        return asl_list_add(eval, list, items);
    size_t count = asl_datum_count(items), wanted = list->count + count;
    int status = asl_eval_spend(eval, count);
    if (status == ASL_OK && wanted > list->capacity)
        status = grow_list(
            eval, list, wanted > 2 * (size_t)list->capacity ? wanted : 2 * (size_t)list->capacity);
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        list->items[list->count++] = asl_datum_at(items, i);
    return status;
}

asl_dict *asl_eval_dict(asl_eval *eval, size_t capacity)
{
    asl_dict *dict = asl_eval_allocate(eval, sizeof *dict + capacity * sizeof(asl_dict_member));
    if (dict == NULL)
        return NULL;
    *dict = (asl_dict){.members = (asl_dict_member *)(void *)(dict + 1),
                       .capacity = (uint32_t)capacity};
    return dict;
}

static uint32_t hash_of(const char *bytes, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static bool key_is(const asl_dict *dict, size_t index, const char *key, size_t key_size)
{
    asl_datum found = dict->members[index].key;
    return found.size == key_size && asl_same_bytes(found.bytes, key, key_size);
}

size_t asl_dict_find(const asl_dict *dict, const char *key, size_t key_size)
{
    if (dict->slots == NULL) {
        for (size_t i = 0; i < dict->count; i++) {
            if (key_is(dict, i, key, key_size))
                return i;
        }
        return SIZE_MAX;
    }
    for (uint32_t i = hash_of(key, key_size) & dict->mask; dict->slots[i] != 0;
         i = (i + 1) & dict->mask) {
        if (key_is(dict, dict->slots[i] - 1, key, key_size))
            return dict->slots[i] - 1;
    }
    return SIZE_MAX;
}

static void put_slot(asl_dict *dict, uint32_t index)
{
    asl_datum key = dict->members[index].key;
    uint32_t i = hash_of(key.bytes, key.size) & dict->mask;
    while (dict->slots[i] != 0)
        i = (i + 1) & dict->mask;
    dict->slots[i] = index + 1;
}

/* Makes the table of positions anew for the present capacity. */
static int index_dict(asl_eval *eval, asl_dict *dict)
{
    uint32_t slots = 4 * DICT_INDEX_FROM;
    while (slots < dict->capacity * 2)
        slots *= 2;
    dict->slots = asl_eval_allocate(eval, slots * sizeof *dict->slots);
    if (dict->slots == NULL)
        return eval->problem.status;
    memset(dict->slots, 0, slots * sizeof *dict->slots);
    dict->mask = slots - 1;
    for (uint32_t i = 0; i < dict->count; i++)
        put_slot(dict, i);
    return ASL_OK;
}

static int grow_dict(asl_eval *eval, asl_dict *dict)
{
    if (dict->capacity > UINT32_MAX / 8)
        return asl_eval_no_memory(eval);
    uint32_t capacity = dict->capacity < 4 ? 4 : dict->capacity * 2;
    asl_dict_member *members = asl_eval_allocate(eval, capacity * sizeof *members);
    if (members == NULL)
        return eval->problem.status;
    if (dict->count > 0)
        memcpy(members, dict->members, dict->count * sizeof *members);
    dict->members = members;
    dict->capacity = capacity;
    return capacity > DICT_INDEX_FROM ? index_dict(eval, dict) : ASL_OK;
}

int asl_dict_set(asl_eval *eval, asl_dict *dict, asl_datum key, asl_datum item)
{
    size_t found = asl_dict_find(dict, key.bytes, key.size);
    if (found != SIZE_MAX) {
        dict->members[found].item = item;
        return ASL_OK;
    }
    if (dict->count == dict->capacity) {
        int status = grow_dict(eval, dict);
        if (status != ASL_OK)
            return status;
    }
    dict->members[dict->count] = (asl_dict_member){.key = key, .item = item};
    if (dict->slots != NULL)
        put_slot(dict, dict->count);
    dict->count++;
    return ASL_OK;
}

void asl_dict_remove(asl_dict *dict, asl_datum key)
{
    size_t found = asl_dict_find(dict, key.bytes, key.size);
    if (found == SIZE_MAX)
        return;
    memmove(&dict->members[found], &dict->members[found + 1],
            (dict->count - found - 1) * sizeof *dict->members);
    dict->count--;
    if (dict->slots == NULL)
        return;
    memset(dict->slots, 0, (dict->mask + 1) * sizeof *dict->slots);
    for (uint32_t i = 0; i < dict->count; i++)
        put_slot(dict, i);
}

asl_closure *asl_eval_closure(asl_eval *eval, asl_closure_kind kind)
{
    size_t position = asl_scratch_position(&eval->scratch);
    asl_closure *closure = asl_eval_allocate(eval, sizeof *closure);
    if (closure != NULL)
        *closure = (asl_closure){.kind = kind, .position = position};
    return closure;
}

asl_scope *asl_eval_scope(asl_eval *eval, asl_scope *outer)
{
    asl_scope *scope = asl_eval_allocate(eval, sizeof *scope);
    if (scope != NULL)
        *scope = (asl_scope){.outer = outer};
    return scope;
}

int asl_scope_bind(asl_eval *eval, asl_scope *scope, const asl_name *name, asl_datum value)
{
    asl_binding *binding = asl_eval_allocate(eval, sizeof *binding);
    if (binding == NULL)
        return eval->problem.status;
    *binding = (asl_binding){.name = name, .value = value, .next = scope->bindings};
    scope->bindings = binding;
    return ASL_OK;
}

/* The host's variable of this name, or the built-in function. */
static asl_datum ask(asl_eval *eval, const asl_name *name)
{
    if (name->size == 1 && name->bytes[0] == '$')
        return eval->root;
    const asl_value *given = NULL;
    if (eval->options.variable != NULL)
        given = eval->options.variable(eval->options.context, name->bytes, name->size);
    if (given != NULL)
        return asl_datum_of(given);
    if (name->builtin == NULL)
        return asl_datum_undefined();
    return (asl_datum){.kind = ASL_DATUM_FUNCTION, .flags = ASL_DATUM_BUILTIN, .builtin = name};
}

static asl_datum look_up_global(asl_eval *eval, const asl_name *name)
{
    if (name->index == UINT32_MAX)
        return asl_datum_undefined();
    if (name->index >= eval->variable_count)
        return ask(eval, name);
    asl_datum *known = &eval->variables[name->index];
    if ((known->flags & ASL_DATUM_KNOWN) == 0) {
        *known = ask(eval, name);
        known->flags |= ASL_DATUM_KNOWN;
    }
    asl_datum value = *known;
    value.flags &= (uint8_t)~ASL_DATUM_KNOWN;
    return value;
}

asl_datum asl_scope_look_up(asl_eval *eval, asl_scope *scope, const asl_name *name)
{
    for (; scope != NULL; scope = scope->outer) {
        for (const asl_binding *binding = scope->bindings; binding != NULL;
             binding = binding->next) {
            if (binding->name == name)
                return binding->value;
        }
    }
    return look_up_global(eval, name);
}

asl_scope *asl_scope_of_tuple(asl_eval *eval, asl_scope *outer, asl_datum tuple)
{
    asl_scope *scope = asl_eval_scope(eval, outer);
    if (scope != NULL && asl_datum_is(tuple, ASL_DATUM_TUPLE))
        scope->bindings = tuple.tuple->bindings;
    return scope;
}

int asl_eval_copy_string(asl_eval *eval, const char *bytes, size_t size, asl_datum *ret)
{
    if (size > UINT32_MAX)
        return asl_eval_no_memory(eval);
    char *copy = asl_eval_allocate(eval, size);
    if (copy == NULL)
        return eval->problem.status;
    if (size > 0)
        memcpy(copy, bytes, size);
    *ret = asl_datum_string(copy, size);
    return ASL_OK;
}

int asl_eval_string_of(asl_eval *eval, asl_buffer *buffer, asl_datum *ret)
{
    if (buffer->status == ASL_TOO_LARGE) {
        eval->scratch.is_full = true;
        return asl_eval_no_memory(eval);
    }
    if (buffer->status != ASL_OK)
        return asl_eval_fail(eval, buffer->status);
    return asl_eval_copy_string(eval, buffer->bytes, buffer->size, ret);
}

static size_t room_left(const asl_eval *eval)
{
    size_t used = asl_scratch_position(&eval->scratch);
    return used < eval->scratch.limit ? eval->scratch.limit - used : 1;
}

void asl_eval_buffer(asl_eval *eval, asl_buffer *buffer)
{
    asl_buffer_init(buffer, eval->heap);
    buffer->limit = room_left(eval);
}

int asl_eval_charge(asl_eval *eval, size_t bytes)
{
    eval->made += bytes;
    if (eval->made <= eval->scratch.limit)
        return asl_eval_spend(eval, 1);
    eval->scratch.is_full = true;
    return asl_eval_no_memory(eval);
}

int asl_eval_measure(asl_eval *eval, size_t bytes)
{
    if ((eval->flags & ASL_JSONATA_STATES) == 0 || bytes <= ASL_STATES_VALUE_BYTES_MAX)
        return ASL_OK;
    eval->scratch.is_full = true;
    return asl_eval_no_memory(eval);
}

int asl_eval_fault(asl_eval *eval, int status, const asl_jsonata_fault *fault, asl_datum value)
{
    if (status != ASL_EVALUATION)
        return status == ASL_OK ? status : asl_eval_fail(eval, status);
    asl_problem_about(&eval->problem, fault->code != NULL ? fault->code : "", value);
    if (fault->message != NULL)
        eval->problem.text = asl_datum_string(fault->message, strlen(fault->message));
    return status;
}

int asl_eval_keep(asl_eval *eval, asl_value *value)
{
    asl_kept_value *kept = asl_allocate(eval->heap, sizeof *kept);
    if (kept == NULL) {
        asl_value_unref(value);
        return asl_eval_fail(eval, ASL_NOMEM);
    }
    *kept = (asl_kept_value){.value = value, .next = eval->kept};
    eval->kept = kept;
    return ASL_OK;
}

int asl_eval_refuse_argument(asl_eval *eval, asl_datum argument)
{
    asl_problem_about(&eval->problem, "T0410", argument);
    eval->problem.index = 1;
    return ASL_EVALUATION;
}

asl_datum asl_eval_find_member(asl_eval *eval, asl_datum object, const asl_name *name)
{
    if (!asl_datum_is_input(object) || name->index >= eval->variable_count)
        return asl_datum_get(object, name->bytes, name->size);
    const asl_object *members = asl_as_object(object.value);
    size_t found = asl_object_find(members, name->bytes, name->size);
    if (found == SIZE_MAX)
        return asl_datum_undefined();
    eval->places[name->index] = (uint32_t)found;
    return asl_datum_of(members->members[found].value);
}
