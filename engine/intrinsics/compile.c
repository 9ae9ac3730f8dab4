/* Reading a call: "States.Name(" arguments ")", where an argument is a quoted string, a number,
 * null, true, false, a path, or another call. Calls nest at most ASL_INTRINSIC_DEPTH_MAX deep, so
 * reading recurses. */
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/utf8.h"
#include "intrinsics/call.h"

typedef struct reader {
    const asl_heap *heap;
    const char *text;
    size_t size, next;
    unsigned depth;
    asl_error **error;
} reader;

static int refuse(const reader *self, const char *what)
{
    return asl_error_set_place(self->error, ASL_SYNTAX, self->text, self->size, self->next, "%s",
                               what);
}

static void skip_spaces(reader *self)
{
    while (self->next < self->size && strchr(" \t\r\n", self->text[self->next]) &&
           self->text[self->next] != '\0')
        self->next++;
}

static char peek(const reader *self)
{
    return self->next < self->size ? self->text[self->next] : '\0';
}

void asl_intrinsic_free(asl_intrinsic *call)
{
    if (!call)
        return;
    for (size_t i = 0; i < call->count; i++) {
        asl_intrinsic_argument *argument = &call->arguments[i];
        if (argument->kind == ASL_ARGUMENT_CONSTANT)
            asl_value_unref(argument->as.constant);
        else if (argument->kind == ASL_ARGUMENT_PATH)
            asl_path_free(argument->as.path);
        else
            asl_intrinsic_free(argument->as.call);
    }
    asl_release(call->heap, call->arguments, call->capacity * sizeof *call->arguments);
    asl_release(call->heap, call, sizeof *call);
}

/* A quoted string up to its closing quote. `keeps_braces`: "\{", "\}" and "\\" stay as they are,
 * for States.Format, which reads them again. */
static int read_string(reader *self, bool keeps_braces, asl_value **ret_value)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, self->heap);
    int status = ASL_OK;
    for (self->next++; status == ASL_OK; self->next++) {
        char c = peek(self);
        if (self->next >= self->size) {
            status = refuse(self, "a string without closing quote");
        } else if (c == '\'') {
            break;
        } else if (c == '\\') {
            char escaped = self->next + 1 < self->size ? self->text[self->next + 1] : '\0';
            if (escaped == '\0' || !strchr("'{}\\", escaped)) {
                status = refuse(self, "only \\', \\{, \\} and \\\\ are escapes");
            } else {
                if (keeps_braces && escaped != '\'')
                    asl_buffer_byte(&buffer, '\\');
                asl_buffer_byte(&buffer, escaped);
                self->next++;
            }
        } else {
            asl_buffer_byte(&buffer, c);
        }
    }
    if (status == ASL_OK) {
        self->next++;
        const char *bytes = asl_buffer_string(&buffer);
        *ret_value = bytes ? asl_value_string_sized(self->heap, bytes, buffer.size) : NULL;
        status = *ret_value ? ASL_OK : ASL_NOMEM;
    }
    asl_buffer_done(&buffer);
    return status;
}

/* Where the argument that begins here ends: at a comma or closing parenthesis outside of brackets
 * and strings. */
