/* What is built into the program: the page, the workflow, and which handlers do its tasks.
 */
#ifndef ORDER_SERVICE_EMBEDDED_H
#define ORDER_SERVICE_EMBEDDED_H

#include <stddef.h>

extern const char embedded_definition[], embedded_tasks[];
extern const size_t embedded_definition_size, embedded_tasks_size;
extern const char embedded_page_html[], embedded_page_css[], embedded_page_js[];
extern const size_t embedded_page_html_size, embedded_page_css_size, embedded_page_js_size;
extern const char embedded_page_svg[];
extern const size_t embedded_page_svg_size;

#endif
