"""Whose each archive is: by a participant file, by the participant given, or by the name of the folder or file.

Participant file (CSV, UTF-8, header row): `participant_id,path`, an archive a row, the path beside the file itself; or
`participant_id,account`, an account of a study's files a row. Without one, an archive is named by the participant's
address (the UUID), with or without an ending; a folder may hold several such.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from commonweal.errors import BadInput
from commonweal.vault.people.models import Participant


@dataclass(frozen=True)
class Given:
    """One archive to take in; `person` is None where nobody is known by what was given."""

    path: Path
    person: Participant | None


def accounts_in(file: Path) -> dict[str, int] | None:
    """Account -> vault id, of a participant file of accounts; None where it is one of paths. Raises BadInput."""
    rows = _rows(file)
    if "account" not in rows[0]:
        return None
    known = _by_id([row["participant_id"] for row in rows])
    return {row["account"].strip(): known[one] for row in rows if (one := row["participant_id"].strip()) in known}


def given(paths: list[Path], *, participant: str = "", file: Path | None = None) -> Iterator[Given]:
    """The archives, each with its person. Raises BadInput where a path is not there, or none of the file's is given."""
    for number, path in enumerate(paths, start=1):
        if not path.exists():
            raise BadInput(f"path {number} is not there: give exported archives, or folders of them")
    if file is not None:
        yield from _of_file(paths, file)
    elif participant:
        person = Participant.objects.filter(participant_id=participant).first()
        if person is None:
            raise BadInput("--participant: nobody has this id")
        yield from (Given(path, person) for path in paths)
    else:
        yield from (Given(one, _by_address(one)) for path in paths for one in _archives(path))


def _of_file(paths: list[Path], file: Path) -> Iterator[Given]:
    rows = _rows(file)
    known = _by_id([row["participant_id"] for row in rows])
    roots = [path.resolve() for path in paths]
    mine = [(place, row, (file.parent / row["path"]).resolve()) for place, row in enumerate(rows, start=2)]
    mine = [one for one in mine if any(one[2] == root or one[2].is_relative_to(root) for root in roots)]
    if not mine:
        raise BadInput("--participant-file: none of its paths lies in what was given to import")
    for place, _, path in mine:  # before the first is taken
        if not path.exists():
            raise BadInput(f"--participant-file, line {place}: there is no such archive")
    for _, row, path in mine:
        number = known.get(row["participant_id"].strip())
        yield Given(path, Participant.objects.get(pk=number) if number else None)


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with open(file, encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BadInput("--participant-file: cannot be read as CSV in UTF-8") from None
    if not rows or "participant_id" not in rows[0] or not {"path", "account"} & set(rows[0]):
        raise BadInput("--participant-file: needs the columns participant_id and path, or participant_id and account")
    if any(None in row or None in row.values() for row in rows):
        raise BadInput("--participant-file: has a row with too few or too many cells")
    return rows


def _by_id(ids: list[str]) -> dict[str, int]:
    wanted = {one.strip() for one in ids}
    found: dict[str, int] = {}
    listed = sorted(wanted)
    for start in range(0, len(listed), 500):
        some = Participant.objects.filter(participant_id__in=listed[start : start + 500])
        found.update(some.values_list("participant_id", "pk"))
    return found


def _archives(path: Path) -> list[Path]:
    """A folder that is not itself named by an address may hold archives that are."""
    if path.is_dir() and _address(path) is None:
        named = [one for one in sorted(path.iterdir()) if _address(one)]
        return named or [path]
    return [path]


def _address(path: Path) -> UUID | None:
    try:
        return UUID(path.name.split(".")[0])
    except ValueError:
        return None


def _by_address(path: Path) -> Participant | None:
    address = _address(path)
    return Participant.objects.filter(uuid=address).first() if address else None
