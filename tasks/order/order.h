/* The order application's handlers, and what they share.
 *
 * ManageState writes an order's row, ProcessPayment asks a payment provider, SendOrderToRestaurant
 * asks the restaurant, and the notification is a row of the outbox. A handler never writes: it
 * hands its row over with its result, so the order's status, the outbox and the history change
 * together. All of them may run again after a crash and then do the same: rows are keyed by the
 * order's id, and the provider is given one key for the one payment of an order.
 *
 * The order's id is the execution's name.
 */
#ifndef ASL_ORDER_H
#define ASL_ORDER_H

#include "order/rules.h"

/* Errors that a definition retries or catches. */
#define ORDER_INVALID "OrderInvalid"
#define ORDER_UNAVAILABLE "OrderServiceUnavailable" /* ours, for now: trying again may help */
#define ORDER_PAYMENT_DECLINED "PaymentDeclined"
#define ORDER_PROVIDER_UNAVAILABLE "PaymentProviderUnavailable"
#define ORDER_RESTAURANT_REJECTED "RestaurantRejected"

/* What the bindings and restaurants.json say. */
typedef struct order_settings {
    double amount_limit;    /* of the development provider */
    int64_t quantity_limit; /* of a restaurant that has none of its own */
    asl_value *restaurants; /* name -> {"open", "quantityLimit"}; others are open */
} order_settings;

/* Reads both; an error names file and member. */
int order_settings_read(const asl_value *configuration, order_settings **ret_settings,
                        asl_error **error);
void order_settings_free(void *context);

/* The handlers; `context` is an order_settings. */
void order_manage_state(void *context, asl_task *task);
void order_process_payment(void *context, asl_task *task);
void order_send(void *context, asl_task *task);
void order_publish(void *context, asl_task *task);

/* The message of a failure {"Error", "Cause"} for the row and for people: one line, cut to a
 * sensible length, the payment's token blotted out. A new string, or NULL when out of memory. */
asl_value *order_failure_message(const asl_value *failure, const asl_value *order);

/* Finishes a task; where that is not possible (memory), fails it as something to try again. Steals
 * both. */
void order_finish(asl_task *task, asl_value *output, asl_writes *writes);

/* A payment provider. `charge` answers with order_payment_answer, at once or later, from any
 * thread; it takes a reference to the task where later. The same key never charges twice. */
typedef struct order_charge {
    const char *key;   /* one for each order */
    const char *token; /* from the payment form; not to be repeated in messages */
    double amount;
    unsigned attempt; /* 0 for the first */
} order_charge;
typedef struct order_provider {
    void (*charge)(const order_settings *settings, const order_charge *charge, asl_task *task);
} order_provider;
typedef enum order_answer {
    ORDER_ANSWER_CHARGED,
    ORDER_ANSWER_DECLINED,
    ORDER_ANSWER_UNAVAILABLE
} order_answer;
void order_payment_answer(asl_task *task, order_answer answer, const char *message);

/* Decides by the token alone; charges nobody. */
extern const order_provider order_provider_development;

#endif
