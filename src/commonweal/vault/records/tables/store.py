"""Where the tables of submissions in OMOP form lie: Parquet in the vault's store, one folder a submission.

records/tables/NUMBER/TABLE.parquet   columns of the model; person_id is the vault's number, all other keys the site's own
A submission replaces the site's earlier one as a whole; earlier ones stay, for what was known at an earlier moment. A
folder counts only when the submission that it is named by says so in the database.
"""

import shutil
import time
from datetime import datetime
from pathlib import Path

import duckdb

from commonweal.home import Home
from commonweal.omop import submission
from commonweal.vault.records.models import Submission
from commonweal.vault.records.store import TAKEN
from commonweal.vault.records.tables.engine import quote
from commonweal.vault.records.tables.forms import FORMAT
from commonweal.vault.records.tables.typed import TYPES

_WEEK = 7 * 86_400  # seconds


def folder_of(home: Home, number: int) -> Path:
    return _made(home.vault_store / "records" / "tables") / f"{number:08d}"


def working_path(home: Home, number: int) -> Path:
    """Where a submission is worked on; what runs left that nobody went on with for a week goes."""
    root = _made(home.vault_store / "records" / "tables" / ".work")
    mine = _made(root / f"{number:08d}")
    for path in root.iterdir():
        if path != mine and path.is_dir() and path.stat().st_mtime < time.time() - _WEEK:
            shutil.rmtree(path, ignore_errors=True)
    return mine


def _made(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def latest(site: str | None = None, known_at: datetime | None = None) -> dict[str, int]:
    """The submission that counts, by site: the last one received, until `known_at` if given."""
    found = Submission.objects.filter(state__in=TAKEN, format=FORMAT)
    found = found.filter(site=site) if site else found
    found = found.filter(received_time__lte=known_at) if known_at else found
    return dict(found.order_by("received_time", "id").values_list("site", "id"))


def current_tables(
    con: duckdb.DuckDBPyConnection, home: Home, site: str | None = None, known_at: datetime | None = None
) -> dict[str, str]:
    """Make a view on `con` for each table that is stored and answer table -> view, as the submissions of `latest` say.

    Columns of each: those of the model that are kept, then _site, _submission and _row (place in its file from 0), which
    together name a row for ever. A table that nobody sent is an empty view.
    """
    return views(con, home, latest(site, known_at))


def views(con: duckdb.DuckDBPyConnection, home: Home, submissions: dict[str, int]) -> dict[str, str]:
    """As `current_tables`, for the given submission of each site."""
    made = {}
    for name in submission.stored():
        made[name] = f"site_{name}"
        reads = [_nothing(name)]
        for site, number in sorted(submissions.items()):
            path = folder_of(home, number) / f"{name}.parquet"
            if path.exists():
                reads.append(_read(name, path, site, number))
        con.execute(f"CREATE OR REPLACE TEMP VIEW site_{name} AS {' UNION ALL BY NAME '.join(reads)}")
    return made


def _nothing(table: str) -> str:
    columns = [f"NULL::{TYPES[c.type]} AS {c.name}" for c in submission.tables()[table].kept]
    own = ["NULL::VARCHAR AS _site", "NULL::BIGINT AS _submission", "NULL::BIGINT AS _row"]
    return f"SELECT {', '.join(columns + own)} WHERE false"


def _read(table: str, path: Path, site: str, number: int) -> str:
    return (
        f"SELECT * EXCLUDE (file_row_number), {quote(site)} AS _site, {number}::BIGINT AS _submission,"
        f" file_row_number AS _row FROM read_parquet({quote(path)}, file_row_number = true)"
    )
