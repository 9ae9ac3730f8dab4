/* Names: 1 to 80 characters, without white space, brackets, wildcards, the characters that ARNs and
 * paths are made of, control characters and what is no character at all. */
#include "runtime/names.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

static bool is_white_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_forbidden(uint32_t c)
{
    if (c < 0x80)
        return c < 0x20 || c == 0x7F || strchr(" <>{}[]?*\"#%\\^|~`$&,;:/", (int)c) != NULL;
    return c <= 0x9F || is_white_space(c) || c == 0xFFFE || c == 0xFFFF || c == 0x10FFFF;
}

const char *asl_name_problem(const char *name)
{
    size_t size = strlen(name);
    if (size == 0)
        return "is empty";
    if (asl_utf8_valid(name, size) != size)
        return "is not UTF-8";
    if (asl_utf8_count(name, size) > ASL_NAME_CHARACTERS_MAX)
        return "is longer than 80 characters";
    const char *end = name + size;
    for (const char *next = name; next < end;)
        if (is_forbidden(asl_utf8_decode(&next, end)))
            return "holds a character that names must not have (white space, control characters, "
                   "or one of <>{}[]?*\"#%\\^|~`$&,;:/)";
    return NULL;
}
