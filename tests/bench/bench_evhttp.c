/* What evhttp does by itself: a server that answers everything with nothing. The order service's
 * intake is measured beside it.
 *
 * usage: bench-evhttp      prints its port, serves until it is ended
 */
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static void answer(struct evhttp_request *request, void *context)
{
    (void)context;
    evhttp_send_reply(request, 200, "OK", NULL);
}

int main(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    struct event_base *base = event_base_new();
    struct evhttp *http = base != NULL ? evhttp_new(base) : NULL;
    struct evhttp_bound_socket *bound =
        http != NULL ? evhttp_bind_socket_with_handle(http, "127.0.0.1", 0) : NULL;
    if (bound == NULL ||
        getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &size) != 0)
        return EXIT_FAILURE;
    evhttp_set_gencb(http, answer, NULL);
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    event_base_dispatch(base);
    evhttp_free(http);
    event_base_free(base);
    return EXIT_SUCCESS;
}
