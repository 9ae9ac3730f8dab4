#!/usr/bin/env python3
"""asl-run with mocks and with a clock that skips, from outside.

usage: run_mocks.py TOOLS DEFINITIONS [TEST]...     TOOLS is the folder of the built programs
"""

import datetime
import json
import pathlib
import re
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

import run_tools

WORK = "arn:aws:states:::local:work"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:Work"


def task(resource=WORK, **members):
    return {"Type": "Task", "Resource": resource, **({"End": True} if "Next" not in members else {}),
            **members}


def machine(states, **members):
    return json.dumps({"StartAt": next(iter(states)), "States": states, **members})


def mock_file(responses, states=None, name="m", case="Case"):
    states = states or {state: state for state in responses}
    return {"StateMachines": {name: {"TestCases": {case: states}}}, "MockedResponses": responses}


RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3600, "BackoffRate": 1}]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.error"}]


class MockTest(run_tools.ToolTest):
    def define(self, states, name="m", **members):
        self.definition = self.write(name + ".asl.json", machine(states, **members))
        return self.definition

    def mocks(self, content, name="mocks.json"):
        return self.write(name, content if isinstance(content, str) else json.dumps(content))

    def play(self, *arguments, clock="skip"):
        """Runs the definition; the history is in self.events afterwards."""
        path = self.path / "history.json"
        result = self.run_tool("--store", "memory", "-c", clock, "--history", path, *arguments,
                               self.definition, store=False)
        text = path.read_text() if path.exists() else ""
        self.events = json.loads(text)["events"] if text else []
        return result

    def played(self, *arguments, **options):
        result = self.play(*arguments, **options)
        self.expect(result, 0)
        return json.loads(result.stdout)

    def types(self):
        return [event["type"] for event in self.events]

    def seconds(self, first, last):
        """Between the first event of a type and the last one of another."""
        def time_of(event):
            return datetime.datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))
        start = next(event for event in self.events if event["type"] == first)
        end = [event for event in self.events if event["type"] == last][-1]
        return (time_of(end) - time_of(start)).total_seconds()

    def bind(self, **commands):
        """Binds "arn:aws:states:::local:NAME" to a line of shell."""
        return self.write("bound.json", json.dumps({"tasks": {
            "arn:aws:states:::local:" + name: {"command": {"argv": ["/bin/sh", "-c", line]}}
            for name, line in commands.items()}}))


