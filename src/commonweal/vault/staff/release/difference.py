"""What differs between a tier and that of the release before, as its manifest tells it; of few people nothing is told."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.charts import figure
from commonweal.vault.staff.models import ReleaseTier
from commonweal.vault.staff.records.gate import Gate
from commonweal.vault.staff.release import contents, words

MOST_BARS = 12


def of(tier: ReleaseTier, gate: Gate) -> dict[str, Any] | None:
    """before, reasons, people, chart and rows of the table; None for the first release of a tier."""
    if tier.tier == "public":
        return _public(tier)
    told = tier.told.get("difference")
    if told is None:
        return None
    changed = [(name, one) for name, one in told["tables"].items() if contents.of_people(name)]
    return {
        "before": told["from"],
        "reasons": [words.reason(one) for one in told["reasons"]],
        "people": [_people(told["people"], "gained", _("came")), _people(told["people"], "lost", _("left"))],
        "chart": _chart(changed),
        "rows": [_row(name, one, gate) for name, one in changed],
        "words": [_vocabulary(name, one) for name, one in told["tables"].items() if not contents.of_people(name)],
    }


def _people(people: Mapping[str, Any], side: str, what: str) -> dict[str, Any]:
    """Those who came or left, by reason; the numbers went through the gate when they were made."""
    bars = [
        {"label": words.PEOPLE.get(why, why), "value": n, "suppressed": n is None} for why, n in people[side].items()
    ]
    return {"what": what, "title": _title(side, bars), "rows": bars}


def _title(side: str, bars: list[dict[str, Any]]) -> str:
    if not bars:
        return _("Nobody came") if side == "gained" else _("Nobody left")
    if any(bar["suppressed"] for bar in bars):
        return _("Who came") if side == "gained" else _("Who left")
    number = {"n": figure(sum(bar["value"] for bar in bars))}
    return _("%(n)s people came") % number if side == "gained" else _("%(n)s people left") % number


def _chart(changed: list[tuple[str, dict[str, Any]]]) -> dict[str, Any] | None:
    """How many rows more or fewer there are, of tables whose rows are not people; None where there are as many."""
    moved = [(name, one["rows"][1] - one["rows"][0]) for name, one in changed if name not in contents.PEOPLE]
    moved = sorted((one for one in moved if one[1]), key=lambda one: (-abs(one[1]), one[0]))
    if not moved:
        return None
    bars = [
        {"label": contents.label(name), "value": abs(n), "text": _signed(n), "series": 1 if n > 0 else 2}
        for name, n in moved[:MOST_BARS]
    ]
    told = {"table": moved[0][0], "n": _signed(moved[0][1])}
    return {
        "title": _("%(table)s changed most: %(n)s rows") % told,
        "subtitle": _("Rows more (+) or fewer (−)"),
        "rows": bars,
    }


def _signed(number: int) -> str:
    return f"{'+' if number > 0 else '−'}{figure(abs(number))}"


def _row(name: str, one: Mapping[str, Any], gate: Gate) -> tuple[str, ...]:
    """Table, rows before, now, of people who left, of people who came, concepts lost, concepts gained."""
    sides = zip(one.get("rows_of_people", (0, 0)), one.get("people", (0, 0)), strict=True)
    of_people = [_("withheld") if people is None else contents.text(name, n, gate) for n, people in sides]
    return (
        name,
        *(contents.text(name, n, gate) for n in one["rows"]),
        *of_people,
        *(figure(n) for n in one.get("concepts", (None, None))),
    )


def _vocabulary(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    return (name, *(figure(n) for n in one["rows"]))


def _public(tier: ReleaseTier) -> dict[str, Any] | None:
    """Tables of counts against those of the public tier before, where the portal was told of it."""
    name = (tier.told.get("told_before") or {}).get("name")
    earlier = ReleaseTier.objects.filter(release=name, tier=tier.tier).first()
    if earlier is None:
        return None
    before = {t["name"]: t["rows"] for t in earlier.told["tables"]}
    pairs = [(t["name"], before.get(t["name"], 0), t["rows"]) for t in tier.told["tables"]]
    return {"before": name, "counts": [(table, *map(figure, numbers)) for table, *numbers in pairs]}
