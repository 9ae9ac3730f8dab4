/* The version of the library that is running, which may be newer than the headers of its host. */
#include <asl/engine.h>

const char *asl_version(void)
{
    return ASL_VERSION_TEXT;
}
