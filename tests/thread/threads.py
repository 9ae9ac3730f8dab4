#!/usr/bin/env python3
"""Runs the threads program on a store of its own.

usage: threads.py PROGRAM [race]

With "race" the program breaks the rule, and the thread sanitizer must tell of it.
"""

import subprocess
import sys
import tempfile


def main():
    program, control = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="asl-threads-") as folder:
        result = subprocess.run([program, folder, *control], capture_output=True, text=True)
    reports = result.stderr.count("WARNING: ThreadSanitizer")
    print("%sexit code %d, %d reports" % (result.stdout, result.returncode, reports))
    if control:
        return 0 if reports > 0 else 1
    print(result.stderr[:20000])
    return 1 if result.returncode != 0 or reports > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
