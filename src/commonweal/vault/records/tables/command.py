"""The part of `records import` for folders of OMOP tables: which paths are such, and one report of all of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.vault.records import reports
from commonweal.vault.records.tables.actions import KEYS, take
from commonweal.vault.records.tables.folder import is_submission

if TYPE_CHECKING:
    from commonweal.cli.console import Console

NAME = "omop-csv"  # of the format; Parquet is meant too


def table_folders(paths: Sequence[Path], format: str) -> list[Path]:
    """The paths, where they are folders of OMOP tables; else an empty list. Raises BadInput where only some are."""
    if format not in ("auto", NAME):
        return []
    found = [path for path in paths if is_submission(path)]
    if len(found) < len(paths) and (found or format == NAME):
        number = next(n for n, path in enumerate(paths, start=1) if path not in found)
        raise BadInput(f"path {number} is not a folder of OMOP tables: it has no person.csv and no person.parquet")
    return found


def import_tables(
    folders: Sequence[Path], *, site: str, home: Home, console: "Console", source: str | None = None
) -> dict[str, Any]:
    """Take in each folder as one submission of `site`; the last one given is what counts from now on.

    Returns {"accepted", "unchanged", "rejected", "unmatched", "kept_out", "submissions", "report", "unit": "rows"}.
    Raises BadInput where nothing could be taken.
    """
    told = []
    with console.progress("OMOP tables") as step:
        for path in folders:
            told.append(take(home, path, site, sender=source or "import", advance=step.advance))
    totals = {key: sum(one["counts"].get(key, 0) for one in told) for key in (*KEYS, "kept_out")}
    report = reports.write(home, site, told, totals)
    if all(one["state"] == "refused" for one in told):
        raise BadInput(f"nothing could be taken; folder 1: {told[0]['broken']}; what was wrong: {report}")
    return totals | {"submissions": len(told), "report": str(report), "unit": "rows"}
