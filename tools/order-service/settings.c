/* Settings: read from three places, then checked together. A secret stands in a file of its own or
 * in the environment, never on the command line.
 */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail.h"
#include "server.h"

#define PREFIX "ORDER_SERVICE_"
#define SECRET_FILE_MAX 1024u

static service_settings given;
static char *file_text; /* of the configuration file: settings are borrowed from it */

static const tool_option options[] = {
    {"config", 0, TOOL_TEXT, "FILE", "more settings: lines of NAME = VALUE", &given.config},
    {"data", 'd', TOOL_TEXT, "DIR", "where everything is kept (default: ./data)", &given.data},
    {"listen", 'l', TOOL_TEXT, "ADDRESS:PORT|unix:PATH",
     "where to listen (default: 127.0.0.1:8080; port 0: any)", &given.listen},
    {"host", 0, TOOL_LIST, "NAME[:PORT]", "another name that requests may have as their Host",
     &given.hosts},
    {"api-key-file", 0, TOOL_TEXT, "FILE", "the key that requests need; nobody else may read it",
     &given.api_key_file},
    {"tls-certificate", 0, TOOL_TEXT, "FILE", "the certificate and its chain, PEM",
     &given.certificate},
    {"tls-key", 0, TOOL_TEXT, "FILE", "its key, PEM", &given.key},
    {"behind-tls-proxy", 0, TOOL_FLAG, NULL, "a proxy in front of this does TLS",
     &given.behind_proxy},
    {"public-url", 0, TOOL_TEXT, "URL", "how links in mails begin (default: where it listens)",
     &given.public_url},
    {"clock", 'c', TOOL_TEXT, "real|Nx", "real time, or N times as fast, for demonstrations",
     &given.clock},
    {"durability", 0, TOOL_TEXT, "full|relaxed",
     "relaxed: a power cut may take the last orders (default: full)", &given.durability},
    {"definition", 0, TOOL_TEXT, "FILE", "the workflow (default: the order workflow)",
     &given.definition},
    {"tasks", 't', TOOL_TEXT, "FILE", "which handler does which task (default: callbacks)",
     &given.tasks},
    {"allow-net", 0, TOOL_LIST, "CIDR", "a private network that HTTP tasks may reach",
     &given.networks},
    {"queue-limit", 0, TOOL_TEXT, "N", "so many orders wait at most (default: 10000)",
     &given.queue_limit_text},
    {"no-poller", 0, TOOL_FLAG, NULL, "take orders in, and start none", &given.no_poller},
    {"connections", 0, TOOL_TEXT, "N",
     "so many are served at a time, more are told so (default: 256)", &given.connections_text},
    {"smtp", 0, TOOL_TEXT, "URL", "the mail server: smtp://HOST:PORT or smtps://HOST:PORT",
     &given.smtp},
    {"smtp-tls", 0, TOOL_TEXT, "starttls|none",
     "whether smtp:// needs STARTTLS (default: unless the server is on this machine)",
     &given.smtp_tls},
    {"smtp-auth", 0, TOOL_TEXT, "FILE", "two lines: user and password; nobody else may read it",
     &given.smtp_auth},
    {"smtp-ca", 0, TOOL_TEXT, "FILE", "who vouches for the mail server, PEM (default: the system)",
     &given.smtp_ca},
    {"mail-from", 0, TOOL_TEXT, "ADDRESS", "the sender (default: orders@localhost)",
     &given.mail_from},
    {"mail-retry", 0, TOOL_TEXT, "TIME",
     "when a mail is first tried again: 60s, 5m or 200ms for example (default: 60s)",
     &given.mail_retry_text},
    {"mail-connections", 0, TOOL_TEXT, "N", "to the mail server at a time (default: 2)",
     &given.mail_connections_text},
};
#define OPTION_COUNT (sizeof options / sizeof options[0])

static const tool_program program = {
    "order-service",
    "[OPTION]...",
    "Takes orders over HTTP, runs each through its workflow, and mails how it ended.\n\n"
    "Each option can stand in the environment as well, as " PREFIX "NAME ('-' is '_'), or in the\n"
    "configuration file as NAME = VALUE. What is needed to log in at the mail server may stand "
    "in\n" PREFIX "SMTP_USER and " PREFIX "SMTP_PASSWORD.",
    options,
    OPTION_COUNT,
    "Exit codes: 0 stopped by SIGTERM or SIGINT, 2 usage, 3 the definition is not valid,\n"
    "6 store error, 70 internal error."};

