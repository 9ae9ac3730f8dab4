#!/usr/bin/env python3
"""Kills real processes with SIGKILL at random instants and compares what they had acknowledged with
what the store holds afterwards. What is compared stands in host_test.py and order_test.py.

usage: crash.py host HOST INSPECT DEFINITIONS [--kills N] [--seed N] [--control RULE]
       crash.py order ASL_RUN INSPECT DEFINITION INPUT [--kills N] [--seed N]

With --control the host breaks a rule on purpose, and the same checks must find it.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from host_test import CONTROLS, HostTest
from kills import Broken
from order_test import OrderTest


def arguments():
    parser = argparse.ArgumentParser()
    kinds = parser.add_subparsers(dest="kind", required=True)
    host = kinds.add_parser("host")
    order = kinds.add_parser("order")
    for kind in (host, order):
        kind.add_argument("program")
        kind.add_argument("inspect")
    host.add_argument("definitions")
    order.add_argument("definition")
    order.add_argument("input")
    for kind in (host, order):
        kind.add_argument("--kills", type=int, default=100)
        kind.add_argument("--seconds", type=float, default=float("inf"),
                          help="after these there are no more kills than needed")
        kind.add_argument("--seed", type=int, default=int(time.time()))
        kind.add_argument("--life", type=float, default=0.06,
                          help="the longest life, seconds; longer where the machine is slow")
        kind.add_argument("--keep", help="a folder to keep the store of a failed run in")
    host.add_argument("--control", choices=sorted(CONTROLS))
    return parser.parse_args()


def main():
    options = arguments()
    print("seed=%d" % options.seed, flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="asl-crash-") as folder:
        test = (HostTest if options.kind == "host" else OrderTest)(options, folder)
        try:
            test.run()
            broken = None
        except Broken as problem:
            broken = problem
            if options.keep:
                shutil.copytree(folder, pathlib.Path(options.keep), dirs_exist_ok=True)
    print("%.1f s" % (time.monotonic() - begin))
    if options.kind == "host" and options.control:
        is_caught = broken is not None and CONTROLS[options.control] in str(broken)
        print("the control was caught: %s" % broken if is_caught else "not caught: %s" % broken)
        return 0 if is_caught else 1
    if broken:
        print("broken: %s" % broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
