/* JavaScript's patterns: alternatives, terms, groups, quantifiers (ECMAScript, 22.2.1 and B.1.2).
 */
#include <string.h>

#include "jsonata/regex_reader.h"

#define REPEAT_CAP 0x7FFFFFFFu /* from here on a bound is infinite, as in V8 */
#define GROUPS_MAX 65535u      /* V8's */

static regex_node *read_choice(regex_reader *reader);

void *regex_fail(regex_reader *reader, int status, const char *message)
{
    if (reader->status == ASL_OK) {
        reader->status = status;
        reader->message = message;
    }
    reader->next = reader->end;
    reader->low = 0;
    return NULL;
}

void *regex_fail_memory(regex_reader *reader)
{
    return regex_fail(reader, ASL_NOMEM, NULL);
}

regex_node *regex_node_new(regex_reader *reader, regex_kind kind)
{
    regex_node *node = asl_arena_allocate(reader->arena, sizeof *node);
    if (node == NULL)
        return regex_fail_memory(reader);
    node->kind = kind;
    return node;
}

regex_node *regex_unit_node(regex_reader *reader, uint16_t unit)
{
    regex_node *node = regex_node_new(reader, REGEX_UNIT);
    if (node == NULL)
        return NULL;
    node->unit = unit;
    if ((reader->flags & ASL_JSONATA_IGNORE_CASE) == 0)
        return node;
    if (!regex_case_variants(unit, reader->arena, &node->set))
        return regex_fail_memory(reader);
    if (node->set.count > 1)
        node->kind = REGEX_SET;
    return node;
}

regex_node *regex_set_node(regex_reader *reader)
{
    regex_node *node = regex_node_new(reader, REGEX_SET);
    if (node != NULL && !regex_bits_freeze(&reader->bits, reader->arena, &node->set))
        return regex_fail_memory(reader);
    return node;
}

/* Children of a node, in order. */
typedef struct node_list {
    regex_node *first, **tail;
    size_t count;
} node_list;

static void append(node_list *list, regex_node *node)
{
    if (list->tail == NULL)
        list->tail = &list->first;
    *list->tail = node;
    list->tail = &node->next;
    list->count++;
}

/* A node around the list; a single child stands for itself. */
static regex_node *gather(regex_reader *reader, regex_kind kind, const node_list *list)
{
    if (list->count == 1)
        return list->first;
    regex_node *node = regex_node_new(reader, list->count == 0 ? REGEX_EMPTY : kind);
    if (node == NULL)
        return NULL;
    node->child = list->first;
    node->may_be_empty = kind == REGEX_SEQUENCE;
    for (const regex_node *child = list->first; child != NULL; child = child->next) {
        node->has_groups |= child->has_groups;
        node->may_skip_groups |= child->may_skip_groups;
        if (kind == REGEX_SEQUENCE)
            node->may_be_empty &= child->may_be_empty;
        else
            node->may_be_empty |= child->may_be_empty;
    }
    node->may_skip_groups |= kind == REGEX_CHOICE && node->has_groups;
    return node;
}

static regex_node *read_set_escape(regex_reader *reader, char letter)
{
    reader->next++;
    regex_bits_clear(&reader->bits);
    regex_bits_add_escape(&reader->bits, letter);
    return regex_set_node(reader);
}

static regex_node *reference_node(regex_reader *reader, uint32_t number)
{
    regex_node *node = regex_node_new(reader, REGEX_REFERENCE);
    if (node != NULL) {
        node->number = number;
        node->may_be_empty = true;
    }
    return node;
}

/* A decimal number that the pattern has a group for; 0, and nothing read, where it has none. */
static uint32_t read_group_number(regex_reader *reader)
{
    uint32_t number = 0;
    size_t digits = 0;
    for (char digit; digit = regex_peek(reader, digits), digit >= '0' && digit <= '9'; digits++) {
        number = number * 10 + (uint32_t)(digit - '0');
        if (number > reader->group_count)
            return 0;
    }
    reader->next += digits;
    return number;
}

static regex_node *read_named_reference(regex_reader *reader)
{
    reader->next++;
    regex_name *name = regex_take(reader, '<') ? regex_read_name(reader) : NULL;
    if (name == NULL)
        return regex_fail(reader, ASL_SYNTAX, "Invalid named reference");
    name->reference = reference_node(reader, 0);
    name->next = reader->references;
    reader->references = name;
    return name->reference;
}

/* Behind a backslash that is no assertion. */
static regex_node *read_escape(regex_reader *reader)
{
    char letter = regex_peek(reader, 0);
    if (regex_is_set_escape(letter))
        return read_set_escape(reader, letter);
    if (letter == 'k' && reader->has_names)
        return read_named_reference(reader);
    uint32_t number = letter >= '1' && letter <= '9' ? read_group_number(reader) : 0;
    if (number != 0)
        return reference_node(reader, number);
    return regex_unit_node(reader, regex_read_character_escape(reader, false));
}

