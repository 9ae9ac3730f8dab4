/* Documents: a value together with the byte range of each of its nodes. */
#include "base/error.h"
#include "base/heap.h"
#include "value/parse.h"

int asl_document_parse(const asl_heap *heap, const char *text, size_t size, unsigned depth_max,
                       asl_document *ret_document, asl_error **error)
{
    if ((text == NULL && size > 0) || depth_max > ASL_VALUE_DEPTH_MAX)
        return asl_error_set(error, ASL_MISUSE, "asl_document_parse: a wrong argument");
    asl_document document = {.heap = heap};
    int status = asl_parse_text(heap, size > 0 ? text : "", size, depth_max, &document,
                                &document.root, error);
    if (status == ASL_OK)
        *ret_document = document;
    else
        asl_document_done(&document);
    return status;
}

void asl_document_done(asl_document *document)
{
    asl_value_unref(document->root);
    asl_release(document->heap, document->ranges, document->capacity * sizeof *document->ranges);
    *document = (asl_document){.heap = document->heap};
}
