/* ManageState: writes the order's row in its new status.
 *
 * Input {"orderStatus": "PENDING" | "SUCCESS" | "FAILURE", "order": {...}, "failure": {"Error",
 * "Cause"}}; output: the row, and its id as "orderId". An order that is not right is refused with
 * OrderInvalid, except to be written as a FAILURE, with what of it is right.
 */
#include <string.h>

#include "order.h"

static bool is_status(const char *text)
{
    return text != NULL && (strcmp(text, ORDER_PENDING) == 0 || strcmp(text, ORDER_SUCCESS) == 0 ||
                            strcmp(text, ORDER_FAILURE) == 0);
}

/* The row with its key in front. */
static asl_value *with_id(const asl_value *row, const char *id)
{
    asl_value *result = asl_value_object(NULL);
    int status = asl_value_set(&result, "orderId", asl_value_string(NULL, id));
    for (size_t i = 0; i < asl_value_count(row) && status == ASL_OK; i++) {
        size_t size = 0;
        const char *key = order_text(asl_value_key(row, i), &size);
        status = asl_value_set_sized(&result, key, size, asl_value_ref(asl_value_at(row, i)));
    }
    if (status == ASL_OK)
        return result;
    asl_value_unref(result);
    return NULL;
}

static void write_row(asl_task *task, const asl_value *row)
{
    const char *id = asl_task_execution(task);
    asl_writes *writes = row != NULL ? asl_writes_new(NULL) : NULL;
    asl_value *output = row != NULL ? with_id(row, id) : NULL;
    if (writes != NULL)
        order_put(writes, id, row); /* errors stick */
    if (writes == NULL) {
        asl_value_unref(output);
        output = NULL; /* never a result without its row */
    }
    order_finish(task, output, writes);
}

void order_manage_state(void *context, asl_task *task)
{
    (void)context;
    const asl_value *input = asl_task_input(task);
    const asl_value *order = order_get(input, "order");
    const char *status = order_text(order_get(input, "orderStatus"), NULL);
    if (!is_status(status)) {
        asl_task_fail(task, ORDER_INVALID,
                      "ManageState needs orderStatus PENDING, SUCCESS or FAILURE", NULL);
        return;
    }
    bool is_failure = strcmp(status, ORDER_FAILURE) == 0;
    const char *problem = is_failure ? NULL : order_problem(order);
    if (problem != NULL) {
        asl_task_fail(task, ORDER_INVALID, problem, NULL);
        return;
    }
    asl_value *message =
        is_failure ? order_failure_message(order_get(input, "failure"), order) : NULL;
    asl_value *row = is_failure && message == NULL
                         ? NULL
                         : order_row_new(order, asl_task_execution_start_ms(task), status, message);
    write_row(task, row);
    asl_value_unref(row);
    asl_value_unref(message);
}
