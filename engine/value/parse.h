/* The parser's inside, for parse.c and document.c. */
#ifndef ASL_VALUE_PARSE_H
#define ASL_VALUE_PARSE_H

#include "value/value_layout.h"

/* Parses; with a `document` (initialized by the caller) every node is a value of its own, and its
 * range is recorded. */
int asl_parse_text(const asl_heap *heap, const char *text, size_t size, unsigned depth_max,
                   asl_document *document, asl_value **ret_value, asl_error **error);

#endif
