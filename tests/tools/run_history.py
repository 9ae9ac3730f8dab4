#!/usr/bin/env python3
"""asl-history as a person and a program meet it: lists, descriptions, histories and their pages.

usage: run_history.py TOOLS [TEST]...     TOOLS is the folder of the built programs
"""

import json
import pathlib
import re
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

import run_tools

WAIT = (
    '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 2, "Next": "B"},'
    ' "B": {"Type": "Pass", "Assign": {"v": 1}, "End": true}}}'
)
LONG = WAIT.replace("2", "200")
FAIL = '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}'
LATE = (
    '{"StartAt": "A", "TimeoutSeconds": 1, "States": {"A": {"Type": "Wait", "Seconds": 9,'
    ' "End": true}}}'
)
ARN = "arn:aws:states:us-east-1:000000000000:"


class HistoryTest(run_tools.ToolTest):
    def start(self, name, text=WAIT, *options, code=0):
        path = self.write("m.asl.json", text)
        given = self.write("input.json", '{"a": 1}')
        result = self.run_tool("-c", "skip", "-n", name, *options, path, given)
        self.expect(result, code)

    def history(self, *arguments, code=0, stderr=""):
        result = self.run_tool(*arguments, tool="asl-history")
        self.expect(result, code, stderr=stderr)
        return result.stdout.decode()

    def json(self, *arguments):
        return json.loads(self.history("-o", "json", *arguments))


class Lists(HistoryTest):
    def test_statuses_choose(self):
        self.start("one")
        self.start("two", FAIL, code=1)
        self.start("three", LATE, code=4)
        for status, names in (
            ("SUCCEEDED", ["one"]), ("FAILED", ["two"]), ("TIMED_OUT", ["three"]), ("RUNNING", []),
        ):
            listed = self.json("--status", status)["executions"]
            self.assertEqual([one["name"] for one in listed], names)
        self.history("--status", "succeeded", code=2, stderr="--status is")

    def test_pages_follow_each_other(self):
        for i in range(5):
            self.start("n%d" % i)
        seen, token = [], []
        while True:
            page = self.json("--max-results", "2", *token)
            seen += [one["name"] for one in page["executions"]]
            if "nextToken" not in page:
                break
            token = ["--next-token", page["nextToken"]]
        self.assertEqual(seen, ["n4", "n3", "n2", "n1", "n0"])
        self.history("-o", "json", "--next-token", "x", code=2, stderr="--next-token takes")
        self.history("-o", "json", "--max-results", "0", code=2, stderr="from 1 to 1000")
        self.history("-o", "json", "--max-results", "1001", code=2, stderr="from 1 to 1000")
        self.history("--max-results", "2", code=2, stderr="-o json")

    def test_express_executions_are_found_by_what_the_list_shows(self):
        self.start("same", WAIT, "--type", "EXPRESS")
        self.start("same", WAIT, "--type", "EXPRESS")
        names = [one["name"] for one in self.json()["executions"]]
        self.assertEqual(len(set(names)), 2)
        for name in names:
            self.assertRegex(name, "^same:[0-9a-f-]{36}$")
            shown = self.json("-d", name)
            self.assertEqual(shown["executionArn"], ARN + "express:m:" + name)
            self.assertEqual(shown["name"], "same")
            billed = shown["billingDetails"]["billedDurationInMilliseconds"]
            self.assertEqual((billed >= 2000, billed % 100), (True, 0))
            self.assertEqual(self.json("-d", shown["executionArn"]), shown)


    def test_an_interrupted_express_execution_goes_on_as_what_it_was(self):
        process = self.start_tool("-n", "same", "--type", "EXPRESS", self.write("m.asl.json", LONG))
        self.addCleanup(process.kill)
        name, deadline = None, time.monotonic() + 30
        while name is None and time.monotonic() < deadline:
            listed = self.run_tool(tool="asl-history").stdout.decode()
            name = re.search("same:[0-9a-f-]{36}", listed)
        self.assertIsNotNone(name)
        process.send_signal(signal.SIGINT)
        message = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 130, message)
        self.assertIn("--resume m/" + name.group(), message)
        result = self.run_tool("-c", "skip", "-o", "json", "--resume", "m/" + name.group())
        self.expect(result, 0)
        self.assertEqual(json.loads(result.stdout)["executionArn"],
                         ARN + "express:m:" + name.group())
        self.expect(self.run_tool("--type", "EXPRESS", "--resume", name.group()), 2, "", "as what")
        self.expect(self.run_tool("--type", "express", "m.asl.json"), 2, "", "--type is")


class Descriptions(HistoryTest):
    def test_success(self):
        self.start("one")
        shown = self.json("-d", "one")
        self.assertEqual(shown["executionArn"], ARN + "execution:m:one")
        self.assertEqual(shown["stateMachineArn"], ARN + "stateMachine:m")
        self.assertEqual((shown["status"], json.loads(shown["output"])), ("SUCCEEDED", {"a": 1}))
        self.assertEqual(shown["redriveStatus"], "NOT_REDRIVABLE")
        self.assertEqual(self.json("-d", shown["executionArn"]), shown)
        text = self.history("-d", "one")
        self.assertIn('input      {"a": 1}\n', text)
        self.assertRegex(text, r"took       \d+\.\d s\n")

    def test_failure_and_timeout(self):
        self.start("two", FAIL, code=1)
        self.start("three", LATE, code=4)
        self.assertEqual(self.json("-d", "two")["error"], "E")
        self.assertNotIn("error", self.json("-d", "three"))
        self.assertRegex(self.history("-d", "two"), "error      E\ncause      c\n")

    def test_what_is_not_there(self):
        self.start("one")
        self.history("-d", "none", code=2, stderr="no execution 'none'")
        self.history("-d", ARN + "execution:m:none", code=2, stderr="no execution")
        self.history("-d", "arn:aws:states:::sns:publish", code=2, stderr="not the ARN")
        self.history("-d", code=2, stderr="which execution")
        self.history("-d", "--max-results", "2", "one", code=2, stderr="no pages")
        self.history("-n", "2", "one", code=2, stderr="for lists")


class Pages(HistoryTest):
    def pages(self, *options):
        events, token = [], []
        while True:
            page = self.json(*options, *token, "one")
            events += page["events"]
            if "nextToken" not in page:
                return events
            token = ["--next-token", page["nextToken"]]

    def test_pages_together_are_the_history(self):
        self.start("one")
        whole = self.json("one")["events"]
        self.assertEqual(self.pages("--max-results", "2"), whole)
        self.assertEqual(self.pages("--max-results", "4", "-r"), whole[::-1])
        self.assertEqual(self.json("-r", "one")["events"], whole[::-1])

    def test_without_data(self):
        self.start("one")
        text = json.dumps(self.json("--without-data", "one"))
        self.assertNotRegex(text, '"(input|output|assignedVariables|inputDetails)"')
        self.assertRegex(text, '"name": "B"')

    def test_tokens_are_checked(self):
        self.start("one")
        self.start("two")
        token = self.json("--max-results", "2", "one")["nextToken"]
        for arguments in (["two"], ["-r", "one"]):
            self.history("-o", "json", "--next-token", token, *arguments, code=2, stderr="no token")
        for wrong in ("", "x", token[:-1], token + "A", token.swapcase()):
            self.history("-o", "json", "--next-token", wrong, "one", code=2, stderr="no token")
        self.history("--next-token", token, "one", code=2, stderr="-o json")


if __name__ == "__main__":
    run_tools.TOOLS = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
