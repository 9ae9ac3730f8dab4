#!/usr/bin/env python3
"""The order service's intake beside evhttp's own rate: wrk with 64 connections posts orders, which
are acknowledged when they are durable, and none is started.

usage: order_intake.py SERVICE BENCH_EVHTTP FOLDER [SECONDS [RUNS]]    FOLDER is on the disk to measure
"""

import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

SCRIPT = """wrk.method = "POST"
wrk.body = '{"name":"Step Functions Pizza","restaurantId":"Restaurant 99","quantity":3 }'
wrk.headers["Content-Type"] = "application/json"
"""


def wrk(url, seconds, script):
    output = subprocess.run(
        ["wrk", "-t1", "-c64", "-d%ds" % seconds, "--latency", "-s", script, url],
        check=True, capture_output=True, text=True).stdout
    if re.search("Non-2xx|Socket errors", output):
        raise SystemExit(output)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(command, find_url, seconds, script):
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        return wrk(find_url(server.stdout.readline()), seconds, script)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def main(service, floor, folder, seconds=30, runs=5):
    ratios, rates, slowest = [], [], []
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        script = pathlib.Path(scratch) / "post.lua"
        script.write_text(SCRIPT)
        for i in range(int(runs)):
            floor_rate, _ = measure([floor], lambda line: "http://127.0.0.1:%s/" % line.strip(),
                                    min(int(seconds), 10), script)
            rate, p99 = measure(
                [service, "--data", "%s/%d" % (scratch, i), "--listen", "127.0.0.1:0",
                 "--no-poller", "--queue-limit", "1000000"],
                lambda line: line.split()[1] + "orders", int(seconds), script)
            print("evhttp %.0f/s, orders %.0f/s, %.0f%%, p99 %.1f ms" % (
                floor_rate, rate, 100 * rate / floor_rate, p99), flush=True)
            ratios.append(rate / floor_rate)
            rates.append(rate)
            slowest.append(p99)
    print("medians: orders %.0f/s, %.0f%% of evhttp, p99 %.1f ms" % (
        statistics.median(rates), 100 * statistics.median(ratios), statistics.median(slowest)))


if __name__ == "__main__":
    main(*sys.argv[1:])