class MockFiles(MockTest):
    def test_case_is_named_or_the_only_one(self):
        self.define({"A": task()})
        path = self.mocks(mock_file({"One": {"0": {"Return": 1}}}, {"A": "One"}))
        self.assertEqual(self.played("--mock", path), 1)
        self.assertEqual(self.played("--mock", "%s#Case" % path), 1)
        content = mock_file({"One": {"0": {"Return": 1}}, "Two": {"0": {"Return": 2}}},
                            {"A": "One"})
        content["StateMachines"]["m"]["TestCases"]["Other"] = {"A": "Two"}
        path = self.mocks(content)
        self.assertEqual(self.played("--mock", "%s#Other" % path), 2)
        self.expect(self.play("--mock", path), 2, "", r"which test case\? Here are 'Case', 'Other'")
        self.expect(self.play("--mock", "%s#None" % path), 2, "",
                    r"mocks.json:1:\d+: there is no test case 'None' here, only 'Case', 'Other'")

    def test_machine_is_the_file_s_name_or_the_only_one(self):
        self.define({"A": task()})
        content = mock_file({"R": {"0": {"Return": 1}}}, {"A": "R"}, name="other")
        self.assertEqual(self.played("--mock", self.mocks(content)), 1)
        content["StateMachines"]["third"] = {}
        self.expect(self.play("--mock", self.mocks(content)), 2, "",
                    "there is no state machine 'm' here, only 'other', 'third'")
        content["StateMachines"]["m"] = content["StateMachines"]["other"]
        self.assertEqual(self.played("--mock", self.mocks(content)), 1)

    def test_name_of_a_file_may_hold_a_number_sign(self):
        self.define({"A": task()})
        path = self.mocks(mock_file({"A": {"0": {"Return": 1}}}), name="a#b.json")
        self.assertEqual(self.played("--mock", path), 1)
        self.assertEqual(self.played("--mock", "%s#Case" % path), 1)

    def test_tries_are_counted(self):
        self.define({"A": task(Retry=RETRY)})
        path = self.mocks(mock_file({"A": {
            "0": {"Throw": {"Error": "First", "Cause": "one"}},
            "1-2": {"Throw": {"Error": "Second"}},
            "3": {"Return": {"number": 0.0}}}}))
        result = self.play("--mock", path)
        self.expect(result, 0, '{"number":0.0}\n')
        failed = [event["taskFailedEventDetails"] for event in self.events
                  if event["type"] == "TaskFailed"]
        self.assertEqual([(one["error"], one.get("cause")) for one in failed],
                         [("First", "one"), ("Second", None), ("Second", None)])

    def test_loops_and_iterations_go_on_counting(self):
        self.define({
            "Again": task(Next="Look"),
            "Look": {"Type": "Choice", "Default": "Again", "Choices": [
                {"Variable": "$.done", "BooleanEquals": True, "Next": "All"}]},
            "All": {"Type": "Map", "ItemsPath": "$.items", "End": True, "MaxConcurrency": 1,
                    "ItemProcessor": {"StartAt": "Each", "States": {"Each": task(Retry=RETRY)}}}})
        path = self.mocks(mock_file({
            "Again": {"0-1": {"Return": {"done": False}},
                      "2": {"Return": {"done": True, "items": [1, 2, 3]}}},
            "Each": {"0": {"Return": "a"}, "1": {"Throw": {"Error": "E"}}, "2": {"Return": "b"},
                     "3": {"Return": "c"}}}))
        self.assertEqual(self.played("--mock", path), ["a", "b", "c"])

    def test_invocation_without_answer_ends_the_execution(self):
        self.define({"A": task(Retry=RETRY, Catch=CATCH), "Caught": {"Type": "Pass", "End": True}})
        path = self.mocks(mock_file({"A": {"0": {"Throw": {"Error": "E"}}}}))
        result = self.play("--mock", path)
        self.expect(result, 1, "", r"\AStates.Runtime: The mocked response 'A' of the state 'A' has "
                    "no answer for invocation 1\n\\Z")
        self.assertEqual(self.types()[-2:], ["TaskFailed", "ExecutionFailed"])
        self.expect(self.play("--mock", self.mocks(mock_file({"A": {}}))), 1, "", "invocation 0")

    def test_gap_is_warned_of(self):
        self.define({"A": task()})
        path = self.mocks(mock_file({"A": {"3": {"Return": 1}, "0": {"Return": 2}}}))
        result = self.play("--mock", path)
        self.expect(result, 0, "2\n", r'mocks.json:1:\d+: nothing before "3" answers invocation 1')

    def test_states_are_mocked_one_by_one(self):
        self.define({"A": task(Next="B", ResultPath="$.a"), "B": task(ResultPath="$.b")})
        path = self.mocks(mock_file({"B": {"0": {"Return": "mocked"}}}))
        bound = self.bind(work="echo '\"real\"'")
        self.assertEqual(self.played("--mock", path, "--tasks", bound),
                         {"a": "real", "b": "mocked"})
        self.expect(self.play("--mock", path), 2, "",
                    'nothing serves the resource "%s" of the state "A"' % WORK)

    def test_function_returns_its_payload(self):
        self.define({"F": task(FUNCTION, Next="S"), "S": task("arn:aws:states:::lambda:invoke")})
        answer = {"StatusCode": 200, "Payload": {"a": 1}}
        path = self.mocks(mock_file({"R": {"0": {"Return": answer}}}, {"F": "R", "S": "R"}))
        self.assertEqual(self.played("--mock", path), answer)
        output = next(event["lambdaFunctionSucceededEventDetails"]["output"]
                      for event in self.events if event["type"] == "LambdaFunctionSucceeded")
        self.assertEqual(json.loads(output), {"a": 1})

    def test_unused_parts_may_be_anything(self):
        self.define({"A": task()})
        content = mock_file({"A": {"0": {"Return": 1}}, "Unused": {"x": 7}}, {"A": "A"})
        content["StateMachines"]["m"]["TestCases"]["Unused"] = 7
        content["StateMachines"]["other"] = []
        self.assertEqual(self.played("--mock", "%s#Case" % self.mocks(content)), 1)

    def test_mocked_history_is_the_real_one(self):
        self.define({"A": task(Next="B", Retry=RETRY, HeartbeatSeconds=6000),
                     "B": task("arn:aws:states:::local:fail", Catch=CATCH),
                     "Caught": {"Type": "Pass", "End": True}})
        failure = '{"Error": "Wrong", "Cause": "because"}'
        bound = self.bind(work="echo '{\"a\": 1.50}'", fail="echo '%s'; exit 1" % failure)
        real = self.played("--tasks", bound, "--name", "one")
        history = self.events
        path = self.mocks(mock_file({"A": {"0": {"Return": {"a": 1.5}}},
                                     "B": {"0": {"Throw": json.loads(failure)}}})
                          ).read_text().replace("1.5", "1.50")
        self.assertEqual(self.played("--mock", self.mocks(path), "--name", "one"), real)
        self.assertEqual(timeless(self.events), timeless(history))


