/* JSON text: what stands before and behind the tokenizer. */
#ifndef ASL_VALUE_JSON_TEXT_H
#define ASL_VALUE_JSON_TEXT_H

#include <stdbool.h>

#include "base/buffer.h"

/* What the tokenizer lets pass and JSON does not: bytes that are not UTF-8, control characters,
 * \u escapes that are half a surrogate pair. True where there is none of it; else the offset of the
 * first and a message. */
bool asl_json_prescan(const char *text, size_t size, size_t *ret_offset, const char **ret_message);

/* Finds why a text that passed the prescan is no JSON: the offset of the first byte that is wrong,
 * and a message. False where nothing is wrong with its syntax. */
bool asl_json_explain(const char *text, size_t size, size_t *ret_offset, asl_buffer *message);

#endif
