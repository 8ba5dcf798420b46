"""What must hold between the files of a protocol."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from commonweal.protocol.base import Problem
from commonweal.protocol.partners import PartnersFile
from commonweal.protocol.places import line_of, lines
from commonweal.protocol.protocol import Protocol

Place = tuple[str | int, ...]


def crosschecks(protocol: Protocol, partners: PartnersFile) -> list[Problem]:
    """Problems that show only when the files are seen together."""
    checks: Iterable[Callable[[], Iterator[Problem]]] = (
        lambda: _consents(protocol),
        lambda: _partners(protocol.folder, partners),
        lambda: _partner_doubles(protocol.folder, partners),
        lambda: _measurements(protocol),
        lambda: _biospecimens(protocol),
        lambda: _representation(protocol),
        lambda: _doubles(protocol),
    )
    return [problem for check in checks for problem in check()]


def _at(folder: Path, name: str, place: Place, message: str) -> Problem:
    source = (folder / name).read_text(encoding="utf-8-sig")
    return Problem(name, line_of(lines(source), place), message)


def _consents(protocol: Protocol) -> Iterator[Problem]:
    folder, order = protocol.folder, list(protocol.program.consents)
    for module in protocol.consents.values():
        name = f"consents/{module.id}/module.toml"
        for required in module.requires:
            if required not in order:
                yield _at(folder, name, ("requires",), f"requires the module '{required}', which there is not")
        if module.id in _required(protocol, module.id):
            yield _at(folder, name, ("requires",), "what it requires leads back to itself, so nobody can answer it")
        elif any(required in order and order.index(required) > order.index(module.id) for required in module.requires):
            yield _at(folder, name, ("requires",), "requires a module that program.toml puts after it")
    if not any("participate" in module.scopes for module in protocol.consents.values()):
        yield _at(folder, "program.toml", ("consents",), "no module grants the scope 'participate', so nobody can join")


def _required(protocol: Protocol, module_id: str) -> set[str]:
    """All modules that one requires, directly or through others; with itself when it goes in a circle."""
    found: set[str] = set()
    waiting = list(protocol.consents[module_id].requires)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += protocol.consents[here].requires if here in protocol.consents else ()
    return found


def _partners(folder: Path, partners: PartnersFile) -> Iterator[Problem]:
    name = "partners.toml"
    awardees = {awardee.id for awardee in partners.awardees}
    organisations = {organisation.id for organisation in partners.organisations}
    for index, organisation in enumerate(partners.organisations):
        if organisation.awardee not in awardees:
            message = f"organisation '{organisation.id}' names the awardee '{organisation.awardee}', which there is not"
            yield _at(folder, name, ("organisations", index, "awardee"), message)
    for index, site in enumerate(partners.sites):
        if site.organisation not in organisations:
            message = f"site '{site.id}' names the organisation '{site.organisation}', which there is not"
            yield _at(folder, name, ("sites", index, "organisation"), message)


def _partner_doubles(folder: Path, partners: PartnersFile) -> Iterator[Problem]:
    for key in ("awardees", "organisations", "sites"):
        ids = [entry.id for entry in getattr(partners, key)]
        for index, this in enumerate(ids):
            if this in ids[:index]:
                yield _at(folder, "partners.toml", (key, index), f"'{this}' stands there twice")


def _measurements(protocol: Protocol) -> Iterator[Problem]:
    reasons = {modification.id for modification in protocol.measurements.modifications}
    fields = {field.id for field in protocol.measurements.fields}
    for index, field in enumerate(protocol.measurements.fields):
        named = [("modifications", name, reasons) for name in field.modifications]
        named += [("skip_when", name, fields) for name in field.skip_when]
        named += [("less_than", field.less_than, fields)] if field.less_than else []
        for key, name, known in named:
            if name not in known:
                message = f"field '{field.id}' names '{name}', which there is not"
                yield _at(protocol.folder, "measurements.toml", ("fields", index, key), message)


def _biospecimens(protocol: Protocol) -> Iterator[Problem]:
    codes = {test.code for test in protocol.biospecimens.tests}
    for index, kit in enumerate(protocol.biospecimens.kits):
        for code in (*kit.tests, *kit.only_without):
            if code not in codes:
                message = f"kit '{kit.id}' names the test '{code}', which there is not"
                yield _at(protocol.folder, "biospecimens.toml", ("kits", index, "tests"), message)


def _representation(protocol: Protocol) -> Iterator[Problem]:
    known = [category.id for category in protocol.representation.categories]
    for index, category in enumerate(protocol.representation.categories):
        named = getattr(category, "of", ())
        for other in named:
            if other not in known[:index]:
                message = f"category '{category.id}' looks at '{other}', which is not above it"
                yield _at(protocol.folder, "representation.toml", ("categories", index, "of"), message)


def _doubles(protocol: Protocol) -> Iterator[Problem]:
    """Ids that stand twice where they must be one's own."""
    groups: dict[tuple[str, str], list[str]] = {
        ("program.toml", "eligibility"): [question.id for question in protocol.eligibility],
        ("measurements.toml", "fields"): [field.id for field in protocol.measurements.fields],
        ("biospecimens.toml", "tests"): [test.code for test in protocol.biospecimens.tests],
        ("representation.toml", "categories"): [category.id for category in protocol.representation.categories],
        ("results.toml", "results"): [result.id for result in protocol.results.results],
        ("program.toml", "consents"): list(protocol.program.consents),
        ("program.toml", "surveys"): list(protocol.program.surveys),
    }
    for (name, key), ids in groups.items():
        for index, this in enumerate(ids):
            if this in ids[:index]:
                yield _at(protocol.folder, name, (key, index), f"'{this}' stands there twice")