def timeless(events):
    return [{key: value for key, value in event.items() if key != "timestamp"} for event in events]


class Mistakes(MockTest):
    """Each mistake is shown at its line and column."""

    LINES = [
        '{"StateMachines": {"m": {"TestCases": {"Case": {',
        '   "A": "R"',
        '}}}},',
        '"MockedResponses": {"R": {',
        '   "0": {"Return": 1}',
        '}}}',
    ]

    def expect_at(self, place, line, text, message):
        lines = list(self.LINES)
        lines[line - 1] = text
        self.define({"A": task(Next="Pass"), "Pass": {"Type": "Pass", "Next": "\u00e4\u00f6"},
                     "\u00e4\u00f6": task()})
        result = self.play("--mock", self.mocks("\n".join(lines)))
        self.expect(result, 2, "", "mocks.json:%s: %s" % (place, message))
        column = int(place.split(":")[1])
        self.assertIn("\n       | %s^\n" % (" " * (column - 1)), result.stderr.decode())

    def test_mistakes_in_states(self):
        self.expect_at("2:4", 2, '   "C": "R"', "the definition has no state 'C'")
        self.expect_at("2:4", 2, '   "Pass": "R"', "'Pass' is no Task state")
        self.expect_at("2:9", 2, '   "A": "S"', "there is no response 'S'")
        self.expect_at("2:9", 2, '   "A": 7', "a state is given the name of a response")
        self.expect_at("2:14", 2, '   "A": "R", "A": "R"', '"A" stands in this object twice')
        self.expect_at("2:20", 2, '   "\u00e4\\u00f6": "R", "C": "R"', "the definition has no")

    def test_mistakes_in_answers(self):
        for key in ("first", "", "-1", "1-", "2-1", "0 ", "0-1-2", "99999999999999999999"):
            self.expect_at("5:4", 5, '   "%s": {"Return": 1}' % key, "\"%s\" is no invocation" % key)
        self.expect_at("5:26", 5, '   "0-2": {"Return": 1}, "2": {"Return": 1}',
                       '"0-2" and "2" both answer invocation 2')
        self.expect_at("5:24", 5, '   "0": {"Return": 1}, "0": {"Return": 2}', '"0" stands in this')
        self.expect_at("5:9", 5, '   "0": []', "an answer must be an object")
        self.expect_at("5:9", 5, '   "0": {}', "an answer needs exactly one of")
        self.expect_at("5:9", 5, '   "0": {"Return": 1, "Throw": {}}',
                       "an answer needs exactly one of")
        self.expect_at("5:10", 5, '   "0": {"Retrun": 1}', '.* not "Retrun"')
        self.expect_at("5:19", 5, '   "0": {"Throw": "E"}', '"Throw" must be an object')
        self.expect_at("5:20", 5, '   "0": {"Throw": {"error": "E"}}', '.* not "error"')
        self.expect_at("5:29", 5, '   "0": {"Throw": {"Error": 1}}', '"Error" must be a text')
        self.expect_at("5:18", 5, '   "0": {"Hang": false}', '"Hang" can only be true')
        self.expect_at("5:40", 5, '   "0": {"Return": 1, "DelaySeconds":  -1}', '"DelaySeconds" must')

    def test_mistakes_in_the_file(self):
        self.expect_at("1:1", 4, '"MockedResponse": {"R": {', 'a mock file needs "MockedResponses"')
        self.expect_at("1:25", 1, '{"StateMachines": {"m": {"TestCase": {"Case": {',
                       'a state machine needs "TestCases"')
        self.define({"A": task()})
        for text, message in (("[]", "1:1: a mock file must be an object"),
                              ('{"StateMachines": 1, "MockedResponses": {}}',
                               '1:19: "StateMachines" must be an object'),
                              ('{"StateMachines": {}', r"1:2\d: ")):
            self.expect(self.play("--mock", self.mocks(text)), 2, "", message)
        self.expect(self.play("--mock", self.path / "none.json"), 2, "", "cannot read the mocks")
        path = self.mocks(mock_file({"A": {"0": {"Return": 1}}}))
        self.expect(self.play("--mock", path, "--mock", path), 2, "", "takes one mock file")


