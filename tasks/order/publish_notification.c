/* The notification: a row of the table `outbox`, to be sent by whoever reads that table.
 *
 * Serves arn:aws:states:::sns:publish. Input {"TopicArn", "Subject", "Message": {"orderStatus",
 * ...}}; output {"MessageId"} as the service gives it. The row's key is the order's id and status,
 * so publishing again changes nothing. Of the message only the members below are taken.
 */
#include <stdio.h>
#include <string.h>

#include "order.h"

#define KEY_SIZE 160u /* an execution's name is at most 80 characters */

/* Copies what is there of the named members. */
static int copy_members(asl_value **object, const asl_value *source, const char *const *names)
{
    int status = ASL_OK;
    for (size_t i = 0; names[i] != NULL && status == ASL_OK; i++) {
        const asl_value *value = order_get(source, names[i]);
        if (value != NULL)
            status = asl_value_set(object, names[i], asl_value_ref(value));
    }
    return status;
}

static asl_value *make_row(const asl_task *task, const char *status)
{
    static const char *const outside[] = {"TopicArn", "Subject", NULL};
    static const char *const inside[] = {"orderId",  "orderStatus",  "name", "restaurantId",
                                         "quantity", "errorMessage", NULL};
    const asl_value *input = asl_task_input(task);
    asl_value *message = asl_value_object(NULL);
    asl_value *row = asl_value_object(NULL);
    int result = copy_members(&message, order_get(input, "Message"), inside);
    if (result == ASL_OK)
        result = asl_value_set(&row, "orderId", asl_value_string(NULL, asl_task_execution(task)));
    if (result == ASL_OK)
        result = asl_value_set(&row, "orderStatus", asl_value_string(NULL, status));
    if (result == ASL_OK)
        result = copy_members(&row, input, outside);
    if (result == ASL_OK)
        result = asl_value_set(&row, "message", asl_value_ref(message));
    asl_value_unref(message);
    if (result == ASL_OK)
        return row;
    asl_value_unref(row);
    return NULL;
}

static bool is_final(const char *status)
{
    return status != NULL && (strcmp(status, "SUCCESS") == 0 || strcmp(status, "FAILURE") == 0);
}

void order_publish(void *context, asl_task *task)
{
    (void)context;
    const asl_value *message = order_get(asl_task_input(task), "Message");
    const char *status = order_text(order_get(message, "orderStatus"), NULL);
    if (!is_final(status)) {
        asl_task_fail(task, ORDER_INVALID,
                      "the notification's Message needs orderStatus SUCCESS or FAILURE", NULL);
        return;
    }
    char key[KEY_SIZE];
    size_t size = (size_t)snprintf(key, sizeof key, "%s/%s", asl_task_execution(task), status);
    asl_value *row = make_row(task, status);
    asl_writes *writes = row != NULL ? asl_writes_new(NULL) : NULL;
    if (writes != NULL)
        asl_writes_put_value(writes, "outbox", key, size < sizeof key ? size : sizeof key - 1, row);
    asl_value *output = writes != NULL ? asl_value_object(NULL) : NULL;
    if (output != NULL &&
        asl_value_set(&output, "MessageId", asl_value_string(NULL, key)) != ASL_OK) {
        asl_value_unref(output);
        output = NULL;
    }
    asl_value_unref(row);
    order_finish(task, output, writes);
}
