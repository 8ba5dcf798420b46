"""From a folder to a Protocol, or to a list of what is wrong with it."""

from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from commonweal.errors import BadInput
from commonweal.omop.local_codes import LocalCodes
from commonweal.protocol.area_checks import area_problems
from commonweal.protocol.base import DEFAULT, Problem
from commonweal.protocol.biospecimens import Biospecimens
from commonweal.protocol.clinics import Clinics, read_clinics
from commonweal.protocol.compared_checks import compared_problems
from commonweal.protocol.consent_checks import module_problems
from commonweal.protocol.consent_files import ModuleFile, read_module
from commonweal.protocol.consents import ConsentModule
from commonweal.protocol.crosschecks import Parts, crosschecks
from commonweal.protocol.digest import digest
from commonweal.protocol.elements import read_elements
from commonweal.protocol.mappings import read_mappings
from commonweal.protocol.matching import read_matching
from commonweal.protocol.measurements import Measurements
from commonweal.protocol.pages import Page, read_glossary, read_pages
from commonweal.protocol.partners import Partners, PartnersFile
from commonweal.protocol.privacy import Privacy
from commonweal.protocol.program import Program
from commonweal.protocol.protocol import Protocol
from commonweal.protocol.quality import Quality
from commonweal.protocol.reading import read_toml
from commonweal.protocol.reference import ReferenceFile, ReferenceTable, read_table
from commonweal.protocol.reference_checks import table_problems
from commonweal.protocol.representation import Representation
from commonweal.protocol.results import Results
from commonweal.protocol.safety import Safety, read_safety
from commonweal.protocol.survey_checks import survey_checks
from commonweal.protocol.survey_settings import SurveysFile, read_settings, settled
from commonweal.protocol.surveys import Survey, read_survey
from commonweal.r4.mapping.extending import Extensions

M = TypeVar("M", bound=BaseModel)


def load(path: str | PathLike[str]) -> Protocol:
    """The program in a folder, read once in a process. BadInput names the first problem; `check` lists them all."""
    return _load(Path(path).resolve())


def current(path: str | PathLike[str]) -> Protocol:
    """The program as its folder is now: read again where it was changed since this process read it."""
    known = load(path)
    if digest(Path(path)) == known.digest:
        return known
    _load.cache_clear()
    return load(path)


@lru_cache(maxsize=16)
def _load(folder: Path) -> Protocol:
    protocol, problems = _read(folder)
    if protocol is None or problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BadInput(f"the protocol is not usable: {problems[0]}{more}; see `commonweal protocol check`")
    return protocol


def check(path: str | PathLike[str]) -> list[Problem]:
    """All that is wrong in a protocol folder, by file and line. BadInput when the folder is no protocol at all."""
    return _read(Path(path).resolve())[1]


def _read(folder: Path) -> tuple[Protocol | None, list[Problem]]:
    if not (folder / "program.toml").is_file():
        raise BadInput("this folder is no protocol: it has no program.toml; `commonweal init` makes one to start from")
    problems: list[Problem] = []
    program = read_toml(folder, "program.toml", Program, problems, ())
    if program is None:
        return None, problems
    program = read_toml(folder, "program.toml", Program, problems, program.languages) or program
    consents = _consents(folder, program, problems)
    surveys = _surveys(folder, program, problems)
    reference = _reference(folder, problems)
    pages, glossary = read_pages(folder, program, problems), read_glossary(folder, program.languages, problems)

    def part(name: str, model: type[M]) -> M | None:
        return read_toml(folder, f"{name}.toml", model, problems, program.languages)

    privacy = part("privacy", Privacy)
    rules = _rules(folder, program, surveys, problems)
    parts = Parts(
        folder=folder,
        program=program,
        consents=consents,
        partners=part("partners", PartnersFile),
        measurements=part("measurements", Measurements),
        biospecimens=part("biospecimens", Biospecimens),
        representation=part("representation", Representation),
        results=part("results", Results),
        matching=read_matching(folder, problems),
    )
    problems += crosschecks(parts)
    problems += compared_problems(folder, privacy, surveys)
    problems += area_problems(folder, privacy, reference)
    sites = Partners.of(parts.partners).sites if parts.partners else ()
    codes, elements = read_mappings(folder, sites, problems), read_elements(folder, sites, problems)
    quality = _quality(folder, program, problems)
    clinics = read_clinics(folder, parts.partners, problems)
    protocol = _whole(parts, privacy, surveys, rules, reference, pages, glossary, codes, elements, quality, clinics)
    return protocol, _sorted(problems)