class MockedStates(MockTest):
    def test_state_is_given_a_result(self):
        self.define({"A=B": task()})
        self.assertEqual(self.played("--mock", "A=B=%s" % self.mocks({"a": 1})), {"a": 1})
        result = self.play("--mock", "A=B=%s" % self.mocks('{"a": }'))
        self.expect(result, 2, "", r"mocks.json:1:\d+: ")

    def test_state_is_given_an_error(self):
        self.define({"A": task()})
        self.expect(self.play("--mock", "A=error:Some.Error:a: b"), 1, "", r"\ASome.Error: a: b\n\Z")
        self.expect(self.play("--mock", "A=error:Some.Error"), 1, "", r"\ASome.Error\n\Z")
        self.expect(self.play("--mock", "A=error::x"), 2, "", "needs the error's name")

    def test_state_s_own_mock_is_before_the_file_s(self):
        self.define({"A": task(Next="B", ResultPath="$.a"), "B": task(ResultPath="$.b")})
        path = self.mocks(mock_file({"A": {"0": {"Return": 1}}, "B": {"0": {"Return": 2}}}))
        own = "A=%s" % self.write("own.json", "7")
        self.assertEqual(self.played("--mock", path, "--mock", own), {"a": 7, "b": 2})
        self.assertEqual(self.played("--mock", own, "--mock", path), {"a": 7, "b": 2})
        self.expect(self.play("--mock", own, "--mock", own), 2, "", "twice for the state 'A'")

    def test_states_that_are_none_are_said_to_be(self):
        self.define({"A": task(Next="P"), "P": {"Type": "Pass", "End": True}})
        self.expect(self.play("--mock", "B=error:E"), 2, "", "no such state")
        self.expect(self.play("--mock", "P=error:E"), 2, "", "'P' is no Task state")


class Manual(MockTest):
    def test_example_of_the_manual_page_runs(self):
        page = run_tools.DEFINITIONS.parent / "tools" / "man" / "asl-run.1.scd"
        example = re.search(r"\n```\n(\{.*?\n\})\n```\n", page.read_text(), re.S).group(1)
        path = self.mocks(example)
        history = self.path / "history.json"
        result = self.run_tool("-c", "skip", "--history", history, "--mock", "%s#Declined" % path,
                               *self.order("order/payment-and-restaurant.input.json"))
        self.expect(result, 1, "", r"\APaymentDeclined: insufficient funds\n\Z")
        failed = [event for event in json.loads(history.read_text())["events"]
                  if event["type"] == "LambdaFunctionFailed"]
        self.assertEqual(len(failed), 3)


