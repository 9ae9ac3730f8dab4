/* A TLS server for tests: answers every request over TLS with {"tls":true}. Its certificate is made
 * when it starts, by an authority of its own, right or wrong in one way. */
#ifndef ASL_TESTS_TLS_SERVER_H
#define ASL_TESTS_TLS_SERVER_H

typedef enum tls_fault {
    TLS_RIGHT,       /* for 127.0.0.1, by the authority */
    TLS_WRONG_NAME,  /* for another address */
    TLS_EXPIRED,     /* until yesterday */
    TLS_SELF_SIGNED, /* by itself */
    TLS_OLD          /* right, but the server speaks TLS 1.1 only */
} tls_fault;

typedef struct tls_server tls_server;

/* Listens on a free port of 127.0.0.1, and writes the authority's certificate (PEM) to `ca_path`.
 */
tls_server *tls_server_start(tls_fault fault, const char *ca_path);
void tls_server_stop(tls_server *server);
unsigned tls_server_port(const tls_server *server);
/* Requests that were read: handshakes that failed are none. */
unsigned tls_server_requests(tls_server *server);

#endif
