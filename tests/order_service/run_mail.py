#!/usr/bin/python3
"""Mail of the order service, against a real mail server: who is written to, what, how often, and
what becomes of it when either of them fails.

usage: run_mail.py BINARY LATER [TEST]...     LATER is the library made of later.c
"""

import email.utils
import html.parser
import itertools
import json
import os
import pathlib
import random
import re
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True

from harness import Certificates, Mailbox, Service, need_mail_server, wait_for

BINARY = LATER = None
PUBLIC = "https://shop.example:8443"
SENDER = "orders@shop.example"
CLOCK = ("--clock", "60x")  # an order waits for half a second
QUIET_S = 1  # after which nothing is thought to come any more
RETRY = ("--mail-retry", "200ms")
DAY_S = 24 * 60 * 60
FINAL = ("SUCCESS", "FAILURE", "CANCELLED")
USER, PASSWORD = "shop-user", "Pass-w0rd of the shop"
ONE_CLICK = "List-Unsubscribe=One-Click"


class Form(html.parser.HTMLParser):
    """The only form of a page: method, action, fields."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.buttons, self.fields = [], 0, {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append((attributes.get("method", "get").upper(), attributes.get("action")))
        elif tag == "button" or (tag == "input" and attributes.get("type") == "submit"):
            self.buttons += 1
        if tag == "input" and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value", "")


class MailTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="order-mail-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.numbers = itertools.count(1)
        self.service = None

    def start_box(self, *arguments):
        self.box = Mailbox(self.folder / "box", *arguments)
        self.addCleanup(self.box.stop)

    def start(self, *arguments, scheme="smtp", environment=None, public=PUBLIC):
        """The service on this test's data, with the mail server of this test."""
        if public:
            arguments = ("--public-url", public, *arguments)
        self.service = Service(
            BINARY, self.folder / "data", *CLOCK, *RETRY, "--mail-from", SENDER,
            "--smtp", "%s://127.0.0.1:%d" % (scheme, self.box.port), *arguments,
            environment=environment)
        self.addCleanup(self.end, self.service)

    def end(self, service):
        """Each test ends with a stop in good order, which a sanitizer's report makes a bad one."""
        if service.is_running():
            service.stop()
        else:
            service.kill()

    def start_both(self, *arguments):
        self.start_box()
        self.start(*arguments)

    def kill_and_start(self, *arguments):
        self.service.kill()
        self.start(*arguments)

    # What a customer does.

    def order(self, name="Pizza", token="tok_ok", **members):
        body = dict(members, name=name, quantity=1, payment={"token": token, "amount": 5})
        answer = self.service.request("POST", "/orders", body)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]

    def status(self, order):
        answer = self.service.request("GET", "/orders/" + order)
        return answer.json()["orderStatus"] if answer.status == 200 else None

    def ended_order(self, *arguments, **members):
        order = self.order(*arguments, **members)
        wait_for(lambda: self.status(order) in FINAL, what="the end of an order")
        return order

    def ask_for_mails(self, address):
        answer = self.service.request("POST", "/subscriptions", {"email": address})
        self.assertEqual(answer.status, 202, answer.body)
        self.assertEqual(answer.json(), {"email": address, "status": "CONFIRMATION_SENT"})

    def subscribe(self, address):
        """Asks for mails; the path of the link that comes."""
        before = len(self.box.mails(address))
        self.ask_for_mails(address)
        mails = wait_for(lambda: self.box.mails(address)[before:], what="the mail with the link")
        return self.link(mails[0], "/confirm")

    def link(self, mail, path):
        """The one link of this path in a mail, as the path that is asked for here."""
        links = re.findall(r"https?://[^\s<>\"]+", mail.text())
        links = [link for link in links if urllib.parse.urlsplit(link).path == path]
        self.assertEqual(len(links), 1, mail.text())
        return self.local(links[0])

    def local(self, link, public=PUBLIC):
        self.assertTrue(link.startswith(public + "/"), link)
        return link[len(public):]

    def visit(self, path):
        """The page behind a link, as a browser shows it: its form."""
        page = self.service.request("GET", path)
        self.assertEqual(page.status, 200, page.body)
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
        form = Form(page.text())
        self.assertEqual((len(form.forms), form.buttons), (1, 1), page.text())
        self.assertEqual(form.forms[0][0], "POST")
        return form

    def press(self, path, headers=None):
        """The button of the page."""
        form = self.visit(path)
        target = urllib.parse.urljoin(path, form.forms[0][1] or "")
        answer = self.service.request(
            "POST", target, urllib.parse.urlencode(form.fields),
            dict(headers or {}, **{"Content-Type": "application/x-www-form-urlencoded"}))
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def confirmed(self, address):
        self.press(self.subscribe(address))

    # What came.

    def about(self, order, to=None):
        return [mail for mail in self.box.mails(to) if order in mail.text()]

    def mail_about(self, order, to):
        return wait_for(lambda: self.about(order, to), what="the mail about an order")[0]

    def settle(self):
        """Until nothing waits any more: what is asked for now comes behind it."""
        address = "settled-%d@mail.example" % next(self.numbers)
        self.ask_for_mails(address)
        wait_for(lambda: self.box.mails(address), what="the last mail")
        time.sleep(QUIET_S)

    def expect_once(self, order, *recipients):
        """Mails about an order have come to these, one to each, and to nobody else."""
        for to in recipients:
            self.mail_about(order, to)
        self.settle()
        self.assertEqual(sorted(mail.recipients for mail in self.about(order)),
                         sorted([to] for to in recipients))


