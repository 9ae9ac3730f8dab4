"""A host that runs executions of every kind, killed again and again.

After every kill:
  - what was acknowledged is there: starts by number and name, ends by status, answers by their row;
  - event ids are 1..n without a gap, and previous ids point back;
  - each history begins with the history seen after the kill before (nothing forks, nothing shrinks);
  - a row of a task is there if and only if its success is in the history, and likewise of a
    submission;
  - no task runs again once its result is recorded, and what runs again has the key it had;
  - what was submitted is not submitted again, and a worker's task is delivered once;
  - no token is taken again once its result is recorded;
  - a Wait ends not before its deadline, and nothing that comes after the deadline is recorded in
    the same life before it.
"""

import collections
import math
import os
import random
import subprocess
import time

from kills import Life, check_events, check_prefix, inspect, require

STARTS = 6  # executions a host starts in its life
WAIT_MS = 3000  # definitions/wait.asl.json
FRUITLESS = 5  # lives in a row that get nowhere: then they are too short for this machine
CONTROLS = {  # what each of the host's ways to break a rule must be caught at
    "start": "was acknowledged and is lost",
    "answer": "its answer was acknowledged and is lost",
    "submit": "submitted again after its record",
}


class HostTest:
    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(options.seed)
        self.store = os.path.join(folder, "store")
        self.effects = os.path.join(folder, "effects")
        self.first = 1
        self.kills = self.fruitless = 0
        self.longest = options.life
        self.started = {}  # name -> number
        self.ended = {}  # number -> status
        self.answered = set()  # keys
        self.executions, self.rows = {}, {}
        self.effects_read = 0
        self.key_of, self.work_of = {}, {}
        self.runs_of = collections.Counter()
        self.submitted_in = {}  # key -> kills before it was submitted or delivered
        self.seen = collections.Counter()  # what the kills have hit

    def command(self, count):
        command = [self.options.program, self.store, self.options.definitions, self.effects]
        command += [str(self.first), str(count)]
        return command + ([self.options.control] if self.options.control else [])

    def acknowledge(self, output):
        for line in output.decode().splitlines():
            words = line.split()
            if words[0] == "S":
                number = self.started.setdefault(words[3], int(words[1]))
                require(number == int(words[1]), "%s has two numbers" % words[3])
                self.first = max(self.first, int(words[3].split("-")[1]))
            elif words[0] == "E":
                self.ended[int(words[1])] = words[2]
            elif words[0] == "T":
                self.answered.add(words[1])
            elif words[0] == "A":
                require(("done", words[1]) not in self.rows, words[1] + " was answered twice")
                self.seen["answers in a later life"] += (
                    self.submitted_in.get(words[1], self.kills) < self.kills)

    def one_life(self):
        life = Life(self.command(STARTS))
        # Half of the kills come at a random time, half right after an acknowledgement.
        lines = self.random.choice([1 << 30, self.random.randint(1, STARTS)])
        is_timed = lines > STARTS
        seconds = self.random.uniform(0, self.longest) if is_timed else self.longest * 4
        output = life.read_until(time.monotonic() + seconds, lines)
        ended_by_itself = life.process.poll() is not None
        rest, errors = life.kill()
        require(not ended_by_itself or life.process.returncode == 0, "the host failed: " + errors)
        self.fruitless = 0 if output + rest else self.fruitless + 1
        if self.fruitless == FRUITLESS:
            self.longest *= 1.5
            self.fruitless = 0
        self.acknowledge(output + rest)

    def drain(self):
        """A last life without a kill: everything comes to its end."""
        self.first += 1
        result = subprocess.run(self.command(0), capture_output=True)
        require(result.returncode == 0, "the last run failed: " + result.stderr.decode())
        self.acknowledge(result.stdout)

    def check(self):
        executions, rows = inspect(self.options.inspect, self.store, ["done", "submitted"])
        self.check_acknowledged(executions, rows)
        check_prefix(self.executions, executions)
        for number, execution in executions.items():
            if self.executions.get(number) != execution:
                check_events(execution)
        self.check_waits(executions)
        self.check_rows(executions, rows)
        self.check_effects(self.rows)
        self.executions, self.rows = executions, rows
        self.kills += 1

    def check_acknowledged(self, executions, rows):
        for name, number in self.started.items():
            require(number in executions, "%s was acknowledged and is lost" % name)
            require(executions[number].name == name, "%s is another execution now" % name)
        for number, status in self.ended.items():
            require(executions[number].status == status,
                    "execution %d: its end (%s) was acknowledged and is lost" % (number, status))
        for key in self.answered:
            require(("done", key) in rows, key + ": its answer was acknowledged and is lost")

    def check_rows(self, executions, rows):
        counts = collections.Counter((table, row.strip('"')) for (table, _), row in rows.items())
        for execution in executions.values():
            types = collections.Counter(event.type for event in execution.events)
            done = sum(types[kind + "Succeeded"] for kind in ("Task", "LambdaFunction", "Activity"))
            for table, recorded in (("done", done), ("submitted", types["TaskSubmitted"])):
                found = counts[table, execution.name]
                require(found == recorded, "execution %d: %d of its tasks are recorded as %s, %d "
                        "rows say so" % (execution.number, recorded, table, found))

    def check_effects(self, rows_before):
        """Reads the new lines of the file of effects: what was done in the life that was killed."""
        if not os.path.exists(self.effects):
            return
        with open(self.effects, "rb") as stream:
            stream.seek(self.effects_read)
            text = stream.read()
            self.effects_read += len(text)
        for line in text.decode().splitlines():
            kind, key, _, work = line.split(" ", 3)
            require(self.key_of.setdefault(work, key) == key, "another key for " + work)
            require(self.work_of.setdefault(key, work) == work, "one key for two: " + key)
            require(("done", key) not in rows_before, "ran again after its record: " + line)
            self.check_effect(kind, key, line, rows_before)

    def check_effect(self, kind, key, line, rows_before):
        self.runs_of[key] += 1
        if kind == "submit":
            require(("submitted", key) not in rows_before,
                    "submitted again after its record: " + line)
        elif kind == "watch":
            self.seen["jobs found submitted"] += 1
        elif kind == "deliver":
            require(self.runs_of[key] == 1, "delivered again: " + line)
            self.seen["deliveries"] += 1
        if kind in ("submit", "deliver"):
            self.submitted_in.setdefault(key, self.kills)
        if kind in ("run", "submit"):
            self.seen["tasks run again"] += self.runs_of[key] == 2

    def check_waits(self, executions):
        """A round of the engine records what is due with all else that it records, or before."""
        fresh = {number: execution.events[len(self.events_before(number)):]
                 for number, execution in executions.items()}
        times = sorted({event.time for events in fresh.values() for event in events})
        for number, execution in executions.items():
            entered = [event for event in execution.events if event.type == "WaitStateEntered"]
            exited = [event for event in fresh[number] if event.type == "WaitStateExited"]
            is_open = execution.status == "RUNNING" and execution.events[-1:] == entered
            if exited or is_open:
                self.check_wait(number, entered[0].time + WAIT_MS, exited, times)

    def events_before(self, number):
        before = self.executions.get(number)
        return before.events if before else []

    def check_wait(self, number, due_ms, exited, times):
        where = "execution %d: its Wait was due at %d and ended " % (number, due_ms)
        until = exited[0].time if exited else math.inf
        require(until >= due_ms, where + "at %s, early" % until)
        between = [when for when in times if due_ms < when < until]
        require(not between, where + "at %s, others went on at %s" % (until, between[:10]))
        self.seen["waits"] += len(exited)

    def check_all_ended(self):
        for execution in self.executions.values():
            require(execution.status == "SUCCEEDED",
                    "execution %d: %s at the end" % (execution.number, execution.status))
        for table, key in self.rows:
            require(self.runs_of[key] > 0, "recorded and never run: " + key)

    def has_hit_enough(self):
        return self.ended and self.answered and all(self.seen[what] for what in (
            "tasks run again", "waits", "answers in a later life", "jobs found submitted",
            "deliveries"))

    def run(self):
        """Kills that hit nothing worth hitting are not counted on."""
        until = time.monotonic() + self.options.seconds
        while not self.has_hit_enough() or (
                self.kills < self.options.kills and time.monotonic() < until):
            self.one_life()
            self.check()
        kills = self.kills
        self.drain()
        self.check()
        self.check_all_ended()
        print("%d kills, %d starts, %d ends and %d answers acknowledged, %d tasks run, %d events" % (
            kills, len(self.started), len(self.ended), len(self.answered), len(self.runs_of),
            sum(len(execution.events) for execution in self.executions.values())))
        print(", ".join("%d %s" % (count, what) for what, count in sorted(self.seen.items())))
