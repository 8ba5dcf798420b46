"""`records import`: health records of a site into the vault, one submission a Bundle file, or a folder of NDJSON files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.vault.people.models import Participant
from commonweal.vault.records import reports
from commonweal.vault.records.importing import Importing
from commonweal.vault.records.parcels import parcels
from commonweal.vault.records.tables.command import import_tables, table_folders

if TYPE_CHECKING:
    from commonweal.cli.console import Console

TOTALS = ("accepted", "unchanged", "rejected", "unmatched", "kept_out")


def import_files(
    paths: Sequence[Path],
    *,
    site: str,
    format: str = "auto",
    home: Home,
    console: "Console",
    source: str | None = None,
    holders: Sequence[Participant] | None = None,
) -> dict[str, Any]:
    """Take in FHIR R4 records of `site`: Bundles or NDJSON, plain or gzip; a folder of NDJSON files is one submission.

    `holders`: where people gave what their clinic holds of them, whose each of `paths` is; all of it is one submission
    then, a Patient is its holder or nobody, and `site` is the clinic's id, with which nobody has to be paired.

    Folders of tables in OMOP form go their own way (`tables.command`), and are counted in rows.

    Returns {"accepted", "unchanged", "rejected", "unmatched", "kept_out", "submissions", "report"} in resources; the
    report is a data-quality file that only its owner can read. Each submission is taken whole or not at all; one that
    was interrupted and is given again within a day goes on where it was. Raises BadInput for a path that is not there
    and where nothing given can be read.
    """
    if holders is None and (tables := table_folders(paths, format)):
        return import_tables(tables, site=site, home=home, console=console, source=source)
    given = list(parcels(paths, format, holders))
    importing = Importing(home, site, source or "import")
    try:
        with console.progress("Health records") as step:
            told = [importing.take(parcel, step.advance) for parcel in given]
    finally:
        importing.close()
    if all(entry["state"] == "refused" and entry.get("broken") for entry in told):
        raise BadInput(f"nothing could be taken; file 1: {told[0]['broken']}")
    totals = {key: sum(entry["counts"].get(key, 0) for entry in told) for key in TOTALS}
    report = reports.write(home, site, told, totals)
    return totals | {"submissions": len(told), "report": str(report)}