static bool is_set(const tool_option *option)
{
    if (option->kind == TOOL_FLAG)
        return *(bool *)option->target;
    if (option->kind == TOOL_LIST)
        return ((tool_list *)option->target)->count > 0;
    return *(const char **)option->target != NULL;
}

/* Lists are given with commas. `value` is kept, and cut. Returns -1 to go on. */
static int set(const tool_option *option, char *value, const char *where)
{
    if (option->kind == TOOL_TEXT) {
        *(const char **)option->target = value;
        return -1;
    }
    if (option->kind == TOOL_FLAG) {
        bool is_true = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
        if (!is_true && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
            return tool_usage("%s: %s is true or false, not '%s'", where, option->name, value);
        *(bool *)option->target = is_true;
        return -1;
    }
    tool_list *list = option->target;
    for (char *rest = value; rest != NULL && list->count < TOOL_LIST_MAX;) {
        char *item = strsep(&rest, ",");
        if (item[strspn(item, " ")] != '\0')
            list->items[list->count++] = item + strspn(item, " ");
    }
    list->items[list->count] = NULL;
    return -1;
}

static int read_environment(const bool is_done[])
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[64] = PREFIX;
        size_t size = strlen(name);
        for (const char *letter = options[i].name; *letter != '\0'; letter++)
            name[size++] = *letter == '-' ? '_' : (char)toupper((unsigned char)*letter);
        name[size] = '\0';
        char *value = getenv(name);
        int result = value != NULL && !is_done[i] ? set(&options[i], value, name) : -1;
        if (result >= 0)
            return result;
    }
    return -1;
}

static void trim(char **text)
{
    *text += strspn(*text, " \t");
    size_t size = strlen(*text);
    while (size > 0 && strchr(" \t\r", (*text)[size - 1]) != NULL)
        (*text)[--size] = '\0';
}

static int read_line(char *line, size_t number, const bool is_done[])
{
    char where[300];
    snprintf(where, sizeof where, "%.200s:%zu", given.config, number);
    trim(&line);
    if (line[0] == '\0' || line[0] == '#')
        return -1;
    char *value = strchr(line, '=');
    if (value == NULL)
        return tool_usage("%s: a line is NAME = VALUE", where);
    *value++ = '\0';
    trim(&line);
    trim(&value);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(options[i].name, line) == 0 && options[i].target != (void *)&given.config)
            return is_done[i] ? -1 : set(&options[i], value, where);
    }
    return tool_usage("%s: there is no setting '%s'", where, line);
}

static int read_file(void)
{
    bool is_done[OPTION_COUNT];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        is_done[i] = is_set(&options[i]);
    size_t size = 0;
    if (given.config == NULL)
        return -1;
    int exit_code = tool_read(given.config, "the configuration", &file_text, &size);
    if (exit_code != 0)
        return exit_code;
    char *rest = file_text;
    for (size_t number = 1; rest != NULL; number++) {
        exit_code = read_line(strsep(&rest, "\n"), number, is_done);
        if (exit_code >= 0)
            return exit_code;
    }
    return -1;
}

/* Reads a file that holds a secret: a small one that nobody but its owner may touch. */
static int read_secret(const char *path, const char *what, char text[SECRET_FILE_MAX + 1])
{
    struct stat found;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0) {
        tool_say(TOOL_ERROR, "cannot read %s %s: %s", what, path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return TOOL_USAGE;
    }
    bool is_private = S_ISREG(found.st_mode) && (found.st_mode & 077) == 0;
    ssize_t size = is_private ? read(fd, text, SECRET_FILE_MAX + 1) : 0;
    close(fd);
    if (!is_private) {
        tool_say(TOOL_ERROR, "%s %s may be read by others: chmod 600 %s", what, path, path);
        return TOOL_USAGE;
    }
    if (size <= 0 || size > (ssize_t)SECRET_FILE_MAX) {
        tool_say(TOOL_ERROR, "%s %s is empty, or has more than %u bytes", what, path,
                 SECRET_FILE_MAX);
        return TOOL_USAGE;
    }
    text[size] = '\0';
    return -1;
}

