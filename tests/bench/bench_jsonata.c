/* Evaluations of JSONata expressions per second: `bench-jsonata [DIR]`.
 *
 * DIR holds e.expr.json and e.input.json, a report over orders, and a.input.json, one order;
 * without it the same work is made here. An expression is compiled once and evaluated many times;
 * compiling and evaluating together is measured apart, as is the most memory that an evaluation has
 * at once. Prints a JSON line an expression, and the medians of its rounds. */
#include <asl/asl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define ROUNDS 5
#define ROUND_NS 200000000

/* Memory that is counted: how much there is at once. */
typedef struct counter {
    size_t now, most;
} counter;

static void *allocate(void *context, size_t size)
{
    counter *bytes = context;
    bytes->now += size;
    bytes->most = bytes->now > bytes->most ? bytes->now : bytes->most;
    return malloc(size);
}

static void *reallocate(void *context, void *pointer, size_t old_size, size_t new_size)
{
    counter *bytes = context;
    bytes->now += new_size - old_size;
    bytes->most = bytes->now > bytes->most ? bytes->now : bytes->most;
    return realloc(pointer, new_size);
}

static void release(void *context, void *pointer, size_t size)
{
    counter *bytes = context;
    bytes->now -= size;
    free(pointer);
}

static const char *const small_expressions[][2] = {
    {"path", "$states.input.order.customer.name"},
    {"arith", "$states.input.order.qty * 19.5 + 4.9"},
    {"cmp", "$states.input.order.qty > 5 and $states.input.order.country = 'DE'"},
    {"obj", "{'id':$states.input.order.id,'label':$uppercase($states.input.order.sku) & ' x ' &"
            " $string($states.input.order.qty)}"},
};

static const char *const report_expressions[][2] = {
    {"total", "$sum($states.input.orders.(qty*price))"},
    {"big", "$count($states.input.orders[qty*price>500])"},
    {"top", "$states.input.orders^(>price)[[0..9]].id"},
    {"byCountry", "$states.input.orders{country: $sum($.(qty*price))}"},
    {"names", "$join($states.input.orders[country='DE' and qty>15].customer.name,',')"},
    {"lines", "$states.input.orders[[0..99]].{'id':id,'line':$uppercase(sku)&' x '&$string(qty),"
              "'sum':$round(qty*price,2)}"},
};

static const asl_value *find_states(void *context, const char *name, size_t size)
{
    return size == 6 && memcmp(name, "states", 6) == 0 ? context : NULL;
}

static asl_value *parse(const char *text, size_t size)
{
    asl_value *value = NULL;
    asl_error *error = NULL;
    if (asl_value_parse(NULL, text, size, 0, &value, &error) != ASL_OK) {
        fprintf(stderr, "bench-jsonata: %s\n", asl_error_message(error));
        exit(EXIT_FAILURE);
    }
    return value;
}

static asl_value *read_json(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "bench-jsonata: cannot read %s\n", path);
        exit(EXIT_FAILURE);
    }
    static char text[1 << 20];
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    return parse(text, size);
}

/* A thousand orders, the same every time. */
static asl_value *make_orders(void)
{
    static const char *const countries[] = {"DE", "FR", "US", "GB", "JP", "BR", "IN"};
    static char text[1 << 18];
    size_t size = (size_t)snprintf(text, sizeof text, "{\"orders\":[");
    unsigned state = 12345;
    for (int i = 0; i < 1000; i++) {
        state = state * 1103515245u + 12345u;
        unsigned draw = state >> 8;
        size += (size_t)snprintf(
            text + size, sizeof text - size,
            "%s{\"id\":\"o-%d\",\"sku\":\"sku-%d\",\"qty\":%u,\"price\":%u.%02u,\"country\":\"%s\","
            "\"customer\":{\"name\":\"cust %d\",\"vip\":%s}}",
            i > 0 ? "," : "", i, i * 7 % 97, 1 + draw % 20, draw % 100, draw / 7 % 100,
            countries[draw % 7], i * 13 % 251, draw % 5 == 0 ? "true" : "false");
    }
    snprintf(text + size, sizeof text - size, "]}");
    return parse(text, strlen(text));
}

static asl_value *make_order(void)
{
    static const char text[] = "{\"order\":{\"id\":\"A-1001\",\"sku\":\"widget\",\"qty\":7,"
                               "\"country\":\"DE\",\"customer\":{\"name\":\"Jane Doe\"}}}";
    return parse(text, sizeof text - 1);
}

