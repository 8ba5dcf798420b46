"""Days as charts: each says what was found in its title, of how many days, with the same figures as a table."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from statistics import mean
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.ui import series
from commonweal.ui.charts import figure
from commonweal.ui.context import language
from commonweal.ui.series import GIVEN, NONE, OFF, OUT, Chart, Point
from commonweal.ui.templatetags.ui import day as day_in_words
from commonweal.vault.journey.my_data.days import ACTIVITY, HEART, SLEEP, Day
from commonweal.vault.journey.my_data.spans import Span

Bin = list[Day]  # one day, or the seven of a week


def short(day: date, shape: str = "day") -> str:
    """Such as May 3 or 3 may; `shape` "year": May 2026; "full": May 3, 2026."""
    spanish = {"day": "j M", "year": "M Y", "full": "j M Y"}
    if language() == "es":
        return formats.date_format(day, spanish[shape]).lower()
    return formats.date_format(day, {"day": "M j", "year": "M Y", "full": "M j, Y"}[shape])


def weekday(day: date) -> str:
    return formats.date_format(day, "D")


def hours(minutes: float | None) -> str:
    """Minutes as 6 h 50 min."""
    if minutes is None:
        return "–"
    whole = round(minutes)
    return _("%(hours)s h %(minutes)s min") % {"hours": whole // 60, "minutes": f"{whole % 60:02d}"}


def state_words(state: str) -> str:
    return {OFF: _("not worn"), NONE: _("nothing came in"), OUT: _("left out by you")}.get(state, "")


def bins(days: Sequence[Day], span: Span) -> list[Bin]:
    """The places of the drawing: days, or weeks where it is a year."""
    return [list(days[n : n + 7]) for n in range(0, len(days), 7)] if span.kind == "year" else [[day] for day in days]


def average(found: Bin, name: str) -> float | None:
    """Over the days of a bin that have it; a week of which two days were worn is the average of these two."""
    values = [value for day in found if (value := day.get(name)) is not None]
    return mean(values) if values else None


def state_of(found: Bin, names: Sequence[str]) -> str:
    if any(day.get(name) is not None for day in found for name in names):
        return GIVEN
    states = {day.state for day in found} - {GIVEN}
    return next((state for state in (OUT, OFF) if state in states), NONE)


def label(found: Bin, span: Span) -> str:
    return weekday(found[0].day) if span.kind == "week" else short(found[0].day)


def _points(found: list[Bin], span: Span, names: Sequence[str]) -> list[Point]:
    made = []
    for one in found:
        state = state_of(one, names)
        values = tuple(average(one, name) for name in names) if state == GIVEN else ()
        made.append(Point(label(one, span), values, state))
    return made


def when(found: Bin) -> str:
    """The first cell of a row: the day, or the week that began on it."""
    first = short(found[0].day, "full")
    return first if len(found) == 1 else _("Week of %(day)s") % {"day": first}


def _rows(found: list[Bin], names: Sequence[str], word: Callable[[float | None], str]) -> list[list[str]]:
    rows = []
    for one in found:
        state = state_of(one, names)
        cells = [word(average(one, name)) for name in names] if state == GIVEN else ["–" for _name in names]
        rows.append([when(one), *cells, state_words(state) or _days_with(one, names)])
    return rows


def _days_with(found: Bin, names: Sequence[str]) -> str:
    if len(found) == 1:
        return ""
    count = sum(any(day.get(name) is not None for name in names) for day in found)
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def number(value: float | None) -> str:
    return "–" if value is None else figure(round(value))


def of_days(days: Sequence[Day], name: str) -> str:
    """How many days the figures speak for, and why not of the others."""
    there = sum(day.get(name) is not None for day in days)
    off = sum(day.state == OFF for day in days)
    said = _("%(there)s of %(all)s days have it") % {"there": figure(there), "all": figure(len(days))}
    return f"{said}; {_('not worn: %(off)s') % {'off': figure(off)}}" if off else said


def _chart(
    title: str, measure: str, days: Sequence[Day], drawing: series.Drawing, heads: Sequence[str], rows: Any, **more: Any
) -> Chart:
    columns = [_("Day"), *((head, "number") for head in heads), (_("Remark"), "")]
    subtitle = f"{measure}. {of_days(days, more.pop('of'))}."
    source = _from(more.pop("source"))
    return Chart(title, subtitle, drawing, columns, rows, caption=title, source=source, **more)


def _from(source: str) -> str:
    return _("From: %(names)s") % {"names": source} if source else ""


def steps(days: Sequence[Day], span: Span, source: str) -> Chart:
    found, names = bins(days, span), ("steps",)
    usual = average(list(days), "steps")
    title = (
        _("You took about %(steps)s steps a day") % {"steps": number(round(usual, -2))}
        if usual is not None and usual >= 100
        else _("No steps in these days")
    )
    drawing = series.draw(_points(found, span, names))
    rows = _rows(found, names, number)
    return _chart(title, _measure(_("Steps a day"), span), days, drawing, [_("Steps")], rows, source=source, of="steps")


def active(days: Sequence[Day], span: Span, source: str) -> Chart:
    found, names = bins(days, span), ("active",)
    usual = average(list(days), "active")
    title = (
        _("You were active for about %(minutes)s minutes a day") % {"minutes": number(usual)}
        if usual is not None
        else _("No active minutes in these days")
    )
    measure = _measure(_("Minutes a day of moderate or hard movement, as the device judged them"), span)
    drawing = series.draw(_points(found, span, names))
    rows = _rows(found, names, number)
    return _chart(title, measure, days, drawing, [_("Minutes")], rows, source=source, of="active")


def sleep(days: Sequence[Day], span: Span, source: str) -> Chart:
    """By stages where the device tells them, else as one bar a night."""
    found = bins(days, span)
    staged = any(day.get("deep") is not None or day.get("rem") is not None for day in days)
    words = {"deep": _("Deep"), "light": _("Light"), "rem": _("REM (dreams)"), "asleep": _("Asleep")}
    names = ("deep", "light", "rem") if staged else ("asleep",)
    usual = average(list(days), "asleep")
    title = (
        _("You slept about %(time)s a night") % {"time": hours(usual)}
        if usual is not None
        else _("No sleep in these days")
    )
    drawing = series.draw([_in_hours(point) for point in _points(found, span, names)], series.STACK, ticks=_hour_tick)
    shown = (*names, "asleep", "wake") if staged else (*names, "in_bed")
    heads = [words | {"wake": _("Awake"), "in_bed": _("In bed")}][0]
    rows = _rows(found, shown, hours)
    legend = [(words[name], f"bar series-{n}") for n, name in enumerate(names, 1)] if staged else []
    measure = _measure(_("Time asleep a night, naps counted"), span)
    return _chart(
        title, measure, days, drawing, [heads[n] for n in shown], rows, legend=legend, source=source, of="asleep"
    )


def _in_hours(point: Point) -> Point:
    """Drawn in hours, so that the rules stand at whole ones."""
    return replace(point, values=tuple(None if value is None else value / 60 for value in point.values))


def _hour_tick(value: float) -> str:
    told = f"{value:.1f}".removesuffix(".0")
    return _("%(hours)s h") % {"hours": told}


def heart(days: Sequence[Day], span: Span, source: str) -> Chart:
    found, names = bins(days, span), ("low", "high", "resting")
    resting = [average(one, "resting") for one in found]
    points = []
    for one in found:
        lows = [v for d in one if (v := d.get("low")) is not None]
        highs = [v for d in one if (v := d.get("high")) is not None]
        state = state_of(one, names)
        values = (float(min(lows)), float(max(highs))) if lows and highs else ()
        points.append(Point(label(one, span), values, state))
    usual = average(list(days), "resting")
    drawing = series.draw(
        points, series.SPANS, line=resting if any(v is not None for v in resting) else (), from_zero=False
    )
    rows = _rows(found, names, number)
    heads = [_("Lowest"), _("Highest"), _("Resting")]
    legend = [(_("Lowest to highest of a day"), "bar series-1"), (_("At rest"), "trace-2")]
    of = "resting" if usual is not None else "low"
    measure = _measure(_("Heartbeats a minute"), span) + _at_rest_alone(found, points)
    return _chart(_heart_title(days, usual), measure, days, drawing, heads, rows, legend=legend, source=source, of=of)


def _at_rest_alone(found: list[Bin], points: list[Point]) -> str:
    """Why some places have the line and no bar: devices tell the rate at rest of days whose minutes they do not send."""
    bare = sum(len(one) for one, point in zip(found, points, strict=True) if point.state == GIVEN and not point.values)
    if not bare or not any(point.values for point in points):
        return f". {_('The device sent only the rate at rest')}" if bare else ""
    words = ngettext("%(count)s day has no bar", "%(count)s days have no bar", bare) % {"count": figure(bare)}
    return f". {words}: {_('the device sent only the rate at rest')}"


def _heart_title(days: Sequence[Day], resting: float | None) -> str:
    if resting is not None:
        return _("At rest your heart beat about %(beats)s times a minute") % {"beats": number(resting)}
    lows = [v for day in days if (v := day.get("low")) is not None]
    highs = [v for day in days if (v := day.get("high")) is not None]
    if lows and highs:
        return _("Your heart beat between %(low)s and %(high)s times a minute") % {"low": min(lows), "high": max(highs)}
    return _("No heart rate in these days")


SLOT = 10  # minutes that one place of a day's line stands for


def one_day(day: date, beats: Sequence[tuple[datetime, int]], source: str) -> Chart:
    """A day's heart rate through its 24 hours, ten minutes a place; a gap where the device recorded nothing."""
    slots: list[list[int]] = [[] for _place in range(1440 // SLOT)]
    for at, value in beats:
        slots[(at.hour * 60 + at.minute) // SLOT].append(value)
    points = [
        Point(_clock(n * SLOT // 60 * 60), (mean(found),) if found else (), GIVEN if found else NONE)
        for n, found in enumerate(slots)
    ]
    values = [value for _at, value in beats]
    title = (
        _("On %(day)s your heart beat between %(low)s and %(high)s times a minute")
        % {"day": day_in_words(day), "low": min(values), "high": max(values)}
        if values
        else _("No heart rate on %(day)s") % {"day": day_in_words(day)}
    )
    drawing = series.draw(points, series.LINE, from_zero=False)
    rows = [_hour_row(hour, beats) for hour in range(24)]
    columns = [_("Hour"), *((head, "number") for head in (_("Lowest"), _("Average"), _("Highest"), _("Minutes")))]
    subtitle = _(
        "Heartbeats a minute through the day, an average for each ten minutes. %(count)s minutes of 1,440."
    ) % {"count": figure(len(beats))}
    return Chart(title, subtitle, drawing, columns, rows, caption=title, source=_from(source))


def _hour_row(hour: int, beats: Sequence[tuple[datetime, int]]) -> list[str]:
    values = [value for at, value in beats if at.hour == hour]
    if not values:
        return [_clock(hour * 60), "–", "–", "–", "0"]
    return [_clock(hour * 60), str(min(values)), number(mean(values)), str(max(values)), str(len(values))]


def _clock(minutes: int) -> str:
    """A full hour of the day: 6 a.m. or 6 a. m."""
    hour, half = minutes // 60, ("am" if minutes < 720 else "pm")
    words = {"en": {"am": "a.m.", "pm": "p.m."}, "es": {"am": "a. m.", "pm": "p. m."}}
    return f"{hour % 12 or 12} {words[language()][half]}"


def _measure(words: str, span: Span) -> str:
    return _("%(measure)s, average of each week") % {"measure": words} if span.kind == "year" else words


BY_KIND = {ACTIVITY: (steps, active), SLEEP: (sleep,), HEART: (heart,)}
