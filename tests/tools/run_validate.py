#!/usr/bin/env python3
"""asl-validate from outside: what it says of definitions, in text and for programs.

usage: run_validate.py TOOLS DEFINITIONS ENGINE [TEST]...   ENGINE is the library's source folder
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOOLS = DEFINITIONS = ENGINE = None
PASS = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
WRONG = """{
  "StartAt": "Strat",
  "States": {
    "Start": {"Type": "Pass", "Nxt": "End"},
    "End": {"Type": "Succeed"}
  }
}
"""
WARNED = """{"StartAt": "C", "States": {
 "C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": true, "Next": "S"}]},
 "S": {"Type": "Succeed"}}}
"""
SUBSTITUTED = """{"StartAt": "W", "States": {
 "W": {"Type": "Wait", "Seconds": ${Delay}, "Comment": "for ${Who}", "End": true}}}
"""


class ValidateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.environment = dict(os.environ, TERM="xterm")
        self.environment.pop("NO_COLOR", None)

    def write(self, text, name="d.asl.json"):
        path = self.path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def validate(self, *arguments, stdin=b"", code=0, tool="asl-validate"):
        result = subprocess.run([TOOLS / tool, *arguments], input=stdin, cwd=self.path,
                                env=self.environment, timeout=240, capture_output=True)
        if code is not None:
            self.assertEqual(result.returncode, code, result.stderr.decode())
        return result.stdout.decode(), result.stderr.decode()

    def objects(self, *arguments, **options):
        stdout, stderr = self.validate("-o", "jsonl", *arguments, **options)
        return [json.loads(line) for line in stdout.splitlines()]


class Text(ValidateTest):
    def test_valid_definition_is_silent(self):
        self.assertEqual(self.validate(self.write(PASS)), ("", ""))

    def test_shipped_definitions_are_valid(self):
        shipped = sorted(DEFINITIONS.glob("*.asl.json"))
        self.assertTrue(shipped)
        self.validate(*shipped)

    def test_problems_stand_under_a_caret_with_a_hint(self):
        stdout, stderr = self.validate(self.write(WRONG), code=3)
        self.assertEqual(stdout, "")
        self.assertIn(
            "d.asl.json:2:14: error: Missing 'Next' target: Strat [MISSING_TRANSITION_TARGET] at "
            "/StartAt\n"
            '     2 |   "StartAt": "Strat",\n'
            "       |              ^~~~~~~\n"
            "         hint: did you mean 'Start'?\n", stderr)
        self.assertRegex(stderr, r"(?s)d\.asl\.json:4:31: error: Field 'Nxt' is not supported "
                                 r".*hint: did you mean 'Next'\?")
        self.assertRegex(stderr, r"asl-validate: error: d\.asl\.json: \d errors, 0 warnings\n\Z")

    def test_broken_json_is_shown_without_being_quoted(self):
        _, stderr = self.validate(self.write('{"StartAt": nonsense}'), code=3)
        self.assertEqual(stderr.splitlines()[0],
                         "d.asl.json:1:13: error: Unrecognized token 'nonsense': was expecting "
                         "(JSON String, Number, Array, Object or token 'null', 'true' or 'false') "
                         "[INVALID_JSON_DESCRIPTION] at /")
        self.assertIn("       |             ^~~~~~~~\n", stderr)

    def test_warnings_are_errors_where_strict(self):
        path = self.write(WARNED)
        _, stderr = self.validate(path)
        self.assertRegex(stderr, r"d\.asl\.json:2:2: warning: .* \[CHOICE_WITHOUT_DEFAULT\]")
        self.assertEqual(self.validate("--quiet", path), ("", ""))
        _, stderr = self.validate("--strict", "--quiet", path, code=3)
        self.assertIn("CHOICE_WITHOUT_DEFAULT", stderr)

    def test_many_problems_are_counted_to_a_limit(self):
        states = {"S%d" % i: {"Type": "Pass", "Nxt": 1} for i in range(1100)}
        path = self.write(json.dumps({"StartAt": "S0", "States": states}))
        _, stderr = self.validate(path, code=3)
        self.assertTrue(stderr.endswith("and more\n"), stderr[-200:])
        said = self.objects(path, code=3)[0]
        self.assertIs(said["truncated"], True)
        self.assertEqual(len(said["diagnostics"]), 1000)

    def test_colours_only_where_wanted(self):
        path = self.write(WRONG)
        self.assertNotIn("\x1b", self.validate(path, code=3)[1])
        self.assertIn("\x1b[31merror\x1b[0m", self.validate("--color", "always", path, code=3)[1])
        self.validate("--color", "pink", path, code=2)

    def test_names_and_keys_cannot_drive_a_terminal(self):
        name = self.write('{"StartAt": "\\u001b[31m", "States": {"a\u202eb": {"Type": "\x07\u009b"}}}',
                          "x\x1b[2J\u202e.json")
        for arguments in ([name], ["-"], ["--color", "always", name]):
            stdin = (self.path / name).read_bytes()
            _, stderr = self.validate(*arguments, stdin=stdin, code=3)
            plain = re.sub(r"\x1b\[\d*m", "", stderr) if len(arguments) > 1 else stderr
            self.assertNotRegex(plain, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")
        stdout, _ = self.validate("-o", "json", name, code=3)
        self.assertEqual(json.loads(stdout)["file"], name)

    def test_type_is_heeded(self):
        path = self.write('{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true, '
                          '"Resource": "arn:aws:states:us-east-1:123456789012:activity:a"}}}')
        for kind, is_refused in (("STANDARD", False), ("EXPRESS", True)):
            codes = [problem["code"] for said in self.objects("--type", kind, path, code=None)
                     for problem in said["diagnostics"]]
            self.assertEqual("SCHEMA_VALIDATION_FAILED" in codes, is_refused, codes)
        self.validate("--type", "FAST", path, code=2)


class Programs(ValidateTest):
    def test_json_has_the_shape_of_the_service_and_ranges(self):
        stdout, stderr = self.validate("-o", "json", self.write(WRONG), code=3)
        self.assertEqual(stderr, "")
        said = json.loads(stdout)
        self.assertEqual(list(said), ["file", "result", "diagnostics", "truncated"])
        self.assertEqual((said["file"], said["result"], said["truncated"]),
                         ("d.asl.json", "FAIL", False))
        problem = next(p for p in said["diagnostics"] if p["location"] == "/StartAt")
        start = WRONG.index('"Strat"')
        self.assertEqual(problem, {
            "severity": "ERROR", "code": "MISSING_TRANSITION_TARGET",
            "message": "Missing 'Next' target: Strat", "location": "/StartAt",
            "pointer": "/StartAt",
            "range": {"start": {"line": 2, "column": 14, "offset": start},
                      "end": {"line": 2, "column": 21, "offset": start + 7}},
            "hint": "did you mean 'Start'?"})

    def test_every_range_is_in_its_text(self):
        text = WRONG.replace("Strat", "Str\u00e4t\U0001f600")
        raw = text.encode()
        for problem in self.objects(self.write(text), code=3)[0]["diagnostics"]:
            for place in problem["range"].values():
                before = raw[:place["offset"]].decode()
                self.assertEqual(place["line"], before.count("\n") + 1)
                self.assertEqual(place["column"], len(before) - before.rfind("\n"))

    def test_warnings_leave_the_result_ok(self):
        said = self.objects(self.write(WARNED))[0]
        self.assertEqual(said["result"], "OK")
        self.assertEqual([p["severity"] for p in said["diagnostics"]], ["WARNING"])
        self.assertEqual(self.objects("--strict", "d.asl.json", code=3)[0]["result"], "FAIL")

    def test_several_files_are_all_checked(self):
        files = [self.write(WRONG, "a.json"), self.write(PASS, "b.json"), self.write("", "c.json")]
        said = self.objects(*files, code=3)
        self.assertEqual([(s["file"], s["result"]) for s in said],
                         [("a.json", "FAIL"), ("b.json", "OK"), ("c.json", "FAIL")])

    def test_dash_is_standard_input(self):
        self.assertEqual(self.objects("-", stdin=PASS.encode())[0]["file"], "-")
        _, stderr = self.validate("-", stdin=WRONG.encode(), code=3)
        self.assertIn("standard input:2:14: error: ", stderr)

    def test_file_that_cannot_be_read_outweighs_what_is_invalid(self):
        path = self.write(WRONG)
        for arguments in (["none.json", path], [path, "none.json"], [path, "."]):
            stdout, stderr = self.validate("-o", "jsonl", *arguments, code=2)
            self.assertEqual(json.loads(stdout)["result"], "FAIL")
            self.assertRegex(stderr, "No such file|it is a folder")


class Usage(ValidateTest):
    def test_usage_is_explained(self):
        self.assertIn("no definition is named", self.validate(code=2)[1])
        self.assertIn("unknown option --nonsense", self.validate("--nonsense", code=2)[1])
        self.assertIn("json or jsonl", self.validate("-o", "xml", "x", code=2)[1])
        self.assertIn("takes no files", self.validate("--explain", "NO_PATH", "x", code=2)[1])
        self.assertIn("--explain CODE", self.validate("--help")[0])
        self.assertEqual(self.validate("validate", "--help", tool="asl"), self.validate("--help"))

    def test_every_code_is_explained_and_no_other(self):
        source = "".join(path.read_text() for path in sorted((ENGINE / "definition").glob("*.c")))
        codes = set(re.findall(r'\bcode = "([A-Z_]+)"', source))
        codes |= set(re.findall(r'(?:asl_warn|report_text)\(\s*loader,\s*"([A-Z_]+)"', source))
        self.assertGreater(len(codes), 20)
        self.assertLessEqual({"UNSUPPORTED", "NO_DOLLAR", "DEFINITION_TOO_LARGE"}, codes)
        _, stderr = self.validate("--explain", "nothing", code=2)
        listed = re.search(r"^codes: (.*)$", stderr, re.M).group(1).split()
        self.assertEqual(sorted(codes), listed)
        for code in codes:
            stdout, _ = self.validate("--explain", code)
            first, meaning = stdout.split("\n", 1)
            self.assertEqual(first, code)
            self.assertGreater(len(meaning), 20)
            self.assertLessEqual(max(map(len, meaning.splitlines())), 100)


class Substitutions(ValidateTest):
    def test_values_come_from_options_and_a_file(self):
        path = self.write(SUBSTITUTED)
        values = self.write('{"Delay": 5, "Who": "ev\\"er"}', "values.json")
        self.assertEqual(self.validate("--substitute", "Delay=5", "--substitute", "Who=", path),
                         ("", ""))
        self.assertEqual(self.validate("--substitutions", values, path), ("", ""))
        said = self.objects("--substitutions", values, "--substitute", "Delay=-5", path, code=3)
        self.assertEqual(said[0]["diagnostics"][0]["message"], "Minimum value is 0")

    def test_problems_are_shown_at_the_name(self):
        path = self.write(SUBSTITUTED)
        _, stderr = self.validate("--substitute", "Delay=-1000000", "--substitute", "Wo=1", path,
                                  code=3)
        self.assertIn("d.asl.json:2:35: error: Minimum value is 0 ", stderr)
        self.assertRegex(stderr, r"d\.asl\.json:2:61: warning: .* \[UNKNOWN_SUBSTITUTION\]")
        self.assertIn("hint: did you mean 'Wo'?", stderr)

    def test_what_is_no_value_is_refused(self):
        path = self.write(SUBSTITUTED)
        for given in ("Delay", "=5", "a b=5"):
            self.validate("--substitute", given, path, code=2)
        for text in ("[]", '{"Delay": null}', '{"Delay": ', '{"a b": 1}'):
            self.validate("--substitutions", self.write(text, "values.json"), path, code=2)
        self.validate("--substitutions", "none.json", path, code=2)

    def test_execution_runs_what_was_substituted(self):
        definition = self.write('{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true, '
                                '"Result": ["${A}", ${A}, "${B}"]}}}')
        stdout, stderr = self.validate(
            "--store", "memory", "--substitute", "A=1", "--substitute", 'B="b"', definition,
            tool="asl-run")
        self.assertEqual(json.loads(stdout), ["1", 1, '"b"'])
        self.assertEqual(stderr, "")


if __name__ == "__main__":
    TOOLS, DEFINITIONS, ENGINE = (pathlib.Path(text).resolve() for text in sys.argv[1:4])
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
