"""The syntax of regular expressions that forms may use, read into a small tree.

What XML Schema, Java, ECMAScript and Python have in common: literals, `.`, classes, `\\d \\w \\s`, `\\p{L}`, groups,
alternatives and repetition. Look-around, back-references and word borders are refused with words that say so: they
cannot be matched in a time that grows only with the length of the text.
"""

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

LONGEST, DEEPEST = 2_000, 30  # characters of a pattern; groups within groups
MOST_REPEATS = 1_000
Accepts = Callable[[str], bool]


class PatternError(ValueError):
    """Why a pattern cannot be used; the message ends a sentence that begins with "its pattern"."""


class One(NamedTuple):
    """One character out of a set."""

    accepts: Accepts


class Row(NamedTuple):
    """Parts one after another."""

    parts: tuple["Node", ...]


class Either(NamedTuple):
    """One of several parts."""

    parts: tuple["Node", ...]


class Repeat(NamedTuple):
    """A part `least` to `most` times; `most` None: without end."""

    part: "Node"
    least: int
    most: int | None


Node = One | Row | Either | Repeat

_SPACE = frozenset(" \t\n\r\f\v")
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_SHORT: dict[str, Accepts] = {
    "d": lambda c: c.isdecimal() and c.isascii(),
    "w": lambda c: c == "_" or c.isalnum(),
    "s": lambda c: c in _SPACE or c.isspace(),
}
_REFUSED = {"b": "a word border", "B": "a word border", "A": "an anchor", "Z": "an anchor", "z": "an anchor"}


