"""A wearable provider as OAuth 2.0 describes one, on this machine: it checks what it is sent and remembers it."""

import base64
import hashlib
import json
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "commonweal-test", "a secret of the client's own"


@dataclass
class Provider:
    """`revoked`: tokens that we were told about. `broken`: answers 503 to a revocation while it is set."""

    address: str = ""
    codes: dict = field(default_factory=dict)  # code -> (challenge, redirect_uri)
    tokens: set = field(default_factory=set)
    revoked: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    asked: int = 0
    broken: bool = False

    @property
    def environment(self) -> dict[str, str]:
        names = {"AUTHORIZE_URL": "/authorize", "TOKEN_URL": "/token", "REVOKE_URL": "/revoke"}
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
        challenge, way_back = self.codes.pop(form.get("code"), (None, None))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if form.get("grant_type") != "authorization_code" or made != challenge or form["redirect_uri"] != way_back:
            return None
        access, refresh = secrets.token_urlsafe(20), secrets.token_urlsafe(20)
        self.tokens |= {access, refresh}
        return {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 28800}


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

        def answer(self, status, told):
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
