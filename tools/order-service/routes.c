/* Who serves what: the table of paths and methods, and who may ask.
 *
 * Whoever needs a key sends it as X-Api-Key, or as the password of Basic authentication, for which
 * browsers ask. A page of another site may send requests in a visitor's name: those that change
 * something must carry our own origin, or none, and orders come as JSON, which no form sends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "digest.h"
#include "reply.h"
#include "service.h"
#include "subscriptions.h"

typedef void route_function(order_service *service, struct evhttp_request *request, const char *id);

#define OPEN 1u /* needs no key */
#define JSON 2u /* its body is JSON */
#define LINK 4u /* may be asked for by whoever has a signed link, from anywhere */

typedef struct route_entry {
    unsigned method;
    const char *path; /* "{id}" stands for an order's id */
    route_function *serve;
    unsigned flags;
} route_entry;

static const route_entry routes[] = {
    {GATE_POST, "/orders", intake_post, JSON},
    {GATE_GET, "/orders", orders_list, 0},
    {GATE_GET, "/orders/{id}", orders_get, 0},
    {GATE_DELETE, "/orders/{id}", orders_cancel, 0},
    {GATE_GET, "/orders/{id}/history", orders_history, 0},
    {GATE_GET, "/orders/{id}/graph.svg", orders_graph, 0},
    {GATE_GET, "/events", events_get, 0},
    {GATE_POST, "/subscriptions", subscriptions_post, JSON},
    {GATE_GET, "/confirm", subscriptions_ask, OPEN},
    {GATE_POST, "/confirm", subscriptions_confirm, OPEN | LINK},
    {GATE_GET, "/unsubscribe", subscriptions_ask, OPEN},
    {GATE_POST, "/unsubscribe", subscriptions_end, OPEN | LINK},
    {GATE_GET, "/healthz", metrics_health, OPEN},
    {GATE_GET, "/readyz", metrics_ready, 0},
    {GATE_GET, "/metrics", metrics_get, 0},
    {GATE_GET, "/", page_html, 0},
    {GATE_GET, "/page.css", page_css, 0},
    {GATE_GET, "/page.js", page_js, 0},
    {GATE_GET, "/page.svg", page_icon, 0},
};
#define ROUTE_COUNT (sizeof routes / sizeof routes[0])

