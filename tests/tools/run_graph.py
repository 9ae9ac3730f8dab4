#!/usr/bin/env python3
"""asl-graph from outside: well-formed pictures of definitions and executions, and what it refuses.

usage: run_graph.py TOOLS DEFINITIONS [TEST]...     TOOLS is the folder of the built programs
"""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest
import xml.etree.ElementTree as tree

sys.dont_write_bytecode = True

import run_tools

DEFINITIONS = None
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(\"1\")</script>&amp;\t\n\u0001'\u202e\u6f22 ]]> --> \\N #quot; `x`"
WAIT = {"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "W"},
    "W": {"Type": "Wait", "Seconds": 500, "Next": "B"},
    "B": {"Type": "Succeed"}}}


class GraphTest(run_tools.ToolTest):
    def graph(self, *arguments, code=0, stderr="", store=False, stdin=None):
        result = self.run_tool(*arguments, tool="asl-graph", store=store, stdin=stdin)
        self.expect(result, code, stderr=stderr)
        return result.stdout.decode()

    def picture(self, *arguments, **options):
        text = self.graph(*arguments, **options)
        return tree.fromstring(text), text

    def states(self, root):
        """The classes of each state by its name."""
        return {group.get("data-state"): group.get("class").split()
                for group in root.iter(SVG + "g") if group.get("data-state") is not None}


class Pictures(GraphTest):
    def test_shipped_definitions_are_drawn(self):
        paths = sorted(DEFINITIONS.glob("*.asl.json"))
        self.assertTrue(paths)
        for path in paths:
            root, text = self.picture(path)
            self.assertEqual(set(self.states(root)), set(json.loads(path.read_text())["States"]))
            self.assertEqual(root.get("role"), "img")
            self.assertEqual(root.get("viewBox"), "0 0 %s %s" % (root.get("width"), root.get("height")))
            self.assertEqual(root.find(SVG + "title").text, path.name.replace(".asl.json", ""))
            self.assertIn("states.", root.find(SVG + "desc").text)
            self.assertIn("prefers-color-scheme:dark", root.find(SVG + "style").text)
            self.assertEqual(self.graph(path), text)  # the same again

    def test_texts_cannot_leave_their_place(self):
        text = json.dumps({"StartAt": HOSTILE, "States": {
            HOSTILE: {"Type": "Task", "Resource": HOSTILE, "Next": "B", "Catch": [
                {"ErrorEquals": [HOSTILE], "Next": "B"}]},
            "B": {"Type": "Choice", "Choices": [
                {"Variable": "$.a", "StringEquals": HOSTILE, "Next": "C"}], "Default": "C"},
            "C": {"Type": "Fail", "Error": HOSTILE}}})
        root, drawn = self.picture(self.write("d.json", text), "--title", HOSTILE)
        allowed = {"svg", "title", "desc", "style", "rect", "g", "path", "text", "circle"}
        self.assertEqual({element.tag.replace(SVG, "") for element in root.iter()} - allowed, set())
        self.assertEqual(set(self.states(root)), {HOSTILE.replace("\u0001", "\ufffd"), "B", "C"})
        self.assertEqual([key for element in root.iter() for key in element.attrib
                          if key.startswith("on") or "href" in key], [])
        self.assertNotIn("\u0001", drawn)

    def test_standard_input_and_substitutions(self):
        text = '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${S}, "End": true}}}'
        _, drawn = self.picture("-", "--substitute", "S=77", stdin=text.encode())
        self.assertIn("Wait \u00b7 77 s", drawn)

    def test_dot_is_dot(self):
        path = self.write("d.json", json.dumps({"StartAt": "P\"", "States": {"P\"": {
            "Type": "Parallel", "End": True, "Branches": [
                {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}},
                {"StartAt": "\\", "States": {"\\": {"Type": "Fail"}}}]}}}))
        text = self.graph("--format", "dot", path)
        self.assertTrue(text.startswith("digraph {\n"))
        unquoted = re.sub(r'"(?:\\.|[^"\\])*"', "", text)
        self.assertNotIn('"', unquoted)
        self.assertEqual(unquoted.count("{"), unquoted.count("}"))
        if shutil.which("dot"):
            made = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True)
            self.assertEqual((made.returncode, made.stderr), (0, b""))

    def test_mermaid_is_a_flowchart(self):
        text = self.graph("-f", "mermaid", DEFINITIONS / "order.asl.json")
        lines = text.splitlines()
        self.assertEqual(lines[:2], ["flowchart TD", "accTitle: order"])
        for line in lines[2:]:
            self.assertRegex(line, r'^n\d+(\[|\{\{|\(|\[/).*(\]|\}\}|\)|/\])$|'
                                   r'^n\d+ (-->|-\.->|==>)(\|"[^"]*"\|)? n\d+$')

    def test_usage(self):
        path = self.write("d.json", json.dumps(WAIT))
        self.graph(code=2, stderr="name a definition, or an execution with --execution")
        self.graph(path, path, code=2, stderr="one definition is drawn at a time")
        self.graph("-f", "png", path, code=2, stderr="--format is svg, dot or mermaid, not 'png'")
        self.graph("--store", self.store, path, code=2, stderr="name it with --execution")
        self.graph(self.path / "none.json", code=2, stderr="none.json")
        self.graph(self.write("e.json", '{"StartAt": "A"}'), code=3, stderr="States")
        self.graph("-e", "one", code=6, store=True, stderr="there is no store in")
        self.assertIn("Exit codes: 0 drawn", self.graph("--help"))


