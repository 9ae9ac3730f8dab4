#!/usr/bin/env python3
"""The order workflow with its payment and its restaurant over HTTP: it ends as it does with the
plugin, and whatever goes wrong on the way, an order is charged once at most.

usage: run_demo.py TOOLS DEFINITIONS DEMO [TEST]...
       TOOLS is the folder of the built programs, DEMO the one of demo.py and demo.tasks.json
"""

import concurrent.futures
import http.client
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

TOOLS = DEFINITIONS = DEMO = None
HANG_S = 240
TASKS = {"ProcessPayment": "payment", "SendOrderToRestaurant": "restaurant"}
TRIES = 5  # of a task of the order, by its Retry
PAID = {"name": "Pizza", "restaurantId": "Restaurant 99", "quantity": 3,
        "payment": {"token": "tok_ok", "amount": 36.5}}


class Peer:
    """A service of demo.py, on a port of its own."""

    def __init__(self, service, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, DEMO / "demo.py", service, "--listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        name, _, self.url = self.process.stdout.readline().strip().partition(": ")
        if name != service:
            raise RuntimeError("demo.py %s is not ready" % service)
        self.port = int(self.url.split(":")[2].split("/")[0])

    def stop(self):
        self.process.terminate()
        code = self.process.wait(HANG_S)
        self.process.stdout.close()
        return code

    def ask(self, method, path, body=None, key=None):
        """Status and body; the body as JSON where it is some."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_S)
        headers = {"Idempotency-Key": key} if key else {}
        text = body if isinstance(body, (str, type(None))) else json.dumps(body)
        connection.request(method, path, text, headers)
        response = connection.getresponse()
        data = response.read().decode()
        connection.close()
        is_json = response.getheader("Content-Type") == "application/json"
        return response.status, json.loads(data) if is_json else data

    def fault(self, *faults):
        status, _ = self.ask("POST", "/fault", list(faults))
        if status != 200:
            raise RuntimeError("the fault was refused")

    def state(self):
        return self.ask("GET", "/state")[1]


class DemoTest(unittest.TestCase):
    arguments = {"payment": [], "restaurant": []}
    http = {}  # members of the bindings, beside "url"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.peers = {}
        for service, arguments in cls.arguments.items():
            cls.peers[service] = Peer(service, *arguments)
            cls.addClassCleanup(cls.peers[service].stop)
        cls.bindings = pathlib.Path(cls.folder.name) / "demo.tasks.json"
        cls.bindings.write_text(json.dumps(cls.bound()))

    @classmethod
    def bound(cls):
        """demo.tasks.json, with the ports of these peers."""
        bindings = json.loads((DEMO / "demo.tasks.json").read_text())
        for resource, binding in bindings["tasks"].items():
            service = TASKS.get(resource.rpartition(":")[2])
            if service:
                path = binding["http"]["url"].split("/", 3)[3]
                binding["http"]["url"] = "http://127.0.0.1:%d/%s" % (cls.peers[service].port, path)
                binding["http"].update(cls.http)
        return bindings

    def setUp(self):
        for peer in self.peers.values():
            peer.fault()

    def run_order(self, name, order):
        """What asl-run says of it, and the states it went through."""
        folder = pathlib.Path(self.folder.name)
        (folder / "input.json").write_text(order if isinstance(order, str) else json.dumps(order))
        command = [TOOLS / "asl-run", "--store", "memory", "--clock", "skip", "--name", name,
                   "--tasks", self.bindings, "--allow-net", "127.0.0.0/8", "-o", "json",
                   "--history", folder / "history.json",
                   DEFINITIONS / "order.asl.json", folder / "input.json"]
        result = subprocess.run(command, capture_output=True, timeout=HANG_S,
                                stdin=subprocess.DEVNULL)
        self.assertIn(result.returncode, (0, 1), result.stderr.decode())
        events = json.loads((folder / "history.json").read_text())["events"]
        route = [event["stateEnteredEventDetails"]["name"] for event in events
                 if event["type"].endswith("StateEntered")]
        return json.loads(result.stdout), route

    def counts(self, service="payment"):
        state = self.peers[service].state()
        return state["requests"], state["charges" if service == "payment" else "orders"]

    def outcome(self, service, *faults, order=None):
        """Runs an order past some faults: status, cause, requests and charges (or orders)."""
        self.peers[service].fault(*faults)
        before = self.counts(service)
        name = "order-%d-%d" % before
        said, _ = self.run_order(name, order or PAID)
        after = self.counts(service)
        self.assertEqual(name in self.peers[service].state()["of"], after[1] > before[1])
        return (said["status"], said.get("cause"), after[0] - before[0], after[1] - before[1])


class Decisions(DemoTest):
    def test_every_shipped_order_ends_as_with_the_plugin(self):
        cases = sorted((DEFINITIONS / "order").glob("*.input.json"))
        ran = 0
        for path in cases:
            name = path.name[: -len(".input.json")]
            if path.with_name(name + ".tasks.json").exists():
                continue
            with self.subTest(name):
                self.check_case(name, path)
            ran += 1
        self.assertGreater(ran, 40)

    def check_case(self, name, path):
        expected = json.loads(path.with_name(name + ".expect.json").read_text())
        said, route = self.run_order(name, path.read_text())
        self.assertEqual(said["status"], expected["status"])
        self.assertEqual(said.get("cause"), expected.get("cause"))
        self.assertEqual(said.get("output"), expected.get("output") and dict(
            expected["output"], createdAt=said["output"]["createdAt"]))
        self.assertEqual(route, expected["route"])
        for task, after in (("ProcessPayment", "IsThereARestaurant"),
                            ("SendOrderToRestaurant", "WriteSuccess")):
            self.assertEqual(name in self.peers[TASKS[task]].state()["of"],
                             task in route and after in route)

    def test_provider_that_recovers_is_tried_as_often_as_its_token_says(self):
        for token, requests in (("tok_unavailable_once", 2), ("tok_unavailable_twice", 3)):
            order = dict(PAID, payment={"token": token, "amount": 1})
            self.assertEqual(self.outcome("payment", order=order), ("SUCCEEDED", None, requests, 1))

    def test_restaurants_are_those_of_the_plugin(self):
        sys.path.insert(0, str(DEMO))
        import demo
        known = json.loads((DEMO.parents[1] / "tasks/order/restaurants.json").read_text())
        self.assertEqual(demo.RESTAURANTS, known["restaurants"])
        self.assertEqual(demo.QUANTITY_LIMIT, known["quantityLimit"])


class Faults(DemoTest):
    def check(self, service, fault, expected):
        for place, (status, cause, requests, done) in enumerate(expected):
            times = {} if place else {"times": 1}
            with self.subTest(fault=fault, **times):
                said = self.outcome(service, dict(times, fault=fault))
                self.assertEqual((said[0], said[2], said[3]), (status, requests, done))
                self.assertRegex(said[1] or "", cause)

    def check_service(self, service):
        out_of_order = "^the %s service is out of order$" % service
        once = ("SUCCEEDED", "^$", 2, 1)
        for fault, *expected in (
            ("none", ("SUCCEEDED", "^$", 1, 1)),
            ("500", ("FAILED", out_of_order, 1, 0), ("FAILED", out_of_order, 1, 0)),
            ("429", once, ("FAILED", out_of_order, TRIES, 0)),
            ("503", once, ("FAILED", out_of_order, TRIES, 0)),
            ("reset", once, ("FAILED", "reset", TRIES, 0)),
            ("reset-after", once, ("FAILED", "reset", TRIES, 1)),
            ("garbage", once, ("FAILED", "HTTP", TRIES, 0)),
            ("no-json", ("FAILED", "is no JSON", 1, 0), ("FAILED", "is no JSON", 1, 0)),
            ("duplicate", ("SUCCEEDED", "^$", 1, 1), ("SUCCEEDED", "^$", 1, 1)),
        ):
            self.check(service, fault, expected)

    def test_of_the_payment(self):
        self.check_service("payment")

    def test_of_the_restaurant(self):
        self.check_service("restaurant")

    def test_restaurant_that_fails_after_the_payment_leaves_one_charge(self):
        before = self.counts()
        self.assertEqual(self.outcome("restaurant", {"fault": "reset"})[::3], ("FAILED", 0))
        self.assertEqual(self.counts(), (before[0] + 1, before[1] + 1))

    def test_answer_that_came_twice_is_not_taken_for_the_next_one(self):
        order = dict(PAID, payment={"token": "tok_unavailable_once", "amount": 1})
        said = self.outcome("payment", {"fault": "duplicate"}, order=order)
        self.assertEqual(said, ("SUCCEEDED", None, 2, 1))

    def test_duplicate_is_two_answers_in_one_connection(self):
        self.peers["payment"].fault({"fault": "duplicate", "times": 1})
        with socket.create_connection(("127.0.0.1", self.peers["payment"].port), HANG_S) as peer:
            peer.sendall(b"POST /charges HTTP/1.1\r\nHost: a\r\nIdempotency-Key: twice\r\n"
                         b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")
            answers = peer.makefile("rb").read()
        self.assertEqual(answers.count(b"HTTP/1.1 400 "), 2)

    def test_faults_come_one_after_the_other(self):
        said = self.outcome("payment", {"fault": "503", "times": 2},
                            {"fault": "reset-after", "times": 1}, {"fault": "429", "times": 1})
        self.assertEqual(said, ("SUCCEEDED", None, 5, 1))
        self.assertEqual(self.peers["payment"].state()["faults"], [])

    def test_peer_that_is_not_there_is_tried_and_named(self):
        peer = Peer("payment")
        self.addCleanup(setattr, type(self), "peers", self.peers)
        self.addCleanup(self.bindings.write_text, self.bindings.read_text())
        type(self).peers = dict(self.peers, payment=peer)
        self.bindings.write_text(json.dumps(self.bound()))
        self.assertEqual(peer.stop(), 0)
        said, _ = self.run_order("nobody", PAID)
        self.assertEqual((said["status"], said["error"]), ("FAILED", "States.Http.Socket"))


class Slowness(DemoTest):
    """Requests that take longer than the bindings allow, on the wall's clock."""

    arguments = {"payment": ["--slow", "6"], "restaurant": ["--slow", "6"]}
    http = {"timeoutSeconds": 1.5}

    def test_answer_that_comes_too_late_is_asked_for_again(self):
        for service in self.arguments:
            said = self.outcome(service, {"fault": "slow", "times": 1})
            self.assertEqual(said, ("SUCCEEDED", None, 2, 1))

    def test_payment_that_is_always_too_late_fails_with_one_charge(self):
        said = self.outcome("payment", {"fault": "slow"})
        self.assertEqual((said[0], *said[2:]), ("FAILED", TRIES, 1))
        self.assertRegex(said[1], "[Tt]imed? ?out")


class Requests(DemoTest):
    """The services by themselves."""

    def setUp(self):
        super().setUp()
        self.peer = self.peers["payment"]

    def charge(self, key, order, token="tok_ok", amount=5):
        return self.peer.ask("POST", "/charges", {
            "orderId": order, "payment": {"token": token, "amount": amount}}, key)

    def test_faults_of_the_command_line_come_first(self):
        peer = Peer("payment", "--fault", "503:1", "--fault", "reset-after:1")
        self.addCleanup(peer.stop)
        request = {"orderId": "a", "payment": {"token": "tok_ok", "amount": 5}}
        self.assertEqual(peer.ask("POST", "/charges", request, "1")[0], 503)
        with self.assertRaises(ConnectionResetError):
            peer.ask("POST", "/charges", request, "2")
        self.assertEqual(peer.ask("POST", "/charges", request, "3")[0], 200)
        self.assertEqual(peer.state(), {"service": "payment", "requests": 3, "charges": 1,
                                        "of": ["a"], "faults": []})

    def test_same_key_gets_the_same_answer(self):
        before = self.peer.state()["charges"]
        for token, status in (("tok_ok", 200), ("tok_declined", 402),
                              ("tok_unavailable_once", 503)):
            first = self.charge("same %d" % status, "same %d" % status, token)
            self.assertEqual(first[0], status)
            self.assertEqual(self.charge("same %d" % status, "same %d" % status, token), first)
        self.assertEqual(self.peer.state()["charges"], before + 1)

    def test_same_key_with_another_request_is_refused(self):
        self.assertEqual(self.charge("other", "other")[0], 200)
        self.assertEqual(self.charge("other", "other", amount=6)[0], 422)

    def test_order_is_charged_once_by_many_keys_at_once(self):
        before = self.peer.state()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda number: self.charge(str(number % 9), "many"), range(48)))
        self.assertEqual({repr(answer) for answer in answers},
                         {repr((200, {"paymentStatus": "CHARGED", "amount": 5}))})
        after = self.peer.state()
        self.assertEqual(after["requests"] - before["requests"], 48)
        self.assertEqual(after["charges"] - before["charges"], 1)
        self.assertEqual(self.charge("late", "many", amount=6)[0], 409)

    def test_what_is_no_request_is_refused(self):
        good = {"orderId": "a", "payment": {"token": "tok_ok", "amount": 5}}
        for status, path, body, key in (
            (400, "/charges", good, None),
            (400, "/charges", [], "k1"),
            (400, "/charges", "{", "k2"),
            (400, "/charges", '{"orderId": NaN}', "k3"),
            (400, "/charges", "[" * 100000, "k4"),
            (400, "/charges", {"payment": good["payment"]}, "k5"),
            (400, "/charges", dict(good, orderId="b", payment="tok_ok"), "k6"),
            (400, "/charges", dict(good, payment={"token": "tok_ok", "amount": True}), "k7"),
            (400, "/charges", "", "k8"),
            (413, "/charges", " " * 300000, "k9"),
            (404, "/orders", good, "k10"),
            (400, "/fault", {"fault": "fire"}, None),
            (400, "/fault", {"fault": "200"}, None),
            (400, "/fault", {"fault": "500", "times": 0}, None),
            (400, "/fault", {"fault": "500", "time": 1}, None),
        ):
            with self.subTest(path=path, key=key, body=str(body)[:40]):
                try:
                    self.assertEqual(self.peer.ask("POST", path, body, key)[0], status)
                except (BrokenPipeError, ConnectionResetError):
                    self.assertEqual(status, 413)  # it need not read what it refuses
        self.assertNotIn("a", self.peer.state()["of"])

    def test_tokens_are_not_shown(self):
        self.charge("shown", "shown")
        self.assertNotIn("tok_", json.dumps(self.peer.state()))

    def test_help_and_wrong_options(self):
        for code, words, arguments in (
            (0, "reset-after", ["--help"]),
            (2, "service", []),
            (2, "--fault: the fault must be", ["payment", "--fault", "fire"]),
            (2, "HOST:PORT", ["payment", "--listen", "9001"]),
            (2, "cannot listen", ["payment", "--listen", "127.0.0.1:%d" % self.peer.port]),
        ):
            result = subprocess.run([sys.executable, DEMO / "demo.py", *arguments], text=True,
                                    capture_output=True, timeout=HANG_S)
            self.assertEqual(result.returncode, code)
            self.assertIn(words, result.stdout + result.stderr)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    TOOLS, DEFINITIONS, DEMO = (pathlib.Path(path).resolve() for path in sys.argv[1:4])
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
