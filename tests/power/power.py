#!/usr/bin/env python3
"""Power cuts, kills and failing writes at every event of a recorded run.

usage: power.py SCENARIO ENUMERATE TEST [--parts N] [--seed N] [--every N]

Tests: cut            states of the disk at each moment: all must be right
       cut-relaxed    the same where durability is relaxed: what was acknowledged may be lost, and
                      must be in some states; nothing else may be wrong
       cut-unflushed  control: flushes are taken for nothing, and stores must break
       cut-torn       control: meta pages are torn as no disk tears them, and stores must break
       faults         the program is killed before each N-th event and in the middle of it, or its
                      writes fail: what it had acknowledged must be there
       faults-early   control: it acknowledges too early, and kills must show it
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

LOST = 3  # the scenario's exit code where the store is lost
CUTS = {
    "cut": ([], []),
    "cut-relaxed": (["relaxed"], ["--expect", "lost"]),
    "cut-unflushed": ([], ["--ignore-flush", "--expect", "bad"]),
    "cut-torn": ([], ["--tear", "suffix", "--expect", "bad"]),
}


def run(program, *arguments, **environment):
    words = [str(word) for word in (program, *arguments)]
    return subprocess.run(
        words, env=dict(os.environ, **{name: str(value) for name, value in environment.items()}),
        capture_output=True, text=True
    )


def finish(problems, said):
    for problem in problems[:20]:
        print(problem)
    print(said)
    return 1 if problems else 0


def cut(options, folder):
    words, how = CUTS[options.test]
    recorded = run(options.scenario, folder / "store", *words, POWER_LOG=folder / "log")
    if recorded.returncode != 0:
        return finish([recorded.stderr], "the scenario failed")
    result = run(options.enumerate, folder / "log", folder / "disk", "--parts", options.parts,
                 "--seed", options.seed, *how)
    lines = result.stderr.splitlines()
    problems = [] if result.returncode == 0 else lines[-20:] + ["exit code %d" % result.returncode]
    return finish(problems, "seed=%d: %s" % (options.seed, result.stdout.splitlines()[-1]))


class Faults:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.count = 0
        self.problems = []
        self.lost = 0  # runs whose store was lost, as it must be where a flush fails
        self.resumed = 0  # runs that went on once there was room again

    def place(self):
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        return folder

    def one(self, event, how, *words, codes=None, times=1):
        folder = self.place()
        result = run(
            self.options.scenario, folder / "store", *words, POWER_LOG=folder / "log",
            POWER_STOP=event, POWER_HOW=how, POWER_TIMES=times
        )
        name = "event %d, %s" % (event, how)
        self.lost += how == "EIO" and result.returncode == LOST
        self.resumed += how == "ENOSPC" and result.returncode == 0
        if codes is not None and result.returncode not in codes:
            self.problems.append("%s: exit code %d: %s" % (name, result.returncode, result.stderr))
        if not (folder / "store" / "data.mdb").exists():
            return 0
        checked = run(self.options.enumerate, folder / "log", folder / "store", "--check")
        if checked.returncode != 0:
            self.problems.append("%s: %s" % (name, checked.stderr))
        return checked.returncode


def count_events(options, folder):
    result = run(options.scenario, folder / "store", POWER_LOG=folder / "log")
    if result.returncode != 0:
        raise SystemExit("the scenario failed: %s" % result.stderr)
    return int(result.stderr.split()[-1])


def faults(options, folder):
    events = count_events(options, folder)
    test = Faults(options, folder)
    killed = [-signal.SIGKILL]
    words = ["early"] if options.test == "faults-early" else []
    lost = 0
    for event in range(1 + options.seed % options.every, events + 1, options.every):
        lost += test.one(event, "kill", *words, codes=killed) != 0
        lost += test.one(event, "torn", *words, codes=killed) != 0
        if not words:
            test.one(event, "EIO", codes=[0, LOST])  # 0: in what closing a store does besides
            if event % (4 * options.every) < options.every:  # each takes a second
                test.one(event, "ENOSPC", codes=[0, LOST])  # LOST: of LMDB's meta page
    said = "seed=%d: %d runs of %d events" % (options.seed, test.count, events)
    if words:
        return finish([] if lost > 0 else ["no kill has shown it"], said)
    if test.lost == 0:
        test.problems.append("no failed flush has made the store lost")
    if test.resumed == 0:
        test.problems.append("no run has gone on once there was room again")
    return finish(test.problems, said)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario")
    parser.add_argument("enumerate")
    parser.add_argument("test", choices=[*CUTS, "faults", "faults-early"])
    parser.add_argument("--parts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=16)
    options = parser.parse_args()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="asl-power-", dir=memory) as name:
        work = cut if options.test in CUTS else faults
        return work(options, pathlib.Path(name))


if __name__ == "__main__":
    sys.exit(main())
