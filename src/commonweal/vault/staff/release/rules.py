"""What the rules of a tier did, from the counters of its manifest, as a chart, a table and in words.

Where a rule left people out and they are few, neither they nor their rows are counted on the page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.charts import figure
from commonweal.vault.staff.records.gate import Gate
from commonweal.vault.staff.release.contents import PEOPLE, label

MOST_BARS = 10


@dataclass(frozen=True)
class Done:
    """What one rule did. Numbers as they may be shown: None is withheld. `people`: how many it left out altogether."""

    id: str
    explanation: str
    reason: str
    source: str
    removed: int | None
    people: int | None
    changed: int | None

    @property
    def nothing(self) -> bool:
        return self.removed == self.people == self.changed == 0

    @property
    def numbers(self) -> list[str]:
        """Rows taken out, people left out, values changed: as they stand in a table."""
        return [_("withheld") if n is None else figure(n) for n in (self.removed, self.people, self.changed)]


def done(rules: Iterable[Mapping[str, Any]], gate: Gate) -> list[Done]:
    """In the order in which they are applied."""
    return [_one(rule, gate) for rule in rules]


def _one(rule: Mapping[str, Any], gate: Gate) -> Done:
    by = rule["by_table"]
    removed = {table: n["rows_in"] - n["rows_out"] for table, n in by.items()}
    people = removed.get("person", 0)
    return Done(
        id=rule["id"],
        explanation=_(rule.get("reason") or ""),
        reason=_(rule.get("why") or ""),
        source=rule.get("source", ""),
        removed=None if gate.few(people) else _sum(removed, gate),
        people=gate.count(people),
        changed=_sum({table: n["cells_changed"] for table, n in by.items()}, gate),
    )


def _sum(by_table: Mapping[str, int], gate: Gate) -> int | None:
    """Of tables whose rows are not people; of the others, where there is nothing else, as many as there are people."""
    others = sum(n for table, n in by_table.items() if table not in PEOPLE)
    return others or gate.count(max((n for table, n in by_table.items() if table in PEOPLE), default=0))


def charts(found: list[Done]) -> list[dict[str, Any]]:
    """Rows taken out and values changed, each by the rules that did most; none of what no rule did."""
    drawn = [
        _chart(found, "removed", _("%(rule)s takes out most: %(n)s rows"), _("Rows taken out, by rule")),
        _chart(found, "changed", _("%(rule)s changes most: %(n)s values"), _("Values changed or emptied, by rule")),
    ]
    return [chart for chart in drawn if chart]


def _chart(found: list[Done], what: str, title: str, subtitle: str) -> dict[str, Any] | None:
    most = sorted((one for one in found if getattr(one, what)), key=lambda one: (-getattr(one, what), one.id))
    if not most:
        return None
    bars = [{"label": label(one.id), "value": getattr(one, what)} for one in most[:MOST_BARS]]
    told = {"rule": most[0].id, "n": figure(getattr(most[0], what))}
    return {"title": title % told, "subtitle": subtitle, "rows": bars}