static size_t argument_end(const reader *self)
{
    int depth = 0;
    char quote = '\0';
    for (size_t i = self->next; i < self->size; i++) {
        char c = self->text[i];
        if (quote != '\0') {
            if (c == '\\')
                i++;
            else if (c == quote)
                quote = '\0';
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[') {
            depth++;
        } else if ((c == ')' || c == ']') && depth > 0) {
            depth--;
        } else if ((c == ')' || c == ',') && depth == 0) {
            return i;
        }
    }
    return self->size;
}

static size_t without_trailing_spaces(const reader *self, size_t end)
{
    while (end > self->next && strchr(" \t\r\n", self->text[end - 1]))
        end--;
    return end;
}

static int read_path(reader *self, asl_path **ret_path)
{
    size_t end = without_trailing_spaces(self, argument_end(self));
    int status = asl_path_compile(self->heap, self->text + self->next, end - self->next, 0,
                                  ret_path, self->error);
    self->next = end;
    return status;
}

/* null, true, false or a number. */
static int read_literal(reader *self, asl_value **ret_value)
{
    size_t end = without_trailing_spaces(self, argument_end(self));
    const char *text = self->text + self->next;
    size_t size = end - self->next;
    if (size == 4 && memcmp(text, "null", 4) == 0)
        *ret_value = asl_value_null();
    else if (size == 4 && memcmp(text, "true", 4) == 0)
        *ret_value = asl_value_bool(true);
    else if (size == 5 && memcmp(text, "false", 5) == 0)
        *ret_value = asl_value_bool(false);
    else if (size > 0 && strchr("-0123456789", text[0]) && text[0] != '\0')
        return asl_value_parse(self->heap, text, size, 0, ret_value, self->error) == ASL_OK
                   ? (self->next = end, ASL_OK)
                   : ASL_SYNTAX;
    else
        return refuse(
            self,
            "an argument is a string in single quotes, a number, null, true, false, a path, or "
            "a call");
    self->next = end;
    return ASL_OK;
}

static int read_call(reader *self, asl_intrinsic **ret_call);

static int read_argument(reader *self, const asl_intrinsic *call,
                         asl_intrinsic_argument *ret_argument)
{
    static const char prefix[] = "States.";
    bool is_template = call->count == 0 && strcmp(call->function->name, "Format") == 0;
    if (peek(self) == '\'') {
        ret_argument->kind = ASL_ARGUMENT_CONSTANT;
        return read_string(self, is_template, &ret_argument->as.constant);
    }
    if (peek(self) == '$') {
        ret_argument->kind = ASL_ARGUMENT_PATH;
        return read_path(self, &ret_argument->as.path);
    }
    if (self->size - self->next > sizeof prefix - 1 &&
        memcmp(self->text + self->next, prefix, sizeof prefix - 1) == 0) {
        ret_argument->kind = ASL_ARGUMENT_CALL;
        return read_call(self, &ret_argument->as.call);
    }
    ret_argument->kind = ASL_ARGUMENT_CONSTANT;
    return read_literal(self, &ret_argument->as.constant);
}

static int read_arguments(reader *self, asl_intrinsic *call)
{
    skip_spaces(self);
    if (peek(self) == ')')
        return ASL_OK;
    while (true) {
        int status = asl_array_reserve(self->heap, &call->arguments, &call->capacity, call->count,
                                       ASL_INTRINSIC_ARGUMENTS_MAX);
        if (status != ASL_OK)
            return status;
        skip_spaces(self);
        asl_intrinsic_argument argument = {.kind = ASL_ARGUMENT_CONSTANT};
        status = read_argument(self, call, &argument);
        if (status != ASL_OK)
            return status;
        call->arguments[call->count++] = argument;
        skip_spaces(self);
        if (peek(self) != ',')
            return ASL_OK;
        self->next++;
    }
}

/* The name and what stands in parentheses. */
static int read_into(reader *self, asl_intrinsic *call)
{
    size_t start = self->next;
    while (self->next < self->size && self->text[self->next] != '(' &&
           self->text[self->next] != ' ')
        self->next++;
    call->function = asl_intrinsic_find(self->text + start, self->next - start);
    if (!call->function) {
        self->next = start;
        return refuse(self, "there is no intrinsic function of this name");
    }
    skip_spaces(self);
    if (peek(self) != '(')
        return refuse(self, "'(' is missing");
    self->next++;
    int status = read_arguments(self, call);
    if (status != ASL_OK)
        return status;
    if (peek(self) != ')')
        return refuse(self, "')' is missing");
    self->next++;
    if (call->count < call->function->minimum || call->count > call->function->maximum)
        return asl_error_set_place(self->error, ASL_SYNTAX, self->text, self->size, start,
                                   "States.%s takes %u%s argument%s, not %zu", call->function->name,
                                   call->function->minimum,
                                   call->function->maximum > call->function->minimum ? " or more"
                                                                                     : "",
                                   call->function->minimum == 1 ? "" : "s", call->count);
    return ASL_OK;
}

static int read_call(reader *self, asl_intrinsic **ret_call)
{
    if (self->depth >= ASL_INTRINSIC_DEPTH_MAX)
        return asl_error_set_place(self->error, ASL_TOO_LARGE, self->text, self->size, self->next,
                                   "intrinsic functions nest at most %u deep",
                                   ASL_INTRINSIC_DEPTH_MAX);
    asl_intrinsic *call = asl_allocate_zeroed(self->heap, sizeof *call);
    if (!call)
        return ASL_NOMEM;
    call->heap = self->heap;
    self->next += strlen("States.");
    self->depth++;
    int status = read_into(self, call);
    self->depth--;
    if (status == ASL_OK)
        *ret_call = call;
    else
        asl_intrinsic_free(call);
    return status;
}

int asl_intrinsic_compile(const asl_heap *heap, const char *text, size_t size,
                          asl_intrinsic **ret_call, asl_error **error)
{
    static const char prefix[] = "States.";
    reader self = {.heap = heap, .text = text, .size = size, .error = error};
    skip_spaces(&self);
    if (asl_utf8_valid(text, size) != size)
        return refuse(&self, "the text is not UTF-8");
    if (size - self.next < sizeof prefix - 1 ||
        memcmp(text + self.next, prefix, sizeof prefix - 1) != 0)
        return refuse(&self, "an intrinsic function begins with \"States.\"");
    asl_intrinsic *call = NULL;
    int status = read_call(&self, &call);
    skip_spaces(&self);
    if (status == ASL_OK && self.next != size) {
        asl_intrinsic_free(call);
        return refuse(&self, "something follows the closing parenthesis");
    }
    if (status == ASL_OK)
        *ret_call = call;
    return status;
}

const char *asl_intrinsic_name(const asl_intrinsic *call)
{
    return call->function->name;
}

void asl_intrinsic_paths(const asl_intrinsic *call,
                         void (*visit)(void *context, const asl_path *path), void *context)
{
    for (size_t i = 0; i < call->count; i++) {
        if (call->arguments[i].kind == ASL_ARGUMENT_PATH)
            visit(context, call->arguments[i].as.path);
        else if (call->arguments[i].kind == ASL_ARGUMENT_CALL)
            asl_intrinsic_paths(call->arguments[i].as.call, visit, context);
    }
}
