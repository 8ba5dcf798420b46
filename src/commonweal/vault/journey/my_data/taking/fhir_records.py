"""Health records as FHIR again, from the columns in which they are kept."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from commonweal.protocol import Protocol
from commonweal.vault.journey.my_data import health
from commonweal.vault.people.models import Participant

Row = dict[str, Any]
Resource = dict[str, Any]
UCUM = "http://unitsofmeasure.org"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLINICAL = {
    "Condition": "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "AllergyIntolerance": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
}
_VERIFIED = {
    "Condition": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "AllergyIntolerance": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
}
_CLINICAL_CODES = {"active", "recurrence", "relapse", "inactive", "remission", "resolved"}
_VERIFIED_CODES = {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"}
# Where a record says nothing of its status, or something that FHIR does not know there: the word for "not known".
_STATUS: dict[str, tuple[str, frozenset[str]]] = {
    "Observation": ("unknown", frozenset({"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"})),
    "Encounter": ("unknown", frozenset({"planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error"})),
    "Procedure": ("unknown", frozenset({"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error"})),
    "MedicationRequest": ("unknown", frozenset({"active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft"})),
    "MedicationStatement": ("unknown", frozenset({"active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "not-taken"})),
    "MedicationAdministration": ("unknown", frozenset({"in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped"})),
    "Immunization": ("completed", frozenset({"completed", "entered-in-error", "not-done"})),
    "ImagingStudy": ("unknown", frozenset({"registered", "available", "cancelled", "entered-in-error"})),
    "Device": ("unknown", frozenset({"active", "inactive", "entered-in-error"})),
    "DiagnosticReport": ("unknown", frozenset({"registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled", "entered-in-error"})),
    "MedicationDispense": ("unknown", frozenset({"preparation", "in-progress", "cancelled", "on-hold", "completed", "entered-in-error", "stopped", "declined"})),
    "Specimen": ("available", frozenset({"available", "unavailable", "unsatisfactory", "entered-in-error"})),
}  # fmt: skip
_INTENTS = {"proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"}


def resources(person: Participant, protocol: Protocol, me: Resource) -> Iterator[Resource]:
    """Every record held, those too that their source says are in error. A death, an insurance and a document of which no
    more than that it is there is known stand in the table of records alone."""
    rows = health.rows(person, void=True)
    rows.sort(key=lambda row: (row["site"] or "", row["resource_type"], row["resource_id"], row["part"]))
    for (site, kind, number), parts in groupby(rows, key=lambda r: (r["site"], r["resource_type"], r["resource_id"])):
        build = _BUILD.get(kind)
        if build is not None:
            zone = ZoneInfo(protocol.sites[site].timezone) if site in protocol.sites else None
            made = build(list(parts), me, _Clock(zone))
            yield {"id": str(uuid.uuid5(person.uuid, f"{site}/{kind}/{number}"))} | full({"resourceType": kind} | made)


class _Clock:
    """Times of a place: with its offset where we know the place's clock, else the day alone."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.zone = zone

    def __call__(self, moment: datetime | None) -> str | None:
        if moment is None:
            return None
        if self.zone is None or (moment.hour, moment.minute, moment.second) == (0, 0, 0):
            return moment.date().isoformat()
        return moment.replace(tzinfo=self.zone, microsecond=0).isoformat()


def _concept(row: Row) -> Resource | None:
    system, code, said = row["code_system"], row["code"], row["code_text"]
    coding = full(
        {"system": system, "code": " ".join(code.split()) if code else None, "display": said if code else None}
    )
    return full({"coding": [coding] if coding else [], "text": said}) or None


def _status(row: Row) -> str:
    unknown, known = _STATUS[row["resource_type"]]
    return row["status"] if row["status"] in known else unknown


def _period(row: Row, clock: _Clock) -> Resource:
    return full({"start": clock(row["start"]), "end": clock(row["end"])})


def _value(row: Row) -> Resource:
    if row["value_code"]:
        coding = full({"system": row["value_system"], "code": row["value_code"], "display": row["value_label"]})
        return {"valueCodeableConcept": full({"coding": [coding], "text": row["value_label"] or row["value_text"]})}
    if row["value_number"] is not None:
        sign = row["value_text"] if row["value_text"] in ("<", "<=", ">=", ">") else None
        quantity = {"value": row["value_number"], "comparator": sign, "unit": row["unit"]}
        return {"valueQuantity": full(quantity | ({"system": UCUM, "code": row["unit"]} if row["unit"] else {}))}
    return {"valueString": row["value_text"]} if row["value_text"] else {}


