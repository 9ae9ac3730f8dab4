/* Where HTTP tasks may go. A fake server listens on every address of a network namespace of its
 * own, which has one address of each kind that must not be reached; what counts is how many
 * connections it sees. Without the right to make a namespace the addresses of loopback remain. */
#include "suite.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "lo:1" and so on: further IPv4 addresses of loopback. */
static bool add_address(int socket_fd, unsigned index, const char *text)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "lo:%u", index);
    struct sockaddr_in address = {.sin_family = AF_INET};
    inet_pton(AF_INET, text, &address.sin_addr);
    memcpy(&request.ifr_addr, &address, sizeof address);
    return ioctl(socket_fd, SIOCSIFADDR, &request) == 0;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd >= 0) {
        ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
    }
}

/* A namespace with addresses of every kind on loopback; false where the system refuses it. */
static bool enter_namespace(void)
{
    static const char *const addresses[] = {"10.0.0.1",   "172.16.0.1", "192.168.1.1",
                                            "100.64.0.1", "198.18.0.1", "169.254.169.254",
                                            "8.8.8.8"};
    uid_t user = getuid();
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
            return false;
        char map[64];
        snprintf(map, sizeof map, "0 %u 1", user);
        write_file("/proc/self/uid_map", map);
    }
    /* Loopback is up in any case: there is no way back out of the namespace. */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
    bool ok = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    for (unsigned i = 0; ok && i < COUNT(addresses); i++)
        ok = add_address(fd, i + 1, addresses[i]);
    close(fd);
    return ok && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* On every address there is, IPv6 too where the system has it. */
static http_server *start_fake(void)
{
    http_server *server = http_server_start("::");
    return server != NULL ? server : http_server_start("0.0.0.0");
}

/* One run of a task whose endpoint is `url`, with the fake's port. */
static host_outcome call_within(http_server *server, const char *url, const char *const *networks,
                                unsigned seconds)
{
    char text[1024], place[512];
    snprintf(place, sizeof place, "%s:%u/echo", url, http_server_port(server));
    snprintf(text, sizeof text,
             "{\"tasks\": {\"" HOST_RESOURCE
             "\": {\"http\": {\"url\": \"%s\", \"connectTimeoutSeconds\": 300, \"timeoutSeconds\": "
             "%u}}}}",
             place, seconds);
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    const asl_bind_options options = {
        .size = sizeof options, .flags = ASL_BIND_TRUSTED, .allow_networks = networks};
    asl_error *error = NULL;
    int status = asl_engine_bind(host.engine, text, strlen(text), &options, &error);
    ck_assert_msg(status == ASL_OK, "%s: %s", place, asl_error_message(error));
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    host_close(&host);
    return outcome;
}

static host_outcome call(http_server *server, const char *url, const char *const *networks)
{
    return call_within(server, url, networks, 900);
}

START_TEST(no_spelling_of_a_denied_address_is_connected)
{
    static const char *const urls[] = {
        "http://127.0.0.1",
        "http://127.1",
        "http://127.0.1",
        "http://0x7f.1",
        "http://0x7f000001",
        "http://2130706433",
        "http://017700000001",
        "http://0177.0.0.1",
        "http://0177.1",
        "http://0x7F.0.0.0x1",
        "http://127.0.0.1.",
        "http://127.255.255.254",
        "http://localhost",
        "http://LOCALHOST",
        "http://localhost.",
        "http://%6cocalhost",
        "http://[::1]",
        "http://[0:0:0:0:0:0:0:1]",
        "http://[::ffff:127.0.0.1]",
        "http://[::ffff:7f00:1]",
        "http://[::FFFF:7F00:0001]",
        "http://[::127.0.0.1]",
        "http://[64:ff9b::7f00:1]",
        "http://[::]",
        "http://0",
        "http://0.0.0.0",
        "http://0x0",
        "http://10.0.0.1",
        "http://10.1",
        "http://012.0.0.1",
        "http://167772161",
        "http://0xa000001",
        "http://[::ffff:a00:1]",
        "http://172.16.0.1",
        "http://0xac100001",
        "http://192.168.1.1",
        "http://192.168.257",
        "http://3232235777",
        "http://0300.0250.1.1",
        "http://[::ffff:192.168.1.1]",
        "http://100.64.0.1",
        "http://1681915905",
        "http://198.18.0.1",
        "http://169.254.169.254",
        "http://0xa9fea9fe",
        "http://2852039166",
        "http://0251.0376.0251.0376",
        "http://169.254.43518",
        "http://[::ffff:a9fe:a9fe]",
        "http://[64:ff9b::a9fe:a9fe]",
        "http://[::ffff:169.254.169.254]",
        "http://[fe80::1]",
        "http://[fc00::1]",
        "http://[fd00:ec2::254]",
        "http://[fec0::1]",
        "http://[ff02::1]",
        "http://224.0.0.1",
        "http://255.255.255.255",
        "http://240.0.0.1",
        "http://[2002:7f00:1::1]",
        "https://127.0.0.1",
        "https://[::1]",
    };
    ck_assert_uint_ge(COUNT(urls), 60);
    enter_namespace();
    http_server *server = start_fake();
    for (size_t i = 0; i < COUNT(urls); i++) {
        host_outcome outcome = call(server, urls[i], NULL);
        ck_assert_msg(outcome.status == ASL_EXECUTION_FAILED, "%s answered", urls[i]);
        ck_assert_msg(strcmp(outcome.error, "States.Http.Socket") == 0, "%s: %s", urls[i],
                      outcome.cause);
        ck_assert_msg(http_server_connections(server) == 0, "%s was connected", urls[i]);
        host_outcome_done(&outcome);
    }
    http_server_stop(server);
}
END_TEST

