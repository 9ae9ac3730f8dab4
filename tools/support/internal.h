/* What the files of tools/support share with each other and not with the tools. */
#ifndef ASL_TOOLS_INTERNAL_H
#define ASL_TOOLS_INTERNAL_H

#include "support.h"

const char *tool_program_name(void);

/* Notes are dropped. */
extern bool tool_quiet;
/* "auto" (or NULL), "always", "never"; false where it is none of them. */
bool tool_color_choose(const char *text);

/* Reads one code point; returns its bytes, or 0 where the bytes are not UTF-8. */
size_t tool_code_point(const char *text, size_t size, uint32_t *ret_code_point);

#endif
