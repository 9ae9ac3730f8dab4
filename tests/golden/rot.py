#!/usr/bin/env python3
"""Bits that flip, files that are cut, pages that change places: told, or without effect.

usage: rot.py LOOK [--runs N] [--seed N] [--sealed]

Damages a copy of the newest golden store N times (200) and looks at it. What is shown must be what
the undamaged store shows, or something must be told to be wrong. LMDB has no checksums of its own
pages, so it may crash where its own structure is damaged; our code may not.

With --sealed, the control, a record is changed together with its checksum, so that nothing is told;
the change must be seen in what is shown.
"""

import argparse
import collections
import gzip
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PAGE = 4096
LEAF = 2
LMDB_CRASHED = 70
DAMAGED = 3


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def flip(data, draw):
    place = draw.randrange(len(data) * 8)
    data[place // 8] ^= 1 << place % 8
    return "bit %d" % place


def cut(data, draw):
    """An empty file would be a new store: it is left out."""
    size = draw.randrange(1, len(data))
    if size > PAGE and draw.random() < 0.5:
        size -= size % PAGE
    del data[size:]
    return "cut to %d bytes" % size


def swap(data, draw):
    one, other = (draw.randrange(2, len(data) // PAGE) for _ in range(2))
    kept = data[one * PAGE:(one + 1) * PAGE]
    data[one * PAGE:(one + 1) * PAGE] = data[other * PAGE:(other + 1) * PAGE]
    data[other * PAGE:(other + 1) * PAGE] = kept
    return "pages %d and %d" % (one, other)


def rows(data):
    """Where rows of leaf pages stand: key, first byte and size."""
    for page in range(2 * PAGE, len(data), PAGE):
        flags, lower = struct.unpack_from("<HH", data, page + 10)
        if flags != LEAF:
            continue
        for (at,) in struct.iter_unpack("<H", data[page + 16:page + lower]):
            low, high, flags, key_size = struct.unpack_from("<HHHH", data, page + at)
            if flags == 0:
                key = page + at + 8
                yield bytes(data[key:key + key_size]), key + key_size, low | high << 16


def seal(data, draw):
    """Changes a letter of a record, and its checksum."""
    word = b"as it was written"
    found = [row for row in rows(data) if word in data[row[1]:row[1] + row[2]]]
    for key, first, size in draw.sample(found, len(found)):
        row, crc = data[first:first + size - 4], data[first + size - 4:first + size]
        for table in range(16):
            if struct.pack("<I", crc32c(bytes([table]) + key + row)) != bytes(crc):
                continue
            place = row.index(word)
            row[place] ^= 0x20
            data[first:first + size - 4] = row
            data[first + size - 4:first + size] = struct.pack(
                "<I", crc32c(bytes([table]) + key + bytes(row)))
            return "sealed record"
    raise SystemExit("no record to change")


def look(program, data):
    with tempfile.TemporaryDirectory(prefix="asl-rot-") as name:
        store = pathlib.Path(name) / "store"
        store.mkdir(mode=0o700)
        (store / "data.mdb").write_bytes(data)
        result = subprocess.run([program, store], capture_output=True, timeout=60)
    return result.returncode, result.stdout


def judge(code, shown, expected):
    if code == LMDB_CRASHED:
        return "crashed in LMDB"
    if code not in (0, DAMAGED):
        return "CRASHED"
    if code == DAMAGED:
        return "told"
    return "without effect" if shown == expected else "SILENT"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("look")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sealed", action="store_true")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    file = sorted(HERE.glob("format-*.mdb.gz"))[-1]
    whole = gzip.decompress(file.read_bytes())
    code, expected = look(options.look, whole)
    if code != 0 or not expected:
        raise SystemExit("the undamaged store is not whole: exit code %d" % code)
    counts = collections.Counter()
    for run in range(options.runs):
        data = bytearray(whole)
        how = seal if options.sealed else draw.choices([flip, cut, swap], [8, 1, 1])[0]
        what = how(data, draw)
        outcome = judge(*look(options.look, bytes(data)), expected)
        counts[outcome] += 1
        if outcome.isupper() and not options.sealed:
            print("run %d, %s: %s" % (run, what, outcome))
    print("seed=%d: %s" % (options.seed, ", ".join("%d %s" % (n, o) for o, n in counts.items())))
    if options.sealed:
        return 0 if counts["SILENT"] > 0 else 1
    return 1 if counts["SILENT"] + counts["CRASHED"] > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
