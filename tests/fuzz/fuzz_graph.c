/* Pictures of definitions that nobody chose: an even first byte makes one as executions are made
 * from (run_definition.h), an odd one a tangle, in which any state leads to any other. Whatever is
 * laid out keeps the rules of layouts, is drawn, and gives all memory back; an allocation that
 * fails on the way is told. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "fault_heap.h"
#include "layout_check.h"
#include "run_definition.h"

#define SIZE_LIMIT 4096u
#define TANGLE_STATES_MAX 64u

#define REQUIRE(condition) \
    do { \
        if (!(condition)) \
            abort(); \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names are of many lengths, and some have what must be escaped. */
static void append_name(asl_buffer *text, unsigned index)
{
    static const char *const words[] = {
        "", "Get the", "<&>", "ChargeThePayment", "\\n\\\"", "\xE2\x9C\x93", "write_to_archive",
        "x"};
    asl_buffer_format(text, "\"%u%s%s%s\"", index, words[index % 8], words[index / 8 % 8],
                      words[index / 5 % 8]);
}

static void append_target(asl_buffer *text, const char *field, unsigned target, unsigned count)
{
    asl_buffer_format(text, ",\"%s\":", field);
    append_name(text, target % count);
}

/* Each state leads to the next one, so that all can be reached, and to others besides. */
static void append_tangled(tape *bytes, asl_buffer *text, unsigned index, unsigned count)
{
    unsigned kind = tape_front(bytes);
    append_name(text, index);
    if (index + 1 == count) {
        asl_buffer_text(text, ":{\"Type\":\"Succeed\"}");
    } else if (kind % 2 == 0) {
        asl_buffer_text(text, ":{\"Type\":\"Choice\",\"Choices\":[");
        for (unsigned i = 0; i <= kind / 2 % 4; i++) {
            asl_buffer_format(text, "%s{\"Variable\":\"$.a\",\"NumericEquals\":%u",
                              i > 0 ? "," : "", i);
            append_target(text, "Next", tape_front(bytes), count);
            asl_buffer_byte(text, '}');
        }
        asl_buffer_byte(text, ']');
        append_target(text, "Default", index + 1, count);
        asl_buffer_byte(text, '}');
    } else {
        asl_buffer_text(text, ":{\"Type\":\"Task\",\"Resource\":\"f\",\"Catch\":[");
        for (unsigned i = 0; i <= kind / 2 % 3; i++) {
            asl_buffer_format(text, "%s{\"ErrorEquals\":[\"E%u\"]", i > 0 ? "," : "", i);
            append_target(text, "Next", tape_front(bytes), count);
            asl_buffer_byte(text, '}');
        }
        asl_buffer_byte(text, ']');
        append_target(text, "Next", index + 1, count);
        asl_buffer_byte(text, '}');
    }
}

static void make_tangle(tape *bytes, asl_buffer *text)
{
    unsigned count = 1 + tape_front(bytes) % TANGLE_STATES_MAX;
    asl_buffer_text(text, "{\"StartAt\":");
    append_name(text, 0);
    asl_buffer_text(text, ",\"States\":{");
    for (unsigned i = 0; i < count; i++) {
        asl_buffer_text(text, i > 0 ? "," : "");
        append_tangled(bytes, text, i, count);
    }
    asl_buffer_text(text, "}}");
}

static void draw(fault_heap *heap, const asl_definition *definition, tape *bytes)
{
    asl_graph_options options = {.size = sizeof options, .heap = &heap->hook};
    asl_graph *graph = NULL;
    unsigned luck = tape_back(bytes);
    fault_heap_fail_at(heap, luck > 192 ? luck - 192 : 0, false);
    int status = asl_graph_new(definition, &options, &graph, NULL);
    REQUIRE(status == (fault_heap_failed(heap) ? ASL_NOMEM : ASL_OK));
    fault_heap_fail_at(heap, 0, false);
    if (status != ASL_OK)
        REQUIRE(asl_graph_new(definition, &options, &graph, NULL) == ASL_OK);
    REQUIRE(layout_check(graph) == NULL);
    for (int format = ASL_GRAPH_SVG; format <= ASL_GRAPH_MERMAID; format++) {
        char *text = NULL;
        REQUIRE(asl_graph_render(graph, (asl_graph_format)format, &text, NULL) == ASL_OK);
        asl_text_free(text);
    }
    asl_graph_free(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > SIZE_LIMIT)
        return 0;
    fault_heap heap;
    fault_heap_init(&heap);
    tape bytes = {.first = data + 1, .last = data + size};
    asl_buffer text;
    asl_buffer_init(&text, &heap.hook);
    if (data[0] % 2 == 0)
        run_definition_make(&bytes, &text);
    else
        make_tangle(&bytes, &text);
    if (getenv("FUZZ_GRAPH_SHOW"))
        fprintf(stderr, "%s\n", asl_buffer_string(&text));
    asl_definition_options options = {.size = sizeof options, .heap = &heap.hook};
    asl_definition *definition = NULL;
    int status = asl_definition_load(text.bytes, text.size, &options, &definition, NULL, NULL);
    REQUIRE(status == ASL_OK || (status == ASL_INVALID && data[0] % 2 == 0));
    if (status == ASL_OK)
        draw(&heap, definition, &bytes);
    asl_definition_unref(definition);
    asl_buffer_done(&text);
    REQUIRE(fault_heap_is_empty(&heap));
    return 0;
}
