/* Status first, then body: 2xx with JSON is an output, without a body null; everything else is an
 * error whose name says which kind (AWS: States.Http.StatusCode.n) and whose cause is the body. */
#include "http/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handler/text.h"

int asl_http_body_append(asl_http_body *body, const char *bytes, size_t size)
{
    if (size > ASL_HTTP_BODY_BYTES_MAX - body->size)
        return ASL_TOO_LARGE;
    if (size > body->capacity - body->size) {
        size_t capacity = body->capacity == 0 ? 4096 : body->capacity;
        while (capacity - body->size < size)
            capacity *= 2;
        char *longer = realloc(body->bytes, capacity);
        if (longer == NULL)
            return ASL_NOMEM;
        body->bytes = longer;
        body->capacity = capacity;
    }
    if (size > 0)
        memcpy(body->bytes + body->size, bytes, size);
    body->size += size;
    return ASL_OK;
}

void asl_http_body_done(asl_http_body *body)
{
    free(body->bytes);
    *body = (asl_http_body){0};
}

void asl_http_outcome_fail(asl_http_outcome *ret_outcome, const char *error, const char *format,
                           ...)
{
    *ret_outcome = (asl_http_outcome){0};
    snprintf(ret_outcome->error, sizeof ret_outcome->error, "%s", error);
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&ret_outcome->cause, format, arguments) < 0)
        ret_outcome->cause = NULL;
    va_end(arguments);
}

void asl_http_outcome_done(asl_http_outcome *outcome)
{
    asl_value_unref(outcome->output);
    free(outcome->cause);
    *outcome = (asl_http_outcome){0};
}

static bool is_blank(const asl_http_body *body)
{
    for (size_t i = 0; i < body->size; i++) {
        if (strchr(" \t\r\n", body->bytes[i]) == NULL || body->bytes[i] == '\0')
            return false;
    }
    return true;
}

static void judge_failure(long status, const asl_http_body *body, const char *redirect,
                          asl_http_outcome *ret_outcome)
{
    char error[64];
    snprintf(error, sizeof error, "States.Http.StatusCode.%ld", status);
    if (status >= 300 && status < 400 && redirect != NULL) {
        char *place = asl_text_clean(redirect, strlen(redirect));
        asl_http_outcome_fail(ret_outcome, error, "redirects are not followed; this one led to %s",
                              place == NULL ? "another place" : place);
        free(place);
        return;
    }
    if (is_blank(body)) {
        asl_http_outcome_fail(ret_outcome, error, "status %ld without a body", status);
        return;
    }
    asl_http_outcome_fail(ret_outcome, error, "%s", "");
    free(ret_outcome->cause);
    ret_outcome->cause = asl_text_clean(body->bytes, body->size);
}

static void judge_body(long status, const asl_http_body *body, asl_http_outcome *ret_outcome)
{
    *ret_outcome = (asl_http_outcome){0};
    if (is_blank(body)) {
        ret_outcome->output = asl_value_null();
        return;
    }
    asl_error *error = NULL;
    int code = asl_value_parse(NULL, body->bytes, body->size, 0, &ret_outcome->output, &error);
    if (code == ASL_NOMEM)
        asl_http_outcome_fail(ret_outcome, "States.TaskFailed", "out of memory");
    else if (code != ASL_OK)
        asl_http_outcome_fail(ret_outcome, "Http.InvalidResponse",
                              "the answer (status %ld, %zu bytes) is no JSON: %s, line %zu, "
                              "column %zu",
                              status, body->size, asl_error_message(error), asl_error_line(error),
                              asl_error_column(error));
    asl_error_free(error);
}

void asl_http_response_judge(long status, const asl_http_body *body, const char *redirect,
                             asl_http_outcome *ret_outcome)
{
    if (status >= 200 && status < 300)
        judge_body(status, body, ret_outcome);
    else
        judge_failure(status, body, redirect, ret_outcome);
}
