"""What health records say of a person, read from the shared records: results over time, diagnoses, medicines, vaccinations.

Everything stands as the source wrote it, ranges and units too: nothing is judged here that the record does not judge.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from commonweal import duck
from commonweal.omop import vocabulary
from commonweal.omop.fhir_systems import FHIR_SYSTEMS
from commonweal.vault.journey.my_data import names
from commonweal.vault.people.models import Participant
from commonweal.vault.records import store
from commonweal.vault.records.tables import events

VOID = ("entered-in-error", "not-done", "cancelled", "refuted")
LISTED: dict[str, tuple[Any, tuple[str, ...]]] = {  # page -> its name, and the resource types on it
    "diagnoses": (_("Diagnoses"), ("Condition",)),
    "medicines": (
        _("Medicines"),
        ("MedicationRequest", "MedicationDispense", "MedicationStatement", "MedicationAdministration"),
    ),
    "vaccinations": (_("Vaccinations"), ("Immunization",)),
    "allergies": (_("Allergies"), ("AllergyIntolerance",)),
    "visits": (
        _("Visits and procedures"),
        ("Encounter", "Procedure", "ImagingStudy", "DiagnosticReport", "Device", "Specimen"),
    ),
}
MOST = 200  # entries of a list on one page; the files to take away have all
_COLUMNS = (
    'resource_type, code_system, code, code_text, status, category, "start", "end", value_number, value_system, value_code,'
    " value_text, value_label, unit, reference_low, reference_high, reference_text, interpretation, site, part,"
    " resource_id"
)


@dataclass(frozen=True)
class Reading:
    """One result. `number` in the measure's unit; `text` where it is no number; `low`, `high`: the range on the record."""

    when: datetime | None
    number: float | None
    text: str
    low: float | None
    high: float | None
    range_text: str
    flag: str
    site: str

    @property
    def place(self) -> str:
        """below | within | above the range on the record; empty where there is none, or where `<5` is all that is told."""
        if self.number is None or self.text or (self.low is None and self.high is None):
            return ""
        if self.low is not None and self.number < self.low:
            return "below"
        return "above" if self.high is not None and self.number > self.high else "within"


@dataclass
class Measure:
    """One kind of result in one unit, its readings oldest first. `key` names it in an address."""

    key: str
    name: str
    unit: str
    category: str
    readings: list[Reading] = field(default_factory=list)

    @property
    def latest(self) -> Reading:
        return self.readings[-1]

    @property
    def numbers(self) -> list[Reading]:
        return [one for one in self.readings if one.number is not None]


@dataclass
class Entry:
    """One diagnosis, medicine, …: how often it stands in the records, from the first day to the last."""

    name: str
    first: date | None
    last: date | None
    count: int
    status: str
    sites: tuple[str, ...]


Row = dict[str, Any]


def rows(person: Participant, kinds: Iterable[str] = (), *, void: bool = False) -> list[Row]:
    """The events of these resource types (all, where none is named), oldest first.

    `void`: also what the source says was entered in error, was not done or does not hold.
    """
    with duck.passing() as con:
        home = settings.COMMONWEAL_HOME
        held = f"SELECT {_COLUMNS} FROM {store.current_events(con, home, people=[person.pk])}"
        if tables := events.of(con, home, person.pk):
            held += f" UNION ALL SELECT {_COLUMNS} FROM ({tables})"
        wanted = "(len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], resource_type))"
        con.execute(
            f"""SELECT * FROM ({held}) WHERE {wanted}
            AND (status IS NULL OR NOT list_contains($void::VARCHAR[], status)) ORDER BY "start" NULLS FIRST, resource_id, part""",
            {"kinds": list(kinds), "void": [] if void else list(VOID)},
        )
        found = con.description or ()
        return [dict(zip([column[0] for column in found], row, strict=True)) for row in con.fetchall()]


def known_names(found: Iterable[Row]) -> dict[tuple[str, str], str]:
    """What the vocabulary calls the codes that neither we nor the source have words for: (system, code) -> name."""
    wanted = {
        (row[system], row[code])
        for row in found
        for system, code, said in (("code_system", "code", "code_text"), ("value_system", "value_code", "value_label"))
        if row[code] and not row[said] and row[code] not in names.PLAIN
    }
    if not wanted:
        return {}
    ids = {FHIR_SYSTEMS[system] for system, _code in wanted if system in FHIR_SYSTEMS}
    with duck.passing() as con:
        vocabulary.attach(con, settings.COMMONWEAL_HOME, ("concept",))
        told = con.execute(
            "SELECT vocabulary_id, concept_code, concept_name FROM concept WHERE vocabulary_id IN (SELECT unnest($v))"
            " AND concept_code IN (SELECT unnest($c))",
            {"v": sorted(ids), "c": sorted({code for _system, code in wanted})},
        ).fetchall()
    by_code = {(vocabulary_id, code): name for vocabulary_id, code, name in told}
    return {(s, c): by_code[FHIR_SYSTEMS.get(s), c] for s, c in wanted if (FHIR_SYSTEMS.get(s), c) in by_code}


def key_of(system: str | None, code: str | None, unit: str | None) -> str:
    """A short name for an address, which does not say what was measured."""
    return hashlib.sha256(f"{system}|{code}|{unit}".encode()).hexdigest()[:16]


def measures(person: Participant) -> list[Measure]:
    """All kinds of results, those with the newest reading first. A panel is told by its parts."""
    found = [row for row in rows(person, ("Observation",)) if _tells(row)]
    told = known_names(found)
    by_key: dict[str, Measure] = {}
    for row in found:
        key = key_of(row["code_system"], row["code"], row["unit"])
        if key not in by_key:
            name = names.plain(
                row["code_system"], row["code"], row["code_text"], told.get((row["code_system"], row["code"]))
            )
            by_key[key] = Measure(key, name, names.unit(row["unit"]), row["category"] or "")
        by_key[key].readings.append(_reading(row, told))
    return sorted(by_key.values(), key=lambda one: (one.latest.when or datetime.min, one.name), reverse=True)


def _tells(row: Row) -> bool:
    return bool(row["code"]) and any(row[c] is not None for c in ("value_number", "value_text", "value_code"))


def _reading(row: Row, told: dict[tuple[str, str], str]) -> Reading:
    said = row["value_text"] or ""
    if row["value_code"] is not None:
        coded = (row["value_system"], row["value_code"])
        said = row["value_label"] or said or told.get(coded) or row["value_code"]
    return Reading(
        row["start"],
        row["value_number"],
        said,
        row["reference_low"],
        row["reference_high"],
        row["reference_text"] or "",
        row["interpretation"] or "",
        row["site"] or "",
    )


def entries(person: Participant, page: str) -> list[Entry]:
    """The entries of one list, those seen last first."""
    found = [row for row in rows(person, LISTED[page][1]) if row["part"] == 0 and row["code"]]
    told = known_names(found)
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        name = names.plain(
            row["code_system"], row["code"], row["code_text"], told.get((row["code_system"], row["code"]))
        )
        grouped[name].append(row)
    made = [_entry(name, group) for name, group in grouped.items()]
    return sorted(made, key=lambda one: (one.last or date.min, one.name), reverse=True)


def _entry(name: str, group: list[Row]) -> Entry:
    days = [row["start"].date() for row in group if row["start"]]
    sites = tuple(sorted({row["site"] for row in group if row["site"]}))
    status = group[-1]["status"] or ""
    if status == "active" and group[-1]["end"] is not None:
        status = "resolved"
    return Entry(name, min(days, default=None), max(days, default=None), len(group), status, sites)
