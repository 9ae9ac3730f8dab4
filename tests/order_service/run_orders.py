#!/usr/bin/python3
"""Orders over HTTP: taken once, listed, followed, cancelled, refused.

usage: run_orders.py BINARY LATER FULL [TEST]...     libraries made of later.c and full.c
"""

import base64
import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

sys.dont_write_bytecode = True

from harness import Certificates, Service, wait_for

BINARY = LATER = FULL = None
FAST = ("--clock", "60x")  # an order waits for half a second
PIZZA = {"name": "Step Functions Pizza", "restaurantId": "Restaurant 99", "quantity": 3}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class ServiceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="orders-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, *arguments, data="data", **others):
        service = Service(BINARY, self.folder / data, *arguments, **others)
        self.addCleanup(service.kill)
        return service

    def post(self, service, order=PIZZA, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return service.request("POST", "/orders", order, headers)

    def place(self, service, order=PIZZA):
        answer = self.post(service, order)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]

    def order(self, service, order_id):
        return service.request("GET", "/orders/" + order_id).json()

    def wait_status(self, service, order_id, *statuses):
        return wait_for(lambda: (found := self.order(service, order_id))["orderStatus"] in statuses
                        and found, what="status %s of %s" % (statuses, order_id))

    def assertProblem(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(set(answer.json()["error"]), {"code", "message"})
        if code:
            self.assertEqual(answer.json()["error"]["code"], code)


class Taking(ServiceTest):
    def test_answer_is_a_queues(self):
        service = self.start("--no-poller")
        body = b'{"name":"Step Functions Pizza","restaurantId":"Restaurant 99","quantity":3 }'
        answer = service.request("POST", "/orders", body, {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertRegex(answer.text(), r'^\{"SendMessageResponse":\{"ResponseMetadata":'
                         r'\{"RequestId":"' + UUID + r'"\},"SendMessageResult":'
                         r'\{"MD5OfMessageAttributes":null,"MD5OfMessageBody":"'
                         + hashlib.md5(body).hexdigest() +
                         r'","MD5OfMessageSystemAttributes":null,"MessageId":"' + UUID +
                         r'","SequenceNumber":null\}\}\}$')

    def test_order_goes_its_way(self):
        service = self.start(*FAST)
        order_id = self.place(service)
        found = self.order(service, order_id)
        self.assertIn(found["orderStatus"], ("QUEUED", "PENDING"))
        found = self.wait_status(service, order_id, "SUCCESS", "FAILURE")
        self.assertEqual({name: found[name] for name in PIZZA}, PIZZA)
        self.assertEqual(found["orderStatus"], "SUCCESS")
        self.assertEqual(found["active"], [])
        events = service.request("GET", "/orders/%s/history" % order_id).json()["events"]
        self.assertEqual(events[0]["type"], "ExecutionStarted")
        wait_for(lambda: service.request("GET", "/orders/%s/history" % order_id).json()["events"]
                 [-1]["type"] == "ExecutionSucceeded")

    def test_failure_has_its_reason(self):
        service = self.start(*FAST)
        declined = dict(PIZZA, payment={"token": "tok_declined", "amount": 12.5})
        closed = dict(PIZZA, restaurantId="Restaurant 13")
        first, second = self.place(service, declined), self.place(service, closed)
        found = self.wait_status(service, first, "SUCCESS", "FAILURE")
        self.assertEqual(found["errorMessage"], "the card was declined")
        self.assertEqual(found["payment"], {"amount": 12.5})  # without the token
        found = self.wait_status(service, second, "SUCCESS", "FAILURE")
        self.assertEqual(found["errorMessage"], "the restaurant is closed")

    def test_what_is_no_order_is_refused(self):
        service = self.start("--no-poller")
        for body in (b"", b"{", b"[]", b"7", b"null", b'"text"', b'{"name":"a","name":}',
                     b"\xff\xfe", b'{"name":"\xc3"}', b"[" * 5000,
                     {}, {"name": "a"}, {"name": "a", "quantity": 1},
                     {"name": "a", "quantity": 1, "restaurantId": None, "payment": None},
                     dict(PIZZA, name=""), dict(PIZZA, name="a" * 257), dict(PIZZA, name="a\r\nb"),
                     dict(PIZZA, name=7), dict(PIZZA, quantity="3"), dict(PIZZA, quantity=None),
                     dict(PIZZA, restaurantId=[]), dict(PIZZA, payment={}),
                     dict(PIZZA, payment={"token": "a b", "amount": 1}),
                     dict(PIZZA, payment={"token": "a", "amount": 0}),
                     dict(PIZZA, payment={"token": "a", "amount": -1})):
            answer = service.request("POST", "/orders", body,
                                     {"Content-Type": "application/json"})
            self.assertProblem(answer, 400)
        large = dict(PIZZA, other="a" * 262144)
        self.assertProblem(self.post(service, large), 413)
        self.assertEqual(service.request("GET", "/orders").json()["orders"], [])

    def test_card_numbers_never_enter(self):
        service = self.start("--no-poller")
        for number in ("4111111111111111", "4111 1111 1111 1111", "378282246310005",
                       "1234567812345670", "0000000000000", "6304000000000000000"):
            for order in (dict(PIZZA, name="my card " + number), dict(PIZZA, note=number),
                          dict(PIZZA, deep=[{"a": number}]), dict(PIZZA, **{number: 1}),
                          dict(PIZZA, payment={"token": number.replace(" ", ""), "amount": 1})):
                self.assertProblem(self.post(service, order), 400, "OrderInvalid")
        self.assertProblem(self.post(service, dict(PIZZA, note=4111111111111111)), 400)
        self.assertEqual(self.post(service, dict(PIZZA, note="4111111111111112")).status, 200)
        service.stop()
        stored = (self.folder / "data" / "data.mdb").read_bytes()
        self.assertNotIn(b"4111111111111111", stored)
        self.assertNotIn("4111111111111111", service.log())

    def test_only_json_is_taken(self):
        service = self.start("--no-poller")
        body = json.dumps(PIZZA).encode()
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", None):
            headers = {"Content-Type": kind} if kind else {}
            self.assertProblem(service.request("POST", "/orders", body, headers), 415)
        kind = "Application/JSON; charset=utf-8"
        self.assertEqual(service.request("POST", "/orders", body, {"Content-Type": kind}).status,
                         200)

    def test_pages_of_other_sites_change_nothing(self):
        service = self.start("--no-poller")
        order_id = self.place(service)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            self.assertProblem(service.request("POST", "/orders", PIZZA, headers), 403)
            self.assertProblem(
                service.request("DELETE", "/orders/" + order_id, None, headers), 403)
        own = {"Origin": service.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(service.request("POST", "/orders", PIZZA, own).status, 200)

    def test_queue_does_not_grow_without_bound(self):
        service = self.start("--no-poller", "--queue-limit", "5")
        for _ in range(5):
            self.place(service)
        answer = self.post(service, Idempotency_Key="a")
        self.assertProblem(answer, 429, "TooManyOrders")
        self.assertEqual(answer.headers["Retry-After"], "1")
        service.stop()
        service = self.start(*FAST, "--queue-limit", "5")
        wait_for(lambda: self.post(service, Idempotency_Key="a").status == 200)


class Idempotency(ServiceTest):
    def test_same_key_same_answer(self):
        service = self.start(*FAST)
        first = self.post(service, Idempotency_Key="key-1")
        again = self.post(service, Idempotency_Key="key-1")
        self.assertEqual((first.status, first.body), (200, again.body))
        service.kill()
        service = self.start(*FAST)
        self.assertEqual(self.post(service, Idempotency_Key="key-1").body, first.body)
        self.assertNotEqual(self.post(service, Idempotency_Key="key-2").body, first.body)
        self.assertEqual(len(service.request("GET", "/orders").json()["orders"]), 2)

    def test_keys_live_for_a_day(self):
        def later(seconds):
            return self.start("--no-poller",
                              environment={"LD_PRELOAD": LATER, "LATER_S": str(seconds)})
        service = later(0)
        first = self.post(service, Idempotency_Key="key")
        service.stop()
        service = later(86400 - 600)
        self.assertEqual(self.post(service, Idempotency_Key="key").body, first.body)
        service.stop()
        service = later(86400 + 1)
        self.assertNotEqual(self.post(service, Idempotency_Key="key").body, first.body)
        self.assertEqual(len(service.request("GET", "/orders").json()["orders"]), 2)

    def test_another_body_is_refused(self):
        service = self.start("--no-poller")
        self.assertEqual(self.post(service, Idempotency_Key="key").status, 200)
        other = dict(PIZZA, quantity=4)
        self.assertProblem(self.post(service, other, Idempotency_Key="key"), 422)

    def test_keys_are_checked(self):
        service = self.start("--no-poller")
        for key in ("", "a b", "a" * 256):
            self.assertProblem(self.post(service, Idempotency_Key=key), 400)
        self.assertEqual(self.post(service, Idempotency_Key="a" * 255).status, 200)

    def test_second_waits_for_the_first(self):
        """Many at a time with one key: one order, one answer."""
        service = self.start("--no-poller")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            for key in range(20):
                answers = set(pool.map(
                    lambda _: self.post(service, Idempotency_Key="k%d" % key).body, range(32)))
                self.assertEqual(len(answers), 1, answers)
        self.assertEqual(len(service.request("GET", "/orders").json()["orders"]), 20)


class Listing(ServiceTest):
    def pages(self, service, query):
        orders, after = [], []
        while after is not None:
            words = ([query] if query else []) + after
            page = service.request("GET", "/orders" + "?" * bool(words) + "&".join(words)).json()
            orders += page["orders"]
            after = ["after=" + page["next"]] if page["next"] else None
        return orders

    def test_pages_are_newest_first(self):
        service = self.start("--no-poller")
        placed = [self.place(service, dict(PIZZA, quantity=i, restaurantId="R%d" % (i % 3)))
                  for i in range(1, 61)]
        for limit in (1, 7, 60, 200):
            listed = [order["orderId"] for order in self.pages(service, "limit=%d" % limit)]
            self.assertEqual(listed, placed[::-1])
        self.assertEqual([order["orderId"] for order in self.pages(service, "")], placed[::-1])
        for i in range(3):
            listed = self.pages(service, "limit=4&restaurantId=R%d" % i)
            self.assertEqual([order["quantity"] for order in listed],
                             [q for q in range(60, 0, -1) if q % 3 == i])
        self.assertEqual(self.pages(service, "restaurantId=R"), [])

    def test_by_status(self):
        service = self.start(*FAST)
        good = [self.place(service) for _ in range(5)]
        bad = [self.place(service, dict(PIZZA, restaurantId="Restaurant 13")) for _ in range(5)]
        for order_id in good + bad:
            self.wait_status(service, order_id, "SUCCESS", "FAILURE")
        listed = lambda query: [order["orderId"] for order in self.pages(service, query)]
        self.assertEqual(listed("status=SUCCESS&limit=2"), good[::-1])
        self.assertEqual(listed("status=FAILURE&limit=2"), bad[::-1])
        self.assertEqual(listed("status=PENDING"), [])
        self.assertEqual(listed("status=FAILURE&restaurantId=Restaurant%2013"), bad[::-1])
        self.assertEqual(listed("status=SUCCESS&restaurantId=Restaurant+13"), [])

    def test_what_is_asked_is_checked(self):
        service = self.start("--no-poller")
        for query in ("status=success", "limit=0", "limit=201", "limit=-1", "limit=1x",
                      "after=a", "after=%ff", "after=YWJj", "&", "&limit=1", "limit",
                      "limit=1&limit=1", "=1"):
            self.assertProblem(service.request("GET", "/orders?" + query), 400)
        self.assertEqual(service.request("GET", "/orders?status=&restaurantId=&after=").json(),
                         {"orders": [], "next": None})
        missing = str(uuid.uuid4())
        for path in ("", "/history", "/graph.svg"):
            self.assertProblem(service.request("GET", "/orders/" + missing + path), 404)
        for path in ("/orders/" + missing.upper(), "/orders/x", "/orders/" + missing + "/"):
            self.assertEqual(service.request("GET", path).status, 404)


class Following(ServiceTest):
    def test_waiting_order_shows_what_it_waits_for(self):
        service = self.start()
        order_id = self.place(service)
        self.wait_status(service, order_id, "PENDING")
        found = wait_for(lambda: (order := self.order(service, order_id))["active"] and order
                         and order["active"][0]["state"] == "WaitForChanges" and order)
        state = found["active"][0]
        self.assertEqual((state["type"], state["waitsFor"]), ("Wait", "timer"))
        seconds = (parse_time(state["due"]) - parse_time(found["clock"]["now"]))
        self.assertTrue(20 < seconds <= 30, seconds)
        self.assertEqual(found["clock"]["scale"], 1)
        picture = service.request("GET", "/orders/%s/graph.svg" % order_id)
        self.assertEqual(picture.headers["Content-Type"], "image/svg+xml")
        self.assertRegex(picture.text(), r'class="[^"]*\bcurrent\b[^"]*" data-state="WaitForChanges')

    def test_changes_are_told(self):
        service = self.start(*FAST)
        told = []
        stream = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        stream.request("GET", "/events")
        answer = stream.getresponse()
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        order_id = self.place(service)
        while not told or told[-1]["orderStatus"] != "SUCCESS":
            line = answer.readline().decode()
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
        stream.close()
        self.assertEqual([one["orderStatus"] for one in told], ["QUEUED", "PENDING", "SUCCESS"])
        self.assertEqual({one["orderId"] for one in told}, {order_id})

    def test_listeners_are_limited(self):
        service = self.start("--no-poller")
        streams = []
        for _ in range(64):
            stream = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
            stream.request("GET", "/events")
            streams.append(stream.getresponse())
            self.assertEqual(streams[-1].status, 200)
        self.assertProblem(service.request("GET", "/events"), 503)
        for stream in streams:
            stream.close()
        wait_for(lambda: metric(service, "listeners") < 64)
        service.stop()


class Cancelling(ServiceTest):
    def cancel(self, service, order_id):
        return service.request("DELETE", "/orders/" + order_id)

    def test_queued_order(self):
        service = self.start("--no-poller")
        first, second = self.place(service), self.place(service)
        answer = self.cancel(service, first)
        self.assertEqual((answer.status, answer.json()["orderStatus"]), (200, "CANCELLED"))
        self.assertProblem(self.cancel(service, first), 409, "TooLate")
        self.assertEqual(metric(service, "queue_messages"), 1)
        service.stop()
        service = self.start(*FAST)
        self.wait_status(service, second, "SUCCESS")
        self.assertEqual(self.order(service, first)["orderStatus"], "CANCELLED")
        self.assertEqual(service.request("GET", "/orders/%s/history" % first).json(),
                         {"events": []})

    def test_waiting_order(self):
        service = self.start()
        order_id = self.place(service)
        wait_for(lambda: [s["state"] for s in self.order(service, order_id)["active"]]
                 == ["WaitForChanges"])
        self.assertEqual(self.cancel(service, order_id).status, 200)
        self.assertEqual(self.order(service, order_id)["orderStatus"], "CANCELLED")
        events = service.request("GET", "/orders/%s/history" % order_id).json()["events"]
        self.assertEqual(events[-1]["type"], "ExecutionAborted")
        self.assertProblem(self.cancel(service, order_id), 409)
        service.stop()
        service = self.start()
        self.assertEqual(self.order(service, order_id)["orderStatus"], "CANCELLED")

    def test_too_late(self):
        service = self.start(*FAST)
        order_id = self.place(service)
        self.wait_status(service, order_id, "SUCCESS")
        self.assertProblem(self.cancel(service, order_id), 409, "TooLate")
        self.assertProblem(self.cancel(service, str(uuid.uuid4())), 404)

    def test_race_with_the_wait(self):
        """Orders that are cancelled at any moment: each is CANCELLED or goes its way, never both."""
        service = self.start(*FAST)
        orders = [self.place(service) for _ in range(40)]
        cancelled = set()
        for i, order_id in enumerate(orders):
            if self.cancel(service, order_id).status == 200:
                cancelled.add(order_id)
            time.sleep(0.02)
        for order_id in orders:
            status = self.wait_status(service, order_id, "SUCCESS", "CANCELLED")["orderStatus"]
            self.assertEqual(status == "CANCELLED", order_id in cancelled)
            events = wait_for(lambda: (found := service.request(
                "GET", "/orders/%s/history" % order_id).json()["events"]) == [] or
                re.match("Execution(Succ|Ab)", found[-1]["type"]) and found)
            if events is True:
                self.assertIn(order_id, cancelled)
                continue
            self.assertEqual(events[-1]["type"] == "ExecutionAborted", order_id in cancelled)
            if order_id in cancelled:
                self.assertNotIn("SendOrderToRestaurant", json.dumps(events))


class Running(ServiceTest):
    def test_stop_and_go_on(self):
        service = self.start(*FAST)
        orders = [self.place(service) for _ in range(50)]
        service.stop()
        service = self.start(*FAST)
        for order_id in orders:
            self.wait_status(service, order_id, "SUCCESS")

    def test_goes_on_after_a_full_disk(self):
        """What was acknowledged before, and what comes after, ends; in between it is 503."""
        flag = self.folder / "full"
        service = self.start(*FAST, environment={"LD_PRELOAD": FULL, "FULL_FLAG": str(flag)})
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            first = [pool.submit(self.place, service) for _ in range(300)]
            time.sleep(0.1)
            flag.touch()
        orders = [one.result() for one in first if one.exception() is None]
        answers = []
        deadline = time.monotonic() + 8
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            def post_on(_):
                while time.monotonic() < deadline:
                    answers.append(self.post(service))
                    time.sleep(0.01)
            list(pool.map(post_on, range(4)))
        flag.unlink()
        self.assertIn(503, {answer.status for answer in answers})
        orders += [answer.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]
                   for answer in answers if answer.status == 200]
        orders.append(wait_for(lambda: (answer := self.post(service)).status == 200 and answer)
                      .json()["SendMessageResponse"]["SendMessageResult"]["MessageId"])
        for order_id in orders:
            self.wait_status(service, order_id, "SUCCESS")
        service.stop()

    def test_health_and_metrics(self):
        service = self.start(*FAST)
        self.assertEqual(service.request("GET", "/healthz").status, 200)
        self.assertEqual(service.request("GET", "/readyz").status, 200)
        order_id = self.place(service)
        self.wait_status(service, order_id, "SUCCESS")
        text = service.request("GET", "/metrics").text()
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) [a-z_]+ .+|'
                             r'[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9.e+-]+)$')
        self.assertEqual(metric(service, "queue_sent_total"), 1)
        wait_for(lambda: metric(service, 'orders_ended_total{status="SUCCESS"}') == 1)
        wait_for(lambda: metric(service, 'executions_ended_total{status="SUCCEEDED"}') == 1)
        self.assertGreater(metric(service, "events_total"), 10)
        self.assertGreater(metric(service, "commit_seconds_count"), 3)
        self.assertGreater(metric(service, "store_file_bytes"), 4096)

    def test_second_one_is_refused(self):
        self.start("--no-poller")
        result = run(self.folder, "--data", self.folder / "data", "--listen", "127.0.0.1:0")
        self.assertEqual(result.returncode, 6, result.stderr)

    def test_log_is_json_lines(self):
        service = self.start("--no-poller")
        service.stop()
        for line in service.log().splitlines():
            self.assertLessEqual({"time", "level", "message"}, set(json.loads(line)))

    def test_unix_socket(self):
        path = self.folder / "socket"
        process = subprocess.Popen([BINARY, "--data", self.folder / "data", "--no-poller",
                                    "--listen", "unix:%s" % path],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.terminate)
        process.stdout.readline()
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(path))
            peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertTrue(peer.recv(4096).startswith(b"HTTP/1.1 200 "))

    def test_settings_from_everywhere(self):
        """The command line before the environment, that before the file."""
        config = self.folder / "config"
        config.write_text("# of a test\n\nqueue-limit = 1\nno-poller = true\n")
        service = self.start("--config", config)
        self.place(service)
        self.assertProblem(self.post(service), 429)
        service.stop()
        service = self.start("--config", config, environment={"ORDER_SERVICE_QUEUE_LIMIT": "2"})
        self.place(service)
        self.assertProblem(self.post(service), 429)
        service.stop()
        service = self.start("--config", config, "--queue-limit", "3",
                             environment={"ORDER_SERVICE_QUEUE_LIMIT": "2"})
        self.place(service)
        self.assertProblem(self.post(service), 429)
        for wrong in ("nonsense\n", "colour = red\n", "queue-limit = 0\n", "no-poller = maybe\n"):
            config.write_text(wrong)
            self.assertEqual(run(self.folder, "--config", config).returncode, 2)


