"""One FHIR R4 resource as rows of EVENT_SCHEMA: pure, one function for each resource type that the mapping uses.

What is read: Encounter, Condition, Procedure, MedicationRequest, MedicationStatement, MedicationAdministration,
Immunization, Observation (with its components), AllergyIntolerance, ImagingStudy, Device and the death of a Patient.
DiagnosticReport is kept out: its results stand in Observations of their own. Claims, care plans, goals, documents and
what describes no person (Organization, Practitioner, Location, …) are no health events and are kept out as well.
Resources entered in error, or that say that something was not done, are read: their status tells, and is kept.
"""

from collections.abc import Callable, Mapping
from typing import Any

from commonweal.omop.fhir_systems import preference
from commonweal.r4.patients import reference_id
from commonweal.r4.times import local_time

Resource = Mapping[str, Any]
Row = dict[str, Any]

NEGATING = frozenset({"entered-in-error", "refuted"})
LONGEST = 300  # characters of a source's own words


class ReadingFault(ValueError):
    """A resource of a type that is read, but that cannot be: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def events_of(resource: Resource, medications: Mapping[str, Resource] | None = None) -> list[Row]:
    """The rows of one resource, keyed by column (absent means null), without participant, site, submission, position.

    `medications`: Medication resources by logical id, for requests that refer to one; contained ones are found as well.
    Returns an empty list for a type that is not used and for a Patient who has not died. Raises ReadingFault with code
    no_id, bad_time or malformed.
    """
    read = READERS.get(resource.get("resourceType", ""))
    if read is None:
        return []
    if not isinstance(resource.get("id"), str) or not resource["id"]:
        raise ReadingFault("no_id")
    try:
        rows = read(resource, medications or {})
    except (AttributeError, TypeError, KeyError, IndexError) as error:
        raise ReadingFault("malformed") from error
    except (ValueError, OverflowError) as error:
        raise ReadingFault("bad_time") from error
    for part, row in enumerate(rows):
        row["resource_type"], row["resource_id"], row["part"] = resource["resourceType"], resource["id"], part
    return rows


def coding_of(concept: Any) -> tuple[str | None, str | None]:
    """(system, code) of a CodeableConcept: the first coding in the order in which the mapping prefers systems."""
    codings = [c for c in (concept or {}).get("coding", ()) if c.get("code")]
    if not codings:
        return None, None
    best = codings[0] if len(codings) == 1 else min(codings, key=lambda c: preference(c.get("system")))
    return _text(best.get("system")), _text(best["code"])


def words_of(concept: Any) -> str | None:
    """What the source calls a CodeableConcept: its text, else the first display of its codings."""
    concept = concept or {}
    said = concept.get("text") or next((c["display"] for c in concept.get("coding", ()) if c.get("display")), None)
    return said.strip()[:LONGEST] or None if isinstance(said, str) else None


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a code or text is expected")
    return value


def _code(value: Any) -> str | None:
    """The code of a CodeableConcept, of the first of several, or of a plain code."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else coding_of(first or None)[1]


def _base(resource: Resource, concept: Any, *, status: Any, start: Any, end: Any = None, category: Any = None) -> Row:
    system, code = coding_of(concept)
    encounter = resource.get("encounter") or resource.get("context")
    return {
        "encounter_id": reference_id(encounter),
        "status": _text(status),
        "category": category,
        "code_system": system,
        "code": code,
        "code_text": words_of(concept),
        "start": local_time(start),
        "end": local_time(end),
    }


def _span(resource: Resource, stem: str) -> tuple[str | None, str | None]:
    """Start and end of a choice element such as performedDateTime | performedPeriod."""
    period = resource.get(f"{stem}Period") or {}
    moment = resource.get(f"{stem}DateTime") or resource.get(f"{stem}Instant")
    return moment or period.get("start"), period.get("end")


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is expected")
    return float(value)


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or abs(number) > 1e9 else int(number)


def _verified_status(resource: Resource) -> str | None:
    """Clinical status, unless the verification says that it is not so."""
    verification = _code(resource.get("verificationStatus"))
    return verification if verification in NEGATING else _code(resource.get("clinicalStatus")) or verification


