"""REDCap's branching logic and calculations, read into one small tree."""

import re
from typing import NamedTuple

LONGEST, DEEPEST = 10_000, 20


class LogicError(ValueError):
    """Why logic cannot be carried over; the message ends a sentence that begins with what the logic is for."""


class Field(NamedTuple):
    """`[field]`, or `[field(code)]`, one box of a checkbox field."""

    name: str
    code: str | None


class Value(NamedTuple):
    """A number or a text as it is written."""

    text: str
    quoted: bool


class Operation(NamedTuple):
    """`left operator right`; of `and` and `or`, all parts that stand at one level."""

    operator: str
    parts: tuple["Logic", ...]


class Function(NamedTuple):
    """`name(arguments)`"""

    name: str
    arguments: tuple["Logic", ...]


Logic = Field | Value | Operation | Function

LEVELS = (("or",), ("and",), ("=", "<>", "<", ">", "<=", ">="), ("+", "-"), ("*", "/"), ("^",))
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<field>(?:\[[^\[\]]*\])+)
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign><=|>=|<>|!=|==|[-+*/^=<>(),])
    )""",
    re.VERBOSE,
)
_SAME = {"!=": "<>", "==": "="}
_FIELD = re.compile(r"\[([a-z][a-z0-9_]*)(?:\(\s*(-?\w+)\s*\))?(?::value|:label)?\]")


def read_logic(text: str) -> Logic:
    """The tree of a piece of logic. Raises LogicError."""
    if len(text) > LONGEST:
        raise LogicError(f"is longer than {LONGEST} characters")
    reader = _Reader(_tokens(text))
    node = reader.level(0)
    if reader.kind != "end":
        raise LogicError(f"goes on with '{reader.text}' where it should end")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    text, place, found = text.strip(), 0, []
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise LogicError(f"has a sign at character {place + 1} that is not understood")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return [*found, ("end", "the end")]


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.place, self.depth = tokens, 0, 0

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0]

    @property
    def text(self) -> str:
        return self.tokens[self.place][1]

    def take(self) -> str:
        found = self.text
        self.place += self.kind != "end"
        return found

    def operator(self, number: int) -> str | None:
        word = _SAME.get(self.text, self.text.lower())
        return word if self.kind in ("sign", "name") and word in LEVELS[number] else None

    def level(self, number: int) -> Logic:
        if number == len(LEVELS):
            return self.single()
        node = self.level(number + 1)
        while operator := self.operator(number):
            self.take()
            right = self.level(number + 1)
            joins = operator in ("and", "or") and isinstance(node, Operation) and node.operator == operator
            parts = (*node.parts, right) if joins and isinstance(node, Operation) else (node, right)
            node = Operation(operator, parts)
        return node

    def single(self) -> Logic:
        self.depth += 1
        if self.depth > DEEPEST:
            raise LogicError("has too many brackets within brackets")
        try:
            return self.one()
        finally:
            self.depth -= 1

    def one(self) -> Logic:
        kind, text = self.kind, self.take()
        if kind == "field":
            return _field(text)
        if kind == "number":
            return Value(text, False)
        if kind == "text":
            return Value(text[1:-1], True)
        if text == "(":
            node = self.level(0)
            self.close()
            return node
        if text in ("-", "+"):
            node = self.single()
            zero = Value("0", False)
            return node if text == "+" else Operation("-", (zero, node))
        if kind == "name":
            return self.function(text.lower())
        raise LogicError(f"has '{text}' where a field or a value should stand")

    def function(self, name: str) -> Logic:
        if self.text != "(":
            raise LogicError(f"has '{name}' where a field or a value should stand")
        self.take()
        found: list[Logic] = []
        while self.text != ")" or self.kind != "sign":
            found.append(self.level(0))
            if self.text == ",":
                self.take()
            elif self.text != ")":
                raise LogicError(f"has '{self.text}' between the arguments of {name}()")
        self.take()
        return Function(name, tuple(found))

    def close(self) -> None:
        if self.take() != ")":
            raise LogicError("has a bracket without an end")


def _field(text: str) -> Field:
    match = _FIELD.fullmatch(text)
    if match:
        return Field(match[1], match[2])
    if text.count("[") > 1:
        raise LogicError("looks at another event or instance ([event][field]), which a form by itself does not know")
    raise LogicError("looks at a smart variable or something else that is no field")
