"""The charts of a place, each a plain value with its table (see `commonweal.ui`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal.ui import dots, funnel, matrix, series, tilemap
from commonweal.ui.charts import figure
from commonweal.vault.representation import census
from commonweal.vault.representation.census import Population
from commonweal.vault.representation.figures.metrics import FUNNEL, METRICS
from commonweal.vault.representation.page import words
from commonweal.vault.representation.page.shown import Shown, share
from commonweal.vault.representation.rules import RBR, UBR

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

Row = dict[str, Any]


def percent(part: float | None) -> str:
    """A share in whole percent; under one percent it says so."""
    if part is None:
        return _("withheld")
    return _("under 1%") if 0 < part < 0.005 else f"{part:.0%}"


def goals(protocol: "Protocol", shown: Shown) -> list[Row]:
    """The two shares of the program's goals, in percent, with their targets."""
    wanted = protocol.program.goals
    told = (
        (_("Racial and ethnic minorities"), shown.share_of(protocol.representation.minority), wanted.racial_ethnic_minority_share),
        (_("Underrepresented in biomedical research"), shown.underrepresented, wanted.underrepresented_share),
    )  # fmt: skip
    return [_bar(label, part, target) for label, part, target in told]


def _bar(label: str, part: float | None, target: float | None = None) -> Row:
    value = None if part is None else 100 * part
    return {
        "label": label,
        "value": value,
        "suppressed": value is None,
        "text": percent(part),
        "target": target and 100 * target,
    }


def categories(protocol: "Protocol", shown: Shown) -> list[Row]:
    return [_bar(title, shown.share_of(id)) for id, title in words.categories(protocol).items()]


def category_table(protocol: "Protocol", shown: Shown) -> list[list[Any]]:
    """Title, underrepresented, represented, not answered, share of all who take part."""
    rows = []
    for id, title in words.categories(protocol).items():
        found = shown.category(id)
        numbers = [number(found.get(outcome)) for outcome in words.outcomes()]
        rows.append([title, *numbers, percent(shown.share_of(id))])
    return rows


def areas(shown: Shown) -> list[tuple[str, str, list[Row]]]:
    """(title, subtitle, bars) of the areas in which people live, where the program has tables of them."""
    told = [
        ("deprivation", _("By deprivation of the area"), _("Percent of participants whose area is known; the line is a fifth, as all ZIP areas have"), words.fifths(), 0.2),
        ("rurality", _("From the city to the countryside"), _("Percent of participants whose area is known, by commuting area"), words.rural(), None),
    ]  # fmt: skip
    found = []
    for facet, title, subtitle, names, line in told:
        values = {value: n for value, n in shown.facet(facet).items() if value}
        known = sum(n for n in values.values() if n)
        if known:
            found.append(
                (title, subtitle, [_bar(name, share(values.get(value), known), line) for value, name in names.items()])
            )
    return found


def number(value: int | None) -> str:
    return _("withheld") if value is None else figure(value)


def compared(protocol: "Protocol", shown: Shown, population: Population) -> list[dots.Dots]:
    """Participation-to-prevalence ratios by race and ethnicity, age and sex."""
    race = protocol.representation.race
    source = _("Adults of the same place: U.S. Census Bureau, American Community Survey.")
    bands = {band: words.age(band) for band in population.age}
    old = {band: census.OLD for band in shown.facet("age") if band[:2] >= "65"} if set(bands) == {census.OLD} else None
    told = [
        (_("Race and ethnicity against the population"), "race", population.race, race.census if race else {}, words.groups(protocol)),
        (_("Age against the population"), "age", population.age, old, bands),
        (_("Sex at birth against the population"), "sex", population.sex, None, words.sexes()),
    ]  # fmt: skip
    subtitle = _("Share of participants over share of the population: 1 is as in the population, 0.5 half as many")
    found = []
    for title, facet, people, pooled, names in told:
        values = shown.facet(facet)
        rows = [_dot(one, names) for one in census.compare(values, people, population.people, pooled)] if values else []
        if any(row["value"] is not None for row in rows):
            found.append(dots.dots(title, rows, subtitle=subtitle, source=source))
    return found


def _dot(one: census.Compared, names: Mapping[str, str]) -> Row:
    told = {"label": names.get(one.group, one.group), "value": one.ratio, "suppressed": one.ratio is None}
    return told | {"share": one.participants, "population": one.population}


def steps(shown: Shown, reached: set[str]) -> funnel.Funnel:
    """From the account to the genome, as far as anybody of the program has come."""
    wanted = [METRICS[id] for id in FUNNEL if id in reached]
    rows = [
        {"label": str(one.title), "value": shown.metric(one.id), "suppressed": shown.metric(one.id) is None}
        for one in wanted
    ]
    title = _("From the account onwards")
    return funnel.funnel(title, rows, subtitle=_("People who reached each step, of those who opened an account"))


