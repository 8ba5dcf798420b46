"""The charts of a risk report, as values that the parts of the design system draw: each title says what was found."""

from typing import Any

from django.utils.translation import gettext as _

from commonweal.vault.staff.records.gate import Gate
from commonweal.vault.staff.risk import words

Bars = dict[str, Any]


def percent(share: float) -> str:
    """A share in words: 61%, 9%, 0.4%, less than 0.1%, 0%."""
    value = 100 * share
    if value == 0 or value >= 10:
        return f"{value:.0f}%"
    return f"{value:.1f}%" if value >= 0.1 else _("less than 0.1%")


def groups(measured: dict[str, Any], gate: Gate) -> Bars:
    """How many people have how many like them in the release."""
    title = _("%(share)s of people are in groups of fewer than %(few)s") % {
        "share": percent(measured["small_share"]),
        "few": measured["small_group"],
    }
    return _sizes(title, _("People in the release, by how many of them look alike"), measured["sizes"], gate)


def population(found: dict[str, Any], small: int, gate: Gate) -> Bars:
    """For how many people of the population each person's group stands."""
    below = found["below"] / found["people"] if found["people"] else 0.0
    title = _("%(share)s of people stand for fewer than %(few)s people of the population") % {
        "share": percent(below),
        "few": small,
    }
    return _sizes(
        title, _("People in the release, by how many of the population fit their group"), found["sizes"], gate
    )


def attacks(measured: dict[str, Any], limits: dict[str, float]) -> Bars:
    """How often each attack is right, with its limit as a line."""
    tried = measured["attacks"]
    best = max(tried, key=lambda one: one["success"], default=None)
    title = _("No attack could be tried")
    if best is not None:
        name = words.ATTACKS[best["id"]].name if best["id"] in words.ATTACKS else best["id"]
        title = _("The attack that gets furthest: %(name)s, %(share)s") % {
            "name": name,
            "share": percent(best["success"]),
        }
    rows = [
        {
            "label": words.ATTACKS[one["id"]].name if one["id"] in words.ATTACKS else one["id"],
            "value": 100 * one["success"],
            "text": percent(one["success"]),
            "target": 100 * limits[one["id"]] if one["id"] in limits else None,
        }
        for one in tried
    ]
    subtitle = _("Guesses that were right, in percent; the line is the limit, where there is one")
    return {"title": title, "subtitle": subtitle, "rows": rows, "maximum": 100}


def _sizes(title: str, subtitle: str, sizes: list[dict[str, Any]], gate: Gate) -> Bars:
    shown = gate.parts({str(one["from"]): one["people"] for one in sizes})
    rows = [
        {"label": _range(one), "value": shown[str(one["from"])], "suppressed": shown[str(one["from"])] is None}
        for one in sizes
    ]
    return {"title": title, "subtitle": subtitle, "rows": rows, "maximum": None}


def _range(one: dict[str, Any]) -> str:
    low, high = one["from"], one["to"]
    if high is None:
        return _("%(low)s or more") % {"low": low}
    if low == high:
        return _("nobody else") if low == 1 else str(low)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
