"""How many health records of each kind the vault holds about one participant."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from commonweal import duck
from commonweal.vault.people.models import Participant
from commonweal.vault.records import store
from commonweal.vault.records.kinds import KINDS
from commonweal.vault.records.tables import held


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
    found: dict[str, list[tuple[int, date | None, date | None]]] = {}
    for code, *told in _events(person):
        found.setdefault(code, []).append(tuple(told))  # type: ignore[arg-type]
    for one in held.about(settings.COMMONWEAL_HOME, person.pk):
        found.setdefault(one.kind, []).append((one.count, one.first, one.last))
    kinds = [_kind(code, told) for code, told in found.items()]
    return sorted(kinds, key=lambda kind: (-kind.count, kind.code))


def _kind(code: str, told: list[tuple[int, date | None, date | None]]) -> Kind:
    days = [day for _, *both in told for day in both if day]
    count = sum(one[0] for one in told)
    return Kind(code, KINDS.get(code, code), count, min(days, default=None), max(days, default=None))


def _events(person: Participant) -> list[tuple[str, int, date | None, date | None]]:
    """What came as FHIR: kind, how many, first and last day."""
    with duck.passing() as con:
        view = store.current_events(con, settings.COMMONWEAL_HOME, people=[person.pk])
        return con.execute(
            'SELECT resource_type, count(DISTINCT resource_id), min("start")::DATE, max("start")::DATE'
            f" FROM {view} GROUP BY 1"
        ).fetchall()


def sites(person: Participant) -> list[str]:
    """Ids of the sites that sent records of `person`."""
    with duck.passing() as con:
        view = store.current_events(con, settings.COMMONWEAL_HOME, people=[person.pk])
        rows = con.execute(f"SELECT DISTINCT site FROM {view}").fetchall()
    tables = {one.site for one in held.about(settings.COMMONWEAL_HOME, person.pk)}
    return sorted({site for (site,) in rows if site} | tables)
