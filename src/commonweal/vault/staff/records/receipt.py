"""What the import itself said: how many patients matched, what was left out and why, and where in the files that was."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from commonweal.vault.staff.records import words
from commonweal.vault.staff.records.gate import Gate, share

MOST = 50  # rows of a table
PLACES = 3  # that are named of one reason
_NOT_FOUND = ("unmatched", "rejected", "person_not_usable")
Trouble = tuple[str, str, str]  # code, table, column


def matched(told: dict[str, Any], gate: Gate) -> dict[str, str] | None:
    """How many patients were sent and how many of them are somebody here; None where nobody was named."""
    named = found = 0
    for one in told["submissions"]:
        states = one.get("persons") or (one.get("by_type") or {}).get("Patient") or {}
        named += sum(states.values())
        found += sum(n for state, n in states.items() if state not in _NOT_FOUND)
    if not named:
        return None
    percent = gate.percent(found, named)
    return {"named": gate.text(named), "matched": gate.text(found), "share": "" if percent is None else share(percent)}


def reasons(told: dict[str, Any], gate: Gate) -> dict[str, Any]:
    """Why resources were left out, over all submissions of the import, and where the first of them stand."""
    counts, places = Counter[str](), dict[str, list[str]]()
    for number, one in enumerate(told["submissions"], start=1):
        counts.update(one.get("reasons") or {})
        for code, found in (one.get("places") or {}).items():
            places.setdefault(code, []).extend(_places(told, number, found, "place"))
    shown = gate.parts(dict(counts.most_common(MOST)))
    rows = [(words.reason(code), _number(n), _listed(places.get(code, []), gate)) for code, n in shown.items()]
    return {"columns": [_("Reason"), (_("Number"), "number"), _("Where first")], "rows": rows}


def troubles(told: dict[str, Any], gate: Gate) -> dict[str, Any]:
    """What was wrong with what was read all the same, or with rows of tables: the commonest first."""
    counts, places = Counter[Trouble](), dict[Trouble, list[str]]()
    for key, count, found in _troubles(told):
        counts[key] += count
        places.setdefault(key, []).extend(found)
    rows = [
        (words.reason(key[0]), ".".join(filter(None, key[1:])), gate.text(count), _listed(places[key], gate))
        for key, count in counts.most_common(MOST)
    ]
    return {"columns": [_("What"), _("Field"), (_("Number"), "number"), _("Where first")], "rows": rows}


def _troubles(told: dict[str, Any]) -> Iterator[tuple[Trouble, int, list[str]]]:
    for number, one in enumerate(told["submissions"], start=1):
        for code, note in (one.get("notes") or {}).items():
            yield (code, "", ""), note["count"], _places(told, number, note["places"], "place")
        for each in one.get("troubles") or ():
            places = _places(told, number, each["places"], "line")
            yield (each["code"], each["table"], each["column"]), each["count"], places


def _places(told: dict[str, Any], number: int, found: list[dict[str, int]], line: str) -> list[str]:
    """Places in words; which submission only where there are several."""
    several = len(told["submissions"]) > 1
    shape = _("submission %(n)s, file %(file)s, place %(line)s") if several else _("file %(file)s, place %(line)s")
    return [shape % {"n": number, "file": one["file"], "line": one[line]} for one in found[:PLACES]]


def _listed(places: list[str], gate: Gate) -> str:
    """The first places; for who may see the people alone, because a place leads to one of them."""
    return "; ".join(places[:PLACES]) if gate.exact else ""


def _number(number: int | None) -> str:
    return _("withheld") if number is None else f"{number:,}"
