/* What every layout must keep, whatever it is of: a picture that breaks one of these cannot be
 * read.
 *
 *     const char *problem = layout_check(graph);
 *     ck_assert_msg(problem == NULL, "%s", problem);
 */
#ifndef ASL_TESTS_GRAPH_LAYOUT_CHECK_H
#define ASL_TESTS_GRAPH_LAYOUT_CHECK_H

#include <asl/graph.h>

/* The first rule that is broken, with what breaks it, in a static text; NULL: none. All pairs are
 * compared: for some hundred states. */
const char *layout_check(const asl_graph *graph);

#endif
