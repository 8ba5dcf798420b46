"""How many health records of each kind the vault holds about one participant."""

from dataclasses import dataclass
from datetime import date

import duckdb
from django.conf import settings

from commonweal.vault.people.models import Participant
from commonweal.vault.records import store
from commonweal.vault.records.kinds import KINDS


@dataclass(frozen=True)
class Kind:
    """A kind of record (FHIR resource type), its plain name, how many, and the first and last day they are about."""

    code: str
    name: object
    count: int
    first: date | None
    last: date | None


def records(person: Participant) -> list[Kind]:
    """Kinds of records held about `person`, most frequent first; none where no record has come in."""
    folder = store.events_path(settings.COMMONWEAL_HOME)
    if not any(folder.rglob("*.parquet")):
        return []
    with duckdb.connect() as con:
        view = store.current_events(con, settings.COMMONWEAL_HOME)
        rows = con.execute(
            f'SELECT resource_type, count(DISTINCT resource_id), min("start")::DATE, max("start")::DATE FROM {view}'
            " WHERE participant = ? GROUP BY 1 ORDER BY 2 DESC, 1",
            [person.pk],
        ).fetchall()
    return [Kind(code, KINDS.get(code, code), count, first, last) for code, count, first, last in rows]


def sites(person: Participant) -> list[str]:
    """Ids of the sites that sent records of `person`."""
    with duckdb.connect() as con:
        view = store.current_events(con, settings.COMMONWEAL_HOME)
        rows = con.execute(f"SELECT DISTINCT site FROM {view} WHERE participant = ? ORDER BY 1", [person.pk]).fetchall()
    return [site for (site,) in rows if site]
