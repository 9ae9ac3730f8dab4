/* A secret in a file: opened without following a link, checked by its descriptor, so that what is
 * checked is what is read. White space at its end (an editor's line feed) does not count. */
#include "http/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handler/configuration.h"

static int check_file(const asl_http_header *header, int fd, asl_error **error)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return asl_configuration_refuse(error, ASL_IO, "header \"%s\": %s is no plain file",
                                        header->name, header->file);
    if ((status.st_mode & 077) != 0)
        return asl_configuration_refuse(
            error, ASL_DENIED,
            "header \"%s\": others may open %s, which holds a secret; say: chmod 600 %s",
            header->name, header->file, header->file);
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return asl_configuration_refuse(error, ASL_DENIED,
                                        "header \"%s\": %s belongs to another user", header->name,
                                        header->file);
    return ASL_OK;
}

/* Fills `out` up to `room`; the size, or -1. */
static ssize_t read_all(int fd, char *out, size_t room)
{
    size_t used = 0;
    while (used < room) {
        ssize_t size = read(fd, out + used, room - used);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -1;
        if (size == 0)
            break;
        used += (size_t)size;
    }
    return (ssize_t)used;
}

static int read_file(const asl_http_header *header, char out[ASL_HTTP_HEADER_BYTES_MAX + 2],
                     asl_error **error)
{
    int fd = open(header->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return asl_configuration_refuse(error, ASL_IO, "header \"%s\": cannot open %s: %s",
                                        header->name, header->file, strerror(errno));
    int status = check_file(header, fd, error);
    ssize_t size = status == ASL_OK ? read_all(fd, out, ASL_HTTP_HEADER_BYTES_MAX + 1) : -1;
    close(fd);
    if (status != ASL_OK)
        return status;
    if (size < 0 || memchr(out, '\0', (size_t)size) != NULL)
        return asl_configuration_refuse(error, ASL_IO, "header \"%s\": cannot read %s",
                                        header->name, header->file);
    out[size] = '\0';
    for (size_t end = (size_t)size; end > 0 && strchr(" \t\r\n", out[end - 1]) != NULL; end--)
        out[end - 1] = '\0';
    return ASL_OK;
}

static int join(const asl_http_header *header, const char *secret, char **ret_value,
                asl_error **error)
{
    size_t prefix_size = strlen(header->text), size = strlen(secret);
    if (size == 0 || prefix_size + size > ASL_HTTP_HEADER_BYTES_MAX ||
        !asl_http_header_value_ok(secret) || !asl_http_header_value_ok(header->text))
        return asl_configuration_refuse(
            error, ASL_IO,
            "header \"%s\": the secret is empty, too long, or has control characters",
            header->name);
    char *value = malloc(prefix_size + size + 1);
    if (value == NULL)
        return asl_configuration_refuse(error, ASL_NOMEM, "out of memory");
    memcpy(value, header->text, prefix_size);
    memcpy(value + prefix_size, secret, size + 1);
    *ret_value = value;
    return ASL_OK;
}

int asl_secret_read(const asl_http_header *header, char **ret_value, asl_error **error)
{
    if (header->variable != NULL) {
        const char *secret = secure_getenv(header->variable);
        if (secret == NULL)
            return asl_configuration_refuse(error, ASL_IO,
                                            "header \"%s\": the environment has no %s",
                                            header->name, header->variable);
        return join(header, secret, ret_value, error);
    }
    char secret[ASL_HTTP_HEADER_BYTES_MAX + 2];
    int status = read_file(header, secret, error);
    if (status == ASL_OK)
        status = join(header, secret, ret_value, error);
    explicit_bzero(secret, sizeof secret);
    return status;
}

int asl_secret_check(const asl_http_header *header, asl_error **error)
{
    char *value = NULL;
    int status = asl_secret_read(header, &value, error);
    asl_secret_free(value);
    return status;
}

void asl_secret_free(char *value)
{
    if (value != NULL)
        explicit_bzero(value, strlen(value));
    free(value);
}
