"""The charts of a report, as values that the parts of the design system draw: each title says what was found."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.protocol.quality import Quality
from commonweal.ui import context as site_context
from commonweal.ui.charts import figure
from commonweal.ui.series import Chart, Point, draw
from commonweal.vault.staff.records import words
from commonweal.vault.staff.records.gate import Gate, share

MOST_UNITS = 15
USABLE = ("expected", "convertible")
NAMED = 3  # of what is missing, in a title

Bars = dict[str, Any]


def rows(quality: dict[str, Any], gate: Gate) -> Bars:
    """How many rows each table has."""
    tables = quality["tables"]
    total = sum(one["rows"] for one in tables)
    title = _("%(rows)s rows about %(people)s people") % {
        "rows": gate.text(total, quality["people"]),
        "people": gate.text(quality["people"]),
    }
    drawn = [_bar(words.table(one["table"]), gate.count(one["rows"], one["people"])) for one in tables]
    return {"title": title, "subtitle": _("Rows by table"), "rows": drawn, "maximum": None}


def mapped(quality: dict[str, Any], gate: Gate) -> Bars:
    """How much of each table has a standard concept."""
    found = []
    for table in quality["tables"]:
        check = next((one for one in table["checks"] if one["check"] == "no_concept"), None)
        if check:
            percent = gate.percent(check["of"] - check["rows"], check["of"], table["people"])
            found.append((words.table(table["table"]), percent))
    known = [(name, percent) for name, percent in found if percent is not None]
    worst = min(known, key=lambda one: one[1], default=None)
    title = _("How many rows have a standard concept")
    if worst:
        title = _("%(table)s come out last: %(share)s have a standard concept")
        title = title % {"table": worst[0], "share": share(worst[1])}
        if worst[1] == 100:
            title = _("Every row has a standard concept")
    return _percents(title, _("Rows with a standard concept, in percent of all rows"), found)


def drugs(quality: dict[str, Any], program: Quality, gate: Gate) -> Bars:
    """How many people have a drug of each class."""
    names = {one.id: site_context.words(one.name) for one in program.drug_classes}
    return _covered(quality, quality["drug_classes"], names, gate, _("People with a drug of the class, in percent"))


def laboratories(quality: dict[str, Any], program: Quality, gate: Gate) -> list[Bars]:
    """For each panel, how many people have each of its values."""
    found = []
    for panel in program.panels:
        names = {one.id: site_context.words(one.name) for one in program.measurements if panel.id in one.panels}
        rows_ = [one for one in quality["laboratories"] if one["id"] in names]
        if rows_:
            subtitle = _("%(panel)s: people with such a value, in percent") % {"panel": site_context.words(panel.name)}
            found.append(_covered(quality, rows_, names, gate, subtitle))
    return found


def _covered(
    quality: dict[str, Any], each: list[dict[str, Any]], names: dict[str, str], gate: Gate, subtitle: str
) -> Bars:
    whole = quality["people"]
    missing = [names.get(one["id"], one["id"]) for one in each if not one["rows"]]
    if not missing:
        title = _("Everything that was looked for is there")
    elif len(missing) == len(each):
        title = _("Nothing of what was looked for is there")
    elif len(missing) <= NAMED:
        title = _("Missing altogether: %(names)s") % {"names": ", ".join(missing)}
    else:
        title = ngettext("%(n)s of %(all)s is missing", "%(n)s of %(all)s are missing", len(missing))
        title = title % {"n": len(missing), "all": len(each)}
    found = [(names.get(one["id"], one["id"]), gate.percent(one["people"], whole)) for one in each]
    return _percents(title, subtitle, found)


def units(quality: dict[str, Any], gate: Gate) -> Bars | None:
    """For the commonest measurements, how many numbers came in a unit that can be used."""
    people = next((one["people"] for one in quality["tables"] if one["table"] == "measurement"), 0)
    found, usable, judged = [], 0, 0
    for one in quality["units"]:
        by = Counter[str]()
        for unit in one["units"]:
            by[unit["state"]] += unit["rows"]
        if by["unjudged"] == one["rows"]:
            continue
        good = sum(by[state] for state in USABLE)
        usable, judged = usable + good, judged + one["rows"]
        found.append((one["name"] or str(one["concept_id"]), gate.percent(good, one["rows"], people)))
    if not found:
        return None
    overall = share(gate.percent(usable, judged, people))
    title = _("%(share)s of the numbers came in a unit that can be used") % {"share": overall}
    return _percents(title, _("Of the commonest measurements that were judged, in percent"), found[:MOST_UNITS])


def years(quality: dict[str, Any], gate: Gate) -> Chart | None:
    """From which years the records are, all tables together."""
    counts = Counter[int]()
    for table in quality["tables"]:
        for year, n in table["years"]:
            counts[year] += n
    if not counts or gate.few(quality["people"]):
        return None
    shown = gate.parts({str(year): counts[year] for year in sorted(counts)})
    first, last = min(counts), max(counts)
    points = [Point(str(year), (float(shown.get(str(year)) or 0),)) for year in range(max(first, last - 100), last + 1)]
    top = max(shown, key=lambda year: shown[year] or 0)
    return Chart(
        title=_("Most rows are from %(year)s") % {"year": top},
        subtitle=_("Rows by the year in which they begin, all tables together"),
        drawing=draw(points),
        columns=[_("Year"), (_("Rows"), "number")],
        rows=[(year, _("withheld") if n is None else figure(n)) for year, n in shown.items()],
        caption=_("Rows by year"),
    )


def _percents(title: str, subtitle: str, found: list[tuple[Any, float | None]]) -> Bars:
    drawn = [_bar(name, percent, share(percent)) for name, percent in found]
    return {"title": title, "subtitle": subtitle, "rows": drawn, "maximum": 100}


def _bar(label: Any, value: float | None, text: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "suppressed": value is None, "text": text}
