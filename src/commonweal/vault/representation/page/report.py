"""One page to print: the goals, the categories, how far people have come, against the population."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal.ui.context import language, words
from commonweal.ui.templatetags.ui import day
from commonweal.vault import typeset
from commonweal.vault.representation import census
from commonweal.vault.representation.models import PlaceFigures, PublishedFigures
from commonweal.vault.representation.page import charts
from commonweal.vault.representation.page.places import Place
from commonweal.vault.representation.page.shown import Shown, collected

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

_TEMPLATE = Path(__file__).parent / "report.typ"
Figures = PlaceFigures | PublishedFigures


def make(protocol: "Protocol", place: Place, figures: Figures, program: Figures | None) -> bytes:
    """The PDF, in the language of the page; the same figures give the same bytes. Raises BadInput where typst cannot make it."""
    return typeset.make(_TEMPLATE, contents(protocol, place, figures, program), figures.counted_at, "report")


def contents(protocol: "Protocol", place: Place, figures: Figures, program: Figures | None) -> dict[str, Any]:
    """Every word and number of the page, as plain values."""
    shown = Shown(figures.document)
    told = {
        "language": language(),
        "program": words(protocol.program.name),
        "place": place.name,
        "kind": place.kind,
        "title": _("Who takes part"),
        "counted": _("Counted on %(day)s") % {"day": day(figures.counted_at)},
        "people": charts.number(shown.people),
        "people_word": _("people take part"),
        "note": _("Numbers are rounded up to %(rounded)s and moved a little, so that they say nothing of any one person. Groups of %(few)s or fewer are withheld.")
        % {"rounded": protocol.privacy.disclosure.round_to, "few": protocol.privacy.disclosure.min_cell},
        "withheld": _("withheld"),
        "goal": _("Goal"),
        "sections": [],
    }  # fmt: skip
    if shown.few or shown.people is None:
        return told
    reached = collected(program.document if program else shown.document)
    told["sections"] = [
        {"title": _("Against the goals"), "rows": [_line(row) for row in charts.goals(protocol, shown)]},
        {
            "title": _("Underrepresented, by category"),
            "rows": [_line(row) for row in charts.categories(protocol, shown)[1:]],
        },
        {"title": _("How far people have come"), "rows": _steps(shown, reached)},
        {"title": _("Race and ethnicity against the population (1 is as in the population)"), "rows": _ratios(protocol, place, shown)},
    ]  # fmt: skip
    return told


def _line(row: charts.Row) -> dict[str, Any]:
    target = row.get("target")
    return {"label": row["label"], "text": row["text"], "length": row["value"], "target": target}


def _steps(shown: Shown, reached: set[str]) -> list[dict[str, Any]]:
    steps = charts.steps(shown, reached).steps
    return [{"label": one.label, "text": one.text, "length": one.length, "target": None} for one in steps]


def _ratios(protocol: "Protocol", place: Place, shown: Shown) -> list[dict[str, Any]]:
    population = census.population(protocol, place.states)
    found = charts.compared(protocol, shown, population) if population else []
    if not found:
        return []
    return [{"label": dot.label, "text": dot.text, "length": dot.x, "target": found[0].one} for dot in found[0].dots]