def _whole(
    parts: Parts,
    privacy: Privacy | None,
    surveys: dict[str, Survey],
    rules: tuple[SurveysFile, Safety] | None,
    reference: dict[str, ReferenceTable],
    pages: dict[str, Page],
    glossary: dict[str, dict[str, str]],
    codes: LocalCodes,
    elements: Extensions,
    quality: Quality | None,
    clinics: Clinics,
) -> Protocol | None:
    if not (privacy and quality and parts.partners and parts.measurements and parts.biospecimens):
        return None
    if not (parts.representation and parts.results and parts.matching and rules):
        return None
    return Protocol(
        folder=parts.folder,
        digest=digest(parts.folder),
        program=parts.program,
        consents=parts.consents,
        surveys=surveys,
        survey_settings=settled(rules[0], surveys),
        instruments=rules[0].instruments,
        safety=rules[1],
        measurements=parts.measurements,
        biospecimens=parts.biospecimens,
        representation=parts.representation,
        privacy=privacy,
        results=parts.results,
        matching=parts.matching,
        partners=Partners.of(parts.partners),
        quality=quality,
        reference=reference,
        pages=pages,
        local_codes=codes,
        elements=elements,
        glossary=glossary,
        clinics=clinics,
    )


def _consents(folder: Path, program: Program, problems: list[Problem]) -> dict[str, ConsentModule]:
    modules: dict[str, ConsentModule] = {}
    for module_id in program.consents:
        file = read_toml(folder, f"consents/{module_id}/module.toml", ModuleFile, problems, program.languages)
        if file is not None:
            modules[module_id] = read_module(folder, module_id, file, program.languages, problems)
            problems += module_problems(folder, module_id, file, program.languages)
    return modules


def _surveys(folder: Path, program: Program, problems: list[Problem]) -> dict[str, Survey]:
    found = ((code, read_survey(folder, code, program.languages, problems)) for code in program.surveys)
    return {code: survey for code, survey in found if survey is not None}


def _rules(
    folder: Path, program: Program, surveys: dict[str, Survey], problems: list[Problem]
) -> tuple[SurveysFile, Safety] | None:
    """surveys.toml and safety.toml, seen together with the surveys."""
    settings = read_settings(folder, program.languages, problems)
    safety = read_safety(folder, program.languages, problems)
    if settings is None or safety is None:
        return None
    problems += survey_checks(folder, surveys, settings, safety, program.surveys)
    return settings, safety


def _quality(folder: Path, program: Program, problems: list[Problem]) -> Quality | None:
    """quality.toml; a program without one is held to what ships."""
    there = folder if (folder / "quality.toml").is_file() else DEFAULT
    return read_toml(there, "quality.toml", Quality, problems, program.languages if there == folder else ())


def _reference(folder: Path, problems: list[Problem]) -> dict[str, ReferenceTable]:
    if not (folder / "reference").is_dir():
        return {}
    file = read_toml(folder, "reference/reference.toml", ReferenceFile, problems, ())
    entries = file.tables if file else ()
    tables = {entry.kind: read_table(folder, entry, problems) for entry in entries}
    for entry in entries:
        problems += table_problems(entry.kind, f"reference/{entry.file}", tables[entry.kind].rows)
    return tables


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line))
