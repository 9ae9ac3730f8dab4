/* Why an evaluation failed, in Jayway's words. A message is made only where somebody listens. */
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "path/evaluation.h"

static bool is_heard(const asl_evaluation *evaluation, asl_outcome outcome)
{
    if (evaluation->failure == NULL || evaluation->failure->message != NULL)
        return false;
    if (outcome == ASL_OUTCOME_NOT_FOUND)
        return evaluation->quiet == 0 && evaluation->quiet_missing == 0;
    return outcome != ASL_OUTCOME_INVALID || evaluation->quiet == 0;
}

/* Java prints a surrogate that stands alone as '?'. */
static void scrub(asl_buffer *buffer)
{
    size_t kept = 0;
    for (size_t i = 0; i < buffer->size;) {
        size_t valid = asl_utf8_valid(buffer->bytes + i, buffer->size - i);
        memmove(buffer->bytes + kept, buffer->bytes + i, valid);
        kept += valid;
        i += valid;
        if (i < buffer->size) {
            buffer->bytes[kept++] = '?';
            i += buffer->size - i < 3 ? buffer->size - i : 3;
        }
    }
    buffer->size = kept;
}

/* Takes the text as the failure's message; the buffer is done with. */
static asl_outcome deliver(asl_evaluation *evaluation, asl_buffer *buffer, asl_outcome outcome)
{
    int status = buffer->status;
    if (status == ASL_OK) {
        scrub(buffer);
        evaluation->failure->message =
            asl_value_string_sized(evaluation->heap, buffer->bytes, buffer->size);
        if (evaluation->failure->message == NULL)
            status = ASL_NOMEM;
    }
    asl_buffer_done(buffer);
    return status == ASL_OK ? outcome : asl_evaluation_fatal(evaluation, status);
}

static bool begin(asl_evaluation *evaluation, asl_outcome outcome, asl_buffer *buffer)
{
    if (!is_heard(evaluation, outcome))
        return false;
    asl_buffer_init(buffer, evaluation->heap);
    return true;
}

static void write_names(const asl_path_step *step, asl_buffer *buffer)
{
    asl_buffer_byte(buffer, '[');
    for (uint32_t i = 0; i < step->property.count; i++) {
        if (i > 0)
            asl_buffer_byte(buffer, ',');
        asl_buffer_byte(buffer, step->property.quote);
        asl_buffer_append(buffer, step->property.names[i].bytes, step->property.names[i].size);
        asl_buffer_byte(buffer, step->property.quote);
    }
    asl_buffer_byte(buffer, ']');
}

static void write_indices(const asl_path_step *step, asl_buffer *buffer)
{
    for (uint32_t i = 0; i < step->index.count; i++)
        asl_buffer_format(buffer, "%c%d", i == 0 ? '[' : ',', step->index.items[i]);
    asl_buffer_byte(buffer, ']');
}

static void write_slice(const asl_path_step *step, asl_buffer *buffer)
{
    asl_buffer_byte(buffer, '[');
    if (step->slice.has_from)
        asl_buffer_format(buffer, "%d", step->slice.from);
    asl_buffer_byte(buffer, ':');
    if (step->slice.has_to)
        asl_buffer_format(buffer, "%d", step->slice.to);
    asl_buffer_byte(buffer, ']');
}

/* A step as it was compiled. */
static void write_step(const asl_path_step *step, asl_buffer *buffer)
{
    switch (step->kind) {
    case ASL_STEP_PROPERTY:
        write_names(step, buffer);
        break;
    case ASL_STEP_INDEX:
        write_indices(step, buffer);
        break;
    case ASL_STEP_SLICE:
        write_slice(step, buffer);
        break;
    case ASL_STEP_WILDCARD:
        asl_buffer_text(buffer, "[*]");
        break;
    case ASL_STEP_SCAN:
        asl_buffer_text(buffer, "..");
        break;
    case ASL_STEP_FILTER:
        asl_buffer_text(buffer, "[?]");
        break;
    case ASL_STEP_FUNCTION:
        asl_buffer_byte(buffer, '.');
        asl_buffer_append(buffer, step->call.name.bytes, step->call.name.size);
        asl_buffer_text(buffer, step->call.count > 0 ? "(...)" : "()");
        break;
    }
}

static void write_steps(const asl_path_plan *plan, uint32_t from, asl_buffer *buffer)
{
    for (uint32_t i = from; i < plan->count; i++)
        write_step(&plan->steps[i], buffer);
}

