/* The gate: RFC 9112 without what senders need not use. No other line end than CR LF, no folded
 * lines, no byte outside ASCII, no transfer encoding, no target but a path.
 */
#include "gate.h"

#include <string.h>

typedef struct text {
    const char *bytes;
    size_t size;
} text;

typedef struct head {
    unsigned method;
    unsigned hosts, lengths; /* how many fields of each */
    uint64_t length;
} head;

void gate_refuse(gate *self, unsigned status, const char *why)
{
    if (self->refused == 0) {
        self->refused = status;
        self->why = why;
    }
}

bool gate_is_inside(const gate *self)
{
    return self->scanned > 0 || self->body_left > 0;
}

static bool refuse(gate *self, unsigned status, const char *why)
{
    gate_refuse(self, status, why);
    return false;
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

/* Whatever the case of its letters. */
static bool is_word(text found, const char *word)
{
    if (strlen(word) != found.size)
        return false;
    for (size_t i = 0; i < found.size; i++) {
        if (lower(found.bytes[i]) != lower(word[i]))
            return false;
    }
    return true;
}

static bool is_exactly(text found, const char *word)
{
    return strlen(word) == found.size && memcmp(found.bytes, word, found.size) == 0;
}

static bool is_token_letter(char letter)
{
    return (letter >= '0' && letter <= '9') || (lower(letter) >= 'a' && lower(letter) <= 'z') ||
           (letter != '\0' && strchr("!#$%&'*+-.^_`|~", letter) != NULL);
}

static bool is_token(text found)
{
    for (size_t i = 0; i < found.size; i++) {
        if (!is_token_letter(found.bytes[i]))
            return false;
    }
    return found.size > 0;
}

static bool is_hex(char letter)
{
    return (letter >= '0' && letter <= '9') || (lower(letter) >= 'a' && lower(letter) <= 'f');
}

/* A path and a query of what RFC 3986 allows there. */
static bool is_target(text found)
{
    if (found.size == 0 || found.bytes[0] != '/')
        return false;
    for (size_t i = 0; i < found.size; i++) {
        char letter = found.bytes[i];
        bool is_escape = letter == '%';
        if (is_escape && (i + 2 >= found.size || !is_hex(found.bytes[i + 1]) ||
                          !is_hex(found.bytes[i + 2]) || memcmp(found.bytes + i, "%00", 3) == 0))
            return false;
        if (!is_escape && !is_token_letter(letter) && strchr("/?:@()=,;", letter) == NULL)
            return false;
        if (letter == '#' || letter == '^' || letter == '`' || letter == '|')
            return false;
    }
    return true;
}

static bool look_at_version(gate *self, text version)
{
    if (is_exactly(version, "HTTP/1.1") || is_exactly(version, "HTTP/1.0"))
        return true;
    if (version.size == 8 && memcmp(version.bytes, "HTTP/", 5) == 0)
        return refuse(self, 505, "this server speaks HTTP/1.1");
    return refuse(self, 400, "the request line is not METHOD PATH HTTP/1.1");
}

static bool look_at_method(gate *self, text method, text target, head *found)
{
    static const struct {
        const char *name;
        unsigned method;
    } served[] = {{"GET", GATE_GET}, {"POST", GATE_POST}, {"DELETE", GATE_DELETE}};
    for (size_t i = 0; i < sizeof served / sizeof served[0]; i++) {
        if (is_exactly(method, served[i].name))
            found->method = served[i].method;
    }
    if (found->method == 0)
        return refuse(self, 501, "no such method is served");
    const char *query = memchr(target.bytes, '?', target.size);
    self->methods = self->rules->methods_of(
        target.bytes, query != NULL ? (size_t)(query - target.bytes) : target.size);
    if (self->methods == 0)
        return refuse(self, 404, "there is no such path");
    if ((self->methods & found->method) == 0)
        return refuse(self, 405, "the path is not served with this method");
    return true;
}

static bool look_at_first_line(gate *self, text line, head *found)
{
    const char *first = memchr(line.bytes, ' ', line.size);
    const char *end = line.bytes + line.size;
    const char *second = first != NULL ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (second == NULL)
        return refuse(self, 400, "the request line is not METHOD PATH HTTP/1.1");
    text method = {line.bytes, (size_t)(first - line.bytes)};
    text target = {first + 1, (size_t)(second - first - 1)};
    text version = {second + 1, (size_t)(end - second - 1)};
    if (!is_token(method))
        return refuse(self, 400, "the method is not a word");
    if (!look_at_version(self, version))
        return false;
    if (!is_target(target))
        return refuse(self, 400, "the path is not a path");
    return look_at_method(self, method, target, found);
}

static bool look_at_length(gate *self, text value, head *found)
{
    if (found->lengths++ > 0)
        return refuse(self, 400, "there is more than one Content-Length");
    if (value.size == 0 || value.size > 18)
        return refuse(self, value.size == 0 ? 400 : 413, "the Content-Length is not right");
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] < '0' || value.bytes[i] > '9')
            return refuse(self, 400, "the Content-Length is not a number");
        found->length = found->length * 10 + (uint64_t)(value.bytes[i] - '0');
    }
    return true;
}