def by_group(protocol: "Protocol", shown: Shown, category: str, reached: set[str]) -> list[list[Any]]:
    """Each step with the share of the underrepresented and of the represented who reached it, and their difference."""
    groups = shown.category(category)
    rows = []
    for id in (one for one in FUNNEL if one in reached and one not in ("joined", "consented")):
        parts = [share(shown.step(category, outcome, id), groups.get(outcome)) for outcome in (UBR, RBR)]
        numbers = [number(shown.step(category, outcome, id)) for outcome in (UBR, RBR)]
        gap = None if None in parts else round(100 * (parts[0] - parts[1]))  # type: ignore[operator]
        told = _("withheld") if gap is None else _("%(points)+d points") % {"points": gap}
        rows.append([str(METRICS[id].title), numbers[0], percent(parts[0]), numbers[1], percent(parts[1]), told])
    return rows


def pairs(protocol: "Protocol", shown: Shown) -> matrix.Matrix:
    """Of all who take part, who is underrepresented by both of two categories; on the diagonal, by the one."""
    own = {one.id for one in protocol.representation.categories if one.rule != "either"}
    titles = {id: title for id, title in words.categories(protocol).items() if id in own}

    def both(one: str, other: str) -> Row:
        people = shown.category(one).get(UBR) if one == other else shown.both(one, other)
        return cell(share(people, shown.people))

    rows = [(title, [both(one, other) for other in titles]) for one, title in titles.items()]
    return matrix.matrix(
        _("Underrepresented in two ways at once"),
        list(titles.values()),
        rows,
        corner=_("Category"),
        subtitle=_("Percent of all who take part who are underrepresented by both; where the two are one, by it alone"),
        words=lambda value: f"{value:.0f}%",
    )


def trend(protocol: "Protocol", shown: Shown) -> list[series.Chart]:
    """People by month of their consent, added up; and the shares of the goals among them."""
    months = shown.months
    if sum(one["all"] is not None for one in months.values()) < 2:
        return []
    people = [series.Point(month, (told["all"],)) for month, told in months.items()]
    table = [[month, number(told["all"])] for month, told in months.items()]
    return [
        series.Chart(
            _("People who take part, by month"),
            _("Everybody who takes part today, by the month of their consent, added up"),
            series.draw(people),
            [_("Month"), (_("People"), "number")],
            table,
            caption=_("People by month"),
        ),
        _shares(protocol, months),
    ]


def _shares(protocol: "Protocol", months: Mapping[str, Mapping[str, int | None]]) -> series.Chart:
    goal = protocol.program.goals
    parts = {m: {what: share(told[what], told["all"]) for what in ("ubr", "minority")} for m, told in months.items()}
    points = [series.Point(month, (_hundredfold(one["ubr"]),)) for month, one in parts.items()]
    line = [_hundredfold(one["minority"]) for one in parts.values()]
    wanted = {"ubr": goal.underrepresented_share, "minority": goal.racial_ethnic_minority_share}
    return series.Chart(
        _("Shares of the goals, by month"),
        _("Goals: %(ubr)s underrepresented, %(minority)s racial and ethnic minorities")
        % {name: f"{one:.0%}" for name, one in wanted.items()},
        series.draw(points, series.LINE, line=line, from_zero=True, ticks=lambda value: f"{value:.0f}%"),
        [_("Month"), (_("Underrepresented"), "number"), (_("Minorities"), "number")],
        [[month, percent(one["ubr"]), percent(one["minority"])] for month, one in parts.items()],
        caption=_("Shares by month"),
        legend=[(_("Underrepresented"), "bar series-1"), (_("Racial and ethnic minorities"), "bar series-2")],
    )


def cell(part: float | None) -> Row:
    """A share as a cell of a matrix."""
    return {"value": _hundredfold(part), "suppressed": part is None, "text": percent(part)}


def _hundredfold(part: float | None) -> float | None:
    return None if part is None else 100 * part


def country(protocol: "Protocol", states: Mapping[str, int | None], links: Mapping[str, str]) -> tilemap.TileMap:
    """People of each state who take part, for each 100,000 of its adults; their number where there is no census."""
    rows, per = [], census.population(protocol) is not None
    for code, people in states.items():
        adults = census.population(protocol, [code])
        value = people if not per or people is None else adults and people / adults.people * 100_000
        rows.append({"code": code, "value": value, "suppressed": people is None, "url": links.get(code, "")})
    measure = _("People for each 100,000 adults") if per else _("People")
    return tilemap.tilemap(
        _("Where people take part"),
        rows,
        measure,
        subtitle=measure,
        words=lambda value: f"{value:,.1f}" if per else figure(round(value)),
        label=_("%(state)s: %(value)s for each 100,000 adults") if per else _("%(state)s: %(value)s people"),
    )
