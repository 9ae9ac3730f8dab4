#!/usr/bin/env python3
"""Every public header compiles alone, as C99 and as C++11, without a warning or padding.

usage: alone.py CC [CXX]
"""

import subprocess
import sys

import headers
import tree

WARN = "-Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror -fsyntax-only".split()


def compile_problem(compiler, language, standard, extra, path):
    source = "#include <asl/%s>\n#include <asl/%s>\n" % (path.name, path.name)
    command = [compiler, "-x", language, "-std=" + standard, *WARN, *extra]
    command += ["-I", str(tree.ROOT / "include"), "-"]
    result = subprocess.run(command, input=source, capture_output=True, text=True)
    if result.returncode == 0:
        return []
    return ["%s as %s by %s:\n%s" % (tree.name(path), standard, compiler, result.stderr)]


def main(arguments):
    problems = []
    for path in headers.public_headers():
        problems += compile_problem(arguments[0], "c", "c99", ["-Wstrict-prototypes"], path)
        problems += compile_problem(arguments[0], "c", "c11", ["-Wpadded"], path)
        if len(arguments) > 1:
            problems += compile_problem(arguments[1], "c++", "c++11", ["-Wold-style-cast"], path)
    return tree.finish("headers alone", len(headers.public_headers()), problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