static asl_jsonata *compile(const asl_heap *heap, const char *text)
{
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    if (asl_jsonata_compile(heap, text, strlen(text), 0, &expression, &error) != ASL_OK) {
        fprintf(stderr, "bench-jsonata: %s: %s\n", text, asl_error_message(error));
        exit(EXIT_FAILURE);
    }
    return expression;
}

static asl_value *evaluate(const asl_jsonata *expression, const asl_jsonata_options *options)
{
    asl_value *value = NULL;
    asl_error *error = NULL;
    if (asl_jsonata_evaluate(expression, NULL, options, &value, &error) != ASL_OK ||
        value == NULL) {
        fprintf(stderr, "bench-jsonata: %s\n",
                error != NULL ? asl_error_message(error) : "no result");
        exit(EXIT_FAILURE);
    }
    return value;
}

/* Evaluations a second, compiled anew each time where `text` is not NULL. */
static double measure(const asl_jsonata *expression, const char *text,
                      const asl_jsonata_options *options)
{
    double rates[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        int64_t begin = report_now_ns(), now = begin;
        size_t count = 0;
        for (; now - begin < ROUND_NS; now = report_now_ns()) {
            for (int i = 0; i < 16; i++, count++) {
                asl_jsonata *made = text != NULL ? compile(NULL, text) : NULL;
                asl_value_unref(evaluate(made != NULL ? made : expression, options));
                asl_jsonata_unref(made);
            }
        }
        rates[round] = (double)count * 1e9 / (double)(now - begin);
    }
    return report_median(rates, ROUNDS);
}

static double bench(const char *set, const char *name, const char *text, asl_value *states)
{
    asl_jsonata_options options = {
        .size = sizeof options, .context = states, .variable = find_states};
    counter bytes = {0};
    asl_heap heap = {.size = sizeof heap,
                     .allocate = allocate,
                     .reallocate = reallocate,
                     .release = release,
                     .context = &bytes};
    asl_jsonata *counted = compile(&heap, text);
    bytes.most = bytes.now;
    size_t compiled = bytes.now;
    asl_value *result = evaluate(counted, &options);
    char *printed = NULL;
    asl_value_print(result, 0, &printed, NULL);
    asl_value_unref(result);
    asl_jsonata_unref(counted);
    asl_jsonata *expression = compile(NULL, text);
    double rate = measure(expression, NULL, &options);
    double both = measure(NULL, text, &options);
    printf("{\"peer\":\"aslengine\",\"set\":\"%s\",\"name\":\"%s\",\"evaluations_per_s\":%.1f,"
           "\"compile_and_evaluate_per_s\":%.1f,\"compiled_bytes\":%zu,\"peak_bytes\":%zu,"
           "\"result_size\":%zu}\n",
           set, name, rate, both, compiled, bytes.most - compiled,
           printed != NULL ? strlen(printed) : 0);
    fflush(stdout);
    asl_text_free(printed);
    asl_jsonata_unref(expression);
    return rate;
}

static asl_value *states_of(asl_value *input)
{
    asl_value *states = asl_value_object(NULL);
    asl_value_set(&states, "input", input);
    return states;
}

static const char *text_at(const asl_value *given, const char *name, const char *otherwise)
{
    const char *text =
        given != NULL ? asl_value_get_string(asl_value_get(given, name), NULL) : NULL;
    return text != NULL ? text : otherwise;
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : NULL;
    asl_value *order = states_of(folder != NULL ? read_json(folder, "a.input.json") : make_order());
    asl_value *orders =
        states_of(folder != NULL ? read_json(folder, "e.input.json") : make_orders());
    asl_value *given = folder != NULL ? read_json(folder, "e.expr.json") : NULL;
    double seconds = 0;
    for (size_t i = 0; i < sizeof small_expressions / sizeof small_expressions[0]; i++)
        bench("small", small_expressions[i][0], small_expressions[i][1], order);
    for (size_t i = 0; i < sizeof report_expressions / sizeof report_expressions[0]; i++) {
        const char *name = report_expressions[i][0];
        seconds +=
            1 / bench("orders1000", name, text_at(given, name, report_expressions[i][1]), orders);
    }
    report_add("six report expressions, together", seconds * 1e6, "us");
    asl_value_unref(order);
    asl_value_unref(orders);
    asl_value_unref(given);
    report_table();
}
