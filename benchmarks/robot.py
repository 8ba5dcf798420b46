"""A person at a browser, without the browser: follows the portal's pages from the first to the last of joining.

It reads forms as they are, keeps cookies, follows redirects and downloads no pictures. `walk` gives after each page the name
of what was done and the seconds from the request to the last byte of the page that it led to.
"""

import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import orjson

from commonweal import protocol

PASSWORD = "seven quiet herons"
PROGRAM = protocol.load(protocol.DEFAULT)
_TAG = re.compile(r"<(input|textarea|select|button)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_CODE = re.compile(r"\b(\d{4}-?\d{4}|[A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b")


class Wrong(Exception):
    """A page that nobody should get: an error, or none of those that joining has."""


class Post:
    """The codes that the portal wrote into the outbox of its home, by address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seen, self.codes, self.lock = folder, set(), {}, threading.Lock()

    def code(self, address: str) -> str | None:
        with self.lock:
            for path in self.folder.glob("*.json"):
                if path.name not in self.seen:
                    self.seen.add(path.name)
                    letter = orjson.loads(path.read_bytes())
                    found = _CODE.search(letter["text"])
                    if found:
                        self.codes[letter["to"]] = found[1]
            return self.codes.get(address)


class Person:
    """One who joins: `number` makes the address, so that each is somebody new."""

    def __init__(self, host: str, port: int, post: Post, number: int) -> None:
        self.host, self.port, self.post = host, port, post
        self.address = f"load{number}@example.org"
        self.ip = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.cookies: dict[str, str] = {}
        self.link = http.client.HTTPConnection(host, port, timeout=60)
        self.url, self.html = "/", ""

    def get(self, path: str) -> float:
        return self._go("GET", path, None)

    def submit(self, fields: dict[str, str | list[str]], path: str | None = None) -> float:
        hidden = {name: value for name, kind, value in self.inputs(set(fields)) if kind == "hidden"}
        return self._go("POST", path or self.url, hidden | fields)

    def inputs(self, needed: set[str] = frozenset()) -> list[tuple[str, str, str]]:
        """(name, type, value) of the fields of the first form of the page's main part that has one of those `needed`."""
        main = self.html[self.html.find("<main") :]
        for form in re.findall(r"<form\b.*?</form>", main, re.DOTALL):
            found = []
            for tag, rest in _TAG.findall(form):
                attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(rest)}
                if "name" in attributes:
                    found.append((attributes["name"], attributes.get("type", tag), attributes.get("value", "")))
            if not needed or needed & {name for name, *_ in found}:
                return found
        raise Wrong("the page has no form for what is to be said")

    def _go(self, method: str, path: str, fields: dict | None) -> float:
        began = time.perf_counter()
        for _ in range(6):
            status, where = self._ask(method, path, fields)
            if status not in (301, 302, 303):
                break
            method, path, fields = "GET", urljoin(path, where), None
        if status != 200:
            raise Wrong(f"{method} {re.sub(r'[0-9a-f-]{36}', 'ID', path)} answered {status}")
        self.url = urlsplit(path).path
        return time.perf_counter() - began

    def _ask(self, method: str, path: str, fields: dict | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "X-Forwarded-For": self.ip}
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://{self.host}:{self.port}{path}",
            }
        try:
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):  # an idle link that was closed
            self.link.close()
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
        self.html = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.headers.get("Location", "")

    def walk(self) -> Iterator[tuple[str, float]]:
        """Page after page until home is reached with nothing left of joining."""
        for path in ("/", "/learn/", "/join/"):
            yield path, self.get(path)
        yield "sign-up page", self.get("/accounts/signup/")
        yield "sign up", self.submit({"email": self.address, "password1": PASSWORD})
        yield "code", self.submit({"code": self._code()})
        for _ in range(80):
            done = self._step()
            if done is None:
                return
            yield done
        raise Wrong(f"joining does not end: still at {self.url}")

    def _code(self) -> str:
        for _ in range(600):
            code = self.post.code(self.address)
            if code:
                return code
            time.sleep(0.1)
        raise Wrong("no code came")

    def _step(self) -> tuple[str, float] | None:
        url = self.url
        if url.startswith("/eligibility/"):
            answers = {q.id: "yes" if q.eligible_when else "no" for q in PROGRAM.eligibility}
            return "eligibility", self.submit(answers)
        if url.startswith("/about-you/"):
            return "about you", self.submit(self._about())
        found = re.fullmatch(r"/consent/([a-z-]+)/(?:(\d+|check|sign)/)?", url)
        if found:
            return self._consent(found[1], found[2])
        if url.startswith(("/home/", "/surveys/")):
            return None
        raise Wrong(f"joining led to {url}")

    def _about(self) -> dict[str, str]:
        names = {name for name, *_ in self.inputs()}
        site = random.choice(list(PROGRAM.sites))
        told = {
            "given_name": "Ana", "family_name": "Load", "birth_month": "8", "birth_day": "27", "birth_year": "1961",
            "sex_at_birth": "female", "phone": "", "address_line": "1 Elm St", "city": "Chicago", "state": "IL",
            "zip": "60607", "site": site,
        }  # fmt: skip
        return {name: value for name, value in told.items() if name in names}

    def _consent(self, module: str, part: str | None) -> tuple[str, float]:
        if part is None or part.isdigit():
            onward = re.search(r'<a class="button" href="([^"]+)"', self.html[self.html.find("<main") :])
            if not onward:
                raise Wrong(f"no way on from a screen of {module}")
            return "consent screen", self.get(unescape(onward[1]))
        texts = [t for f in self._forms(module) for t in f.texts.values()]
        if part == "check":
            return "questions", self.submit({q.id: q.correct for t in texts for q in t.questions})
        return "signature", self.submit({"answer": "yes", "signed_name": "Ana Load", "signature_kind": "typed"})

    @staticmethod
    def _forms(module: str) -> list:
        version = PROGRAM.consents[module].current
        return list(getattr(version, "forms", ())) + [version]
