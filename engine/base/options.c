/* Options of an older caller are filled with zeros, those of a newer one must be zero past our end.
 */
#include "base/options.h"

#include <string.h>

bool asl_options_read(void *to, size_t size, const void *from)
{
    memset(to, 0, size);
    if (!from)
        return true;
    size_t given;
    memcpy(&given, from, sizeof given);
    if (given < sizeof given)
        return false;
    const char *bytes = from;
    for (size_t i = size; i < given; i++)
        if (bytes[i] != 0)
            return false;
    memcpy(to, from, given < size ? given : size);
    return true;
}
