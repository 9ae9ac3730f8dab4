/* Texts of pictures: how wide they are, and how they are broken into lines. No font is asked:
 * widths are those of the wider one of two common fonts, so that what fits here fits there. */
#ifndef ASL_GRAPH_TEXT_H
#define ASL_GRAPH_TEXT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"

/* Lines of a text, joined by line feeds: visible characters alone, shortened by an ellipsis where
 * they are too many. */
typedef struct asl_graph_lines {
    const char *text; /* NULL: none */
    int count;
    int width; /* of the widest, pixels */
} asl_graph_lines;

typedef struct asl_graph_fit {
    int font; /* pixels */
    int width, count;
} asl_graph_fit;

/* Pixels, rounded up. */
int asl_graph_text_width(const char *text, size_t size, int font);
/* Breaks a text so that it fits: ASL_OK or ASL_NOMEM. */
int asl_graph_text_wrap(asl_arena *arena, const char *text, size_t size, const asl_graph_fit *fit,
                        asl_graph_lines *ret_lines);
/* Whether a code point has no place in a line of text: controls, and what reorders lines. */
bool asl_graph_text_is_control(uint32_t code_point);

#endif
