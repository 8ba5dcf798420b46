"""The facts as one FHIR R4 Bundle (collection), written resource by resource.

What FHIR has a resource for is that resource; every other fact is a Basic whose extensions are its columns, so that nothing
is missing. Minute by minute data are in the tables alone. Health records were kept as columns and are written from them.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import IO, Any

import orjson

from commonweal.protocol import Protocol
from commonweal.ui.context import current_protocol
from commonweal.vault.journey.my_data.taking import dictionary, fhir_records, fhir_wearables
from commonweal.vault.journey.my_data.taking.facts import Table
from commonweal.vault.journey.my_data.taking.fhir_records import full
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.models import SurveyResponse

Resource = dict[str, Any]
ELSEWHERE = ("survey_responses", "survey_answers", "health_records")  # tables whose facts are resources of their own
COLUMN = "urn:commonweal:column:"
TABLE = "urn:commonweal:table"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"


def write(out: IO[bytes], person: Participant, tables: Iterable[Table], step: Callable[[], None]) -> int:
    """The bundle; answers how many resources it holds."""
    count = 0
    out.write(b'{"resourceType":"Bundle","type":"collection","entry":[')
    for part in resources(person, tables):
        for resource in part:
            entry = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            out.write((b"," if count else b"") + orjson.dumps(entry))
            count += 1
        step()
    out.write(b"]}")
    return count


def resources(person: Participant, tables: Iterable[Table]) -> Iterator[Iterable[Resource]]:
    """All resources, in parts."""
    protocol, basic = current_protocol(), [table for table in tables if _is_basic(table)]
    me = {"reference": f"urn:uuid:{person.uuid}"}
    yield [patient(person)]
    yield _consents(person, protocol, me)
    yield _questionnaires(person)
    yield _responses(person)
    yield fhir_wearables.observations(person, me)
    yield fhir_records.resources(person, protocol, me)
    for table in basic:
        yield _basics(table, person, me)


def _is_basic(table: Table) -> bool:
    """Whether the rows of a table have no resource of their own; single minutes and days are in the tables alone."""
    return table.name not in ELSEWHERE and not table.name.startswith("wearable_")


def count_of_parts(tables: Iterable[Table]) -> int:
    """How many parts `resources` has."""
    return 6 + sum(map(_is_basic, tables))


def named(person: Participant, *parts: object) -> str:
    """A number of its own for what has none: always the same for the same thing."""
    return str(uuid.uuid5(person.uuid, "/".join(map(str, parts))))


def patient(person: Participant) -> Resource:
    found: Resource = {"resourceType": "Patient", "id": str(person.uuid)}
    found["identifier"] = [{"system": "urn:commonweal:participant", "value": person.participant_id}]
    profile = current_profile(person)
    if profile is None:
        return found
    found["name"] = [full({"family": profile.family_name, "given": [profile.given_name]})]
    found["gender"] = profile.sex_at_birth if profile.sex_at_birth in ("male", "female") else "unknown"
    found["birthDate"] = profile.birth_date.isoformat()
    telecom = [("email", profile.email), ("phone", profile.phone)]
    found["telecom"] = [{"system": system, "value": value} for system, value in telecom if value]
    lines = [profile.address_line] if profile.address_line else []
    place = {"line": lines, "city": profile.city, "state": profile.state, "postalCode": profile.zip}
    found["address"] = [full(place)] if full(place) else []
    found["communication"] = [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": profile.language}]}, "preferred": True}
    ]
    return full(found)


def _consents(person: Participant, protocol: Protocol, me: Resource) -> Iterator[Resource]:
    """Each answer as a Consent; its signed copy as a DocumentReference."""
    latest = set[str]()
    for answer in person.consent_answers.select_related("document").order_by("-event_time", "-id"):
        number = named(person, "consent", answer.pk)
        document = getattr(answer, "document", None)
        provision: Resource = {"type": "permit" if answer.answer == "yes" else "deny"}
        if answer.expires_at:
            provision["period"] = {"end": answer.expires_at.isoformat()}
        yield full(
            {
                "resourceType": "Consent",
                "id": number,
                "status": "active" if answer.module not in latest else "inactive",
                "scope": {"coding": [{"system": CONSENT_SCOPE, "code": "research"}]},
                "category": [{"text": answer.module}],
                "patient": me,
                "dateTime": answer.event_time.isoformat(),
                "policyRule": {
                    "text": f"{answer.module} {answer.version} ({answer.language}), sha256 {answer.content_sha256}"
                },
                "provision": provision | {"code": [{"text": scope} for scope in answer.scopes]},
                "sourceReference": {"reference": f"urn:uuid:{document.uuid}"} if document else None,
            }
        )
        latest.add(answer.module)
        if document:
            yield _document(document, me)


def _document(document: Any, me: Resource) -> Resource:
    place = {"contentType": "application/pdf", "url": f"consents/{document.uuid}.pdf", "size": document.size}
    return {
        "resourceType": "DocumentReference",
        "id": str(document.uuid),
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]},
        "subject": me,
        "content": [{"attachment": full(place)}],
    }


def _questionnaires(person: Participant) -> Iterator[Resource]:
    """Each form in each version that was answered."""
    answered = SurveyResponse.objects.filter(participant=person).values_list("questionnaire", "version")
    for code, version in answered.order_by("questionnaire", "version").distinct():
        survey = forms.find(code, version)
        if survey is not None:
            yield survey.document | {"id": named(person, "questionnaire", code, version)}


def _responses(person: Participant) -> Iterator[Resource]:
    """As they were given, but for the logical id, which is the number that our pages use."""
    for response in SurveyResponse.objects.filter(participant=person).order_by("event_time", "id").iterator():
        yield orjson.loads(response.document) | {"id": str(response.uuid)}


def _basics(table: Table, person: Participant, me: Resource) -> Iterator[Resource]:
    code = {"coding": [{"system": TABLE, "code": table.name}], "text": dictionary.of_table(table.name, "en")}
    for number, row in enumerate(table.read(), 1):
        cells = [_cell(name, value) for name, value in row.items() if value is not None and str(value).strip()]
        yield {
            "resourceType": "Basic",
            "id": named(person, table.name, number),
            "extension": cells,
            "code": code,
            "subject": me,
        }


def _cell(name: str, value: Any) -> Resource:
    kinds = {bool: "valueBoolean", int: "valueInteger", float: "valueDecimal", date: "valueDate"}
    kind = kinds.get(type(value), "valueString")
    if kind == "valueInteger" and abs(value) >= 2**31:
        kind = "valueDecimal"
    return {"url": COLUMN + name, kind: value if kind != "valueString" else str(value)}
