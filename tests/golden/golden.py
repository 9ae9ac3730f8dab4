#!/usr/bin/env python3
"""Stores of every version of the format: read as they are, brought up to date, and gone on with.

usage: golden.py GOLDEN ASL_STORE              tests
       golden.py GOLDEN ASL_STORE --make NAME  makes the files of a store

A store is format-N, or format-N-left where the process that wrote it was killed. Of each this folder
has the file (NAME.mdb.gz), what it holds (NAME.made.txt), and what it holds when all has ended
(NAME.ended.txt). They are made by the last version of the library that writes format N, with
golden.c and show.c of this tree; where it is older than asl_store_verify, of which `golden end`
makes use, with one that does nothing. Format 1 was written until passive executions were listed by
the time that they wait for.
"""

import difflib
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def run(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit("%s: exit code %d: %s" % (words, result.returncode, result.stderr))
    return result.stdout


def compare(what, expected, found):
    lines = list(difflib.unified_diff(expected.splitlines(), found.splitlines(), lineterm="", n=0))
    print("%s: %d lines, %d differ" % (what, len(found.splitlines()), len(lines)))
    for line in lines[:20]:
        print(line[:300])
    return bool(lines) or not found


def version_of(name):
    return int(re.match(r"format-(\d+)", name).group(1))


def names():
    found = [path.name[:-len(".mdb.gz")] for path in HERE.glob("format-*.mdb.gz")]
    return sorted(found, key=lambda name: (version_of(name), name))


def file_of(name, ending):
    return HERE / ("%s.%s" % (name, ending))


def make(golden, name):
    with tempfile.TemporaryDirectory(prefix="asl-golden-") as folder:
        store = pathlib.Path(folder) / "store"
        run(golden, "leave" if name.endswith("-left") else "make", store)
        data = gzip.compress((store / "data.mdb").read_bytes(), mtime=0)
        file_of(name, "mdb.gz").write_bytes(data)
        file_of(name, "made.txt").write_text(run(golden, "show", store))
        run(golden, "end", store)
        file_of(name, "ended.txt").write_text(run(golden, "show", store))


def has_format(asl_store, store, version):
    found = json.loads(run(asl_store, "stats", "-o", "json", "--store", store))["format"]
    if found != version:
        print("%s: format %d, and not %d" % (store, found, version))
    return found == version


def test(golden, asl_store, name, newest):
    with tempfile.TemporaryDirectory(prefix="asl-golden-") as folder:
        store = pathlib.Path(folder) / "store"
        store.mkdir(mode=0o700)
        data = gzip.decompress(file_of(name, "mdb.gz").read_bytes())
        (store / "data.mdb").write_bytes(data)
        made, ended = file_of(name, "made.txt"), file_of(name, "ended.txt")
        failed = compare(name, made.read_text(), run(golden, "show", store))
        failed |= not has_format(asl_store, store, version_of(name))
        run(asl_store, "verify", "--deep", "--store", store)
        if (store / "data.mdb").read_bytes() != data:
            print("%s: reading has changed the file" % name)
            failed = True
        run(golden, "end", store)
        failed |= not has_format(asl_store, store, newest)
        failed |= compare("%s, ended" % name, ended.read_text(), run(golden, "show", store))
        run(asl_store, "verify", "--deep", "--store", store)
    return failed


def main():
    golden, asl_store = sys.argv[1:3]
    if sys.argv[3:4] == ["--make"]:
        make(golden, sys.argv[4])
        return 0
    found = names()
    failed = [name for name in found if test(golden, asl_store, name, version_of(found[-1]))]
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
