#!/usr/bin/env python3
"""The library exports what the headers declare and the version script names: no more, no less.

usage: symbols.py LIBRARY    compare headers, script and the library's dynamic symbols
       symbols.py --write    rewrite the version script from the headers
"""

import re
import subprocess
import sys

import headers

SCRIPT = headers.ROOT / "engine" / "aslengine.map"


def script_text(names):
    lines = ["    %s;" % name for name in names]
    return "ASLENGINE_0 {\nglobal:\n" + "\n".join(lines) + "\nlocal:\n    *;\n};\n"


def exported(library):
    output = subprocess.run(
        ["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    names = [line.split()[-1].split("@")[0] for line in output.splitlines()]
    return sorted(name for name in names if name != "ASLENGINE_0")


def report(title, names):
    for name in names:
        print("%s: %s" % (title, name))
    return len(names)


def main(arguments):
    declared = headers.all_api_names()
    if arguments == ["--write"]:
        SCRIPT.write_text(script_text(declared))
        return 0
    problems = report("declared twice", {name for name in declared if declared.count(name) > 1})
    problems += report("not named asl_<noun>", [n for n in declared if not re.match("asl_[a-z]", n)])
    if SCRIPT.read_text() != script_text(declared):
        print("engine/aslengine.map is not what the headers declare: run symbols.py --write")
        problems += 1
    names = exported(arguments[0])
    problems += report("declared, not exported", sorted(set(declared) - set(names)))
    problems += report("exported, not declared", sorted(set(names) - set(declared)))
    print("%d functions declared, %d exported, %d problems" % (len(declared), len(names), problems))
    return 1 if problems or not declared else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
