/* Every option that keeps a request inside its bounds is set in one table; a handle on which one
 * of them cannot be set is not used. */
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

#include "handler/configuration.h"
#include "http/secret.h"

static int add_line(asl_http_request *request, const char *name, const char *value)
{
    char *line = NULL;
    /* curl drops "Name:" without a value, and sends one that is written "Name;". */
    int size =
        value[0] == '\0' ? asprintf(&line, "%s;", name) : asprintf(&line, "%s: %s", name, value);
    if (size < 0)
        return ASL_NOMEM;
    struct curl_slist *longer = curl_slist_append(request->headers, line);
    explicit_bzero(line, (size_t)size);
    free(line);
    if (longer == NULL)
        return ASL_NOMEM;
    request->headers = longer;
    return ASL_OK;
}

static int add_configured(asl_http_request *request, const asl_http_header *header,
                          asl_error **error)
{
    if (header->file == NULL && header->variable == NULL)
        return add_line(request, header->name, header->text);
    char *value = NULL;
    int status = asl_secret_read(header, &value, error);
    if (status == ASL_OK)
        status = add_line(request, header->name, value);
    if (status == ASL_OK) {
        const char *secret = value + strlen(header->text);
        struct curl_slist *longer = curl_slist_append(request->secrets, secret);
        if (longer == NULL)
            status = ASL_NOMEM;
        else
            request->secrets = longer;
    }
    asl_secret_free(value);
    return status;
}

static bool is_configured(const asl_endpoint *endpoint, const char *name)
{
    for (size_t i = 0; i < endpoint->header_count; i++) {
        if (strcasecmp(endpoint->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

static int add_default(asl_http_request *request, const asl_endpoint *endpoint, const char *name,
                       const char *value)
{
    return is_configured(endpoint, name) ? ASL_OK : add_line(request, name, value);
}

static int add_headers(asl_http_request *request, const asl_endpoint *endpoint,
                       const asl_task *task, asl_error **error)
{
    int status = add_line(request, "Idempotency-Key", asl_task_idempotency_key(task));
    if (status == ASL_OK)
        status = add_default(request, endpoint, "Accept", "application/json");
    if (status == ASL_OK && endpoint->has_body)
        status = add_default(request, endpoint, "Content-Type", "application/json");
    if (status == ASL_OK) {
        char agent[64] = "aslengine/";
        strncat(agent, asl_version(), sizeof agent - strlen(agent) - 1);
        status = add_default(request, endpoint, "User-Agent", agent);
    }
    for (size_t i = 0; i < endpoint->header_count && status == ASL_OK; i++)
        status = add_configured(request, &endpoint->headers[i], error);
    if (status == ASL_OK) {
        /* A "Name:" without value takes a header out that curl would add. */
        struct curl_slist *longer = curl_slist_append(request->headers, "Expect:");
        if (longer == NULL)
            return ASL_NOMEM;
        request->headers = longer;
    }
    return status;
}

int asl_http_request_init(asl_http_request *request, const asl_endpoint *endpoint,
                          const asl_task *task, asl_error **error)
{
    *request = (asl_http_request){0};
    int status = add_headers(request, endpoint, task, error);
    if (status == ASL_OK && endpoint->has_body)
        status = asl_value_print(asl_task_input(task), 0, &request->body, &request->body_size);
    if (status != ASL_OK)
        asl_http_request_done(request);
    return status;
}

static void forget(struct curl_slist *lines)
{
    for (struct curl_slist *line = lines; line != NULL; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(lines);
}

void asl_http_request_redact(const asl_http_request *request, char *text)
{
    for (const struct curl_slist *secret = request->secrets; secret != NULL;
         secret = secret->next) {
        size_t size = strlen(secret->data);
        if (size < 4)
            continue;
        for (char *found = text; (found = strstr(found, secret->data)) != NULL; found += size)
            memset(found, '*', size);
    }
}

void asl_http_request_done(asl_http_request *request)
{
    forget(request->headers);
    forget(request->secrets);
    asl_text_free(request->body);
    *request = (asl_http_request){0};
}

static bool apply_bounds(const asl_endpoint *endpoint, CURL *easy)
{
    const struct {
        CURLoption option;
        long number;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_HTTP09_ALLOWED, 0},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
        {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
        {CURLOPT_TIMEOUT_MS, endpoint->timeout_ms},
        {CURLOPT_CONNECTTIMEOUT_MS, endpoint->connect_timeout_ms},
        {CURLOPT_LOW_SPEED_LIMIT, 1},
        {CURLOPT_LOW_SPEED_TIME, 30},
        {CURLOPT_MAXLIFETIME_CONN, 300},
        {CURLOPT_MAXAGE_CONN, 60},
        {CURLOPT_TCP_NODELAY, 1},
        /* The resolver's thread is left behind, not waited for, where a transfer ends first. */
        {CURLOPT_QUICK_EXIT, 1},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (curl_easy_setopt(easy, numbers[i].option, numbers[i].number) != CURLE_OK)
            return false;
    }
    return true;
}

static bool apply_texts(const asl_http_request *request, const asl_endpoint *endpoint, CURL *easy)
{
    /* An empty proxy keeps curl from reading http_proxy and its sisters. */
    return curl_easy_setopt(easy, CURLOPT_URL, endpoint->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, endpoint->proxy == NULL ? "" : endpoint->proxy) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE) == CURLE_OK &&
           (endpoint->ca_file == NULL ||
            curl_easy_setopt(easy, CURLOPT_CAINFO, endpoint->ca_file) == CURLE_OK);
}

static bool apply_method(const asl_http_request *request, const asl_endpoint *endpoint, CURL *easy)
{
    if (endpoint->has_body)
        return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t)request->body_size) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, endpoint->method) == CURLE_OK;
    if (strcmp(endpoint->method, "HEAD") == 0)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, endpoint->method) == CURLE_OK;
}

bool asl_http_request_apply(const asl_http_request *request, const asl_endpoint *endpoint,
                            CURL *easy)
{
    return apply_bounds(endpoint, easy) && apply_texts(request, endpoint, easy) &&
           apply_method(request, endpoint, easy);
}
