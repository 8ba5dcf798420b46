"""NDJSON of a clinic's laboratory as large as one likes: people, what was measured of them, and some that is of no use."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

SITE = "gulf-coast-houston"
PEOPLE = 5_000
TROUBLED = 100_000  # of so many lines one is cut off, and one is of a type that is not kept
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def born(number: int) -> date:
    return date(1930, 1, 1) + timedelta(days=number * 4)


def family(number: int) -> str:
    """A name unlike those of the neighbours."""
    mixed = number * 7919 % 26**4
    return "".join(_LETTERS[mixed // 26**place % 26] for place in range(4)).capitalize() + "ova"


def _patient(number: int) -> bytes:
    told = {
        "resourceType": "Patient", "id": f"p{number}", "birthDate": born(number).isoformat(), "gender": "female",
        "name": [{"family": family(number), "given": [f"Given{number}"]}],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": f"R{number}"}],
    }  # fmt: skip
    return json.dumps(told).encode()


_OBSERVATION = json.dumps(
    {
        "resourceType": "Observation", "id": "o%d", "meta": {"lastUpdated": "2024-05-02T07:59:59Z", "versionId": "1",
        "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]}, "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
        "code": "laboratory", "display": "Laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2339-0", "display": "Glucose [Mass/volume] in Blood"}],
        "text": "Glucose [Mass/volume] in Blood"}, "subject": {"reference": "Patient/p%d"},
        "encounter": {"reference": "Encounter/e%d"}, "effectiveDateTime": "20%02d-%02d-%02dT10:%02d:00Z",
        "issued": "2024-05-02T07:59:59Z", "performer": [{"reference": "Organization/7f1b", "display": "The laboratory"}],
        "valueQuantity": {"value": "NUMBER", "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        "interpretation": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        "code": "N", "display": "Normal"}]}], "referenceRange": [{"low": {"value": 65, "unit": "mg/dL"},
        "high": {"value": 99, "unit": "mg/dL"}, "text": "65 to 99"}],
    }
).replace('"NUMBER"', "%d.%d").encode()  # fmt: skip
_CONDITION = json.dumps(
    {
        "resourceType": "Condition", "id": "c%d", "clinicalStatus": {"coding": [{"code": "active",
        "system": "http://terminology.hl7.org/CodeSystem/condition-clinical"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes type 2"}]},
        "subject": {"reference": "Patient/p%d"}, "onsetDateTime": "20%02d-%02d-%02d",
    }
).encode()  # fmt: skip
_CLAIM = b'{"resourceType": "Claim", "id": "x%d", "patient": {"reference": "Patient/p%d"}}'


def _resource(n: int) -> bytes:
    person, year, month, day = 1 + n % PEOPLE, n // 336 % 24, 1 + n // 28 % 12, 1 + n % 28
    if n % 8 == 0:
        return _CONDITION % (n, person, year, month, day)
    return _OBSERVATION % (n, person, n // 9, year, month, day, n % 60, 50 + n % 97, n % 10)


def lines(size: int) -> Iterator[bytes]:
    """Lines of together `size` bytes: all people first; then their records."""
    for number in range(1, PEOPLE + 1):
        size -= len(line := _patient(number)) + 1
        yield line
    n = 0
    while size > 0:
        n += 1
        line = _resource(n)
        if n % TROUBLED == 1:
            yield _CLAIM % (n, 1 + n % PEOPLE)
            yield line[:-20]
        else:
            yield line
        size -= len(line) + 1


def write(file, size: int) -> dict[str, int]:
    """Write that much; returns how many lines are good and to be kept, of no use, and broken."""
    total = troubled = 0
    for line in lines(size):
        file.write(line + b"\n")
        total += 1
        troubled += line.startswith(_CLAIM[:22])
    return {"accepted": total - PEOPLE - 2 * troubled, "kept_out": PEOPLE + troubled, "rejected": troubled}


def enrol_all() -> None:
    import django

    django.setup()
    sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))
    from enrolled import Person, enrol

    everybody = (Person(f"Given{n}", family(n), born(n), f"R{n}") for n in range(1, PEOPLE + 1))
    enrol(list(everybody), SITE, datetime(2026, 1, 1, tzinfo=UTC))


if __name__ == "__main__":
    enrol_all()
