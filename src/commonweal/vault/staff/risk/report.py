"""One tier's risk as a page shows it, from the figures of its manifest alone. Counts of people go through the gate."""

from typing import Any

from django.utils.translation import gettext as _

from commonweal.disclosure import Policy
from commonweal.protocol import Protocol
from commonweal.ui import context as site_context
from commonweal.vault.staff.models import ReleaseRisk
from commonweal.vault.staff.records.gate import Gate
from commonweal.vault.staff.risk import charts, words
from commonweal.vault.staff.risk.charts import percent


def report(risk: ReleaseRisk, protocol: Protocol) -> dict[str, Any]:
    """Everything a template needs of one tier; verdict: over, not_applied or within."""
    found, rule = risk.measured, protocol.privacy.disclosure
    gate = Gate(Policy(min_cell=rule.min_cell, round_to=rule.round_to), exact=False)
    outcomes = {one["outcome"] for one in found["judged"]}
    limits = {one["id"].removeprefix("attack."): one["limit"] for one in found["judged"] if "attack." in one["id"]}
    return {
        "risk": risk,
        "name": words.TIERS.get(risk.tier, risk.tier),
        "verdict": next((one for one in ("over", "not_applied") if one in outcomes), "within"),
        "why": site_context.words(found["exemption"]["why"]) if found["exemption"] else "",
        "below": found["exemption"]["below"] if found["exemption"] else None,
        "knows": ", ".join(str(words.KNOWN.get(one, one)) for one in found["knows"]),
        "people": gate.text(found["people"]),
        "limits": _limits(found),
        "groups": charts.groups(found, gate),
        "population": charts.population(found["population"], found["small_group"], gate)
        if found["population"]
        else None,
        "outside": _outside(found["population"], gate),
        "attacks": charts.attacks(found, limits),
        "tried": _tried(found),
        "sensitive": _sensitive(found, protocol, gate),
    }


def _limits(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for one in found["judged"]:
        word, kind = words.OUTCOMES[one["outcome"]]
        people = one["id"] == "population_least"
        shown = [f"{one[name]:,.0f}" if people else percent(one[name]) for name in ("figure", "limit")]
        rows.append({"what": words.limit(one["id"]), "figure": shown[0], "limit": shown[1], "word": word, "kind": kind})
    return rows


def _outside(found: dict[str, Any] | None, gate: Gate) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "source": f"{found['source']} {found['version']}".strip(),
        "marketer": percent(found["marketer"]),
        "not_counted": gate.text(found["not_counted"]),
    }


def _tried(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"told": words.ATTACKS[one["id"]], "right": percent(one["success"]), "chance": percent(one["chance"])}
        for one in found["attacks"]
        if one["id"] in words.ATTACKS
    ]


def _sensitive(found: dict[str, Any], protocol: Protocol, gate: Gate) -> list[tuple[Any, ...]]:
    titles = {one.id: site_context.words(one.title) for one in protocol.privacy.risk.sensitive}
    return [
        (titles.get(one["id"], one["id"]), gate.text(one["together"]), one["distinct"], f"{one['closeness']:.2f}")
        for one in found["sensitive"]
    ]


def columns() -> list[Any]:
    """Heads of the table of private matters."""
    return [
        _("What"),
        (_("People it is learned of"), "number"),
        (_("Fewest values"), "number"),
        (_("Distance"), "number"),
    ]
