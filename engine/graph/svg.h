/* What the parts of the SVG writer share. */
#ifndef ASL_GRAPH_SVG_H
#define ASL_GRAPH_SVG_H

/* The style sheet; it has nothing that XML would have to escape. */
extern const char asl_graph_svg_style[];

#endif
