#!/usr/bin/env python3
"""Stores of every version of the format: read as they are, brought up to date, and gone on with.

usage: golden.py GOLDEN ASL_STORE            tests
       golden.py GOLDEN ASL_STORE --make N   makes the files of version N, with the library that
                                             writes it

Of each version this folder has the store (format-N.mdb.gz), what it holds (format-N.made.txt), and
what it holds when all has ended (format-N.ended.txt).
"""

import difflib
import gzip
import pathlib
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


def file_of(version, name):
    return HERE / ("format-%d.%s" % (version, name))


def make(golden, version):
    with tempfile.TemporaryDirectory(prefix="asl-golden-") as name:
        store = pathlib.Path(name) / "store"
        run(golden, "make", store)
        data = gzip.compress((store / "data.mdb").read_bytes(), mtime=0)
        file_of(version, "mdb.gz").write_bytes(data)
        file_of(version, "made.txt").write_text(run(golden, "show", store))
        run(golden, "end", store)
        file_of(version, "ended.txt").write_text(run(golden, "show", store))


def test(golden, asl_store, version):
    with tempfile.TemporaryDirectory(prefix="asl-golden-") as name:
        store = pathlib.Path(name) / "store"
        store.mkdir(mode=0o700)
        data = gzip.decompress(file_of(version, "mdb.gz").read_bytes())
        (store / "data.mdb").write_bytes(data)
        made, ended = file_of(version, "made.txt"), file_of(version, "ended.txt")
        failed = compare("format %d" % version, made.read_text(), run(golden, "show", store))
        if (store / "data.mdb").read_bytes() != data:
            print("format %d: reading has changed the file" % version)
            failed = True
        run(asl_store, "verify", "--store", store)
        run(golden, "end", store)
        failed |= compare("format %d, ended" % version, ended.read_text(),
                          run(golden, "show", store))
        run(asl_store, "verify", "--store", store)
    return failed


def main():
    golden, asl_store = sys.argv[1:3]
    if sys.argv[3:4] == ["--make"]:
        make(golden, int(sys.argv[4]))
        return 0
    files = sorted(HERE.glob("format-*.mdb.gz"))
    versions = [int(path.name.split("-")[1].split(".")[0]) for path in files]
    failed = [version for version in versions if test(golden, asl_store, version)]
    return 1 if failed or not versions else 0


if __name__ == "__main__":
    sys.exit(main())
