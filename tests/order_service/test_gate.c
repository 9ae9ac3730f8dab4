/* The gate: what passes, and how each request that is not right is refused. Every request is shown
 * whole, and byte by byte, which must come to the same. */
#include "order-service/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define BASE "POST /orders HTTP/1.1\r\nHost: here:80\r\n"
#define GET "GET /orders HTTP/1.1\r\nHost: here:80\r\n"

static unsigned methods_of(const char *path, size_t size)
{
    return size == 7 && memcmp(path, "/orders", 7) == 0 ? GATE_GET | GATE_POST : 0;
}

static const char *const hosts[] = {"Here:80", "[::1]:80", NULL};
static const gate_rules rules = {hosts, methods_of};

typedef struct passed {
    size_t size;
    unsigned refused;
    bool is_inside;
} passed;

/* Gives the gate `step` bytes more at a time. */
static passed feed(const char *bytes, size_t size, size_t step)
{
    gate door = {.rules = &rules};
    size_t begin = 0;
    for (size_t end = step < size ? step : size;; end = end + step < size ? end + step : size) {
        for (size_t passes = 1; passes > 0 && begin < end;) {
            passes = gate_look(&door, bytes + begin, end - begin);
            ck_assert_uint_le(passes, end - begin);
            begin += passes;
        }
        if (end == size || door.refused != 0)
            break;
    }
    if (door.refused != 0) {
        ck_assert_ptr_nonnull(door.why);
        ck_assert_uint_eq(gate_look(&door, bytes, size), 0); /* nothing passes any more */
    }
    return (passed){begin, door.refused, gate_is_inside(&door)};
}

static passed show(const char *bytes, size_t size)
{
    passed whole = feed(bytes, size, size);
    passed slowly = feed(bytes, size, 1);
    ck_assert_uint_eq(whole.refused, slowly.refused);
    ck_assert_uint_eq(whole.size, slowly.size);
    return whole;
}

typedef struct refused {
    unsigned status;
    const char *request;
} refused;

