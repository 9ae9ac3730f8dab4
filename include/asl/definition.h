/* <asl/definition.h> - Amazon States Language documents, read, checked and frozen.
 *
 * Loading reports all problems of a document at once, as diagnostics; a definition exists only
 * where none of them is an error. It is immutable, shared by counting references, and may serve any
 * number of machines, engines and threads.
 *
 *     asl_diagnostics *diagnostics = NULL;
 *     asl_definition *definition = NULL;
 *     int status = asl_definition_load(text, size, NULL, &definition, &diagnostics, NULL);
 *     for (size_t i = 0; i < asl_diagnostics_count(diagnostics); i++)
 *         puts(asl_diagnostics_at(diagnostics, i)->message);
 *     asl_diagnostics_free(diagnostics);
 *     asl_definition_unref(definition);
 *
 * Threads: a definition may be shared; diagnostics belong to whoever received them.
 */
#ifndef ASL_DEFINITION_H
#define ASL_DEFINITION_H

#include <asl/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_definition asl_definition;
typedef struct asl_diagnostics asl_diagnostics;

typedef enum asl_severity { ASL_SEVERITY_ERROR, ASL_SEVERITY_WARNING } asl_severity;

/* One problem. All texts are borrowed from the list. */
typedef struct asl_diagnostic {
    size_t size; /* sizeof(asl_diagnostic) as the library knows it */
    asl_severity severity;
    unsigned reserved;
    const char *code; /* permanent: "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", ... */
    const char *message;  /* AWS's words where AWS has words for it */
    const char *location; /* AWS's path, "/States/Pay/Next"; NULL where AWS gives none */
    const char *pointer;  /* JSON Pointer (RFC 6901) to the place */
    const char *hint;     /* what to do; may be NULL */
    size_t line, column;  /* where it begins: 1-based, columns in code points; 0 where unknown */
    size_t end_line, end_column; /* where it ends, exclusive */
    size_t offset, length;       /* the same range in bytes */
} asl_diagnostic;

/* Options: `size` first, zero means default. */
typedef struct asl_definition_options {
    size_t size; /* sizeof(asl_definition_options) */
    const asl_heap *heap;
    unsigned flags; /* ASL_DEFINITION_STRICT: warnings count as errors; ASL_DEFINITION_EXPRESS */
    unsigned reserved;
    /* Borrowed for the call. NULL: nothing is substituted. Else an object of names to strings,
     * numbers and booleans, and each "${Name}" of the text is replaced before it is read, once: in
     * a JSON string by the value's text, escaped (a number there stays text); outside of strings by
     * the value's text as it stands, so "Seconds": ${Delay} can become a number. A name (letters,
     * digits and "_.:,-") without value stays and is warned of: UNKNOWN_SUBSTITUTION. */
    const asl_value *substitutions;
} asl_definition_options;
#define ASL_DEFINITION_STRICT 1u
#define ASL_DEFINITION_EXPRESS 2u /* check as a machine of type EXPRESS */

/* Loads a document. Returns ASL_OK, ASL_INVALID (see the diagnostics), ASL_NOMEM, or ASL_MISUSE
 * where the substitutions are not what they must be. `ret_diagnostics` (may be NULL) receives a new
 * list whenever ASL_OK or ASL_INVALID is returned; its places are those of `text`, also where
 * something was substituted. */
ASL_API int asl_definition_load(const char *text, size_t size,
                                const asl_definition_options *options,
                                asl_definition **ret_definition, asl_diagnostics **ret_diagnostics,
                                asl_error **error);
ASL_API asl_definition *asl_definition_ref(const asl_definition *definition);
ASL_API void asl_definition_unref(asl_definition *definition);

/* The document's text as it was read, after substitution. Borrowed. */
ASL_API const char *asl_definition_text(const asl_definition *definition, size_t *ret_size);

/* The states of the document in its order, those of branches and processors included: name and type
 * ("Task"), NULL past the end. Borrowed. */
ASL_API size_t asl_definition_state_count(const asl_definition *definition);
ASL_API const char *asl_definition_state_name(const asl_definition *definition, size_t index);
ASL_API const char *asl_definition_state_type(const asl_definition *definition, size_t index);
/* The Resource of a Task state; NULL for others. Borrowed. */
ASL_API const char *asl_definition_state_resource(const asl_definition *definition, size_t index);

/* DescribeStateMachine's variableReferences: for each state that refers to variables, in the
 * document's order, the sorted array of their names; a new object, made with `heap`. ASL_OK,
 * ASL_NOMEM. */
ASL_API int asl_definition_variables(const asl_definition *definition, const asl_heap *heap,
                                     asl_value **ret_references);

ASL_API size_t asl_diagnostics_count(const asl_diagnostics *diagnostics);
ASL_API const asl_diagnostic *asl_diagnostics_at(const asl_diagnostics *diagnostics, size_t index);
/* Whether there were more problems than a list holds (1000). */
ASL_API bool asl_diagnostics_is_truncated(const asl_diagnostics *diagnostics);
ASL_API void asl_diagnostics_free(asl_diagnostics *diagnostics);

#ifdef __cplusplus
}
#endif
#endif
