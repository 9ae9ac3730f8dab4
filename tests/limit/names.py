#!/usr/bin/env python3
"""Every name of engine/base/limits.h, and every limit of a public header, has a test here.

A name counts where it stands in the code of a test program of this folder, comments aside, and
twice at least: at the limit, and past it.
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "tidy"))

import tree  # noqa: E402  (the path to it stands above)

LIMITS = ROOT / "engine" / "base" / "limits.h"
# Names that are no limits: what a header is guarded by.
DEFINED = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(ASL_\w+)[ \t]+\S", re.M)
PUBLIC = re.compile(r"^ASL_\w+_MAX$")


def names():
    found = set(DEFINED.findall(tree.code(LIMITS)))
    for path in sorted((ROOT / "include" / "asl").glob("*.h")):
        found |= {name for name in DEFINED.findall(tree.code(path)) if PUBLIC.match(name)}
    return found


def main():
    code = "\n".join(tree.code(path) for path in sorted(HERE.glob("test_*.c")))
    counts = {name: len(re.findall(r"\b%s\b" % name, code)) for name in names()}
    problems = [
        "%s: no test at the limit and past it" % name for name in sorted(counts) if counts[name] < 2
    ]
    return tree.finish("limit names", len(counts), problems)


if __name__ == "__main__":
    sys.exit(main())
