#!/usr/bin/python3
"""Requests that are not right, over sockets: each is answered as it must be and the connection is
closed; a service that got them all still serves, holds nothing, and stops by itself. Under the
sanitizers a leak or a wrong access ends it with another code.

usage: run_hostile.py BINARY [TEST]...
"""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import socket
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from harness import Service, wait_for

BINARY = None
MUTATIONS = 3000
BODY = b'{"name":"Pizza","restaurantId":"Restaurant 99","quantity":3}'
JSON = b"Content-Type: application/json\r\n"


class HostileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="orders-")
        self.addCleanup(folder.cleanup)
        self.service = Service(BINARY, pathlib.Path(folder.name) / "data", "--no-poller")
        self.addCleanup(self.service.kill)
        self.host = b"Host: 127.0.0.1:%d\r\n" % self.service.port

    def tearDown(self):
        self.assertEqual(self.service.request("GET", "/healthz").status, 200)
        wait_for(lambda: self.metric("connections") == 1)
        self.service.stop()

    def metric(self, name):
        text = self.service.request("GET", "/metrics").text()
        return float(re.search("^order_service_%s (.+)$" % name, text, re.M)[1])

    def orders(self):
        return self.service.request("GET", "/orders?limit=200").json()["orders"]

    def statuses(self, data, **others):
        answer = self.service.raw(data, **others)
        return [int(found) for found in re.findall(rb"(?:^|[}\n])HTTP/1\.[01] (\d+) ", answer)]


