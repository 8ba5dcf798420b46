"""From a folder to a Protocol, or to a list of what is wrong with it."""

from functools import lru_cache
from os import PathLike
from pathlib import Path

from commonweal.errors import BadInput
from commonweal.protocol.base import Problem
from commonweal.protocol.biospecimens import Biospecimens
from commonweal.protocol.consents import ConsentModule, ModuleFile, read_module
from commonweal.protocol.crosschecks import crosschecks
from commonweal.protocol.digest import digest
from commonweal.protocol.measurements import Measurements
from commonweal.protocol.partners import Partners, PartnersFile
from commonweal.protocol.privacy import Privacy
from commonweal.protocol.program import Program
from commonweal.protocol.protocol import Protocol
from commonweal.protocol.reading import read_toml
from commonweal.protocol.reference import ReferenceFile, ReferenceTable, read_table
from commonweal.protocol.representation import Representation
from commonweal.protocol.results import Results
from commonweal.protocol.surveys import Survey, read_survey

_FILES = {
    "measurements": Measurements,
    "biospecimens": Biospecimens,
    "representation": Representation,
    "privacy": Privacy,
    "results": Results,
    "partners": PartnersFile,
}


def load(path: str | PathLike[str]) -> Protocol:
    """The program in a folder, read once in a process. BadInput names the first problem; `check` lists them all."""
    return _load(Path(path).resolve())


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
    languages = program.languages
    program = read_toml(folder, "program.toml", Program, problems, languages) or program
    parts = {
        name: read_toml(folder, f"{name}.toml", model, problems, languages)  # type: ignore[type-var]
        for name, model in _FILES.items()
    }
    consents = _consents(folder, program, problems)
    surveys = _surveys(folder, program, problems)
    reference = _reference(folder, problems)
    if any(part is None for part in parts.values()):
        return None, _sorted(problems)
    partners = parts.pop("partners")
    protocol = Protocol(
        folder=folder,
        digest=digest(folder),
        program=program,
        consents=consents,
        surveys=surveys,
        reference=reference,
        partners=Partners.of(partners),  # type: ignore[arg-type]
        **parts,  # type: ignore[arg-type]
    )
    problems += crosschecks(protocol, partners)  # type: ignore[arg-type]
    return protocol, _sorted(problems)


def _consents(folder: Path, program: Program, problems: list[Problem]) -> dict[str, ConsentModule]:
    modules: dict[str, ConsentModule] = {}
    for module_id in program.consents:
        file = read_toml(folder, f"consents/{module_id}/module.toml", ModuleFile, problems, program.languages)
        if file is not None:
            modules[module_id] = read_module(folder, module_id, file, program.languages, problems)
    return modules


def _surveys(folder: Path, program: Program, problems: list[Problem]) -> dict[str, Survey]:
    found = ((code, read_survey(folder, code, program.languages, problems)) for code in program.surveys)
    return {code: survey for code, survey in found if survey is not None}


def _reference(folder: Path, problems: list[Problem]) -> dict[str, ReferenceTable]:
    if not (folder / "reference").is_dir():
        return {}
    file = read_toml(folder, "reference/reference.toml", ReferenceFile, problems, ())
    return {entry.kind: read_table(folder, entry, problems) for entry in file.tables} if file else {}


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line))
