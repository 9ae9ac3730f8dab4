/* The "http" member of a binding, checked. What curl would pass through (line feeds in a header's
 * value, a second Content-Length, credentials in a URL) is refused here, before any request. */
#include "http/endpoint.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "handler/configuration.h"
#include "http/secret.h"

static const char *const endpoint_members[] = {
    "url", "method", "headers", "timeoutSeconds", "connectTimeoutSeconds", "proxy", "caFile", NULL};
static const char *const secret_members[] = {"file", "env", "prefix", NULL};

/* What RFC 9110 and 9112 leave to whoever frames the message, and what the handler sets. */
static const char *const framing_headers[] = {"Accept-Encoding",
                                              "Connection",
                                              "Content-Encoding",
                                              "Content-Length",
                                              "Expect",
                                              "Host",
                                              "Keep-Alive",
                                              "Proxy-Connection",
                                              "Proxy-Authenticate",
                                              "Range",
                                              "Proxy-Authorization",
                                              "TE",
                                              "Trailer",
                                              "Transfer-Encoding",
                                              "Upgrade",
                                              "Via",
                                              NULL};
static const char *const secret_headers[] = {"Authorization", "Cookie", NULL};

static bool is_in(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcasecmp(*names, name) == 0)
            return true;
    }
    return false;
}

const char *asl_http_header_refused(const char *name)
{
    if (strcasecmp(name, "Idempotency-Key") == 0)
        return "the engine sets it, the same for every try of a task";
    if (is_in(framing_headers, name))
        return "it belongs to the connection, which the handler makes";
    return NULL;
}

bool asl_http_header_name_ok(const char *name)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t size = strlen(name);
    return size > 0 && size <= 128 && strspn(name, token) == size;
}

bool asl_http_header_value_ok(const char *value)
{
    size_t size = strlen(value);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)value[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return false;
    }
    return size <= ASL_HTTP_HEADER_BYTES_MAX;
}

void asl_endpoint_free(asl_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    for (size_t i = 0; i < endpoint->header_count; i++) {
        free(endpoint->headers[i].name);
        free(endpoint->headers[i].text);
        free(endpoint->headers[i].file);
        free(endpoint->headers[i].variable);
    }
    free(endpoint->headers);
    free(endpoint->allowed);
    free(endpoint->url);
    free(endpoint->method);
    free(endpoint->proxy);
    free(endpoint->ca_file);
    free(endpoint);
}

/* Copies a text into a field; the old one is freed. */
static int keep(char **field, const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return ASL_NOMEM;
    free(*field);
    *field = copy;
    return ASL_OK;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

/* Curl's own parser reads the URL, so that what is checked is what is fetched. */
static int check_url(CURLU *url, const char *name, const char *text, asl_error **error)
{
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY)
        return ASL_NOMEM;
    if (code != CURLUE_OK)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"%s\": %s", name,
                                        curl_url_strerror(code));
    char *scheme = NULL;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return ASL_NOMEM;
    bool is_http = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
    curl_free(scheme);
    if (!is_http)
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"%s\" must begin with http:// or https://", name);
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        return asl_configuration_refuse(
            error, ASL_SYNTAX,
            "\"%s\" holds credentials; give them as the header \"Authorization\" "
            "with {\"file\": ...} or {\"env\": ...}",
            name);
    return ASL_OK;
}

static int read_url(const asl_value *configuration, const char *name, char **field,
                    asl_error **error)
{
    const char *text = NULL;
    int status = asl_configuration_text(configuration, name, &text, error);
    if (status != ASL_OK || text == NULL)
        return status;
    CURLU *url = curl_url();
    if (url == NULL)
        return ASL_NOMEM;
    status = check_url(url, name, text, error);
    char *whole = NULL;
    if (status == ASL_OK && curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK)
        status = ASL_NOMEM;
    if (status == ASL_OK)
        status = keep(field, whole);
    curl_free(whole);
    curl_url_cleanup(url);
    return status;
}