static regex_node *read_dot(regex_reader *reader)
{
    regex_bits_clear(&reader->bits);
    regex_bits_add_escape(&reader->bits, '.');
    return regex_set_node(reader);
}

static regex_name *find_name(regex_name *names, const regex_name *wanted)
{
    while (names != NULL &&
           (names->size != wanted->size || memcmp(names->text, wanted->text, wanted->size) != 0))
        names = names->next;
    return names;
}

/* Behind "(?<" of a group. */
static void read_group_name(regex_reader *reader, uint32_t number)
{
    regex_name *name = regex_read_name(reader);
    if (name == NULL) {
        regex_fail(reader, ASL_SYNTAX, "Invalid capture group name");
        return;
    }
    if (find_name(reader->names, name) != NULL) {
        regex_fail(reader, ASL_SYNTAX, "Duplicate capture group name");
        return;
    }
    name->number = number;
    name->next = reader->names;
    reader->names = name;
}

/* Behind "(": what kind of group it is, up to where its content begins. */
static regex_node *read_group_head(regex_reader *reader)
{
    regex_node *node = regex_node_new(reader, REGEX_GROUP);
    if (node == NULL)
        return NULL;
    bool is_plain = !regex_take(reader, '?');
    if (!is_plain && regex_take(reader, ':'))
        return node;
    node->is_behind = !is_plain && regex_at(reader, '<') &&
                      (regex_peek(reader, 1) == '=' || regex_peek(reader, 1) == '!');
    if (node->is_behind)
        reader->next++;
    if (!is_plain && (regex_at(reader, '=') || regex_at(reader, '!'))) {
        node->kind = REGEX_LOOK;
        node->is_negative = *reader->next++ == '!';
        return node;
    }
    if (!is_plain && !regex_take(reader, '<'))
        return regex_fail(reader, ASL_SYNTAX, "Invalid group");
    node->number = ++reader->opened;
    if (!is_plain)
        read_group_name(reader, node->number);
    return node;
}

static regex_node *read_group(regex_reader *reader)
{
    if (reader->depth == REGEX_NEST_MAX)
        return regex_fail(reader, ASL_TOO_LARGE, NULL);
    regex_node *node = read_group_head(reader);
    if (node == NULL)
        return NULL;
    reader->depth++;
    node->child = read_choice(reader);
    reader->depth--;
    if (!regex_take(reader, ')'))
        return regex_fail(reader, ASL_SYNTAX, "Unterminated group");
    if (node->child == NULL)
        return NULL;
    node->has_groups = node->number != 0 || node->child->has_groups;
    node->may_skip_groups = node->child->may_skip_groups;
    node->may_be_empty = node->kind == REGEX_LOOK || node->child->may_be_empty;
    return node;
}

static uint32_t read_bound(const char **next, const char *end)
{
    uint64_t number = 0;
    for (; *next < end && **next >= '0' && **next <= '9'; ++*next)
        number = number < REPEAT_CAP ? number * 10 + (uint64_t)(**next - '0') : REPEAT_CAP;
    return number < REPEAT_CAP ? (uint32_t)number : REGEX_INFINITE;
}

/* "{2}", "{2,}", "{2,3}"; false, and nothing read, where the brace is just a brace. */
static bool read_braces(regex_reader *reader, uint32_t *ret_min, uint32_t *ret_max)
{
    if (!regex_at(reader, '{'))
        return false;
    const char *next = reader->next + 1, *digits = next;
    uint32_t min = read_bound(&next, reader->end), max = min;
    if (next == digits || next == reader->end)
        return false;
    if (*next == ',') {
        digits = ++next;
        max = read_bound(&next, reader->end);
        if (next == digits)
            max = REGEX_INFINITE;
    }
    if (next == reader->end || *next != '}')
        return false;
    reader->next = next + 1;
    *ret_min = min;
    *ret_max = max;
    return true;
}

static bool read_quantifier(regex_reader *reader, uint32_t *ret_min, uint32_t *ret_max)
{
    if (regex_at(reader, '{'))
        return read_braces(reader, ret_min, ret_max);
    if (!regex_at(reader, '*') && !regex_at(reader, '+') && !regex_at(reader, '?'))
        return false;
    char sign = *reader->next++;
    *ret_min = sign == '+';
    *ret_max = sign == '?' ? 1 : REGEX_INFINITE;
    return true;
}

/* The node, with the quantifier behind it if there is one. */
static regex_node *read_repeat(regex_reader *reader, regex_node *child)
{
    uint32_t min = 0, max = 0;
    if (!read_quantifier(reader, &min, &max))
        return child;
    if (min > max)
        return regex_fail(reader, ASL_SYNTAX, "numbers out of order in {} quantifier");
    regex_node *node = regex_node_new(reader, REGEX_REPEAT);
    if (node == NULL)
        return NULL;
    node->min = min;
    node->max = max;
    node->is_lazy = regex_take(reader, '?');
    node->child = child;
    node->has_groups = child->has_groups;
    node->may_skip_groups = child->may_skip_groups || (min == 0 && child->has_groups);
    node->may_be_empty = min == 0 || child->may_be_empty;
    return node;
}

