#include "picture_of.h"

#define LINE \
    "{'StartAt':'A','States':{'A':{'Type':'Task','Resource':'f','Next':'B','Catch':[{" \
    "'ErrorEquals':['States.ALL'],'Next':'F'}]},'B':{'Type':'Pass','End':true},'F':{'Type':" \
    "'Fail'}}}"
#define BOX \
    "{'StartAt':'P','States':{'P':{'Type':'Parallel','Next':'Z','Catch':[{'ErrorEquals':[" \
    "'States.ALL'],'Next':'Z'}],'Branches':[{'StartAt':'X','States':{'X':{'Type':'Task'," \
    "'Resource':'f','End':true}}},{'StartAt':'Y','States':{'Y':{'Type':'Wait','Seconds':1," \
    "'End':true}}}]},'Z':{'Type':'Pass','End':true}}}"

enum { V = ASL_GRAPH_VISITED, C = ASL_GRAPH_CURRENT, F = ASL_GRAPH_FAILED, K = ASL_GRAPH_CAUGHT };

typedef struct step {
    uint64_t id, previous;
    const char *type, *state;
} step;

static void play(asl_graph *graph, const step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        asl_history_event event = {.size = sizeof event,
                                   .id = steps[i].id,
                                   .previous_id = steps[i].previous,
                                   .type = steps[i].type,
                                   .state = steps[i].state};
        ck_assert(asl_graph_mark_event(graph, &event));
    }
}
#define PLAY(graph, ...) \
    do { \
        const step steps[] = {__VA_ARGS__}; \
        play(graph, steps, sizeof steps / sizeof *steps); \
    } while (0)

static void check_marks(const asl_graph *graph, const char *state, unsigned marks)
{
    unsigned found = node_of(graph, state)->marks;
    ck_assert_msg(found == marks, "%s: %u, not %u", state, found, marks);
}

START_TEST(a_success_is_marked_from_start_to_end)
{
    asl_graph *graph = picture_of(LINE);
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "TaskStateEntered", "A"},
         {3, 2, "TaskScheduled", "A"});
    check_marks(graph, "A", V | C);
    ck_assert_uint_eq(graph->edges[0].marks, V);
    ck_assert_uint_eq(graph->nodes[graph->parts[0].start].marks, V);
    ck_assert_uint_eq(graph->nodes[graph->parts[0].end].marks, 0);
    PLAY(graph, {4, 3, "TaskStarted", "A"}, {5, 4, "TaskSucceeded", "A"},
         {6, 5, "TaskStateExited", "A"}, {7, 6, "PassStateEntered", "B"},
         {8, 7, "PassStateExited", "B"}, {9, 8, "ExecutionSucceeded", NULL});
    check_marks(graph, "A", V);
    check_marks(graph, "B", V);
    check_marks(graph, "F", 0);
    ck_assert_uint_eq(edge_of(graph, "A", "B", 0)->marks, V);
    ck_assert_uint_eq(edge_of(graph, "A", "F", 0)->marks, 0);
    ck_assert_uint_eq(graph->nodes[graph->parts[0].end].marks, V);
    asl_graph_mark_nothing(graph);
    check_marks(graph, "A", 0);
    ck_assert_uint_eq(edge_of(graph, "A", "B", 0)->marks, 0);
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_failure_that_is_tried_again_is_none)
{
    asl_graph *graph = picture_of(LINE);
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "TaskStateEntered", "A"},
         {3, 2, "TaskScheduled", "A"}, {4, 3, "TaskFailed", "A"});
    check_marks(graph, "A", V | C | F);
    PLAY(graph, {5, 4, "TaskScheduled", "A"});
    check_marks(graph, "A", V | C);
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_failure_that_is_caught_takes_the_other_way)
{
    asl_graph *graph = picture_of(LINE);
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "TaskStateEntered", "A"},
         {3, 2, "TaskScheduled", "A"}, {4, 3, "TaskTimedOut", "A"}, {5, 4, "TaskStateExited", "A"},
         {6, 5, "FailStateEntered", "F"}, {7, 6, "ExecutionFailed", NULL});
    check_marks(graph, "A", V | K);
    check_marks(graph, "B", 0);
    check_marks(graph, "F", V | F);
    ck_assert_uint_eq(edge_of(graph, "A", "B", 0)->marks, 0);
    ck_assert_uint_eq(edge_of(graph, "A", "F", 0)->marks, V);
    asl_graph_free(graph);
}
END_TEST

START_TEST(what_runs_when_the_execution_is_stopped_has_failed)
{
    asl_graph *graph = picture_of(LINE);
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "TaskStateEntered", "A"},
         {3, 0, "ExecutionAborted", NULL});
    check_marks(graph, "A", V | F);
    asl_graph_free(graph);
}
END_TEST

