#!/usr/bin/python3
"""A mail server for tests, which stores what it is sent and fails as it is told.

usage: smtp_server.py --port PORT --folder DIR [--fault FILE] [--log FILE] [--auth USER PASSWORD]
                      [--starttls CERT KEY | --smtps CERT KEY]

It prints its port when it is ready. Each mail that it takes is a file of DIR, in the order they
came: lines X-Envelope-From, X-Envelope-To (one a recipient), X-Envelope-Tls and X-Envelope-User,
then the bytes as they were sent. The log has a line of JSON for each command: {"session", "tls",
"command"}; the command is empty where a session begins.

The fault file is read at the start of each session and of each mail, so that a test can switch
while this runs. It holds nothing, or {"kind": KIND, "times": N, "address": RECIPIENT}. Where there
is "times", a fault comes so often and no more (greylist: for each recipient); where there is
"address", for this recipient only.

    refuse      550 at RCPT                   drop        closes in the middle of DATA
    greylist    451 at RCPT                   drop-after  stores the mail, closes before the answer
    busy        421 at once                   slow        waits "seconds" before it answers DATA
    full        452 at DATA                   bad-auth    535 at AUTH
"""

import argparse
import asyncio
import json
import logging
import os
import pathlib
import signal
import ssl
import sys
import warnings

try:
    from aiosmtpd.smtp import MISSING, SMTP, AuthResult
except ImportError:
    sys.exit("install python3-aiosmtpd: tools/setup --tests")

SECRET = {"AUTH"}  # commands whose arguments are not logged
BEFORE_TLS = {"EHLO", "NOOP", "STARTTLS", "QUIT"}


class Fault:
    """What is to go wrong, as the file says, and how often it has."""

    def __init__(self, path):
        self.path = path
        self.text = None
        self.value = {}
        self.counts = {}

    def read(self):
        try:
            text = self.path.read_text() if self.path else ""
        except FileNotFoundError:
            text = ""
        if text != self.text:
            self.text, self.counts = text, {}
            self.value = json.loads(text) if text.strip() else {}

    def comes(self, kind, recipients=()):
        """Whether it comes now; counts it."""
        address = self.value.get("address")
        if self.value.get("kind") != kind or (address and address not in recipients):
            return False
        whose = ",".join(recipients) if kind == "greylist" else None
        self.counts[whose] = self.counts.get(whose, 0) + 1
        return self.counts[whose] <= self.value.get("times", self.counts[whose])


class Store:
    """The folder of mails, and the log."""

    def __init__(self, folder, log):
        self.folder = folder
        self.log = open(log, "a", buffering=1) if log else None
        self.count = len(list(folder.glob("*.eml")))

    def put(self, session, envelope):
        lines = ["X-Envelope-From: " + envelope.mail_from]
        lines += ["X-Envelope-To: " + address for address in envelope.rcpt_tos]
        lines.append("X-Envelope-Tls: " + ("yes" if session.is_safe else "no"))
        lines.append("X-Envelope-User: " + (session.auth_data or ""))
        head = "".join(line + "\r\n" for line in lines)
        self.count += 1
        path = self.folder / ("%05d.eml" % self.count)
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(head.encode("utf-8", "surrogateescape") + envelope.original_content)
        os.rename(unfinished, path)

    def write(self, session, is_safe, command):
        if self.log:
            line = {"session": session, "tls": is_safe, "command": command}
            self.log.write(json.dumps(line) + "\n")


class Handler:
    """Decides about recipients and mails of any session; `server` is the session."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if server.fault.comes("refuse", [address]):
            return "550 5.1.1 no such mailbox"
        if server.fault.comes("greylist", [address]):
            return "451 4.7.1 greylisted, come again"
        return MISSING

    async def handle_DATA(self, server, session, envelope):
        if server.fault.comes("full", envelope.rcpt_tos):
            return "452 4.3.1 no space left"
        session.is_safe = server.is_safe()
        server.store.put(session, envelope)
        if server.fault.comes("drop-after", envelope.rcpt_tos):
            server.transport.close()
            raise ConnectionResetError
        if server.fault.comes("slow", envelope.rcpt_tos):
            await asyncio.sleep(server.fault.value.get("seconds", 5))
        return "250 2.0.0 stored"


def authenticate(server, session, envelope, mechanism, data):
    user, password = server.options.auth or (None, None)
    given = (data.login.decode(errors="replace"), data.password.decode(errors="replace"))
    is_right = given == (user, password) and not server.fault.comes("bad-auth")
    return AuthResult(success=is_right, handled=False, auth_data=user if is_right else None)


class Server(SMTP):
    """One session."""

    count = 0

    def __init__(self, options, fault, store, **arguments):
        self.options, self.fault, self.store = options, fault, store
        super().__init__(Handler(), **arguments)
        for name, method in self._smtp_methods.items():
            self._smtp_methods[name] = self.logged(name, method)
        Server.count += 1
        self.number = Server.count

    def is_safe(self):
        return bool(self.options.smtps or self._tls_protocol)

    def logged(self, name, method):
        async def run(argument):
            words = name if name in SECRET or not argument else "%s %s" % (name, argument)
            self.store.write(self.number, self.is_safe(), words)
            if name == "MAIL":
                self.fault.read()
            if self.tls_context and not self.is_safe() and name not in BEFORE_TLS:
                await self.push("530 5.7.0 STARTTLS first")
            else:
                await method(argument)
        return run

    async def _handle_client(self):
        self.fault.read()
        self.store.write(self.number, self.is_safe(), "")
        if self.fault.comes("busy"):
            await self.push("421 4.3.2 too busy")
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg):
        if self.fault.comes("drop", self.envelope.rcpt_tos):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.close()
            raise ConnectionResetError
        await super().smtp_DATA(arg)


def tls_context(files):
    if files is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


def factory(options, fault, store):
    context = tls_context(options.starttls)

    def make():
        return Server(
            options, fault, store, hostname="mail.test", tls_context=context,
            auth_required=bool(options.auth), authenticator=authenticate,
            auth_require_tls=bool(context) or not options.auth)
    return make


def read_options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--fault", type=pathlib.Path)
    parser.add_argument("--log", type=pathlib.Path)
    parser.add_argument("--auth", nargs=2, metavar=("USER", "PASSWORD"))
    tls = parser.add_mutually_exclusive_group()
    tls.add_argument("--starttls", nargs=2, metavar=("CERT", "KEY"))
    tls.add_argument("--smtps", nargs=2, metavar=("CERT", "KEY"))
    return parser.parse_args()


def main():
    options = read_options()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)  # what the tests provoke is no news
    make = factory(options, Fault(options.fault), Store(options.folder, options.log))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda *_: None)
    listening = loop.run_until_complete(loop.create_server(
        make, "127.0.0.1", options.port, ssl=tls_context(options.smtps)))
    loop.add_signal_handler(signal.SIGTERM, loop.stop)
    print(listening.sockets[0].getsockname()[1], flush=True)
    loop.run_forever()


if __name__ == "__main__":
    sys.exit(main())
