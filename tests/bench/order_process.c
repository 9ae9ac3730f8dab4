/* Its output is a pipe that this program never closes before its end: who waits on events sees the
 * process die as an end of file. */
#include "order_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

#define READY_MS 30000
#define STOP_SECONDS 60
#define ASK_SECONDS 10
#define LOG_SHOWN 2000L

static void run(const order_process *self, int output, pid_t parent, char *const arguments[])
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    dup2(output, STDOUT_FILENO);
    dup2(fileno(self->log), STDERR_FILENO);
    execv(arguments[0], arguments);
    perror(arguments[0]);
    _exit(127);
}

/* "order-service: http://127.0.0.1:PORT/" */
static bool read_port(order_process *self)
{
    char line[256];
    size_t size = 0;
    struct pollfd ready = {.fd = self->output, .events = POLLIN};
    while (size + 1 < sizeof line && poll(&ready, 1, READY_MS) == 1) {
        ssize_t bytes = read(self->output, line + size, sizeof line - 1 - size);
        if (bytes <= 0)
            break;
        size += (size_t)bytes;
        if (line[size - 1] == '\n')
            break;
    }
    line[size] = '\0';
    const char *colon = strrchr(line, ':');
    self->port = colon != NULL ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
    return self->port != 0;
}

bool order_process_start(order_process *self, const char *program, const char *data,
                         const char *clock, unsigned smtp_port)
{
    char smtp[64];
    int ends[2];
    *self = (order_process){.output = -1, .log = tmpfile()};
    snprintf(smtp, sizeof smtp, "smtp://127.0.0.1:%u", smtp_port);
    const char *const arguments[] = {
        program, "--data", data, "--listen",           "127.0.0.1:0", "--clock",
        clock,   "--smtp", smtp, "--mail-connections", "4",           NULL};
    char *copies[sizeof arguments / sizeof arguments[0]];
    memcpy(copies, arguments, sizeof arguments);
    if (self->log == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid_t parent = getpid();
    self->pid = fork();
    if (self->pid == 0)
        run(self, ends[1], parent, copies);
    close(ends[1]);
    self->output = ends[0];
    if (self->pid > 0 && read_port(self))
        return true;
    fprintf(stderr, "bench-orders: %s is not ready\n", program);
    order_process_stop(self);
    return false;
}

/* Waits for a while; false where it is still there. */
static bool wait_for_end(order_process *self, int *ret_status)
{
    struct rusage used;
    int64_t until_ns = report_now_ns() + STOP_SECONDS * INT64_C(1000000000);
    struct timespec moment = {.tv_nsec = 10000000};
    pid_t found = wait4(self->pid, ret_status, WNOHANG, &used);
    while (found == 0 && report_now_ns() < until_ns) {
        nanosleep(&moment, NULL);
        found = wait4(self->pid, ret_status, WNOHANG, &used);
    }
    if (found == self->pid)
        self->cpu_seconds = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    return found != 0;
}

static void show_log(FILE *log)
{
    char line[512];
    if (fseek(log, -LOG_SHOWN, SEEK_END) == 0) {
        if (fgets(line, sizeof line, log) == NULL) /* half a line */
            return;
    } else {
        rewind(log);
    }
    while (fgets(line, sizeof line, log) != NULL)
        fprintf(stderr, "    %s", line);
}

static bool has_ended(const order_process *self)
{
    struct pollfd output = {.fd = self->output, .events = POLLIN};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLHUP) != 0;
}

bool order_process_stop(order_process *self)
{
    int status = -1;
    bool is_early = has_ended(self);
    if (self->pid > 0) {
        kill(self->pid, SIGTERM);
        if (!wait_for_end(self, &status)) {
            fprintf(stderr, "bench-orders: the service does not stop, and is killed\n");
            kill(self->pid, SIGKILL);
            waitpid(self->pid, NULL, 0);
            status = -1;
        }
    }
    bool is_well = status == 0 && !is_early;
    if (self->pid > 0 && !is_well) {
        fprintf(stderr, "bench-orders: the service ended %swith status %#x; its log ends:\n",
                is_early ? "unasked " : "", (unsigned)status);
        show_log(self->log);
    }
    if (self->output >= 0)
        close(self->output);
    if (self->log != NULL)
        fclose(self->log);
    self->pid = 0;
    self->output = -1;
    self->log = NULL;
    return is_well;
}

double order_process_memory(const order_process *self, const char *name)
{
    char line[256];
    double kilobytes = 0;
    snprintf(line, sizeof line, "/proc/%d/status", (int)self->pid);
    FILE *status = fopen(line, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = strtod(line + strlen(name), NULL);
    }
    if (status != NULL)
        fclose(status);
    return kilobytes * 1024;
}

int order_process_connect(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    struct timeval patience = {.tv_sec = ASK_SECONDS};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
    return fd;
}

int order_process_ask(unsigned port, const char *method, const char *target, const char *body,
                      char *answer, size_t size)
{
    char head[2048];
    size_t filled = 0;
    ssize_t bytes = 0;
    int fd = order_process_connect(port);
    if (fd < 0)
        return 0;
    int head_size = snprintf(head, sizeof head,
                             "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n"
                             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                             method, target, port, strlen(body), body);
    if (send(fd, head, (size_t)head_size, MSG_NOSIGNAL) == head_size) {
        while (filled + 1 < size && (bytes = read(fd, answer + filled, size - 1 - filled)) > 0)
            filled += (size_t)bytes;
    }
    close(fd);
    answer[filled] = '\0';
    if (bytes < 0 || strncmp(answer, "HTTP/1.", 7) != 0 || filled < 12)
        return 0;
    int status = (int)strtol(answer + 9, NULL, 10);
    const char *content = strstr(answer, "\r\n\r\n");
    content = content != NULL ? content + 4 : answer + filled;
    memmove(answer, content, strlen(content) + 1);
    return status;
}