class Table(HostileTest):
    def test_table(self):
        post = b"POST /orders HTTP/1.1\r\n" + self.host + JSON
        get = b"GET /orders HTTP/1.1\r\n" + self.host
        length = b"Content-Length: %d\r\n" % len(BODY)
        table = [
            (400, post + length + b"Transfer-Encoding: chunked\r\n\r\n" + BODY),
            (400, post + length + b"Content-Length: 1\r\n\r\n" + BODY),
            (400, post + length * 2 + b"\r\n" + BODY),
            (400, post + b"Content-Length: -1\r\n\r\n" + BODY),
            (400, post + b"Content-Length: +3\r\n\r\n" + BODY),
            (400, b"POST /orders HTTP/1.1\r\n" + JSON + length + b"\r\n" + BODY),
            (400, post + self.host + length + b"\r\n" + BODY),
            (400, post + b"Content-Length : 60\r\n\r\n" + BODY),
            (400, (post + length + b"\r\n").replace(b"\r\n", b"\n") + BODY),
            (400, post + b" folded\r\n" + length + b"\r\n" + BODY),
            (400, post + b"A: \0\r\n" + length + b"\r\n" + BODY),
            (400, post + b"Transfer-Encoding: chunked\r\n\r\n0x3\r\n{ }\r\n0\r\n\r\n"),
            (431, post + b"A: " + b"a" * 200000 + b"\r\n\r\n"),
            (413, post + b"Content-Length: 2097152\r\n\r\n" + b" " * 2097152),
            (413, post + b"Content-Length: 1048577\r\n\r\n"),
            (411, post + b"\r\n"),
            (414, b"GET /orders?" + b"a" * 9000 + b" HTTP/1.1\r\n" + self.host + b"\r\n"),
            (404, b"GET /.refused HTTP/1.1\r\nStatus: 200\r\n" + self.host + b"\r\n"),
            (404, b"GET /../../etc/passwd HTTP/1.1\r\n" + self.host + b"\r\n"),
            (405, b"DELETE /orders HTTP/1.1\r\n" + self.host + b"\r\n"),
            (405, b"POST / HTTP/1.1\r\nContent-Length: 0\r\n" + self.host + b"\r\n"),
            (501, b"PUT /orders HTTP/1.1\r\n" + self.host + length + b"\r\n" + BODY),
            (501, b"OPTIONS /orders HTTP/1.1\r\n" + self.host + b"\r\n"),
            (501, b"HEAD /orders HTTP/1.1\r\n" + self.host + b"\r\n"),
            (421, b"GET /orders HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
            (421, b"GET /orders HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
            (400, b"GET http://127.0.0.1/orders HTTP/1.1\r\n" + self.host + b"\r\n"),
            (505, b"GET /orders HTTP/3.0\r\n" + self.host + b"\r\n"),
            (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
            (400, get + b"Content-Length: 5\r\n\r\nhello"),
            (417, post + b"Expect: 418-teapot\r\n" + length + b"\r\n" + BODY),
            (431, b"GET /orders HTTP/1.1\r\n" + b"A" * 70000),
        ]
        for status, request in table:
            with self.subTest(request[:120]):
                self.assertEqual(self.statuses(request), [status])
        self.assertEqual(self.orders(), [])

    def test_right_ones_before_a_wrong_one_are_answered(self):
        post = (b"POST /orders HTTP/1.1\r\n" + self.host + JSON +
                b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
        get = b"GET /healthz HTTP/1.1\r\n" + self.host + b"\r\n"
        wrong = b"GET /healthz HTTP/1.1\r\n\r\n"
        self.assertEqual(self.statuses(post + get + post + wrong + post), [200, 200, 200, 400])
        self.assertEqual(self.statuses(get * 50 + wrong), [200] * 50 + [400])
        self.assertEqual(len(self.orders()), 2)

    def test_hidden_second_request(self):
        """A body that is a request is a body; what follows a refusal is nothing."""
        hidden = b"DELETE /orders/x HTTP/1.1\r\n" + self.host + b"\r\n"
        post = b"POST /orders HTTP/1.1\r\nConnection: close\r\n" + self.host + JSON
        self.assertEqual(
            self.statuses(post + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden), [400])
        self.assertEqual(self.statuses(
            post + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden), [400])

    def test_answers_close_when_they_are_asked_to(self):
        for closing in (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n",
                        b"GET /healthz HTTP/1.0\r\n"):
            self.assertEqual(self.statuses(closing + self.host + b"\r\n"), [200])

    def test_expectation_is_met(self):
        with socket.create_connection(("127.0.0.1", self.service.port), 30) as peer:
            peer.sendall(b"POST /orders HTTP/1.1\r\nExpect: 100-continue\r\n" + self.host + JSON +
                         b"Content-Length: %d\r\n\r\n" % len(BODY))
            self.assertTrue(peer.recv(1000).startswith(b"HTTP/1.1 100 "))
            peer.sendall(BODY)
            self.assertTrue(peer.recv(1000).startswith(b"HTTP/1.1 200 "))


class Slow(HostileTest):
    def test_slow_head_is_refused(self):
        with socket.create_connection(("127.0.0.1", self.service.port), 30) as peer:
            begin = time.monotonic()
            peer.sendall(b"GET /healthz HTTP/1.1\r\n")
            answer = b""
            while chunk := peer.recv(4096):
                answer += chunk
            self.assertIn(b"HTTP/1.1 408 ", answer)
            self.assertTrue(9 < time.monotonic() - begin < 14)

    def test_connections_are_limited(self):
        """More are told so, at once, and are served when others have gone."""
        self.service.kill()
        folder = tempfile.TemporaryDirectory(prefix="orders-")
        self.addCleanup(folder.cleanup)
        self.service = Service(BINARY, folder.name, "--no-poller", "--connections", "20")
        self.addCleanup(self.service.kill)
        self.host = b"Host: 127.0.0.1:%d\r\n" % self.service.port
        request = b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + self.host + b"\r\n"
        idle = [socket.create_connection(("127.0.0.1", self.service.port), 30) for _ in range(20)]
        for peer in idle:
            peer.sendall(request.replace(b"Connection: close\r\n", b""))
            self.assertTrue(peer.recv(4096).startswith(b"HTTP/1.1 200 "))
        answer = self.service.raw(request)
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        self.assertIn(b"Retry-After: 1\r\n", answer)
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: self.statuses(request), range(500)))
        self.assertEqual(answers, [[503]] * 500)
        for peer in idle:
            peer.sendall(request)  # they are still served
            self.assertTrue(peer.recv(4096).startswith(b"HTTP/1.1 200 "))
            peer.close()
        wait_for(lambda: self.statuses(request) == [200])

    def test_idle_connections_shut_nobody_out(self):
        """Who says nothing is told to go; who is one too many is told at once."""
        idle = [socket.create_connection(("127.0.0.1", self.service.port), 30) for _ in range(300)]
        wait_for(lambda: self.statuses(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" +
                                       self.host + b"\r\n") == [200], 20)
        for peer in idle:
            self.assertRegex(peer.recv(4096), rb"^HTTP/1\.[01] (408|503) ")
            peer.close()

    def test_what_is_sent_ahead_is_bounded(self):
        """Requests without end from a client that reads no answers, and behind a stream."""
        get = b"GET /metrics HTTP/1.1\r\nA: " + b"a" * 50000 + b"\r\n" + self.host + b"\r\n"
        for first in (b"", b"GET /events HTTP/1.1\r\n" + self.host + b"\r\n"):
            with socket.create_connection(("127.0.0.1", self.service.port), 3) as peer:
                try:
                    peer.sendall(first)
                    for _ in range(2000):
                        peer.sendall(get)
                except OSError:
                    pass
                status = pathlib.Path(
                    "/proc/%d/status" % self.service.process.pid).read_text()
                private = int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024
                if "sanitize" not in BINARY:
                    self.assertLess(private, 32)

    def test_clients_that_leave(self):
        """At any moment of a request, and while its answer is on the way."""
        request = (b"POST /orders HTTP/1.1\r\n" + self.host + JSON +
                   b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
        for size in list(range(0, len(request), 3)) + [len(request)] * 30:
            with socket.create_connection(("127.0.0.1", self.service.port), 30) as peer:
                peer.sendall(request[:size])
        for _ in range(30):
            with socket.create_connection(("127.0.0.1", self.service.port), 30) as peer:
                peer.sendall(b"GET /events HTTP/1.1\r\n" + self.host + b"\r\n" + request)


class Mutations(HostileTest):
    """Good requests with bytes changed, cut, doubled, mixed."""

    def seeds(self):
        order = self.service.request("POST", "/orders", json.loads(BODY)).json()
        order_id = order["SendMessageResponse"]["SendMessageResult"]["MessageId"].encode()
        post = b"POST %s HTTP/1.1\r\n" + self.host + JSON + b"%sContent-Length: %d\r\n\r\n%s"
        get = b"GET %s HTTP/1.1\r\n" + self.host + b"\r\n"
        mail = b'{"email":"a@b.example"}'
        yield post % (b"/orders", b"Idempotency-Key: a\r\n", len(BODY), BODY)
        yield post % (b"/subscriptions", b"", len(mail), mail)
        yield post % (b"/confirm?token=Y3wxfGFAYg.00", b"", 0, b"")
        yield post % (b"/unsubscribe?token=Y3wxfGFAYg.00", b"", 26, b"List-Unsubscribe=One-Click")
        yield b"DELETE /orders/%s HTTP/1.1\r\n" % order_id + self.host + b"\r\n"
        for path in (b"/orders?status=QUEUED&restaurantId=R%20S&after=MDFh&limit=3",
                     b"/orders/" + order_id, b"/orders/%s/history?after=x" % order_id,
                     b"/orders/%s/graph.svg" % order_id, b"/events", b"/metrics", b"/", b"/page.js",
                     b"/confirm?token=a.b", b"/readyz"):
            yield get % path

    def mutate(self, random_, seeds):
        data = bytearray(random_.choice(seeds))
        for _ in range(random_.randint(1, 4)):
            place = random_.randrange(len(data)) if data else 0
            kind = random_.randrange(6)
            if kind == 0 and data:
                data[place] = random_.randrange(256)
            elif kind == 1:
                del data[place:place + random_.randint(1, 20)]
            elif kind == 2:
                data[place:place] = data[place:place + random_.randint(1, 40)]
            elif kind == 3:
                other = random_.choice(seeds)
                cut = random_.randrange(len(other))
                data[place:place] = other[cut:cut + random_.randint(1, 60)]
            elif kind == 4:
                data[place:place] = random_.choice(
                    (b"\r\n", b"\n", b"\0", b"%00", b"\xff", b": ", b"Content-Length: 3\r\n",
                     b"Transfer-Encoding: chunked\r\n", b"&", b"=", b'"', b"{", b"[[[[", b"1e999"))
            else:
                data += random_.choice(seeds)
        return bytes(data)

    def test_mutations(self):
        seed = int(os.environ.get("SEED", "1"))
        random_ = random.Random(seed)
        seeds = list(self.seeds())
        requests = [self.mutate(random_, seeds) for _ in range(MUTATIONS)]

        def send(data):
            with socket.create_connection(("127.0.0.1", self.service.port), 30) as peer:
                try:
                    peer.sendall(data)
                    peer.settimeout(0.02)
                    while peer.recv(65536):
                        pass
                except OSError:
                    pass

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(send, requests))
        self.assertTrue(self.service.is_running(), self.service.log()[-3000:])


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
