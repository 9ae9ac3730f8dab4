"""What the tests of the order service share: the service, a mail server, certificates, patience."""

import email
import email.policy
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
HANG_S = 60  # a process that does not get ready, or an answer that does not come
STOP_S = 10  # a service that does not stop


def wait_for(predicate, timeout=HANG_S, what="what was waited for"):
    """Until the predicate is true; returns what it returned."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("%s did not come within %g s" % (what, timeout))
        time.sleep(0.02)


def first_line(process):
    """The first line of a process's standard output; None where it ends, or says nothing."""
    lines = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()), daemon=True)
    reader.start()
    reader.join(HANG_S)
    return lines[0].strip() if lines and lines[0] else None


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


class Service:
    """The order service as a process. `data` is its folder; a second one on it goes on with it."""

    def __init__(self, binary, data, *arguments, environment=None):
        self.command = [str(word) for word in (
            binary, "--data", data, "--listen", "127.0.0.1:0", *arguments)]
        self.errors = []
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, **(environment or {})))
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()
        line = first_line(self.process) or b""
        match = re.fullmatch(r"order-service: (http://127\.0\.0\.1:(\d+)/)", line.decode())
        if not match:
            self.kill()
            raise AssertionError("the service is not ready: %r\n%s" % (line, self.log()))
        self.url, self.port = match[1], int(match[2])

    def _collect(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def log(self):
        """What it has written to standard error so far."""
        return b"".join(self.errors).decode(errors="replace")

    def request(self, method, path, body=None, headers=None, timeout=HANG_S):
        """A body that is no text and no bytes is sent as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def raw(self, data, timeout=HANG_S, half_close=False):
        """Sends bytes as they are; what comes back until the connection is closed."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as peer:
            try:
                peer.sendall(data)
                if half_close:
                    peer.shutdown(socket.SHUT_WR)
                while chunk := peer.recv(65536):
                    answer += chunk
            except (ConnectionError, TimeoutError):
                pass
        return answer

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """As a supervisor does it; it must end by itself, with 0."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the service did not stop within %d s" % STOP_S) from None
        self._close()
        if code != 0:
            raise AssertionError("the service ended with %d\n%s" % (code, self.log()))

    def kill(self):
        """kill -9; also what is done with one that has ended."""
        if self.is_running():
            self.process.kill()
        self.process.wait()
        self._close()

    def _close(self):
        self.reader.join(STOP_S)
        self.process.stdout.close()
        self.process.stderr.close()


class Mail:
    """A mail as the server stored it: .message is parsed, .raw are the bytes that were sent."""

    ENVELOPE = re.compile(rb"(?:X-Envelope-[^\n]*\n)+")

    def __init__(self, path):
        stored = path.read_bytes()
        self.raw = stored[self.ENVELOPE.match(stored).end():]
        envelope = email.message_from_bytes(stored, policy=email.policy.SMTP)
        self.sender = envelope["X-Envelope-From"]
        self.recipients = envelope.get_all("X-Envelope-To")
        self.was_encrypted = envelope["X-Envelope-Tls"] == "yes"
        self.user = envelope["X-Envelope-User"]
        self.message = email.message_from_bytes(self.raw, policy=email.policy.SMTP)

    def __getitem__(self, name):
        value = self.message[name]
        return None if value is None else str(value).strip()  # what folding leaves

    def text(self):
        """The plain text of the body."""
        return self.message.get_body(("plain",)).get_content()


class Mailbox:
    """A mail server with its folder. It may be stopped and started again; the port stays."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.mails_folder = self.folder / "mails"
        self.mails_folder.mkdir(parents=True, exist_ok=True)
        self.fault_path, self.log_path = self.folder / "fault.json", self.folder / "log"
        self.port = 0
        self.process = None
        self.start(*arguments)

    def start(self, *arguments):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", HERE / "smtp_server.py", "--port", str(self.port),
             "--folder", self.mails_folder, "--fault", self.fault_path, "--log", self.log_path,
             *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        line = first_line(self.process)
        if line is None:
            self.stop()
            raise AssertionError("the mail server is not ready")
        self.port = int(line)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(HANG_S)
        self.process.stdout.close()
        self.process = None

    def set_fault(self, kind=None, **members):
        unfinished = self.fault_path.with_suffix(".part")
        unfinished.write_text(json.dumps(dict(members, kind=kind)) if kind else "")
        unfinished.rename(self.fault_path)

    def mails(self, to=None):
        """In the order they came; those for one recipient where one is named."""
        mails = [Mail(path) for path in sorted(self.mails_folder.glob("*.eml"))]
        return [mail for mail in mails if to is None or to in mail.recipients]

    def commands(self, command=None):
        """The lines of the log; those whose command begins so where one is given."""
        lines = self.log_path.read_text().splitlines() if self.log_path.exists() else []
        commands = [json.loads(line) for line in lines]
        return [line for line in commands
                if command is None or line["command"].startswith(command)]


class Certificates:
    """An authority of a test and a certificate for 127.0.0.1; `other` is for another host."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.authority = self.folder / "ca.pem"
        key = self.folder / "ca.key"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", "2", "-subj", "/CN=authority of a test",
                     "-keyout", key, "-out", self.authority)
        self.server = self.make("server", "IP:127.0.0.1,DNS:localhost", key)
        self.other = self.make("other", "DNS:mail.example", key)

    def openssl(self, *arguments):
        result = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
        if result.returncode:
            raise AssertionError("openssl: " + result.stderr)

    def make(self, name, names, authority_key):
        """Certificate and key, as --starttls and --smtps take them."""
        key, request = self.folder / (name + ".key"), self.folder / (name + ".csr")
        certificate, extensions = self.folder / (name + ".pem"), self.folder / (name + ".ext")
        extensions.write_text("subjectAltName=%s\n" % names)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", "/CN=" + name, "-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey",
                     authority_key, "-CAcreateserial", "-days", "2", "-extfile", extensions,
                     "-out", certificate)
        return certificate, key


def need_mail_server():
    """Ends a test with what is missing."""
    code = "import aiosmtpd.smtp"
    if subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True).returncode:
        sys.exit("install python3-aiosmtpd: tools/setup --tests")
