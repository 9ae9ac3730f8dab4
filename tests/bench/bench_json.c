/* How fast values are: parsing and printing of texts as workflows have them, and the small steps a
 * transition is made of. Each figure is the middle of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/heap.h"
#include "report.h"
#include "value/value.h"

#define ROUNDS 7
#define ROUND_NS 60000000

typedef struct subject {
    asl_buffer text;
    asl_value *value;
    asl_buffer out;
} subject;

typedef void step(subject *s);

/* Nanoseconds of one step: the middle of the rounds. */
static double measure(step *run, subject *s)
{
    double figures[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = report_now_ns(), now;
        double count = 0;
        do {
            for (int i = 0; i < 16; i++)
                run(s);
            count += 16;
            now = report_now_ns();
        } while (now - start < ROUND_NS);
        figures[round] = (double)(now - start) / count;
    }
    return report_median(figures, ROUNDS);
}

static void die(const char *what)
{
    fprintf(stderr, "bench-json: %s\n", what);
    exit(1);
}

static void parse_flags(subject *s, unsigned flags)
{
    asl_value *value = NULL;
    if (asl_value_parse(NULL, s->text.bytes, s->text.size, flags, &value, NULL) != ASL_OK)
        die("a text was refused");
    asl_value_unref(value);
}

static void parse(subject *s)
{
    parse_flags(s, 0);
}

static void parse_kept(subject *s)
{
    parse_flags(s, ASL_PARSE_KEEP_TEXT);
}

static void print(subject *s)
{
    asl_buffer_clear(&s->out);
    asl_value_print_to(s->value, &s->out);
    if (s->out.status != ASL_OK)
        die("a value was not printed");
}

static void compare(subject *s)
{
    asl_value *again = NULL;
    if (asl_value_parse(NULL, s->text.bytes, s->text.size, 0, &again, NULL) != ASL_OK ||
        !asl_value_equal(s->value, again))
        die("a value is not equal to itself");
    asl_value_unref(again);
}

static void share(subject *s)
{
    asl_value_unref(asl_value_ref(s->value));
}

static void look_up(subject *s)
{
    const asl_value *member = asl_value_get_sized(s->value, "quantity", 8);
    if (member == NULL)
        die("a member was not found");
}

/* What ResultPath does: one member changed in a value that others see. */
static void change_shared(subject *s)
{
    asl_value *copy = asl_value_ref(s->value);
    if (asl_value_set_sized(&copy, "quantity", 8, asl_value_integer(NULL, 4)) != ASL_OK)
        die("out of memory");
    asl_value_unref(copy);
}

static void build(subject *s)
{
    (void)s;
    asl_value *object = asl_value_object(NULL);
    asl_value_set_sized(&object, "status", 6, asl_value_string_sized(NULL, "PENDING", 7));
    asl_value_set_sized(&object, "count", 5, asl_value_integer(NULL, 3));
    asl_value_unref(object);
}

static void write_order(asl_buffer *text)
{
    asl_buffer_text(text, "{\"name\":\"Step Functions Pizza\",\"restaurantId\":\"Restaurant 99\","
                          "\"quantity\":3}");
}

/* Rows of an order system: keys that repeat, short strings, amounts. */
static void write_rows(asl_buffer *text)
{
    asl_buffer_byte(text, '[');
    for (int i = 0; i < 1200; i++)
        asl_buffer_format(text,
                          "%s{\"orderId\":\"order-%06d\",\"customer\":{\"name\":\"Customer %d\","
                          "\"vip\":%s},\"amount\":%d.%02d,\"quantity\":%d,\"tags\":[\"a\",\"b\"],"
                          "\"note\":null}",
                          i > 0 ? "," : "", i, i, i % 3 == 0 ? "true" : "false", i * 7, i % 100, i);
    asl_buffer_byte(text, ']');
}

/* Long strings, some of which need escapes. */
static void write_prose(asl_buffer *text)
{
    asl_buffer_byte(text, '[');
    for (int i = 0; i < 200; i++)
        asl_buffer_format(text,
                          "%s\"%s Caf\xC3\xA9: a longer text of a message, as mails and documents "
                          "have them, %d words and more of it, %s and so on until the line is "
                          "over and the next one begins, with nothing in it to look at.\"",
                          i > 0 ? "," : "", i % 2 == 0 ? "One" : "Two", i,
                          i % 2 == 0 ? "plain" : "with \\\"quotes\\\" and\\na line feed");
    asl_buffer_byte(text, ']');
}

static void write_numbers(asl_buffer *text)
{
    asl_buffer_byte(text, '[');
    for (int i = 0; i < 20000; i++)
        asl_buffer_format(text, i % 2 == 0 ? "%s%d" : "%s%d.5", i > 0 ? "," : "", i * 7919);
    asl_buffer_byte(text, ']');
}

static void report_rate(const char *name, const char *work, size_t size, double ns)
{
    char title[64];
    snprintf(title, sizeof title, "%s %s", work, name);
    char *kept = strdup(title); /* the report keeps the pointer */
    if (kept == NULL)
        die("out of memory");
    report_add(kept, (double)size * 1000 / ns, "MB/s");
}

static void run_text(const char *name, void write(asl_buffer *))
{
    subject s = {0};
    asl_buffer_init(&s.text, NULL);
    asl_buffer_init(&s.out, NULL);
    write(&s.text);
    if (s.text.status != ASL_OK ||
        asl_value_parse(NULL, s.text.bytes, s.text.size, 0, &s.value, NULL) != ASL_OK)
        die("a text was refused");
    report_rate(name, "parse", s.text.size, measure(parse, &s));
    report_rate(name, "parse and keep", s.text.size, measure(parse_kept, &s));
    report_rate(name, "print", s.text.size, measure(print, &s));
    report_rate(name, "parse and compare", s.text.size, measure(compare, &s));
    asl_value_unref(s.value);
    asl_buffer_done(&s.text);
    asl_buffer_done(&s.out);
}

static void run_steps(void)
{
    subject s = {0};
    asl_buffer_init(&s.text, NULL);
    asl_buffer_init(&s.out, NULL);
    write_order(&s.text);
    if (asl_value_parse(NULL, s.text.bytes, s.text.size, 0, &s.value, NULL) != ASL_OK)
        die("a text was refused");
    report_add("parse order (77 bytes)", measure(parse, &s), "ns");
    report_add("print order (77 bytes)", measure(print, &s), "ns");
    report_add("share a value", measure(share, &s), "ns");
    report_add("look up a member", measure(look_up, &s), "ns");
    report_add("change a member of a shared object", measure(change_shared, &s), "ns");
    report_add("build an object of two members", measure(build, &s), "ns");
    asl_value_unref(s.value);
    asl_buffer_done(&s.text);
    asl_buffer_done(&s.out);
}

int main(void)
{
    run_steps();
    run_text("rows", write_rows);
    run_text("prose", write_prose);
    run_text("numbers", write_numbers);
    report_table();
    return 0;
}
