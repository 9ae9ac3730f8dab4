/* JavaScript's regular expressions. */
#include <pthread.h>
#include <string.h>

#include "fault_heap.h"
#include "jsonata/regex_layout.h"
#include "suite.h"

#define GRIN "\xF0\x9F\x98\x80" /* U+1F600, in UTF-16 D83D DE00 */

static unsigned flags_of(const char *flags)
{
    return (strchr(flags, 'i') != NULL ? ASL_JSONATA_IGNORE_CASE : 0) |
           (strchr(flags, 'm') != NULL ? ASL_JSONATA_MULTILINE : 0);
}

static int compile_sized(const char *pattern, size_t size, const char *flags,
                         asl_jsonata_regex **ret_regex)
{
    asl_jsonata_fault fault = {"", ""};
    int status = asl_jsonata_regex_compile(NULL, pattern, size, flags_of(flags), ret_regex, &fault);
    ck_assert(status != ASL_SYNTAX || (fault.code == NULL && fault.message != NULL));
    return status;
}

static asl_jsonata_regex *compile(const char *pattern, const char *flags)
{
    asl_jsonata_regex *regex = NULL;
    int status = compile_sized(pattern, strlen(pattern), flags, &regex);
    ck_assert_msg(status == ASL_OK, "/%s/%s: %d", pattern, flags, status);
    return regex;
}

static void print_match(asl_buffer *out, const char *text, const asl_jsonata_match *match)
{
    asl_buffer_format(out, "%zu:%.*s", match->index, (int)(match->end - match->start),
                      text + match->start);
    for (size_t i = 0; i < match->group_count; i++) {
        const asl_jsonata_span *group = &match->groups[i];
        if (group->start == ASL_JSONATA_UNSET)
            asl_buffer_text(out, "|-");
        else
            asl_buffer_format(out, "|%.*s", (int)(group->end - group->start), text + group->start);
    }
    asl_buffer_byte(out, ';');
}

/* All matches, each "index:match|group|group;" with "-" for a group that is not set. A fault's code
 * ends them. */
static void finds(const char *pattern, const char *flags, const char *text, const char *expected)
{
    asl_jsonata_regex *regex = compile(pattern, flags);
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault = {NULL, NULL};
    asl_buffer out;
    int status;
    asl_buffer_init(&out, NULL);
    ck_assert_int_eq(asl_jsonata_matcher_new(regex, NULL, text, strlen(text), &matcher), ASL_OK);
    while ((status = asl_jsonata_matcher_next(matcher, &match, &fault)) == ASL_OK)
        print_match(&out, text, &match);
    if (status != ASL_NOT_FOUND)
        asl_buffer_text(&out, fault.code);
    ck_assert_msg(strcmp(asl_buffer_string(&out), expected) == 0, "/%s/%s on %s: %s", pattern,
                  flags, text, asl_buffer_string(&out));
    asl_buffer_done(&out);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
}

typedef struct regex_case {
    const char *pattern, *flags, *text, *expected;
} regex_case;

#define CHECK_ALL(cases) \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases)[0]; i++) \
    finds((cases)[i].pattern, (cases)[i].flags, (cases)[i].text, (cases)[i].expected)

