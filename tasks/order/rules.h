/* What an order is, for whoever takes orders in and whoever works on them: what it must look like,
 * the row it becomes, and the index of the rows.
 *
 * Rows stand in the table "order" under the order's id, which is the name of its execution. The
 * index has a row without content for each order and each of its status and restaurant, in the
 * table "order.index", so that the orders of one status are neighbours, in the order of their ids.
 */
#ifndef ASL_ORDER_RULES_H
#define ASL_ORDER_RULES_H

#include <asl/asl.h>

#define ORDER_TABLE "order"
#define ORDER_INDEX_TABLE "order.index"

/* Statuses of an order. QUEUED and CANCELLED are given by who takes orders in, the others by the
 * workflow. */
#define ORDER_QUEUED "QUEUED"
#define ORDER_PENDING "PENDING"
#define ORDER_SUCCESS "SUCCESS"
#define ORDER_FAILURE "FAILURE"
#define ORDER_CANCELLED "CANCELLED"
bool order_is_status(const char *text);

/* Reading members of an input that may have none: NULL goes in and comes out. */
static inline const asl_value *order_get(const asl_value *object, const char *name)
{
    return object != NULL ? asl_value_get(object, name) : NULL;
}
static inline const char *order_text(const asl_value *value, size_t *ret_size)
{
    return value != NULL ? asl_value_get_string(value, ret_size) : NULL;
}
static inline bool order_number(const asl_value *value, double *ret_number)
{
    return value != NULL && asl_value_get_double(value, ret_number);
}
static inline bool order_integer(const asl_value *value, int64_t *ret_integer)
{
    return value != NULL && asl_value_get_integer(value, ret_integer);
}

/* What is wrong with an order as it came in: a text for people that repeats nothing of it, or NULL.
 */
const char *order_problem(const asl_value *order);
/* What is wrong where a card number stands anywhere in a value, a member is named like one, or the
 * value is nested too deeply to be looked through; NULL where nothing is. */
const char *order_card_problem(const asl_value *value);

/* The row: of `order` what is well formed, and nothing else. `error_message` may be NULL. A new
 * object, or NULL when out of memory. */
asl_value *order_row_new(const asl_value *order, int64_t created_ms, const char *status,
                         const asl_value *error_message);
/* Gathers the row and its places in the index; those of its other statuses go. Errors stick in
 * `writes`. */
void order_put(asl_writes *writes, const char *id, const asl_value *row);

/* The beginning of the keys of one status, or of one restaurant: the order's id follows.
 * Restaurants share a beginning now and then: look at the row. Returns its size. */
size_t order_index_status(char key[ASL_TABLE_KEY_MAX], const char *status);
size_t order_index_restaurant(char key[ASL_TABLE_KEY_MAX], const char *name, size_t size);

#endif
