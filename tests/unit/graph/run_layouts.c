/* Lays out and draws every definition of some folders: `run-layouts LEAST FOLDER...`
 *
 * A JSON file is a definition, or a record with one ("definition", or "definitionText"). What does
 * not load is counted apart: other tests say what must load. A folder that is not there is named,
 * and it is a failure where fewer than LEAST definitions were laid out. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asl/graph.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "layout_check.h"
#include "value/value.h"

static size_t laid_out, refused, failed, states;

static bool read_file(const char *path, asl_buffer *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[65536];
    size_t size;
    while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
        asl_buffer_append(bytes, chunk, size);
    bool good = ferror(file) == 0;
    fclose(file);
    return good && bytes->status == ASL_OK;
}

/* Puts the definition that a record has in the place of the record. */
static void take_definition(asl_buffer *bytes)
{
    asl_cleanup(asl_value_cleanup) asl_value *record = NULL;
    if (asl_value_parse(NULL, bytes->bytes, bytes->size, 0, &record, NULL) != ASL_OK)
        return;
    const asl_value *exact = asl_value_get(record, "definitionText");
    const asl_value *definition = asl_value_get(record, "definition");
    if (exact == NULL && definition == NULL)
        return;
    asl_buffer_clear(bytes);
    size_t size = 0;
    const char *text = exact != NULL ? asl_value_get_string(exact, &size) : NULL;
    if (text != NULL)
        asl_buffer_append(bytes, text, size);
    else
        asl_value_print_to(definition, bytes);
}

static const char *draw(const asl_graph *graph)
{
    const char *problem = layout_check(graph);
    for (int format = ASL_GRAPH_SVG; problem == NULL && format <= ASL_GRAPH_MERMAID; format++) {
        char *text = NULL;
        size_t size = 0;
        int status = asl_graph_render(graph, (asl_graph_format)format, &text, &size);
        if (status != ASL_OK || size == 0 || strlen(text) != size)
            problem = "it cannot be drawn";
        asl_text_free(text);
    }
    return problem;
}

static void lay_out(const char *path, const asl_definition *definition)
{
    asl_graph *graph = NULL;
    const char *problem = "it cannot be laid out";
    if (asl_graph_new(definition, NULL, &graph, NULL) == ASL_OK)
        problem = draw(graph);
    if (problem != NULL) {
        printf("%s: %s\n", path, problem);
        failed++;
    } else {
        laid_out++;
        states += asl_definition_state_count(definition);
    }
    asl_graph_free(graph);
}

static int run_file(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)place;
    size_t size = strlen(path);
    if (kind != FTW_F || size < 5 || strcmp(path + size - 5, ".json") != 0)
        return 0;
    asl_cleanup(asl_buffer_done) asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    asl_definition *definition = NULL;
    if (!read_file(path, &bytes)) {
        printf("%s: it cannot be read\n", path);
        failed++;
        return 0;
    }
    take_definition(&bytes);
    if (asl_definition_load(bytes.bytes, bytes.size, NULL, &definition, NULL, NULL) == ASL_OK)
        lay_out(path, definition);
    else
        refused++;
    asl_definition_unref(definition);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: run-layouts LEAST FOLDER...\n");
        return 2;
    }
    size_t least = strtoul(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++) {
        size_t before = laid_out;
        if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0)
            printf("%s: not there, nothing of it was laid out\n", argv[i]);
        else
            printf("%s: %zu laid out\n", argv[i], laid_out - before);
    }
    printf("%zu definitions with %zu states laid out, %zu files are none that loads, %zu failed\n",
           laid_out, states, refused, failed);
    return failed == 0 && laid_out >= least ? 0 : 1;
}
