"""Public figures as charts: a title that says the finding, what was counted, of how many, and since when."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.atlas.figures import Figure, Row, Snapshot
from commonweal.ui.charts import figure as written
from commonweal.workbench.studio.labels import NO_GROUP, label, with_capital

TITLES = {
    "sex": lambda: _("Sex at birth"),
    "age": lambda: _("Age"),
    "race": lambda: _("Race"),
    "ethnicity": lambda: _("Ethnicity"),
    "state": lambda: _("State of residence"),
    "conditions": lambda: _("Conditions that most people have"),
}


def chart(snapshot: Snapshot, figure: Figure) -> dict[str, Any]:
    """What the `bars` part needs, and the address of the same figures as CSV."""
    return {
        "key": figure.key,
        "name": TITLES[figure.key](),
        "title": _finding(snapshot, figure),
        "subtitle": _measure(snapshot, figure),
        "source": _("Release %(name)s, data up to %(cutoff)s")
        % {"name": snapshot.name, "cutoff": snapshot.data_cutoff},
        "rows": [
            {"label": words(figure, row), "value": row.count.persons, "suppressed": row.count.suppressed}
            for row in figure.rows
        ],
        "hidden": any(row.count.suppressed for row in figure.rows),
        "csv": reverse("figure_csv", args=[snapshot.name, snapshot.tier, figure.key]),
    }


def words(figure: Figure, row: Row) -> str:
    return with_capital(row.name) or row.code if figure.overlap else label(row.code, row.name)


def _finding(snapshot: Snapshot, figure: Figure) -> str:
    """The largest group and its share, from shown numbers alone; the name of the figure where that says nothing."""
    named = [row for row in figure.rows if row.count.persons and row.code not in NO_GROUP]
    total = snapshot.participants.persons
    if not named or not total:
        return TITLES[figure.key]()
    top = max(named, key=lambda row: row.count.persons or 0)
    tenths = min(10, max(1, round(10 * (top.count.persons or 0) / total)))
    parts = {"group": words(figure, top), "n": tenths}
    if figure.key == "age":
        return _("Ages %(group)s are the largest group: %(n)s in 10 people") % parts
    return _("%(group)s: about %(n)s in 10 people") % parts


def _measure(snapshot: Snapshot, figure: Figure) -> str:
    total = written(snapshot.participants.persons) or _("few")
    if figure.overlap:
        return _("People with a record of it, of %(total)s; one person may have several") % {"total": total}
    return _("%(name)s of %(total)s people; numbers are rounded up") % {"name": TITLES[figure.key](), "total": total}
