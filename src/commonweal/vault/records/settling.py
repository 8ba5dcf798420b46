"""What is new in a submission, compared with what the vault already holds from that site, set by set.

A resource is unchanged when every row that we would keep of it is as it was. A changed one replaces all its earlier
parts. Where a submission names a resource twice, its later place counts.
"""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.home import Home
from commonweal.omop import vocabulary
from commonweal.omop.fhir_systems import FHIR_SYSTEMS
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.records import store

MEMORY = "1GB"  # beyond it DuckDB uses the working folder
KEY = "participant, resource_type, resource_id"
_PLACE = ("participant", "site", "submission", "position")
_KEPT = ", ".join(f'"{f.name}"' for f in EVENT_SCHEMA if f.name not in _PLACE)
COLUMNS = ", ".join(f'"{f.name}"' for f in EVENT_SCHEMA)


class Ledger:
    """What is known of one site's resources while a command runs: read once, then kept up with each submission.

    `people`: only participants from the first to the second number matter, which is all that is read.
    """

    def __init__(self, home: Home, site: str, people: tuple[int, int] | None = None) -> None:
        self.home, self.site = home, site
        self._vocabulary = False
        self.con = duckdb.connect()
        folder = str(store.working_path(home)).replace("'", "''")
        self.con.execute(
            f"SET enable_progress_bar = false; SET temp_directory = '{folder}'; SET memory_limit = '{MEMORY}'"
        )
        view = store.current_events(self.con, home, site)
        within = f"(SELECT * FROM {view} WHERE participant BETWEEN {people[0]} AND {people[1]})" if people else view
        self.con.execute(f"CREATE TEMP TABLE known AS {_contents(within)}")

    def close(self) -> None:
        self.con.close()

    def compare(self, events: pa.Table | Path) -> None:
        """Make the table `compared`: for each place of a resource in `events` its status and reason."""
        con = self.con
        if isinstance(events, Path):
            path = str(events).replace("'", "''")
            con.execute(f"CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM read_parquet('{path}')")
        else:
            con.register("staged_arrow", events)
            con.execute("CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM staged_arrow")
        con.execute(f"""CREATE OR REPLACE TEMP TABLE arrived AS
            SELECT *, row_number() OVER (PARTITION BY {KEY} ORDER BY position DESC) = 1 AS last
            FROM ({_contents("staged", "position")})""")
        con.execute(f"""CREATE OR REPLACE TEMP TABLE compared AS
            SELECT a.*, k.submission AS known_in, CASE
                WHEN NOT a.last THEN 'unchanged'
                WHEN k.content = a.content THEN 'unchanged'
                ELSE 'accepted' END AS status,
                CASE WHEN NOT a.last THEN 'named_again_later' END AS reason
            FROM arrived AS a LEFT JOIN known AS k USING ({KEY})""")

    def count(self, status: str) -> int:
        (found,) = self.con.execute("SELECT count(*) FROM compared WHERE status = ?", [status]).fetchone() or (0,)
        return int(found)

    def write(self, submission: int) -> None:
        """Put the accepted rows, and what they replace, in place under the number of the submission."""
        name = store.file_name(submission)
        accepted = f"SELECT {KEY}, position FROM compared WHERE status = 'accepted'"
        columns = COLUMNS.replace('"submission"', f'{submission}::BIGINT AS "submission"')
        store.copy_to(
            self.con,
            f"""SELECT {columns} FROM staged SEMI JOIN ({accepted}) USING ({KEY}, position)
            ORDER BY participant, resource_type, "start", resource_id, part""",
            store.events_path(self.home) / name,
        )
        replaced = f"""SELECT known_in AS submission, {KEY} FROM compared
            WHERE status = 'accepted' AND known_in IS NOT NULL"""
        if self.con.execute(f"SELECT 1 FROM ({replaced}) LIMIT 1").fetchone():
            store.copy_to(self.con, replaced, store.superseded_path(self.home) / name)

    def write_journal(self, journal: Path, submission: int) -> None:
        """Put the journal in place: what was read as accepted gets the status that the comparison found."""
        path = str(journal).replace("'", "''")
        store.copy_to(
            self.con,
            f"""SELECT j.position, j.resource_type, j.resource_digest,
                coalesce(c.status, j.status) AS status, coalesce(c.reason, j.reason) AS reason
            FROM read_parquet('{path}') AS j LEFT JOIN compared AS c USING (position) ORDER BY position""",
            store.journal_path(self.home) / store.file_name(submission),
        )

    def unmapped(self, home: Home) -> list[dict[str, Any]]:
        """The commonest codes of what was just taken that the vocabulary does not know: system, code, count."""
        con = self.con
        if not self._vocabulary:
            with vocabulary.connect(home) as other:
                known = other.execute("SELECT vocabulary_id, concept_code FROM concept").to_arrow_table()
            con.register("concept_codes", known)
            con.execute("CREATE TEMP TABLE known_code AS SELECT DISTINCT * FROM concept_codes")
            con.execute("CREATE TEMP TABLE system (uri VARCHAR, vocabulary_id VARCHAR)")
            con.executemany("INSERT INTO system VALUES (?, ?)", list(FHIR_SYSTEMS.items()))
            self._vocabulary = True
        rows = con.execute("""SELECT code_system, code, count(*) FROM staged AS e
            LEFT JOIN system AS s ON s.uri = e.code_system
            LEFT JOIN known_code AS k ON k.vocabulary_id = s.vocabulary_id AND k.concept_code = e.code
            WHERE e.code IS NOT NULL AND k.concept_code IS NULL
            GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 50""").fetchall()
        return [{"system": system, "code": code, "rows": count} for system, code, count in rows]

    def keep(self, submission: int) -> None:
        """The submission counts from now on: later ones are compared with it."""
        self.con.execute(f"DELETE FROM known WHERE ({KEY}) IN (SELECT ({KEY}) FROM compared WHERE status = 'accepted')")
        self.con.execute(f"""INSERT INTO known SELECT {KEY}, {submission} AS submission, content
            FROM compared WHERE status = 'accepted'""")


def _contents(view: str, place: str = "submission") -> str:
    """One row a resource (and place): a fingerprint over all its parts, whatever their order."""
    return f"""SELECT {KEY}, {place}, bit_xor(hash({_KEPT})) AS content
        FROM {view} GROUP BY {KEY}, {place}"""
