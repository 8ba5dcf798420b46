"""Everything that the page of a place shows, from stored figures: one row for the place, one for the program, one a state."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal.vault.representation import census
from commonweal.vault.representation.figures.gate import FEWEST
from commonweal.vault.representation.figures.metrics import METRICS, WAITS
from commonweal.vault.representation.models import PlaceFigures, PublishedFigures
from commonweal.vault.representation.page import charts, words
from commonweal.vault.representation.page.places import Place
from commonweal.vault.representation.page.shown import Shown, collected, share
from commonweal.vault.representation.rules import OVERALL

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

Figures = PlaceFigures | PublishedFigures


def context(
    protocol: "Protocol", place: Place, figures: Figures | None, program: Figures | None, category: str = OVERALL
) -> dict[str, Any]:
    """Of one place; `figures` None: nothing may be said of it yet. `category`: by which the steps are told apart."""
    rule = protocol.privacy.disclosure
    told = {"place": place, "few": rule.min_cell, "fewest": max(FEWEST, 5 * rule.min_cell), "rounded_to": rule.round_to}
    told |= {"goal": protocol.program.goals, "definitions": words.definitions(protocol), "metrics": _defined()}
    if figures is None:
        return told
    shown = Shown(figures.document)
    told |= {"shown": shown, "counted_at": figures.counted_at}
    if shown.few or shown.people is None:
        return told
    return told | _charts(protocol, place, shown, program, category)


def _charts(protocol: "Protocol", place: Place, shown: Shown, program: Figures | None, category: str) -> dict[str, Any]:
    reached = collected(program.document if program else shown.document)
    population = (
        census.county(protocol, place.id) if place.level == "county" else census.population(protocol, place.states)
    )
    known = words.categories(protocol)
    category = category if category in known else OVERALL
    return {
        "goals": charts.goals(protocol, shown),
        "people_goal": charts.percent(share(shown.people, protocol.program.goals.people)),
        "categories": charts.categories(protocol, shown),
        "category_rows": charts.category_table(protocol, shown),
        "detailed": bool(shown.document.get("steps")),
        "outcomes": list(words.outcomes().values()),
        "compared": charts.compared(protocol, shown, population) if population else [],
        "no_census": population is None,
        "areas": charts.areas(shown),
        "funnel": charts.steps(shown, reached),
        "category": category,
        "category_choices": list(known.items()),
        "category_title": known[category],
        "group_rows": charts.by_group(protocol, shown, category, reached),
        "pairs": charts.pairs(protocol, shown),
        "trend": charts.trend(protocol, shown),
        "wait_rows": _waits(shown),
        "keeping": _keeping(shown),
        "new_this_month": _latest_month(shown),
    }


def _waits(shown: Shown) -> list[list[Any]]:
    """From one step to another: half of the people within so many days, a quarter, three quarters; by group."""
    groups = [
        ("all", _("Everybody")),
        (f"{OVERALL}:UBR", _("Underrepresented")),
        (f"{OVERALL}:RBR", _("Represented")),
    ]
    rows = []
    for start, end in WAITS:
        for group, name in groups:
            found = shown.waits(group, start, end)
            if found:
                first = _("Opened an account") if start == "registered" else METRICS[start].title
                rows.append([f"{first} → {METRICS[end].title}", name, found[1], f"{found[0]}–{found[2]}"])
    return rows


def _keeping(shown: Shown) -> list[tuple[str, str, str]]:
    """(title, number, share of what) of those who stayed, who left, and the language."""
    rows = []
    for id in ("participants", "stayed", "withdrawn", "spanish"):
        metric = METRICS[id]
        part = share(shown.metric(id), shown.metric(metric.of))
        rows.append((str(metric.title), charts.number(shown.metric(id)), charts.percent(part)))
    return rows


def _latest_month(shown: Shown) -> tuple[str, int] | None:
    """The month last told, and how many more there are than at the end of the one before."""
    told = [(month, one["all"]) for month, one in shown.months.items() if one["all"] is not None]
    if len(told) < 2:
        return None
    return told[-1][0], max(0, (told[-1][1] or 0) - (told[-2][1] or 0))


def _defined() -> list[tuple[str, str, str]]:
    """Every metric: its name, what is counted, and what it is a share of."""
    return [(str(one.title), str(one.counts), str(METRICS[one.of].title) if one.of else "") for one in METRICS.values()]