/* A UUID in lower case. */
static bool is_id(const char *text)
{
    for (size_t i = 0; i < ID_SIZE - 1; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-'
                    : !((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    }
    return true;
}

static bool fits(const route_entry *route, const char *path, size_t size, char id[ID_SIZE])
{
    const char *mark = strstr(route->path, "{id}");
    if (mark == NULL)
        return strlen(route->path) == size && memcmp(route->path, path, size) == 0;
    size_t before = (size_t)(mark - route->path);
    const char *after = mark + 4;
    if (size != before + ID_SIZE - 1 + strlen(after) || memcmp(path, route->path, before) != 0 ||
        memcmp(path + before + ID_SIZE - 1, after, strlen(after)) != 0 || !is_id(path + before))
        return false;
    memcpy(id, path + before, ID_SIZE - 1);
    id[ID_SIZE - 1] = '\0';
    return true;
}

unsigned routes_methods_of(const char *path, size_t size)
{
    unsigned methods = 0;
    char id[ID_SIZE];
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (fits(&routes[i], path, size, id))
            methods |= routes[i].method;
    }
    return methods;
}

/* "Basic " and base64 of "NAME:KEY". The letters for URLs and the others are the same but for two.
 */
static bool has_password(const char *header, const char *key)
{
    char text[600];
    size_t size = 0;
    if (strncasecmp(header, "Basic ", 6) != 0)
        return false;
    for (const char *from = header + 6; *from != '\0' && *from != '=' && size < sizeof text; from++)
        text[size++] = *from == '+' ? '-' : *from == '/' ? '_' : *from;
    char *decoded = size < sizeof text ? digest_unbase64(text, size, NULL) : NULL;
    const char *colon = decoded != NULL ? strchr(decoded, ':') : NULL;
    bool is_right = colon != NULL && digest_is_equal(key, colon + 1);
    free(decoded);
    return is_right;
}

static bool has_key(const order_service *service, struct evhttp_request *request)
{
    const char *key = service->settings->api_key;
    struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const char *given = evhttp_find_header(headers, "X-Api-Key");
    const char *basic = evhttp_find_header(headers, "Authorization");
    if (key[0] == '\0' || (given != NULL && digest_is_equal(key, given)) ||
        (basic != NULL && has_password(basic, key)))
        return true;
    evhttp_add_header(evhttp_request_get_output_headers(request), "WWW-Authenticate",
                      "Basic realm=\"orders\", charset=\"UTF-8\"");
    reply_problem(request, 401, "Unauthorized",
                  "send the API key as X-Api-Key, or as the password of Basic authentication");
    return false;
}

static bool is_json(struct evhttp_request *request)
{
    const char *type =
        evhttp_find_header(evhttp_request_get_input_headers(request), "Content-Type");
    size_t size = strlen(REPLY_JSON);
    if (type != NULL && strncasecmp(type, REPLY_JSON, size) == 0 &&
        (type[size] == '\0' || type[size] == ';' || type[size] == ' '))
        return true;
    reply_problem(request, 415, "UnsupportedMediaType", "send Content-Type: application/json");
    return false;
}

/* Whether it is from a page of our own, or from no page at all. */
static bool is_ours(const order_service *service, struct evhttp_request *request)
{
    struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const char *origin = evhttp_find_header(headers, "Origin");
    const char *site = evhttp_find_header(headers, "Sec-Fetch-Site");
    bool is_foreign = site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    if (!is_foreign && (origin == NULL || server_is_own_origin(service->server, origin)))
        return true;
    reply_problem(request, 403, "ForeignOrigin", "this is not for pages of other sites");
    return false;
}

static void serve(order_service *service, const route_entry *route, struct evhttp_request *request,
                  const char *id)
{
    if ((route->flags & OPEN) == 0 && !has_key(service, request))
        return;
    if (route->method != GATE_GET && (route->flags & LINK) == 0 && !is_ours(service, request))
        return;
    if ((route->flags & JSON) != 0 && !is_json(request))
        return;
    if (service->is_stopping && route->method != GATE_GET) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
        reply_later(request, 503, "Stopping", "the service is being stopped");
        return;
    }
    if (reply_has_right_query(request))
        route->serve(service, request, id);
    else
        reply_problem(request, 400, "QueryInvalid",
                      "the query is not NAME=VALUE&NAME=VALUE, each name once");
}

static void refuse(struct evhttp_request *request, unsigned status, const char *why,
                   unsigned methods)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Connection", "close");
    if (status == 503) {
        reply_later(request, 503, "ServiceUnavailable", why != NULL ? why : "");
        return;
    }
    if (status == 405) {
        char allow[32];
        snprintf(allow, sizeof allow, "%s%s%s", methods & GATE_GET ? "GET, " : "",
                 methods & GATE_POST ? "POST, " : "", methods & GATE_DELETE ? "DELETE, " : "");
        allow[strlen(allow) - 2] = '\0';
        evhttp_add_header(headers, "Allow", allow);
    }
    reply_problem(request, (int)status, "BadRequest", "%s", why != NULL ? why : "");
}

void routes_serve(struct evhttp_request *request, void *context)
{
    order_service *service = context;
    const char *why = NULL;
    unsigned methods = 0;
    unsigned refusal = server_refusal(request, &why, &methods);
    if (refusal != 0) {
        refuse(request, refusal, why, methods);
        return;
    }
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    unsigned method = command == EVHTTP_REQ_GET    ? GATE_GET
                      : command == EVHTTP_REQ_POST ? GATE_POST
                                                   : GATE_DELETE;
    const char *target = evhttp_request_get_uri(request);
    size_t size = strcspn(target, "?");
    char id[ID_SIZE] = "";
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (routes[i].method == method && fits(&routes[i], target, size, id)) {
            serve(service, &routes[i], request, id);
            return;
        }
    }
    reply_problem(request, 404, "NotFound", "there is no such path");
}
