#!/usr/bin/env python3
"""Kills real processes with SIGKILL at random instants and compares what they had acknowledged with
what the store holds afterwards.

usage: crash.py host HOST INSPECT DEFINITIONS [--kills N] [--seed N] [--control]
       crash.py order ASL_RUN INSPECT DEFINITION INPUT [--kills N] [--seed N]

After every kill:
  - what was acknowledged is there: starts by number and name, ends by status;
  - event ids are 1..n without a gap, and previous ids point back;
  - each history begins with the history seen after the kill before (nothing forks, nothing shrinks);
  - a row of a task is there if and only if its success is in the history;
  - no task runs again once its result is recorded, and what runs again has the key it had;
  - a Wait ends not before its deadline, and soon after it or after the restart that follows it.
With --control the host acknowledges too early, and the same checks must find lost starts.
"""

import argparse
import collections
import os
import pathlib
import random
import select
import shutil
import subprocess
import sys
import tempfile
import time

STARTS = 6  # executions a host starts in its life
WAIT_MS = 3000  # definitions/wait.asl.json
LATE_MS = 1500  # of a machine that is busy with other tests
DRAIN_S = 60

Event = collections.namedtuple("Event", "id previous type time hash")
Execution = collections.namedtuple("Execution", "number machine name status events text")


class Broken(Exception):
    """A rule was broken: the message says which."""


def require(condition, message):
    if not condition:
        raise Broken(message)


def parse_execution(line):
    words = line.split(" ")
    events = []
    for word in words[5:]:
        number, previous, kind, when, digest = word.split(",")
        events.append(Event(int(number), int(previous), kind, int(when), digest))
    return Execution(int(words[1]), words[2], words[3], words[4], events, " ".join(words[5:]))


def inspect(program, store, tables):
    """What the store holds: executions by number, rows by (table, key)."""
    result = subprocess.run([program, store, *tables], capture_output=True, text=True, timeout=60)
    require(result.returncode == 0, "the store cannot be read: " + result.stderr)
    executions, rows = {}, {}
    for line in result.stdout.splitlines():
        if line.startswith("execution "):
            execution = parse_execution(line)
            executions[execution.number] = execution
        else:
            _, table, key, row = line.split(" ", 3)
            rows[table, key] = row
    return executions, rows


def check_events(execution):
    for position, event in enumerate(execution.events, 1):
        where = "execution %d, event %d" % (execution.number, event.id)
        require(event.id == position, where + ": ids are not dense")
        require(event.previous < event.id, where + ": points forward")
        if position > 1:
            before = execution.events[position - 2]
            require(event.time >= before.time, where + ": time goes backwards")


def check_prefix(old, new):
    for number, before in old.items():
        after = new.get(number)
        require(after is not None, "execution %d was there before the kill" % number)
        if after.text != before.text:
            require(
                after.text.startswith(before.text + " " if before.text else ""),
                "execution %d: its history forked\n%s\n%s" % (number, before.text, after.text),
            )


class Run:
    """One life of a program: started, read from, killed."""

    def __init__(self, command, environment=None):
        self.began_ms = time.time() * 1000
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )

    def read_until(self, deadline, lines):
        """Reads what is acknowledged until a time, or until there were so many lines."""
        output = b""
        pipe = self.process.stdout
        while time.monotonic() < deadline and output.count(b"\n") < lines:
            ready, _, _ = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(pipe.fileno(), 65536) if ready else b""
            if ready and not chunk:
                break
            output += chunk
        return output

    def kill(self):
        """SIGKILL, and what was still in the pipe."""
        self.process.kill()
        rest, errors = self.process.communicate()
        return rest, errors.decode()