static int read_method(asl_endpoint *endpoint, const asl_value *configuration, asl_error **error)
{
    static const char *const methods[] = {"POST", "PUT",  "PATCH",   "DELETE",
                                          "GET",  "HEAD", "OPTIONS", NULL};
    const char *method = "POST";
    int status = asl_configuration_text(configuration, "method", &method, error);
    if (status != ASL_OK)
        return status;
    for (size_t i = 0; methods[i] != NULL; i++) {
        if (strcmp(methods[i], method) == 0) {
            endpoint->has_body = i < 4;
            return keep(&endpoint->method, method);
        }
    }
    return asl_configuration_refuse(
        error, ASL_SYNTAX,
        "\"method\" must be POST, PUT, PATCH, DELETE, GET, HEAD or OPTIONS, not \"%s\"", method);
}

/* {"file": path} or {"env": NAME}, and an optional "prefix" before what they hold. */
static int read_secret(asl_http_header *header, const asl_value *member, const char *folder,
                       asl_error **error)
{
    const char *file = NULL, *variable = NULL, *prefix = "";
    int status = asl_configuration_check(member, header->name, secret_members, error);
    if (status == ASL_OK)
        status = asl_configuration_text(member, "file", &file, error);
    if (status == ASL_OK)
        status = asl_configuration_text(member, "env", &variable, error);
    if (status == ASL_OK)
        status = asl_configuration_text(member, "prefix", &prefix, error);
    if (status != ASL_OK)
        return status;
    if ((file == NULL) == (variable == NULL))
        return asl_configuration_refuse(
            error, ASL_SYNTAX, "header \"%s\" needs either \"file\" or \"env\"", header->name);
    header->text = strdup(prefix);
    if (file != NULL)
        header->file = asl_configuration_path(folder, file);
    else
        header->variable = strdup(variable);
    if (header->text == NULL || (header->file == NULL && header->variable == NULL))
        return ASL_NOMEM;
    return asl_secret_check(header, error);
}

static int read_literal(asl_http_header *header, const asl_value *member, asl_error **error)
{
    size_t size = 0;
    const char *text = asl_value_get_string(member, &size);
    if (text == NULL)
        return asl_configuration_refuse(
            error, ASL_SYNTAX, "header \"%s\" must be a text, {\"file\": ...} or {\"env\": ...}",
            header->name);
    if (is_in(secret_headers, header->name))
        return asl_configuration_refuse(
            error, ASL_SYNTAX,
            "header \"%s\" is a secret, which does not stand in a bindings file; give it as "
            "{\"file\": ...} (mode 0600) or {\"env\": ...}",
            header->name);
    header->text = strdup(text);
    if (header->text == NULL)
        return ASL_NOMEM;
    if (strlen(text) != size || !asl_http_header_value_ok(text))
        return asl_configuration_refuse(
            error, ASL_SYNTAX, "the value of header \"%s\" has control characters, or is too long",
            header->name);
    return ASL_OK;
}

static int read_header(asl_endpoint *endpoint, const asl_value *key, const asl_value *member,
                       const char *folder, asl_error **error)
{
    size_t size = 0;
    const char *name = asl_value_get_string(key, &size);
    if (strlen(name) != size || !asl_http_header_name_ok(name))
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"%s\" is no header name", name);
    const char *why = asl_http_header_refused(name);
    if (why != NULL)
        return asl_configuration_refuse(error, ASL_SYNTAX, "header \"%s\" cannot be set: %s", name,
                                        why);
    for (size_t i = 0; i < endpoint->header_count; i++) {
        if (strcasecmp(endpoint->headers[i].name, name) == 0)
            return asl_configuration_refuse(error, ASL_SYNTAX, "header \"%s\" stands twice", name);
    }
    asl_http_header *header = &endpoint->headers[endpoint->header_count++];
    header->name = strdup(name);
    if (header->name == NULL)
        return ASL_NOMEM;
    if (asl_value_kind(member) == ASL_KIND_OBJECT)
        return read_secret(header, member, folder, error);
    return read_literal(header, member, error);
}

