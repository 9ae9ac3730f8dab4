"""What the kill tests share: a life of a program, what a store holds, and rules of every history."""

import collections
import os
import select
import subprocess
import time

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
    result = subprocess.run([program, store, *tables], capture_output=True, text=True)
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


class Life:
    """One life of a program: started, read from, killed. Times are the wall's, in ms."""

    def __init__(self, command):
        self.began_ms = time.time() * 1000
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

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
        self.ended_ms = time.time() * 1000
        return rest, errors.decode()