class HostTest:
    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(options.seed)
        self.store = os.path.join(folder, "store")
        self.effects = os.path.join(folder, "effects")
        self.first = 1
        self.started = {}  # name -> number
        self.ended = {}  # number -> status
        self.executions, self.rows = {}, {}
        self.lives = []  # when each process began, ms
        self.effects_read = 0
        self.key_of, self.work_of = {}, {}
        self.runs_of = collections.Counter()

    def command(self, count):
        command = [self.options.program, self.store, self.options.definitions, self.effects]
        command += [str(self.first), str(count)]
        return command + (["early"] if self.options.control else [])

    def acknowledge(self, output):
        for line in output.decode().splitlines():
            words = line.split()
            if words[0] == "S":
                number = self.started.setdefault(words[3], int(words[1]))
                require(number == int(words[1]), "%s has two numbers" % words[3])
                self.first = max(self.first, int(words[3].split("-")[1]))
            else:
                self.ended[int(words[1])] = words[2]

    def one_life(self):
        run = Run(self.command(STARTS))
        self.lives.append(run.began_ms)
        # Half of the kills come at a random time, half right after an acknowledgement.
        lines = self.random.choice([1 << 30, self.random.randint(1, STARTS)])
        if self.options.control:
            lines = 1
        longest = self.options.life
        life = self.random.uniform(0, longest) if lines > STARTS else longest * 4
        output = run.read_until(time.monotonic() + life, lines)
        ended_by_itself = run.process.poll() is not None
        rest, errors = run.kill()
        require(not ended_by_itself or run.process.returncode == 0, "the host failed: " + errors)
        self.acknowledge(output + rest)

    def drain(self):
        """A last life without a kill: everything comes to its end."""
        self.first += 1
        self.lives.append(time.time() * 1000)
        result = subprocess.run(self.command(0), capture_output=True, timeout=DRAIN_S)
        require(result.returncode == 0, "the last run failed: " + result.stderr.decode())
        self.acknowledge(result.stdout)

    def check(self):
        executions, rows = inspect(self.options.inspect, self.store, ["done"])
        self.check_acknowledged(executions)
        check_prefix(self.executions, executions)
        for number, execution in executions.items():
            if self.executions.get(number) != execution:
                check_events(execution)
                self.check_waits(execution)
        self.check_rows(executions, rows)
        self.check_effects(self.rows)
        self.executions, self.rows = executions, rows

    def check_acknowledged(self, executions):
        for name, number in self.started.items():
            require(number in executions, "%s was acknowledged and is lost" % name)
            require(executions[number].name == name, "%s is another execution now" % name)
        for number, status in self.ended.items():
            require(executions[number].status == status,
                    "execution %d: its end (%s) was acknowledged and is lost" % (number, status))

    def check_rows(self, executions, rows):
        done = collections.Counter(row.strip('"') for row in rows.values())
        for execution in executions.values():
            recorded = sum(event.type in ("TaskSucceeded", "LambdaFunctionSucceeded")
                           for event in execution.events)
            require(done[execution.name] == recorded, "execution %d: %d tasks recorded, %d rows" % (
                execution.number, recorded, done[execution.name]))

    def check_effects(self, rows_before):
        """Reads the new lines of the file of effects: what ran in the life that was killed."""
        if not os.path.exists(self.effects):
            return
        with open(self.effects, "rb") as stream:
            stream.seek(self.effects_read)
            text = stream.read()
            self.effects_read += len(text)
        for line in text.decode().splitlines():
            key, work = line.split(" ", 1)
            require(self.key_of.setdefault(work, key) == key, "another key for " + work)
            require(self.work_of.setdefault(key, work) == work, "one key for two: " + key)
            require(("done", key) not in rows_before, "ran again after its record: " + line)
            self.runs_of[key] += 1

    def check_waits(self, execution):
        entered = None
        for event in execution.events:
            if event.type == "WaitStateEntered":
                entered = event
            if event.type == "WaitStateExited":
                due = entered.time + WAIT_MS
                life = max((begin for begin in self.lives if begin <= event.time + 1), default=0)
                where = "execution %d: its Wait " % execution.number
                require(event.time >= due, where + "ended %d ms early" % (due - event.time))
                late = event.time - max(due, life)
                require(late <= LATE_MS, where + "ended %d ms late" % late)

    def check_all_ended(self):
        for execution in self.executions.values():
            require(execution.status == "SUCCEEDED",
                    "execution %d: %s at the end" % (execution.number, execution.status))
        for table, key in self.rows:
            require(self.runs_of[key] > 0, "recorded and never run: " + key)

    def run(self):
        for _ in range(self.options.kills):
            self.one_life()
            self.check()
        self.drain()
        self.check()
        self.check_all_ended()
        again = sum(count > 1 for count in self.runs_of.values())
        waits = sum("WaitStateExited" in execution.text for execution in self.executions.values())
        print("%d kills, %d starts and %d ends acknowledged, %d tasks run, %d of them again, "
              "%d waits, %d events" % (
                  self.options.kills, len(self.started), len(self.ended), len(self.runs_of), again,
                  waits, sum(len(execution.events) for execution in self.executions.values())))
        require(again > 0 and waits > 0 and self.ended, "the kills hit nothing worth hitting")