static bool look_at_host(gate *self, text value, head *found)
{
    if (found->hosts++ > 0)
        return refuse(self, 400, "there is more than one Host");
    for (const char *const *host = self->rules->hosts; *host != NULL; host++) {
        if (is_word(value, *host))
            return true;
    }
    return refuse(self, value.size == 0 ? 400 : 421, "this server does not serve this Host");
}

static bool look_at_field(gate *self, text line, head *found)
{
    const char *colon = memchr(line.bytes, ':', line.size);
    text name = {line.bytes, colon != NULL ? (size_t)(colon - line.bytes) : 0};
    if (!is_token(name))
        return refuse(self, 400, "a header line is not NAME: VALUE");
    text value = {colon + 1, line.size - name.size - 1};
    while (value.size > 0 && (value.bytes[0] == ' ' || value.bytes[0] == '\t')) {
        value.bytes++;
        value.size--;
    }
    while (value.size > 0 &&
           (value.bytes[value.size - 1] == ' ' || value.bytes[value.size - 1] == '\t'))
        value.size--;
    if (is_word(name, "host"))
        return look_at_host(self, value, found);
    if (is_word(name, "content-length"))
        return look_at_length(self, value, found);
    if (is_word(name, "transfer-encoding"))
        return refuse(self, 400, "send a Content-Length: no transfer encoding is taken");
    if (is_word(name, "expect") && !is_word(value, "100-continue"))
        return refuse(self, 417, "nothing is expected but 100-continue");
    return true;
}

static bool look_at_end(gate *self, const head *found)
{
    if (found->hosts == 0)
        return refuse(self, 400, "there is no Host");
    if (found->method != GATE_POST && found->length > 0)
        return refuse(self, 400, "the method takes no body");
    if (found->method == GATE_POST && found->lengths == 0)
        return refuse(self, 411, "there is no Content-Length");
    if (found->length > GATE_BODY_MAX)
        return refuse(self, 413, "the body is larger than 1 MiB");
    return true;
}

/* A whole head: lines that end with CR LF, the last one empty. */
static bool look_at_head(gate *self, const char *bytes, size_t size, head *found)
{
    unsigned fields = 0;
    for (size_t begin = 0; begin + 2 < size;) {
        const char *end = memchr(bytes + begin, '\r', size - begin);
        text line = {bytes + begin, (size_t)(end - bytes) - begin};
        if (begin == 0 ? !look_at_first_line(self, line, found) : !look_at_field(self, line, found))
            return false;
        if (begin > 0 && ++fields > GATE_FIELD_COUNT_MAX)
            return refuse(self, 431, "there are more than 100 header lines");
        begin += line.size + 2;
    }
    return look_at_end(self, found);
}

/* Looks at what of a head is new, byte by byte, so that what cannot become right is refused at once
 * and nothing is looked at twice. Returns the head's size, 0 where it is not whole. */
static size_t scan(gate *self, const char *bytes, size_t size)
{
    for (size_t i = self->scanned; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (i == GATE_LINE_MAX && memchr(bytes, '\n', i) == NULL)
            return refuse(self, 414, "the request line is longer than 8 KiB"), 0;
        if (i >= GATE_HEAD_MAX)
            return refuse(self, 431, "the header is longer than 64 KiB"), 0;
        bool follows_cr = i > 0 && bytes[i - 1] == '\r';
        if ((byte == '\n') != follows_cr)
            return refuse(self, 400, "a line does not end with CR LF"), 0;
        if ((byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t') || byte >= 0x7f)
            return refuse(self, 400, "the header has a byte that is no ASCII character"), 0;
        if (byte == '\n' && i == 1)
            return refuse(self, 400, "the request begins with an empty line"), 0;
        if (byte == '\n' && i >= 3 && bytes[i - 2] == '\n')
            return i + 1;
    }
    self->scanned = size;
    return 0;
}

size_t gate_look(gate *self, const char *bytes, size_t size)
{
    if (self->refused != 0 || size == 0)
        return 0;
    if (self->body_left > 0) {
        size_t passes = size < self->body_left ? size : (size_t)self->body_left;
        self->body_left -= passes;
        return passes;
    }
    head found = {0};
    size_t head_size = scan(self, bytes, size);
    if (head_size == 0 || !look_at_head(self, bytes, head_size, &found))
        return 0;
    self->scanned = 0;
    self->body_left = found.length;
    return head_size;
}
