/* Compares strings and regular expressions with what JavaScript makes of them.
 *
 * usage: run-javascript <CASES
 * A case is a line of javascript/cases.js: its kind, its arguments, and the result. Differences are
 * printed. Those that jsonata/regex.h names are only counted: patterns that are not supported,
 * searches that end for their steps, groups that kept an empty part. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

#define FIELDS_MAX 8

typedef struct text {
    char *bytes;
    size_t size;
} text;

typedef struct test_case {
    char *fields[FIELDS_MAX];
    size_t count;
    asl_buffer result; /* what ours makes of it, as the fields behind the arguments */
} test_case;

/* Differences that have a name. */
static unsigned long unsupported, ended, kept;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "run-javascript: %s\n", what);
    exit(2);
}

static int hex_value(char byte)
{
    return byte <= '9' ? byte - '0' : byte - 'a' + 10;
}

/* In an allocation of exactly its size, so that a read past its end is seen. */
static text decode(const char *field)
{
    size_t size = (strlen(field) - 1) / 2;
    text decoded = {malloc(size > 0 ? size : 1), size};
    if (field[0] != 'x' || decoded.bytes == NULL)
        die("a text does not begin with x");
    for (size_t i = 0; i < size; i++)
        decoded.bytes[i] = (char)(hex_value(field[1 + 2 * i]) << 4 | hex_value(field[2 + 2 * i]));
    return decoded;
}

static void print_text(asl_buffer *out, const char *bytes, size_t size)
{
    asl_buffer_byte(out, 'x');
    for (size_t i = 0; i < size; i++)
        asl_buffer_format(out, "%02x", (unsigned)(unsigned char)bytes[i]);
}

