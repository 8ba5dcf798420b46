"""What a tier holds: its tables with their rows. Where each row is a person, their number goes through the gate."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.charts import figure
from commonweal.vault.staff.records.gate import Gate
from commonweal.vault.staff.release import words

PEOPLE = frozenset({"person", "person_ext", "death", "observation_period"})  # a row for each person, or none
VOCABULARY = ("concept", "vocabulary", "cdm_source")
MOST_BARS = 12


def rows(table: str, number: int, gate: Gate) -> int | None:
    """Rows of a table as they may be shown; None: withheld."""
    return gate.count(number) if table in PEOPLE else number


def text(table: str, number: int, gate: Gate) -> str:
    shown = rows(table, number, gate)
    return _("withheld") if shown is None else figure(shown)


def label(name: str) -> str:
    """A name of a table or a rule that may be broken where its words meet, for a narrow screen."""
    return name.replace("_", "_\u200b").replace(".", ".\u200b")


def of_people(table: str) -> bool:
    """Whether its rows tell of people, not of words."""
    return not table.startswith(VOCABULARY)


def chart(tables: list[Mapping[str, Any]], gate: Gate) -> dict[str, Any]:
    """The largest tables."""
    own = sorted((t for t in tables if of_people(t["name"]) and t["rows"]), key=lambda t: (-t["rows"], t["name"]))
    bars = [{"label": label(t["name"]), "value": rows(t["name"], t["rows"], gate)} for t in own[:MOST_BARS]]
    total = sum(t["rows"] for t in own if t["name"] not in PEOPLE)
    title = _("%(rows)s rows tell of people") % {"rows": figure(total)}
    subtitle = _("Rows of the largest tables; where a row is a person, rounded up")
    return {"title": title, "subtitle": subtitle, "rows": bars}


def listed(tables: list[Mapping[str, Any]], gate: Gate) -> list[tuple[str, str]]:
    return [(t["name"], text(t["name"], t["rows"], gate)) for t in tables]


def counted(tables: list[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Tables of a public tier, with what each tells."""
    return [(t["name"], words.PUBLIC_TABLES.get(t["name"], ""), figure(t["rows"])) for t in tables]
