"""What a signature may be: a typed name, or a drawing as path data, with initials where a form asks for them. Pure.

A drawing comes from the browser, so it is trusted only as far as it is checked: lines alone (M and L with plain numbers),
inside a box of 600 by 200, of a limited length. Nothing else can stand in it, wherever it is shown later.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.vault.people.models import Account

TYPED, DRAWN, PAPER = "typed", "drawn", "paper"
WIDTH, HEIGHT = 600, 200
LONGEST_DRAWING = 20_000
LONGEST_NAME = 401  # two names of 200 characters and the space between them
LONGEST_OTHER_NAME = 400  # that of a guardian or a witness
SHORTEST_STROKE = 40  # in units of the box: a dot or a slip is no signature
_POINT = r"[0-9]{1,3}(?:\.[0-9]{1,2})? [0-9]{1,3}(?:\.[0-9]{1,2})?"
_DRAWING = re.compile(rf"(?:M{_POINT}(?:L{_POINT})*)+")
_STEP = re.compile(r"([ML])([0-9.]+) ([0-9.]+)")


@dataclass(frozen=True)
class SignatureGiven:
    """How an answer is signed; `answer_module` writes it down beside the answer, in the same transaction."""

    kind: str = TYPED
    typed_name: str = ""
    drawing: str = ""
    initials: str = ""
    assisted_by: "Account | None" = None
    witness_name: str = ""
    witness_signature: str = ""
    guardian_name: str = ""
    guardian_relationship: str = ""


def check(given: SignatureGiven, *, initials: bool) -> None:
    """Raises BadInput for what is no signature. `initials`: whether the form asks for them."""
    if given.kind not in (TYPED, DRAWN, PAPER):
        raise BadInput("signature: neither typed, nor drawn, nor on paper")
    if given.kind == DRAWN and not is_drawing(given.drawing):
        raise BadInput("signature: the drawing is not one that this page makes")
    if given.kind == TYPED and not given.typed_name.strip():
        raise BadInput("signature: no name was typed")
    if len(given.typed_name) > LONGEST_NAME:
        raise BadInput(f"signature: a name has at most {LONGEST_NAME} characters")
    if initials and not has_letters(given.initials):
        raise BadInput("signature: this form needs initials")


def is_drawing(path: str) -> bool:
    """Whether `path` is path data as our page writes it, inside the box, with at least one real stroke."""
    if not path or len(path) > LONGEST_DRAWING or not _DRAWING.fullmatch(path):
        return False
    inside = all(float(x) <= WIDTH and float(y) <= HEIGHT for _, x, y in _STEP.findall(path))
    return inside and _length(path) >= SHORTEST_STROKE


def _length(path: str) -> float:
    total, here = 0.0, (0.0, 0.0)
    for letter, x, y in _STEP.findall(path):
        there = (float(x), float(y))
        if letter == "L":
            total += ((there[0] - here[0]) ** 2 + (there[1] - here[1]) ** 2) ** 0.5
        here = there
    return total


def has_letters(text: str) -> bool:
    """Whether something that is a letter in any script stands in it."""
    return any(unicodedata.category(character).startswith("L") for character in text)


def plain(name: str) -> str:
    """A name without accents, case and extra space, so that a signature is not refused for how it is typed."""
    letters = unicodedata.normalize("NFKD", name.replace("’", "'"))
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).casefold().split())