START_TEST(the_same_addresses_are_connected_where_they_are_allowed)
{
    static const struct {
        const char *url;
        const char *networks[2];
        bool is_in_namespace_only;
    } cases[] = {
        {"http://127.0.0.1", {"127.0.0.0/8"}, false},
        {"http://0x7f.1", {"127.0.0.1"}, false},
        {"http://10.0.0.1", {"10.0.0.0/8"}, true},
        {"http://169.254.169.254", {"169.254.169.254/32"}, true},
        {"http://192.168.1.1", {"0.0.0.0/0"}, true},
        {"http://8.8.8.8", {NULL}, true},
    };
    bool is_inside = enter_namespace();
    http_server *server = start_fake();
    unsigned count = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cases[i].is_in_namespace_only && !is_inside)
            continue;
        host_outcome outcome = call(server, cases[i].url, cases[i].networks);
        ck_assert_msg(outcome.status == ASL_EXECUTION_SUCCEEDED, "%s: %s", cases[i].url,
                      outcome.cause);
        ck_assert_uint_eq(http_server_connections(server), ++count);
        host_outcome_done(&outcome);
    }
    /* An allowed network is not a key to others. */
    static const char *const other[] = {"10.0.0.0/8", NULL};
    host_outcome outcome = call(server, "http://127.0.0.1", other);
    ck_assert_str_eq(outcome.error, "States.Http.Socket");
    ck_assert_ptr_nonnull(strstr(outcome.cause, "127.0.0.1 is a loopback address"));
    ck_assert_uint_eq(http_server_connections(server), count);
    host_outcome_done(&outcome);
    http_server_stop(server);
}
END_TEST

START_TEST(a_name_that_changes_its_address_gains_nothing)
{
    char hosts[] = "/tmp/asl-hosts-XXXXXX";
    int fd = mkstemp(hosts);
    close(fd);
    chmod(hosts, 0644);
    if (!enter_namespace() || mount(hosts, "/etc/hosts", NULL, MS_BIND, NULL) != 0) {
        unlink(hosts);
        return;
    }
    http_server *server = start_fake();
    write_file("/etc/hosts", "8.8.8.8 rebind.test\n");
    host_outcome outcome = call(server, "http://rebind.test", NULL);
    ck_assert_msg(outcome.status == ASL_EXECUTION_SUCCEEDED, "%s", outcome.cause);
    ck_assert_uint_eq(http_server_connections(server), 1);
    host_outcome_done(&outcome);
    static const char *const inside[] = {"127.0.0.1", "169.254.169.254", "::1", "10.0.0.1"};
    for (size_t i = 0; i < COUNT(inside); i++) {
        char line[64];
        snprintf(line, sizeof line, "%s rebind.test\n", inside[i]);
        write_file("/etc/hosts", line);
        outcome = call(server, "http://rebind.test", NULL);
        ck_assert_str_eq(outcome.error, "States.Http.Socket");
        ck_assert_ptr_nonnull(strstr(outcome.cause, "no network that is allowed"));
        ck_assert_uint_eq(http_server_connections(server), 1);
        host_outcome_done(&outcome);
    }
    http_server_stop(server);
    unlink(hosts);
}
END_TEST