START_TEST(matches_follow_one_another)
{
    static const regex_case cases[] = {
        {"b+", "", "ababbxabbcc", "1:b;3:bb;7:bb;"},
        {"ax+", "", "ababbxabbcc", ""},
        {"(\\w+)\\s(\\w+)", "", "John Smith", "0:John Smith|John|Smith;"},
        {"(ab)|(a)", "", "abcd", "0:ab|ab|-;"},
        {"a.*?a", "", "abracadabra", "0:abra;5:ada;"},
        {"hat", "i", "HAT hAt", "0:HAT;4:hAt;"},
        {"(-?\\d+(?:\\.\\d*)?)F\\b", "", "t = 68F today", "4:68F|68;"},
        {"^(\\w*\\s\\w*)", "", "Felicia Saunders", "0:Felicia Saunders|Felicia Saunders;"},
        {"a", "", "", ""},
        {"", "", "", "0:;"},
        {"", "", "a", "0:;D1004"},
        {".*?", "", "abra", "0:;D1004"},
        {"a*", "", "ab", "0:a;D1004"},
        {"b*$", "", "ab", "1:b;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(classes_are_javascripts)
{
    static const regex_case cases[] = {
        {"\\d", "", "5\xD9\xA1", "0:5;"},         /* an Arabic digit is none */
        {"\\w+", "", "a_\xC3\xA9z", "0:a_;3:z;"}, /* nor a letter with an accent */
        {"\\s", "", "\v\xC2\xA0\xEF\xBB\xBF\xE2\x80\x8B", "0:\v;1:\xC2\xA0;2:\xEF\xBB\xBF;"},
        {"\\S", "", "\xC2\x85", "0:\xC2\x85;"}, /* U+0085 is no space */
        {"\\b.", "",
         "\xC3\xA9"
         "a",
         "1:a;"},
        {".", "", "\n\r\xE2\x80\xA8\xE2\x80\xA9\xC2\x85\v", "4:\xC2\x85;5:\v;"},
        {"[^]", "", "\n", "0:\n;"},
        {"a[]|b", "", "ab", "1:b;"},
        {"[]*a", "", "a", "0:a;"},
        {"[a-]+", "", "-a-", "0:-a-;"},
        {"[-a]+", "", "-a-", "0:-a-;"},
        {"[\\w-a]+", "", "b-", "0:b-;"},
        {"[a-\\d]+", "", "a-7b", "0:a-7;"},
        {"[+--]+", "", "+,-.", "0:+,-;"},
        {"[\\b]", "", "b\b", "1:\b;"},
        {"[^\\W_]+", "", "a1_", "0:a1;"},
        {"[\\]\\\\]+", "", "a]\\", "1:]\\;"},
        {"[[:alpha:]]", "", "a:]", "1::];"}, /* a set, and then a bracket */
        {"[]a]", "", "a]", ""},              /* nothing, and then "a]" */
        {"[^\xC3\xA9]", "", "\xC3\xA9x", "1:x;"},
        {"[\\s\\S]", "", "\n", "0:\n;"},
        {"[\\0-\\x1f]", "", "a\x1f", "1:\x1f;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(escapes_are_javascripts)
{
    static const regex_case cases[] = {
        {"\\x41\\u0042\\103", "", "ABC", "0:ABC;"},
        {"\\x4\\u004\\u{3}", "", "x4u004uuu", "0:x4u004uuu;"}, /* not of these forms */
        {"\\t\\n\\v\\f\\r", "", "\t\n\v\f\r", "0:\t\n\v\f\r;"},
        {"\\cJ\\cj", "", "\n\n", "0:\n\n;"},
        {"\\c1", "", "\\c1", "0:\\c1;"},
        {"[\\c1]", "", "\x11", "0:\x11;"},
        {"[\\c*]+", "", "\\c*", "0:\\c*;"},
        {"\\/\\-\\a\\e\\_", "", "/-ae_", "0:/-ae_;"},
        {"\\Q\\E\\A\\Z\\z\\G\\K\\R\\X\\h\\H\\N\\p\\C", "", "QEAZzGKRXhHNpC", "0:QEAZzGKRXhHNpC;"},
        {"\\p{L}", "", "p{L}", "0:p{L};"},
        {"\\8\\9", "", "89", "0:89;"},
        {"\\12", "", "\n", "0:\n;"},
        {"(a)\\12", "", "a\n", "0:a\n|a;"},
        {"\\400", "", " 0", "0: 0;"},
        {"\\k<a>", "", "k<a>", "0:k<a>;"},
        {"#a b", "", "#a b", "0:#a b;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(braces_may_be_braces)
{
    static const regex_case cases[] = {
        {"{", "", "{", "0:{;"},
        {"a{", "", "a{", "0:a{;"},
        {"a{,2}", "", "a{,2}", "0:a{,2};"},
        {"a{1", "", "a{1", "0:a{1;"},
        {"a{1,b", "", "a{1,b", "0:a{1,b;"},
        {"}]", "", "}]", "0:}];"},
        {"a{2}", "", "aaa", "0:aa;"},
        {"a{2,}", "", "aaa", "0:aaa;"},
        {"a{0}b", "", "ab", "1:b;"},
        {"a{1,2}?", "", "aa", "0:a;1:a;"},
        {"a{0,0}", "", "b", "0:;D1004"},
        {"x{2147483648}", "", "", NULL},
    };
    for (size_t i = 0; cases[i].expected != NULL; i++)
        finds(cases[i].pattern, cases[i].flags, cases[i].text, cases[i].expected);
}
END_TEST

START_TEST(lines_end_where_javascript_ends_them)
{
    static const regex_case cases[] = {
        {"a$", "", "a\n", ""},
        {"a$", "m",
         "a\na\ra\xE2\x80\xA8"
         "a",
         "0:a;2:a;4:a;6:a;"},
        {"^a", "", "\na", ""},
        {"^a", "m",
         "a\na\r\na\xE2\x80\xA9"
         "a\xC2\x85"
         "a",
         "0:a;2:a;5:a;7:a;"},
        {"$^", "m", "\r\n", "0:;D1004"},
        {"^", "", "ab", "0:;D1004"},
        {"(?:^a|b)", "", "ab", "0:a;1:b;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(case_is_ignored_as_javascript_canonicalizes)
{
    static const regex_case cases[] = {
        {"k", "i", "kK\xE2\x84\xAA", "0:k;1:K;"}, /* not the Kelvin sign */
        {"\xE2\x84\xAA", "i", "kK\xE2\x84\xAA", "2:\xE2\x84\xAA;"},
        {"[^k]", "i", "kK\xE2\x84\xAA", "2:\xE2\x84\xAA;"},
        {"s", "i", "\xC5\xBF", ""},            /* nor the long s */
        {"\xC3\x9F", "i", "\xE1\xBA\x9E", ""}, /* nor the sharp one */
        {"\xCE\xA3", "i", "\xCF\x83\xCF\x82", "0:\xCF\x83;1:\xCF\x82;"},
        {"[\xCE\xB1-\xCF\x89]", "i", "\xCE\xA9\xE2\x84\xA6", "0:\xCE\xA9;"}, /* nor the Ohm */
        {"\xC7\x85", "i", "\xC7\x84\xC7\x85\xC7\x86", "0:\xC7\x84;1:\xC7\x85;2:\xC7\x86;"},
        {"\xC4\xB1", "i", "iI", ""},
        {"\xC3\x89", "i", "\xC3\xA9", "0:\xC3\xA9;"},
        {"[A-C]+", "i", "abcABCd", "0:abcABC;"},
        {"[^a]", "i", "Ab", "1:b;"},
        {"\\w\\W", "i", "a\xC5\xBF", "0:a\xC5\xBF;"},
        {"(ab)\\1", "i", "abAB", "0:abAB|ab;"},
        {"\xF0\x90\x90\x80", "i", "\xF0\x90\x90\xA8", ""}, /* beyond U+FFFF there is no case */
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(groups_are_reset_by_each_round)
{
    static const regex_case cases[] = {
        {"(?:(a)|(b))*", "", "ab", "0:ab|-|b;"},
        {"(z)((a+)?(b+)?(c))*", "", "zaacbbbcac", "0:zaacbbbcac|z|ac|a|-|c;"},
        {"(?:(a)|b){2}", "", "ab", "0:ab|-;"},
        {"(?:(?:(a)|b)+c)*", "", "acbc", "0:acbc|-;"},
        {"(?:(a)|(b)|\\1)*c", "", "abc", "0:abc|-|b;"},
        {"(?:(a)|b\\1)*", "", "aba", "0:aba|a;"},
        {"((a)|b)*", "", "ab", "0:ab|b|-;"},
        {"(\\d+,?)*", "", "1,22,3", "0:1,22,3|3;"},
        {"(a\\1)*", "", "aa", "0:aa|a;"},
        {"(?:(a)(?=(b))?)*", "", "aab", "0:aa|a|-;D1004"},
        {"(a)?(?:\\1b)*", "", "bb", "0:bb|-;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(rounds_that_match_nothing_are_taken_back)
{
    static const regex_case cases[] = {
        {"(a*)*", "", "b", "0:|-;D1004"},      {"(a*)*", "", "aa", "0:aa|aa;"},
        {"(a*)+", "", "b", "0:|;D1004"},       {"(a*)+", "", "aa", "0:aa|aa;"},
        {"(a*)?", "", "b", "0:|-;D1004"},      {"(|a)*", "", "aa", "0:aa|a;"},
        {"(|a)+", "", "aa", "0:aa|a;"},        {"(?:|a)+", "", "aa", "0:aa;"},
        {"(a*?)+?b", "", "aab", "0:aab|a;"},   {"(a*){2,3}", "", "aa", "0:aa|;"},
        {"(a?){3}", "", "a", "0:a|;"},         {"(?:a*)*?b", "", "aab", "0:aab;"},
        {"(?=(a))*b", "", "ab", "1:b|-;"},     {"(?=(a)){2}a", "", "a", "0:a|a;"},
        {"(?!(b))*a", "", "a", "0:a|-;"},      {"(?:(a)|(b)|)+c", "", "abc", "0:abc|-|b;"},
        {"(\\2(b?))+", "", "bb", "0:bb|b|b;"}, {"(?:(x*)|y){1,3}z", "", "yyz", "0:yyz|-;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(references_may_have_nothing_to_match)
{
    static const regex_case cases[] = {
        {"(a)\\1", "", "aab", "0:aa|a;"},
        {"\\1(a)", "", "aa", "0:a|a;1:a|a;"},       /* before the group */
        {"(a\\1)", "", "aa", "0:a|a;1:a|a;"},       /* in it */
        {"(?:(a)|b)\\1", "", "bb", "0:b|-;1:b|-;"}, /* it took no part */
        {"(?<n>a)\\k<n>", "", "aa", "0:aa|a;"},
        {"\\k<n>(?<n>a)", "", "a", "0:a|a;"},
        {"(?<\\u0061\\u{62}>x)\\k<ab>", "", "xx", "0:xx|x;"},
        {"(?<$\xC3\xA9>x)\\k<$\xC3\xA9>", "", "xx", "0:xx|x;"},
        {"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10", "", "abcdefghijj",
         "0:abcdefghijj|a|b|c|d|e|f|g|h|i|j;"},
        {"(a)\\1{2}", "", "aaa", "0:aaa|a;"},
        {"()\\1*a", "", "a", "0:a|;"},
        {"(a){0}\\1b", "", "ab", "1:b|-;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(assertions_look_around)
{
    static const regex_case cases[] = {
        {"a(?=b)", "", "acab", "2:a;"},
        {"a(?!b)", "", "abac", "2:a;"},
        {"(?<=\\$)\\d+", "", "$5 6", "1:5;"},
        {"(?<!\\$)\\d", "", "$5 6", "3:6;"},
        {"(?<=a|bc)x", "", "ax bcx x", "1:x;5:x;"},
        {"(?<=(a))b", "", "ab", "1:b|a;"},
        {"(?=(a+))a*b\\1", "", "baaabac", "3:aba|a;"},
        {"(?!(a))b\\1c", "", "bc", "0:bc|-;"},
        {"(?=a)*b", "", "b", "0:b;"},
        {"(?=a)+ab", "", "ab", "0:ab;"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(characters_beyond_the_plane_are_two_code_units)
{
    static const regex_case cases[] = {
        {GRIN, "", "a" GRIN GRIN, "1:" GRIN ";3:" GRIN ";"},
        {"\\ud83d\\ude00", "", GRIN, "0:" GRIN ";"},
        {"\\ud83d[\\ude00-\\ude4f]", "", "x" GRIN "y", "1:" GRIN ";"},
        {"[\\ud800-\\udbff][\\udc00-\\udfff]", "", GRIN, "0:" GRIN ";"},
        {"^..$", "", GRIN, "0:" GRIN ";"},
        {"^.$", "", GRIN, ""},
        {GRIN "+x", "", GRIN "x", "0:" GRIN "x;"},
        {GRIN "{2}", "", GRIN GRIN, ""}, /* the quantifier is the second half's */
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(half_a_character_is_widened_to_the_whole)
{
    static const regex_case cases[] = {
        {".", "", "a" GRIN "b", "0:a;1:" GRIN ";3:b;"},
        {"[^a]", "", GRIN, "0:" GRIN ";"},
        {"x(\\W)", "", "x" GRIN, "0:x" GRIN "|" GRIN ";"},
        {"\\ude00", "", "a" GRIN, "1:" GRIN ";"},
        {"(.)(.)", "", GRIN, "0:" GRIN "|" GRIN "|" GRIN ";"},
        {"x|(?=\\ude00)", "", GRIN "x", "2:;2:x;"}, /* nothing: behind it */
        {"[" GRIN "]", "", GRIN, "0:" GRIN ";"},
    };
    CHECK_ALL(cases);
}
END_TEST

#define HIGH "\xED\xA0\xBD" /* U+D83D */
#define LOW "\xED\xB8\x80"  /* U+DE00 */

START_TEST(half_a_pair_may_stand_alone)
{
    static const regex_case cases[] = {
        {"\\ud83d", "", "a" HIGH "b", "1:" HIGH ";"},
        {"b", "", HIGH GRIN LOW "b", "4:b;"},
        {"(.)b", "", GRIN LOW "b", "2:" LOW "b|" LOW ";"},
        {"\\ud83d(?!\\ude00)", "", HIGH GRIN HIGH, "0:" HIGH ";3:" HIGH ";"},
        {HIGH "|" LOW, "", LOW "x", "0:" LOW ";"},
    };
    CHECK_ALL(cases);
}
END_TEST

START_TEST(offsets_are_right_in_long_texts)
{
    enum { COUNT = 1000 };
    char text[COUNT * 6 + 1];
    for (size_t i = 0; i < COUNT; i++)
        memcpy(text + 6 * i, GRIN "\xC3\xA9", 6);
    asl_jsonata_regex *regex = compile("\xC3\xA9(?=(.*))", "");
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault;
    ck_assert_int_eq(asl_jsonata_matcher_new(regex, NULL, text, 6 * COUNT, &matcher), ASL_OK);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_int_eq(asl_jsonata_matcher_next(matcher, &match, &fault), ASL_OK);
        ck_assert_uint_eq(match.start, 6 * i + 4);
        ck_assert_uint_eq(match.end, 6 * i + 6);
        ck_assert_uint_eq(match.index, 3 * i + 2);
        ck_assert_uint_eq(match.groups[0].start, 6 * i + 6);
        ck_assert_uint_eq(match.groups[0].end, 6 * COUNT);
    }
    ck_assert_int_eq(asl_jsonata_matcher_next(matcher, &match, &fault), ASL_NOT_FOUND);
    ck_assert_int_eq(asl_jsonata_matcher_find(matcher, 9, &match, &fault), ASL_OK); /* back again */
    ck_assert_uint_eq(match.start, 10);
    ck_assert_uint_eq(match.index, 5);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
}
END_TEST

START_TEST(nul_is_a_character)
{
    asl_jsonata_regex *regex = NULL;
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault;
    ck_assert_int_eq(compile_sized("a\0[\0]\\\0\\0", 9, "", &regex), ASL_OK);
    ck_assert_int_eq(asl_jsonata_matcher_new(regex, NULL, "a\0\0\0\0", 5, &matcher), ASL_OK);
    ck_assert_int_eq(asl_jsonata_matcher_next(matcher, &match, &fault), ASL_OK);
    ck_assert_uint_eq(match.end, 5);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
}
END_TEST

START_TEST(what_javascript_refuses_is_refused)
{
    static const char *const bad[] = {
        "(",
        ")",
        "a)",
        "(?",
        "(?a)",
        "(?i)a",
        "(?#x)",
        "(?>a)",
        "(?P<n>a)",
        "*",
        "a|*",
        "(*FAIL)",
        "+a",
        "?",
        "{1}",
        "{1,2}a",
        "a**",
        "a+++",
        "a{2,1}",
        "a{1}{2}",
        "^*",
        "$+",
        "\\b?",
        "(?<=a)*",
        "(?<!a)+",
        "[",
        "[a",
        "[a-",
        "[b-a]",
        "[\\",
        "\\",
        "(?<n",
        "(?<>a)",
        "(?<1>a)",
        "(?<n>a)(?<n>b)",
        "(?<n>a)\\k",
        "(?<n>a)\\k<m>",
        "(?<n>a)[\\k]",
        "(?<a b>a)",
        "(?<\\u>a)",
        "(?<\\ud83d>a)",
        "(?<n>a)\\k<n",
        "[" GRIN "-a]",
        "a{99999999999,1}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        asl_jsonata_regex *regex = NULL;
        int status = compile_sized(bad[i], strlen(bad[i]), "", &regex);
        ck_assert_msg(status == ASL_SYNTAX, "/%s/: %d", bad[i], status);
        ck_assert_ptr_null(regex);
    }
}
END_TEST

START_TEST(what_pcre2_cannot_do_is_not_supported)
{
    static const char *const patterns[] = {"(?<=a+)b", "(?<=a|b*)c", "(?<=(a)\\1)b", "(?<=(a){2})b",
                                           "(?:(?<=(a))b|c)*"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        asl_jsonata_regex *regex = NULL;
        int status = compile_sized(patterns[i], strlen(patterns[i]), "", &regex);
        ck_assert_msg(status == ASL_UNSUPPORTED, "/%s/: %d", patterns[i], status);
    }
}
END_TEST

/* Compiles `count` times `open`, then "a", then as often `close`. */
static int compile_nested(size_t count, const char *open, const char *close)
{
    asl_jsonata_regex *regex = NULL;
    asl_buffer pattern;
    asl_buffer_init(&pattern, NULL);
    for (size_t i = 0; i < count; i++)
        asl_buffer_text(&pattern, open);
    asl_buffer_byte(&pattern, 'a');
    for (size_t i = 0; i < count; i++)
        asl_buffer_text(&pattern, close);
    int status = compile_sized(pattern.bytes, pattern.size, "", &regex);
    asl_jsonata_regex_free(regex);
    asl_buffer_done(&pattern);
    return status;
}

START_TEST(patterns_have_limits)
{
    ck_assert_int_eq(compile_nested(REGEX_NEST_MAX, "(", ")"), ASL_OK);
    ck_assert_int_eq(compile_nested(REGEX_NEST_MAX, "(?:", ")*"), ASL_OK);
    ck_assert_int_eq(compile_nested(REGEX_NEST_MAX, "(b|", ")*"), ASL_OK);
    ck_assert_int_eq(compile_nested(REGEX_NEST_MAX + 1, "(", ")"), ASL_TOO_LARGE);
    ck_assert_int_eq(compile_nested(REGEX_NEST_MAX, "(|", ")+"), ASL_TOO_LARGE); /* doubles */
    asl_jsonata_regex *regex = compile("a{65535}", "");
    asl_jsonata_regex_free(regex);
    ck_assert_int_eq(compile_sized("a{65536}", 8, "", &regex), ASL_TOO_LARGE);
    ck_assert_int_eq(compile_sized("a{1,65536}", 10, "", &regex), ASL_TOO_LARGE);
    ck_assert_int_eq(compile_sized("(?:a{1000}){1000}", 17, "", &regex), ASL_TOO_LARGE);
    char *pattern = malloc(REGEX_PATTERN_MAX + 1);
    ck_assert_ptr_nonnull(pattern);
    memset(pattern, '(', REGEX_PATTERN_MAX + 1);
    ck_assert_int_eq(compile_sized(pattern, REGEX_PATTERN_MAX + 1, "", &regex), ASL_TOO_LARGE);
    memset(pattern, '^', REGEX_PATTERN_MAX);
    ck_assert_int_ne(compile_sized(pattern, REGEX_PATTERN_MAX / 8, "", &regex), ASL_SYNTAX);
    asl_jsonata_regex_free(regex);
    free(pattern);
}
END_TEST

/* The steps of a search that must end for them; it must not find anything. */
static uint64_t steps_of(const char *pattern, const char *text, size_t size)
{
    asl_jsonata_regex *regex = compile(pattern, "");
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault = {NULL, NULL};
    ck_assert_int_eq(asl_jsonata_matcher_new(regex, NULL, text, size, &matcher), ASL_OK);
    int status = asl_jsonata_matcher_next(matcher, &match, &fault);
    ck_assert_msg(status == ASL_EVALUATION, "/%s/: %d", pattern, status);
    ck_assert_str_eq(fault.code, "U1001");
    uint64_t steps = asl_jsonata_matcher_steps(matcher);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
    return steps;
}

START_TEST(every_search_ends)
{
    static const char *const patterns[] = {
        "(a+)+[bc]",
        "(a|a)*[bc]",
        "(?:a*)*[bc]",
        "a*[bc]",
        "a*a*a*a*[bc]",
        "(a*)\\1[bc]",
        "(?=a*[bc])",
        "a{60000}[bc]",
        "(?:a|ab|b)*[cd]",
        ".*?[bc]",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(?:.*){9}[bc]",
    };
    enum { SIZE = 262144 };
    char *text = malloc(SIZE);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', SIZE);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        uint64_t steps = steps_of(patterns[i], text, SIZE);
        ck_assert_uint_eq(steps, steps_of(patterns[i], text, SIZE));
        ck_assert_uint_lt(steps, 4000000);
    }
    free(text);
}
END_TEST

START_TEST(long_texts_are_searched)
{
    enum { SIZE = 262144 };
    char *text = malloc(SIZE + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', SIZE);
    text[SIZE - 1] = 'b';
    text[SIZE] = '\0';
    finds("b", "", text, "262143:b;");
    finds("[^a]", "", text, "262143:b;");
    finds("^a*(b)$", "", text + SIZE - 50,
          "0:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab|b;");
    asl_jsonata_regex *regex = compile("(?:a|b)*$", "");
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault;
    ck_assert_int_eq(asl_jsonata_matcher_new(regex, NULL, text, 50000, &matcher), ASL_OK);
    ck_assert_int_eq(asl_jsonata_matcher_next(matcher, &match, &fault), ASL_OK);
    ck_assert_uint_eq(match.end, 50000);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
    free(text);
}
END_TEST

static void substitutes(const char *pattern, const char *text, const char *replacement,
                        const char *expected)
{
    asl_jsonata_regex *regex = compile(pattern, "");
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault;
    asl_buffer out;
    asl_buffer_init(&out, NULL);
    ck_assert_int_eq(asl_jsonata_matcher_new(regex, NULL, text, strlen(text), &matcher), ASL_OK);
    ck_assert_int_eq(asl_jsonata_matcher_next(matcher, &match, &fault), ASL_OK);
    int status = asl_jsonata_substitute(replacement, strlen(replacement), text, &match, &out);
    ck_assert_int_eq(status, ASL_OK);
    ck_assert_str_eq(asl_buffer_string(&out), expected);
    asl_buffer_done(&out);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
}

START_TEST(replacement_texts_refer_to_groups)
{
    substitutes("(\\w+)\\s(\\w+)", "John Smith", "$2, $1", "Smith, John");
    substitutes("([0-9]+)USD", "265USD", "$w", "$w");
    substitutes("([0-9]+)USD", "265USD", "$0$1$2", "265USD265");
    substitutes("([0-9]+)USD", "265USD", "$$$1$", "$265$");
    substitutes("(ab)|(a)", "ab", "[1=$1][2=$2]", "[1=ab][2=]");
    substitutes("ab", "ab", "[$1$9]", "[]");
    substitutes("(ijk)", "ijk", "$8$5$12$12$18$123", "ijk2ijk2ijk8ijk23");
    substitutes("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "abcdefghijk", "$11-$10-$12-$1x", "k-j-a2-ax");
    substitutes("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "abcdefghij", "$-1.$ 1.$+2x", ".a1.b2x");
}
END_TEST

static int use(const asl_heap *heap)
{
    static const char pattern[] = "(?:(?<n>a)|(?:(b*)|c)+|\\k<n>|[^x\xC3\xA9]|" GRIN ")*$";
    static const char text[] = "abcab" GRIN "abc";
    asl_jsonata_regex *regex = NULL;
    asl_jsonata_matcher *matcher = NULL;
    asl_jsonata_match match;
    asl_jsonata_fault fault;
    int status = asl_jsonata_regex_compile(heap, pattern, sizeof pattern - 1,
                                           ASL_JSONATA_IGNORE_CASE, &regex, &fault);
    if (status == ASL_OK)
        status = asl_jsonata_matcher_new(regex, heap, text, sizeof text - 1, &matcher);
    if (status == ASL_OK)
        status = asl_jsonata_matcher_next(matcher, &match, &fault);
    ck_assert(status != ASL_OK || match.end == sizeof text - 1);
    asl_jsonata_matcher_free(matcher);
    asl_jsonata_regex_free(regex);
    return status;
}

START_TEST(failed_allocations_are_reported)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        int status = use(&heap.hook);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
    }
}
END_TEST

static void *match_often(void *regex)
{
    static const char text[] = "key1=value1;key2=" GRIN ";key3=";
    for (int round = 0; round < 300; round++) {
        asl_jsonata_matcher *matcher = NULL;
        asl_jsonata_match match;
        asl_jsonata_fault fault;
        size_t count = 0;
        if (asl_jsonata_matcher_new(regex, NULL, text, sizeof text - 1, &matcher) != ASL_OK)
            return NULL;
        while (asl_jsonata_matcher_next(matcher, &match, &fault) == ASL_OK)
            count++;
        asl_jsonata_matcher_free(matcher);
        if (count != 3)
            return NULL;
    }
    return regex;
}

START_TEST(threads_share_an_expression)
{
    asl_jsonata_regex *regex = compile("(?:(k)ey|x)+(\\d)=([^;]*)", "i");
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, match_often, regex), 0);
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        ck_assert_ptr_eq(result, regex);
    }
    asl_jsonata_regex_free(regex);
}
END_TEST

SUITE("jsonata/regex", matches_follow_one_another, classes_are_javascripts, escapes_are_javascripts,
      braces_may_be_braces, lines_end_where_javascript_ends_them,
      case_is_ignored_as_javascript_canonicalizes, groups_are_reset_by_each_round,
      rounds_that_match_nothing_are_taken_back, references_may_have_nothing_to_match,
      assertions_look_around, characters_beyond_the_plane_are_two_code_units,
      half_a_character_is_widened_to_the_whole, half_a_pair_may_stand_alone,
      offsets_are_right_in_long_texts, nul_is_a_character, what_javascript_refuses_is_refused,
      what_pcre2_cannot_do_is_not_supported, patterns_have_limits, every_search_ends,
      long_texts_are_searched, replacement_texts_refer_to_groups, failed_allocations_are_reported,
      threads_share_an_expression)
