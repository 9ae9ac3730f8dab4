/* Who is mailed: addresses that their owners have confirmed.
 */
#ifndef ORDER_SERVICE_SUBSCRIPTIONS_H
#define ORDER_SERVICE_SUBSCRIPTIONS_H

#include "service.h"

#define SUBSCRIPTIONS_MAX 1000u /* that are confirmed */

/* Reads them. NULL: no memory, or the store cannot be read. */
order_subscriptions *subscriptions_new(order_service *service);
void subscriptions_free(order_subscriptions *self);

/* The confirmed addresses. */
size_t subscriptions_count(const order_subscriptions *self);
const char *subscriptions_at(const order_subscriptions *self, size_t index);
bool subscriptions_has(const order_subscriptions *self, const char *address);

/* A signed link to confirm or to end a subscription: new, from malloc; NULL when out of memory. */
typedef enum subscriptions_verb { SUBSCRIPTIONS_CONFIRM, SUBSCRIPTIONS_END } subscriptions_verb;
char *subscriptions_link(const order_service *service, subscriptions_verb verb,
                         const char *address);

/* POST /subscriptions; GET of a link, which shows a button and changes nothing, since scanners of
 * mails follow links; POST of one. */
void subscriptions_post(order_service *service, struct evhttp_request *request, const char *id);
void subscriptions_ask(order_service *service, struct evhttp_request *request, const char *id);
void subscriptions_confirm(order_service *service, struct evhttp_request *request, const char *id);
void subscriptions_end(order_service *service, struct evhttp_request *request, const char *id);

#endif
