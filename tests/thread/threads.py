#!/usr/bin/env python3
"""Runs a program with threads on a store of its own.

usage: threads.py PROGRAM [RACER]

With RACER the program breaks the rule, and the thread sanitizer must tell of that function.
"""

import re
import subprocess
import sys
import tempfile


def main():
    program, racer = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="asl-threads-") as folder:
        control = ["race"] if racer else []
        result = subprocess.run([program, folder, *control], capture_output=True, text=True)
    reports = re.findall(r"WARNING: ThreadSanitizer: data race.*?^SUMMARY", result.stderr,
                         re.DOTALL | re.MULTILINE)
    print("%sexit code %d, %d reports" % (result.stdout, result.returncode, len(reports)))
    if racer:
        told = [one for one in reports if re.search(r"#\d+ %s " % re.escape(racer[0]), one)]
        print("%d of %s" % (len(told), racer[0]))
        return 0 if told else 1
    print(result.stderr[:20000])
    return 1 if result.returncode != 0 or "ThreadSanitizer" in result.stderr else 0


if __name__ == "__main__":
    sys.exit(main())
