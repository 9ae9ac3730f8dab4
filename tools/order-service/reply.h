/* Answers: their headers, and problems in one shape, {"error": {"code", "message"}}.
 */
#ifndef ORDER_SERVICE_REPLY_H
#define ORDER_SERVICE_REPLY_H

#include <asl/value.h>
#include <event2/http.h>

#define REPLY_JSON "application/json"
#define REPLY_HTML "text/html; charset=utf-8"

/* Headers that every answer has. */
void reply_headers(struct evhttp_request *request, const char *type);
void reply_text(struct evhttp_request *request, int status, const char *type, const void *text,
                size_t size);
/* Steals `value`; NULL: out of memory. */
void reply_value(struct evhttp_request *request, int status, asl_value *value);
void reply_problem(struct evhttp_request *request, int status, const char *code, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
/* For something that may work later: Retry-After. */
void reply_later(struct evhttp_request *request, int status, const char *code, const char *message);
/* For a call of the library that failed. */
void reply_status(struct evhttp_request *request, int status);

/* Whether the query is NAME=VALUE&..., and nothing is given twice. */
bool reply_has_right_query(struct evhttp_request *request);
/* A parameter of such a query, decoded; new, from malloc; NULL where it is missing or empty. */
char *reply_query(struct evhttp_request *request, const char *name);

#endif
