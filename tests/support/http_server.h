/* An HTTP server for tests: on loopback, one thread a connection, and as rude as it is asked to be.
 * The request's path names the behaviour ("/ok", "/never", "/reset-body", ...): http_server.c has
 * the table. Unknown names answer 404.
 *
 *     http_server *server = http_server_start("127.0.0.1");
 *     ... a request to http://127.0.0.1:<http_server_port(server)>/ok ...
 *     ck_assert_uint_eq(http_server_requests(server), 1);
 *     http_server_stop(server);
 */
#ifndef ASL_TESTS_HTTP_SERVER_H
#define ASL_TESTS_HTTP_SERVER_H

#include <stddef.h>

typedef struct http_server http_server;

/* Listens on a free port of the address (IPv4 or IPv6 text). NULL: the system has no such address.
 */
http_server *http_server_start(const char *address);
/* Ends every connection and joins every thread. */
void http_server_stop(http_server *server);

unsigned http_server_port(const http_server *server);
/* Connections accepted, and requests read, so far. */
unsigned http_server_connections(http_server *server);
unsigned http_server_requests(http_server *server);
/* Connections that are open now. */
unsigned http_server_open(http_server *server);
/* Head and body of the last request; new, from malloc. */
char *http_server_last_request(http_server *server);

#endif