START_TEST(events_of_a_container_are_told_from_those_of_its_branches)
{
    asl_graph *graph = picture_of(BOX);
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "ParallelStateEntered", "P"},
         {3, 2, "ParallelStateStarted", "P"}, {4, 3, "TaskStateEntered", "X"},
         {5, 3, "WaitStateEntered", "Y"});
    check_marks(graph, "P", V | C);
    check_marks(graph, "X", V | C);
    check_marks(graph, "Y", V | C);
    PLAY(graph, {6, 4, "TaskScheduled", "X"}, {7, 6, "TaskFailed", "X"},
         {8, 5, "WaitStateAborted", "Y"}, {9, 7, "ParallelStateFailed", "X"});
    check_marks(graph, "P", V | C | F);
    check_marks(graph, "X", V | F);
    check_marks(graph, "Y", V);
    PLAY(graph, {10, 9, "ParallelStateExited", "P"}, {11, 10, "PassStateEntered", "Z"});
    check_marks(graph, "P", V | K);
    check_marks(graph, "Z", V | C);
    ck_assert_uint_eq(edge_of(graph, "P", "Z", 0)->marks, 0);
    ck_assert_uint_eq(edge_of(graph, "P", "Z", 1)->marks, V);
    asl_graph_free(graph);
}
END_TEST

START_TEST(an_iteration_that_ends_leaves_the_others)
{
    asl_graph *graph = picture_of(
        "{'StartAt':'M','States':{'M':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'I',"
        "'States':{'I':{'Type':'Task','Resource':'f','End':true}}}}}}");
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "MapStateEntered", "M"},
         {3, 2, "MapStateStarted", "M"}, {4, 3, "MapIterationStarted", "M"},
         {5, 4, "TaskStateEntered", "I"}, {6, 3, "MapIterationStarted", "M"},
         {7, 6, "TaskStateEntered", "I"}, {8, 5, "TaskStateExited", "I"},
         {9, 8, "MapIterationSucceeded", "I"});
    check_marks(graph, "I", V | C);
    PLAY(graph, {10, 7, "TaskStateExited", "I"}, {11, 10, "MapIterationSucceeded", "I"},
         {12, 11, "MapStateSucceeded", "I"});
    check_marks(graph, "I", V);
    check_marks(graph, "M", V | C);
    PLAY(graph, {13, 12, "MapStateExited", "M"});
    check_marks(graph, "M", V);
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_loop_marks_its_way_back)
{
    asl_graph *graph = picture_of(
        "{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Choice','Choices':[{"
        "'Variable':'$.a','IsNull':true,'Next':'C'}],'Default':'A'},'C':{'Type':'Succeed'}}}");
    PLAY(graph, {1, 0, "ExecutionStarted", NULL}, {2, 0, "PassStateEntered", "A"},
         {3, 2, "PassStateExited", "A"}, {4, 3, "ChoiceStateEntered", "B"},
         {5, 4, "ChoiceStateExited", "B"}, {6, 5, "PassStateEntered", "A"});
    check_marks(graph, "A", V | C);
    ck_assert_uint_eq(edge_of(graph, "B", "A", 0)->marks, V);
    ck_assert_uint_eq(edge_of(graph, "B", "C", 0)->marks, 0);
    asl_graph_free(graph);
}
END_TEST

START_TEST(marks_are_given_by_hand)
{
    asl_graph *graph = picture_of(LINE);
    ck_assert_int_eq(asl_graph_mark(graph, "B", V | C), ASL_OK);
    check_marks(graph, "B", V | C);
    ck_assert_int_eq(asl_graph_mark(graph, "B", F), ASL_OK);
    check_marks(graph, "B", F);
    ck_assert_int_eq(asl_graph_mark(graph, "Q", V), ASL_NOT_FOUND);
    ck_assert_int_eq(asl_graph_mark(graph, "B", 16), ASL_MISUSE);
    check_marks(graph, "B", F);
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_state_of_another_definition_is_told)
{
    asl_graph *graph = picture_of(LINE);
    asl_history_event event = {
        .size = sizeof event, .id = 2, .type = "PassStateEntered", .state = "Q"};
    ck_assert(!asl_graph_mark_event(graph, &event));
    event.type = "ExecutionSucceeded";
    event.state = NULL;
    ck_assert(asl_graph_mark_event(graph, &event));
    asl_graph_free(graph);
}
END_TEST

SUITE("graph/marks", a_success_is_marked_from_start_to_end, a_failure_that_is_tried_again_is_none,
      a_failure_that_is_caught_takes_the_other_way,
      what_runs_when_the_execution_is_stopped_has_failed,
      events_of_a_container_are_told_from_those_of_its_branches,
      an_iteration_that_ends_leaves_the_others, a_loop_marks_its_way_back, marks_are_given_by_hand,
      a_state_of_another_definition_is_told)
