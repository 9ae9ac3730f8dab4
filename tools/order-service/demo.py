#!/usr/bin/env python3
"""A payment provider and a restaurant over HTTP, to try the order workflow with real requests.

    demo.py payment                  POST http://127.0.0.1:9001/charges  is the task ProcessPayment
    demo.py restaurant               POST http://127.0.0.1:9002/orders   is SendOrderToRestaurant

They decide as the order plugin does: by the payment's token and amount, by the restaurant's name
and the quantity. demo.tasks.json beside this file binds the two tasks to them:

    asl-run --tasks demo.tasks.json --allow-net 127.0.0.0/8 order.asl.json order.input.json

A request needs the header Idempotency-Key, which the http task sends. The same key gets the same
answer. An order is charged, or taken, once, however many keys ask for it: a task that is tried
again has a new key, while the order's id stays. An answer of 200 is JSON. Any other is a line of
text, because its body becomes the failure's cause, which the customer reads.

    GET  /state                      counts, as JSON: requests, charges (or orders), and which
    POST /fault                      {"fault": "503", "times": 2}: the next two requests fail so

The last replaces the faults that were there; a list sets several, one after the other. A fault
without "times" stays until another comes. The same at the start: --fault 503:2 --fault reset
"""

import argparse
import collections
import hashlib
import http.server
import json
import math
import re
import signal
import socket
import struct
import sys
import threading
import time

BODY_BYTES_MAX = 262144
IDLE_S = 60
AMOUNT_LIMIT = 1000
QUANTITY_LIMIT = 100
RESTAURANTS = {"Restaurant 7": {"quantityLimit": 5}, "Restaurant 13": {"open": False}}
# Token: why it is refused, and from which try on it is charged all the same.
DECLINED = {
    "tok_declined": "the card was declined",
    "tok_expired": "the card has expired",
    "tok_insufficient_funds": "the card has insufficient funds",
}
UNAVAILABLE = {
    "tok_unavailable": math.inf,
    "tok_unavailable_once": 1,
    "tok_unavailable_twice": 2,
}
FAULTS = """faults (N is a status from 400 to 599):
  none         from here on all is well
  N            answers with this status; nothing is done
  reset        resets the connection; nothing is done
  garbage      sends bytes that are no HTTP; nothing is done
  no-json      answers 200 with a body that is no JSON; nothing is done
  slow         does what is asked for, and answers after some seconds (--slow)
  reset-after  does what is asked for, then resets the connection before the answer
  duplicate    does what is asked for, and sends its answer twice
"""
KINDS = ("none", "reset", "garbage", "no-json", "slow", "reset-after", "duplicate")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def whole(value):
    """The number as an integer of 64 bits, or None where it is none."""
    if not is_number(value) or (isinstance(value, float) and not value.is_integer()):
        return None
    return int(value) if -(2**63) <= value < 2**63 else None


def charge(request, attempt):
    """What the payment provider says: status and answer."""
    payment = request.get("payment")
    token = payment.get("token") if isinstance(payment, dict) else None
    amount = payment.get("amount") if isinstance(payment, dict) else None
    if not isinstance(token, str) or not is_number(amount):
        return 400, 'the payment must be {"token", "amount"}'
    if token in DECLINED:
        return 402, DECLINED[token]
    if attempt < UNAVAILABLE.get(token, 0):
        return 503, "the payment provider does not answer"
    if token != "tok_ok" and token not in UNAVAILABLE:
        return 402, "the payment's token is not known"
    if amount > AMOUNT_LIMIT:
        return 402, "the amount is above the limit of %.15g" % AMOUNT_LIMIT
    return 200, {"paymentStatus": "CHARGED", "amount": amount}


def take(request, attempt):
    """What the restaurant says."""
    name = request.get("restaurantId")
    if not isinstance(name, str):
        return 400, "the order has no restaurantId"
    restaurant = RESTAURANTS.get(name, {})
    limit = restaurant.get("quantityLimit", QUANTITY_LIMIT)
    quantity = whole(request.get("quantity"))
    if not restaurant.get("open", True):
        return 409, "the restaurant is closed"
    if quantity is None or quantity < 1:
        return 422, "the quantity must be a whole number of at least 1"
    if quantity > limit:
        return 422, "the restaurant makes at most %d for one order" % limit
    return 200, {"restaurantStatus": "ACCEPTED"}


