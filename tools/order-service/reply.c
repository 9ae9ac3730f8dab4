/* Answers. A page of ours may load nothing from elsewhere, and nobody may frame it; nothing is kept
 * by caches, since orders are private. What is no document needs no policy for one.
 */
#include "reply.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_MAX 16u /* of a query */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {202, "Accepted"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Error";
}

void reply_headers(struct evhttp_request *request, const char *type)
{
    static const char *const fixed[][2] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
         "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "no-referrer"},
    };
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    size_t count = strcmp(type, REPLY_JSON) == 0 ? 2 : sizeof fixed / sizeof fixed[0];
    evhttp_add_header(headers, "Content-Type", type);
    for (size_t i = 0; i < count; i++)
        evhttp_add_header(headers, fixed[i][0], fixed[i][1]);
}

void reply_text(struct evhttp_request *request, int status, const char *type, const void *text,
                size_t size)
{
    reply_headers(request, type);
    evbuffer_add(evhttp_request_get_output_buffer(request), text, size);
    evhttp_send_reply(request, status, reason_of(status), NULL);
}

void reply_value(struct evhttp_request *request, int status, asl_value *value)
{
    char *text = NULL;
    size_t size = 0;
    if (value != NULL && asl_value_print(value, 0, &text, &size) == ASL_OK)
        reply_text(request, status, REPLY_JSON, text, size);
    else
        reply_status(request, ASL_NOMEM);
    asl_text_free(text);
    asl_value_unref(value);
}

static void problem(struct evhttp_request *request, int status, const char *code,
                    const char *message)
{
    asl_value *inside = asl_value_object(NULL);
    asl_value *outside = asl_value_object(NULL);
    int result = asl_value_set(&inside, "code", asl_value_string(NULL, code));
    if (result == ASL_OK)
        result = asl_value_set(&inside, "message", asl_value_string(NULL, message));
    if (result == ASL_OK)
        result = asl_value_set(&outside, "error", asl_value_ref(inside));
    asl_value_unref(inside);
    char *text = NULL;
    if (result == ASL_OK)
        result = asl_value_print(outside, 0, &text, NULL);
    static const char no_memory[] = "{\"error\":{\"code\":\"OutOfMemory\"}}";
    const char *said = result == ASL_OK ? text : no_memory;
    reply_text(request, status, REPLY_JSON, said, strlen(said));
    asl_text_free(text);
    asl_value_unref(outside);
}

void reply_problem(struct evhttp_request *request, int status, const char *code, const char *format,
                   ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    problem(request, status, code, message);
}

void reply_later(struct evhttp_request *request, int status, const char *code, const char *message)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After", "1");
    problem(request, status, code, message);
}

void reply_status(struct evhttp_request *request, int status)
{
    if (status == ASL_NOMEM || status == ASL_STORE_FULL || status == ASL_TOO_LARGE)
        reply_later(request, 503, "ServiceUnavailable",
                    status == ASL_NOMEM ? "out of memory" : "the store is full");
    else if (status == ASL_STORE_LOST)
        reply_later(request, 503, "ServiceUnavailable", "the disk has failed");
    else
        reply_problem(request, 500, "InternalError", "%s", asl_status_name(status));
}

/* True also where there is none. Where it is true and `pairs` has something, it is to be cleared.
 */
static bool parse_query(struct evhttp_request *request, struct evkeyvalq *pairs)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *query = uri != NULL ? evhttp_uri_get_query(uri) : NULL;
    pairs->tqh_first = NULL;
    return query == NULL || query[0] == '\0' || evhttp_parse_query_str(query, pairs) == 0;
}

bool reply_has_right_query(struct evhttp_request *request)
{
    struct evkeyvalq pairs;
    if (!parse_query(request, &pairs))
        return false;
    bool is_right = true;
    size_t count = 0;
    for (struct evkeyval *each = pairs.tqh_first; each != NULL && is_right;
         each = each->next.tqe_next) {
        is_right = ++count <= PAIRS_MAX;
        for (struct evkeyval *other = each->next.tqe_next; other != NULL && is_right;
             other = other->next.tqe_next)
            is_right = is_right && strcmp(each->key, other->key) != 0;
    }
    if (pairs.tqh_first != NULL)
        evhttp_clear_headers(&pairs);
    return is_right;
}

char *reply_query(struct evhttp_request *request, const char *name)
{
    struct evkeyvalq pairs;
    char *found = NULL;
    if (!parse_query(request, &pairs) || pairs.tqh_first == NULL)
        return NULL;
    for (struct evkeyval *each = pairs.tqh_first; each != NULL && found == NULL;
         each = each->next.tqe_next) {
        if (strcmp(each->key, name) == 0 && each->value[0] != '\0')
            found = strdup(each->value);
    }
    evhttp_clear_headers(&pairs);
    return found;
}
