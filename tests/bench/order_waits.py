#!/usr/bin/env python3
"""Orders that wait: so many are posted and wait together; then the service is killed and started
again. Its private memory, the time until it is ready, and whether each order ends at its own
deadline.

usage: order_waits.py SERVICE FOLDER [ORDERS]     FOLDER is on the disk to measure
"""

import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS = 8
SECONDS = 30  # that the workflow waits
SLOW = 5  # the workflow's clock runs so many times slower, so that all orders wait together


class Service:
    def __init__(self, binary, folder):
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [binary, "--data", folder, "--listen", "127.0.0.1:0", "--clock", "%gx" % (1 / SLOW),
             "--queue-limit", "1000000"], stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline())[1])
        self.ready_s = time.monotonic() - begin

    def get(self, path):
        peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        peer.request("GET", path)
        text = peer.getresponse().read().decode()
        peer.close()
        return text

    def metric(self, name):
        return float(re.search("^order_service_%s (.+)$" % re.escape(name),
                               self.get("/metrics"), re.M)[1])

    def private_mib(self):
        status = pathlib.Path("/proc/%d/status" % self.process.pid).read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024


def post(service, count):
    body = json.dumps({"name": "Pizza", "restaurantId": "Restaurant 99", "quantity": 1})

    def run(part):
        peer = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        for _ in range(part):
            peer.request("POST", "/orders", body, {"Content-Type": "application/json"})
            answer = peer.getresponse()
            if answer.status != 200:
                raise SystemExit(answer.read())
            answer.read()
        peer.close()

    threads = [threading.Thread(target=run, args=(count // CLIENTS,)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def parse_time(text):
    match = re.match(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+\.\d+)", text)
    return (int(match[3]) * 24 + int(match[4])) * 3600 + int(match[5]) * 60 + float(match[6])


def sample(service):
    """The first order of each page."""
    path = "/orders?limit=200"
    while path:
        page = json.loads(service.get(path))
        yield page["orders"][0]["orderId"]
        path = page["next"] and "/orders?limit=200&after=" + page["next"]


def waits(service, orders):
    """How long each of some orders has waited, by the workflow's clock."""
    for order_id in orders:
        times = {}
        for event in json.loads(service.get("/orders/%s/history" % order_id))["events"]:
            times.setdefault(event["type"], parse_time(event["timestamp"]))
        yield times["WaitStateExited"] - times["WaitStateEntered"]


def main(binary, folder, count=100000):
    count = int(count)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        service = Service(binary, scratch + "/data")
        begin = time.monotonic()
        post(service, count)
        print("%d orders taken in %.1f s" % (count, time.monotonic() - begin), flush=True)
        while service.metric("queue_messages") > 0:
            time.sleep(0.1)
        print("all started after %.1f s, private memory %.1f MiB" % (
            time.monotonic() - begin, service.private_mib()), flush=True)
        some = list(sample(service))
        service.process.kill()
        service.process.wait()
        service = Service(binary, scratch + "/data")
        print("killed; ready again after %.2f s, private memory %.1f MiB" % (
            service.ready_s, service.private_mib()), flush=True)
        greatest = 0
        while True:
            greatest = max(greatest, service.private_mib())
            waiting = json.loads(service.get("/orders?limit=1&status=PENDING"))["orders"]
            if not waiting:
                break
            time.sleep(0.5)
        print("all ended after %.1f s, private memory at most %.1f MiB" % (
            time.monotonic() - begin, greatest))
        late = sorted(wait - SECONDS for wait in waits(service, some))
        print("%d of them looked at: %.3f to %.3f s of the workflow's time past the deadline" % (
            len(late), late[0], late[-1]))
        failed = json.loads(service.get("/orders?limit=1&status=FAILURE"))["orders"]
        service.process.terminate()
        service.process.wait()
        return 1 if failed or late[0] < 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
