/* One thread, one connection at a time: enough to see whether a client goes on after a handshake.
 */
#include "tls_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct tls_server {
    int listener, stop_fd;
    unsigned port;
    SSL_CTX *context;
    pthread_t thread;
    atomic_uint requests;
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void add_extension(X509 *certificate, int kind, const char *text)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, text);
    require(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* A certificate for `key` in the name of `issuer` (NULL: itself), still to be signed. */
static X509 *make_certificate(EVP_PKEY *key, const char *name, X509 *issuer, bool is_expired)
{
    const long day = 24 * 60 * 60;
    X509 *certificate = X509_new();
    require(certificate != NULL && X509_set_version(certificate, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer == NULL ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -10 * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate), is_expired ? -day : 10 * day);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, issuer == NULL ? subject : X509_get_subject_name(issuer));
    return certificate;
}

static void sign(X509 *certificate, EVP_PKEY *key)
{
    require(X509_sign(certificate, key, EVP_sha256()) > 0);
}

static void write_certificate(X509 *certificate, const char *path)
{
    FILE *file = fopen(path, "w");
    require(file != NULL && PEM_write_X509(file, certificate) == 1);
    fclose(file);
}

static void use_certificate(tls_server *server, tls_fault fault, const char *ca_path)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    require(ca_key != NULL && key != NULL);
    X509 *authority = make_certificate(ca_key, "Test authority", NULL, false);
    add_extension(authority, NID_basic_constraints, "critical,CA:TRUE");
    sign(authority, ca_key);
    write_certificate(authority, ca_path);

    bool is_own = fault == TLS_SELF_SIGNED;
    X509 *certificate =
        make_certificate(key, "Test server", is_own ? NULL : authority, fault == TLS_EXPIRED);
    add_extension(certificate, NID_subject_alt_name,
                  fault == TLS_WRONG_NAME ? "IP:127.0.0.2,DNS:other.example" : "IP:127.0.0.1");
    sign(certificate, is_own ? key : ca_key);
    require(SSL_CTX_use_certificate(server->context, certificate) == 1 &&
            SSL_CTX_use_PrivateKey(server->context, key) == 1);
    X509_free(certificate);
    X509_free(authority);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
}

static void serve(tls_server *server, int fd)
{
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{\"tls\":true}";
    SSL *connection = SSL_new(server->context);
    require(connection != NULL && SSL_set_fd(connection, fd) == 1);
    char request[4096];
    if (SSL_accept(connection) == 1 && SSL_read(connection, request, sizeof request) > 0) {
        atomic_fetch_add(&server->requests, 1);
        SSL_write(connection, answer, sizeof answer - 1);
        SSL_shutdown(connection);
    }
    SSL_free(connection);
    close(fd);
}

static void *listen_on(void *context)
{
    tls_server *server = context;
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &block, NULL);
    struct pollfd polled[2] = {{.fd = server->stop_fd, .events = POLLIN},
                               {.fd = server->listener, .events = POLLIN}};
    while (poll(polled, 2, -1) >= 0 && polled[0].revents == 0) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            serve(server, fd);
    }
    return NULL;
}

tls_server *tls_server_start(tls_fault fault, const char *ca_path)
{
    tls_server *server = calloc(1, sizeof *server);
    require(server != NULL);
    server->context = SSL_CTX_new(TLS_server_method());
    require(server->context != NULL);
    if (fault == TLS_OLD) {
        SSL_CTX_set_security_level(server->context, 0);
        SSL_CTX_set_min_proto_version(server->context, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(server->context, TLS1_1_VERSION);
    }
    use_certificate(server, fault, ca_path);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    require(bind(server->listener, (struct sockaddr *)&address, size) == 0 &&
            listen(server->listener, 16) == 0 &&
            getsockname(server->listener, (struct sockaddr *)&address, &size) == 0 &&
            pthread_create(&server->thread, NULL, listen_on, server) == 0);
    server->port = ntohs(address.sin_port);
    return server;
}

void tls_server_stop(tls_server *server)
{
    eventfd_write(server->stop_fd, 1);
    pthread_join(server->thread, NULL);
    close(server->listener);
    close(server->stop_fd);
    SSL_CTX_free(server->context);
    free(server);
}

unsigned tls_server_port(const tls_server *server)
{
    return server->port;
}

unsigned tls_server_requests(tls_server *server)
{
    return atomic_load(&server->requests);
}
