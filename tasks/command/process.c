/* Standard input is a file in memory, so there is nothing to feed and no SIGPIPE to meet. Standard
 * output and error are pipes read as they fill. The end is the pidfd's, not the pipes': a
 * grandchild that keeps a pipe open does not keep the task waiting. Whatever is left of the process
 * group is killed before the leader is reaped, while its number cannot yet belong to anybody else.
 */
#include "command/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handler/configuration.h"

enum { PIPE_OUTPUT, PIPE_MESSAGES, PIPE_COUNT };

typedef struct process_pipe {
    asl_process *process;
    asl_watch *watch;
    int fd; /* -1: closed */
    char *bytes;
    size_t size, capacity;
} process_pipe;

struct asl_process {
    asl_engine *engine;
    pid_t pid;
    int pidfd;
    asl_watch *end_watch;
    asl_watch *grace_timer;
    process_pipe pipes[PIPE_COUNT];
    bool is_too_long, is_out_of_memory;
    asl_process_ended ended;
    void *context;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipe_close(process_pipe *pipe)
{
    if (pipe->watch != NULL)
        asl_watch_free(pipe->watch);
    pipe->watch = NULL;
    close_fd(&pipe->fd);
}

static void process_free(asl_process *process)
{
    for (size_t i = 0; i < PIPE_COUNT; i++) {
        pipe_close(&process->pipes[i]);
        free(process->pipes[i].bytes);
    }
    if (process->end_watch != NULL)
        asl_watch_free(process->end_watch);
    if (process->grace_timer != NULL)
        asl_watch_free(process->grace_timer);
    close_fd(&process->pidfd);
    free(process);
}

/* While the leader is not reaped nobody else can have its number. A host that reaps every child it
 * has may have done that already; then the group is left alone. */
static void signal_group(const asl_process *process, int number)
{
    siginfo_t info;
    if (process->pidfd < 0 ||
        waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        kill(-process->pid, number);
}

static bool pipe_reserve(process_pipe *pipe, size_t more)
{
    if (pipe->capacity - pipe->size >= more)
        return true;
    size_t capacity =
        pipe->capacity * 2 > pipe->size + more ? pipe->capacity * 2 : pipe->size + more;
    char *longer = realloc(pipe->bytes, capacity);
    if (longer == NULL)
        return false;
    pipe->bytes = longer;
    pipe->capacity = capacity;
    return true;
}

/* Standard output has a limit; of standard error the end stays. */
static void pipe_take(process_pipe *pipe, const char *bytes, size_t size)
{
    asl_process *process = pipe->process;
    bool is_output = pipe == &process->pipes[PIPE_OUTPUT];
    if (process->is_too_long || process->is_out_of_memory)
        return;
    if (is_output && size > ASL_COMMAND_OUTPUT_BYTES_MAX - pipe->size) {
        process->is_too_long = true;
        signal_group(process, SIGKILL);
        return;
    }
    if (!pipe_reserve(pipe, size)) {
        process->is_out_of_memory = true;
        signal_group(process, SIGKILL);
        return;
    }
    memcpy(pipe->bytes + pipe->size, bytes, size);
    pipe->size += size;
    if (!is_output && pipe->size > ASL_COMMAND_MESSAGE_BYTES_MAX) {
        size_t surplus = pipe->size - ASL_COMMAND_MESSAGE_BYTES_MAX;
        memmove(pipe->bytes, pipe->bytes + surplus, ASL_COMMAND_MESSAGE_BYTES_MAX);
        pipe->size = ASL_COMMAND_MESSAGE_BYTES_MAX;
    }
}

/* Reads what is there, at most `rounds` times; closes at the end of the stream. */
static void pipe_read(process_pipe *pipe, unsigned rounds)
{
    char bytes[16384];
    for (unsigned i = 0; i < rounds && pipe->fd >= 0; i++) {
        ssize_t size = read(pipe->fd, bytes, sizeof bytes);
        if (size > 0) {
            pipe_take(pipe, bytes, (size_t)size);
            continue;
        }
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        pipe_close(pipe);
    }
}

static void pipe_ready(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    pipe_read(context, 4);
}

/* The leader has ended: takes what is left in the pipes, clears its group away, reaps it. */
static void process_ended(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    asl_process *process = context;
    signal_group(process, SIGKILL);
    for (size_t i = 0; i < PIPE_COUNT; i++)
        pipe_read(&process->pipes[i], 64);
    siginfo_t info = {0};
    bool was_reaped = waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG) == 0 &&
                      info.si_pid == process->pid;
    const process_pipe *output = &process->pipes[PIPE_OUTPUT];
    const process_pipe *messages = &process->pipes[PIPE_MESSAGES];
    asl_process_end end = {
        .was_reaped = was_reaped,
        .is_too_long = process->is_too_long,
        .is_out_of_memory = process->is_out_of_memory,
        .status = info.si_code == CLD_EXITED ? info.si_status : 0,
        .signal = was_reaped && info.si_code != CLD_EXITED ? info.si_status : 0,
        .output = output->bytes,
        .output_size = output->size,
        .messages = messages->bytes,
        .message_size = messages->size,
    };
    process->ended(process->context, &end);
    process_free(process);
}

static void grace_over(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    signal_group(context, SIGKILL);
}

/* The task's input as a file in memory, read from its beginning. */
static int make_input(const char *input, size_t size, int *ret_fd, asl_error **error)
{
    int fd = memfd_create("asl-input", MFD_CLOEXEC);
    size_t used = 0;
    while (fd >= 0 && used < size) {
        ssize_t more = write(fd, input + used, size - used);
        if (more < 0 && errno != EINTR)
            break;
        used += more > 0 ? (size_t)more : 0;
    }
    if (fd < 0 || used < size || lseek(fd, 0, SEEK_SET) != 0) {
        int reason = errno;
        close_fd(&fd);
        return asl_configuration_refuse(error, ASL_IO, "cannot hold the input: %s",
                                        strerror(reason));
    }
    *ret_fd = fd;
    return ASL_OK;
}

static int prepare_files(posix_spawn_file_actions_t *files, const asl_process_start *start,
                         const int fds[3])
{
    int code = 0;
    for (int i = 0; i < 3 && code == 0; i++)
        code = posix_spawn_file_actions_adddup2(files, fds[i], i);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(files, 3);
    if (code == 0 && start->folder != NULL)
        code = posix_spawn_file_actions_addchdir_np(files, start->folder);
    return code;
}

/* A group of its own, and every signal as a program expects it, whatever the host has set. */
static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    int code = posix_spawnattr_setflags(
        attributes,
        (short)(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    if (code == 0)
        code = posix_spawnattr_setpgroup(attributes, 0);
    if (code == 0)
        code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(attributes, &all);
    return code;
}

/* 0, or why not, as an errno. */
static int spawn(const asl_process_start *start, const int fds[3], pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&files);
    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = prepare_files(&files, start, fds);
        if (code == 0)
            code = prepare_attributes(&attributes);
        if (code == 0)
            code = posix_spawnp(ret_pid, start->argv[0], &files, &attributes, start->argv,
                                start->environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* Starts the program with the write ends of new pipes; the read ends become the process's. */
static int launch(asl_process *process, const asl_process_start *start, asl_error **error)
{
    int fds[3] = {-1, -1, -1};
    int status = make_input(start->input, start->input_size, &fds[0], error);
    for (int i = 0; i < PIPE_COUNT && status == ASL_OK; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            status =
                asl_configuration_refuse(error, ASL_IO, "cannot make a pipe: %s", strerror(errno));
        else {
            process->pipes[i].fd = ends[0];
            fds[i + 1] = ends[1];
            fcntl(ends[0], F_SETFL, O_NONBLOCK);
        }
    }
    int code = status == ASL_OK ? spawn(start, fds, &process->pid) : 0;
    for (int i = 0; i < 3; i++)
        close_fd(&fds[i]);
    if (code != 0)
        return asl_configuration_refuse(error, ASL_IO, "cannot run %s: %s", start->argv[0],
                                        strerror(code));
    return status;
}

static int follow(asl_process *process, asl_error **error)
{
    process->pidfd = pidfd_open(process->pid, 0);
    /* It has ended, and the host has let the system reap it. */
    if (process->pidfd < 0 && errno == ESRCH)
        return asl_configuration_refuse(error, ASL_NOT_FOUND, "%s", ASL_COMMAND_STATUS_LOST);
    if (process->pidfd < 0)
        return asl_configuration_refuse(error, ASL_IO, "cannot follow the process: %s",
                                        strerror(errno));
    int status = asl_engine_watch(process->engine, process->pidfd, ASL_WATCH_READ, process_ended,
                                  process, &process->end_watch);
    for (size_t i = 0; i < PIPE_COUNT && status == ASL_OK; i++)
        status = asl_engine_watch(process->engine, process->pipes[i].fd, ASL_WATCH_READ, pipe_ready,
                                  &process->pipes[i], &process->pipes[i].watch);
    if (status == ASL_OK)
        status = asl_engine_timer(process->engine, grace_over, process, &process->grace_timer);
    return status == ASL_OK ? ASL_OK
                            : asl_configuration_refuse(error, status, "cannot follow the process");
}

/* Waits for a killed leader: up to a second by its pidfd; without one there is only its number. */
static void reap(asl_process *process)
{
    siginfo_t info;
    if (process->pidfd < 0) {
        waitid(P_PID, (id_t)process->pid, &info, WEXITED);
        return;
    }
    struct pollfd end = {.fd = process->pidfd, .events = POLLIN};
    if (poll(&end, 1, 1000) == 1)
        waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG);
}

int asl_process_new(asl_engine *engine, const asl_process_start *start, asl_process **ret_process,
                    asl_error **error)
{
    asl_process *process = calloc(1, sizeof *process);
    if (process == NULL)
        return asl_configuration_refuse(error, ASL_NOMEM, "out of memory");
    process->engine = engine;
    process->pidfd = -1;
    process->ended = start->ended;
    process->context = start->context;
    for (size_t i = 0; i < PIPE_COUNT; i++)
        process->pipes[i] = (process_pipe){.process = process, .fd = -1};
    int status = launch(process, start, error);
    if (status != ASL_OK) {
        process_free(process);
        return status;
    }
    status = follow(process, error);
    if (status == ASL_NOT_FOUND)
        process_free(process);
    else if (status != ASL_OK)
        asl_process_kill(process);
    if (status != ASL_OK)
        return status;
    *ret_process = process;
    return ASL_OK;
}

void asl_process_stop(asl_process *process)
{
    signal_group(process, SIGTERM);
    if (asl_watch_set_timer(process->grace_timer, ASL_COMMAND_GRACE_MS) != ASL_OK)
        signal_group(process, SIGKILL);
}

void asl_process_kill(asl_process *process)
{
    signal_group(process, SIGKILL);
    reap(process);
    process_free(process);
}
