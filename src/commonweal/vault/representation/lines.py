"""People as lines of JSON: the door by which other programs ask for the categories of somebody.

A line has the reference's question codes as keys (capitals or not), each with one answer code or a list of them, and
`birth_date`, `consent_date` (ISO days), `zip`, `state`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import orjson

from commonweal.errors import BadInput
from commonweal.vault.representation.rules import Facts, Rules
from commonweal.vault.representation.rules.age import completed_years

_DATES = ("birth_date", "consent_date")
_OWN = (*_DATES, "zip", "state")


def classify_lines(lines: Iterable[bytes], rules: Rules) -> Iterator[dict[str, str]]:
    """The outcomes of each line, in order; blank lines have none. Raises BadInput, naming the line, at the first that is
    none of these; what came before it stands."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield classify(orjson.loads(line), rules)
            except orjson.JSONDecodeError:
                raise BadInput(f"line {number}: no JSON: write one object a line") from None
            except BadInput as error:
                raise BadInput(f"line {number}: {error}") from None


def classify(person: Any, rules: Rules) -> dict[str, str]:
    """The outcome of each category, and overall. Raises BadInput, naming the key, for a value of another kind."""
    if not isinstance(person, dict):
        raise BadInput("a list or a single value: write an object, with question codes as keys")
    own = {key: person.get(key) for key in _OWN}
    answers = {key.lower(): _answers(key, value) for key, value in person.items() if key not in _OWN}
    born, consented = (_day(key, own[key]) for key in _DATES)
    facts = Facts(
        age=completed_years(born, consented),
        consented=consented,
        zip=_text("zip", own["zip"]),
        state=_text("state", own["state"]).upper().removeprefix("PIISTATE_"),
        year=consented.year if consented else None,
    )
    return rules.of_answers(answers, facts)


def _answers(key: str, value: Any) -> tuple[str, ...]:
    """The codes in small letters; several in one text stand with commas between."""
    found = value if isinstance(value, list) else [value]
    parts = [part for one in found if one is not None for part in _text(key, one).split(",")]
    return tuple(part.strip().lower() for part in parts if part.strip())


def _text(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | Mapping | list):
        raise BadInput(f"{key}: write a text, or a list of texts")
    return str(value).strip()


def _day(key: str, value: Any) -> date | None:
    """None for what was not told, or not answered."""
    text = _text(key, value)
    if not text or text.lower().startswith("pmi_"):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadInput(f"{key}: no day: write year-month-day, such as 1980-05-31") from None
