/* ProcessPayment: asks the payment provider to charge the order's payment.
 *
 * Input {"payment": {"token", "amount"}}; output {"paymentStatus": "CHARGED", "amount"}. Fails with
 * PaymentDeclined, which no retry helps, or PaymentProviderUnavailable, which one may. An order has
 * one payment, so the order's id is the key that keeps a repeated request from charging twice.
 */
#include "order.h"

void order_payment_answer(asl_task *task, order_answer answer, const char *message)
{
    if (answer != ORDER_ANSWER_CHARGED) {
        asl_task_fail(task,
                      answer == ORDER_ANSWER_DECLINED ? ORDER_PAYMENT_DECLINED
                                                      : ORDER_PROVIDER_UNAVAILABLE,
                      message, NULL);
        return;
    }
    const asl_value *payment = order_get(asl_task_input(task), "payment");
    asl_value *output = asl_value_object(NULL);
    int status = asl_value_set(&output, "paymentStatus", asl_value_string(NULL, "CHARGED"));
    if (status == ASL_OK)
        status = asl_value_set(&output, "amount", asl_value_ref(order_get(payment, "amount")));
    if (status != ASL_OK) {
        asl_value_unref(output);
        output = NULL;
    }
    order_finish(task, output, NULL);
}

void order_process_payment(void *context, asl_task *task)
{
    const asl_value *payment = order_get(asl_task_input(task), "payment");
    order_charge charge = {.key = asl_task_execution(task), .attempt = asl_task_attempt(task)};
    charge.token = order_text(order_get(payment, "token"), NULL);
    if (charge.token == NULL || !order_number(order_get(payment, "amount"), &charge.amount)) {
        asl_task_fail(task, ORDER_INVALID, "the payment must be {\"token\", \"amount\"}", NULL);
        return;
    }
    order_provider_development.charge(context, &charge, task);
}
