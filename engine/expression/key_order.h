/* The order in which the service prints what a payload template made: plain keys as they are
 * written, then the ".$" keys as a java.util.HashMap of the stripped names iterates. */
#ifndef ASL_EXPRESSION_KEY_ORDER_H
#define ASL_EXPRESSION_KEY_ORDER_H

#include "intrinsics/java_order.h"

/* True for a key that ends in ".$"; *ret_size is its size without that. */
bool asl_key_is_dynamic(const asl_value *key, size_t *ret_size);
/* Fills order[0..count) with the positions of an object's members in that order; returns how many
 * of them are plain. `order` has room for twice the members: the second half is scratch. */
uint32_t asl_key_order(const asl_value *object, uint32_t *order);

#endif
