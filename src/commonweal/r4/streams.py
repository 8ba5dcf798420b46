"""Bundles entry by entry out of a window of their text that moves on: never whole in memory, whatever their size."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from commonweal.r4.blocks import BLOCK, LARGEST, Block

_SPACE = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


class Broken(ValueError):
    """The text is no JSON from here on, or ends; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Window:
    """A part of a text, read on when it is needed."""

    def __init__(self, start: bytes, file: IO[bytes]) -> None:
        self._file, self._utf8 = file, codecs.getincrementaldecoder("utf-8")()
        self.text, self.at, self.ended = self._utf8.decode(start), 0, False

    def peek(self) -> str:
        """The next character that is no space, '' at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def expect(self, characters: str) -> str:
        found = self.peek()
        if not found or found not in characters:
            raise Broken("not_json" if found else "truncated")
        self.at += 1
        return found

    def value(self) -> tuple[Any, int, int]:
        """The JSON value that comes next and where it stands in `text`, until the window moves."""
        self.peek()
        while True:
            try:
                value, end = _decode(self.text, self.at)
                if end < len(self.text) or self.ended:
                    start, self.at = self.at, end
                    return value, start, end
            except json.JSONDecodeError as error:
                self._may_go_on(error)
            except RecursionError:
                raise Broken("too_deep") from None
            self._more()

    def _may_go_on(self, error: json.JSONDecodeError) -> None:
        """Raise Broken unless the text is right as far as it goes."""
        at_the_end = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - 10
        if not at_the_end or self.ended:
            raise Broken("truncated" if at_the_end else "not_json")
        if len(self.text) - self.at > LARGEST:
            raise Broken("too_long")

    def _more(self) -> bool:
        """Let go of what is behind and read as much again as is held, a block at least."""
        if self.ended:
            return False
        self.text, self.at = self.text[self.at :], 0
        more = self._file.read(max(BLOCK // 4, min(len(self.text), LARGEST)))
        self.ended = not more
        self.text += self._utf8.decode(more, final=self.ended)
        return True


def read(start: bytes, file: IO[bytes]) -> Iterator[Block]:
    """The entries of one Bundle, or of several that follow each other; else one resource over several lines.

    What is read before the text breaks off is given; the fault stands at the place of the entry in which it does.
    """
    reader = _Reader()
    try:
        reader.window = Window(start, file)
        while reader.window.peek():
            yield from reader.document()
    except UnicodeDecodeError:
        reader.broken("not_utf8")
    except Broken as error:
        reader.broken(error.code)
    except EOFError:
        yield from reader.rest()
        raise
    yield from reader.rest()


class _Reader:
    window: Window

    def __init__(self) -> None:
        self.place, self.block = 0, Block()

    def broken(self, code: str) -> None:
        self.block.add(self.place + 1 if self.place else 0, None, fault=code)

    def rest(self) -> Iterator[Block]:
        if len(self.block):
            yield self.block
            self.block = Block()

    def document(self) -> Iterator[Block]:
        """One object of the outermost level: a Bundle by its entries, or a resource of its own."""
        window = self.window
        if window.peek() == "[":
            raise Broken("not_fhir")
        window.expect("{")
        kind: str | None = None
        entries: int | None = None
        single: dict[str, Any] = {}
        size = 0
        for name in _names(window, "}"):
            if name == "entry" and kind in (None, "Bundle") and window.peek() == "[":
                before = self.place
                yield from self._entries()
                entries = self.place - before
                continue
            value, start, end = window.value()
            kind = value if name == "resourceType" and isinstance(value, str) else kind
            size += len(name) + end - start
            if kind != "Bundle" and entries is None:
                single[name] = _held(value, size)
        if entries is None and kind not in (None, "Bundle"):
            self.place += 1
            self.block.add(self.place, json.dumps(single))
        elif not entries:
            self.broken("not_fhir" if kind is None else "no_entries")

    def _entries(self) -> Iterator[Block]:
        self.window.expect("[")
        if self.window.peek() == "]":
            self.window.expect("]")
            return
        while True:
            self._entry()
            if self.block.size >= BLOCK:
                yield from self.rest()
            if self.window.expect(",]") == "]":
                return

    def _entry(self) -> None:
        """The text of the entry's resource as it stands, and the address under which others refer to it."""
        window, text, url = self.window, None, None
        if window.peek() != "{":
            window.value()
        else:
            window.expect("{")
            for name in _names(window, "}"):
                value, start, end = window.value()
                if name == "resource" and value is not None:
                    text = window.text[start:end]
                elif name == "fullUrl" and isinstance(value, str):
                    url = value
        self.place += 1
        fault = "no_resource" if text is None else "too_long" if len(text) > LARGEST else None
        self.block.add(self.place, None if fault else text, url=url, fault=fault)


def _held(value: Any, size: int) -> Any:
    """A member of what may be one resource, unless its members are longer together than a resource may be."""
    if size > LARGEST:
        raise Broken("too_long")
    return value


def _names(window: Window, end: str) -> Iterator[str]:
    """The names of an object's members; what reads on has read the value of each."""
    if window.peek() == end:
        window.expect(end)
        return
    while True:
        name, _, _ = window.value()
        if not isinstance(name, str):
            raise Broken("not_json")
        window.expect(":")
        yield name
        if window.expect("," + end) == end:
            return
