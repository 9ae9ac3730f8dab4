/* Looking into data: members, equality, order of strings. */
#include "jsonata/datum.h"

#include <string.h>

asl_datum asl_datum_get(asl_datum object, const char *key, size_t key_size)
{
    if (asl_datum_is_input(object)) {
        const asl_object *members = asl_as_object(object.value);
        size_t index = asl_object_find(members, key, key_size);
        return index != SIZE_MAX ? asl_datum_of(members->members[index].value)
                                 : asl_datum_undefined();
    }
    size_t index = asl_dict_find(object.dict, key, key_size);
    return index != SIZE_MAX ? object.dict->members[index].item : asl_datum_undefined();
}

bool asl_datum_has_lone_surrogate(asl_datum string)
{
    const char *next = string.bytes, *end = string.bytes + string.size;
    while (end - next > 2 && (next = memchr(next, 0xED, (size_t)(end - next) - 2)) != NULL) {
        if ((unsigned char)next[1] >= 0xA0)
            return true;
        next++;
    }
    return false;
}

bool asl_datum_same_string(asl_datum left, asl_datum right)
{
    return left.size == right.size &&
           (left.bytes == right.bytes || asl_same_bytes(left.bytes, right.bytes, left.size));
}

/* UTF-8 orders as code points do; UTF-16 puts what is beyond U+FFFF before U+E000. A lead byte from
 * F0 on goes between ED (surrogates) and EE. */
static unsigned code_unit_rank(unsigned char lead)
{
    if (lead >= 0xF0)
        return 0xEEu;
    return lead >= 0xEE ? lead + 1u : lead;
}

int asl_datum_compare_strings(asl_datum left, asl_datum right)
{
    size_t shared = left.size < right.size ? left.size : right.size, i = 0;
    while (i < shared && left.bytes[i] == right.bytes[i])
        i++;
    if (i == shared)
        return left.size == right.size ? 0 : left.size < right.size ? -1 : 1;
    unsigned char l = (unsigned char)left.bytes[i], r = (unsigned char)right.bytes[i];
    bool are_leads = l >= 0xC0 && r >= 0xC0;
    unsigned rank_l = are_leads ? code_unit_rank(l) : l, rank_r = are_leads ? code_unit_rank(r) : r;
    if (rank_l != rank_r)
        return rank_l < rank_r ? -1 : 1;
    return l < r ? -1 : 1;
}