# What a service is called, where it listens, which path is the task, who decides, what it counts.
Kind = collections.namedtuple("Kind", "name port path decide counts")
SERVICES = {
    "payment": Kind("payment", 9001, "/charges", charge, "charges"),
    "restaurant": Kind("restaurant", 9002, "/orders", take, "orders"),
}


class BadRequest(Exception):
    """A request that is refused: status and what is wrong with it."""


def read_fault(value):
    """{"fault", "times"?} as [kind, times]; times None: always."""
    if not isinstance(value, dict) or not set(value) <= {"fault", "times"}:
        raise BadRequest(400, 'a fault is {"fault": KIND, "times": N}')
    kind, times = str(value.get("fault")), value.get("times")
    if kind not in KINDS and not re.fullmatch(r"[45]\d\d", kind):
        raise BadRequest(400, "the fault must be a status from 400, or %s" % ", ".join(KINDS))
    if times is not None and (whole(times) is None or times < 1):
        raise BadRequest(400, '"times" must be a whole number from 1')
    return [kind, times]


class Ledger:
    """What a service remembers. Its lock is held while it decides, never while it waits."""

    def __init__(self, kind, faults):
        self.kind = kind
        self.lock = threading.Lock()
        self.faults = faults
        self.requests = self.count = 0
        self.answers = {}  # by idempotency key: digest of the request, status, answer
        self.done = {}  # by order: digest of what was asked for, answer
        self.tries = {}  # by order: idempotency keys

    def next_fault(self):
        """Counts a request; how it is to go wrong."""
        with self.lock:
            self.requests += 1
            if not self.faults:
                return "none"
            fault = self.faults[0]
            if fault[1] is not None:
                fault[1] -= 1
                if fault[1] == 0:
                    self.faults.pop(0)
            return fault[0]

    def set_faults(self, faults):
        with self.lock:
            self.faults = faults

    def state(self):
        with self.lock:
            return {
                "service": self.kind.name,
                "requests": self.requests,
                self.kind.counts: self.count,
                "of": list(self.done),
                "faults": [{"fault": kind, "times": times} for kind, times in self.faults],
            }

    def decide(self, key, request):
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).digest()
        with self.lock:
            if key in self.answers:
                seen, status, answer = self.answers[key]
                if seen != digest:
                    return 422, "this Idempotency-Key came with another request before"
                return status, answer
            status, answer = self.decide_anew(key, request, digest)
            self.answers[key] = digest, status, answer
            return status, answer

    def decide_anew(self, key, request, digest):
        order = request.get("orderId")
        if not isinstance(order, str) or not order:
            return 400, "the request has no orderId"
        if order in self.done:
            seen, answer = self.done[order]
            return (200, answer) if seen == digest else (409, "the order was done in another way")
        tries = self.tries.setdefault(order, [])
        tries.append(key)
        status, answer = self.kind.decide(request, len(tries) - 1)
        if status == 200:
            self.done[order] = digest, answer
            self.count += 1
            del self.tries[order]
        return status, answer


