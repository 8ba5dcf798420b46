"""Results in words and as charts: against the range that stands on the record, where one does, and never against another."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commonweal.ui import series
from commonweal.ui.charts import figure
from commonweal.ui.series import Chart, Point
from commonweal.ui.templatetags.ui import day as day_in_words
from commonweal.vault.journey.my_data.charts import short
from commonweal.vault.journey.my_data.health import Measure, Reading

ADVICE = gettext_lazy(
    "These numbers stand as your place of care wrote them. What is good for you depends on you: ask your doctor what a "
    "number means before you change anything."
)


def number(value: float) -> str:
    """With as many decimals as it needs, two at most."""
    rounded = round(value, 2)
    return figure(int(rounded)) if rounded == int(rounded) else f"{rounded:,.2f}".rstrip("0")


def value(measure: Measure, reading: Reading) -> str:
    """Such as 128 mm Hg, or <5 mg/dL, or the words of the record."""
    if reading.number is None:
        return reading.text
    sign = reading.text if reading.text in ("<", "<=", ">=", ">") else ""
    return f"{sign}{number(reading.number)} {measure.unit}".strip()


def range_words(measure: Measure, reading: Reading) -> str:
    """The range on the record: 70–99, 70 or more, 99 or less, its words, or nothing."""
    low, high = reading.low, reading.high
    if low is not None and high is not None:
        return f"{number(low)}–{number(high)} {measure.unit}".strip()
    if low is not None:
        return _("%(low)s or more") % {"low": number(low)}
    return _("%(high)s or less") % {"high": number(high)} if high is not None else reading.range_text


def place_words(reading: Reading) -> str:
    """Where the number lies; nothing where the record has no range."""
    return {
        "below": _("below the range on the record"),
        "within": _("within the range on the record"),
        "above": _("above the range on the record"),
    }.get(reading.place, "")


def chart(measure: Measure, most: int = 60) -> Chart:
    """The newest `most` readings over time; the range of the newest is drawn, and each row has its own."""
    found = measure.numbers[-most:]
    moments = [one.when for one in found if one.when]
    shape = "year" if moments and (moments[-1] - moments[0]).days > 300 else "day"
    points = [Point(short(one.when.date(), shape) if one.when else "", (one.number,)) for one in found]
    newest = found[-1]
    band = (newest.low, newest.high) if newest.low is not None or newest.high is not None else None
    columns, rows = _table(measure, found)
    legend = [(_("Range on the record"), "reference")] if band else []
    return Chart(
        _title(measure, found),
        _subtitle(measure, found),
        series.draw(points, series.DOTS, band=band, from_zero=False),
        columns,
        rows,
        caption=measure.name,
        legend=legend,
        note=_cut(measure, found),
    )


def _table(measure: Measure, found: list[Reading]) -> tuple[list[Any], list[list[str]]]:
    """Newest first; the range and where the number lies only where a record has a range."""
    when = [short(one.when.date(), "full") if one.when else "" for one in found]
    rows = [[day, value(measure, one)] for day, one in zip(when, found, strict=True)][::-1]
    columns: list[Any] = [_("When"), (_("Result"), "number")]
    ranges = [range_words(measure, one) for one in reversed(found)]
    if not any(ranges):
        return columns, rows
    columns += [(_("Range on the record"), "number"), _("Remark")]
    places = [place_words(one) for one in reversed(found)]
    return columns, [[*row, told, place] for row, told, place in zip(rows, ranges, places, strict=True)]


def _title(measure: Measure, found: list[Reading]) -> str:
    said: dict[str, Any] = {
        "name": measure.name,
        "value": value(measure, found[-1]),
        "day": day_in_words(found[-1].when),
    }
    return _("%(name)s: %(value)s on %(day)s") % said


def _subtitle(measure: Measure, found: list[Reading]) -> str:
    lows = min(one.number for one in found if one.number is not None)
    highs = max(one.number for one in found if one.number is not None)
    count = ngettext("%(count)s reading", "%(count)s readings", len(found)) % {"count": figure(len(found))}
    span = _("from %(low)s to %(high)s") % {"low": number(lows), "high": number(highs)}
    return f"{count}, {span}{' ' + measure.unit if measure.unit else ''}. {place_words(found[-1]).capitalize()}".strip()


def _cut(measure: Measure, found: list[Reading]) -> str:
    everything = len(measure.numbers)
    if len(found) == everything:
        return ""
    return _("The newest %(shown)s of %(all)s readings.") % {"shown": len(found), "all": figure(everything)}
