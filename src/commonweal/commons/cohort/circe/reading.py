"""Reads a JSON document key by key and keeps account: a key that nobody reads is reported, never dropped in silence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NotCarried:
    """What of an expression our definition does not say. `who`: whether it can change who is in."""

    path: str
    what: str
    why: str
    who: bool = True

    def as_dict(self) -> dict[str, Any]:
        return {"path": self.path, "what": self.what, "why": self.why}


class Account:
    """What could not be carried, in the order in which it was met; a place and reason once."""

    def __init__(self) -> None:
        self.lost: dict[tuple[str, str], NotCarried] = {}

    def note(self, path: str, what: str, why: str, *, who: bool = True) -> None:
        self.lost.setdefault((path, why), NotCarried(path, what, why, who))


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
NOTHING = (None, [], {}, "", False)  # a key with such a value says nothing in Circe


class Node:
    """One object of the document, at a path. Keys are found in any letter case, as OHDSI's own tools write several."""

    def __init__(self, value: Any, path: str, account: Account) -> None:
        self.path, self.account = path, account
        if not isinstance(value, dict):
            account.note(path, "a value", f"an object was expected here, not {_kind(value)}")
            value = {}
        self._values = {_plain(key): item for key, item in value.items()}
        self._names = {_plain(key): key for key in value}
        self._read: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{self._names.get(_plain(key), key)}"

    def has(self, key: str) -> bool:
        return self._values.get(_plain(key)) not in NOTHING

    def get(self, key: str, kind: type | tuple[type, ...] = object, default: Any = None) -> Any:
        """The value of a key; the default where it is absent, null, or (which is reported) of another kind."""
        self._read.add(_plain(key))
        value = self._values.get(_plain(key))
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool and kind is not object):
            self.account.note(self.at(key), key, f"not the kind of value expected here ({_kind(value)})")
            return default
        return value

    def whole(self, key: str, default: int | None = None) -> int | None:
        return self.get(key, int, default)

    def flag(self, key: str) -> bool:
        return bool(self.get(key, bool, False))

    def node(self, key: str) -> "Node | None":
        value = self.get(key)
        return None if value in NOTHING else Node(value, self.at(key), self.account)

    def nodes(self, key: str) -> "list[Node]":
        values = self.get(key, list, [])
        return [Node(value, f"{self.at(key)}[{n}]", self.account) for n, value in enumerate(values)]

    def ignore(self, *keys: str) -> None:
        """Keys that have no effect on who is in."""
        self._read |= {_plain(key) for key in keys}

    def unread(self) -> Iterator[tuple[str, Any]]:
        """Keys (as written) that nobody has read, with their values; those that say nothing are left out."""
        for key, value in self._values.items():
            if key not in self._read and value not in NOTHING:
                yield self._names[key], value

    def close(self, why: str = "this importer does not know it") -> None:
        """Reports what nobody has read."""
        for key, _ in self.unread():
            self.account.note(f"{self.path}.{shown(key)}", shown(key), why)


def shown(key: str) -> str:
    """A key as it may be repeated in a message; what is no word is not repeated."""
    return key if _WORD.fullmatch(key) else "[a key that is no word]"


def _plain(key: str) -> str:
    return str(key).replace("_", "").lower()


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