static bool is_visible(const char *text)
{
    for (const char *letter = text; *letter != '\0'; letter++) {
        if (*letter <= ' ' || *letter > '~')
            return false;
    }
    return text[0] != '\0';
}

static int read_api_key(void)
{
    char text[SECRET_FILE_MAX + 1];
    if (given.api_key_file == NULL)
        return -1;
    int exit_code = read_secret(given.api_key_file, "the API key", text);
    if (exit_code >= 0)
        return exit_code;
    text[strcspn(text, "\r\n")] = '\0';
    if (!is_visible(text) || strlen(text) < 16 || strlen(text) >= sizeof given.api_key)
        return tool_usage("the API key in %s must be one line of 16 to 255 visible characters",
                          given.api_key_file);
    snprintf(given.api_key, sizeof given.api_key, "%s", text);
    return -1;
}

static int read_login(void)
{
    char text[SECRET_FILE_MAX + 1] = "";
    const char *user = getenv(PREFIX "SMTP_USER");
    const char *password = getenv(PREFIX "SMTP_PASSWORD");
    if (given.smtp_auth != NULL) {
        int exit_code = read_secret(given.smtp_auth, "the mail server's login", text);
        if (exit_code >= 0)
            return exit_code;
        char *rest = text;
        user = strsep(&rest, "\n");
        password = rest != NULL ? strsep(&rest, "\n") : NULL;
        text[strcspn(text, "\r")] = '\0';
        if (password != NULL)
            text[password - text + (ptrdiff_t)strcspn(password, "\r")] = '\0';
        if (password == NULL || password[0] == '\0')
            return tool_usage("%s must have two lines: user and password", given.smtp_auth);
    }
    if ((user == NULL) != (password == NULL))
        return tool_usage("the mail server's login needs a user and a password");
    if (user != NULL && (strlen(user) >= sizeof given.smtp_user ||
                         strlen(password) >= sizeof given.smtp_password || user[0] == '\0'))
        return tool_usage("the mail server's user and password have 1 to 255 characters");
    snprintf(given.smtp_user, sizeof given.smtp_user, "%s", user != NULL ? user : "");
    snprintf(given.smtp_password, sizeof given.smtp_password, "%s",
             password != NULL ? password : "");
    return -1;
}

/* "smtp://HOST:PORT" of this machine. */
static bool is_local_server(const char *url)
{
    static const char *const local[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *host = strstr(url, "://");
    for (size_t i = 0; host != NULL && i < sizeof local / sizeof local[0]; i++) {
        size_t size = strlen(local[i]);
        if (strncmp(host + 3, local[i], size) == 0 && strchr(":/", host[3 + size]) != NULL)
            return true; /* also where the text ends there */
    }
    return false;
}

static int check_mail(void)
{
    bool is_tls = given.smtp != NULL && strncmp(given.smtp, "smtps://", 8) == 0;
    if (given.mail_from == NULL)
        given.mail_from = "orders@localhost";
    if (!mail_is_address(given.mail_from))
        return tool_usage("--mail-from is no mail address: '%s'", given.mail_from);
    if (given.smtp == NULL)
        return -1;
    if (!is_tls && strncmp(given.smtp, "smtp://", 7) != 0)
        return tool_usage("--smtp is smtp://HOST:PORT or smtps://HOST:PORT, not '%s'", given.smtp);
    if (strchr(given.smtp, '@') != NULL)
        return tool_usage("--smtp must not have a login: use --smtp-auth");
    if (given.smtp_tls == NULL)
        given.smtp_tls = !is_tls && is_local_server(given.smtp) ? "none" : "starttls";
    if (strcmp(given.smtp_tls, "none") != 0 && strcmp(given.smtp_tls, "starttls") != 0)
        return tool_usage("--smtp-tls is starttls or none, not '%s'", given.smtp_tls);
    int exit_code = read_login();
    if (exit_code >= 0)
        return exit_code;
    if (given.smtp_user[0] != '\0' && !is_tls && strcmp(given.smtp_tls, "none") == 0 &&
        !is_local_server(given.smtp))
        return tool_usage("the mail server's password is not sent without TLS");
    return -1;
}

static int read_count(const char *name, const char *text, unsigned usual, unsigned most,
                      unsigned *ret_count)
{
    char *end = NULL;
    *ret_count = usual;
    if (text == NULL)
        return -1;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '1' || text[0] > '9' || *end != '\0' || number > most)
        return tool_usage("--%s is a number from 1 to %u, not '%s'", name, most, text);
    *ret_count = (unsigned)number;
    return -1;
}

