"""The part of FHIRPath 2.0 (HL7 normative release 1) that forms may use, read into a tree.

Literals, `%name`, paths with functions, `+ - * / div mod &`, comparisons, `in`, `and or xor implies`, `|`. What stands
next to each other at one level is one node, so that a sum of hundreds of terms is no deeper than one of two.
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

LONGEST, DEEPEST = 20_000, 20  # characters of an expression; brackets within brackets
MOST_STEPS = 50  # of one path


class ExpressionError(ValueError):
    """Why an expression cannot be used; the message ends a sentence that begins with "its expression"."""


class Literal(NamedTuple):
    """A value that stands in the expression: a list, empty for `{}`."""

    values: list[Any]


class Variable(NamedTuple):
    """`%resource` and the like; `this` is what a criterion looks at."""

    name: str


class Member(NamedTuple):
    """`.name`"""

    name: str


class Call(NamedTuple):
    """`.name(arguments)`"""

    name: str
    arguments: tuple["Node", ...]


class Path(NamedTuple):
    """A start and the steps from it."""

    start: "Node"
    steps: tuple[Member | Call, ...]


class Chain(NamedTuple):
    """Operands of operators of one level, from left to right: `first op second op third`."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


class Negative(NamedTuple):
    """`-operand`"""

    operand: "Node"


Node = Literal | Variable | Path | Chain | Negative

LEVELS = (  # loosest first
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("in", "contains"),
    ("=", "!=", "~", "!~"),
    ("<=", ">=", "<", ">"),
    ("|",),
    ("+", "-", "&"),
    ("*", "/", "div", "mod"),
)
_TOKEN = re.compile(
    r"""\s*(?://[^\n]*\n\s*)*(?:
    (?P<date>@\d{4}(?:-\d\d(?:-\d\d(?:T(?:\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?)?)?)?|@T\d\d:\d\d:\d\d)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<variable>%(?:[A-Za-z_][\w-]*|`[^`]+`)|\$this)
    |(?P<name>[A-Za-z_]\w*|`[^`]+`)
    |(?P<sign><=|>=|!=|!~|[-+*/&|=~<>().,{}])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


class _Token(NamedTuple):
    kind: str
    text: str


def read_expression(text: str) -> Node:
    """The tree of an expression. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"is longer than {LONGEST} characters")
    parser = _Parser(_tokens(text))
    node = parser.level(0)
    if parser.here.kind != "end":
        raise ExpressionError(f"goes on with '{parser.here.text}' where it should end")
    return node


def _tokens(text: str) -> list[_Token]:
    text, place, found = text.strip(), 0, []
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place or match.lastgroup is None:
            raise ExpressionError(f"has a sign at character {place + 1} that is not understood")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return [*found, _Token("end", "the end")]


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place, self.depth = tokens, 0, 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.here
        self.place += token.kind != "end"
        return token

    def eat(self, text: str) -> bool:
        found = self.here.text == text and self.here.kind in ("sign", "name")
        self.place += found
        return found

    def need(self, text: str) -> None:
        if not self.eat(text):
            raise ExpressionError(f"has '{self.here.text}' where '{text}' should stand")

    def level(self, number: int) -> Node:
        if number == len(LEVELS):
            return self.signed()
        first = self.level(number + 1)
        rest: list[tuple[str, Node]] = []
        while (operator := self.here.text) in LEVELS[number] and self.here.kind in ("sign", "name"):
            self.take()
            rest.append((operator, self.level(number + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def signed(self) -> Node:
        negative = False
        while self.here.text in ("+", "-") and self.here.kind == "sign":
            negative ^= self.take().text == "-"
        node = self.path()
        return Negative(node) if negative else node

    def path(self) -> Node:
        start = self.start()
        steps: list[Member | Call] = []
        if isinstance(start, Member | Call):
            steps, start = [start], Variable("this")
        while self.eat("."):
            steps.append(self.step())
            if len(steps) > MOST_STEPS:
                raise ExpressionError("has a path of too many steps")
        return Path(start, tuple(steps)) if steps else start

    def start(self) -> Node | Member | Call:
        token = self.here
        if token.kind == "name" and token.text not in ("true", "false"):
            return self.step()
        self.take()
        if token.kind == "variable":
            return Variable(token.text.lstrip("%$").strip("`"))
        if token.text == "(":
            return self.bracket()
        if token.text == "{":
            self.need("}")
            return Literal([])
        if token.kind in ("name", "number", "text", "date"):
            return Literal([_value(token)])
        raise ExpressionError(f"has '{token.text}' where a value should stand")

    def bracket(self) -> Node:
        self.deeper()
        node = self.level(0)
        self.depth -= 1
        self.need(")")
        return node

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError("has too many brackets within brackets")

    def step(self) -> Member | Call:
        token = self.take()
        if token.kind != "name":
            raise ExpressionError(f"has '{token.text}' where a name should stand")
        name = token.text.strip("`")
        if not self.eat("("):
            return Member(name)
        return Call(name, self.arguments())

    def arguments(self) -> tuple[Node, ...]:
        if self.eat(")"):
            return ()
        self.deeper()
        found = [self.level(0)]
        while self.eat(","):
            found.append(self.level(0))
        self.depth -= 1
        self.need(")")
        return tuple(found)


def _value(token: _Token) -> Any:
    if token.kind == "name":
        return token.text == "true"
    if token.kind == "number":
        return Decimal(token.text) if "." in token.text else int(token.text)
    if token.kind == "date":
        return token.text.removeprefix("@").removeprefix("T").removesuffix("T")
    return re.sub(r"\\(u([0-9A-Fa-f]{4})|.)", _unescaped, token.text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[2], 16)) if match[2] else _ESCAPES.get(match[1], match[1])