def _range(row: Row) -> list[Resource]:
    ends = {"low": row["reference_low"], "high": row["reference_high"]}
    found = {name: full({"value": end, "unit": row["unit"]}) for name, end in ends.items() if end is not None}
    told = full(found | {"text": row["reference_text"]})
    return [told] if told else []


def _observation(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    whole = parts[0]
    components = [
        full({"code": _concept(part) or {"text": "?"}, "referenceRange": _range(part)} | _value(part))
        for part in parts[1:]
    ]
    return {
        "status": _status(whole),
        "category": [{"text": whole["category"]}] if whole["category"] else [],
        "code": _concept(whole) or {"text": "?"},
        "subject": me,
        "effectiveDateTime": clock(whole["start"]),
        "interpretation": [{"text": whole["interpretation"]}] if whole["interpretation"] else [],
        "referenceRange": _range(whole),
        "component": components,
    } | _value(whole)


def _condition(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    return _verified(row) | {
        "category": [{"text": row["category"]}] if row["category"] else [],
        "code": _concept(row),
        "subject": me,
        "onsetDateTime": clock(row["start"]),
        "abatementDateTime": clock(row["end"]),
    }


def _allergy(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    return _verified(row) | {"code": _concept(row), "patient": me, "onsetDateTime": clock(row["start"])}


def _verified(row: Row) -> Resource:
    kind, status = row["resource_type"], row["status"]
    found: Resource = {}
    if status in _CLINICAL_CODES:
        found["clinicalStatus"] = {"coding": [{"system": _CLINICAL[kind], "code": status}]}
    if status in _VERIFIED_CODES:
        found["verificationStatus"] = {"coding": [{"system": _VERIFIED[kind], "code": status}]}
    return found


def _encounter(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    concept = _concept(row)
    kind = {"system": _ACT, "code": row["category"]} if row["category"] else {"display": "unknown"}
    period = _period(row, clock)
    return {
        "status": _status(row),
        "class": kind,
        "type": [concept] if concept else [],
        "subject": me,
        "period": period,
    }


def _procedure(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    return {"status": _status(row), "code": _concept(row), "subject": me, "performedPeriod": _period(row, clock)}


def _medication_request(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    intent = row["category"] if row["category"] in _INTENTS else "order"
    return {
        "status": _status(row),
        "intent": intent,
        "medicationCodeableConcept": _concept(row) or {"text": "?"},
        "subject": me,
        "authoredOn": clock(row["start"]),
    }


def _medication_taken(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    when = clock(row["start"])
    given = {"effectiveDateTime": when} if when else {"effectivePeriod": {"extension": [_UNKNOWN]}}
    concept = _concept(row) or {"text": "?"}
    return {"status": _status(row), "medicationCodeableConcept": concept, "subject": me} | given


def _immunization(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    when = clock(row["start"])
    given = {"occurrenceDateTime": when} if when else {"occurrenceString": "unknown"}
    return {"status": _status(row), "vaccineCode": _concept(row) or {"text": "?"}, "patient": me} | given


def _imaging(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    concept = _concept(row)
    return {
        "status": _status(row),
        "subject": me,
        "started": clock(row["start"]),
        "procedureCode": [concept] if concept else [],
    }


def _report(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    when = clock(row["start"])
    return {"status": _status(row), "code": _concept(row) or {"text": "?"}, "subject": me, "effectiveDateTime": when}


def _dispense(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    concept = _concept(row) or {"text": "?"}
    when = clock(row["start"])
    return {"status": _status(row), "medicationCodeableConcept": concept, "subject": me, "whenHandedOver": when}


def _specimen(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    row = parts[0]
    taken = full({"collectedDateTime": clock(row["start"])})
    return {"status": _status(row), "type": _concept(row), "subject": me, "collection": taken}


def _device(parts: list[Row], me: Resource, clock: _Clock) -> Resource:
    return {"status": _status(parts[0]), "type": _concept(parts[0]), "patient": me}


_UNKNOWN = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "unknown",
}
_BUILD = {
    "Observation": _observation,
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "Encounter": _encounter,
    "Procedure": _procedure,
    "MedicationRequest": _medication_request,
    "MedicationStatement": _medication_taken,
    "MedicationAdministration": _medication_taken,
    "Immunization": _immunization,
    "ImagingStudy": _imaging,
    "Device": _device,
    "DiagnosticReport": _report,
    "MedicationDispense": _dispense,
    "Specimen": _specimen,
}


def full(found: Resource) -> Resource:
    """Without what is empty, which FHIR does not allow."""
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}
