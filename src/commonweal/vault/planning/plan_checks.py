"""What a plan file says that does not fit together, or does not fit the program: each with its key and what to do."""

from collections.abc import Collection, Iterator, Mapping

from commonweal.vault.planning.groups import GROUPS, MINORITY, OVERALL, UNKNOWN
from commonweal.vault.planning.plan_file import OptionEntry, PlanFile

Found = tuple[tuple[str | int, ...], str]


def plan_problems(file: PlanFile, sites: Mapping[str, str], categories: Collection[str]) -> Iterator[Found]:
    """(place in the file, message) of each. `sites`: those of the program, with their state."""
    yield from _budget(file)
    yield from _twice(file)
    yield from _sites(file, sites)
    known = {*categories, *GROUPS, OVERALL, MINORITY} - {UNKNOWN}
    for key in ("shares", "people_of"):
        for name in getattr(file.goals, key):
            if name not in known:
                yield ("goals", key, name), f"goals.{key}: there is no category or group '{name}'; {_list(known)}"
    for number, option in enumerate(file.options):
        for message in _option(file, option, known):
            yield ("options", number), f"options[{number + 1}] ('{option.id}'): {message}"


def _budget(file: PlanFile) -> Iterator[Found]:
    monthly = file.budget.monthly
    if isinstance(monthly, tuple) and len(monthly) < file.months:
        words = (
            f"budget.monthly: month {len(monthly) + 1} of {file.months} has no budget; write one number for each month"
        )
        yield ("budget", "monthly"), words
    if isinstance(monthly, tuple) and len(monthly) > file.months:
        yield ("budget", "monthly"), f"budget.monthly: {len(monthly)} numbers for {file.months} months; take some out"


def _twice(file: PlanFile) -> Iterator[Found]:
    for key in ("sites", "areas", "options"):
        seen: dict[str, int] = {}
        for number, entry in enumerate(getattr(file, key)):
            first = seen.setdefault(entry.id, number)
            if first != number:
                words = f"{key}[{number + 1}]: '{entry.id}' stands there twice; take one out, or give it another id"
                yield (key, number), words


def _sites(file: PlanFile, sites: Mapping[str, str]) -> Iterator[Found]:
    for number, site in enumerate(file.sites):
        if site.id not in sites:
            yield ("sites", number), f"sites[{number + 1}]: the program has no site '{site.id}'; {_list(sites)}"
        for language, hours in site.languages.items():
            if hours > site.hours:
                words = (
                    f"sites[{number + 1}]: {hours:g} hours in '{language}', but {site.hours:g} in all; raise `hours`"
                )
                yield ("sites", number), words
    here = {site.id for site in file.sites}
    for number, area in enumerate(file.areas):
        for name in set(area.travel) - here:
            yield ("areas", number), f"areas[{number + 1}].travel: no site '{name}' in this file; {_list(here)}"
        if not area.id.startswith("state:") and (area.state is None or area.population is None):
            yield ("areas", number), f"areas[{number + 1}]: '{area.id}' needs `state` and `population` (adults)"
        for name in set(area.groups) - set(GROUPS):
            yield ("areas", number), f"areas[{number + 1}].groups: there is no group '{name}'; {_list(GROUPS)}"
        if sum(area.groups.values()) > 1 + 1e-9:
            yield ("areas", number), f"areas[{number + 1}].groups: the shares add up to more than 1"


def _option(file: PlanFile, option: OptionEntry, known: Collection[str]) -> Iterator[str]:
    site = next((site for site in file.sites if site.id == option.site), None)
    if site is None:
        yield f"there is no site '{option.site}' in this file; {_list([s.id for s in file.sites])}"
    elif site.languages.get(option.language, 0) <= 0:
        yield f"nobody at '{site.id}' speaks '{option.language}'; name hours in sites.languages, or another language"
    if option.area is not None:
        area = next((area for area in file.areas if area.id == option.area), None)
        if area is None:
            yield f"there is no area '{option.area}' in this file; add it to [[areas]]"
        elif option.site not in area.travel:
            yield f"'{option.area}' cannot be reached from '{option.site}'; add it to the area's `travel`"
    for name in option.audience:
        if name not in known:
            yield f"there is no category or group '{name}' to be its audience; {_list(known)}"


def _list(names: Collection[str]) -> str:
    return "there are " + ", ".join(sorted(name for name in names if name))
