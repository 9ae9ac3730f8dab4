/* Which keys of a template are dynamic, and where they go in what it makes. */
#include "expression/key_order.h"

#include <string.h>

bool asl_key_is_dynamic(const asl_value *key, size_t *ret_size)
{
    size_t size = 0;
    const char *text = asl_value_get_string(key, &size);
    if (text == NULL || size < 2 || memcmp(text + size - 2, ".$", 2) != 0)
        return false;
    *ret_size = size - 2;
    return true;
}

uint32_t asl_key_order(const asl_value *object, uint32_t *order)
{
    uint32_t count = (uint32_t)asl_value_count(object), plain = 0, dynamic = 0;
    size_t size;
    for (uint32_t i = 0; i < count; i++)
        if (!asl_key_is_dynamic(asl_value_key(object, i), &size))
            order[plain++] = i;
    for (uint32_t i = 0; i < count; i++)
        if (asl_key_is_dynamic(asl_value_key(object, i), &size))
            order[plain + dynamic++] = i;
    asl_java_order(object, 2, order + plain, dynamic);
    return plain;
}