def no_constant(name):
    raise ValueError(name + " is no JSON")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    timeout = IDLE_S

    def do_GET(self):
        if self.path == "/state":
            self.answer(200, self.server.ledger.state())
        else:
            self.answer(404, "there is GET /state, POST /fault and the task")

    def do_POST(self):
        try:
            self.serve()
        except BadRequest as problem:
            self.answer(*problem.args)

    def serve(self):
        ledger = self.server.ledger
        if self.path not in ("/fault", ledger.kind.path):
            self.close_connection = True
            raise BadRequest(404, "tasks go to %s" % ledger.kind.path)
        request = self.body()
        if self.path == "/fault":
            wanted = request if isinstance(request, list) else [request]
            ledger.set_faults([read_fault(value) for value in wanted])
            self.answer(200, ledger.state())
        else:
            self.serve_task(ledger, request)

    def serve_task(self, ledger, request):
        fault = ledger.next_fault()
        if fault == "reset":
            self.reset()
        elif fault == "garbage":
            self.wfile.write(b"\0\1\2 here is no HTTP at all\r\n\r\n")
            self.close_connection = True
        elif fault == "no-json":
            self.answer(200, "<html>this is no JSON</html>")
        elif fault.isdigit():
            self.answer(int(fault), "the %s service is out of order" % ledger.kind.name)
        else:
            self.do_task(ledger, request, fault)

    def do_task(self, ledger, request, fault):
        key = self.headers.get("Idempotency-Key")
        if not key or not isinstance(request, dict):
            raise BadRequest(400, "a task is a JSON object, with the header Idempotency-Key")
        status, answer = ledger.decide(key, request)
        if fault == "reset-after":
            self.reset()
            return
        if fault == "slow":
            time.sleep(self.server.slow_s)
        self.answer(status, answer, 2 if fault == "duplicate" else 1)

    def body(self):
        size = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"\d{1,6}", size) or int(size) > BODY_BYTES_MAX:
            self.close_connection = True  # what follows is not looked at
            raise BadRequest(411 if not size else 413, "a Content-Length up to %d is needed" %
                             BODY_BYTES_MAX)
        try:
            return json.loads(self.rfile.read(int(size)), parse_constant=no_constant)
        except (ValueError, RecursionError):
            raise BadRequest(400, "the body is no JSON") from None

    def reset(self):
        """RST instead of FIN: nothing lingers."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def answer(self, status, answer, times=1):
        is_text = isinstance(answer, str)
        body = answer if is_text else json.dumps(answer, ensure_ascii=False)
        data = body.encode("utf-8", "surrogatepass")
        reason = http.server.BaseHTTPRequestHandler.responses.get(status, ("Status",))[0]
        kind = "text/plain; charset=utf-8" if is_text else "application/json"
        head = "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n" % (
            status, reason, kind, len(data),
            "Connection: close\r\n" if self.close_connection else "")
        self.log_request(status)
        try:
            self.wfile.write((head.encode() + data) * times)
        except OSError:
            self.close_connection = True  # whoever asked is gone

    def log_message(self, form, *arguments):
        if self.server.is_verbose:
            print("%s: %s" % (self.server.ledger.kind.name, form % arguments), file=sys.stderr)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A connection that broke is what happens, not an error to show a trace of."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def read_place(text):
    """HOST:PORT; with [HOST]:PORT for IPv6."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("%r is no HOST:PORT" % text)
    return host.strip("[]"), int(port)


def read_fault_option(text):
    kind, colon, times = text.partition(":")
    try:
        return read_fault({"fault": kind, "times": int(times) if colon else None})
    except (BadRequest, ValueError) as problem:
        raise argparse.ArgumentTypeError(str(problem.args[-1])) from None


def read_options():
    parser = argparse.ArgumentParser(
        prog="demo.py", description=__doc__, epilog=FAULTS,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("service", choices=sorted(SERVICES))
    parser.add_argument("--listen", metavar="HOST:PORT", type=read_place,
                        help="port 0: any (default: 127.0.0.1:9001, :9002 for the restaurant)")
    parser.add_argument("--fault", metavar="KIND[:TIMES]", type=read_fault_option, action="append",
                        default=[], help="may be given several times, see below")
    parser.add_argument("--slow", metavar="SECONDS", type=float, default=30,
                        help="how long 'slow' takes (default: 30)")
    parser.add_argument("--verbose", action="store_true", help="a line for each request on stderr")
    return parser.parse_args()


def stop(*_):
    sys.exit(0)


def main():
    options = read_options()
    kind = SERVICES[options.service]
    place = options.listen or ("127.0.0.1", kind.port)
    Server.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    try:
        server = Server(place, Handler)
    except OSError as problem:
        print("demo.py: cannot listen on %s:%d: %s" % (*place, problem.strerror), file=sys.stderr)
        return 2
    server.ledger = Ledger(kind, options.fault)
    server.slow_s = options.slow
    server.is_verbose = options.verbose
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    host = "[%s]" % place[0] if ":" in place[0] else place[0]
    print("%s: http://%s:%d%s" % (kind.name, host, server.server_port, kind.path), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
