#!/usr/bin/python3
"""The service is killed at random moments while clients post orders, each again and again with its
Idempotency-Key until it is acknowledged. Then every order must have ended once, and its end must
have been mailed, always with one Message-ID.

usage: run_kill.py BINARY ORDERS KILLS [broken]

With "broken" the binary is the one that acknowledges before the commit: then an acknowledged order
must be missing, or the test could not tell.
"""

import collections
import http.client
import json
import os
import pathlib
import random
import re
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

from harness import Mailbox, Service, need_mail_server, wait_for

CLIENTS = 16
SUBSCRIBER = "boss@shop.example"
DECLINED_EVERY = 5  # one order in so many is to fail
LEAST_S, MOST_S = 0.05, 0.6  # between two kills


class Clients:
    """Threads that post; `port` is where the service is now, None while it is not."""

    def __init__(self, orders):
        self.port = None
        self.left = collections.deque(range(orders))
        self.acknowledged = {}  # number of the order -> its id
        self.tries = 0
        self.problems = []
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        try:
            while self.left:
                try:
                    number = self.left.popleft()
                except IndexError:
                    return
                self.place(number)
        except Exception as problem:  # shown by who waits
            self.problems.append(repr(problem))

    def place(self, number):
        restaurant = "Restaurant 13" if number % DECLINED_EVERY == 0 else "Restaurant 99"
        body = json.dumps({"name": "Pizza %d" % number, "restaurantId": restaurant, "quantity": 1})
        headers = {"Content-Type": "application/json", "Idempotency-Key": "order-%d" % number}
        while number not in self.acknowledged:
            port = self.port
            if port is None:
                time.sleep(0.005)
                continue
            self.tries += 1
            peer = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                peer.request("POST", "/orders", body, headers)
                answer = peer.getresponse()
                text = answer.read()
                if answer.status == 200:
                    result = json.loads(text)["SendMessageResponse"]["SendMessageResult"]
                    self.acknowledged[number] = result["MessageId"]
                elif answer.status not in (429, 503):
                    raise AssertionError("order %d: %d %r" % (number, answer.status, text))
            except (OSError, http.client.HTTPException):
                time.sleep(0.005)  # no answer
            finally:
                peer.close()

    def are_done(self):
        if self.problems:
            raise AssertionError(self.problems)
        return not any(thread.is_alive() for thread in self.threads)


def subscribe(service, mailbox):
    answer = service.request("POST", "/subscriptions", {"email": SUBSCRIBER})
    assert answer.status == 202, answer.body
    mail = wait_for(lambda: mailbox.mails(SUBSCRIBER), what="the confirmation")[0]
    link = re.search(r"http://\S+(/confirm\?token=\S+)", mail.text())[1]
    answer = service.request("POST", link, b"")
    assert answer.status == 200, answer.body


def all_orders(service):
    orders, query = [], "?limit=200"
    while query:
        page = service.request("GET", "/orders" + query).json()
        orders += page["orders"]
        query = "?limit=200&after=" + page["next"] if page["next"] else None
    return orders


def metric(service, name):
    text = service.request("GET", "/metrics").text()
    return float(re.search("^order_service_%s (.+)$" % name, text, re.M)[1])


def check_orders(service, clients):
    """Problems, each a line."""
    orders = {order["orderId"]: order for order in all_orders(service)}
    names = collections.Counter(order["name"] for order in orders.values())
    for number, order_id in clients.acknowledged.items():
        order = orders.get(order_id)
        want = "FAILURE" if number % DECLINED_EVERY == 0 else "SUCCESS"
        if order is None:
            yield "acknowledged and lost: order %d, %s" % (number, order_id)
            continue
        if order["orderStatus"] != want:
            yield "order %d is %s, not %s" % (number, order["orderStatus"], want)
        events = service.request("GET", "/orders/%s/history" % order_id).json()["events"]
        ends = [event["type"] for event in events if re.match("Execution[^S]|ExecutionSucc",
                                                              event["type"])]
        if len(ends) != 1 or events[-1]["type"] != ends[0]:
            yield "order %d has ended %d times: %s" % (number, len(ends), ends)
    for name, count in names.items():
        if count > 1:
            yield "%s was taken %d times" % (name, count)
    executions = metric(service, "store_executions")
    if executions != len(orders):
        yield "%d orders have %d executions" % (len(orders), executions)


def check_mails(mailbox, clients):
    found = collections.defaultdict(set)
    for mail in mailbox.mails(SUBSCRIBER):
        match = re.search(r"Order (\S+)\s+Status: (\S+)", mail.text())
        if match:
            found[match[1], match[2]].add(mail["Message-ID"])
    for number, order_id in clients.acknowledged.items():
        want = "FAILURE" if number % DECLINED_EVERY == 0 else "SUCCESS"
        if len(found.get((order_id, want), ())) != 1:
            yield "order %d: its end was mailed with these ids: %s" % (
                number, found.get((order_id, want)))


def main(binary, orders, kills, is_broken):
    with tempfile.TemporaryDirectory(prefix="order-kill-") as folder:
        return run(pathlib.Path(folder), binary, orders, kills, is_broken)


def run(folder, binary, orders, kills, is_broken):
    mailbox = Mailbox(folder)
    arguments = ("--clock", "60x", "--smtp", "smtp://127.0.0.1:%d" % mailbox.port,
                 "--mail-retry", "200ms", "--queue-limit", "100000")
    service = Service(binary, folder / "data", *arguments)
    subscribe(service, mailbox)
    clients = Clients(orders)
    begin = time.monotonic()
    killed = 0
    while not clients.are_done() or killed < kills:
        clients.port = service.port
        time.sleep(random.uniform(LEAST_S, MOST_S))
        if killed < kills:
            clients.port = None
            service.kill()
            killed += 1
            service = Service(binary, folder / "data", *arguments)
    wait_for(lambda: metric(service, "queue_messages") == 0, 300, "the end of the queue")
    for status in ("QUEUED", "PENDING"):
        wait_for(lambda: not service.request("GET", "/orders?limit=1&status=" + status)
                 .json()["orders"], 300, "the end of what is " + status)
    problems = list(check_orders(service, clients))
    if not is_broken:
        try:
            wait_for(lambda: not list(check_mails(mailbox, clients)), 300, "the mails")
        except AssertionError:
            problems += list(check_mails(mailbox, clients))
        if not problems:
            wait_for(lambda: metric(service, "mails_waiting") == 0, 60, "the end of the outbox")
    mails = len(mailbox.mails(SUBSCRIBER)) - 1
    service.stop()
    mailbox.stop()
    print("%d orders, %d kills, %d tries, %d mails, %.0f s: %d problems" % (
        orders, killed, clients.tries, mails, time.monotonic() - begin, len(problems)))
    for problem in problems[:20]:
        print(problem)
    if is_broken:
        lost = [problem for problem in problems if "lost" in problem]
        print("the control has lost %d orders" % len(lost))
        return 0 if lost else 1
    return 1 if problems else 0


if __name__ == "__main__":
    need_mail_server()
    sys.exit(main(os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]),
                  sys.argv[4:] == ["broken"]))
