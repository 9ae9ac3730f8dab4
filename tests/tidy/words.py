#!/usr/bin/env python3
"""The tree speaks of the project alone: no places of a machine, no trackers, no unfinished work."""

import re
import sys

import tree

# Written in pieces, so that this file does not find itself.
WORDS = {
    r"(?<![\w.])/wo" + r"rk\b": "a path of one machine",
    r"(?<![\w.])/(ro" + r"ot|ho" + r"me/\w+)/": "a path of one machine",
    r"/tmp/b" + r"-\w": "a path of one machine",
    r"(?i)\bissu" + r"es? #?\d": "a tracker's number",
    r"\bTO" + r"DO\b|\bFIX" + r"ME\b": "unfinished work",
    r"(?i)-----BEGIN [A-Z ]*PRIV" + r"ATE KEY": "a secret",
    r"\bAKIA[0-9A-Z]{12}": "a secret",
}


def text_of(path):
    raw = path.read_bytes()
    return "" if b"\0" in raw[:4096] else raw.decode("utf-8", errors="replace")


def problems_of(path):
    body = text_of(path)
    for pattern, what in WORDS.items():
        for match in re.finditer(pattern, body):
            line = body.count("\n", 0, match.start()) + 1
            yield "%s:%d: %s: %s" % (tree.name(path), line, what, match.group())


def main():
    paths = [path for path in tree.files() if "corpus" not in path.parts]
    problems = [problem for path in paths for problem in problems_of(path)]
    return tree.finish("words", len(paths), problems)


if __name__ == "__main__":
    sys.exit(main())
