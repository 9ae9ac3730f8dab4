/* What the files that compile paths share: a reader over the text, and the compiler's state.
 *
 * The grammar is Jayway's, which is no grammar but the habits of a hand-written reader: blanks are
 * U+0020 alone, some look-aheads go past closing brackets, and a token ends compilation when one
 * character is left. Those habits are kept, since what is accepted depends on them. */
#ifndef ASL_PATH_COMPILER_H
#define ASL_PATH_COMPILER_H

#include "path/layout.h"

typedef struct asl_path_reader {
    const char *text;
    int size;          /* all of the text */
    int position, end; /* what is read now; characters from `end` on can be looked at */
} asl_path_reader;

/* A plan while its steps are gathered. */
typedef struct asl_path_draft {
    struct asl_path_draft_step *first, **last;
    uint32_t count;
} asl_path_draft;

typedef struct asl_path_compiler {
    asl_path *path;
    const char *origin; /* the path as written; errors are placed in it */
    size_t origin_size;
    size_t offset;  /* where the error is said to be when it is in text that was rebuilt */
    unsigned depth; /* nesting now */
    int status;
    asl_error **error;
} asl_path_compiler;

/* Reading. A character is -1 where there is none at all. */
int asl_reader_at(const asl_path_reader *reader, int index);
int asl_reader_current(const asl_path_reader *reader);
bool asl_reader_has(const asl_path_reader *reader, int index);
void asl_reader_skip_blanks(asl_path_reader *reader);
void asl_reader_trim(asl_path_reader *reader);
/* The index of the next (previous) character that is no blank; -1: none. */
int asl_reader_next_significant(const asl_path_reader *reader, int start);
/* That character; ' ' where there is none. */
int asl_reader_next_char(const asl_path_reader *reader, int start);
int asl_reader_previous_char(const asl_path_reader *reader, int start);
/* The index of `wanted` from `start` on, those behind a backslash left out; -1: none. */
int asl_reader_find_unescaped(const asl_path_reader *reader, int start, int wanted);
/* The index of the character that closes the one at `start`; -1: none. Strings are skipped, and
 * /patterns/ where `skip_patterns`. */
int asl_reader_find_close(asl_path_compiler *compiler, const asl_path_reader *reader, int start,
                          int close, bool skip_patterns);

/* Refuses; returns false. The first refusal stands. */
bool asl_path_refuse(asl_path_compiler *compiler, const asl_path_reader *reader, int index,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
bool asl_path_out_of_memory(asl_path_compiler *compiler);
/* Goes one level deeper; false past the limit. */
bool asl_path_enter(asl_path_compiler *compiler, const asl_path_reader *reader);
/* Makes the path own a value (stolen) or pattern; false when out of memory. */
bool asl_path_own(asl_path_compiler *compiler, asl_value *value, asl_regex *regex);

void asl_draft_init(asl_path_draft *draft);
asl_path_step *asl_draft_add(asl_path_compiler *compiler, asl_path_draft *draft,
                             asl_step_kind kind);
/* The steps as a plan in the arena. */
const asl_path_plan *asl_draft_finish(asl_path_compiler *compiler, const asl_path_draft *draft,
                                      char root);

/* An argument that is a path; NULL where `plan` is, or out of memory. */
asl_path_argument *asl_path_argument_make(asl_path_compiler *compiler, const asl_path_plan *plan);

/* Reads one token with its dots: false where it is refused. */
bool asl_token_read(asl_path_compiler *compiler, asl_path_reader *reader, asl_path_draft *draft);
/* Compiles a whole path, root included. `is_trimmed`: blanks around it and a dot at its end are
 * looked at first; arguments of functions are not read so. */
const asl_path_plan *asl_plan_compile(asl_path_compiler *compiler, asl_path_reader reader,
                                      bool is_trimmed);
/* Compiles "[?(...)]", the whole of the reader. */
const asl_path_filter *asl_filter_compile(asl_path_compiler *compiler, asl_path_reader reader);
/* Reads a call's arguments behind its "(", and the ")". */
bool asl_arguments_compile(asl_path_compiler *compiler, asl_path_reader *reader,
                           asl_path_step *call);

#endif