static int read_duration(const char *text, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    char *end = NULL;
    unsigned long number = text[0] >= '1' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    for (size_t i = 0; number > 0 && number < 100000 && i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *ret_ms = (int64_t)number * units[i].ms;
            return -1;
        }
    }
    return tool_usage("--mail-retry is a time such as 60s, 5m or 200ms, not '%s'", text);
}

static int read_clock(void)
{
    char *end = NULL;
    given.clock_scale = 1;
    if (given.clock == NULL || strcmp(given.clock, "real") == 0)
        return -1;
    double scale = strtod(given.clock, &end);
    if (end == given.clock || strcmp(end, "x") != 0 || !isfinite(scale) || scale < 0.001 ||
        scale > 1e6)
        return tool_usage("--clock is real, or N times real as in 60x, not '%s'", given.clock);
    given.clock_scale = scale;
    return -1;
}

static int read_numbers(void)
{
    int exit_code =
        read_count("queue-limit", given.queue_limit_text, 10000, 1000000, &given.queue_limit);
    if (exit_code < 0)
        exit_code =
            read_count("connections", given.connections_text, 256, 10000, &given.connections_max);
    if (exit_code < 0)
        exit_code = read_count("mail-connections", given.mail_connections_text, 2, 16,
                               &given.mail_connections);
    if (exit_code < 0)
        exit_code = read_duration(given.mail_retry_text != NULL ? given.mail_retry_text : "60s",
                                  &given.mail_retry_ms);
    return exit_code < 0 ? read_clock() : exit_code;
}

/* Who can be reached from elsewhere needs a key, and hides it. */
static int check_listen(void)
{
    if (given.listen == NULL)
        given.listen = "127.0.0.1:8080";
    if ((given.certificate == NULL) != (given.key == NULL))
        return tool_usage("TLS needs both --tls-certificate and --tls-key");
    if (given.public_url != NULL &&
        (strncmp(given.public_url, "http", 4) != 0 || !is_visible(given.public_url) ||
         strpbrk(given.public_url, "<>\"?#") != NULL))
        return tool_usage("--public-url is http://NAME or https://NAME, not '%s'",
                          given.public_url);
    if (server_is_local(given.listen))
        return -1;
    if (given.api_key[0] == '\0')
        return tool_usage("%s can be reached from other machines: give --api-key-file",
                          given.listen);
    if (given.certificate == NULL && !given.behind_proxy)
        return tool_usage("%s can be reached from other machines: give --tls-certificate and "
                          "--tls-key, or --behind-tls-proxy",
                          given.listen);
    return -1;
}

int settings_read(service_settings *self, int argc, char **argv)
{
    tool_operands operands;
    bool is_done[OPTION_COUNT];
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code < 0 && operands.count > 0)
        exit_code = tool_usage("there is nothing to be done with '%s'", operands.items[0]);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        is_done[i] = is_set(&options[i]);
    if (exit_code < 0)
        exit_code = read_environment(is_done);
    if (exit_code < 0)
        exit_code = read_file();
    if (exit_code < 0)
        exit_code = read_numbers();
    if (exit_code < 0)
        exit_code = read_api_key();
    if (exit_code < 0)
        exit_code = check_listen();
    if (exit_code < 0)
        exit_code = check_mail();
    if (given.data == NULL)
        given.data = "data";
    if (exit_code < 0 && given.durability != NULL && strcmp(given.durability, "full") != 0 &&
        strcmp(given.durability, "relaxed") != 0)
        exit_code = tool_usage("--durability is full or relaxed, not '%s'", given.durability);
    *self = given;
    return exit_code;
}

void settings_free(service_settings *self)
{
    explicit_bzero(self->smtp_password, sizeof self->smtp_password);
    explicit_bzero(&given, sizeof given);
    free(file_text);
    file_text = NULL;
}