class Patterns(MockTest):
    """Tasks that are more than a request and its answer."""

    ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"

    def patterns(self, answer, code=0, **members):
        """The events of the task's work, of each pattern; what is recorded must play again."""
        kinds = {}
        for resource in ("arn:aws:states:::batch:submitJob.sync",
                         "arn:aws:states:::sqs:sendMessage.waitForTaskToken", self.ACTIVITY):
            self.define({"A": task(resource, **members)})
            path = self.mocks(mock_file({"A": {"0": answer}}))
            recorded = self.path / "recorded.json"
            self.expect(self.play("--name", "x", "--mock", path, "--record", recorded), code)
            history = self.events
            self.expect(self.play("--name", "x", "--mock", recorded), code)
            self.assertEqual(timeless(self.events), timeless(history))
            end = resource.replace(":", ".").rsplit(".", 1)[1]
            kinds[end] = " ".join(event["type"] for event in history
                                  if re.match("(Task|Activity)(?!State)", event["type"]))
        return kinds

    def test_jobs_and_tokens_are_submitted_first(self):
        self.assertEqual(self.patterns({"Return": {"a": 1}}), {
            "sync": "TaskScheduled TaskStarted TaskSubmitted TaskSucceeded",
            "waitForTaskToken": "TaskScheduled TaskStarted TaskSubmitted TaskSucceeded",
            "work": "ActivityScheduled ActivityStarted ActivitySucceeded"})

    def test_failures_come_after_the_submission(self):
        self.assertEqual(self.patterns({"Throw": {"Error": "E", "Cause": "c"}}, code=1), {
            "sync": "TaskScheduled TaskStarted TaskSubmitted TaskFailed",
            "waitForTaskToken": "TaskScheduled TaskStarted TaskSubmitted TaskFailed",
            "work": "ActivityScheduled ActivityStarted ActivityFailed"})

    def test_missing_answers_time_out_without_waiting(self):
        self.assertEqual(self.patterns({"Hang": True}, code=1, TimeoutSeconds=9000,
                                       HeartbeatSeconds=800), {
            "sync": "TaskScheduled TaskStarted TaskSubmitted TaskTimedOut",
            "waitForTaskToken": "TaskScheduled TaskStarted TaskSubmitted TaskTimedOut",
            "work": "ActivityScheduled ActivityStarted ActivityTimedOut"})

    def test_late_answers_come_in_engine_time(self):
        for kind in self.patterns({"Return": 1, "DelaySeconds": 7000}).values():
            self.assertTrue(kind.endswith("Succeeded"), kind)

    def test_submission_is_what_the_file_says(self):
        self.define({"A": task("arn:aws:states:::batch:submitJob.sync")})
        self.played("--mock", self.mocks(mock_file({"A": {"0": {
            "Submit": {"JobId": "j"}, "Return": {"Status": "SUCCEEDED"}}}})))
        submitted = [event["taskSubmittedEventDetails"]["output"] for event in self.events
                     if event["type"] == "TaskSubmitted"]
        self.assertEqual(submitted, ['{"JobId":"j"}'])


class Resumption(MockTest):
    def interrupt(self, event, *arguments):
        process = self.start_tool("--name", "long", *arguments, self.definition)
        self.wait_for_event("long", event)
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def test_counting_goes_on(self):
        self.define({"A": task(Next="Look"),
                     "Look": {"Type": "Choice", "Default": "W", "Choices": [
                         {"Variable": "$", "NumericEquals": 2, "Next": "End"}]},
                     "W": {"Type": "Wait", "Seconds": 600, "Next": "A"},
                     "End": {"Type": "Succeed"}})
        path = self.mocks(mock_file({"A": {"0": {"Return": 1}, "1": {"Return": 2}}}))
        self.interrupt("WaitStateEntered", "--mock", path)
        self.expect(self.run_tool("-c", "skip", "--resume", "long"), 2, "",
                    "started with --mock: .* --mock '.*mocks.json'")
        self.expect(self.run_tool("-c", "skip", "--mock", path, "--resume", "long"), 0, "2\n")

    def test_task_in_flight_gets_its_own_answer(self):
        self.define({"First": {"Type": "Pass", "Next": "A"}, "A": task(Retry=RETRY)})
        path = self.mocks(mock_file({"A": {"0": {"DelaySeconds": 600, "Return": "first"},
                                           "1": {"Return": "second"}}}))
        self.interrupt("TaskScheduled", "--mock", path)
        self.expect(self.run_tool("-c", "skip", "--mock", path, "--resume", "long"), 0,
                    '"first"\n')


