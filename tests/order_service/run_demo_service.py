#!/usr/bin/python3
"""The order service with its payment and its restaurant at the services of demo.py: many orders at
once, whatever goes wrong on the way, and the service killed while payments are on theirs.

usage: run_demo_service.py BINARY DEMO [TEST]...     DEMO is the folder of demo.py
"""

import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tasks"))

import run_demo  # noqa: E402  (the path to it stands above)
from harness import Service, wait_for  # noqa: E402

BINARY = None
ORDERS = 30


class DemoService(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="orders-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.peers = {}
        for service in ("payment", "restaurant"):
            self.peers[service] = run_demo.Peer(service, "--slow", "2")
            self.addCleanup(self.peers[service].stop)
        (self.folder / "tasks.json").write_text(json.dumps(self.bound()))
        self.start()

    def bound(self):
        """demo.tasks.json, with the ports of these peers."""
        bindings = json.loads((run_demo.DEMO / "demo.tasks.json").read_text())
        for resource, binding in bindings["tasks"].items():
            service = run_demo.TASKS.get(resource.rpartition(":")[2])
            if service:
                binding["http"]["url"] = self.peers[service].url
        return bindings

    def start(self):
        # At 10x an order waits for 3 seconds, and a task has 2.
        self.service = Service(BINARY, self.folder / "data", "--clock", "10x", "--tasks",
                               self.folder / "tasks.json", "--allow-net", "127.0.0.0/8")
        self.addCleanup(self.service.kill)

    def place(self, token="tok_ok"):
        answer = self.service.request("POST", "/orders", {
            "name": "Pizza", "quantity": 1, "restaurantId": "Restaurant 99",
            "payment": {"token": token, "amount": 5}})
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]

    def order(self, order):
        return self.service.request("GET", "/orders/" + order).json()

    def ended(self, orders):
        """Their outcomes: (status, message)."""
        wait_for(lambda: all(self.order(order)["orderStatus"] in ("SUCCESS", "FAILURE")
                             for order in orders), what="the end of all orders")
        rows = [self.order(order) for order in orders]
        return {(row["orderStatus"], row.get("errorMessage")) for row in rows}

    def check_counts(self, orders, requests, charged=True):
        """Of these orders all are charged and taken, each once; or none is."""
        state = self.peers["payment"].state()
        self.assertGreaterEqual(state["requests"], requests)  # more where this machine is slow
        self.assertEqual(state["charges"], len(state["of"]))
        self.assertEqual(len(set(orders) & set(state["of"])), len(orders) if charged else 0)
        taken = self.peers["restaurant"].state()["of"]
        self.assertEqual(len(set(orders) & set(taken)), len(orders) if charged else 0)

    def test_many_orders_at_once_past_every_fault(self):
        requests = 0
        for fault, tries, message in (
            ("none", 1, None), ("duplicate", 1, None), ("reset-after", 2, None),
            ("reset", 2, None), ("503", 2, None), ("garbage", 2, None),
            ("500", 1, "the payment service is out of order"),
        ):
            with self.subTest(fault):
                self.peers["payment"].fault({"fault": fault, "times": ORDERS})
                orders = [self.place() for _ in range(ORDERS)]
                outcome = ("FAILURE", message) if message else ("SUCCESS", None)
                self.assertEqual(self.ended(orders), {outcome})
                self.check_counts(orders, requests + ORDERS * tries, not message)
                requests = self.peers["payment"].state()["requests"]

    def test_declined_orders_tell_why_and_charge_nobody(self):
        orders = [self.place("tok_declined") for _ in range(3)]
        self.assertEqual(self.ended(orders), {("FAILURE", "the card was declined")})
        self.check_counts(orders, 3, False)

    def test_death_while_payments_are_on_their_way(self):
        self.peers["payment"].fault({"fault": "slow", "times": ORDERS})
        orders = [self.place() for _ in range(ORDERS)]
        wait_for(lambda: self.peers["payment"].state()["requests"] >= ORDERS // 2,
                 what="payments on their way")
        self.service.kill()
        self.start()
        self.assertEqual(self.ended(orders), {("SUCCESS", None)})
        requests = self.peers["payment"].state()["requests"]
        self.assertGreater(requests, ORDERS)  # some were on their way
        self.check_counts(orders, requests)


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv[1])
    run_demo.DEMO = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