static regex_node *read_assertion(regex_reader *reader, regex_kind kind, size_t size,
                                  bool is_negative)
{
    reader->next += size;
    regex_node *node = regex_node_new(reader, kind);
    if (node != NULL) {
        node->is_negative = is_negative;
        node->may_be_empty = true;
    }
    return node;
}

/* ^, $, \b or \B; NULL where there is none. */
static regex_node *read_edge(regex_reader *reader)
{
    if (regex_at(reader, '^'))
        return read_assertion(reader, REGEX_START, 1, false);
    if (regex_at(reader, '$'))
        return read_assertion(reader, REGEX_END, 1, false);
    char letter = regex_at(reader, '\\') ? regex_peek(reader, 1) : '\0';
    if (letter == 'b' || letter == 'B')
        return read_assertion(reader, REGEX_EDGE, 2, letter == 'B');
    return NULL;
}

static regex_node *read_atom(regex_reader *reader)
{
    uint32_t min, max;
    if (regex_take(reader, '('))
        return read_group(reader);
    if (regex_take(reader, '['))
        return regex_read_class(reader);
    if (regex_take(reader, '.'))
        return read_dot(reader);
    if (regex_take(reader, '\\')) {
        if (regex_is_done(reader))
            return regex_fail(reader, ASL_SYNTAX, "\\ at end of pattern");
        return read_escape(reader);
    }
    if (read_quantifier(reader, &min, &max))
        return regex_fail(reader, ASL_SYNTAX, "Nothing to repeat");
    return regex_unit_node(reader, regex_read_unit(reader));
}

static regex_node *read_term(regex_reader *reader)
{
    regex_node *edge = read_edge(reader);
    if (edge != NULL || reader->status != ASL_OK)
        return edge;
    regex_node *atom = read_atom(reader);
    if (atom == NULL || (atom->kind == REGEX_LOOK && atom->is_behind))
        return atom;
    return read_repeat(reader, atom);
}

static regex_node *read_sequence(regex_reader *reader)
{
    node_list terms = {.count = 0};
    while (!regex_is_done(reader) && !regex_at(reader, '|') && !regex_at(reader, ')')) {
        regex_node *term = read_term(reader);
        if (term == NULL)
            return NULL;
        append(&terms, term);
    }
    return gather(reader, REGEX_SEQUENCE, &terms);
}

static regex_node *read_choice(regex_reader *reader)
{
    node_list branches = {.count = 0};
    do {
        regex_node *branch = read_sequence(reader);
        if (branch == NULL)
            return NULL;
        append(&branches, branch);
    } while (regex_take(reader, '|'));
    return gather(reader, REGEX_CHOICE, &branches);
}

/* The groups of the whole pattern, and whether one has a name: what "\1" and "\k" mean depends on
 * it from the first character on. */
static void count_groups(regex_reader *reader)
{
    bool is_in_class = false;
    for (const char *next = reader->next; next < reader->end; next++) {
        size_t left = (size_t)(reader->end - next);
        if (*next == '\\') {
            next += left > 1;
        } else if (is_in_class || *next != '(') {
            is_in_class = is_in_class ? *next != ']' : *next == '[';
        } else if (left < 2 || next[1] != '?') {
            reader->group_count++;
        } else if (left > 3 && next[2] == '<' && next[3] != '=' && next[3] != '!') {
            reader->group_count++;
            reader->has_names = true;
        }
    }
}

static void resolve_references(regex_reader *reader)
{
    for (regex_name *name = reader->references; name != NULL; name = name->next) {
        const regex_name *group = find_name(reader->names, name);
        if (group == NULL)
            regex_fail(reader, ASL_SYNTAX, "Invalid named capture referenced");
        else
            name->reference->number = group->number;
    }
}

int regex_parse(asl_arena *arena, const char *pattern, size_t size, unsigned flags,
                regex_pattern *ret_pattern, const char **ret_message)
{
    regex_reader reader = {.arena = arena, .next = pattern, .end = pattern + size, .flags = flags};
    if (size > REGEX_PATTERN_MAX)
        return ASL_TOO_LARGE;
    count_groups(&reader);
    if (reader.group_count > GROUPS_MAX)
        return ASL_TOO_LARGE;
    ret_pattern->root = read_choice(&reader);
    ret_pattern->group_count = reader.group_count;
    if (reader.status == ASL_OK && !regex_is_done(&reader))
        regex_fail(&reader, ASL_SYNTAX, "Unmatched ')'");
    if (reader.status == ASL_OK)
        resolve_references(&reader);
    *ret_message = reader.message;
    return reader.status;
}