static const refused table[] = {
    /* Lengths. */
    {400, BASE "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"},
    {400, BASE "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}"},
    {400, BASE "Transfer-Encoding: chunked\r\n\r\n0x3\r\n{ }\r\n0\r\n\r\n"},
    {400, BASE "Transfer-Encoding: gzip, chunked\r\n\r\n"},
    {400, BASE "transfer-encoding:identity\r\n\r\n"},
    {400, BASE "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"},
    {400, BASE "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"},
    {400, BASE "Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}"},
    {400, BASE "Content-Length: -1\r\n\r\n"},
    {400, BASE "Content-Length: +3\r\n\r\n{ }"},
    {400, BASE "Content-Length: 0x2\r\n\r\n{}"},
    {400, BASE "Content-Length: 2,2\r\n\r\n{}"},
    {400, BASE "Content-Length: 2 2\r\n\r\n{}"},
    {400, BASE "Content-Length:\r\n\r\n"},
    {400, BASE "Content-Length: \t \r\n\r\n"},
    {400, BASE "Content-Length : 2\r\n\r\n{}"},
    {400, BASE "Content-Length\t: 2\r\n\r\n{}"},
    {411, BASE "\r\n"},
    {413, BASE "Content-Length: 1048577\r\n\r\n"},
    {413, BASE "Content-Length: 18446744073709551618\r\n\r\n{}"},
    {413, BASE "Content-Length: 99999999999999999999999\r\n\r\n{}"},
    {400, GET "Content-Length: 2\r\n\r\n{}"},
    /* Hosts. */
    {400, "GET /orders HTTP/1.1\r\n\r\n"},
    {400, "GET /orders HTTP/1.0\r\n\r\n"},
    {400, "GET /orders HTTP/1.1\r\nHost: here:80\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders HTTP/1.1\r\nHost: here:80\r\nhost: there\r\n\r\n"},
    {400, "GET /orders HTTP/1.1\r\nHost:\r\n\r\n"},
    {421, "GET /orders HTTP/1.1\r\nHost: there:80\r\n\r\n"},
    {421, "GET /orders HTTP/1.1\r\nHost: here:80.evil\r\n\r\n"},
    {421, "GET /orders HTTP/1.1\r\nHost: here\r\n\r\n"},
    {421, "GET /orders HTTP/1.1\r\nHost: user@here:80\r\n\r\n"},
    {421, "GET /orders HTTP/1.1\r\nHost: *\r\n\r\n"},
    /* Lines. */
    {400, "GET /orders HTTP/1.1\nHost: here:80\n\n"},
    {400, GET "A: b\n\r\n"},
    {400, GET "A: b\r\r\n\r\n"},
    {400, GET "A: b\rC: d\r\n\r\n"},
    {400, GET " folded\r\n\r\n"},
    {400, GET "A: b\r\n\tfolded\r\n\r\n"},
    {400, GET "no colon\r\n\r\n"},
    {400, GET ": no name\r\n\r\n"},
    {400, GET "na me: b\r\n\r\n"},
    {400, GET "na\"me: b\r\n\r\n"},
    {400, GET "A: \x01\r\n\r\n"},
    {400, GET "A: \x7f\r\n\r\n"},
    {400, GET "A: \xc3\xa9\r\n\r\n"},
    {400, "\r\nGET /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "\n"},
    /* First lines. */
    {400, "GET\r\n\r\n"},
    {400, "GET /orders\r\nHost: here:80\r\n\r\n"},
    {400, "GET  /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders  HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders HTTP/1.1 \r\nHost: here:80\r\n\r\n"},
    {400, " GET /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "G\xc3\x84T /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "G(T /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {501, "get /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {501, "TRACE /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {501, "CONNECT /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {405, "DELETE /orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET http://here:80/orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET * HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders#x HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders?a=<b> HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders?a=%0 HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders?a=%zz HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders?a=%00 HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {404, "GET /.refused HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {404, "GET /orders/ HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {404, "GET //orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {404, "GET /%6frders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {404, "GET /a/../orders HTTP/1.1\r\nHost: here:80\r\n\r\n"},
    {505, "GET /orders HTTP/2.0\r\nHost: here:80\r\n\r\n"},
    {505, "GET /orders HTTP/0.9\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders http/1.1\r\nHost: here:80\r\n\r\n"},
    {400, "GET /orders HTTP/1.10\r\nHost: here:80\r\n\r\n"},
    {417, BASE "Expect: 200-ok\r\nContent-Length: 0\r\n\r\n"},
};

START_TEST(what_is_not_right_is_refused)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        passed result = show(table[i].request, strlen(table[i].request));
        ck_assert_msg(result.refused == table[i].status, "%u instead of %u for:\n%s",
                      result.refused, table[i].status, table[i].request);
        ck_assert_uint_eq(result.size, 0);
    }
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
    static const char value[] = GET "A: b\0c\r\n\r\n";
    static const char path[] = "GET /ord\0ers HTTP/1.1\r\nHost: here:80\r\n\r\n";
    ck_assert_uint_eq(show(value, sizeof value - 1).refused, 400);
    ck_assert_uint_eq(show(path, sizeof path - 1).refused, 400);
}
END_TEST

START_TEST(what_is_right_passes_whole)
{
    static const char *const requests[] = {
        GET "\r\n",
        GET "Content-Length: 0\r\n\r\n",
        "GET /orders?status=SUCCESS&after=a%20b HTTP/1.0\r\nhost:HERE:80\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHOST: \t [::1]:80 \t \r\nA:\r\nB: c\td\r\n\r\n",
        BASE "Content-Length: 2\r\n\r\n{}",
        BASE "Expect: 100-Continue\r\nContent-Length: 02\r\n\r\n\n\n",
        GET "\r\n" BASE "Content-Length: 1\r\n\r\nx" GET "\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        passed result = show(requests[i], strlen(requests[i]));
        ck_assert_msg(result.refused == 0, "%u for:\n%s", result.refused, requests[i]);
        ck_assert_uint_eq(result.size, strlen(requests[i]));
        ck_assert(!result.is_inside);
    }
}
END_TEST

START_TEST(what_is_before_a_refusal_passes)
{
    static const char first[] = BASE "Content-Length: 4\r\n\r\n\n\n\r\n";
    static const char both[] = BASE "Content-Length: 4\r\n\r\n\n\n\r\nGET /orders HTTP/1.1\r\n\r\n";
    passed result = show(both, sizeof both - 1);
    ck_assert_uint_eq(result.refused, 400);
    ck_assert_uint_eq(result.size, sizeof first - 1);
}
END_TEST

START_TEST(half_a_request_waits)
{
    static const char request[] = BASE "Content-Length: 4\r\n\r\nabcd";
    for (size_t size = 1; size < sizeof request - 1; size++) {
        passed result = show(request, size);
        ck_assert_uint_eq(result.refused, 0);
        ck_assert(result.is_inside);
    }
}
END_TEST

/* A request with a header line that makes the head so long. */
static char *with_head(size_t size)
{
    static const char end[] = "\r\n\r\n";
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', size);
    memcpy(text, GET "A: ", strlen(GET "A: "));
    memcpy(text + size - strlen(end), end, strlen(end));
    return text;
}

START_TEST(head_is_limited)
{
    char *text = with_head(GATE_HEAD_MAX);
    ck_assert_uint_eq(show(text, GATE_HEAD_MAX).refused, 0);
    free(text);
    text = with_head(GATE_HEAD_MAX + 1);
    ck_assert_uint_eq(show(text, GATE_HEAD_MAX + 1).refused, 431);
    free(text);
}
END_TEST

START_TEST(first_line_is_limited)
{
    char text[GATE_LINE_MAX + 64];
    for (size_t size = GATE_LINE_MAX - 1; size <= GATE_LINE_MAX + 1; size++) {
        size_t target = size - strlen("GET  HTTP/1.1\r\n");
        memset(text, 'a', sizeof text);
        memcpy(text, "GET /orders?", 12);
        memcpy(text + 4 + target, " HTTP/1.1\r\nHost: here:80\r\n\r\n",
               strlen(" HTTP/1.1\r\nHost: here:80\r\n\r\n"));
        size_t all = size + strlen("Host: here:80\r\n\r\n");
        ck_assert_uint_eq(show(text, all).refused, size <= GATE_LINE_MAX ? 0 : 414);
    }
}
END_TEST

START_TEST(header_lines_are_limited)
{
    for (unsigned count = GATE_FIELD_COUNT_MAX; count <= GATE_FIELD_COUNT_MAX + 1; count++) {
        char text[4096] = GET;
        size_t size = strlen(text);
        for (unsigned i = 1; i < count; i++)
            size += (size_t)snprintf(text + size, sizeof text - size, "A: b\r\n");
        size += (size_t)snprintf(text + size, sizeof text - size, "\r\n");
        ck_assert_uint_eq(show(text, size).refused, count <= GATE_FIELD_COUNT_MAX ? 0 : 431);
    }
}
END_TEST

START_TEST(body_is_limited)
{
    static const char at_limit[] = BASE "Content-Length: 1048576\r\n\r\n";
    passed result = show(at_limit, sizeof at_limit - 1);
    ck_assert_uint_eq(result.refused, 0);
    ck_assert(result.is_inside); /* one past the limit stands in the table */
}
END_TEST

SUITE("order-service/gate", what_is_not_right_is_refused, nul_bytes_are_refused,
      what_is_right_passes_whole, what_is_before_a_refusal_passes, half_a_request_waits,
      head_is_limited, first_line_is_limited, header_lines_are_limited, body_is_limited)
