"""The tables of a report: heads and cells for the part `listing`, and the same figures as CSV."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.vault.staff.records import words
from commonweal.vault.staff.records.gate import Gate, share

Table = dict[str, Any]
MOST = 50  # rows of a table that is cut


def totals(told: dict[str, Any], gate: Gate) -> Table:
    """What became of everything that came."""
    given = told["totals"]
    names = {
        "accepted": _("Taken"),
        "unchanged": _("Known already"),
        "rejected": _("Rejected"),
        "unmatched": _("Of people who match nobody"),
        "kept_out": _("Of kinds that are not kept"),
    }
    shown = gate.parts({key: given.get(key, 0) for key in names})
    rows = [(names[key], _shown(shown[key])) for key in names]
    return {"columns": [_("What became of it"), (_("Number"), "number")], "rows": rows}


def checks(quality: dict[str, Any], gate: Gate) -> list[dict[str, Any]]:
    """Every check with rows at fault: those beyond their limit first, then by how many rows are at fault."""
    found = [_check(table, one, gate) for table in quality["tables"] for one in table["checks"] if one["rows"]]
    return sorted(found, key=lambda one: (not one["failed"], -one["order"]))


def _check(table: dict[str, Any], one: dict[str, Any], gate: Gate) -> dict[str, Any]:
    people = table["people"]
    return {
        "table": words.table(table["table"]),
        "check": words.check(one["check"]),
        "rows": gate.text(one["rows"], people),
        "share": share(gate.percent(one["rows"], one["of"], people)),
        "limit": share(one["limit"]),
        "failed": one["outcome"] == "failed",
        "order": one["rows"] / one["of"] if one["of"] else 0,
    }


def conformance(quality: dict[str, Any], gate: Gate) -> Table:
    """By table: rows that stand there twice, and whose concept is not what it should be."""
    keys = ("duplicates", "unknown_concept", "not_standard", "other_domain")
    rows = [
        (words.table(one["table"]), *(gate.text(one[key], one["people"]) if key in one else "" for key in keys))
        for one in quality["tables"]
    ]
    heads = (_("There twice"), _("Concept unknown"), _("Not standard"), _("Of another domain"))
    return {"columns": [_("Table"), *((head, "number") for head in heads)], "rows": rows}


def concepts(quality: dict[str, Any], gate: Gate) -> Table:
    """Concept success by table and field: rows where the source says something, and those of them with a concept."""
    rows = [
        (f"{table['table']}.{one['field']}", gate.text(one["given"], table["people"]),
         share(gate.percent(one["mapped"], one["given"], table["people"])) if one["given"] else "–")
        for table in quality["tables"]
        for one in table["concepts"]
    ]  # fmt: skip
    columns = [_("Field"), (_("Rows that say something"), "number"), (_("With a concept"), "number")]
    return {"columns": columns, "rows": rows}


def fields(quality: dict[str, Any], gate: Gate) -> Iterator[tuple[str, Table]]:
    """(table, how full each of its fields is)."""
    columns = [_("Field"), _("Required"), (_("Filled"), "number")]
    for table in quality["tables"]:
        rows = [
            (
                one["field"],
                _("yes") if one["required"] else "",
                share(gate.percent(one["of"] - one["empty"], one["of"], table["people"])),
            )
            for one in table["fields"]
        ]
        yield str(words.table(table["table"])), {"columns": columns, "rows": rows}


def units(quality: dict[str, Any], gate: Gate) -> list[dict[str, Any]]:
    """Each measurement with its units, in one row a unit."""
    people = next((one["people"] for one in quality["tables"] if one["table"] == "measurement"), 0)
    found = []
    for one in quality["units"][:MOST]:
        for unit in one["units"]:
            word, kind = words.STATES[unit["state"]]
            found.append(
                {
                    "name": one["name"] or one["concept_id"],
                    "unit": unit["unit"] or (unit["unit_concept_id"] or "–"),
                    "rows": gate.text(unit["rows"], people),
                    "state": word,
                    "kind": kind,
                }
            )
    return found


def unmapped(told: dict[str, Any], gate: Gate) -> Table:
    """The commonest codes without a standard concept."""
    each = (told.get("quality") or {}).get("unmapped") or []
    rows = [
        (one["code"] or "–", one["system"] or "–", words.table(one["table"]), words.MAPPING.get(one["why"], one["why"]),
         gate.text(one["rows"]))
        for one in each
        if gate.exact or gate.count(one["rows"]) is not None
    ]  # fmt: skip
    columns = [_("Code"), _("System"), _("Table"), _("Why"), (_("Rows"), "number")]
    return {"columns": columns, "rows": rows}


def changes(change: dict[str, Any], gate: Gate) -> Table:
    """Rows by table, then and now."""
    rows = [(words.table(one["table"]), gate.text(one["before"]), gate.text(one["rows"])) for one in change["tables"]]
    return {"columns": [_("Table"), (_("Before"), "number"), (_("Now"), "number")], "rows": rows}


def moved(change: dict[str, Any]) -> Table:
    """Checks whose share of faulty rows moved by a percentage point or more. For who sees exact figures alone."""
    rows = [
        (words.table(one["of"]), words.check(one["name"]), share(one["before"]), share(one["percent"]))
        for one in change["checks"][:MOST]
    ]
    columns = [_("Table"), _("What"), (_("Before"), "number"), (_("Now"), "number")]
    return {"columns": columns, "rows": rows}


def checks_csv(quality: dict[str, Any], gate: Gate) -> Iterator[list[str]]:
    """Head and one line for each check of each table; empty where a figure is withheld."""
    yield ["table", "check", "kind", "rows", "of", "limit_percent", "outcome"]
    for table in quality["tables"]:
        for one in table["checks"]:
            shown = [gate.count(number, table["people"]) for number in (one["rows"], one["of"])]
            figures = ["" if number is None else str(number) for number in shown]
            yield [table["table"], one["check"], one["kind"], *figures, str(one["limit"]), one["outcome"]]


def _shown(number: int | None) -> str:
    return _("withheld") if number is None else f"{number:,}"


CAPTIONS = {
    "totals": gettext_lazy("What became of what was sent"),
    "reasons": gettext_lazy("Why something was left out"),
    "troubles": gettext_lazy("What was wrong on the way in"),
    "conformance": gettext_lazy("Duplicates and concepts, in rows"),
    "concepts": gettext_lazy("Concept success by field"),
    "unmapped": gettext_lazy("Codes without a standard concept"),
    "changes": gettext_lazy("Rows by table, then and now"),
    "moved": gettext_lazy("Faults that became more or fewer"),
}
