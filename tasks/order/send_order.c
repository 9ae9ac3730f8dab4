/* SendOrderToRestaurant: the restaurant takes the order, or rejects it.
 *
 * Input {"restaurantId", "quantity"}; output {"restaurantStatus": "ACCEPTED"}. Fails with
 * RestaurantRejected where the restaurant is closed or cannot make so many.
 */
#include <inttypes.h>
#include <stdio.h>

#include "order.h"

void order_send(void *context, asl_task *task)
{
    const order_settings *settings = context;
    const asl_value *input = asl_task_input(task);
    size_t size = 0;
    const char *name = order_text(order_get(input, "restaurantId"), &size);
    if (name == NULL) {
        asl_task_fail(task, ORDER_INVALID, "the order has no restaurantId", NULL);
        return;
    }
    const asl_value *restaurant = settings->restaurants != NULL
                                      ? asl_value_get_sized(settings->restaurants, name, size)
                                      : NULL;
    const asl_value *open = order_get(restaurant, "open");
    int64_t limit = settings->quantity_limit;
    order_integer(order_get(restaurant, "quantityLimit"), &limit);
    int64_t quantity = 0;
    char text[96];
    if (open != NULL && asl_value_kind(open) == ASL_KIND_FALSE) {
        asl_task_fail(task, ORDER_RESTAURANT_REJECTED, "the restaurant is closed", NULL);
    } else if (!order_integer(order_get(input, "quantity"), &quantity) || quantity < 1) {
        asl_task_fail(task, ORDER_RESTAURANT_REJECTED,
                      "the quantity must be a whole number of at least 1", NULL);
    } else if (quantity > limit) {
        snprintf(text, sizeof text, "the restaurant makes at most %" PRId64 " for one order",
                 limit);
        asl_task_fail(task, ORDER_RESTAURANT_REJECTED, text, NULL);
    } else {
        asl_value *output = asl_value_object(NULL);
        if (asl_value_set(&output, "restaurantStatus", asl_value_string(NULL, "ACCEPTED")) !=
            ASL_OK) {
            asl_value_unref(output);
            output = NULL;
        }
        order_finish(task, output, NULL);
    }
}
