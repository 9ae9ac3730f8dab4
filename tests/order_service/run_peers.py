#!/usr/bin/python3
"""The mail server of these tests does what it is told, seen by another client than the service's.

usage: run_peers.py [TEST]...
"""

import pathlib
import smtplib
import ssl
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from harness import Certificates, Mailbox, need_mail_server, wait_for

MAIL = b"From: a@b.example\r\nSubject: one\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n.dot\r\nbare\nline\r\n"
PEER, YOU = "peer@shop.example", "you@mail.example"


class MailServer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def mailbox(self, *arguments):
        mailbox = Mailbox(self.folder / "box", *arguments)
        self.addCleanup(mailbox.stop)
        return mailbox

    def send(self, mailbox, to=YOU, mail=MAIL):
        with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=30) as client:
            return client.sendmail(PEER, to, mail)

    def refused(self, mailbox, to=YOU):
        """The code of the answer that refuses a recipient."""
        with self.assertRaises(smtplib.SMTPRecipientsRefused) as caught:
            self.send(mailbox, to)
        return caught.exception.recipients[to][0]

    def test_mail_is_stored_as_it_was_sent(self):
        mailbox = self.mailbox()
        # smtplib would make CRLF of what is none: the bytes go by hand.
        with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=30) as client:
            client.ehlo()
            for line in (b"MAIL FROM:<%s>" % PEER.encode(), b"RCPT TO:<%s>" % YOU.encode(),
                         b"DATA"):
                client.send(line + b"\r\n")
                self.assertIn(client.getreply()[0], (250, 354))
            client.send(MAIL.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            self.assertEqual(client.getreply()[0], 250)
        mail, = mailbox.mails()
        self.assertEqual(mail.raw, MAIL)
        self.assertEqual((mail.sender, mail.recipients), (PEER, [YOU]))
        self.assertEqual((mail.was_encrypted, mail.user, mail["Subject"]), (False, "", "one"))
        self.assertEqual([mail["From"] for mail in mailbox.mails(YOU)], ["a@b.example"])
        self.assertEqual(mailbox.mails("other@mail.example"), [])

    def test_commands_are_logged(self):
        mailbox = self.mailbox()
        self.send(mailbox)
        commands = [line["command"].split(" ")[0] for line in mailbox.commands()]
        self.assertEqual(commands[:5], ["", "EHLO", "MAIL", "RCPT", "DATA"])
        self.assertEqual(len(mailbox.commands("RCPT TO:<" + YOU)), 1)

    def test_refused_and_for_one_recipient_only(self):
        mailbox = self.mailbox()
        mailbox.set_fault("refuse", address=YOU)
        self.assertEqual(self.refused(mailbox), 550)
        self.send(mailbox, "other@mail.example")
        mailbox.set_fault()
        self.send(mailbox)
        self.assertEqual(len(mailbox.mails()), 2)

    def test_greylisted_so_often_for_each_recipient(self):
        mailbox = self.mailbox()
        mailbox.set_fault("greylist", times=2)
        for to in (YOU, "other@mail.example"):
            self.assertEqual([self.refused(mailbox, to) for _ in range(2)], [451, 451])
            self.send(mailbox, to)

    def test_fault_is_heard_of_within_a_session(self):
        mailbox = self.mailbox()
        with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=30) as client:
            client.sendmail(PEER, YOU, MAIL)
            mailbox.set_fault("refuse")
            with self.assertRaises(smtplib.SMTPRecipientsRefused):
                client.sendmail(PEER, YOU, MAIL)
            mailbox.set_fault()
            client.sendmail(PEER, YOU, MAIL)
        self.assertEqual(len(mailbox.mails()), 2)

    def test_dropped(self):
        mailbox = self.mailbox()
        for kind, stored in (("drop", 0), ("drop-after", 1)):
            mailbox.set_fault(kind, times=1)
            with self.assertRaises(smtplib.SMTPServerDisconnected):
                self.send(mailbox)
            self.assertEqual(len(mailbox.mails()), stored)
        self.send(mailbox)
        self.assertEqual(len(mailbox.mails()), 2)

    def test_busy_and_full(self):
        mailbox = self.mailbox()
        for kind, error, code in (("busy", smtplib.SMTPConnectError, 421),
                                  ("full", smtplib.SMTPDataError, 452)):
            mailbox.set_fault(kind)
            with self.assertRaises(error) as caught:
                self.send(mailbox)
            self.assertEqual(caught.exception.smtp_code, code)

    def test_slow(self):
        mailbox = self.mailbox()
        mailbox.set_fault("slow", seconds=1)
        began = time.monotonic()
        self.send(mailbox)
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_down_and_up_again_on_the_same_port(self):
        mailbox = self.mailbox()
        self.send(mailbox)
        mailbox.stop()
        with self.assertRaises(ConnectionRefusedError):
            self.send(mailbox)
        mailbox.start()
        self.send(mailbox)
        self.assertEqual(len(wait_for(mailbox.mails)), 2)

    def test_starttls_is_needed_where_it_is_offered(self):
        certificates = Certificates(self.folder)
        mailbox = self.mailbox("--starttls", *certificates.server)
        with self.assertRaises(smtplib.SMTPSenderRefused):
            self.send(mailbox)
        self.assertFalse(mailbox.mails())
        context = ssl.create_default_context(cafile=certificates.authority)
        with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=30) as client:
            client.starttls(context=context)
            client.sendmail(PEER, YOU, MAIL)
        self.assertTrue(mailbox.mails()[0].was_encrypted)
        self.assertEqual([line["tls"] for line in mailbox.commands("MAIL")], [False, True])

    def test_smtps_and_authentication(self):
        certificates = Certificates(self.folder)
        mailbox = self.mailbox("--smtps", *certificates.server, "--auth", "shop", "secret word")
        context = ssl.create_default_context(cafile=certificates.authority)
        for password in (None, "wrong", "secret word"):
            with smtplib.SMTP_SSL("127.0.0.1", mailbox.port, timeout=30, context=context) as client:
                if password == "wrong":
                    with self.assertRaises(smtplib.SMTPAuthenticationError):
                        client.login("shop", password)
                elif password:
                    client.login("shop", password)
                    client.sendmail(PEER, YOU, MAIL)
                else:
                    with self.assertRaises(smtplib.SMTPSenderRefused):
                        client.sendmail(PEER, YOU, MAIL)
        mail, = mailbox.mails()
        self.assertEqual((mail.was_encrypted, mail.user), (True, "shop"))
        log = mailbox.log_path.read_text()
        self.assertIn("AUTH", log)
        self.assertNotIn("AUTH ", log)

    def test_certificate_for_another_host_and_of_nobody(self):
        certificates = Certificates(self.folder)
        mailbox = self.mailbox("--smtps", *certificates.other)
        for context in (ssl.create_default_context(cafile=certificates.authority),
                        ssl.create_default_context()):
            with self.assertRaises(ssl.SSLCertVerificationError):
                smtplib.SMTP_SSL("127.0.0.1", mailbox.port, timeout=30, context=context)


if __name__ == "__main__":
    need_mail_server()
    unittest.main()
