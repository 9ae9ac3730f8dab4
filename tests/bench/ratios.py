#!/usr/bin/env python3
"""Reads the JSON lines of bench-works and of other engines' runs, and prints a table of medians.

usage: ratios.py [FILE...]      (default: standard input)

A line has peer, work, executions_per_s, transitions_per_s and peak_rss_mib; lines without these,
and what is no JSON, are passed over. Ours is the peer `aslengine`.
"""
import collections
import fileinput
import json
import statistics

OURS = "aslengine"


def read_rates():
    rates = collections.defaultdict(list)
    for line in fileinput.input(encoding="utf-8"):
        try:
            run = json.loads(line)
            if run["ok"]:
                figures = run["executions_per_s"], run["transitions_per_s"], run["peak_rss_mib"]
                rates[run["work"], run["peer"]].append(figures)
        except (ValueError, KeyError, TypeError):
            continue
    return rates


def medians(figures):
    return [statistics.median(column) for column in zip(*figures)]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main():
    rates = read_rates()
    print("| work | peer | runs | executions/s | transitions/s | ours, executions/s | "
          "ours, transitions/s | ratio | MiB, peer / ours |")
    print("|---|---|---|---|---|---|---|---|---|")
    for work, peer in sorted(rates):
        if peer == OURS or (work, OURS) not in rates:
            continue
        theirs, ours = medians(rates[work, peer]), medians(rates[work, OURS])
        cells = [work, peer, f"{len(rates[work, peer])}", number(theirs[0]), number(theirs[1]),
                 number(ours[0]), number(ours[1]), number(ours[0] / theirs[0]),
                 f"{theirs[2]:.0f} / {ours[2]:.0f}"]
        print("| " + " | ".join(cells) + " |")


main()
