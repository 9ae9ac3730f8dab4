#!/usr/bin/env python3
"""What is published is explained: each header, each declaration.

A header begins with what it is, an example and a line on threads. A declaration stands in a
paragraph (lines without a blank one between) that has a comment; the verbs that mean the same
everywhere need none. A source file begins with a paragraph of what it is; a unit test, which mirrors
the file it is named after, may do without.
"""

import re
import sys

import headers
import tree

PLAIN = re.compile(r"_(ref|unref|free|count|at|new)$")


def header_problems(path):
    name = tree.name(path)
    top = headers.top_comment(path)
    if path.name == "asl.h":
        return
    if "<asl/%s> - " % path.name not in top:
        yield "%s: begins with no '<asl/%s> - what it is'" % (name, path.name)
    if "Threads:" not in top:
        yield "%s: no line on threads" % name
    if not headers.example(path):
        yield "%s: no example" % name
    for paragraph in re.split(r"\n\s*\n", path.read_text()):
        if "#define ASL_API" in paragraph:
            continue
        names = re.findall(r"\bASL_API\b[^;{]*?\b(\w+)\s*\(", headers.without_comments(paragraph))
        names = [declared for declared in names if not PLAIN.search(declared)]
        if names and "/*" not in paragraph:
            yield "%s: no comment for %s" % (name, ", ".join(names))


def source_problems(path):
    body = tree.text(path)
    mirrors = re.match(r"tests/(unit/\w+|tasks|tools)/test_\w+\.c$", tree.name(path))
    if not mirrors and not re.match(r"\s*(/\*|//)", body):
        yield "%s: begins with no comment on what it is" % tree.name(path)


def main():
    public = headers.public_headers()
    paths = tree.sources("include", "engine", "tasks", "tools", "tests")
    problems = [problem for path in public for problem in header_problems(path)]
    problems += [problem for path in paths for problem in source_problems(path)]
    return tree.finish("comments", len(paths), problems)


if __name__ == "__main__":
    sys.exit(main())