/* A resolver that keeps its questions would be waited for for two minutes and a half. */
START_TEST(a_resolver_that_does_not_answer_is_not_waited_for)
{
    char file[] = "/tmp/asl-resolver-XXXXXX";
    close(mkstemp(file));
    if (!enter_namespace() || mount(file, "/etc/resolv.conf", NULL, MS_BIND, NULL) != 0) {
        unlink(file);
        return;
    }
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    write_file("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
    http_server *server = start_fake();
    host_outcome outcome = call_within(server, "http://silent.test", NULL, 1);
    ck_assert_str_eq(outcome.error, "States.Http.Socket");
    ck_assert_ptr_nonnull(strstr(outcome.cause, "timed out"));
    ck_assert_int_lt(outcome.elapsed_ms, 100000);
    char byte;
    ck_assert_int_ge(recv(fd, &byte, 1, MSG_DONTWAIT), 0); /* it was asked */
    host_outcome_done(&outcome);
    http_server_stop(server);
    close(fd);
    unlink(file);
}
END_TEST

START_TEST(the_environment_names_no_proxy_and_no_password)
{
    static const char *const variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                            "all_proxy",  "ALL_PROXY",   "HTTP_PROXY"};
    http_server *server = http_server_start("127.0.0.1");
    http_server *proxy = http_server_start("127.0.0.1");
    char url[64], home[] = "/tmp/asl-home-XXXXXX", netrc[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u", http_server_port(proxy));
    for (size_t i = 0; i < COUNT(variables); i++)
        setenv(variables[i], url, 1);
    unsetenv("no_proxy");
    ck_assert_ptr_nonnull(mkdtemp(home));
    setenv("HOME", home, 1);
    snprintf(netrc, sizeof netrc, "%s/.netrc", home);
    int fd = open(netrc, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_gt(dprintf(fd, "machine 127.0.0.1 login me password canary\n"), 0);
    close(fd);
    static const char *const allowed[] = {"127.0.0.0/8", NULL};
    host_outcome outcome = call(server, "http://127.0.0.1", allowed);
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_SUCCEEDED);
    host_outcome_done(&outcome);
    ck_assert_uint_eq(http_server_connections(server), 1);
    ck_assert_uint_eq(http_server_connections(proxy), 0);
    char *request = http_server_last_request(server);
    ck_assert_ptr_null(strstr(request, "Authorization"));
    free(request);
    unlink(netrc);
    rmdir(home);
    http_server_stop(proxy);
    http_server_stop(server);
}
END_TEST

START_TEST(a_proxy_of_the_binding_is_used_and_held_to_the_same_rules)
{
    http_server *proxy = http_server_start("127.0.0.1");
    char binding[256], text[512];
    snprintf(binding, sizeof binding,
             "{\"http\": {\"url\": \"http://service.example/echo\", \"proxy\": "
             "\"http://127.0.0.1:%u\"}}",
             http_server_port(proxy));
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, binding);
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_uint_eq(http_server_requests(proxy), 1);
    char *request = http_server_last_request(proxy);
    ck_assert_ptr_nonnull(strstr(request, "POST http://service.example/echo HTTP/1.1\r\n"));
    free(request);
    host_outcome_done(&outcome);

    snprintf(text, sizeof text, "{\"tasks\": {\"%s\": %s}}", HOST_RESOURCE, binding);
    const asl_bind_options options = {.size = sizeof options, .flags = ASL_BIND_TRUSTED};
    ck_assert_int_eq(asl_engine_bind(host.engine, text, strlen(text), &options, NULL), ASL_OK);
    outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.error, "States.Http.Socket");
    ck_assert_uint_eq(http_server_connections(proxy), 1);
    host_outcome_done(&outcome);
    host_close(&host);
    http_server_stop(proxy);
}
END_TEST

SUITE("tasks/http network", no_spelling_of_a_denied_address_is_connected,
      the_same_addresses_are_connected_where_they_are_allowed,
      a_name_that_changes_its_address_gains_nothing,
      a_resolver_that_does_not_answer_is_not_waited_for,
      the_environment_names_no_proxy_and_no_password,
      a_proxy_of_the_binding_is_used_and_held_to_the_same_rules)
