/* Engine errors: one block with the message inside. Where even that block cannot be had, a static
 * error of the same status stands in, so a caller who asked for an error always gets one. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "base/utf8.h"

struct asl_error {
    int status;
    size_t size; /* of the block; 0: static */
    size_t line, column, offset;
    const char *message, *token;
    char code[8];
    char bytes[];
};

#define STATUS_COUNT 21

static const char *const status_names[STATUS_COUNT] = {
    "ASL_OK",           "ASL_NOMEM",       "ASL_MISUSE",     "ASL_SYNTAX",        "ASL_TOO_LARGE",
    "ASL_INVALID",      "ASL_NOT_FOUND",   "ASL_EXISTS",     "ASL_UNSUPPORTED",   "ASL_IO",
    "ASL_STORE_LOCKED", "ASL_STORE_FULL",  "ASL_STORE_LOST", "ASL_STORE_CORRUPT", "ASL_STORE_NEWER",
    "ASL_READ_ONLY",    "ASL_TASK_CLOSED", "ASL_NO_HANDLER", "ASL_DENIED",        "ASL_TIMED_OUT",
    "ASL_EVALUATION",
};

#define STAND_IN(code) \
    { \
        .status = -(code), .message = "out of memory (while an error was described)" \
    }
static struct asl_error stand_ins[STATUS_COUNT] = {
    STAND_IN(0),  STAND_IN(1),  STAND_IN(2),  STAND_IN(3),  STAND_IN(4),  STAND_IN(5),
    STAND_IN(6),  STAND_IN(7),  STAND_IN(8),  STAND_IN(9),  STAND_IN(10), STAND_IN(11),
    STAND_IN(12), STAND_IN(13), STAND_IN(14), STAND_IN(15), STAND_IN(16), STAND_IN(17),
    STAND_IN(18), STAND_IN(19), STAND_IN(20),
};

const char *asl_status_name(int status)
{
    if (status > 0 || status <= -STATUS_COUNT)
        return "(unknown status)";
    return status_names[-status];
}

__attribute__((format(printf, 2, 0))) static asl_error *new_error(int status, const char *format,
                                                                  va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int text_size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t size = sizeof(asl_error) + (text_size > 0 ? (size_t)text_size : 0) + 1;
    asl_error *error = asl_allocate(NULL, size);
    if (error == NULL)
        return &stand_ins[status <= 0 && status > -STATUS_COUNT ? -status : -ASL_NOMEM];
    *error = (asl_error){.status = status, .size = size, .message = error->bytes};
    error->bytes[0] = '\0';
    vsnprintf(error->bytes, size - sizeof(asl_error), format, arguments);
    return error;
}

int asl_error_set(asl_error **error, int status, const char *format, ...)
{
    if (error == NULL || *error != NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    *error = new_error(status, format, arguments);
    va_end(arguments);
    return status;
}

int asl_error_set_place(asl_error **error, int status, const char *text, size_t text_size,
                        size_t offset, const char *format, ...)
{
    if (error == NULL || *error != NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    asl_error *made = new_error(status, format, arguments);
    va_end(arguments);
    if (made->size != 0) {
        made->offset = offset;
        asl_utf8_place(text, text_size, offset, &made->line, &made->column);
    }
    *error = made;
    return status;
}

int asl_error_set_code(asl_error **error, int status, const char *text, size_t text_size,
                       const asl_error_code_parts *parts)
{
    if (error == NULL || *error != NULL)
        return status;
    size_t message_size = strlen(parts->message) + 1;
    size_t size = sizeof(asl_error) + message_size + parts->token_size + 1;
    asl_error *made = asl_allocate(NULL, size);
    if (made == NULL) {
        *error = &stand_ins[-status];
        return status;
    }
    *made = (asl_error){.status = status,
                        .size = size,
                        .offset = parts->offset,
                        .message = made->bytes,
                        .token = made->bytes + message_size};
    memcpy(made->bytes, parts->message, message_size);
    if (parts->token_size > 0)
        memcpy(made->bytes + message_size, parts->token, parts->token_size);
    made->bytes[message_size + parts->token_size] = '\0';
    snprintf(made->code, sizeof made->code, "%s", parts->code);
    asl_utf8_place(text, text_size, parts->offset, &made->line, &made->column);
    *error = made;
    return status;
}

bool asl_error_is_stand_in(const asl_error *error)
{
    return error != NULL && error->size == 0;
}

void asl_error_free(asl_error *error)
{
    if (error != NULL && error->size != 0)
        asl_release(NULL, error, error->size);
}

int asl_error_status(const asl_error *error)
{
    return error != NULL ? error->status : ASL_OK;
}

const char *asl_error_message(const asl_error *error)
{
    return error != NULL ? error->message : "no error";
}

size_t asl_error_line(const asl_error *error)
{
    return error != NULL ? error->line : 0;
}

size_t asl_error_column(const asl_error *error)
{
    return error != NULL ? error->column : 0;
}

size_t asl_error_offset(const asl_error *error)
{
    return error != NULL ? error->offset : 0;
}

const char *asl_error_code(const asl_error *error)
{
    return error != NULL ? error->code : "";
}

const char *asl_error_token(const asl_error *error)
{
    return error != NULL && error->token != NULL ? error->token : "";
}
