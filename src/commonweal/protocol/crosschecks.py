"""What must hold between the files of a protocol."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commonweal.protocol.base import Problem
from commonweal.protocol.biospecimens import Biospecimens
from commonweal.protocol.consents import ConsentModule
from commonweal.protocol.matching import Matching
from commonweal.protocol.measurements import Measurements
from commonweal.protocol.partners import PartnersFile
from commonweal.protocol.program import Program
from commonweal.protocol.reading import problem_at
from commonweal.protocol.representation import RESERVED, Representation
from commonweal.protocol.results import Results


@dataclass(frozen=True)
class Parts:
    """What could be read of a protocol; a file that could not is None."""

    folder: Path
    program: Program
    consents: dict[str, ConsentModule]
    partners: PartnersFile | None
    measurements: Measurements | None
    biospecimens: Biospecimens | None
    representation: Representation | None
    results: Results | None
    matching: Matching | None


def crosschecks(parts: Parts) -> list[Problem]:
    """Problems that show only when the files are seen together."""
    checks = (_consents, _partners, _measurements, _biospecimens, _representation, _doubles)
    return [problem for check in checks for problem in check(parts)]


def _consents(parts: Parts) -> Iterator[Problem]:
    folder, order = parts.folder, list(parts.program.consents)
    for module in parts.consents.values():
        name = f"consents/{module.id}/module.toml"
        for required in module.requires:
            if required not in order:
                yield problem_at(folder, name, ("requires",), f"requires the module '{required}', which there is not")
        if module.id in _required(parts.consents, module.id):
            yield problem_at(
                folder, name, ("requires",), "what it requires leads back to itself, so nobody can answer it"
            )
        elif any(required in order and order.index(required) > order.index(module.id) for required in module.requires):
            yield problem_at(folder, name, ("requires",), "requires a module that program.toml puts after it")
    complete = len(parts.consents) == len(order)
    if complete and not any("participate" in module.scopes for module in parts.consents.values()):
        yield problem_at(
            folder, "program.toml", ("consents",), "no module grants the scope 'participate', so nobody can join"
        )


def _required(consents: dict[str, ConsentModule], module_id: str) -> set[str]:
    """All modules that one requires, directly or through others; with itself when it goes in a circle."""
    found: set[str] = set()
    waiting = list(consents[module_id].requires)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += consents[here].requires if here in consents else ()
    return found


def _partners(parts: Parts) -> Iterator[Problem]:
    if parts.partners is None:
        return
    awardees = {awardee.id for awardee in parts.partners.awardees}
    organisations = {organisation.id for organisation in parts.partners.organisations}
    for index, organisation in enumerate(parts.partners.organisations):
        if organisation.awardee not in awardees:
            message = f"organisation '{organisation.id}' names the awardee '{organisation.awardee}', which there is not"
            yield problem_at(parts.folder, "partners.toml", ("organisations", index, "awardee"), message)
    for index, site in enumerate(parts.partners.sites):
        if site.organisation not in organisations:
            message = f"site '{site.id}' names the organisation '{site.organisation}', which there is not"
            yield problem_at(parts.folder, "partners.toml", ("sites", index, "organisation"), message)


def _measurements(parts: Parts) -> Iterator[Problem]:
    if parts.measurements is None:
        return
    reasons = {modification.id for modification in parts.measurements.modifications}
    fields = {field.id for field in parts.measurements.fields}
    for index, field in enumerate(parts.measurements.fields):
        named = [("modifications", name, reasons) for name in field.modifications]
        named += [("skip_when", name, fields) for name in field.skip_when]
        named += [("less_than", field.less_than, fields)] if field.less_than else []
        for key, name, known in named:
            if name not in known:
                message = f"field '{field.id}' names '{name}', which there is not"
                yield problem_at(parts.folder, "measurements.toml", ("fields", index, key), message)


def _biospecimens(parts: Parts) -> Iterator[Problem]:
    if parts.biospecimens is None:
        return
    codes = {test.code for test in parts.biospecimens.tests}
    for index, kit in enumerate(parts.biospecimens.kits):
        for key, named in (("tests", kit.tests), ("only_without", kit.only_without)):
            for code in named:
                if code not in codes:
                    message = f"kit '{kit.id}' names the test '{code}', which there is not"
                    yield problem_at(parts.folder, "biospecimens.toml", ("kits", index, key), message)


def _representation(parts: Parts) -> Iterator[Problem]:
    if parts.representation is None:
        return
    known = [category.id for category in parts.representation.categories]
    if parts.representation.minority not in known:
        message = f"minority '{parts.representation.minority}' is none of the categories"
        yield problem_at(parts.folder, "representation.toml", ("minority",), message)
    for index, id in enumerate(known):
        if id in RESERVED:
            message = f"a category may not be named '{id}': figures call something else so"
            yield problem_at(parts.folder, "representation.toml", ("categories", index, "id"), message)
    for index, category in enumerate(parts.representation.categories):
        for other in getattr(category, "of", ()):
            if other not in known[:index]:
                message = f"category '{category.id}' looks at '{other}', which is not above it"
                yield problem_at(parts.folder, "representation.toml", ("categories", index, "of"), message)


def _doubles(parts: Parts) -> Iterator[Problem]:
    """Ids that stand twice where they must be one's own."""
    for name, key, ids in _ids(parts):
        for index, this in enumerate(ids):
            if this in ids[:index]:
                yield problem_at(parts.folder, name, (key, index), f"'{this}' stands there twice")


def _ids(parts: Parts) -> Iterator[tuple[str, str, list[str]]]:
    yield "program.toml", "consents", list(parts.program.consents)
    yield "program.toml", "surveys", list(parts.program.surveys)
    yield "program.toml", "pages", list(parts.program.pages)
    yield "program.toml", "eligibility", [question.id for question in parts.program.eligibility]
    if parts.partners:
        yield "partners.toml", "awardees", [entry.id for entry in parts.partners.awardees]
        yield "partners.toml", "organisations", [entry.id for entry in parts.partners.organisations]
        yield "partners.toml", "sites", [entry.id for entry in parts.partners.sites]
    if parts.measurements:
        yield "measurements.toml", "fields", [field.id for field in parts.measurements.fields]
    if parts.biospecimens:
        yield "biospecimens.toml", "tests", [test.code for test in parts.biospecimens.tests]
        yield "biospecimens.toml", "kits", [kit.id for kit in parts.biospecimens.kits]
    if parts.representation:
        yield "representation.toml", "categories", [category.id for category in parts.representation.categories]
    if parts.results:
        yield "results.toml", "results", [result.id for result in parts.results.results]