def _encounter(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    period = resource.get("period") or {}
    kind = (resource.get("type") or [{}])[0]
    row = _base(resource, kind, status=resource.get("status"), start=period.get("start"), end=period.get("end"))
    row["category"] = _text((resource.get("class") or {}).get("code"))
    row["encounter_id"] = resource["id"]
    return [row]


def _condition(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    start, _end = _span(resource, "onset")
    abated, abated_end = _span(resource, "abatement")
    return [
        _base(
            resource,
            resource.get("code"),
            status=_verified_status(resource),
            start=start or resource.get("recordedDate"),
            end=abated or abated_end,
            category=_code(resource.get("category")),
        )
    ]


def _procedure(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    start, end = _span(resource, "performed")
    category = _code(resource.get("category"))
    return [
        _base(resource, resource.get("code"), status=resource.get("status"), start=start, end=end, category=category)
    ]


def _medication(resource: Resource, medications: Mapping[str, Resource]) -> Any:
    """The CodeableConcept of what was prescribed or taken: named here, contained, or in a Medication of its own."""
    if "medicationCodeableConcept" in resource:
        return resource["medicationCodeableConcept"]
    reference = (resource.get("medicationReference") or {}).get("reference") or ""
    if reference.startswith("#"):
        inside = {c.get("id"): c for c in resource.get("contained") or ()}
        return inside.get(reference[1:], {}).get("code")
    return medications.get(reference_id({"reference": reference}) or "", {}).get("code")


def _medication_request(resource: Resource, medications: Mapping[str, Resource]) -> list[Row]:
    concept = _medication(resource, medications)
    row = _base(resource, concept, status=resource.get("status"), start=resource.get("authoredOn"))
    row["category"] = _text(resource.get("intent"))
    if resource.get("doNotPerform") is True:
        row["status"] = "not-done"
    dispense = resource.get("dispenseRequest") or {}
    supply = dispense.get("expectedSupplyDuration") or {}
    row["end"] = local_time((dispense.get("validityPeriod") or {}).get("end"))
    row["quantity"] = _number((dispense.get("quantity") or {}).get("value"))
    row["refills"] = _whole(dispense.get("numberOfRepeatsAllowed"))
    days = {"d": 1, "wk": 7, "mo": 30, "a": 365}.get(supply.get("code") or supply.get("unit") or "d")
    row["days_supply"] = _whole(supply["value"] * days) if days and supply.get("value") is not None else None
    return [row]


def _medication_statement(resource: Resource, medications: Mapping[str, Resource]) -> list[Row]:
    start, end = _span(resource, "effective")
    concept = _medication(resource, medications)
    row = _base(resource, concept, status=resource.get("status"), start=start or resource.get("dateAsserted"), end=end)
    row["category"] = _code(resource.get("category"))
    return [row]


def _medication_administration(resource: Resource, medications: Mapping[str, Resource]) -> list[Row]:
    start, end = _span(resource, "effective")
    row = _base(resource, _medication(resource, medications), status=resource.get("status"), start=start, end=end)
    dose = (resource.get("dosage") or {}).get("dose") or {}
    row["category"], row["quantity"] = _code(resource.get("category")), _number(dose.get("value"))
    row["unit"] = _text(dose.get("code") or dose.get("unit"))
    return [row]


def _immunization(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    dose = resource.get("doseQuantity") or {}
    start = resource.get("occurrenceDateTime")
    row = _base(resource, resource.get("vaccineCode"), status=resource.get("status"), start=start)
    row["quantity"], row["unit"] = _number(dose.get("value")), _text(dose.get("code") or dose.get("unit"))
    return [row]


def _observation(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    start, end = _span(resource, "effective")
    category = _code(resource.get("category"))
    whole = _base(
        resource,
        resource.get("code"),
        status=resource.get("status"),
        start=start or resource.get("issued"),
        end=end,
        category=category,
    )
    rows = [whole | _value(resource) | _range(resource)]
    for component in resource.get("component") or ():
        concept = component.get("code")
        system, code = coding_of(concept)
        named = {"code_system": system, "code": code, "code_text": words_of(concept)}
        rows.append(whole | named | _value(component) | _range(component))
    return rows


def _range(holder: Mapping[str, Any]) -> Row:
    """The normal range that the source gives beside the value, if one only, and what it says of the value.

    Several ranges (by age, by sex) are not chosen from. A range in another unit than the value's is left out.
    """
    row: Row = {"interpretation": _code(holder.get("interpretation"))}
    ranges = [r for r in holder.get("referenceRange") or () if (_code(r.get("type")) or "normal") == "normal"]
    if len(ranges) != 1:
        return row
    low, high = ranges[0].get("low") or {}, ranges[0].get("high") or {}
    unit = _unit(holder.get("valueQuantity") or {})
    if all(_unit(end) in (None, unit) for end in (low, high)):
        row["reference_low"], row["reference_high"] = _number(low.get("value")), _number(high.get("value"))
    text = ranges[0].get("text")
    row["reference_text"] = text.strip()[:LONGEST] or None if isinstance(text, str) else None
    return row


def _unit(quantity: Mapping[str, Any]) -> str | None:
    return _text(quantity.get("code") or quantity.get("unit"))


def _value(holder: Mapping[str, Any]) -> Row:
    """The value of an Observation or of one component. `<5` keeps its sign in value_text and 5 in value_number."""
    if (quantity := holder.get("valueQuantity")) is not None:
        sign = _text(quantity.get("comparator"))
        return {
            "value_number": _number(quantity.get("value")),
            "unit": _text(quantity.get("code") or quantity.get("unit")),
            "value_text": sign,
        }
    if (concept := holder.get("valueCodeableConcept")) is not None:
        system, code = coding_of(concept)
        text = _text(concept.get("text"))
        return {"value_system": system, "value_code": code, "value_text": text, "value_label": words_of(concept)}
    for name in ("valueString", "valueDateTime", "valueTime"):
        if holder.get(name) is not None:
            return {"value_text": _text(holder[name])}
    if holder.get("valueInteger") is not None:
        return {"value_number": _number(holder["valueInteger"])}
    if holder.get("valueBoolean") is not None:
        return {"value_text": "true" if holder["valueBoolean"] else "false"}
    return {}


def _allergy(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    start, _end = _span(resource, "onset")
    start = start or resource.get("recordedDate")
    category = _code(resource.get("category"))
    return [_base(resource, resource.get("code"), status=_verified_status(resource), start=start, category=category)]


def _imaging(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    """By its procedure code where there is one, else by the kind of device of its first series (DICOM modality)."""
    named = (resource.get("procedureCode") or [None])[0]
    modalities = resource.get("modality") or [s.get("modality") for s in resource.get("series") or ()]
    concept = named or {"coding": [m for m in modalities if m][:1]}
    return [_base(resource, concept, status=resource.get("status"), start=resource.get("started"))]


def _device(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    """A Device does not say since when it has been used: its row has no start."""
    return [_base(resource, resource.get("type"), status=resource.get("status"), start=None)]


def _patient(resource: Resource, _: Mapping[str, Resource]) -> list[Row]:
    """The death of the patient, dated where the record dates it; no row for the living."""
    at = resource.get("deceasedDateTime")
    if at is None and resource.get("deceasedBoolean") is not True:
        return []
    return [{"status": "deceased", "start": local_time(at)}]


READERS: dict[str, Callable[[Resource, Mapping[str, Resource]], list[Row]]] = {
    "Encounter": _encounter,
    "Condition": _condition,
    "Procedure": _procedure,
    "MedicationRequest": _medication_request,
    "MedicationStatement": _medication_statement,
    "MedicationAdministration": _medication_administration,
    "Immunization": _immunization,
    "Observation": _observation,
    "AllergyIntolerance": _allergy,
    "ImagingStudy": _imaging,
    "Device": _device,
    "Patient": _patient,
}
USED = frozenset(READERS)
