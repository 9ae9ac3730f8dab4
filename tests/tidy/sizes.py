#!/usr/bin/env python3
"""Functions of at most 70 lines, files of at most 800."""

import re
import sys

import tree

FUNCTION_LINES = 70
FILE_LINES = 800

# "file:function" or "file": why it may be longer.
EXCEPTIONS = {
    "tests/tasks/test_address.c:every_spelling_of_an_address_that_is_not_public_is_refused":
        "a table of addresses",
    "tests/tasks/test_network.c:no_spelling_of_a_denied_address_is_connected": "the same",
}


def functions(code):
    """(line, name, lines) of each function: a brace in column 1 opens, the next one closes it."""
    lines = code.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            yield start, function_name(lines, start), number - start - 1
            start = None


def function_name(lines, start):
    """The word before the parenthesis of the declaration that ends above line `start`."""
    first = start - 1
    while first > 0 and lines[first - 1].strip() and lines[first - 1][0] not in "}#/ ":
        first -= 1
    while first > 0 and lines[first - 1].startswith((" ", "\t")):
        first -= 1
    names = re.findall(r"(\w+)\s*\(", "\n".join(lines[max(first - 1, 0) : start - 1]))
    if names[:1] == ["START_TEST"]:
        names = re.findall(r"START_TEST\((\w+)\)", lines[start - 2])
    return names[0] if names else "?"


def problems_of(path):
    name = tree.name(path)
    code = tree.code(path)
    count = code.count("\n")
    if count > FILE_LINES and name not in EXCEPTIONS:
        yield "%s: %d lines" % (name, count)
    for number, function, size in functions(code):
        if size > FUNCTION_LINES and "%s:%s" % (name, function) not in EXCEPTIONS:
            yield "%s:%d: %s has %d lines" % (name, number, function, size)


def main():
    paths = tree.sources("include", "engine", "tasks", "tools", "tests")
    problems = [problem for path in paths for problem in problems_of(path)]
    return tree.finish("sizes", len(paths), problems)


if __name__ == "__main__":
    sys.exit(main())