def read_pattern(text: str) -> Node:
    """The tree of a pattern that must fit the whole text; a `^` at its start and a `$` at its end say nothing more.

    Raises PatternError.
    """
    if len(text) > LONGEST:
        raise PatternError(f"is longer than {LONGEST} characters")
    reader = _Reader(text)
    node = reader.either(0)
    if reader.more:
        raise PatternError("has a closing bracket too many")
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0

    @property
    def more(self) -> bool:
        return self.place < len(self.text)

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self) -> str:
        if not self.more:
            raise PatternError("ends too early")
        self.place += 1
        return self.text[self.place - 1]

    def eat(self, wanted: str) -> bool:
        found = self.text.startswith(wanted, self.place)
        self.place += len(wanted) if found else 0
        return found

    def either(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise PatternError("has too many groups within groups")
        parts = [self.row(depth)]
        while self.eat("|"):
            parts.append(self.row(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def row(self, depth: int) -> Node:
        parts: list[Node] = []
        if depth == 0:
            self.eat("^")
        while self.more and self.peek() not in "|)":
            if depth == 0 and self.peek() == "$" and self.text[self.place + 1 : self.place + 2] in ("", "|"):
                self.place += 1
                break
            parts.append(self.repeated(self.one(depth)))
        return Row(tuple(parts))

    def one(self, depth: int) -> Node:
        sign = self.take()
        if sign == "(":
            return self.group(depth)
        if sign == "[":
            return One(self.set())
        if sign == ".":
            return One(lambda c: c not in "\n\r")
        if sign == "\\":
            return One(self.escape())
        if sign in "^$":
            raise PatternError("has an anchor (^ or $) that is not at its start or end")
        if sign in "*+?":
            raise PatternError("repeats nothing")
        if sign == "{":
            raise PatternError("repeats nothing; write \\{ for the sign itself")
        return One(_just(sign))

    def group(self, depth: int) -> Node:
        if self.eat("?"):
            if self.eat("P<") or (
                self.text.startswith("<", self.place) and self.text[self.place + 1 : self.place + 2] not in "=!"
            ):
                self.eat("<")
                self.name()
            elif not self.eat(":"):
                raise PatternError("looks ahead or behind, or sets options, with (?…), which is not supported")
        node = self.either(depth + 1)
        if not self.eat(")"):
            raise PatternError("has a group without an end")
        return node

    def name(self) -> None:
        while self.take() != ">":
            pass

    def repeated(self, node: Node) -> Node:
        if not self.peek() or self.peek() not in "*+?{":
            return node
        least, most = self.times()
        if self.eat("+"):
            raise PatternError("has a possessive repetition, which is not supported")
        self.eat("?")  # lazy or not: the whole text has to fit either way
        if self.peek() and self.peek() in "*+?{":
            raise PatternError("repeats a repetition; put a group around the inner one")
        return Repeat(node, least, most)

    def times(self) -> tuple[int, int | None]:
        sign = self.take()
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        inside = ""
        while (letter := self.take()) != "}":
            inside += letter
        least, comma, most = inside.partition(",")
        if not least.isdecimal() or (most and not most.isdecimal()):
            raise PatternError("has a repetition {…} that is no number")
        numbers = int(least), (int(most) if most else None) if comma else int(least)
        if max(numbers[0], numbers[1] or 0) > MOST_REPEATS or (numbers[1] is not None and numbers[0] > numbers[1]):
            raise PatternError(f"has a repetition upside down or of more than {MOST_REPEATS} times")
        return numbers

    def escape(self) -> Accepts:
        sign = self.take()
        if sign in "pP":
            return _opposite(self.category()) if sign == "P" else self.category()
        if sign.lower() in _SHORT:
            accepts = _SHORT[sign.lower()]
            return accepts if sign.islower() else _opposite(accepts)
        if sign in "ux":
            return _just(self.code_point(4 if sign == "u" else 2))
        if sign in _CONTROL:
            return _just(_CONTROL[sign])
        if sign.isdecimal():
            raise PatternError("refers back to a group, which is not supported")
        if sign in _REFUSED or sign.isalpha():
            raise PatternError(f"has {_REFUSED.get(sign, 'an escape')} \\{sign}, which is not supported")
        return _just(sign)

    def category(self) -> Accepts:
        if not self.eat("{"):
            raise PatternError("has \\p without a category, such as \\p{L}")
        name = ""
        while (letter := self.take()) != "}":
            name += letter
        if name[:1] not in ("L", "M", "N", "P", "S", "Z", "C") or len(name) > 2:
            raise PatternError("has a category \\p{…} that Unicode does not have")
        return lambda c: unicodedata.category(c).startswith(name)

    def code_point(self, digits: int) -> str:
        try:
            return chr(int("".join(self.take() for _ in range(digits)), 16))
        except ValueError:
            raise PatternError("has an escape of a character that is no hexadecimal number") from None

    def set(self) -> Accepts:
        negated = self.eat("^")
        tests: list[Accepts] = []
        while not self.eat("]") or not tests:
            if tests == [] and self.text[self.place - 1 : self.place] == "]":
                raise PatternError("has a class [] with nothing in it; write \\] for the sign itself")
            tests.append(self.member())
        accepts = _any(tests)
        return _opposite(accepts) if negated else accepts

    def member(self) -> Accepts:
        first = self.letter()
        if callable(first):
            return first
        if self.peek() != "-" or self.text[self.place + 1 : self.place + 2] in ("]", ""):
            return _just(first)
        self.take()
        last = self.letter()
        if callable(last) or last < first:
            raise PatternError("has a range in a class that runs backwards")
        return lambda c: first <= c <= last

    def letter(self) -> str | Accepts:
        """One character of a class, or the test that an escape such as \\d stands for."""
        sign = self.take()
        if sign == "[":
            raise PatternError("has a class within a class; write \\[ for the sign itself")
        if sign != "\\":
            return sign
        if self.peek() and self.peek() in "pPdDwWsS":
            return self.escape()
        start = self.place
        self.escape()
        raw = self.text[start : self.place]
        if raw[0] in "ux":
            return chr(int(raw[1:], 16))
        return _CONTROL.get(raw, raw)


def _just(sign: str) -> Accepts:
    return lambda c: c == sign


def _opposite(accepts: Accepts) -> Accepts:
    return lambda c: not accepts(c)


def _any(tests: list[Accepts]) -> Accepts:
    return lambda c: any(test(c) for test in tests)
