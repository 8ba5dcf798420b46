"""The facts as a document to read, to print, or to show a doctor: tagged, numbered pages, charts with their figures.

Long series are told by week and year; every day and every minute stand in the tables, and the document says so.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.protocol import Protocol
from commonweal.ui.charts import figure
from commonweal.ui.context import current_protocol, words
from commonweal.ui.series import Chart
from commonweal.ui.series_svg import svg
from commonweal.ui.templatetags.ui import day as day_in_words
from commonweal.vault import typeset
from commonweal.vault.journey.my_data import answers, between, charts, days, health, measured
from commonweal.vault.journey.my_data.overview import WEARABLES
from commonweal.vault.journey.my_data.said import consents
from commonweal.vault.journey.my_data.spans import Span
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.providers import name_of

TEMPLATE = Path(__file__).parent / "my_data.typ"
YEARS = 3  # of each series that are drawn; older ones stand in the tables
READINGS = 30  # newest readings of a result that are listed
ENTRIES = 300  # of each list
Block = dict[str, Any]
Section = dict[str, Any]


def make(person: Participant, language: str, at: datetime | None = None) -> bytes:
    """The PDF, in the person's language. Raises BadInput where it cannot be made."""
    at = at or timezone.now()
    with override(language):
        return typeset.make(TEMPLATE, contents(person, current_protocol(), language, at), at, "my data")


def contents(person: Participant, protocol: Protocol, language: str, at: datetime) -> dict[str, Any]:
    """What the template reads."""
    program = words(protocol.program.name)
    sections = [
        {"title": _("About you"), "blocks": _about(person)},
        {"title": _("Your consents"), "blocks": list(_consents(person, protocol))},
        {"title": _("Your answers to surveys"), "blocks": list(_surveys(person, protocol, language))},
        *_devices(person),
        {"title": _("Measurements and lab results"), "blocks": list(_measures(person))},
        *_lists(person),
        {"title": _("Between you and us"), "blocks": list(_between(person, protocol))},
    ]
    when = day_in_words(at)
    return {
        "title": _("My data"),
        "program": program,
        "language": language,
        "lead": _(
            "All that %(program)s holds about you, on %(day)s. Every single value is in the tables (CSV) that you can take as well."
        )
        % {"program": program, "day": when},
        "footer": f"{program} · {when}",
        "labels": {
            "page": _("Page"),
            "of": _("of"),
            "contents": _("What is in it"),
            "undrawn": _("Some letters could not be drawn and stand as boxes; their numbers are:"),
        },
        "sections": [
            section if section["blocks"] else section | {"blocks": [_text(_("Nothing yet"))]} for section in sections
        ],
    }


def _text(text: str, kind: str = "text") -> Block:
    return {"kind": kind, "text": str(text)}


def _table(columns: list[str], rows: list[list[Any]], numbers: tuple[int, ...] = ()) -> Block:
    return {
        "kind": "table",
        "columns": columns,
        "rows": [["" if cell is None else str(cell) for cell in row] for row in rows],
        "numbers": list(numbers),
    }


def _day(value: date | datetime | None) -> str:
    return day_in_words(value) if value else ""


def _about(person: Participant) -> list[Block]:
    pairs = [[_("Participant number"), person.participant_id], [_("Your account was made"), _day(person.registered_at)]]
    profile = current_profile(person)
    if profile:
        place = ", ".join(filter(None, [profile.address_line, profile.city, f"{profile.state} {profile.zip}".strip()]))
        told = [
            (_("Name"), profile.full_name),
            (_("Birth date"), _day(profile.birth_date)),
            (_("Address"), place),
            (_("Phone"), profile.phone),
            (_("E-mail"), profile.email),
        ]
        pairs += [[name, value] for name, value in told if value]
    return [{"kind": "pairs", "pairs": pairs}]


