/* Numbers in English words. */
#ifndef ASL_JSONATA_NUMBER_WORDS_H
#define ASL_JSONATA_NUMBER_WORDS_H

#include "jsonata/integer_picture.h"

/* Appends "Two Thousand and Eighteenth": a number that is not negative. False where the words have
 * no end: NaN, infinite. */
bool asl_number_words_write(double number, bool is_ordinal, asl_letter_case letter_case,
                            asl_buffer *units);
/* The number of words as they are written; NaN where one is none. */
double asl_number_words_read(asl_utf16 text);

/* The words that are read, in jsonata-js's order: the `index`th; NULL behind the last. */
const char *asl_number_word(size_t index);

#endif
