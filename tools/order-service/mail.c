/* Mails. The body is quoted-printable, so that its lines are short, ASCII, and none is a dot; a
 * subject that is not plain ASCII is an encoded word (RFC 2047).
 */
#include "mail.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOCAL_PART_MAX 64u
#define LABEL_MAX 63u
#define LINE_LETTERS 73u    /* and a soft line break is at most 76 */
#define SUBJECT_LETTERS 67u /* and "Subject: " are 76 */
#define WORD_BYTES 39u      /* of a subject, in one encoded word */

static bool is_letter_or_digit(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z');
}

static bool is_local_part(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool is_dot = text[i] == '.';
        if (is_dot && (i == 0 || i + 1 == size || text[i + 1] == '.'))
            return false;
        if (!is_dot && !is_letter_or_digit(text[i]) &&
            (text[i] == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", text[i]) == NULL))
            return false;
    }
    return size > 0 && size <= LOCAL_PART_MAX;
}

static bool is_host(const char *text)
{
    size_t label = 0;
    for (const char *letter = text;; letter++) {
        if (*letter == '.' || *letter == '\0') {
            if (label == 0 || label > LABEL_MAX || letter[-1] == '-')
                return false;
            if (*letter == '\0')
                return true;
            label = 0;
        } else if (is_letter_or_digit(*letter) || (*letter == '-' && label > 0)) {
            label++;
        } else {
            return false;
        }
    }
}

bool mail_is_address(const char *text)
{
    const char *at = strchr(text, '@');
    return at != NULL && strlen(text) <= MAIL_ADDRESS_MAX &&
           is_local_part(text, (size_t)(at - text)) && is_host(at + 1);
}

/* A text that grows; `is_broken` where there was no memory. */
typedef struct growing {
    char *text;
    size_t size, capacity;
    bool is_broken;
} growing;

static void add(growing *self, const char *bytes, size_t size)
{
    if (self->is_broken)
        return;
    if (self->size + size + 1 > self->capacity) {
        size_t capacity = (self->size + size + 1) * 2;
        char *grown = realloc(self->text, capacity);
        if (grown == NULL) {
            self->is_broken = true;
            return;
        }
        self->text = grown;
        self->capacity = capacity;
    }
    memcpy(self->text + self->size, bytes, size);
    self->size += size;
    self->text[self->size] = '\0';
}

static void add_text(growing *self, const char *text)
{
    add(self, text, strlen(text));
}

static bool is_plain(const char *text)
{
    for (const char *letter = text; *letter != '\0'; letter++) {
        if (*letter < ' ' || *letter > '~')
            return false;
    }
    return strlen(text) <= SUBJECT_LETTERS && strstr(text, "=?") == NULL;
}

static void add_subject(growing *self, const char *subject)
{
    if (is_plain(subject)) {
        add_text(self, subject);
        return;
    }
    for (size_t left = strlen(subject); left > 0;) {
        unsigned char word[WORD_BYTES * 2];
        size_t size = left < WORD_BYTES ? left : WORD_BYTES;
        while (size > 1 && size < left && ((unsigned char)subject[size] & 0xc0) == 0x80)
            size--; /* a word has whole characters */
        EVP_EncodeBlock(word, (const unsigned char *)subject, (int)size);
        add_text(self, "=?utf-8?B?");
        add_text(self, (const char *)word);
        subject += size;
        left -= size;
        add_text(self, left > 0 ? "?=\r\n " : "?=");
    }
}

static void add_body(growing *self, const char *text)
{
    size_t column = 0;
    for (const char *letter = text; *letter != '\0'; letter++) {
        char escaped[4];
        bool ends_line = letter[1] == '\n' || letter[1] == '\0';
        bool is_safe =
            *letter > ' ' && *letter <= '~' && *letter != '=' && !(*letter == '.' && column == 0);
        if (*letter == '\n') {
            add(self, "\r\n", 2);
            column = 0;
            continue;
        }
        if (column >= LINE_LETTERS) {
            add(self, "=\r\n", 3);
            column = 0;
            is_safe = is_safe && *letter != '.';
        }
        if (is_safe || (*letter == ' ' && !ends_line)) {
            add(self, letter, 1);
            column++;
        } else {
            snprintf(escaped, sizeof escaped, "=%02X", (unsigned)(unsigned char)*letter);
            add(self, escaped, 3);
            column += 3;
        }
    }
    add(self, "\r\n", 2);
}

/* "Wed, 25 Nov 2026 21:44:58 +0000", whatever the locale. */
static void add_date(growing *self, int64_t time_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    char text[64];
    if (gmtime_r(&seconds, &parts) == NULL)
        return;
    snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d +0000", days[parts.tm_wday],
             parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
             parts.tm_sec);
    add_text(self, text);
}

char *mail_message(const mail_parts *parts)
{
    growing message = {0};
    const char *host = strchr(parts->from, '@');
    const char *const header[] = {
        "From: ",  parts->from, "\r\nTo: ",   parts->to, "\r\nMessage-ID: <",
        parts->id, host,        ">\r\nDate: "};
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
        add_text(&message, header[i]);
    add_date(&message, parts->time_ms);
    add_text(&message, "\r\nSubject: ");
    add_subject(&message, parts->subject);
    if (parts->unsubscribe != NULL) {
        add_text(&message, "\r\nList-Unsubscribe: <");
        add_text(&message, parts->unsubscribe);
        add_text(&message, ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click");
    }
    add_text(&message, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                       "Content-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    add_body(&message, parts->text);
    if (!message.is_broken)
        return message.text;
    free(message.text);
    return NULL;
}
