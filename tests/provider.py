"""A wearable provider on this machine: OAuth 2.0, and a Web API with days of data. It checks what it is sent, and remembers it."""

import base64
import hashlib
import json
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from tests import provider_days

CLIENT, SECRET = "commonweal-test", "a secret of the client's own"


@dataclass
class Provider:
    """`revoked`: tokens that we were told about. `broken`: answers 503 to a revocation while it is set.

    Of the Web API: `read`: the paths asked for; `stale`: access tokens that have run out; `ended`: people may have ended the
    permission; `limit`: requests that are still answered, then 429 with `wait` seconds; `withheld`: parts of paths that
    are refused; `garbled`: parts of paths that are answered with no JSON; `down`: answers 503.
    """

    address: str = ""
    codes: dict = field(default_factory=dict)  # code -> (challenge, redirect_uri)
    tokens: set = field(default_factory=set)
    revoked: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    asked: int = 0
    broken: bool = False
    read: list = field(default_factory=list)
    stale: set = field(default_factory=set)
    not_worn: set = field(default_factory=set)
    withheld: tuple = ()
    garbled: tuple = ()
    zone: str = "America/New_York"
    since: str = ""  # when the account was opened; "": not told
    ended: bool = False
    down: bool = False
    limit: int | None = None
    wait: int = 1800

    @property
    def environment(self) -> dict[str, str]:
        names = {"AUTHORIZE_URL": "/authorize", "TOKEN_URL": "/token", "REVOKE_URL": "/revoke", "API_URL": ""}
        told = {f"COMMONWEAL_WEARABLES_FITBIT_{name}": self.address + path for name, path in names.items()}
        return told | {
            "COMMONWEAL_WEARABLES_FITBIT_CLIENT_ID": CLIENT,
            "COMMONWEAL_WEARABLES_FITBIT_CLIENT_SECRET": SECRET,
        }

    def agree(self, url: str) -> str:
        """What happens when somebody agrees there: the address to which the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 32
        code = secrets.token_urlsafe(12)
        self.codes[code] = (asked["code_challenge"], asked["redirect_uri"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str]) -> dict | None:
        if form.get("grant_type") == "refresh_token":
            return self.renewed(form.get("refresh_token", ""))
        challenge, way_back = self.codes.pop(form.get("code"), (None, None))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if form.get("grant_type") != "authorization_code" or made != challenge or form["redirect_uri"] != way_back:
            return None
        return self.fresh()

    def fresh(self) -> dict:
        access, refresh = secrets.token_urlsafe(20), secrets.token_urlsafe(20)
        self.tokens |= {access, refresh}
        return {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 28800}

    def renewed(self, refresh: str) -> dict | None:
        """A refresh token works once."""
        if self.ended or refresh not in self.tokens:
            return None
        self.tokens.discard(refresh)
        return self.fresh()

    def data(self, path: str, token: str) -> tuple[int, object, dict]:
        """(status, what is answered, headers) to a request for data."""
        self.read.append(path)
        if self.down:
            return 503, {"errors": [{"errorType": "system"}]}, {}
        if self.ended or token not in self.tokens or token in self.stale:
            return 401, {"errors": [{"errorType": "expired_token", "message": "..."}], "success": False}, {}
        if self.limit is not None:
            if self.limit == 0:
                return 429, {"errors": [{"errorType": "request"}]}, {"Retry-After": str(self.wait)}
            self.limit -= 1
        if any(part in path for part in self.withheld):
            return 403, {"errors": [{"errorType": "insufficient_scope"}]}, {}
        if any(part in path for part in self.garbled):
            return 200, b'{"activities-heart": [{', {}
        told = provider_days.answer(path, self.not_worn, self.zone, self.since)
        return (200, told, {}) if told is not None else (404, {"errors": [{"errorType": "not_found"}]}, {})


@contextmanager
def running():
    """`with provider.running() as it:` a provider that listens on a port of its own."""
    it = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
            pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            it.asked += 1
            if self.headers.get("Authorization") != f"Basic {pair}":
                return self.answer(401, {"error": "invalid_client"})
            if self.path == "/token":
                tokens = it.token(form)
                return self.answer(200, tokens) if tokens else self.answer(400, {"error": "invalid_grant"})
            if it.broken:
                it.refused.append(form["token"])
                return self.answer(503, {"error": "temporarily_unavailable"})
            it.revoked.append(form["token"])
            return self.answer(200, {})

        def do_GET(self):
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self.answer(*it.data(self.path, token))

        def answer(self, status, told, headers=None):
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
