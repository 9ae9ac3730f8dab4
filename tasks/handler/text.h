/* Texts from outside (a response's body, a program's messages) made fit for a cause: UTF-8 without
 * control characters. */
#ifndef ASL_HANDLER_TEXT_H
#define ASL_HANDLER_TEXT_H

#include <stddef.h>

/* A copy in which every byte that is no UTF-8, and every control character but line feed and tab,
 * is U+FFFD; carriage returns before line feeds go. New, from malloc; NULL when out of memory. */
char *asl_text_clean(const char *bytes, size_t size);

#endif
