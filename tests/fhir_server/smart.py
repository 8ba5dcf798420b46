"""SMART App Launch at the clinic: who agrees to what, tokens for people and, with signed assertions, for programs."""

import base64
import hashlib
import json
import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

CLIENT = "commonweal-test"
JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Smart:
    """`tokens`: access token -> {patient, scope}; `refreshes` likewise; `revoked`: what we were told of.

    `ended`: people may have ended it; `public_keys`: of programs, by key id; `forgetful`: the patient is not told;
    `grants`: the scopes that are given instead of those asked for; `signed_only`: who asks for anything must sign.
    """

    def __init__(self, clinic):
        self.clinic = clinic
        self.codes, self.tokens, self.refreshes = {}, {}, {}
        self.revoked, self.asked, self.seen = [], [], set()
        self.ended = self.forgetful = self.silent_on_revoking = self.signed_only = False
        self.algorithms = ["RS384", "ES384"]
        self.grants, self.public_keys = None, {}

    def configuration(self):
        clinic = self.clinic
        told = {
            "issuer": clinic.base,
            "authorization_endpoint": f"{clinic.address}/authorize",
            "token_endpoint": f"{clinic.address}/token",
            "capabilities": ["launch-standalone", "client-public", "context-standalone-patient", *clinic.version],
            "code_challenge_methods_supported": clinic.methods,
            "scopes_supported": clinic.scopes_supported,
        }
        if self.signed_only:
            told["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
            told["token_endpoint_auth_signing_alg_values_supported"] = self.algorithms
        return told | ({"revocation_endpoint": f"{clinic.address}/revoke"} if clinic.can_revoke else {})

    def agree(self, url, patient):
        """What happens when somebody agrees there: the address to which the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.clinic.address}/authorize?")
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT and asked["aud"] == self.clinic.base
        assert asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 32
        assert {"launch/patient", "offline_access"} < set(asked["scope"].split())
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked | {"patient": patient}
        back = {"code": code, "state": asked["state"], "iss": self.clinic.base}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def post(self, path, form, headers):
        if self.signed_only and not self._is_signed(form):
            return 401, {"error": "invalid_client"}
        if path == "/revoke":
            if self.silent_on_revoking:
                return 503, {}
            if form.get("client_id") != CLIENT and not self.signed_only:
                return 401, {"error": "invalid_client"}
            self.revoked.append(form["token"])
            return 200, {}
        self.asked.append(form)
        answer = {
            "authorization_code": self._for_code,
            "refresh_token": self._renewed,
            "client_credentials": self._for_program,
        }[form["grant_type"]](form)
        return (200, answer) if answer else (400, {"error": "invalid_grant"})

    def _for_code(self, form):
        held = self.codes.pop(form.get("code"), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if held is None or made != held["code_challenge"] or form["redirect_uri"] != held["redirect_uri"]:
            return None
        return self.fresh(held["patient"], self.grants if self.grants is not None else held["scope"])

    def fresh(self, patient, scope="launch/patient offline_access patient/*.read"):
        access, refresh = secrets.token_urlsafe(20), secrets.token_urlsafe(20)
        self.tokens[access] = self.refreshes[refresh] = {"patient": patient, "scope": scope}
        told = {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": scope,
        }
        return told | ({} if self.forgetful else {"patient": patient}) | {"id_token": "one.that.nobody-reads"}

    def _renewed(self, form):
        """A refresh token works once."""
        held = self.refreshes.pop(form.get("refresh_token", ""), None)
        return None if self.ended or held is None else self.fresh(held["patient"], held["scope"])

    def stale(self):
        """Access tokens run out."""
        self.tokens.clear()

    def _for_program(self, form):
        """Backend services."""
        if not self.signed_only and not self._is_signed(form):
            return None
        access = secrets.token_urlsafe(20)
        self.tokens[access] = {"patient": None, "scope": form["scope"]}
        return {"access_token": access, "token_type": "bearer", "expires_in": 300, "scope": form["scope"]}

    def _is_signed(self, form):
        """By an assertion that is used once."""
        try:
            claims = self._checked(form["client_assertion"])
        except Exception:
            return False
        if claims["jti"] in self.seen or form["client_assertion_type"] != JWT:
            return False
        self.seen.add(claims["jti"])
        return True

    def _checked(self, assertion):
        head, body, signature = assertion.split(".")
        header, claims = json.loads(_bytes(head)), json.loads(_bytes(body))
        key, signed, given = self.public_keys[header["kid"]], f"{head}.{body}".encode(), _bytes(signature)
        if header["alg"] == "ES384":
            half = len(given) // 2
            pair = (int.from_bytes(part) for part in (given[:half], given[half:]))
            key.verify(encode_dss_signature(*pair), signed, ec.ECDSA(hashes.SHA384()))
        else:
            key.verify(given, signed, padding.PKCS1v15(), hashes.SHA384())
        assert claims["iss"] == claims["sub"] == CLIENT and claims["aud"] == f"{self.clinic.address}/token"
        assert time.time() < claims["exp"] <= time.time() + 300
        return claims


def _bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