class OrderTest:
    """asl-run on the order workflow: killed again and again until it ends."""

    SCALE = 100
    WAIT_MS = 30000
    LATE_MS = 15000  # engine time: 150 ms of real time, which a busy machine can take now and then

    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(options.seed)
        self.folder = folder
        self.kills = self.orders = self.late = 0

    def command(self, store, name, resume):
        command = [self.options.program]
        command += ["--resume", name] if resume else [self.options.definition, self.options.input]
        if not resume:
            command += ["--name", name]
        return command + ["--store", store, "--clock", "%dx" % self.SCALE, "--quiet"]

    def find(self, store, name):
        executions, rows = inspect(self.options.inspect, store, ["order", "outbox"])
        found = [execution for execution in executions.values() if execution.name == name]
        require(len(found) <= 1, "%s is there %d times" % (name, len(found)))
        return executions, rows, found[0] if found else None

    def one_order(self, store, name):
        """Kills until the execution has ended; returns it."""
        seen, execution = {}, None
        while True:
            run = Run(self.command(store, name, execution is not None))
            run.read_until(time.monotonic() + self.random.uniform(0, self.options.life), 1 << 30)
            ended_by_itself = run.process.poll() is not None
            _, errors = run.kill()
            self.kills += not ended_by_itself
            executions, rows, execution = self.find(store, name)
            check_prefix(seen, executions)
            seen = executions
            if execution:
                check_events(execution)
                self.check_rows(execution, rows)
            if ended_by_itself:
                require(run.process.returncode in (0, 1), "asl-run failed: " + errors)
                require(execution and execution.status != "RUNNING", name + " did not end")
            if execution and execution.status != "RUNNING":
                return execution

    def check_rows(self, execution, rows):
        """The order's row says PENDING from the first recorded task on, and never before it."""
        row = rows.get(("order", execution.name))
        recorded = sum(event.type.endswith("Succeeded") for event in execution.events)
        require((row is not None) == (recorded > 0), "%s: %d tasks recorded, row: %s" % (
            execution.name, recorded, row))

    def check_wait(self, execution):
        entered = [event for event in execution.events if event.type == "WaitStateEntered"]
        exited = [event for event in execution.events if event.type == "WaitStateExited"]
        require(len(entered) == 1 and len(exited) == 1, "%s: no single Wait" % execution.name)
        took = exited[0].time - entered[0].time
        require(took >= self.WAIT_MS, "%s: waited %d ms only" % (execution.name, took))
        self.late += took > self.WAIT_MS + self.LATE_MS

    def run(self):
        types = None
        while self.kills < self.options.kills:
            self.orders += 1
            store = os.path.join(self.folder, "store-%d" % (self.orders // 10))
            execution = self.one_order(store, "order-%d" % self.orders)
            require(execution.status == "SUCCEEDED", "an order ended as " + execution.status)
            self.check_wait(execution)
            these = [event.type for event in execution.events]
            types = types or these
            require(these == types, "a killed order took another way: %s" % these)
        print("%d kills, %d orders, each with the same %d events, %d waits late" % (
            self.kills, self.orders, len(types), self.late))
        require(self.late * 3 <= self.orders, "waits begin anew with each restart")
        # The same in real time: an order of 0.3 s cannot outlive many kills 0.15 s apart.
        require(self.kills <= 10 * self.orders, "waits grow with each restart")


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
        kind.add_argument("--seed", type=int, default=int(time.time()))
        kind.add_argument("--life", type=float, default=0.06, help="the longest life, seconds")
        kind.add_argument("--keep", help="a folder to keep the store of a failed run in")
    host.add_argument("--control", action="store_true")
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
        lost = broken is not None and "acknowledged and is lost" in str(broken)
        print("the control was caught: %s" % broken if lost else "not caught: %s" % broken)
        return 0 if lost else 1
    if broken:
        print("broken: %s" % broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
