"""From a plan file to a question: what it leaves out comes from the program, the census, and what outreach cost before."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from commonweal.protocol.base import Problem
from commonweal.protocol.reading import problem_at
from commonweal.vault.planning.groups import MINORITY, OVERALL, PEOPLE
from commonweal.vault.planning.options import Area, Assumptions, Case, Goal, Option, Site
from commonweal.vault.planning.plan_checks import Found, plan_problems
from commonweal.vault.planning.plan_file import AreaEntry, OptionEntry, PlanFile, raise_all, read_plan_file
from commonweal.vault.planning.read import Sent

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

Census = Mapping[str, Mapping[str, float]]


def read_case(path: Path, protocol: "Protocol", census: Census, sent: tuple[Sent, ...] = ()) -> Case:
    """The question that a plan file asks. BadInput with all that is wrong, each with file, line, key and what to do."""
    file = read_plan_file(path)
    states = {site.id: site.state for site in protocol.partners.sites.values()}
    categories = [category.id for category in protocol.representation.categories]
    _stop(path, plan_problems(file, states, categories))
    _stop(path, _without(file, states, census, sent))
    monthly = file.budget.monthly
    budget = monthly if isinstance(monthly, tuple) else (monthly,) * file.months
    areas = {area.id: area for area in _areas(file, states, census)}
    return Case(
        start=(int(file.start[:4]), int(file.start[5:])),
        budget=budget,
        total=sum(budget) if file.budget.total is None else file.budget.total,
        sites={site.id: Site(site.id, states[site.id], site.hours, dict(site.languages)) for site in file.sites},
        areas=areas,
        options=tuple(_option(option, states, sent) for option in file.options),
        goals=tuple(_goals(file, protocol)),
        counted=file.counted,
        assumptions=Assumptions(**file.assumptions.model_dump()),
    )


def _stop(path: Path, found: Iterable[Found]) -> None:
    raise_all([_problem(path, place, words) for place, words in found])


def _problem(path: Path, place: tuple[str | int, ...], words: str) -> Problem:
    if path.suffix == ".json":
        return Problem(path.name, 0, words)
    return problem_at(path.parent, path.name, place, words)


def _without(file: PlanFile, states: Mapping[str, str], census: Census, sent: tuple[Sent, ...]) -> Iterable[Found]:
    """What is left out and nowhere else to be found."""
    for number, entry in enumerate(file.options):
        for key in ("cost", "most", "contacts"):
            if getattr(entry, key) is None and past(entry, key, sent) is None:
                words = f"options[{number + 1}] ('{entry.id}'): `{key}` is left out, and no outreach by '{entry.approach}' tells it: add it"
                yield ("options", number), words
    for area in _areas(file, states, census):
        if area.population <= 0:
            yield (
                ("areas",),
                f"{area.id}: the census tells no adults there; `reference import census`, or write `population`",
            )


def past(entry: OptionEntry, key: str, sent: tuple[Sent, ...]) -> float | None:
    """What a unit cost, how many contacts it had, or how many there were a month: in the site's own past, else anybody's."""
    if key == "contacts" and entry.approach != "event":
        return 1.0
    alike = [one for one in sent if one.approach == entry.approach and one.contacts > 0]
    for some in ([one for one in alike if one.site == entry.site], alike):
        value = _past(entry, key, some)
        if value is not None:
            return value
    return None


def _past(entry: OptionEntry, key: str, some: list[Sent]) -> float | None:
    """Sums over sums, of those that tell both."""
    field = {"cost": "cost", "contacts": "contacts", "most": "events" if entry.approach == "event" else "contacts"}[key]
    by = "months" if key == "most" else "events" if entry.approach == "event" else "contacts"
    pairs = [(getattr(one, field), getattr(one, by)) for one in some]
    told = [(value, count) for value, count in pairs if value is not None and count]
    return sum(value for value, _ in told) / sum(count for _, count in told) if told else None


def _option(entry: OptionEntry, states: Mapping[str, str], sent: tuple[Sent, ...]) -> Option:
    given = entry.model_dump()
    for key in ("cost", "most", "contacts"):
        given[key] = past(entry, key, sent) if given[key] is None else given[key]
    given["area"] = entry.area or f"state:{states[entry.site]}"
    return Option(**given, event=entry.approach == "event")


def _areas(file: PlanFile, states: Mapping[str, str], census: Census) -> list[Area]:
    """Those of the file, and the state of each site that an option without an area is of."""
    named = {area.id for area in file.areas}
    here = {f"state:{states[option.site]}" for option in file.options if option.area is None} - named
    return [_area(area, census) for area in (*file.areas, *(AreaEntry(id=one) for one in sorted(here)))]


def _area(entry: AreaEntry, census: Census) -> Area:
    """Its groups are those it names, else its state's in the same shares."""
    state = entry.state or entry.id.removeprefix("state:")
    known = census.get(state, {})
    population = entry.population or sum(known.values())
    shares = entry.groups or {group: people / sum(known.values()) for group, people in known.items()}
    return Area(entry.id, state, population, {g: s * population for g, s in shares.items()}, dict(entry.travel))


def _goals(file: PlanFile, protocol: "Protocol") -> Iterable[Goal]:
    given, own = file.goals, protocol.program.goals
    yield Goal("people", PEOPLE, float(given.people or own.people))
    for of, mine, theirs in (
        (MINORITY, given.racial_ethnic_minority_share, own.racial_ethnic_minority_share),
        (OVERALL, given.underrepresented_share, own.underrepresented_share),
    ):
        yield Goal("share", of, theirs if mine is None else mine)
    yield from (Goal("share", of, target) for of, target in given.shares.items())
    yield from (Goal("count", of, target) for of, target in given.people_of.items())
