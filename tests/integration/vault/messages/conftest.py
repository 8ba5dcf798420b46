"""People who can be written to, and providers on the loopback that take what is sent."""

import json
import socketserver
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Account

SITE = "lakeshore-chicago"
FULL = "participate recontact surveys"


@pytest.fixture
def protocol():
    return current_protocol()


@pytest.fixture
def person(transactional_db):
    """person(email=…, phone=…, consent="yes"|"no"|…|None, site=…, days=…) -> a participant with a log-in."""

    def make(email="ines@example.org", phone=None, consent="yes", language="en", site=SITE, days=30):
        account = Account.objects.create_user(
            email, "seven quiet herons", phone=phone, phone_verified=bool(phone), language=language
        )
        one = people.register(account, language=language)
        type(one).objects.filter(pk=one.pk).update(registered_at=timezone.now() - timedelta(days=days))
        one.refresh_from_db()
        if site:
            people.pair(one, site, source="test")
        if consent:
            _answer(one, consent)
        return one

    return make


@pytest.fixture
def answer():
    return _answer


def _answer(person, said, scopes=FULL, at=None, expires=None, module="primary"):
    at = at or timezone.now() - timedelta(days=1)
    times = {"event_time": at, "authored_time": at, "received_time": at}
    return ConsentAnswer.objects.create(
        participant=person,
        module=module,
        version="1",
        content_sha256="0" * 64,
        language="en",
        answer=said,
        scopes=scopes,
        expires_at=expires,
        source="test",
        idempotency_key=f"{person.pk}:{module}:{said}:{at.isoformat()}",
        **times,
    )


class Mails(socketserver.StreamRequestHandler):
    """As much of a mail server as a mail needs. `server.refuse`: an answer to DATA; `server.on_taken`: called after one."""

    def handle(self):
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._data()
            elif word == "QUIT":
                self._say("221 bye")
                return
            elif word in ("EHLO", "HELO"):
                self._say("250 sink")
            else:
                self.server.lines.append(line)
                self._say("250 fine")

    def _data(self):
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
            lines.append(line)
        if self.server.refuse:
            self._say(self.server.refuse)
            return
        self.server.taken.append("".join(lines))
        self.server.on_taken()
        self._say("250 taken")

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


@pytest.fixture
def mail_server(settings):
    """A mail server that keeps what it takes in `.taken`; Django sends to it."""
    with Sink(("127.0.0.1", 0), Mails) as server:
        server.taken, server.lines, server.refuse, server.on_taken = [], [], "", lambda: None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 5
        yield server
        server.shutdown()


class Posts(BaseHTTPRequestHandler):
    def do_GET(self):  # where a redirect leads
        self.server.led_astray.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.headers, body))
        status = self.server.status
        if status == 200:  # a provider that knows keys takes each one once
            self.server.taken.setdefault(self.headers["Idempotency-Key"], body)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(json.dumps({"id": f"sms-{body['reference']}"}).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def text_provider(settings):
    """A provider of texts; `.taken` by idempotency key, `.asked` each request, `.status` what it answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Posts) as server:
        server.taken, server.asked, server.status, server.led_astray = {}, [], 200, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SMS_BACKEND = "commonweal.vault.messages.transport.HttpSms"
        settings.SMS_URL = f"http://127.0.0.1:{server.server_address[1]}/send"
        settings.SMS_TOKEN = "a-token"
        yield server
        server.shutdown()
