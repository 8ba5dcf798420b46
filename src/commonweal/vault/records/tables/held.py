"""What tables of sites hold about one person, in the words of the other records: kinds of resources of FHIR."""

from dataclasses import dataclass
from datetime import date

from commonweal import duck
from commonweal.home import Home
from commonweal.omop import submission
from commonweal.vault.records.tables import store

KINDS = {
    "visit_occurrence": "Encounter",
    "condition_occurrence": "Condition",
    "drug_exposure": "MedicationStatement",
    "procedure_occurrence": "Procedure",
    "device_exposure": "Device",
    "measurement": "Observation",
    "observation": "Observation",
    "specimen": "Specimen",
    "note": "DocumentReference",
    "payer_plan_period": "Coverage",
}


@dataclass(frozen=True)
class Held:
    """Rows of one site of one kind, and the first and last day they are about."""

    site: str
    kind: str
    count: int
    first: date
    last: date


def about(home: Home, participant: int) -> list[Held]:
    """What the submissions that count hold about a person (vault id), by site and kind."""
    latest = store.latest()
    if not latest:
        return []
    with duck.passing() as con:
        views = store.views(con, home, latest)
        days = {table: submission.tables()[table].start for table in KINDS}
        rows = " UNION ALL ".join(
            f"SELECT _site AS site, '{kind}' AS kind, {days[table].name} AS day FROM {views[table]}"  # type: ignore[union-attr]
            f" WHERE person_id = {int(participant)}"
            for table, kind in KINDS.items()
        )
        query = f"SELECT site, kind, count(*), min(day), max(day) FROM ({rows}) GROUP BY ALL ORDER BY ALL"
        return [Held(*row) for row in con.execute(query).fetchall()]