/* The way to the node before `step`, as evaluation went it: only definite steps lie on it. */
static void write_place(const asl_path_plan *plan, uint32_t step, asl_buffer *buffer)
{
    asl_buffer_byte(buffer, plan->root);
    for (uint32_t i = 0; i < step; i++) {
        if (plan->steps[i].kind == ASL_STEP_PROPERTY) {
            asl_buffer_text(buffer, "['");
            asl_buffer_append(buffer, plan->steps[i].property.names[0].bytes,
                              plan->steps[i].property.names[0].size);
            asl_buffer_text(buffer, "']");
        } else if (plan->steps[i].kind == ASL_STEP_INDEX) {
            write_indices(&plan->steps[i], buffer);
        }
    }
}

static const char *class_of(const asl_value *value)
{
    int64_t integer;
    switch (asl_value_kind(value)) {
    case ASL_KIND_NULL:
        return "null";
    case ASL_KIND_FALSE:
    case ASL_KIND_TRUE:
        return "java.lang.Boolean";
    case ASL_KIND_STRING:
        return "java.lang.String";
    case ASL_KIND_ARRAY:
        return "net.minidev.json.JSONArray";
    case ASL_KIND_OBJECT:
        return "java.util.LinkedHashMap";
    case ASL_KIND_NUMBER:
        break;
    }
    if (!asl_value_get_integer(value, &integer))
        return "java.lang.Double";
    return integer == (int32_t)integer ? "java.lang.Integer" : "java.lang.Long";
}

asl_outcome asl_fail_text(asl_evaluation *evaluation, asl_outcome outcome, const char *format, ...)
{
    asl_buffer buffer;
    if (!begin(evaluation, outcome, &buffer))
        return outcome;
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(&buffer, format, arguments);
    va_end(arguments);
    return deliver(evaluation, &buffer, outcome);
}

asl_outcome asl_fail_no_results(asl_evaluation *evaluation, const asl_path_plan *plan)
{
    asl_buffer buffer;
    if (!begin(evaluation, ASL_OUTCOME_NOT_FOUND, &buffer))
        return ASL_OUTCOME_NOT_FOUND;
    asl_buffer_text(&buffer, "No results for path: ");
    asl_buffer_byte(&buffer, plan->root);
    write_steps(plan, 0, &buffer);
    return deliver(evaluation, &buffer, ASL_OUTCOME_NOT_FOUND);
}

asl_outcome asl_fail_missing(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step)
{
    asl_buffer buffer;
    if (!begin(evaluation, ASL_OUTCOME_NOT_FOUND, &buffer))
        return ASL_OUTCOME_NOT_FOUND;
    asl_buffer_text(&buffer, "Missing property in path ");
    write_place(plan, step + 1, &buffer);
    return deliver(evaluation, &buffer, ASL_OUTCOME_NOT_FOUND);
}

asl_outcome asl_fail_no_object(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step,
                               const asl_value *value)
{
    asl_buffer buffer;
    if (!begin(evaluation, ASL_OUTCOME_NOT_FOUND, &buffer))
        return ASL_OUTCOME_NOT_FOUND;
    asl_buffer_text(&buffer, "Expected to find an object with property ");
    write_names(&plan->steps[step], &buffer);
    asl_buffer_text(&buffer, " in path ");
    write_place(plan, step, &buffer);
    asl_buffer_format(&buffer,
                      " but found '%s'. This is not a json object according to the JsonProvider: "
                      "'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.",
                      class_of(value));
    return deliver(evaluation, &buffer, ASL_OUTCOME_NOT_FOUND);
}

asl_outcome asl_fail_no_array(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step,
                              const asl_value *value)
{
    asl_buffer buffer;
    if (!begin(evaluation, ASL_OUTCOME_NOT_FOUND, &buffer))
        return ASL_OUTCOME_NOT_FOUND;
    if (asl_value_kind(value) == ASL_KIND_NULL) {
        asl_buffer_text(&buffer, "The path ");
        write_place(plan, step, &buffer);
        asl_buffer_text(&buffer, " is null");
    } else {
        asl_buffer_text(&buffer, "Filter: ");
        write_steps(plan, step, &buffer);
        asl_buffer_text(&buffer, " can only be applied to arrays. Current context is: ");
        asl_java_text_write(value, true, &buffer);
    }
    return deliver(evaluation, &buffer, ASL_OUTCOME_NOT_FOUND);
}

asl_outcome asl_fail_primitive(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step,
                               const asl_value *value)
{
    asl_buffer buffer;
    if (!begin(evaluation, ASL_OUTCOME_INVALID, &buffer))
        return ASL_OUTCOME_INVALID;
    asl_buffer_text(&buffer, "Filter: ");
    write_steps(plan, step, &buffer);
    asl_buffer_text(&buffer, " can not be applied to primitives. Current context is: ");
    asl_java_text_write(value, true, &buffer);
    return deliver(evaluation, &buffer, ASL_OUTCOME_INVALID);
}
