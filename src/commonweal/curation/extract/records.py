"""Health records -> OMOP: the events that the gate lets through, mapped as `omop.mapping` declares.

Resources that the source calls entered in error, not done or cancelled are left out and counted. Notes and coverage are
mapped for the vault's own use alone: no tier has a rule for them, so they are not extracted.
"""

from typing import TYPE_CHECKING

import duckdb

from commonweal import protocol as protocols
from commonweal.curation.extract.moment import Moment
from commonweal.home import Home
from commonweal.omop import mapping

if TYPE_CHECKING:
    from commonweal.cli.console import Console

KEPT_OUT = ("note", "payer_plan_period")
_EVENTS = """
CREATE OR REPLACE TEMP VIEW events AS
SELECT e.* FROM {view} e JOIN gate g ON g.person_id = e.participant AND g.ehr
WHERE coalesce(e.start, TIMESTAMP '1900-01-01') < TIMESTAMP '{cutoff_end}'
"""


def load_records(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, console: "Console") -> dict[str, int]:
    """Make the raw clinical tables (views over tables of the mapping, which must stay); returns figures (events, left out, without a standard concept)."""
    _load_events(con, home, moment)
    codes = protocols.load(home.protocol).local_codes
    with console.progress("Mapping health records", mapping.STEPS) as step:
        mapped = mapping.map_events(
            con, "events", local=codes, as_of=moment.cutoff, prefix="mapped_", advance=step.advance
        )
    for table, view in mapped.items():
        if table == "observation":
            con.execute(f"INSERT INTO raw_observation BY NAME FROM {view}")
        elif table not in KEPT_OUT:
            con.execute(f"CREATE OR REPLACE TEMP VIEW raw_{table} AS FROM {view}")
    return mapping.figures(con)


def _load_events(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment) -> None:
    from commonweal.vault.records import store

    end = moment.cutoff_end.strftime("%Y-%m-%d %H:%M:%S")
    view = store.current_events(con, home, known_at=moment.known_at)
    con.execute(_EVENTS.format(view=view, cutoff_end=end))