static int read_headers(asl_endpoint *endpoint, const asl_value *configuration, const char *folder,
                        asl_error **error)
{
    const asl_value *headers = asl_value_get(configuration, "headers");
    if (headers == NULL)
        return ASL_OK;
    size_t count = asl_value_count(headers);
    if (asl_value_kind(headers) != ASL_KIND_OBJECT || count > ASL_HTTP_HEADERS_MAX)
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"headers\" must be an object of at most %u headers",
                                        ASL_HTTP_HEADERS_MAX);
    endpoint->headers = calloc(count == 0 ? 1 : count, sizeof *endpoint->headers);
    if (endpoint->headers == NULL)
        return ASL_NOMEM;
    int status = ASL_OK;
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        status = read_header(endpoint, asl_value_key(headers, i), asl_value_at(headers, i), folder,
                             error);
    return status;
}

static int read_networks(asl_endpoint *endpoint, const asl_bind_options *options, asl_error **error)
{
    const char *const *texts = options == NULL ? NULL : options->allow_networks;
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    if (count == 0)
        return ASL_OK;
    endpoint->allowed = calloc(count, sizeof *endpoint->allowed);
    if (endpoint->allowed == NULL)
        return ASL_NOMEM;
    for (; endpoint->allowed_count < count; endpoint->allowed_count++) {
        const char *text = texts[endpoint->allowed_count];
        if (!asl_network_parse(text, &endpoint->allowed[endpoint->allowed_count]))
            return asl_configuration_refuse(
                error, ASL_SYNTAX,
                "\"%s\" is no network that could be allowed: write 127.0.0.0/8 or fd00::/8", text);
    }
    return ASL_OK;
}

static int read_times(asl_endpoint *endpoint, const asl_value *configuration, asl_error **error)
{
    endpoint->timeout_ms = ASL_HTTP_TIMEOUT_MS;
    endpoint->connect_timeout_ms = ASL_HTTP_CONNECT_TIMEOUT_MS;
    int status = asl_configuration_seconds(configuration, "timeoutSeconds", 0.01, 900,
                                           &endpoint->timeout_ms, error);
    if (status == ASL_OK)
        status = asl_configuration_seconds(configuration, "connectTimeoutSeconds", 0.01, 300,
                                           &endpoint->connect_timeout_ms, error);
    return status;
}

static int read_ca_file(asl_endpoint *endpoint, const asl_value *configuration, const char *folder,
                        asl_error **error)
{
    const char *file = NULL;
    int status = asl_configuration_text(configuration, "caFile", &file, error);
    if (status != ASL_OK || file == NULL)
        return status;
    endpoint->ca_file = asl_configuration_path(folder, file);
    return endpoint->ca_file == NULL ? ASL_NOMEM : ASL_OK;
}

static int read_endpoint(asl_endpoint *endpoint, const asl_value *configuration,
                         const asl_bind_options *options, asl_error **error)
{
    const char *folder = options == NULL ? NULL : options->folder;
    int status = asl_configuration_check(configuration, "http", endpoint_members, error);
    if (status == ASL_OK)
        status = read_url(configuration, "url", &endpoint->url, error);
    if (status == ASL_OK && endpoint->url == NULL)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"http\" needs a \"url\"");
    if (status == ASL_OK)
        status = read_url(configuration, "proxy", &endpoint->proxy, error);
    if (status == ASL_OK)
        status = read_method(endpoint, configuration, error);
    if (status == ASL_OK)
        status = read_times(endpoint, configuration, error);
    if (status == ASL_OK)
        status = read_ca_file(endpoint, configuration, folder, error);
    if (status == ASL_OK)
        status = read_networks(endpoint, options, error);
    return status == ASL_OK ? read_headers(endpoint, configuration, folder, error) : status;
}

int asl_endpoint_new(const asl_value *configuration, const asl_bind_options *options,
                     asl_endpoint **ret_endpoint, asl_error **error)
{
    asl_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL)
        return asl_configuration_refuse(error, ASL_NOMEM, "out of memory");
    int status = read_endpoint(endpoint, configuration, options, error);
    if (status != ASL_OK) {
        asl_endpoint_free(endpoint);
        if (status == ASL_NOMEM)
            return asl_configuration_refuse(error, status, "out of memory");
        return status;
    }
    *ret_endpoint = endpoint;
    return ASL_OK;
}
