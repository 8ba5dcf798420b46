"""What the vault already holds from a site of the people of a submission, and what of the submission is new to it.

A resource is unchanged when every row that we would keep of it is as it was. A changed one replaces all its earlier
parts. Where a submission names a resource twice, the version that its source changed last counts, else the later place.
"""

from contextlib import ExitStack

import duckdb

from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.records import store

MEMORY = "320MB"  # beyond it DuckDB uses the working folder
FEW = 500  # people whose files are looked for one by one
TOGETHER = 500_000  # resources that are put in order at a time: more of them do not fit
KEY = "participant, resource_type, resource_id"
_APART = ("participant", "site", "submission", "position", "updated")  # change without the resource being another
_KEPT = ", ".join(f'"{f.name}"' for f in EVENT_SCHEMA if f.name not in _APART)
COLUMNS = ", ".join(f'"{f.name}"' for f in EVENT_SCHEMA)


class Ledger:
    """One site's resources while a command runs: of the people who were asked for, kept up with each submission."""

    def __init__(self, home: Home, site: str) -> None:
        self.home, self.site = home, site
        self.con = duckdb.connect()
        self._open = ExitStack()
        self._spill = self._open.enter_context(store.spilling(home))
        folder = str(self._spill).replace("'", "''")
        self.con.execute(
            f"SET enable_progress_bar = false; SET temp_directory = '{folder}'; SET memory_limit = '{MEMORY}'"
        )
        self._begin()

    def _begin(self) -> None:
        """Forget what is known, and take the submissions that count now as what there is."""
        self._counting = store.taken(self.site)
        view = store.current_events(self.con, self.home, self.site)
        self.con.execute("CREATE OR REPLACE TEMP TABLE asked (participant BIGINT)")
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE known AS {_contents(view)} LIMIT 0")

    def close(self) -> None:
        self.con.close()
        self._open.close()

    def compare(self) -> None:
        """Make the table `compared`: for each place of a resource in the view `staged` its status and reason."""
        if store.taken(self.site) != self._counting:  # another process was here
            self._begin()
        con = self.con
        con.execute(f"""CREATE OR REPLACE TEMP TABLE arrived AS
            SELECT *, row_number() OVER (PARTITION BY {KEY} ORDER BY updated DESC NULLS LAST, position DESC) = 1 AS last
            FROM ({_contents("staged", "position")})""")
        self._ask()
        con.execute(f"""CREATE OR REPLACE TEMP TABLE compared AS
            SELECT a.* EXCLUDE (last), k.submission AS known_in,
                CASE WHEN NOT a.last OR k.content = a.content OR k.updated > a.updated THEN 'unchanged'
                    ELSE 'accepted' END AS status,
                CASE WHEN NOT a.last THEN 'named_again_later'
                    WHEN k.content <> a.content AND k.updated > a.updated THEN 'older_version' END AS reason
            FROM arrived AS a LEFT JOIN known AS k USING ({KEY})""")

    def _ask(self) -> None:
        """Read what is held of the people who have not been asked for yet."""
        con = self.con
        con.execute("""CREATE OR REPLACE TEMP TABLE fresh AS SELECT DISTINCT participant FROM arrived
            WHERE participant NOT IN (SELECT participant FROM asked)""")
        span = con.execute("SELECT min(participant), max(participant), count(*) FROM fresh").fetchone()
        low, high, count = span or (None, None, 0)
        if low is None:
            return
        few = [one for (one,) in con.execute("FROM fresh ORDER BY 1").fetchall()] if count <= FEW else None
        view = store.current_events(con, self.home, self.site, people=few or range(low, high + 1))  # as files lie now
        within = f"(SELECT * FROM {view} WHERE participant IN (SELECT participant FROM fresh))"
        con.execute(f"INSERT INTO known {_contents(within)}")
        con.execute("INSERT INTO asked FROM fresh")

    def count(self, status: str) -> int:
        (found,) = self.con.execute("SELECT count(*) FROM compared WHERE status = ?", [status]).fetchone() or (0,)
        return int(found)

    def write(self, submission: int) -> None:
        """Put the accepted rows, and what they replace, in place under the number of the submission."""
        name = store.file_name(submission)
        columns = COLUMNS.replace('"submission"', f'{submission}::BIGINT AS "submission"')
        pieces = [
            f"""SELECT {columns} FROM staged SEMI JOIN (SELECT {KEY}, position FROM compared
                WHERE status = 'accepted' AND {people}) USING ({KEY}, position) WHERE {people}
            ORDER BY participant, resource_type, "start", resource_id, part"""
            for people in self._people()
        ]
        store.copy_pieces(self.con, pieces, self._spill, store.events_path(self.home) / name)
        replaced = f"""SELECT known_in AS submission, {KEY} FROM compared
            WHERE status = 'accepted' AND known_in IS NOT NULL"""
        if self.con.execute(f"SELECT 1 FROM ({replaced}) LIMIT 1").fetchone():
            store.copy_to(self.con, f"{replaced} ORDER BY ALL", store.superseded_path(self.home) / name)

    def _people(self) -> list[str]:
        """Conditions on participants, in order: each holds for some of whom TOGETHER resources were accepted; at least one."""
        ranges = self.con.execute(f"""SELECT min(participant), max(participant) FROM (
                SELECT participant, (sum(count(*)) OVER (ORDER BY participant) - 1) // {TOGETHER} AS piece
                FROM compared WHERE status = 'accepted' GROUP BY participant)
            GROUP BY piece ORDER BY 1""").fetchall()
        return [f"participant BETWEEN {low} AND {high}" for low, high in ranges] or ["false"]

    def keep(self, submission: int) -> None:
        """The submission counts from now on: later ones are compared with it."""
        self._counting = sorted({*self._counting, submission})
        for people in self._people():
            self.con.execute(f"""DELETE FROM known WHERE {people} AND ({KEY}) IN
                (SELECT ({KEY}) FROM compared WHERE status = 'accepted' AND {people})""")
        self.con.execute(f"""INSERT INTO known SELECT {KEY}, {submission} AS submission, updated, content
            FROM compared WHERE status = 'accepted'""")


def _contents(view: str, place: str = "submission") -> str:
    """One row a resource (and place): when its source changed it, and a fingerprint over all its parts in any order."""
    return f"""SELECT {KEY}, {place}, max(updated) AS updated, bit_xor(hash({_KEPT})) AS content
        FROM {view} GROUP BY {KEY}, {place}"""
