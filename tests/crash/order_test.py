"""asl-run on the order workflow, killed again and again until the order has ended.

After every kill the rules of every history hold, and an order's row is there from its first recorded
task on. At the end every order has gone the same way: a Wait of 30 seconds among it, in engine time
that goes on at its pace while no process runs. The clock is scaled so that a Wait takes about as
long as a life does.
"""

import os
import random
import re
import subprocess
import time

from kills import Life, check_events, check_prefix, inspect, require

WAIT_MS = 30000
TASK_MS = 20000  # TimeoutSeconds of each task
LIVES_MAX = 300  # of an order: one that takes more never ends
SLACK_MS = 5  # of clocks that are read in milliseconds
# A try whose time was over while no process ran; the next one follows.
TIMED_OUT = re.compile(r"(Task|LambdaFunction)Scheduled \1Started \1TimedOut ")


class OrderTest:
    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(options.seed)
        self.folder = folder
        self.kills = self.orders = self.kept = self.timed_out = 0
        self.life = options.life
        self.scale = 0

    def command(self, store, name, resume, clock):
        command = [self.options.program]
        command += ["--resume", name] if resume else [self.options.definition, self.options.input]
        if not resume:
            command += ["--name", name]
        return command + ["--store", store, "--clock", clock, "--quiet"]

    def measure(self):
        """Lives must be long enough for this machine to get somewhere in them."""
        began = time.monotonic()
        store = os.path.join(self.folder, "measured")
        result = subprocess.run(self.command(store, "first", False, "skip"), capture_output=True)
        require(result.returncode == 0, "asl-run failed: " + result.stderr.decode())
        self.life = max(self.options.life, 3 * (time.monotonic() - began))
        self.scale = WAIT_MS / 1000 / self.life

    def find(self, store, name):
        executions, rows = inspect(self.options.inspect, store, ["order", "outbox"])
        found = [execution for execution in executions.values() if execution.name == name]
        require(len(found) <= 1, "%s is there %d times" % (name, len(found)))
        return executions, rows, found[0] if found else None

    def one_life(self, store, name, is_there):
        life = Life(self.command(store, name, is_there, "%.3fx" % self.scale))
        life.read_until(time.monotonic() + self.random.uniform(0, self.life), 1 << 30)
        ended_by_itself = life.process.poll() is not None
        _, errors = life.kill()
        require(not ended_by_itself or life.process.returncode in (0, 1),
                "asl-run failed: " + errors)
        self.kills += not ended_by_itself
        return life, ended_by_itself

    def one_order(self, store, name):
        """Kills until the execution has ended; returns it, and the life of each of its events."""
        seen, execution, lives = {}, None, []
        for _ in range(LIVES_MAX):
            life, ended_by_itself = self.one_life(store, name, execution is not None)
            executions, rows, execution = self.find(store, name)
            check_prefix(seen, executions)
            seen = executions
            if execution:
                check_events(execution)
                self.check_rows(execution, rows)
                lives += [life] * (len(execution.events) - len(lives))
            require(not ended_by_itself or (execution and execution.status != "RUNNING"),
                    name + " did not end")
            if execution and execution.status != "RUNNING":
                return execution, lives
        require(False, "%s has not ended after %d lives" % (name, LIVES_MAX))

    def check_rows(self, execution, rows):
        """The order's row says PENDING from the first recorded task on, and never before it."""
        row = rows.get(("order", execution.name))
        recorded = sum(event.type.endswith("Succeeded") for event in execution.events)
        require((row is not None) == (recorded > 0), "%s: %d tasks recorded, row: %s" % (
            execution.name, recorded, row))

    def check_pace(self, execution, lives):
        """Between the events of two lives engine time has run as the wall's, at its pace. Where it
        was the wall's time still, in the first milliseconds, it begins from that again."""
        for before, after, old, new in zip(execution.events, execution.events[1:], lives, lives[1:]):
            passed = after.time - before.time
            least = (new.began_ms - old.ended_ms - SLACK_MS) * self.scale
            most = (new.ended_ms - old.began_ms + SLACK_MS) * self.scale
            is_of_wall = before.time <= old.ended_ms
            require(old is new or is_of_wall or least <= passed <= most,
                    "%s: %d ms passed over a kill, not %d to %d" % (
                        execution.name, passed, least, most))

    def check_wait(self, execution, lives):
        """It ends when it is due. That it does not begin anew with each life is sure where it has
        ended in one that was shorter than it."""
        places = [place for place, event in enumerate(execution.events)
                  if event.type in ("WaitStateEntered", "WaitStateExited")]
        require(len(places) == 2, "%s: no single Wait" % execution.name)
        entered, exited = places
        took = execution.events[exited].time - execution.events[entered].time
        require(took >= WAIT_MS, "%s: waited %d ms only" % (execution.name, took))
        life = lives[exited]
        self.kept += (life is not lives[entered] and
                      (life.ended_ms - life.began_ms) * self.scale < WAIT_MS)

    def check_way(self, execution, lives, way):
        types = [event.type for event in execution.events]
        for place, event in enumerate(execution.events):
            if not event.type.endswith("TimedOut"):
                continue
            scheduled = execution.events[place - 2]
            took = event.time - scheduled.time
            require(took >= TASK_MS and lives[place] is not lives[place - 2],
                    "%s: a task timed out after %d ms, within a life" % (execution.name, took))
            self.timed_out += 1
        this = TIMED_OUT.sub("", " ".join(types))
        require(way in (None, this), "a killed order took another way: %s" % this)
        return this

    def run(self):
        self.measure()
        way = None
        until = time.monotonic() + self.options.seconds
        while self.kept == 0 or (self.kills < self.options.kills and time.monotonic() < until):
            self.orders += 1
            store = os.path.join(self.folder, "store-%d" % (self.orders // 10))
            execution, lives = self.one_order(store, "order-%d" % self.orders)
            require(execution.status == "SUCCEEDED", "an order ended as " + execution.status)
            self.check_pace(execution, lives)
            self.check_wait(execution, lives)
            way = self.check_way(execution, lives, way)
        print("%d kills, %d orders, each with the same %d events, %d waits kept over a kill, "
              "%d tasks timed out over one" % (
                  self.kills, self.orders, len(way.split()), self.kept, self.timed_out))
