#!/usr/bin/env python3
"""The tidy tests are seen to fail: each is run over a small tree that breaks its rule."""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

GOOD = {
    "include/asl/asl.h": "/* <asl/asl.h> - all. */\n",
    "include/asl/one.h": "/* <asl/one.h> - one.\n *\n *     asl_one_do();\n *\n"
    " * Threads: any.\n */\n/* Does it. */\nASL_API int asl_one_do(void);\n",
    "engine/aslengine.map": "ASLENGINE_0 {\nglobal:\n    asl_one_do;\nlocal:\n    *;\n};\n",
    "engine/base/one.c": "/* One. */\n#include <stddef.h>\nint x;\n",
    "engine/interpreter/two.c": '/* Two. */\n#include "base/one.h"\n',
    "tools/run.c": "/* A tool. */\n#include <asl/asl.h>\n",
}
LONG = "/* Long. */\nint f(void)\n{\n" + "    g();\n" * 71 + "}\n"

# (script, what is changed, a text that the report must hold)
BROKEN = [
    ("layers.py", {"engine/base/one.c": '/* . */\n#include "value/value.h"\n'}, "may not include"),
    ("layers.py", {"engine/interpreter/two.c": "/* . */\n#include <time.h>\n"}, "pure room"),
    ("layers.py", {"tools/run.c": '/* . */\n#include "store/store.h"\n'}, "<asl/...> only"),
    ("layers.py", {"engine/base/one.c": "/* . */\n#include <lmdb.h>\n"}, "belongs behind"),
    ("layers.py", {"engine/utils/one.c": "/* . */\n#include <lmdb.h>\n"}, "is no room"),
    ("banned.py", {"engine/base/one.c": "/* . */\nint f(void)\n{\n    exit (1);\n}\n"}, "one.c:4"),
    ("banned.py", {"tools/run.c": "/* . */\nint f(char *a)\n{\n    strcpy(a, a);\n}\n"}, "strcpy"),
    ("sizes.py", {"tools/run.c": LONG}, "f has 71 lines"),
    ("sizes.py", {"tools/run.c": "/* . */\n" + "int x;\n" * 801}, "802 lines"),
    ("comments.py", {"tools/run.c": "int x;\n"}, "begins with no comment"),
    ("comments.py", {"include/asl/one.h": "/* <asl/one.h> - one. */\n"}, "no line on threads"),
    ("words.py", {"tools/run.c": "/* see /wo" + "rk/main */\n"}, "a path of one machine"),
    ("words.py", {"README.md": "as iss" + "ue 7 says\n"}, "tracker"),
]


def run(script, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        command = [sys.executable, str(HERE / script)]
        environment = dict(os.environ, TIDY_ROOT=folder, PYTHONDONTWRITEBYTECODE="1")
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
        return result.returncode, result.stdout + result.stderr


def main():
    problems = 0
    for script in sorted({row[0] for row in BROKEN}):
        status, output = run(script, GOOD)
        if status != 0:
            print("%s refuses a tree that keeps its rule:\n%s" % (script, output))
            problems += 1
    for script, change, expected in BROKEN:
        status, output = run(script, dict(GOOD, **change))
        if status != 1 or expected not in output:
            print("%s did not find %s: %d %s" % (script, sorted(change), status, output))
            problems += 1
    print("controls: %d trees, %d problems" % (len(BROKEN), problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
