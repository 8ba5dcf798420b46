"""Daily summaries of devices as FHIR Observations. A day that the person left out is `entered-in-error`; no wear, no row."""

import uuid
from collections.abc import Iterator
from typing import Any

from commonweal.ui.series import GIVEN, OUT
from commonweal.vault.journey.my_data import days
from commonweal.vault.people.models import Participant

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
# (kind, value) -> LOINC code, its name, unit and UCUM code
CODES: dict[tuple[str, str], tuple[str, str, str, str]] = {
    (days.ACTIVITY, "steps"): ("41950-7", "Number of steps in 24 hour Measured", "steps/day", "/d"),
    (days.ACTIVITY, "active"): ("55411-3", "Exercise duration", "minutes", "min"),
    (days.SLEEP, "asleep"): ("93832-4", "Sleep duration", "minutes", "min"),
    (days.SLEEP, "deep"): ("93831-6", "Deep sleep duration", "minutes", "min"),
    (days.SLEEP, "light"): ("93830-8", "Light sleep duration", "minutes", "min"),
    (days.SLEEP, "rem"): ("93829-0", "REM sleep duration", "minutes", "min"),
    (days.HEART, "resting"): ("40443-4", "Heart rate --resting", "beats/minute", "/min"),
    (days.HEART, "low"): ("8883-1", "Heart rate 24 hour minimum", "beats/minute", "/min"),
    (days.HEART, "high"): ("8873-2", "Heart rate 24 hour maximum", "beats/minute", "/min"),
}
CATEGORY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "activity"}


def observations(person: Participant, me: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One for each value of each day."""
    for kind, held in days.held(person).items():
        for day in days.read(person, kind, held.first, held.last):
            for name, value in day.values.items():
                if (kind, name) in CODES and value is not None and day.state in (GIVEN, OUT):
                    yield _observation(person, me, kind, name, day, float(value))


def _observation(
    person: Participant, me: dict[str, Any], kind: str, name: str, day: days.Day, value: float
) -> dict[str, Any]:
    code, display, unit, ucum = CODES[kind, name]
    return {
        "resourceType": "Observation",
        "id": str(uuid.uuid5(person.uuid, f"wearable/{kind}/{name}/{day.day}")),
        "status": "entered-in-error" if day.state == OUT else "final",
        "category": [{"coding": [CATEGORY]}],
        "code": {"coding": [{"system": LOINC, "code": code, "display": display}]},
        "subject": me,
        "effectiveDateTime": day.day.isoformat(),
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": ucum},
    }
