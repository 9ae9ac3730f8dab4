#!/usr/bin/python3
"""Stands in for the order service where its tests are tested: as little of it as they look at, and
defects to be found, one at a time, named by the environment's STANDIN_DEFECT. See control.py.

It takes the service's options, as far as they are about mail.
"""

import argparse
import base64
import email.message
import email.policy
import email.utils
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import signal
import smtplib
import sqlite3
import ssl
import sys
import threading
import time
import urllib.parse
import uuid

DEFECT = os.environ.get("STANDIN_DEFECT", "")
LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(r"(?=.{1,254}\Z)(?=[^@]{1,64}@)%s(\.%s)*@%s(\.%s)*" % (
    LOCAL, LOCAL, LABEL, LABEL))
PAGE = "<!doctype html><title>Orders</title><form method=post><button>%s</button></form>"
DECLINED = {"tok_declined": "the card was declined"}


def has(defect):
    return DEFECT == defect


def log(text):
    print(json.dumps({"message": text}), file=sys.stderr, flush=True)


class Refused(Exception):
    """Status and message of an answer."""


class Data:
    """One table of JSON by key, durable."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.lock = threading.RLock()
        place = ":memory:" if has("forgets") else folder / "data"
        self.connection = sqlite3.connect(place, check_same_thread=False)
        self.connection.execute("create table if not exists rows (key primary key, value)")
        self.secret = self.get("secret") or os.urandom(16).hex()
        self.put("secret", self.secret)

    def put(self, key, value):
        with self.lock, self.connection:
            self.connection.execute("insert or replace into rows values (?, ?)",
                                    (key, json.dumps(value)))

    def delete(self, key):
        with self.lock, self.connection:
            self.connection.execute("delete from rows where key = ?", (key,))

    def get(self, key):
        with self.lock:
            found = self.connection.execute("select value from rows where key = ?", (key,))
            return next((json.loads(row[0]) for row in found), None)

    def all(self, kind):
        with self.lock:
            found = self.connection.execute(
                "select key, value from rows where key glob ? order by key", (kind + "/*",))
            return [(key, json.loads(value)) for key, value in found]


class Shop:
    def __init__(self, options):
        self.options = options
        self.is_paused = False
        self.data = Data(options.data)
        self.scale = 1 if options.clock == "real" else float(options.clock.rstrip("x"))
        self.user, self.password = read_secret(options)
        for key, order in self.data.all("order"):
            if order["orderStatus"] == "PENDING":
                self.later(order)
        threading.Thread(target=self.send_for_ever, daemon=True).start()
        if has("password-in-log"):
            log("authentication as %s with %s" % (self.user, self.password))
        if has("password-in-data"):
            self.data.put("settings", {"password": self.password})

    # Orders.

    def take_order(self, body):
        name = body.get("name") if isinstance(body, dict) else None
        if not isinstance(name, str) or not 0 < len(name.encode("utf-8", "replace")) <= 256:
            raise Refused(400, "the order's name is none")
        if re.search("[\0-\x1f\x7f-\x9f]", name) and not has("names-with-line-ends"):
            raise Refused(400, "the order's name has control characters")
        order = dict(body, orderId=str(uuid.uuid4()), orderStatus="PENDING")
        self.data.put("order/" + order["orderId"], order)
        if has("tells-pending"):
            self.tell(order)
        self.later(order)
        return {"SendMessageResponse": {"SendMessageResult": {"MessageId": order["orderId"]}}}

    def later(self, order):
        timer = threading.Timer(30 / self.scale, self.end_order, [order])
        timer.daemon = True
        timer.start()

    def end_order(self, order):
        reason = DECLINED.get(order.get("payment", {}).get("token"))
        order = dict(order, orderStatus="FAILURE" if reason else "SUCCESS")
        if reason:
            order["errorMessage"] = reason
        if self.data.get("order/" + order["orderId"])["orderStatus"] == "CANCELLED":
            return
        self.tell(order)
        self.data.put("order/" + order["orderId"], order)

    def cancel(self, order_id):
        order = dict(self.data.get("order/" + order_id), orderStatus="CANCELLED")
        if not has("cancels-in-silence"):
            self.tell(order)
        self.data.put("order/" + order_id, order)
        return order

    def tell(self, order):
        text = "Order %s\nStatus: %s\nName: %s\n%s\n" % (
            order["orderId"], order["orderStatus"], order["name"],
            "" if has("no-reason") else order.get("errorMessage", ""))
        if has("shows-token"):
            text += order["payment"]["token"]
        addresses = [value for _, value in self.data.all("subscriber")]
        if has("all-in-one-mail") and addresses:
            addresses = [",".join(addresses)]
        for address in addresses * (2 if has("twice") else 1):
            self.put_mail("%s.%s.%s%s" % (order["orderId"], order["orderStatus"], digest(address),
                                          uuid.uuid4().hex if has("twice") else ""),
                          address, "Your order", text, True)

    # Subscriptions.

    def token(self, kind, until, address):
        known = "" if has("links-serve-all") else kind
        text = "%d %s" % (until, address)
        sign = hmac.new(self.data.secret.encode(), (known + text).encode(), hashlib.sha256)
        text = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return "%s.%s" % (text, sign.hexdigest())

    def link(self, kind, address):
        base = self.options.url if has("no-public-url") else self.options.public_url
        until = time.time() + 86400 if kind == "confirm" or has("ends-end") else 1 << 40
        base = base if has("two-slashes") else base.rstrip("/")
        return "%s/%s?token=%s" % (base, kind, self.token(kind, until, address))

    def address_of(self, kind, query):
        token = urllib.parse.parse_qs(query).get("token", [""])[0]
        try:
            text = token.partition(".")[0]
            text = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            until, _, address = text.partition(" ")
            right = self.token(kind, int(until), address)
        except ValueError:
            raise Refused(400, "the link is not right") from None
        if int(until) < time.time() and not has("links-live-on"):
            raise Refused(403, "the link is too old")
        if has("links-cut"):
            token, right = token[:-1], right[:-1]
        if token != right and not (has("links-unsigned") and address):
            raise Refused(400, "the link is not right")
        return address

    def subscribe(self, body):
        address = body.get("email") if isinstance(body, dict) else None
        if not isinstance(address, str) or not self.is_address(address):
            raise Refused(400, "the address is none")
        if not has("hosts-with-letters"):
            local, _, host = address.rpartition("@")
            address = local + "@" + host.lower()
        if has("tells-who") and self.data.get("subscriber/" + address):
            raise Refused(400, "is subscribed already")
        answer = {"email": address, "status": "CONFIRMATION_SENT"}
        at = self.data.get("asked/" + address) or 0
        if (self.data.get("subscriber/" + address) or time.time() - at < 60) and not has("floods"):
            return answer
        self.data.put("asked/" + address, time.time())
        link = self.link("confirm", address)
        if has("logs-links"):
            log("mailed " + link)
        self.put_mail("confirm.%s" % uuid.uuid4(), address, "Confirm", "Please: %s\n" % link, False)
        return answer

    def is_address(self, address):
        if has("addresses-unchecked"):
            return "@" in address and "\n" not in address and "\0" not in address
        if has("addresses-too-narrow"):
            return re.fullmatch(r"[a-z0-9.-]+@[a-z.-]+", address)
        return ADDRESS.fullmatch(address) if not has("addresses-by-dollar") else re.match(
            ADDRESS.pattern.replace(r"\Z", "") + "$", address)

    def confirm(self, address):
        key = uuid.uuid4().hex if has("confirms-twice") else address
        self.data.put("subscriber/" + key, address)

    def unsubscribe(self, address):
        self.data.delete("subscriber/" + address)
        self.data.delete("asked/" + address)

    # Mails.

    def put_mail(self, key, to, subject, text, can_end):
        self.data.put("mail/" + key, {"to": to, "subject": subject, "text": text, "at": time.time(),
                                      "tries": 0, "next": 0, "end": can_end})

    def message(self, key, mail):
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        left = uuid.uuid4().hex if has("new-ids") else key.partition("/")[2]
        text = mail["text"]
        for name, value in (("From", self.options.mail_from), ("To", mail["to"]),
                            ("Message-ID", "<%s@shop.example>" % left),
                            ("Date", email.utils.formatdate(mail["at"])),
                            ("Auto-Submitted", "auto-generated")):
            if not has("no-" + name.lower()):
                message[name] = value
        if mail["end"]:
            link = self.link("unsubscribe", mail["to"])
            text += "To end these mails: %s\n" % link
            if not has("no-list-unsubscribe"):
                message["List-Unsubscribe"] = "<%s>" % link
                message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Subject"] = mail["subject"]
        message.set_content("x" if has("no-text") else text, cte="quoted-printable")
        data = message.as_bytes()
        if has("bare-line-feeds"):
            data = data.replace(b"\r\n", b"\n")
        if has("8-bit-subject"):
            data = data.replace(b"Subject: ", "Subject: ü".encode())
        return data

    def send_for_ever(self):
        pause = self.options.retry_s
        while True:
            try:
                self.send_due()
                self.is_paused = False
                pause = self.options.retry_s
                time.sleep(0.05)
            except (OSError, smtplib.SMTPException) as problem:
                log("the mail server is not there, mails wait: %s" % type(problem).__name__)
                time.sleep(pause)
                self.is_paused = True
                pause *= 2

    def send_due(self):
        due = [(key, mail) for key, mail in self.data.all("mail") if mail["next"] <= time.time()]
        for key, mail in due:
            if has("lost-by-death"):
                self.data.delete(key)
            if mail["end"] and not has("mails-the-unsubscribed") and not self.data.get(
                    "subscriber/" + mail["to"]) and not has("all-in-one-mail"):
                self.data.delete(key)
                if has("stalls") or (has("stalls-paused") and self.is_paused):
                    time.sleep(3600)
                continue
            if has("sends-in-the-loop"):
                with self.data.lock:
                    self.send(key, mail)
            else:
                self.send(key, mail)

    def send(self, key, mail):
        client = None
        try:
            client = self.connect()
            client.sendmail(self.options.mail_from, mail["to"].split(","), self.message(key, mail))
            self.data.delete(key)
        except smtplib.SMTPRecipientsRefused as problem:
            code, = {answer[0] for answer in problem.recipients.values()}
            self.note(key, mail, code)
        except smtplib.SMTPDataError as problem:
            self.note(key, mail, problem.smtp_code)
        except smtplib.SMTPServerDisconnected:
            self.note(key, mail, 550 if has("gives-up-broken") else 400)
        finally:
            if client:
                client.close()

    def note(self, key, mail, code):
        is_final = code >= 500 and not has("tries-the-refused")
        if is_final or has("gives-up-greylisted"):
            self.data.delete(key)
            return
        wait = self.options.retry_s * (1 if has("no-back-off") else 2 ** mail["tries"])
        if has("one-holds-up-all"):
            time.sleep(wait)
            raise OSError
        self.data.put(key, dict(mail, tries=mail["tries"] + 1, next=time.time() + wait))

    def connect(self):
        place = urllib.parse.urlsplit(self.options.smtp)
        context = ssl.create_default_context(cafile=self.options.smtp_ca)
        if has("trusts-anybody"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if place.scheme == "smtps":
            client = smtplib.SMTP_SSL(place.hostname, place.port, timeout=30, context=context)
        else:
            client = smtplib.SMTP(place.hostname, place.port, timeout=30)
        client.ehlo()
        needs_tls = self.options.smtp_tls == "starttls"
        if needs_tls and (client.has_extn("starttls") or not has("falls-back")):
            client.starttls(context=context)
        if self.user:
            client.login(self.user, self.password)
        return client


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_secret(options):
    if options.smtp_auth is None:
        return (os.environ.get("ORDER_SERVICE_SMTP_USER"),
                os.environ.get("ORDER_SERVICE_SMTP_PASSWORD"))
    if options.smtp_auth.stat().st_mode & 0o077 and not has("secrets-for-all"):
        sys.exit("the file of the password is open to others")
    user, password = options.smtp_auth.read_text().splitlines()
    return user, password


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve(self.get)

    def do_POST(self):
        self.serve(self.post)

    def do_DELETE(self):
        self.answer(200, self.server.shop.cancel(self.path.rpartition("/")[2]))

    def serve(self, what):
        try:
            what(self.server.shop, *self.path.partition("?")[::2])
        except Refused as problem:
            status, message = problem.args
            self.answer(status, {"error": {"code": "BadRequest", "message": message}})

    def get(self, shop, path, query):
        if path in ("/confirm", "/unsubscribe"):
            address = shop.address_of(path[1:], query)
            if has("get-acts"):
                (shop.confirm if path == "/confirm" else shop.unsubscribe)(address)
            self.answer(200, PAGE % path[1:])
        elif path.startswith("/orders/"):
            order = shop.data.get(path[1:].replace("orders", "order"))
            self.answer(200 if order else 404, order or {})
        else:
            self.answer(200, {"orders": [value for _, value in shop.data.all("order")]})

    def post(self, shop, path, query):
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        if path in ("/confirm", "/unsubscribe"):
            address = shop.address_of(path[1:], query)
            if has("no-one-click") and b"One-Click" in body:
                raise Refused(400, "press the button")
            (shop.confirm if path == "/confirm" else shop.unsubscribe)(address)
            self.answer(200, "<!doctype html><title>Orders</title><p>Done")
            return
        origin = self.headers.get("Origin")
        if origin and origin != shop.options.url.rstrip("/") and not has("any-origin"):
            raise Refused(403, "another site")
        if self.headers.get("Content-Type") != "application/json" and not has("any-type"):
            raise Refused(415, "send application/json")
        try:
            value = json.loads(body)
        except ValueError:
            raise Refused(400, "no JSON") from None
        if path == "/subscriptions":
            self.answer(202, shop.subscribe(value))
        else:
            self.answer(200, shop.take_order(value))

    def answer(self, status, answer):
        is_page = isinstance(answer, str)
        data = (answer if is_page else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if is_page else "application/json")
        self.send_header("Content-Length", str(len(data)))
        if not has("no-headers"):
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Content-Security-Policy", "form-action 'self'")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, form, *arguments):
        pass


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("listen", "smtp", "smtp-tls", "smtp-ca", "mail-from", "mail-retry", "public-url",
                 "clock"):
        parser.add_argument("--" + name)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--smtp-auth", type=pathlib.Path)
    options = parser.parse_args()
    options.retry_s = int(options.mail_retry[:-2]) / 1000
    return options


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    options.url = "http://127.0.0.1:%d/" % server.server_port
    options.public_url = options.public_url or options.url
    server.shop = Shop(options)
    print("order-service: " + options.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
