/* Whether a loaded definition's graph is the one that its document draws. */
#ifndef ASL_RUN_DEFINITIONS_GRAPH_H
#define ASL_RUN_DEFINITIONS_GRAPH_H

#include "definition/program.h"

/* True where states, types and transitions are the same. */
bool graph_is_same(const asl_definition *definition, const asl_value *document);

#endif
