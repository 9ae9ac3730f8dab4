/* The page and its parts, as they are built into the program.
 */
#include "embedded.h"
#include "reply.h"
#include "service.h"

void page_html(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)service;
    (void)id;
    reply_text(request, 200, REPLY_HTML, embedded_page_html, embedded_page_html_size);
}

void page_css(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)service;
    (void)id;
    reply_text(request, 200, "text/css; charset=utf-8", embedded_page_css, embedded_page_css_size);
}

void page_js(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)service;
    (void)id;
    reply_text(request, 200, "text/javascript; charset=utf-8", embedded_page_js,
               embedded_page_js_size);
}

void page_icon(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)service;
    (void)id;
    reply_text(request, 200, "image/svg+xml", embedded_page_svg, embedded_page_svg_size);
}
