/* Mails as texts: addresses, subjects, bodies. */
#include "order-service/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

START_TEST(addresses_are_told_from_what_is_none)
{
    static const char *const right[] = {"a@b", "first.last+tag@example.org", "o'neil@x-y.co",
                                        "!#$%&*/=?^_`{|}~-@a1.b2"};
    static const char *const wrong[] = {"",
                                        "@",
                                        "a@",
                                        "@b",
                                        "a",
                                        "a@b@c",
                                        "a b@c",
                                        "a@b c",
                                        ".a@b",
                                        "a.@b",
                                        "a..b@c",
                                        "a@.b",
                                        "a@b.",
                                        "a@-b",
                                        "a@b-",
                                        "a@b-.c",
                                        "<a@b>",
                                        "a@b>",
                                        "\"a\"@b",
                                        "a@[127.0.0.1]",
                                        "a@b\r\nRCPT TO:<c@d>",
                                        "a\n@b",
                                        "a@b,c@d",
                                        "a@b;c",
                                        "\xc3\xa9@b",
                                        "a@\xc3\xa9"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        ck_assert_msg(mail_is_address(right[i]), "%s", right[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!mail_is_address(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(addresses_are_limited)
{
    char text[400];
    memset(text, 'a', sizeof text);
    memcpy(text + 64, "@b", 3);
    ck_assert(mail_is_address(text));
    text[64] = 'a';
    memcpy(text + 65, "@b", 3);
    ck_assert(!mail_is_address(text));
    for (size_t size = MAIL_ADDRESS_MAX; size <= MAIL_ADDRESS_MAX + 1; size++) {
        memset(text, 'a', size);
        text[1] = '@';
        for (size_t i = 10; i < size - 1; i += 50)
            text[i] = '.';
        text[size] = '\0';
        ck_assert_int_eq(mail_is_address(text), size <= MAIL_ADDRESS_MAX);
    }
}
END_TEST

static char *message_of(const char *subject, const char *text)
{
    mail_parts parts = {.from = "o@here",
                        .to = "a@b",
                        .subject = subject,
                        .text = text,
                        .id = "id.1",
                        .unsubscribe = "http://here/u",
                        .time_ms = 1764106134000};
    char *message = mail_message(&parts);
    ck_assert_ptr_nonnull(message);
    for (const char *letter = message; *letter != '\0'; letter++) {
        ck_assert_int_ge(*letter, 0); /* ASCII */
        ck_assert(*letter != '\n' || (letter > message && letter[-1] == '\r'));
        ck_assert(*letter != '\r' || letter[1] == '\n');
    }
    return message;
}

START_TEST(headers_are_whole)
{
    char *message = message_of("Your order: SUCCESS", "One\nTwo\n");
    ck_assert_str_eq(message, "From: o@here\r\nTo: a@b\r\nMessage-ID: <id.1@here>\r\n"
                              "Date: Tue, 25 Nov 2025 21:28:54 +0000\r\n"
                              "Subject: Your order: SUCCESS\r\n"
                              "List-Unsubscribe: <http://here/u>\r\n"
                              "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                              "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                              "One\r\nTwo\r\n\r\n");
    free(message);
}
END_TEST

START_TEST(subjects_cannot_add_headers)
{
    char *message = message_of("a\r\nBcc: c@d", "");
    ck_assert_ptr_null(strstr(message, "\nBcc"));
    ck_assert_ptr_nonnull(strstr(message, "Subject: =?utf-8?B?YQ0KQmNjOiBjQGQ=?=\r\n"));
    free(message);
    message = message_of("Bestellung: K\xc3\xa4se, K\xc3\xa4se, K\xc3\xa4se und noch mehr "
                         "K\xc3\xa4se",
                         "");
    ck_assert_ptr_nonnull(strstr(message, "?=\r\n =?utf-8?B?")); /* two words of whole characters */
    free(message);
}
END_TEST

START_TEST(bodies_are_quoted)
{
    char *message = message_of("s", ".\n..a\nK\xc3\xa4se = 3 \nFrom me");
    const char *body = strstr(message, "\r\n\r\n");
    ck_assert_str_eq(body, "\r\n\r\n=2E\r\n=2E.a\r\nK=C3=A4se =3D 3=20\r\nFrom me\r\n");
    free(message);
}
END_TEST

START_TEST(lines_are_short)
{
    char text[2000];
    memset(text, '.', sizeof text - 1);
    for (size_t i = 0; i < sizeof text - 1; i += 7)
        text[i] = '\xc3';
    text[sizeof text - 1] = '\0';
    char *message = message_of(text, text);
    for (const char *line = message; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        ck_assert_ptr_nonnull(end);
        ck_assert_int_le(end - line, 78);
        ck_assert_msg(line == message || line[0] != '.', "a line begins with a dot");
        line = end + 2;
    }
    free(message);
}
END_TEST

SUITE("order-service/mail", addresses_are_told_from_what_is_none, addresses_are_limited,
      headers_are_whole, subjects_cannot_add_headers, bodies_are_quoted, lines_are_short)