def _consents(person: Participant, protocol: Protocol) -> Iterator[Block]:
    said = {"yes": _("Yes"), "no": _("No"), "not_sure": _("Not sure"), "later": _("Later")}
    rows = [
        [
            one.title,
            said.get(one.answer.answer, one.answer.answer),
            _day(one.answer.event_time),
            _day(one.answer.expires_at),
        ]
        for one in consents(person, protocol)
    ]
    if rows:
        yield _table([_("Consent"), _("Your answer"), _("When"), _("Until")], rows)


def _surveys(person: Participant, protocol: Protocol, language: str) -> Iterator[Block]:
    for one in answers.given(person, protocol):
        state = _(" (corrected later)") if one.replaced_by else ""
        yield _text(f"{one.title} · {_day(one.response.event_time)}{state}", "heading")
        rows = []
        for page in answers.answered(one.response, protocol, language):
            rows += [[question.text, "; ".join(question.said) or _("No answer")] for question in page["questions"]]
        if rows:
            yield _table([_("Question"), _("Your answer")], rows)


def _devices(person: Participant) -> Iterator[Section]:
    """A section for each kind that there is, a chart for each of the newest years, with its figures by week."""
    for kind, held in days.held(person).items():
        source = ", ".join(name_of(one) for one in held.providers)
        blocks = [_text(_("%(count)s days from %(first)s to %(last)s, from %(source)s.") % {
            "count": figure(held.count), "first": _day(held.first), "last": _day(held.last), "source": source,
        })]  # fmt: skip
        span = Span("year", held.last)
        for _year in range(YEARS):
            if span.last < held.first:
                break
            found = days.read(person, kind, span.first, span.last)
            for draw in charts.BY_KIND[kind]:
                blocks += list(_chart(draw(found, span, "")))
            span = Span("year", span.before)
        blocks.append(_text(_("Every day is in the tables that you can take as well."), "soft"))
        yield {"title": str(WEARABLES[kind][0]), "blocks": blocks}


def _chart(chart: Chart) -> Iterator[Block]:
    yield _text(chart.title, "heading")
    yield _text(chart.subtitle, "measure")
    yield {"kind": "chart", "svg": svg(chart.drawing), "alt": f"{chart.title}. {chart.subtitle}"}
    numbers = tuple(n for n, (_name, kind) in enumerate(chart.heads) if kind == "number")
    rows = [list(row) for row in chart.rows if any(row[n] not in ("–", "") for n in numbers)]
    if rows:
        yield _table([str(name) for name, _kind in chart.heads], rows, numbers)


def _measures(person: Participant) -> Iterator[Block]:
    found = health.measures(person)
    if not found:
        return
    yield _text(measured.ADVICE)
    rows = [
        [one.name, measured.value(one, one.latest), measured.range_words(one, one.latest), _day(one.latest.when)]
        for one in found
    ]
    yield _table([_("Result"), _("Latest"), _("Range on the record"), _("When")], rows, (1,))
    for one in found:
        if len(one.numbers) > 1:
            yield from _chart(measured.chart(one, most=READINGS))


def _lists(person: Participant) -> Iterator[Section]:
    for page, (title, _types) in health.LISTED.items():
        found = health.entries(person, page)
        rows = [[one.name, _day(one.first), _day(one.last), figure(one.count)] for one in found[:ENTRIES]]
        blocks = [_table([_("Name"), _("First"), _("Last"), _("How often")], rows, (3,))] if rows else []
        if len(found) > ENTRIES:
            more = _("The newest %(shown)s of %(all)s; the tables have all.")
            blocks.append(_text(more % {"shown": ENTRIES, "all": figure(len(found))}, "soft"))
        yield {"title": str(title), "blocks": blocks}


def _between(person: Participant, protocol: Protocol) -> Iterator[Block]:
    for section in between.of(person, protocol):
        yield _text(section.title, "heading")
        rows = [[_day(line.when), line.title, line.state, line.text] for line in section.lines]
        yield _table([_("When"), _("What"), _("How it stands"), _("Text")], rows)
        if section.total > len(section.lines):
            more = _("The newest %(shown)s of %(all)s; the tables have all.")
            yield _text(more % {"shown": len(section.lines), "all": figure(section.total)}, "soft")