static double decode_number(const char *field)
{
    uint64_t bits = strtoull(field, NULL, 16);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void print_number(asl_buffer *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    if (number != number)
        asl_buffer_text(out, "nan");
    else
        asl_buffer_format(out, "%016llx", (unsigned long long)bits);
}

static void print_match(asl_buffer *out, const text *subject, const asl_jsonata_match *match)
{
    asl_buffer_format(out, "%zu,", match->index);
    print_text(out, subject->bytes + match->start, match->end - match->start);
    for (size_t i = 0; i < match->group_count; i++) {
        const asl_jsonata_span *group = &match->groups[i];
        asl_buffer_byte(out, ',');
        if (group->start == ASL_JSONATA_UNSET)
            asl_buffer_byte(out, '-');
        else
            print_text(out, subject->bytes + group->start, group->end - group->start);
    }
    asl_buffer_byte(out, ';');
}

static void print_matches(asl_buffer *out, const asl_jsonata_regex *regex, const text *subject)
{
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault = {NULL, NULL};
    int status;
    if (asl_jsonata_matcher_new(regex, NULL, subject->bytes, subject->size, &matcher) != ASL_OK)
        die("no memory");
    while ((status = asl_jsonata_matcher_next(matcher, &match, &fault)) == ASL_OK)
        print_match(out, subject, &match);
    if (status == ASL_NOT_FOUND)
        asl_buffer_byte(out, '.');
    else
        asl_buffer_text(out, fault.code != NULL && strcmp(fault.code, "D1004") == 0 ? "E" : "L");
    asl_jsonata_matcher_free(matcher);
}

static unsigned regex_flags(const char *field)
{
    return (strchr(field, 'i') != NULL ? ASL_JSONATA_IGNORE_CASE : 0) |
           (strchr(field, 'm') != NULL ? ASL_JSONATA_MULTILINE : 0);
}

static void run_regex(test_case *test)
{
    text pattern = decode(test->fields[2]), subject = decode(test->fields[3]);
    asl_jsonata_regex *regex = NULL;
    asl_jsonata_fault fault = {NULL, NULL};
    int status = asl_jsonata_regex_compile(NULL, pattern.bytes, pattern.size,
                                           regex_flags(test->fields[1]), &regex, &fault);
    if (status == ASL_OK) {
        print_matches(&test->result, regex, &subject);
    } else if (status == ASL_UNSUPPORTED && strcmp(test->fields[4], "S") != 0) {
        unsupported++;
        asl_buffer_text(&test->result, test->fields[4]);
    } else {
        asl_buffer_text(&test->result, status == ASL_SYNTAX ? "S" : "T");
    }
    asl_jsonata_regex_free(regex);
    free(pattern.bytes);
    free(subject.bytes);
}

static void run_substitute(test_case *test)
{
    text pattern = decode(test->fields[1]), subject = decode(test->fields[2]),
         replacement = decode(test->fields[3]);
    asl_jsonata_regex *regex = NULL;
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault;
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    if (asl_jsonata_regex_compile(NULL, pattern.bytes, pattern.size, 0, &regex, &fault) != ASL_OK ||
        asl_jsonata_matcher_new(regex, NULL, subject.bytes, subject.size, &matcher) != ASL_OK ||
        asl_jsonata_matcher_next(matcher, &match, &fault) != ASL_OK ||
        asl_jsonata_substitute(replacement.bytes, replacement.size, subject.bytes, &match, &out) !=
            ASL_OK)
        die("substitute");
    print_text(&test->result, out.bytes, out.size);
    asl_buffer_done(&out);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
    free(pattern.bytes);
    free(subject.bytes);
    free(replacement.bytes);
}

/* What a call appended, or its fault's code ("R" for what JavaScript throws). */
static void print_outcome(test_case *test, int status, asl_buffer *out,
                          const asl_jsonata_fault *fault)
{
    if (test->result.size > 0)
        asl_buffer_byte(&test->result, ' ');
    if (status == ASL_OK)
        print_text(&test->result, out->bytes, out->size);
    else
        asl_buffer_text(&test->result, fault->code != NULL ? fault->code : "R");
    asl_buffer_clear(out);
}

static void run_case(test_case *test)
{
    text subject = decode(test->fields[1]);
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    print_outcome(test, asl_jsonata_uppercase(subject.bytes, subject.size, &out), &out, NULL);
    print_outcome(test, asl_jsonata_lowercase(subject.bytes, subject.size, &out), &out, NULL);
    asl_buffer_done(&out);
    free(subject.bytes);
}

static void run_url(test_case *test)
{
    text subject = decode(test->fields[1]);
    asl_jsonata_fault fault = {NULL, NULL};
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    for (int i = 0; i < 2; i++)
        print_outcome(test,
                      asl_jsonata_encode_url(subject.bytes, subject.size, i == 1, &out, &fault),
                      &out, &fault);
    for (int i = 0; i < 2; i++)
        print_outcome(test,
                      asl_jsonata_decode_url(subject.bytes, subject.size, i == 1, &out, &fault),
                      &out, &fault);
    asl_buffer_done(&out);
    free(subject.bytes);
}

static void run_base64(test_case *test)
{
    text subject = decode(test->fields[1]);
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    print_outcome(test, asl_jsonata_base64_encode(subject.bytes, subject.size, &out), &out, NULL);
    print_outcome(test, asl_jsonata_base64_decode(subject.bytes, subject.size, &out), &out, NULL);
    asl_buffer_done(&out);
    free(subject.bytes);
}

static void run_number(test_case *test)
{
    text subject = decode(test->fields[1]);
    double number = 0;
    asl_jsonata_fault fault = {NULL, NULL};
    if (asl_jsonata_number(subject.bytes, subject.size, &number, &fault) == ASL_OK)
        print_number(&test->result, number);
    else
        asl_buffer_text(&test->result, fault.code);
    free(subject.bytes);
}

static void run_compare(test_case *test)
{
    text left = decode(test->fields[1]), right = decode(test->fields[2]);
    int order = asl_jsonata_compare(left.bytes, left.size, right.bytes, right.size);
    asl_buffer_format(&test->result, "%d", (order > 0) - (order < 0));
    free(left.bytes);
    free(right.bytes);
}

static void run_substring(test_case *test)
{
    text subject = decode(test->fields[1]);
    bool has_length = strcmp(test->fields[3], "-") != 0;
    double length = has_length ? decode_number(test->fields[3]) : 0;
    size_t offset = 0, size = 0;
    asl_jsonata_substring(subject.bytes, subject.size, decode_number(test->fields[2]),
                          has_length ? &length : NULL, &offset, &size);
    print_text(&test->result, subject.bytes + offset, size);
    free(subject.bytes);
}

static void run_trim(test_case *test)
{
    text subject = decode(test->fields[1]);
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    print_outcome(test, asl_jsonata_trim(subject.bytes, subject.size, &out), &out, NULL);
    asl_buffer_done(&out);
    free(subject.bytes);
}

static void run_pad(test_case *test)
{
    text subject = decode(test->fields[1]), fill = decode(test->fields[3]);
    asl_jsonata_fault fault = {NULL, NULL};
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    int status = asl_jsonata_pad(subject.bytes, subject.size, decode_number(test->fields[2]),
                                 fill.bytes, fill.size, &out, &fault);
    print_outcome(test, status, &out, &fault);
    asl_buffer_done(&out);
    free(subject.bytes);
    free(fill.bytes);
}

static void run_split(test_case *test)
{
    text subject = decode(test->fields[1]), separator = decode(test->fields[2]);
    bool has_limit = strcmp(test->fields[3], "-") != 0;
    uint32_t left = has_limit ? asl_jsonata_split_limit(decode_number(test->fields[3])) : 0;
    asl_jsonata_split split = {subject.bytes, subject.size, separator.bytes, separator.size};
    const char *piece = NULL;
    size_t size = 0;
    while ((!has_limit || left-- > 0) && asl_jsonata_split_next(&split, &piece, &size)) {
        if (test->result.size > 0)
            asl_buffer_byte(&test->result, ',');
        print_text(&test->result, piece, size);
    }
    if (test->result.size == 0)
        asl_buffer_byte(&test->result, '-');
    free(subject.bytes);
    free(separator.bytes);
}

/* Whether two lists of matches are the same but for groups that are unset there and empty here. */
static bool is_same_but_kept(const char *wanted, const char *result)
{
    while (*wanted != '\0') {
        bool is_kept = *wanted == '-' && *result == 'x' && (result[1] == ',' || result[1] == ';');
        if (*wanted++ != *result++ && !is_kept)
            return false;
    }
    return *result == '\0';
}

static bool has_name(const char *kind, const char *wanted, const char *result)
{
    size_t size = strlen(result);
    if (strcmp(kind, "regex") != 0 || size == 0)
        return false;
    if (result[size - 1] == 'L' && strncmp(wanted, result, size - 1) == 0)
        return ++ended;
    return is_same_but_kept(wanted, result) && ++kept;
}

static const struct {
    const char *kind;
    void (*run)(test_case *test);
    size_t arguments;
} kinds[] = {
    {"regex", run_regex, 3},     {"substitute", run_substitute, 3}, {"case", run_case, 1},
    {"url", run_url, 1},         {"base64", run_base64, 1},         {"number", run_number, 1},
    {"compare", run_compare, 2}, {"substring", run_substring, 3},   {"trim", run_trim, 1},
    {"pad", run_pad, 3},         {"split", run_split, 3},
};

/* Splits a line at its spaces; the results' fields stay one text behind the arguments. */
static void split_line(char *line, test_case *test, size_t arguments)
{
    test->count = 0;
    for (char *field = line; field != NULL && test->count <= arguments + 1; test->count++) {
        test->fields[test->count] = field;
        if (test->count == arguments + 1)
            continue;
        field = strchr(field, ' ');
        if (field == NULL)
            die("a line has too few fields");
        *field++ = '\0';
    }
}

static bool run_line(char *line)
{
    size_t kind = 0, kind_size = strcspn(line, " ");
    while (
        kind < sizeof kinds / sizeof kinds[0] &&
        (strlen(kinds[kind].kind) != kind_size || memcmp(kinds[kind].kind, line, kind_size) != 0))
        kind++;
    if (kind == sizeof kinds / sizeof kinds[0])
        die("a kind that is not known");
    test_case test;
    size_t arguments = kinds[kind].arguments;
    split_line(line, &test, arguments);
    asl_buffer_init(&test.result, NULL);
    kinds[kind].run(&test);
    const char *result = asl_buffer_string(&test.result), *wanted = test.fields[arguments + 1];
    bool is_same = strcmp(result, wanted) == 0 || has_name(test.fields[0], wanted, result);
    if (!is_same) {
        for (size_t i = 0; i <= arguments; i++)
            printf("%s ", test.fields[i]);
        printf("\n  JavaScript: %s\n  ours:       %s\n", wanted, result);
    }
    asl_buffer_done(&test.result);
    return is_same;
}

int main(void)
{
    unsigned long count = 0, different = 0;
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, stdin)) > 0;) {
        line[size - 1] = '\0';
        count++;
        different += !run_line(line);
    }
    free(line);
    printf("javascript: %lu cases, %lu differences; %lu not supported, %lu ended, %lu kept\n",
           count, different, unsupported, ended, kept);
    return count == 0 || different > 0;
}