class Subscriptions(MailTest):
    def setUp(self):
        super().setUp()
        self.start_both()

    def test_link_confirms_when_its_button_is_pressed_and_not_before(self):
        link = self.subscribe("a@mail.example")
        self.confirmed("b@mail.example")
        self.visit(link)
        self.visit(link)
        self.expect_once(self.ended_order(), "b@mail.example")
        self.press(link)
        self.expect_once(self.ended_order(), "a@mail.example", "b@mail.example")

    def test_confirming_twice_is_one_subscription(self):
        link = self.subscribe("a@mail.example")
        self.press(link)
        self.press(link)
        self.expect_once(self.ended_order(), "a@mail.example")

    def test_asking_again_brings_no_second_mail_soon(self):
        """Else anybody could fill a stranger's mailbox."""
        link = self.subscribe("a@mail.example")
        self.ask_for_mails("a@mail.example")
        self.settle()
        self.press(link)
        self.ask_for_mails("a@mail.example")
        self.settle()
        self.assertEqual(len(self.box.mails("a@mail.example")), 1)

    def live_later(self, seconds):
        """The service, started again, thinks that it is so much later."""
        self.service.stop()
        self.start(environment={"LD_PRELOAD": LATER, "LATER_S": str(seconds),
                                "ASAN_OPTIONS": "verify_asan_link_order=0"})

    def test_link_that_confirms_ends_after_a_day_and_the_one_that_ends_never_does(self):
        early, late = self.subscribe("a@mail.example"), self.subscribe("b@mail.example")
        self.subscribe("d@mail.example")
        end, = self.links_that_end("c@mail.example")
        self.live_later(DAY_S - 300)
        self.press(early)
        self.live_later(DAY_S + 1)
        self.check_refused(late)
        self.press(self.subscribe("d@mail.example"))
        self.live_later(400 * DAY_S)
        self.press(end)
        self.live_later(0)  # timers are the kernel's, which lives now: orders end now alone
        self.expect_once(self.ended_order(), "a@mail.example", "d@mail.example")

    def test_answer_tells_nobody_who_is_subscribed(self):
        self.confirmed("a@mail.example")
        answers = [self.service.request("POST", "/subscriptions", {"email": address})
                   for address in ("a@mail.example", "b@mail.example")]
        self.assertEqual([answer.status for answer in answers], [202, 202])
        self.assertEqual(answers[0].body.replace(b"a@", b"b@"), answers[1].body)

    def check_refused(self, path):
        for method in ("GET", "POST"):
            answer = self.service.request(method, path)
            self.assertTrue(400 <= answer.status < 500, (path, answer.status))

    def forged(self, link, other):
        """Links that are nearly right."""
        start, _, token = link.partition("token=")
        _, _, other = other.partition("token=")
        changed = "B" if token[-2] != "B" else "C"
        last = "a" if token[-1] in "0123456789-_" else "9"  # another one in base64 as well
        return [start + "token=" + text for text in (
            "", token[:-1], token[1:], token[:-1] + last, token[:-2] + changed + token[-1],
            token + "A", changed + token[1:], token[: len(token) // 2] + other[len(other) // 2:],
            other[: len(other) // 2] + token[len(token) // 2:], "x" * 5000, "%00", "%FF",
        )] + [start.rstrip("?"), start + "other=" + token]

    def test_forged_links_are_refused(self):
        for path, link, other in (
            ("confirm", self.subscribe("a@mail.example"), self.subscribe("b@mail.example")),
            ("unsubscribe", *self.links_that_end("c@mail.example", "d@mail.example")),
        ):
            for text in self.forged(link, other):
                with self.subTest(path, link=text[:100]):
                    self.check_refused(text)
        self.expect_once(self.ended_order(), "c@mail.example", "d@mail.example")

    def links_that_end(self, *addresses):
        for address in addresses:
            self.confirmed(address)
        order = self.ended_order()
        return [self.link(self.mail_about(order, address), "/unsubscribe")
                for address in addresses]

    def test_link_of_one_kind_does_not_serve_as_the_other(self):
        confirm = self.subscribe("a@mail.example")
        end, = self.links_that_end("b@mail.example")
        self.check_refused(confirm.replace("/confirm", "/unsubscribe"))
        self.check_refused(end.replace("/unsubscribe", "/confirm"))
        self.expect_once(self.ended_order(), "b@mail.example")

    def test_button_behind_the_link_ends_it_and_the_link_does_not(self):
        link, _ = self.links_that_end("a@mail.example", "b@mail.example")
        self.visit(link)
        self.expect_once(self.ended_order(), "a@mail.example", "b@mail.example")
        self.press(link)
        self.expect_once(self.ended_order(), "b@mail.example")
        self.press(link)
        self.confirmed("a@mail.example")
        self.expect_once(self.ended_order(), "a@mail.example", "b@mail.example")

    def test_one_click_ends_it(self):
        self.confirmed("a@mail.example")
        self.confirmed("b@mail.example")
        mail = self.mail_about(self.ended_order(), "a@mail.example")
        self.assertEqual(mail["List-Unsubscribe-Post"], ONE_CLICK)
        self.assertRegex(mail["List-Unsubscribe"], r"^<[^<>]+>$")
        path = self.local(mail["List-Unsubscribe"][1:-1])
        # A mail provider: no cookie, no key, no page, and another origin or none.
        answer = self.service.request("POST", path, ONE_CLICK, {
            "Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(answer.status, 200)
        self.expect_once(self.ended_order(), "b@mail.example")

    def test_addresses_that_are_none_are_refused(self):
        good = "a@mail.example"
        for address in (
            "", "a", "@mail.example", "a@", "a@@mail.example", "a b@mail.example", " " + good,
            good + " ", good + "\r\nBcc: b@mail.example", "a\n@mail.example", "a\r@mail.example",
            good + "\n", good + "\0", "a\0b@mail.example", "<%s>" % good, "A <%s>" % good,
            good + ">", "a@mail.example,b@mail.example", "a@mail.example;b@mail.example",
            "a@mail.example b@mail.example", "\"a\r\n\"@mail.example", "a@[127.0.0.1]",
            "a@mail..example", ".a@mail.example", "a@-mail.example", "a(b)@mail.example",
            "ä@mail.example", "a@mäil.example", "a\u2028@mail.example", "a\x7f@mail.example",
            "a" * 65 + "@mail.example", "a@" + "b" * 64 + ".example", "a@" + "b." * 150 + "example",
            None, 7, [good], {"email": good}, True,
        ):
            with self.subTest(address):
                answer = self.service.request("POST", "/subscriptions", {"email": address})
                self.assertEqual(answer.status, 400, answer.body)
                self.assertEqual(set(answer.json()["error"]), {"code", "message"})
        for body in (b"", b"{", b"[]", b"{}", b'{"email": "a@mail.example"', b"\xff",
                     b'{"email": "a\xff@mail.example"}'):
            with self.subTest(body):
                answer = self.service.request("POST", "/subscriptions", body,
                                              {"Content-Type": "application/json"})
                self.assertEqual(answer.status, 400, answer.body)
        self.settle()
        self.assertEqual(len(self.box.mails()), 1)

    def test_addresses_that_look_odd_are_taken(self):
        for address in ("a+b@mail.example", "a.b@mail.example", "o'neil@mail.example",
                        "a@sub.mail.example", "=a/b=c@mail.example"):
            with self.subTest(address):
                self.press(self.subscribe(address))
        order = self.ended_order()
        for address in ("a+b@mail.example", "o'neil@mail.example", "=a/b=c@mail.example"):
            self.mail_about(order, address)

    def test_letters_of_a_host_are_all_the_same(self):
        self.press(self.subscribe("a@mail.example"))
        answer = self.service.request("POST", "/subscriptions", {"email": "a@MAIL.example"})
        self.assertEqual(answer.status, 202)
        self.expect_once(self.ended_order(), "a@mail.example")
        self.assertEqual(self.box.mails("a@MAIL.example"), [])

    def test_pages_of_other_sites_subscribe_nobody(self):
        body = json.dumps({"email": "a@mail.example"})
        for status, headers in (
            (403, {"Content-Type": "application/json", "Origin": "https://other.example"}),
            (403, {"Content-Type": "application/json", "Origin": "null"}),
            (415, {"Content-Type": "text/plain"}),
            (415, {"Content-Type": "application/x-www-form-urlencoded"}),
            (202, {"Content-Type": "application/json", "Origin": self.service.url.rstrip("/")}),
        ):
            with self.subTest(**headers):
                answer = self.service.request("POST", "/subscriptions", body, headers)
                self.assertEqual(answer.status, status)
        self.settle()
        self.assertEqual(len(self.box.mails("a@mail.example")), 1)

    def test_pages_show_nothing_that_a_link_brings_along(self):
        link = self.subscribe("a&b'c@mail.example")
        page = self.service.request("GET", link)
        self.assertIn(page.headers["Cache-Control"] or "", ("no-store", "no-cache, no-store"))
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("form-action 'self'", page.headers["Content-Security-Policy"])
        for path in ("/confirm?token=<script>", "/confirm?token=%3Cscript%3E"):
            answer = self.service.request("GET", path)
            self.assertNotIn(b"<script", answer.body)


class Mails(MailTest):
    """What they look like."""

    def setUp(self):
        super().setUp()
        self.start_both()

    def check_form(self, mail, to):
        head, _, body = mail.raw.partition(b"\r\n\r\n")
        self.assertNotRegex(mail.raw, rb"(?<!\r)\n|\r(?!\n)")
        self.assertTrue(mail.raw.endswith(b"\r\n"))
        self.assertLessEqual(max(map(len, mail.raw.split(b"\r\n"))), 998)
        self.assertNotRegex(head, rb"[^\x20-\x7e\r\n]")
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
            self.assertEqual(len(mail.message.get_all(name, [])), 1, name)
        self.assertEqual((mail.sender, mail.recipients), (SENDER, [to]))
        self.assertEqual(email.utils.parseaddr(mail["From"])[1], SENDER)
        self.assertEqual(email.utils.getaddresses([mail["To"]]), [("", to)])
        self.assertRegex(mail["Message-ID"], r"^<[^<>@\s]+@[^<>@\s]+>$")
        sent = email.utils.parsedate_to_datetime(mail["Date"]).timestamp()
        self.assertLess(abs(sent - time.time()), 300)
        self.assertEqual(mail["MIME-Version"], "1.0")
        self.assertEqual(mail.message.get_content_charset(), "utf-8")
        self.assertTrue(mail["Subject"])
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertFalse(mail.message.defects)
        self.assertFalse({"Bcc", "Cc", "X-Envelope-To"} & set(mail.message.keys()))

    def test_confirmation_mail(self):
        self.subscribe("a@mail.example")
        self.subscribe("b@mail.example")
        mails = [mail for to in ("a", "b") for mail in self.box.mails(to + "@mail.example")]
        for mail, to in zip(mails, ("a@mail.example", "b@mail.example")):
            self.check_form(mail, to)
            self.assertNotIn("/unsubscribe", mail.text())
        self.assertNotEqual(mails[0]["Message-ID"], mails[1]["Message-ID"])
        self.assertNotEqual(self.link(mails[0], "/confirm"), self.link(mails[1], "/confirm"))

    def test_outcomes_are_told_once_with_their_reasons(self):
        self.confirmed("a@mail.example")
        good, bad = self.ended_order(), self.ended_order(token="tok_declined")
        for order, status, reason in ((good, "SUCCESS", ""),
                                      (bad, "FAILURE", "the card was declined")):
            self.expect_once(order, "a@mail.example")
            mail = self.mail_about(order, "a@mail.example")
            self.check_form(mail, "a@mail.example")
            self.assertIn(status, mail.text())
            self.assertIn(reason, mail.text())
            self.assertNotIn("tok_", mail.raw.decode() + mail.text())
            self.link(mail, "/unsubscribe")
            self.assertEqual(self.local(mail["List-Unsubscribe"].strip("<>")),
                             self.link(mail, "/unsubscribe"))
        mails = self.box.mails()
        self.assertEqual(len({mail["Message-ID"] for mail in mails}), len(mails))

    def test_cancelled_order_is_told(self):
        self.service.stop()
        self.start("--clock", "real")
        self.confirmed("a@mail.example")
        order = self.order()
        wait_for(lambda: self.status(order) == "PENDING", what="PENDING")
        self.assertEqual(self.service.request("DELETE", "/orders/" + order).status, 200)
        self.expect_once(order, "a@mail.example")
        self.assertIn("CANCELLED", self.mail_about(order, "a@mail.example").text())

    def test_order_that_goes_on_is_not_told(self):
        self.service.stop()
        self.start("--clock", "real")
        self.confirmed("a@mail.example")
        order = self.order()
        wait_for(lambda: self.status(order) == "PENDING", what="PENDING")
        self.settle()
        self.assertEqual(self.about(order), [])

    def test_names_of_orders_arrive_as_they_are(self):
        self.confirmed("a@mail.example")
        for name in ("Grüße: Pizza für Zoë", "ピザ 🍕 " * 15, "=?utf-8?q?x?=", "a=20b =3D", ".",
                     "long " * 50, "From here", "<b>&amp;</b>", "\u2028Pizza", "a" * 256):
            with self.subTest(name):
                order = self.ended_order(name)
                mail = self.mail_about(order, "a@mail.example")
                self.check_form(mail, "a@mail.example")
                self.assertIn(name, mail.text())

    def test_names_with_line_ends_are_refused(self):
        for name in ("a\r\nBcc: b@mail.example", "a\nb", "a\rb", "a\0b", "a\u0085b", "a\x7fb"):
            with self.subTest(name):
                answer = self.service.request(
                    "POST", "/orders", {"name": name, "quantity": 1, "restaurantId": "R"})
                self.assertIn(answer.status, (400, 422), answer.body)

    def test_links_begin_with_the_address_it_listens_on_where_none_is_given(self):
        self.service.stop()
        self.start(public=None)
        self.ask_for_mails("a@mail.example")
        mail = wait_for(lambda: self.box.mails("a@mail.example"), what="the mail with the link")[0]
        self.assertIn(self.service.url + "confirm?token=", mail.text())

    def test_public_url_may_have_a_path_and_end_with_a_slash(self):
        for public in (PUBLIC + "/", PUBLIC + "/orders", PUBLIC + "/orders/"):
            with self.subTest(public):
                self.service.stop()
                self.start(public=public)
                address = "a%d@mail.example" % next(self.numbers)
                self.ask_for_mails(address)
                mail, = wait_for(lambda: self.box.mails(address), what="the mail with the link")
                self.assertIn(public.rstrip("/") + "/confirm?token=", mail.text())

    def test_links_are_secrets_of_their_mails(self):
        self.confirmed("a@mail.example")
        link = self.link(self.mail_about(self.ended_order(), "a@mail.example"), "/unsubscribe")
        self.press(link)
        self.check_log_has_not(link.partition("token=")[2])
        for mail in self.box.mails("a@mail.example"):
            for token in re.findall(r"token=(\S+)", mail.text()):
                self.check_log_has_not(token)

    def check_log_has_not(self, text):
        self.assertNotIn(text, self.service.log())


class Failures(MailTest):
    """Of the mail server, and of the service."""

    A, B = "a@mail.example", "b@mail.example"

    def setUp(self):
        super().setUp()
        self.start_both()
        self.confirmed(self.A)
        self.confirmed(self.B)

    def order_with_fault(self, kind, **members):
        self.box.set_fault(kind, **members)
        return self.ended_order()

    def tries(self, address):
        return len(self.box.commands("RCPT TO:<%s>" % address))

    def test_recipient_that_is_refused_is_given_up_and_the_others_are_not(self):
        before = self.tries(self.A)
        order = self.order_with_fault("refuse", address=self.A)
        self.expect_once(order, self.B)
        self.assertEqual(self.tries(self.A), before + 1)
        self.box.set_fault()
        self.expect_once(self.ended_order(), self.A, self.B)
        self.assertEqual(self.about(order, self.A), [])

    def test_greylisted_mails_come_later(self):
        before = self.tries(self.A)
        order = self.order_with_fault("greylist", times=3)
        self.expect_once(order, self.A, self.B)
        self.assertEqual(self.tries(self.A), before + 4)

    def test_greylisting_of_one_does_not_hold_the_others_up(self):
        for one, other in ((self.A, self.B), (self.B, self.A)):
            order = self.order_with_fault("greylist", address=one)
            self.mail_about(order, other)
            self.assertEqual(self.about(order, one), [])
            self.box.set_fault()
            self.expect_once(order, self.A, self.B)

    def test_tries_come_farther_and_farther_apart(self):
        before = self.tries(self.A)
        self.order_with_fault("greylist", address=self.A)
        wait_for(lambda: self.tries(self.A) > before, what="the first try")
        began = time.monotonic()
        wait_for(lambda: self.tries(self.A) >= before + 4, what="the fourth try")
        self.assertGreaterEqual(time.monotonic() - began, 0.2 + 0.4 + 0.8 - 0.1)
        self.assertLess(self.tries(self.A), before + 6)

    def test_connection_that_breaks_in_the_middle(self):
        order = self.order_with_fault("drop", times=2)
        self.expect_once(order, self.A, self.B)

    def test_server_without_space_is_tried_again(self):
        order = self.order_with_fault("full", times=2)
        self.expect_once(order, self.A, self.B)

    def test_busy_server_is_tried_again(self):
        order = self.order_with_fault("busy", times=3)
        self.expect_once(order, self.A, self.B)

    def test_mail_that_was_taken_without_an_answer_is_the_same_mail_when_it_comes_again(self):
        order = self.order_with_fault("drop-after", times=1, address=self.A)
        wait_for(lambda: len(self.about(order, self.A)) == 2, what="the second copy")
        self.mail_about(order, self.B)
        self.settle()
        first, second = self.about(order, self.A)
        self.assertEqual(first["Message-ID"], second["Message-ID"])
        self.assertEqual(first.raw, second.raw)
        self.assertEqual(len(self.about(order)), 3)

    def test_slow_server_holds_up_nobody_else(self):
        self.order_with_fault("slow", seconds=4)
        wait_for(lambda: self.box.commands("DATA")[2:], what="a mail on its way")
        for path in ("/healthz", "/orders"):
            began = time.monotonic()
            self.assertEqual(self.service.request("GET", path).status, 200)
            self.assertLess(time.monotonic() - began, 2)
        self.service.stop()  # and nobody waits for its answer for ever

    def test_server_that_is_down_for_a_while(self):
        self.box.stop()
        orders = [self.ended_order() for _ in range(3)]
        self.assertEqual(self.service.request("POST", "/subscriptions",
                                              {"email": "c@mail.example"}).status, 202)
        time.sleep(QUIET_S)
        self.box.start()
        for order in orders:
            self.expect_once(order, self.A, self.B)
        self.assertEqual(len(self.box.mails("c@mail.example")), 1)

    def test_mails_that_wait_survive_the_death_of_the_service(self):
        self.box.stop()
        orders = [self.ended_order() for _ in range(3)]
        self.ask_for_mails("c@mail.example")
        ids = {}
        for _ in range(2):
            self.kill_and_start()
        self.box.start()
        for order in orders:
            self.expect_once(order, self.A, self.B)
            for mail in self.about(order):
                self.assertNotIn(mail["Message-ID"], ids)
                ids[mail["Message-ID"]] = order
        link = self.link(self.box.mails("c@mail.example")[0], "/confirm")
        self.assertEqual(len(self.box.mails("c@mail.example")), 1)
        self.press(link)
        self.expect_once(self.ended_order(), self.A, self.B, "c@mail.example")

    def test_death_between_the_servers_answer_and_ours_repeats_the_same_mail_at_most(self):
        self.box.set_fault("slow", seconds=1)
        order = self.ended_order()
        wait_for(lambda: self.about(order), what="a mail that is stored")
        self.kill_and_start()
        self.box.set_fault()
        self.mail_about(order, self.A), self.mail_about(order, self.B)
        self.settle()
        for to in (self.A, self.B):
            copies = self.about(order, to)
            self.assertLessEqual(len(copies), 2)
            self.assertEqual(len({copy.raw for copy in copies}), 1)

    def test_links_and_subscriptions_survive_a_restart(self):
        link = self.subscribe("c@mail.example")
        end = self.link(self.mail_about(self.ended_order(), self.A), "/unsubscribe")
        self.service.stop()
        self.start()
        self.press(link)
        self.press(end)
        self.expect_once(self.ended_order(), self.B, "c@mail.example")

    def test_who_unsubscribes_while_mails_wait_gets_none_of_them(self):
        end = self.link(self.mail_about(self.ended_order(), self.A), "/unsubscribe")
        self.box.stop()
        order = self.ended_order()
        self.press(end)
        self.box.start()
        self.expect_once(order, self.B)

    def test_mails_go_on_when_none_is_left_of_those_that_waited(self):
        """The only ones that the server was not there for are to nobody any more."""
        ends = [self.link(self.mail_about(order, to), "/unsubscribe")
                for order in [self.ended_order()] for to in (self.A, self.B)]
        self.box.stop()
        self.ended_order()
        wait_for(lambda: "mails wait" in self.service.log(), what="a try")
        for end in ends:
            self.press(end)
        time.sleep(QUIET_S)
        self.box.start()
        time.sleep(QUIET_S)
        self.confirmed("c@mail.example")
        self.expect_once(self.ended_order(), "c@mail.example")

    def test_deaths_at_any_moment_lose_no_mail_and_change_none(self):
        seed = int(time.time())
        draw = random.Random(seed)
        orders = []
        for _ in range(12):
            orders += [self.order() for _ in range(3)]
            time.sleep(draw.uniform(0, 0.9))
            self.kill_and_start()
        wait_for(lambda: all(self.status(order) in FINAL for order in orders), what="orders")
        for order in orders:
            for to in (self.A, self.B):
                self.mail_about(order, to)
        self.settle()
        copies = 0
        for order in orders:
            for to in (self.A, self.B):
                mails = self.about(order, to)
                self.assertEqual(len({mail.raw for mail in mails}), 1, "seed %d" % seed)
                copies += len(mails) - 1
        self.assertLess(copies, 12 * 10, "seed %d" % seed)  # what was on its way, at each death

    def test_many_mails_for_who_has_unsubscribed_hold_up_nobody(self):
        """More than are sent in one go."""
        ends = [self.link(self.mail_about(order, to), "/unsubscribe")
                for order in [self.ended_order()] for to in (self.A, self.B)]
        self.box.stop()
        orders = [self.order() for _ in range(400)]
        wait_for(lambda: all(self.status(order) in FINAL for order in orders[-20:]), what="orders")
        wait_for(lambda: all(self.status(order) in FINAL for order in orders), what="orders")
        for end in ends:
            self.press(end)
        self.ask_for_mails("c@mail.example")
        self.box.start()
        wait_for(lambda: self.box.mails("c@mail.example"), what="a mail behind the others")


class Secrets(MailTest):
    """Encryption and authentication."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="order-mail-")
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = Certificates(folder.name)
        cls.trust = ("--smtp-ca", cls.certificates.authority)

    def expect_nothing_was_sent(self, sessions=2):
        """The service has come to the mail server so often, and left without a mail."""
        self.ask_for_mails("a@mail.example")
        wait_for(lambda: len(self.box.commands("EHLO")) >= sessions, what="a try")
        time.sleep(QUIET_S)
        self.assertEqual(self.box.commands("MAIL"), [])
        self.assertEqual(self.box.mails(), [])
        self.assertTrue(self.service.is_running())

    def expect_encrypted(self, user=""):
        self.ask_for_mails("b@mail.example")
        mail = wait_for(lambda: self.box.mails("b@mail.example"), what="the mail")[0]
        self.assertTrue(mail.was_encrypted)
        self.assertEqual(mail.user, user)
        unsafe = [line["command"] for line in self.box.commands() if not line["tls"]]
        self.assertFalse({line.split(" ")[0] for line in unsafe} & {"MAIL", "RCPT", "DATA", "AUTH"})

    def test_starttls(self):
        self.start_box("--starttls", *self.certificates.server)
        self.start("--smtp-tls", "starttls", *self.trust)
        self.expect_encrypted()

    def test_smtps(self):
        self.start_box("--smtps", *self.certificates.server)
        self.start(*self.trust, scheme="smtps")
        self.expect_encrypted()

    def test_starttls_that_breaks_off_is_begun_again(self):
        self.start_box("--starttls", *self.certificates.server)
        self.start("--smtp-tls", "starttls", *self.trust)
        self.box.set_fault("drop", times=2)
        self.expect_encrypted()

    def test_smtps_that_breaks_off_is_begun_again(self):
        self.start_box("--smtps", *self.certificates.server)
        self.start(*self.trust, scheme="smtps")
        self.box.set_fault("drop", times=2)
        self.expect_encrypted()

    def test_server_without_starttls_gets_nothing(self):
        self.start_box()
        self.start("--smtp-tls", "starttls", *self.trust)
        self.expect_nothing_was_sent()
        self.box.stop()
        self.box.start("--starttls", *self.certificates.server)
        self.expect_encrypted()
        self.assertEqual(len(wait_for(lambda: self.box.mails("a@mail.example"))), 1)

    def test_loopback_needs_no_encryption_unless_it_is_asked_for(self):
        self.start_box()
        self.start()
        self.ask_for_mails("a@mail.example")
        mail = wait_for(lambda: self.box.mails("a@mail.example"), what="the mail")[0]
        self.assertFalse(mail.was_encrypted)

    def test_certificate_of_nobody_or_of_another_host_gets_nothing(self):
        for certificate, trust in ((self.certificates.server, ()),
                                   (self.certificates.other, self.trust)):
            with self.subTest(certificate=certificate[0].name):
                self.start_box("--starttls", *certificate)
                self.start("--smtp-tls", "starttls", *trust)
                self.expect_nothing_was_sent()
                self.service.stop()
                self.box.stop()
                self.box.log_path.unlink()

    def secret_file(self, text="%s\n%s\n" % (USER, PASSWORD), mode=0o600):
        path = self.folder / "smtp.auth"
        path.write_text(text)
        path.chmod(mode)
        return path

    def expect_secret(self):
        """The password is where it came from, and nowhere else."""
        command = pathlib.Path("/proc/%d/cmdline" % self.service.process.pid).read_bytes()
        self.assertNotIn(PASSWORD.encode(), command)
        self.assertNotIn(PASSWORD, self.service.log())
        for path in (self.folder / "data").rglob("*"):
            if path.is_file():
                self.assertNotIn(PASSWORD.encode(), path.read_bytes(), path)
        metrics = self.service.request("GET", "/metrics")
        self.assertNotIn(PASSWORD, metrics.text())

    def start_with_password(self, *arguments, password=PASSWORD, **options):
        self.start_box("--starttls", *self.certificates.server, "--auth", USER, password)
        self.start("--smtp-tls", "starttls", *self.trust, *arguments, **options)

    def test_password_from_a_file(self):
        self.start_with_password("--smtp-auth", self.secret_file())
        self.expect_encrypted(USER)
        self.expect_secret()

    def test_password_from_the_environment(self):
        self.start_with_password(environment={"ORDER_SERVICE_SMTP_USER": USER,
                                              "ORDER_SERVICE_SMTP_PASSWORD": PASSWORD})
        self.expect_encrypted(USER)
        self.expect_secret()

    def test_password_over_smtps(self):
        self.start_box("--smtps", *self.certificates.server, "--auth", USER, PASSWORD)
        self.start(*self.trust, "--smtp-auth", self.secret_file(), scheme="smtps")
        self.expect_encrypted(USER)
        self.expect_secret()

    def test_wrong_password_keeps_the_mails_and_the_secret(self):
        self.start_with_password("--smtp-auth", self.secret_file(), password="another")
        self.ask_for_mails("a@mail.example")
        wait_for(lambda: len(self.box.commands("AUTH")) >= 2, what="the second try")
        self.assertEqual(self.box.mails(), [])
        self.expect_secret()
        self.box.stop()
        self.box.start("--starttls", *self.certificates.server, "--auth", USER, PASSWORD)
        self.expect_encrypted(USER)
        self.assertEqual(len(wait_for(lambda: self.box.mails("a@mail.example"))), 1)

    def test_files_of_secrets_that_are_not_right_are_refused(self):
        self.start_box()
        for what, text, mode in (("others may read it", "%s\n%s\n" % (USER, PASSWORD), 0o644),
                                 ("no password", USER + "\n", 0o600),
                                 ("nothing", "", 0o600)):
            with self.subTest(what):
                with self.assertRaisesRegex(AssertionError, "not ready") as caught:
                    self.start("--smtp-auth", self.secret_file(text, mode))
                self.assertNotIn(PASSWORD, str(caught.exception))
        with self.assertRaisesRegex(AssertionError, "not ready"):
            self.start("--smtp-auth", self.folder / "none")


if __name__ == "__main__":
    need_mail_server()
    BINARY, LATER = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
