"""The runs of a plan as charts over the months: where 8 of 10 runs lie, the middle one, and the goal."""

from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.series import SPANS, Chart, Point, draw
from commonweal.vault.planning.dates import Band
from commonweal.vault.planning.wording import month, number, of, percent


def charts(answer: dict[str, Any]) -> list[Chart]:
    """One for each band that may be told: people in all, then shares."""
    return [_chart(answer, Band.of_told(band)) for band in answer["simulation"]["bands"]]


def _chart(answer: dict[str, Any], band: Band) -> Chart:
    tell = percent if band.unit == "share" else number
    named = {0, len(band.rows) // 2, len(band.rows) - 1}
    points = [Point(name if at in named else "", span) for at, (name, span) in enumerate(band.spans)]
    goal = None if band.goal is None else (band.goal, None)
    legend = [(_("8 of 10 runs"), "bar series-1"), (_("The middle run"), "trace-2")]
    if goal:
        legend.append((_("The goal, and above it"), "reference"))
    return Chart(
        title=_title(answer, band, tell),
        subtitle=_subtitle(answer, band, tell),
        drawing=draw(points, SPANS, line=band.middles, band=goal, from_zero=band.unit == "people", ticks=tell),
        columns=[
            _("By the end of"),
            *((head, "number") for head in (_("1 in 10 below"), _("Middle"), _("1 in 10 above"))),
        ],
        rows=[(month(row.month), *(tell(value) for value in (row.low, row.middle, row.high))) for row in band.rows],
        caption=of(answer, band.of),
        legend=legend,
    )


def _title(answer: dict[str, Any], band: Band, tell: Any) -> str:
    last = band.rows[-1]
    said = {"of": of(answer, band.of), "low": tell(last.low), "high": tell(last.high), "month": month(last.month)}
    return _("By the end of %(month)s, most likely %(low)s to %(high)s: %(of)s") % said


def _subtitle(answer: dict[str, Any], band: Band, tell: Any) -> str:
    runs = {"worlds": number(answer["assumptions"]["worlds"])}
    if band.unit == "share":
        measure = _("Share of everybody counted, in %(worlds)s runs.") % runs
    else:
        measure = _("People counted, in %(worlds)s runs.") % runs
    if band.goal is None:
        return measure
    return measure + " " + _("The goal is %(goal)s.") % {"goal": tell(band.goal)}
