"""REDCap data dictionaries (CSV) among the files of an import: a form of each instrument, and what was not carried over."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from commonweal.errors import BadInput
from commonweal.r4 import redcap
from commonweal.vault.surveys.importing.lines import Line

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

LARGEST = 16 * 1024 * 1024  # bytes


def is_one(path: Path) -> bool:
    """Whether the file says by its name that it is a dictionary."""
    return path.suffix.casefold() == ".csv"


def read(path: Path, protocol: "Protocol") -> Iterator[Line]:
    """Its forms, as R4 Questionnaires in the language that the program names first; then each problem at its row."""
    try:
        raw = path.read_bytes()[: LARGEST + 1]
    except OSError as error:
        raise BadInput(f"the file cannot be read: {error.strerror or 'an error of the disk'}") from None
    if len(raw) > LARGEST:
        yield Line(0, b"", f"a data dictionary of more than {LARGEST // 2**20} MB")
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Line(0, b"", "not UTF-8: save the dictionary as UTF-8")
        return
    made, problems = redcap.questionnaires(text, base_url=own_address(protocol), language=protocol.languages[0])
    for place, form in enumerate(made, 1):
        yield Line(place, orjson.dumps(form))
    for problem in problems:
        yield Line(problem.row, problem.field.encode(), problem.message)


def own_address(protocol: "Protocol") -> str:
    """The address under which the program's own forms have theirs."""
    for survey in protocol.surveys.values():
        parts = urlsplit(survey.questionnaire.url or "")
        if parts.scheme and parts.netloc:
            return f"{parts.scheme}://{parts.netloc}"
    return f"urn:x-commonweal:{protocol.name}"