class Access(ServiceTest):
    def key_file(self, text="a key of sixteen+".replace(" ", "-"), mode=0o600):
        path = self.folder / "key"
        path.write_text(text + "\n")
        path.chmod(mode)
        return path

    def test_key_is_needed_for_all_but_health(self):
        key = "a-key-of-sixteen+"
        service = self.start("--no-poller", "--api-key-file", self.key_file())
        for method, path in (("GET", "/"), ("GET", "/orders"), ("GET", "/events"),
                             ("GET", "/metrics"), ("GET", "/readyz"), ("GET", "/page.js"),
                             ("POST", "/orders"), ("POST", "/subscriptions"),
                             ("DELETE", "/orders/" + str(uuid.uuid4()))):
            for headers in ({}, {"X-Api-Key": "wrong"}, {"X-Api-Key": key + "x"},
                            {"X-Api-Key": key[:-1]}, {"Authorization": "Bearer " + key},
                            {"Authorization": "Basic !"}, {"Authorization": "Basic " + key}):
                answer = service.request(method, path, {} if method == "POST" else None, headers)
                self.assertProblem(answer, 401)
                self.assertIn("Basic", answer.headers["WWW-Authenticate"])
        self.assertEqual(service.request("GET", "/healthz").status, 200)
        self.assertEqual(self.post(service, X_Api_Key=key).status, 200)
        basic = base64.b64encode(b"anybody:" + key.encode()).decode()
        self.assertEqual(service.request("GET", "/orders", None,
                                         {"Authorization": "Basic " + basic}).status, 200)
        self.assertNotIn(key, service.log())

    def test_what_can_be_reached_needs_key_and_tls(self):
        key = self.key_file()
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
            base = ("--data", self.folder / "x", "--listen", address)
            for more in ((), ("--behind-tls-proxy",), ("--api-key-file", key)):
                result = run(self.folder, *base, *more)
                self.assertEqual(result.returncode, 2, (address, more))
        self.assertFalse((self.folder / "x").exists())
        process = subprocess.Popen([BINARY, "--data", self.folder / "y", "--listen", "0.0.0.0:0",
                                    "--api-key-file", key, "--behind-tls-proxy"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.terminate)
        self.assertIn(b"order-service: http://0.0.0.0:", process.stdout.readline())

    def test_secret_files_are_private(self):
        for mode in (0o640, 0o604, 0o660):
            result = run(self.folder, "--api-key-file", self.key_file(mode=mode))
            self.assertEqual(result.returncode, 2)
            self.assertIn("chmod 600", result.stderr)
        for text in ("short", "", "a" * 256, "with a blank in it"):
            self.assertEqual(run(self.folder, "--api-key-file", self.key_file(text)).returncode, 2)

    def test_tls(self):
        certificates = Certificates(self.folder)
        certificate, key = certificates.server
        process = subprocess.Popen([BINARY, "--data", self.folder / "data", "--no-poller",
                                    "--listen", "127.0.0.1:0", "--tls-certificate", certificate,
                                    "--tls-key", key],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.terminate)
        port = int(re.search(rb"https://127\.0\.0\.1:(\d+)/", process.stdout.readline())[1])
        trust = ssl.create_default_context(cafile=str(certificates.authority))
        for i in range(3):
            peer = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=trust)
            for _ in range(3):
                peer.request("POST", "/orders", json.dumps(PIZZA),
                             {"Content-Type": "application/json"})
                answer = peer.getresponse()
                self.assertEqual((answer.status, len(answer.read()) > 100), (200, True))
            peer.request("GET", "/nothing")
            self.assertEqual(peer.getresponse().read()[:8], b'{"error"')
            peer.close()
        old = ssl.create_default_context(cafile=str(certificates.authority))
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, OSError)):
            http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=old).connect()
        with socket.create_connection(("127.0.0.1", port), 30) as peer:  # no TLS
            peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
            self.assertNotIn(b"HTTP/", peer.recv(4096))


def parse_time(text):
    match = re.fullmatch(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+\.\d+)Z", text)
    return (int(match[3]) * 24 + int(match[4])) * 3600 + int(match[5]) * 60 + float(match[6])


def metric(service, name):
    text = service.request("GET", "/metrics").text()
    match = re.search("^order_service_%s (.+)$" % re.escape(name), text, re.M)
    return float(match[1])


def run(folder, *arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, cwd=folder)


if __name__ == "__main__":
    BINARY, LATER, FULL = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
    unittest.main()
