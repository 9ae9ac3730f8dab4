/* The payment provider for development: decides by the token, as the test modes of real providers
 * do, and by a limit of the amount. It charges nobody and remembers nothing, so the same request
 * gets the same answer; only the tokens that recover look at how often it was tried.
 */
#include <stdio.h>
#include <string.h>

#include "order.h"

typedef struct verdict {
    const char *token;
    order_answer answer;
    unsigned from_attempt; /* charged from this try on; 0: never, where the answer is another */
    const char *message;
} verdict;

static const verdict verdicts[] = {
    {"tok_ok", ORDER_ANSWER_CHARGED, 0, NULL},
    {"tok_declined", ORDER_ANSWER_DECLINED, 0, "the card was declined"},
    {"tok_expired", ORDER_ANSWER_DECLINED, 0, "the card has expired"},
    {"tok_insufficient_funds", ORDER_ANSWER_DECLINED, 0, "the card has insufficient funds"},
    {"tok_unavailable", ORDER_ANSWER_UNAVAILABLE, 0, "the payment provider does not answer"},
    {"tok_unavailable_once", ORDER_ANSWER_UNAVAILABLE, 1, "the payment provider does not answer"},
    {"tok_unavailable_twice", ORDER_ANSWER_UNAVAILABLE, 2, "the payment provider does not answer"},
};

static void charge(const order_settings *settings, const order_charge *charge, asl_task *task)
{
    const verdict *found = NULL;
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (strcmp(verdicts[i].token, charge->token) == 0)
            found = &verdicts[i];
    }
    order_answer answer = found != NULL ? found->answer : ORDER_ANSWER_DECLINED;
    const char *message = found != NULL ? found->message : "the payment's token is not known";
    if (found != NULL && found->from_attempt > 0 && charge->attempt >= found->from_attempt)
        answer = ORDER_ANSWER_CHARGED;
    char text[96];
    if (answer == ORDER_ANSWER_CHARGED && charge->amount > settings->amount_limit) {
        answer = ORDER_ANSWER_DECLINED;
        snprintf(text, sizeof text, "the amount is above the limit of %.15g",
                 settings->amount_limit);
        message = text;
    }
    order_payment_answer(task, answer, message);
}

const order_provider order_provider_development = {charge};