class Recording(MockTest):
    def expect_replay(self, *arguments, code=0):
        """Records a real run; its file must play to the same history."""
        path = self.path / "recorded.json"
        result = self.play("--name", "one", "--record", path, *arguments)
        self.expect(result, code)
        history = self.events
        again = self.play("--name", "one", "--mock", path)
        self.assertEqual(timeless(self.events), timeless(history))
        self.assertEqual((again.returncode, again.stdout, again.stderr),
                         (result.returncode, result.stdout, result.stderr))
        return json.loads(path.read_text())

    def test_results_and_failures_are_recorded(self):
        count = self.path / "count"
        self.define({"A": task(Next="B", Retry=RETRY),
                     "B": task("arn:aws:states:::local:fail", Catch=CATCH),
                     "Caught": {"Type": "Pass", "End": True}})
        bound = self.bind(
            work="echo x >> %s; [ $(wc -l < %s) -gt 2 ] && echo '{\"n\": 2.50}' || exit 3"
            % (count, count), fail="echo because >&2; exit 4")
        content = self.expect_replay("--tasks", bound)
        self.assertEqual(content["StateMachines"], {"m": {"TestCases": {"Recorded": {
            "A": "A", "B": "B"}}}})
        self.assertEqual(content["MockedResponses"]["A"], {
            "0-1": {"Throw": {"Error": "Command.ExitCode.3",
                              "Cause": "the command ended with status 3 and said nothing"}},
            "2": {"Return": {"n": 2.5}}})
        self.assertEqual(content["MockedResponses"]["B"]["0"]["Throw"]["Error"],
                         "Command.ExitCode.4")

    def test_test_case_has_the_name_it_is_given(self):
        self.define({"A": task()})
        path = self.path / "r.json"
        self.expect(self.play("--tasks", self.bind(work="echo 1"), "--record", "%s#Mine" % path), 0)
        self.assertEqual(list(json.loads(path.read_text())["StateMachines"]["m"]["TestCases"]),
                         ["Mine"])
        self.assertEqual(self.played("--mock", "%s#Mine" % path), 1)
        self.expect(self.play("--record", self.path, "--mock", path), 2, "", "cannot write --record")

    def test_function_s_result_is_wrapped(self):
        self.define({"A": task(FUNCTION)})
        given = "A=%s" % self.mocks({"Payload": 7})
        content = self.expect_replay("--mock", given)
        self.assertEqual(content["MockedResponses"]["A"],
                         {"0": {"Return": {"Payload": {"Payload": 7}}}})

    def test_order_of_concurrent_answers_is_recorded(self):
        branches = [{"StartAt": name, "States": {name: task("arn:aws:states:::local:" + name)}}
                    for name in ("slow", "fast", "middle")]
        self.define({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
        bound = self.bind(slow="sleep 0.8; echo 1", fast="echo 2", middle="sleep 0.4; echo 3")
        content = self.expect_replay("--tasks", bound)
        delay = content["MockedResponses"]["slow"]["0"]["DelaySeconds"]
        self.assertGreaterEqual(delay, 0.8)

    def test_answers_that_come_together_keep_their_order(self):
        names = ["b%d" % number for number in range(12)]
        branches = [{"StartAt": name, "States": {name: task("arn:aws:states:::local:" + name)}}
                    for name in names]
        self.define({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
        self.expect_replay("--tasks", self.bind(**{name: "echo 1" for name in names}))

    def test_missing_answer_is_recorded(self):
        self.define({"A": task(TimeoutSeconds=1, Catch=CATCH),
                     "Caught": {"Type": "Pass", "End": True}})
        content = self.expect_replay("--tasks", self.bind(work="sleep 6000"))
        self.assertEqual(content["MockedResponses"]["A"], {"0": {"Hang": True}})

    def test_earlier_execution_is_recorded(self):
        self.define({"A": task()})
        self.expect(self.run_tool("--name", "one", "--tasks", self.bind(work="echo 1"),
                                  self.definition), 0)
        path = self.path / "r.json"
        self.expect(self.run_tool("--resume", "one", "--record", path), 0, "1\n")
        self.assertEqual(self.played("--mock", path), 1)


class SkippingClock(MockTest):
    """Nothing here may take the time that the history says: hours, which the runner would not
    wait for. Real time that passes counts too, so a busy machine's histories are longer."""

    def setUp(self):
        super().setUp()
        self.start = time.monotonic()

    def expect_seconds(self, first, last, expected):
        passed = self.seconds(first, last)
        self.assertGreaterEqual(passed, expected)
        self.assertLessEqual(passed, expected + time.monotonic() - self.start + 0.01)

    def test_wait_is_skipped(self):
        self.define({"W": {"Type": "Wait", "Seconds": 86400, "End": True}})
        self.played()
        self.expect_seconds("WaitStateEntered", "WaitStateExited", 86400)

    def test_delays_between_tries_are_skipped(self):
        self.define({"A": task(Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 1000,
                                       "BackoffRate": 2, "MaxAttempts": 3}])})
        self.expect(self.play("--mock", "A=error:E"), 1)
        self.assertEqual(self.types().count("TaskScheduled"), 4)
        self.expect_seconds("TaskScheduled", "TaskScheduled", 1000 + 2000 + 4000)

    def test_missing_answer_times_out(self):
        self.define({"A": task(TimeoutSeconds=5000)})
        path = self.mocks(mock_file({"A": {"0": {"Hang": True}}}))
        self.expect(self.play("--mock", path), 1, "", "States.Timeout")
        self.assertIn("TaskTimedOut", self.types())
        self.expect_seconds("TaskScheduled", "TaskTimedOut", 5000)

    def test_missing_heartbeat_times_out(self):
        self.define({"A": task(TimeoutSeconds=50000, HeartbeatSeconds=7000)})
        path = self.mocks(mock_file({"A": {"0": {"Return": 1, "DelaySeconds": 9000}}}))
        self.expect(self.play("--mock", path), 1, "", "States.Timeout")
        self.expect_seconds("TaskScheduled", "TaskTimedOut", 7000)

    def test_answer_that_comes_in_time_is_taken(self):
        self.define({"A": task(TimeoutSeconds=50000, HeartbeatSeconds=7000)})
        path = self.mocks(mock_file({"A": {"0": {"Return": 1, "DelaySeconds": 6999.5}}}))
        self.assertEqual(self.played("--mock", path), 1)
        self.expect_seconds("TaskScheduled", "TaskSucceeded", 6999.5)

    def test_execution_times_out(self):
        self.define({"W": {"Type": "Wait", "Seconds": 5000, "End": True}}, TimeoutSeconds=4000)
        self.expect(self.play(), 4, "", "States.Timeout")
        self.expect_seconds("ExecutionStarted", "ExecutionTimedOut", 4000)

    def test_handler_at_work_is_not_timed_out_by_skipping(self):
        work = {"StartAt": "A", "States": {"A": task(TimeoutSeconds=6000, HeartbeatSeconds=5000)}}
        wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10000, "End": True}}}
        self.define({"P": {"Type": "Parallel", "Branches": [work, wait], "End": True}})
        self.played("--tasks", self.bind(work="sleep 0.7; echo 1"))
        self.assertLess(self.types().index("TaskSucceeded"), self.types().index("WaitStateExited"))
        self.expect_seconds("TaskScheduled", "TaskSucceeded", 0.7)
        self.expect_seconds("WaitStateEntered", "WaitStateExited", 10000)

    def test_mock_does_not_hold_the_clock_for_a_handler(self):
        """A real handler is given its real time even beside a mock that never answers."""
        real = {"StartAt": "A", "States": {"A": task(TimeoutSeconds=6000)}}
        never = {"StartAt": "N", "States": {"N": task(
            TimeoutSeconds=3000, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]),
            "Late": {"Type": "Pass", "Result": "late", "End": True}}}
        self.define({"P": {"Type": "Parallel", "Branches": [real, never], "End": True}})
        path = self.mocks(mock_file({"N": {"0": {"Hang": True}}}))
        self.assertEqual(self.played("--mock", path, "--tasks", self.bind(work="sleep 0.7; echo 1")),
                         [1, "late"])
        self.assertLess(self.types().index("TaskSucceeded"), self.types().index("TaskTimedOut"))

    def test_handler_that_hangs_times_out_in_real_time(self):
        self.define({"A": task(TimeoutSeconds=1)})
        self.expect(self.play("--tasks", self.bind(work="sleep 6000")), 1, "", "States.Timeout")
        self.assertGreaterEqual(time.monotonic() - self.start, 1)


if __name__ == "__main__":
    run_tools.TOOLS = pathlib.Path(sys.argv[1]).resolve()
    run_tools.DEFINITIONS = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
