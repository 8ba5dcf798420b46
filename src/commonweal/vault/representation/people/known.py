"""What is known of many people beside their answers: who and where they are, by which invitation they came, who has left."""

from collections.abc import Callable, Collection
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from commonweal.vault.consent.models import Deactivation, Decease, Withdrawal
from commonweal.vault.consent.population import granted_at, population_grants
from commonweal.vault.consent.rules import PARTICIPATE
from commonweal.vault.people.models import Arrival, Pairing, Participant, Profile
from commonweal.vault.scan import Wanted, scan

SURVEYS = "surveys"
_LATEST = {
    "profiles": (
        Profile,
        ("participant_id", "id", "authored_time", "birth_date", "sex_at_birth", "state", "zip", "language"),
    ),
    "pairings": (Pairing, ("participant_id", "id", "authored_time", "site", "organisation", "awardee")),
    "arrivals": (Arrival, ("participant_id", "id", "authored_time", "invitation_id")),
    "withdrawals": (Withdrawal, ("participant_id", "event_time")),
    "deactivations": (Deactivation, ("participant_id", "id", "event_time", "supersedes_id")),
    "deceases": (Decease, ("participant_id", "id", "event_time", "supersedes_id")),
}


def load_known(con: duckdb.DuckDBPyConnection, people: Collection[int] | None, now: datetime) -> None:
    """Make a table of each of the above on `con`, and `tests` (participant_id) of made-up people; moments are naive UTC."""
    among = "true" if people is None else f"participant_id IN ({', '.join(str(int(one)) for one in people)})"
    wanted = {name: Wanted(model, names, among, "participant_id") for name, (model, names) in _LATEST.items()}
    made: set[str] = set()
    scan(wanted, _adding(con, made))
    tests = list(Participant.objects.filter(is_test=True).values_list("pk", flat=True))
    _table(con, "tests", pa.table({"participant_id": pa.array(tests, pa.int64())}))
    _table(con, "granted", _granted(people, now))


def _adding(con: duckdb.DuckDBPyConnection, made: set[str]) -> Callable[[str, pa.Table], None]:
    def take(name: str, rows: pa.Table) -> None:
        con.register("incoming", plain(rows))
        con.execute(f"INSERT INTO {name} FROM incoming" if name in made else f"CREATE TABLE {name} AS FROM incoming")
        con.unregister("incoming")
        made.add(name)

    return take


def plain(rows: pa.Table) -> pa.Table:
    """Moments without their zone, which is UTC."""
    kinds = [f.with_type(pa.timestamp("us")) if pa.types.is_timestamp(f.type) else f for f in rows.schema]
    return rows.cast(pa.schema(kinds))


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("incoming", rows)
    con.execute(f"CREATE TABLE {name} AS FROM incoming")
    con.unregister("incoming")


def _granted(people: Collection[int] | None, now: datetime) -> pa.Table:
    """participant_id, scope: who takes part now, and whose answers may be used."""
    known = timezone.now()
    if people is None:
        found = population_grants(now, known, wanted=lambda scope: scope in (PARTICIPATE, SURVEYS))
        return found.rename_columns(["participant_id", "scope"])
    listed = pa.array(sorted(people), pa.int64())
    moments = pa.table({"participant": listed, "at": pa.array([now] * len(listed), pa.timestamp("us", tz="UTC"))})
    parts = []
    for scope in (PARTICIPATE, SURVEYS):
        yes = listed.filter(pc.fill_null(granted_at(moments, scope, known).combine_chunks(), False))
        parts.append(pa.table({"participant_id": yes, "scope": pa.array([scope] * len(yes), pa.string())}))
    return pa.concat_tables(parts)
