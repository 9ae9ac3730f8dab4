#!/usr/bin/env python3
"""asl-run as a person at a terminal meets it: results, messages, exit codes, interruption.

usage: run_tools.py TOOLS DEFINITIONS [TEST]...     TOOLS is the folder of the built programs
"""

import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

TOOLS = DEFINITIONS = None
HANG_S = 240  # a tool that hangs is named before the whole program is ended
SLOWLY = ("--clock", "0.01x")  # the order's Wait takes 50 minutes: nothing outlasts it
PASS = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
TASK = (
    '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": '
    '"arn:aws:states:::local:work", "End": true}}}'
)


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.store = self.path / "store"
        self.environment = dict(os.environ, HOME=str(self.path), TERM="xterm")
        for name in ("ASL_STORE", "XDG_STATE_HOME", "NO_COLOR"):
            self.environment.pop(name, None)

    def write(self, name, text):
        path = self.path / name
        path.write_text(text)
        return path

    def command(self, *arguments, tool="asl-run", store=True):
        place = ["--store", self.store] if store else []
        return [str(word) for word in [TOOLS / tool, *place, *arguments]]

    def run_tool(self, *arguments, stdin=None, **options):
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run(
            self.command(*arguments, **options), env=self.environment, timeout=HANG_S,
            capture_output=True, **given
        )

    def start_tool(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def expect(self, result, code, stdout=None, stderr=""):
        text = result.stderr.decode()
        self.assertEqual(result.returncode, code, text)
        if stderr:
            self.assertRegex(text, stderr)
        if stdout is not None:
            self.assertEqual(result.stdout.decode(), stdout)

    def wait_for_event(self, name, event):
        """Until a running execution has recorded an event, seen by a reader of the store."""
        deadline = time.monotonic() + HANG_S
        while time.monotonic() < deadline:
            result = self.run_tool("-o", "json", name, tool="asl-history")
            if event in result.stdout.decode():
                return
            time.sleep(0.02)
        self.fail("no %s of %s in the store" % (event, name))

    def order(self, case="order.input.json"):
        return [DEFINITIONS / "order.asl.json", DEFINITIONS / case]


class Results(ToolTest):
    def test_success_prints_the_output_alone(self):
        result = self.run_tool("--clock", "skip", *self.order())
        self.expect(result, 0, stderr="^$")
        output = json.loads(result.stdout)
        self.assertEqual(output["orderStatus"], "SUCCESS")
        self.assertEqual(result.stdout.count(b"\n"), 1)

    def test_failure_prints_nothing_but_error_and_cause(self):
        result = self.run_tool("-c", "skip", *self.order("order/payment-declined.input.json"))
        self.expect(result, 1, "", r"\APaymentDeclined: the card was declined\n\Z")

    def test_json_says_what_happened(self):
        arguments = ["-c", "skip", "-n", "one", "-o", "json"]
        result = self.run_tool(*arguments, *self.order("order/nothing-to-do.input.json"))
        self.expect(result, 1, stderr="^$")
        said = json.loads(result.stdout)
        self.assertEqual(list(said), ["status", "machine", "name", "start", "stop", "error", "cause"])
        self.assertEqual((said["status"], said["machine"], said["name"], said["error"]),
                         ("FAILED", "order", "one", "NothingToDo"))

    def test_jsonl_is_one_line(self):
        result = self.run_tool("-c", "skip", "-o", "jsonl", *self.order())
        self.expect(result, 0)
        self.assertEqual(result.stdout.count(b"\n"), 1)
        self.assertEqual(json.loads(result.stdout)["output"]["quantity"], 3)

    def test_timeout_has_its_own_code(self):
        definition = self.write("slow.asl.json", json.dumps({
            "TimeoutSeconds": 1, "StartAt": "W",
            "States": {"W": {"Type": "Wait", "Seconds": 5, "End": True}}}))
        self.expect(self.run_tool("-c", "skip", definition), 4, "", "States.Timeout")

    def test_history_is_written(self):
        path = self.path / "history.json"
        path.write_text("x" * 100000)
        self.expect(self.run_tool("-c", "skip", "--history", path, *self.order()), 0)
        events = json.loads(path.read_text())["events"]
        self.assertEqual(events[0]["type"], "ExecutionStarted")
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded")
        self.assertEqual([event["id"] for event in events], list(range(1, len(events) + 1)))

    def test_controls_in_texts_do_not_reach_the_terminal(self):
        definition = self.write("bad.asl.json", json.dumps({
            "StartAt": "F",
            "States": {"F": {"Type": "Fail", "Error": "E\x1b[31m", "Cause": "a\x07\x9bb\u202ec"}}}))
        result = self.run_tool(definition)
        self.expect(result, 1, "")
        self.assertEqual(result.stderr.decode(), "E\\x1b[31m: a\\x07\\u{9b}b\\u{202e}c\n")

    def test_colours_only_where_wanted(self):
        definition = self.write("f.asl.json", json.dumps({
            "StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}))
        self.assertEqual(self.run_tool(definition).stderr, b"E: C\n")
        self.assertEqual(self.run_tool("--color", "always", definition).stderr,
                         b"\x1b[31mE\x1b[0m: C\n")
        self.expect(self.run_tool("--color", "pink", definition), 2, "", "auto, always or never")


class Input(ToolTest):
    def setUp(self):
        super().setUp()
        self.definition = self.write("pass.asl.json", PASS)

    def test_dash_is_standard_input(self):
        self.expect(self.run_tool(self.definition, "-", stdin=b'{"a": [1,  2]}'), 0,
                    '{"a": [1,  2]}\n')

    def test_pipe_is_read_without_asking(self):
        self.expect(self.run_tool(self.definition, stdin=b'{"a": 1}'), 0, '{"a": 1}\n')

    def test_slow_pipe_is_waited_for(self):
        process = subprocess.Popen(
            self.command(self.definition), env=self.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        select.select([], [], [], 0.3)
        self.assertEqual(process.communicate(b"7")[0], b"7\n")

    def test_nothing_is_an_empty_object(self):
        self.expect(self.run_tool(self.definition), 0, "{}\n")
        self.expect(self.run_tool(self.definition, stdin=b""), 0, "{}\n")

    def test_file_is_read_without_asking(self):
        with open(self.write("input.json", "[1]"), "rb") as file:
            output = subprocess.run(self.command(self.definition), stdin=file, timeout=HANG_S,
                                    env=self.environment, capture_output=True).stdout
        self.assertEqual(output, b"[1]\n")

    def test_broken_json_has_a_caret(self):
        path = self.write("input.json", '{\n  "a": 1,\n  "b" 2\n}\n')
        result = self.run_tool(self.definition, path)
        self.expect(result, 2, "", r"input\.json:3:\d+: ")
        lines = result.stderr.decode().splitlines()
        self.assertIn('     3 |   "b" 2', lines)
        self.assertRegex(lines[-1], r"^ +\| +\^$")
        self.assertFalse(self.store.exists())

    def test_unreadable_files_are_named(self):
        self.expect(self.run_tool(self.path / "none.asl.json"), 2, "", "none.asl.json: No such file")
        self.expect(self.run_tool(self.definition, self.path), 2, "", "it is a folder")

    def test_limits_are_kept(self):
        path = self.write("input.json", '"%s"' % ("x" * 100))
        self.expect(self.run_tool("--limit", "payload-bytes=50", self.definition, path), 2, "", "50")
        self.expect(self.run_tool("--limit", "payload-bytes=200", self.definition, path), 0)
        self.expect(self.run_tool("--limit", "size=1", self.definition), 2, "", "no limit 'size'")
        self.expect(self.run_tool("--limit", "payload-bytes=0", self.definition), 2)


class Definitions(ToolTest):
    def test_broken_json_has_a_caret(self):
        path = self.write("d.asl.json", '{"StartAt": "A",\n "States": }')
        result = self.run_tool(path)
        self.expect(result, 3, "", r"d\.asl\.json:2:\d+: error: ")
        self.assertRegex(result.stderr.decode(), r"\n +\| +\^")

    def test_file_may_be_called_as_it_likes(self):
        path = self.write("my pass [1].asl.json", PASS)
        result = self.run_tool("-o", "json", path)
        self.expect(result, 0)
        self.assertEqual(json.loads(result.stdout)["machine"], "my-pass--1-")
        self.assertIn(b"stdin", self.run_tool("-o", "json", "-", stdin=PASS.encode()).stdout)

    def test_all_problems_are_shown_with_their_places(self):
        path = self.write("d.asl.json", json.dumps({
            "StartAt": "A",
            "States": {"A": {"Type": "Pass", "Next": "Nowhere"},
                       "B": {"Type": "Wait", "Seconds": "soon", "End": True}}}, indent=1))
        result = self.run_tool(path)
        text = result.stderr.decode()
        self.expect(result, 3, "")
        self.assertIn("/States/A/Next", text)
        self.assertIn("/States/B", text)
        self.assertGreaterEqual(len(re.findall(r"d\.asl\.json:\d+:\d+: error", text)), 2)
        self.assertFalse(self.store.exists())

    def test_task_without_handler_says_how_to_bind_it(self):
        result = self.run_tool(self.write("t.asl.json", TASK))
        self.expect(result, 2, "", 'resource "arn:aws:states:::local:work" of the state "A"')
        self.assertRegex(result.stderr.decode(), r"t\.tasks\.json(.|\n)*--tasks")

    def test_found_bindings_run_no_commands(self):
        definition = self.write("t.asl.json", TASK)
        bindings = self.write("t.tasks.json", json.dumps({"tasks": {
            "arn:aws:states:::local:work": {"command": {"argv": ["/bin/echo", "7"]}}}}))
        self.expect(self.run_tool(definition), 2, "", "--tasks .*t.tasks.json")
        self.expect(self.run_tool("--tasks", bindings, definition), 0, "7\n")


class Provider(http.server.BaseHTTPRequestHandler):
    """A payment provider over HTTP: answers as the server's list says, then with success."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        answers = self.server.answers
        status, body = answers.pop(0) if answers else (200, {"paymentStatus": "CHARGED"})
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


class Endpoints(ToolTest):
    """The same definition with ProcessPayment at an HTTP endpoint."""

    def setUp(self):
        super().setUp()
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Provider)
        self.server.asked, self.server.answers = [], []
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        bindings = json.loads((DEFINITIONS / "order.tasks.json").read_text())
        url = "http://127.0.0.1:%d/charge" % self.server.server_port
        for resource in bindings["tasks"]:
            if resource.endswith(":ProcessPayment"):
                bindings["tasks"][resource] = {"http": {"url": url}}
        self.bindings = self.write("http.json", json.dumps(bindings))

    def run_order(self, *arguments):
        return self.run_tool("-c", "skip", "--tasks", self.bindings, *arguments, "-o", "json",
                             *self.order("order/payment-and-restaurant.input.json"))

    def test_provider_is_asked(self):
        result = self.run_order("--allow-net", "127.0.0.0/8", "-n", "paid")
        self.expect(result, 0)
        self.assertEqual(self.server.asked,
                         [{"orderId": "paid", "payment": {"token": "tok_ok", "amount": 36.5}}])

    def test_provider_that_is_busy_is_asked_again(self):
        self.server.answers = [(503, "busy"), (429, "busy")]
        self.expect(self.run_order("--allow-net", "127.0.0.0/8"), 0)
        self.assertEqual(len(self.server.asked), 3)

    def test_refusal_is_not_tried_again_and_keeps_the_token(self):
        self.server.answers = [(402, {"refused": "tok_ok"})]
        result = self.run_order("--allow-net", "127.0.0.0/8")
        self.expect(result, 1)
        said = json.loads(result.stdout)
        self.assertEqual(said["error"], "States.Http.StatusCode.402")
        self.assertNotIn("tok_ok", said["cause"])
        self.assertEqual(len(self.server.asked), 1)

    def test_private_networks_are_not_reached_unasked(self):
        result = self.run_order()
        self.expect(result, 1)
        self.assertEqual(self.server.asked, [])


class Configuration(ToolTest):
    def test_mistakes_in_the_order_tasks_are_named(self):
        resource = "arn:aws:lambda:us-east-1:123456789012:function:SendOrderToRestaurant"
        for configuration, words in (
            ({"restaurants": []}, '"restaurants" must be an object'),
            ({"restaurants": {"R": {"opne": False}}}, '"opne" is not a member of "R"'),
            ({"restaurants": {"R": {"open": 1}}}, '"open" must be true or false'),
            ({"quantityLimit": 0}, '"quantityLimit" must be a whole number from 1'),
            ({"amountLimit": "9"}, '"amountLimit" must be a number above 0'),
            ({"task": "Bake"}, 'does not know the task "Bake"'),
        ):
            bindings = self.write("b.json", json.dumps(
                {"tasks": {resource: {"plugin": "order", "configuration": configuration}}}))
            self.expect(self.run_tool("--tasks", bindings, *self.order()), 2, "", words)


class Stores(ToolTest):
    def test_default_store_is_in_the_state_folder(self):
        definition = self.write("pass.asl.json", PASS)
        self.expect(self.run_tool(definition, store=False), 0)
        self.assertTrue((self.path / ".local/state/asl/run").is_dir())
        self.environment["XDG_STATE_HOME"] = str(self.path / "xdg")
        self.expect(self.run_tool(definition, store=False), 0)
        self.assertTrue((self.path / "xdg/asl/run").is_dir())
        self.environment["ASL_STORE"] = str(self.path / "own")
        self.expect(self.run_tool(definition, store=False), 0)
        self.assertTrue((self.path / "own").is_dir())

    def test_memory_keeps_nothing(self):
        definition = self.write("pass.asl.json", PASS)
        before = sorted(self.path.rglob("*"))
        self.expect(self.run_tool("--store", "memory", definition, store=False), 0)
        self.assertEqual(sorted(self.path.rglob("*")), before)

    def test_durability_that_is_not_full_is_said(self):
        path = self.write("m.asl.json", PASS)
        relaxed = self.run_tool("-c", "skip", "--durability", "relaxed", path)
        self.expect(relaxed, 0, stderr="durability is relaxed")
        full = self.run_tool("-c", "skip", "--durability", "full", path)
        self.assertEqual((full.returncode, full.stderr), (0, b""))
        self.expect(self.run_tool("--durability", "none", path), 2, "", "full or relaxed")

    def test_locked_store_is_said_to_be(self):
        process = self.start_tool("--name", "long", *SLOWLY, *self.order())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.wait_for_event("long", "WaitStateEntered")
        result = self.run_tool(self.write("pass.asl.json", PASS))
        self.expect(result, 6, "", r"(?s)process \d+ uses .*--store DIR")

    def test_corrupt_store_is_left_alone(self):
        definition = self.write("pass.asl.json", PASS)
        self.expect(self.run_tool(definition), 0)
        data = self.store / "data.mdb"
        garbage = b"no store\n" * 2000
        data.write_bytes(garbage)
        result = self.run_tool(definition)
        self.expect(result, 6, "", "cannot open the store")
        self.assertEqual(data.read_bytes(), garbage)

    def test_name_is_taken_once(self):
        definition = self.write("pass.asl.json", PASS)
        self.expect(self.run_tool("--name", "n", definition), 0)
        self.expect(self.run_tool("--name", "n", definition), 2, "", "--resume pass/n")
        self.expect(self.run_tool("--name", "a b", definition), 2, "", "a b")


class Interruption(ToolTest):
    def interrupt(self, number):
        process = self.start_tool("--name", "long", *SLOWLY, *self.order())
        self.wait_for_event("long", "WaitStateEntered")
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=HANG_S)
        self.assertEqual(stdout, b"")
        return process.returncode, stderr.decode()

    def resume(self):
        path = self.path / "history.json"
        result = self.run_tool("--clock", "skip", "--history", path, "--resume", "long")
        self.expect(result, 0)
        self.assertEqual(json.loads(result.stdout)["orderStatus"], "SUCCESS")
        events = json.loads(path.read_text())["events"]
        entered = [event["stateEnteredEventDetails"]["name"] for event in events
                   if "stateEnteredEventDetails" in event]
        self.assertEqual(len(entered), len(set(entered)))
        self.assertEqual([event["id"] for event in events], list(range(1, len(events) + 1)))
        return result.stdout

    def test_interrupted_execution_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.store = self.path / number.name
            code, stderr = self.interrupt(number)
            self.assertEqual(code, 130, stderr)
            self.assertIn("--store '%s' --resume order/long" % self.store, stderr)
            self.resume()

    def test_killed_execution_goes_on(self):
        code, stderr = self.interrupt(signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        output = self.resume()
        again = self.run_tool("--resume", "order/long")
        self.expect(again, 0, output.decode(), "ended already")

    def test_named_bindings_are_named_again(self):
        definition = self.write("t.asl.json", json.dumps({"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 6000, "Next": "A"},
            "A": json.loads(TASK)["States"]["A"]}}))
        bindings = self.write("elsewhere.json", json.dumps({"tasks": {
            "arn:aws:states:::local:work": {"command": {"argv": ["/bin/echo", "7"]}}}}))
        process = self.start_tool("--name", "long", "--tasks", bindings, definition)
        self.wait_for_event("long", "WaitStateEntered")
        process.send_signal(signal.SIGINT)
        process.communicate()
        self.assertEqual(process.returncode, 130)
        self.expect(self.run_tool("-c", "skip", "--resume", "long"), 2, "", "--tasks '.*elsewhere")
        self.expect(self.run_tool("-c", "skip", "--tasks", bindings, "--resume", "long"), 0, "7\n")

    def test_unknown_execution_is_said_to_be(self):
        self.expect(self.run_tool(self.write("pass.asl.json", PASS)), 0)
        self.expect(self.run_tool("--resume", "none"), 2, "", "no execution 'none'")


class Terminal(ToolTest):
    def run_on_terminal(self, *arguments, until=None):
        """Interrupts the tool once `until` is true of what was seen, where it is given."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        process = subprocess.Popen(self.command(*arguments), env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        seen = b""
        while True:
            try:
                block = os.read(master, 65536)
            except OSError:
                break
            if not block:
                break
            seen += block
            if until and until(seen.decode(errors="replace")):
                process.send_signal(signal.SIGINT)
                until = None
        os.close(master)
        output = process.communicate()[0]
        return process.returncode, output, seen.decode()

    def seconds_left(self, seen):
        return [int(minutes or 0) * 60 + int(seconds) for minutes, seconds in re.findall(
            r"WaitForChanges.*?Wait.*? (?:(\d+) min )?(\d+) s left\r\n", seen)]

    def test_states_are_shown_while_they_run(self):
        definition = self.write("w.asl.json", json.dumps({"StartAt": "WaitForChanges", "States": {
            "WaitForChanges": {"Type": "Wait", "Seconds": 3000, "End": True}}}))
        code, output, seen = self.run_on_terminal(
            "--clock", "10x", definition, until=lambda seen: len(set(self.seconds_left(seen))) > 10)
        self.assertEqual((code, output), (130, b""))
        seconds = self.seconds_left(seen)
        self.assertLess(seconds[0], 3001)
        self.assertEqual(seconds, sorted(seconds, reverse=True))
        self.assertRegex(seen, r"(?s) s left\r\n\x1b\[1A\r\x1b\[J(?!.* s left)")
        for line in re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", seen).split("\n"):
            self.assertLess("s left" in line and len(line.strip("\r")), 60)

    def test_nothing_is_left_of_them_at_the_end(self):
        code, output, seen = self.run_on_terminal("--clock", "60x", *self.order())
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(output)["orderStatus"], "SUCCESS")
        self.assertTrue(seen == "" or seen.endswith("\x1b[1A\r\x1b[J"), repr(seen[-100:]))

    def test_quiet_and_dumb_terminals_see_nothing(self):
        self.assertEqual(self.run_on_terminal("-q", "-c", "60x", *self.order())[2], "")
        self.environment["TERM"] = "dumb"
        self.assertEqual(self.run_on_terminal("-c", "60x", *self.order())[2], "")


class CommandLine(ToolTest):
    def test_usage_is_explained(self):
        self.expect(self.run_tool(store=False), 2, "", "which definition")
        self.expect(self.run_tool("--nonsense", store=False), 2, "", "unknown option --nonsense")
        self.expect(self.run_tool("--clock", "warp", "x", store=False), 2, "", "--clock is")
        self.expect(self.run_tool("a", "b", "c", store=False), 2, "", "too many")
        self.expect(self.run_tool("--store", store=False), 2, "", "needs a value")
        self.expect(self.run_tool("-", "-", store=False), 2, "", "not both")

    def test_help_and_version(self):
        for arguments in (["--help"], ["-h"]):
            result = self.run_tool(*arguments, store=False)
            self.expect(result, 0, stderr="^$")
            self.assertIn(b"--resume", result.stdout)
            self.assertLess(max(map(len, result.stdout.splitlines())), 100)
        self.assertRegex(self.run_tool("--version", store=False).stdout, rb"^asl-run \d+\.\d+\.\d+\n$")

    def test_asl_runs_its_sisters(self):
        result = self.run_tool("run", "--version", tool="asl", store=False)
        self.assertRegex(result.stdout, rb"^asl-run \d")
        self.assertIn(b"\n  run\n", self.run_tool("--help", tool="asl", store=False).stdout)
        self.expect(self.run_tool("nothing", tool="asl", store=False), 2, "", "no verb 'nothing'")

    def test_closed_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run(self.command("-c", "skip", *self.order()), stdout=full,
                                    stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                    env=self.environment, timeout=HANG_S)
        self.assertEqual(result.returncode, 70)
        self.assertIn(b"No space left", result.stderr)


if __name__ == "__main__":
    TOOLS = pathlib.Path(sys.argv[1]).resolve()
    DEFINITIONS = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