class Executions(GraphTest):
    def start(self, name, text, *options, code=0):
        self.expect(self.run_tool("-c", "skip", "-n", name, *options, self.write("m.json", text)), code)

    def test_a_success_is_marked(self):
        self.start("one", json.dumps(WAIT))
        root, _ = self.picture("--execution", "one", store=True)
        self.assertEqual(root.find(SVG + "title").text, "one")
        for name, classes in self.states(root).items():
            self.assertIn("visited", classes, name)
            self.assertNotIn("current", classes, name)
        taken = [group for group in root.iter(SVG + "g")
                 if group.get("class").split()[:1] == ["edge"] and "visited" in group.get("class")]
        self.assertEqual(len(taken), 4)
        self.assertEqual(self.states(self.picture("-e", "m/one", self.path / "m.json", store=True)[0]),
                         self.states(root))

    def test_a_failure_and_what_caught_it(self):
        box = {"StartAt": "P", "States": {
            "P": {"Type": "Parallel", "Next": "E", "Branches": [
                {"StartAt": "Y", "States": {"Y": {"Type": "Wait", "Seconds": 9, "End": True}}},
                {"StartAt": "X", "States": {"X": {"Type": "Fail", "Error": "Gone"}}}],
                "Catch": [{"ErrorEquals": ["Gone"], "Next": "C"}]},
            "E": {"Type": "Succeed"},
            "C": {"Type": "Fail", "Error": "Caught"}}}
        self.start("two", json.dumps(box), code=1)
        root, _ = self.picture("-e", "two", store=True)
        states = {name: set(classes) & {"visited", "current", "failed", "caught"}
                  for name, classes in self.states(root).items()}
        self.assertEqual(states, {
            "P": {"visited", "caught"}, "X": {"visited", "failed"}, "Y": {"visited"}, "E": set(),
            "C": {"visited", "failed"}})
        self.assertIn("Failed: X, C. Caught an error: P.", root.find(SVG + "desc").text)

    def test_one_that_runs_is_where_it_is(self):
        process = self.start_tool("-n", "three", self.write("m.json", json.dumps(WAIT)))
        self.addCleanup(process.kill)
        self.wait_for_event("three", "WaitStateEntered")
        root, _ = self.picture("-e", "three", store=True)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=run_tools.HANG_S)
        states = self.states(root)
        self.assertIn("current", states["W"])
        self.assertNotIn("visited", states["B"])
        self.assertIn("In execution: W.", root.find(SVG + "desc").text)

    def test_another_definition_is_told(self):
        self.start("four", json.dumps(WAIT))
        other = self.write("o.json", json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
        self.graph("-e", "four", other, store=True, stderr="states that the definition does not have")
        self.graph("-e", "none", store=True, code=2, stderr="no execution 'none' in the store")


if __name__ == "__main__":
    run_tools.TOOLS = pathlib.Path(sys.argv[1]).resolve()
    DEFINITIONS = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
