/* Reading a handler's part of the bindings file: members by name, refused with a sentence that says
 * which member is wrong and what it may be. The bindings add file, line and column. */
#ifndef ASL_HANDLER_CONFIGURATION_H
#define ASL_HANDLER_CONFIGURATION_H

#include <asl/value.h>

/* Makes an error with a formatted message; returns `status`. */
int asl_configuration_refuse(asl_error **error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ASL_SYNTAX where `object` is no object, or has a member that is not in `names` (NULL-ended).
 * `what` names the object in messages: "http", "headers.Authorization". */
int asl_configuration_check(const asl_value *object, const char *what, const char *const *names,
                            asl_error **error);

/* A text member without NUL; `*ret_text` stays as it is where there is none. Borrowed from
 * `object`.
 */
int asl_configuration_text(const asl_value *object, const char *name, const char **ret_text,
                           asl_error **error);
/* The same for a number of seconds between `least` and `most`, given in milliseconds. */
int asl_configuration_seconds(const asl_value *object, const char *name, double least, double most,
                              long *ret_milliseconds, asl_error **error);
int asl_configuration_truth(const asl_value *object, const char *name, bool *ret_truth,
                            asl_error **error);

/* `path` as seen from `folder` (NULL: the working folder); new, from malloc. NULL: no memory. */
char *asl_configuration_path(const char *folder, const char *path);

#endif
