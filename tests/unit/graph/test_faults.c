/* Laying out and drawing with every allocation failing in turn. */
#include "fault_heap.h"
#include "picture_of.h"

#define EVERYTHING \
    "{'StartAt':'P','States':{'P':{'Type':'Parallel','Next':'C','Retry':[{'ErrorEquals':['E']}]," \
    "'Catch':[{'ErrorEquals':['E'],'Next':'F'}],'Branches':[{'StartAt':'A','States':{'A':{" \
    "'Type':'Map','MaxConcurrency':2,'End':true,'ItemProcessor':{'StartAt':'I','States':{'I':{" \
    "'Type':'Wait','Seconds':1,'End':true}}}}}},{'StartAt':'B','States':{'B':{'Type':'Pass'," \
    "'End':true}}}]},'C':{'Type':'Choice','Choices':[{'Variable':'$.a','StringEquals':'x'," \
    "'Next':'P'},{'Not':{'Variable':'$.b','IsNull':true},'Next':'C'}],'Default':'F'},'F':{" \
    "'Type':'Fail','Error':'E'}}}"

static int lay_out(const asl_heap *heap, const asl_definition *definition)
{
    asl_graph_options options = {.size = sizeof options, .heap = heap, .title = "all"};
    asl_graph *graph = NULL;
    asl_error *error = NULL;
    int status = asl_graph_new(definition, &options, &graph, &error);
    ck_assert((status == ASL_OK) == (graph != NULL));
    ck_assert((status == ASL_OK) == (error == NULL));
    asl_error_free(error);
    for (int format = ASL_GRAPH_SVG; status == ASL_OK && format <= ASL_GRAPH_MERMAID; format++) {
        char *text = NULL;
        status = asl_graph_render(graph, (asl_graph_format)format, &text, NULL);
        ck_assert((status == ASL_OK) == (text != NULL));
        asl_text_free(text);
    }
    asl_graph_free(graph);
    return status;
}

static void sweep(bool for_good)
{
    loaded result = load(EVERYTHING);
    ck_assert_int_eq(result.status, ASL_OK);
    fault_heap heap;
    fault_heap_init(&heap);
    size_t nth = 1;
    for (; fault_heap_sweep(&heap, nth, for_good); nth++) {
        int status = lay_out(&heap.hook, result.definition);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
    }
    ck_assert_uint_gt(nth, 20);
    unload(&result);
}

START_TEST(every_allocation_may_fail)
{
    sweep(false);
}
END_TEST

START_TEST(all_that_follow_may_fail_too)
{
    sweep(true);
}
END_TEST

SUITE("graph/faults", every_allocation_may_fail, all_that_follow_may_fail_too)
