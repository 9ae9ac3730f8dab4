/* Settings: from the command line, else the environment (ORDER_SERVICE_NAME), else a file.
 */
#ifndef ORDER_SERVICE_SETTINGS_H
#define ORDER_SERVICE_SETTINGS_H

#include "support/support.h"

typedef struct service_settings {
    /* As they were given. */
    const char *config, *data, *listen, *api_key_file, *certificate, *key, *public_url, *clock;
    const char *definition, *tasks, *durability;
    const char *smtp, *smtp_tls, *smtp_auth, *smtp_ca, *mail_from, *mail_retry_text;
    const char *mail_connections_text, *queue_limit_text, *connections_text;
    tool_list hosts, networks;
    bool behind_proxy, no_poller;
    tool_common common;
    /* What they mean. */
    char api_key[256]; /* "": none */
    char smtp_user[256], smtp_password[256];
    double clock_scale; /* 1: real */
    int64_t mail_retry_ms;
    unsigned mail_connections, queue_limit, connections_max;
} service_settings;

/* Reads all of them; returns -1 to go on, else the exit code, having said what is wrong. */
int settings_read(service_settings *self, int argc, char **argv);
void settings_free(service_settings *self);

#endif
