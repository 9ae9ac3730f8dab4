#!/usr/bin/env python3
"""asl-eval as a person and a program meet it: values, errors with their place, both languages.

usage: run_eval.py TOOLS [TEST]...     TOOLS is the folder of the built programs
"""

import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True

import run_tools

ORDER = '{"name": "Pizza", "quantity": 3, "lines": [{"price": 2.5}, {"price": 4}]}'


class Evaluation(run_tools.ToolTest):
    def evaluate(self, *arguments, code=0, stderr=""):
        path = self.write("order.json", ORDER)
        given = [path if argument == "ORDER" else argument for argument in arguments]
        result = self.run_tool(*given, tool="asl-eval", store=False)
        self.expect(result, code, stderr=stderr)
        return result.stdout.decode()

    def value(self, *arguments):
        return json.loads(self.evaluate("-o", "json", *arguments))

    def test_an_expression_gives_json(self):
        self.assertEqual(self.value("$sum(lines.price) * quantity", "ORDER"), 19.5)
        self.assertEqual(self.value("{'n': name}", "ORDER"), {"n": "Pizza"})
        self.assertEqual(self.evaluate("{'n': name}", "ORDER"), '{\n  "n": "Pizza"\n}\n')

    def test_nothing_is_printed_for_nothing(self):
        self.assertEqual(self.evaluate("nothing.at.all", "ORDER"), "")

    def test_variables_are_bound(self):
        self.assertEqual(self.value("$x + $y.z", "-b", "x=1", "-b", 'y={"z": 2}'), 3)

    def test_errors_have_code_and_caret(self):
        self.evaluate('1 + "a"', code=1, stderr=r'T2002: .*number\n.*1 \+ "a"\n.*\^')
        self.evaluate("(1", code=2, stderr=r'S0203: Expected "\)" before end of expression')

    def test_the_dialect_of_step_functions(self):
        self.assertEqual(self.value("-s", "$range(1, $states.input.quantity, 1)", "ORDER"), [1, 2, 3])
        self.evaluate("-s", "name", code=2, stderr="Reference to 'name' at the top level")

    def test_paths_and_intrinsics(self):
        jsonpath = ("-l", "jsonpath")
        self.assertEqual(self.value(*jsonpath, "$.lines[*].price", "ORDER"), [2.5, 4])
        self.assertEqual(
            self.value(*jsonpath, "States.Format('{} x {}', $.quantity, $.name)", "ORDER"), "3 x Pizza"
        )
        self.evaluate(*jsonpath, "$.nope", "ORDER", code=1, stderr="States.Runtime: .*could not be found")
        self.evaluate(*jsonpath, "nope", "ORDER", code=2, stderr="no JSONPath")

    def test_usage(self):
        self.evaluate(code=2, stderr="one expression")
        self.evaluate("1", "-l", "xpath", code=2, stderr="jsonata or jsonpath")
        self.evaluate("1", "-b", "x", code=2, stderr="NAME=JSON")
        self.evaluate("1", "/nowhere.json", code=2, stderr="nowhere.json")


if __name__ == "__main__":
    run_tools.TOOLS = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
