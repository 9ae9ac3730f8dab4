/* The order in which a java.util.HashMap iterates: the service's templates and States.JsonMerge
 * print their keys so. */
#ifndef ASL_INTRINSICS_JAVA_ORDER_H
#define ASL_INTRINSICS_JAVA_ORDER_H

#include "value/value.h"

/* String.hashCode of UTF-8 text, spread as HashMap does. */
uint32_t asl_java_hash(const char *text, size_t size);
/* Sorts positions of an object's members, given in order of insertion, as a map of just these keys
 * iterates; keys count without their last `suffix_size` bytes. `order` has room for twice the
 * positions: the second half is scratch. */
void asl_java_order(const asl_value *object, size_t suffix_size, uint32_t *order, uint32_t count);

#endif
