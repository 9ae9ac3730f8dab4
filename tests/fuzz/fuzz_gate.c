/* The order service's gate, and what it makes of texts from outside: bytes that nobody chose pass
 * or are refused, the same whether they come whole or in pieces; a head that passes has one Host
 * and at most one length; and mails that are made of them have no line that is not ours. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "order-service/digest.h"
#include "order-service/gate.h"
#include "order-service/mail.h"
#include "order/rules.h"

#define REQUIRE(condition) \
    do { \
        if (!(condition)) \
            abort(); \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned methods_of(const char *path, size_t size)
{
    return size > 0 && path[0] == '/' && size % 5 != 0 ? GATE_GET | GATE_POST : 0;
}

static const char *const hosts[] = {"a", "localhost:8080", NULL};
static const gate_rules rules = {hosts, methods_of};

/* How often a line of the head begins so, whatever the case of its letters. */
static unsigned count_lines(const char *head, size_t size, const char *name)
{
    unsigned count = 0;
    size_t length = strlen(name);
    for (size_t i = 2; i + length < size; i++) {
        if (head[i - 2] == '\r' && head[i - 1] == '\n' && strncasecmp(head + i, name, length) == 0)
            count++;
    }
    return count;
}

static size_t feed(const char *bytes, size_t size, size_t step, unsigned *ret_refused)
{
    gate door = {.rules = &rules};
    size_t begin = 0;
    for (size_t end = step < size ? step : size;; end = end + step < size ? end + step : size) {
        for (size_t passes = 1; passes > 0 && begin < end;) {
            bool is_head = door.body_left == 0;
            passes = gate_look(&door, bytes + begin, end - begin);
            REQUIRE(passes <= end - begin);
            if (is_head && passes > 0) {
                REQUIRE(count_lines(bytes + begin, passes, "host:") == 1);
                REQUIRE(count_lines(bytes + begin, passes, "content-length:") <= 1);
                REQUIRE(count_lines(bytes + begin, passes, "transfer-encoding") == 0);
                REQUIRE(memchr(bytes + begin, '\0', passes) == NULL);
            }
            begin += passes;
        }
        if (end == size || door.refused != 0)
            break;
    }
    *ret_refused = door.refused;
    return begin;
}

static void try_gate(const char *bytes, size_t size)
{
    unsigned whole = 0;
    unsigned slowly = 0;
    size_t passed = feed(bytes, size, size, &whole);
    REQUIRE(feed(bytes, size, 1, &slowly) == passed && whole == slowly);
    REQUIRE(feed(bytes, size, 7, &slowly) == passed && whole == slowly);
}

static void try_mail(const char *text)
{
    mail_parts parts = {
        .from = "a@b", .to = "c@d", .subject = text, .text = text, .id = "x", .time_ms = 0};
    char *message = mail_message(&parts);
    REQUIRE(message != NULL);
    for (const char *line = message; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        REQUIRE(end != NULL && end - line <= 78);
        for (const char *letter = line; letter < end; letter++)
            REQUIRE(*letter >= ' ' && *letter <= '~');
        line = end + 2;
    }
    free(message);
    if (mail_is_address(text))
        REQUIRE(strpbrk(text, "<> \r\n\"(),:;[]\\") == NULL);
}

static void try_order(const char *bytes, size_t size)
{
    asl_value *order = NULL;
    if (asl_value_parse(NULL, bytes, size, 0, &order, NULL) == ASL_OK) {
        const char *problem = order_problem(order);
        asl_value *row = order_row_new(order, 0, ORDER_QUEUED, NULL);
        REQUIRE(row != NULL && asl_value_kind(row) == ASL_KIND_OBJECT);
        REQUIRE(problem != NULL || order_problem(row) == NULL); /* a row is an order itself */
        asl_value_unref(row);
    }
    asl_value_unref(order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    try_gate(text, size);
    try_mail(text);
    try_order(text, size);
    size_t decoded_size = 0;
    char *decoded = digest_unbase64(text, size, &decoded_size);
    char *encoded = decoded != NULL ? digest_base64(decoded, decoded_size) : NULL;
    REQUIRE(encoded == NULL || strlen(encoded) <= size);
    free(encoded);
    free(decoded);
    free(text);
    return 0;
}
