/* The log: one JSON object a line on standard error. Nothing secret is given to it.
 */
#ifndef ORDER_SERVICE_LOG_H
#define ORDER_SERVICE_LOG_H

/* `order` (an id; may be NULL) is a member of its own. From any thread. */
void log_line(const char *level, const char *order, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
