/* ASL: Map, "Label": a name for the child machine, which becomes a part of its ARN. */
#include <string.h>

#include "base/utf8.h"
#include "definition/loader.h"

#define LABEL_CHARACTERS_MAX 40u

static bool may_stand(uint32_t code_point)
{
    return code_point > ' ' && !(code_point >= 0x7F && code_point <= 0x9F) &&
           (code_point > 0x7F || strchr("?*<>{}[]:;,\\|^~$#%&\"`", (int)code_point) == NULL);
}

static bool is_label(const char *text, size_t size)
{
    const char *next = text, *end = text + size;
    while (next < end)
        if (!may_stand(asl_utf8_decode(&next, end)))
            return false;
    return size > 0 && asl_utf8_count(text, size) <= LABEL_CHARACTERS_MAX;
}

static void check_label(asl_loader *loader, asl_map *labels, asl_node node)
{
    size_t size = 0;
    bool is_new = false;
    const char *text = asl_node_string(loader, node, &size);
    if (text == NULL)
        return;
    if (!is_label(text, size)) {
        asl_report(loader,
                   (asl_problem){.code = "INVALID_LABEL_NAME",
                                 .node = node,
                                 .location = node,
                                 .hint = "1 to 40 characters without blanks, controls and "
                                         "?*<>{}[]:;,\\|^~$#%&\"`"},
                   "Invalid Label name: %s", text);
        return;
    }
    if (asl_map_put(labels, text, size, &is_new) == NULL)
        asl_loader_check(loader, ASL_NOMEM);
    else if (!is_new)
        asl_report(loader,
                   (asl_problem){.code = "DUPLICATE_LABEL_NAME", .node = node, .location = node},
                   "Duplicate Label name: %s", text);
}

void asl_check_labels(asl_loader *loader)
{
    asl_map labels;
    asl_map_init(&labels, loader->heap);
    for (uint32_t i = 0; i < loader->state_count && loader->status == ASL_OK; i++) {
        if (loader->program->states[i].type != ASL_STATE_MAP)
            continue;
        asl_node node = asl_node_member(loader, loader->states[i].node, "Label");
        if (node != ASL_NODE_NONE)
            check_label(loader, &labels, node);
    }
    asl_map_done(&labels);
}
