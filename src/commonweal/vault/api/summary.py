"""One flat row for each participant, in the names of the field's participant summary (Raw Data Repository).

Only what this program holds is there; absent fields are absent, never null placeholders for what cannot be known.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Count

from commonweal.protocol import ConsentModule, Protocol
from commonweal.r4.questionnaire import answers_of
from commonweal.vault.api import demographics
from commonweal.vault.consent import leaving_rules
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, DeceaseReport, Withdrawal
from commonweal.vault.consent.statuses import QuestionnaireStatus, questionnaire_status
from commonweal.vault.fact import Fact
from commonweal.vault.journey import status
from commonweal.vault.people.facts import age_on
from commonweal.vault.people.models import Change, Pairing, Participant, PatientStatus, Profile
from commonweal.vault.people.pairing import levels_of
from commonweal.vault.surveys.current import counted
from commonweal.vault.surveys.models import SurveyResponse

Row = dict[str, Any]


@dataclass
class Facts:
    """What is known of one person, each list in the order in which things were said."""

    profiles: list[Profile] = field(default_factory=list)
    pairings: list[Pairing] = field(default_factory=list)
    answers: list[ConsentAnswer] = field(default_factory=list)
    surveys: list[SurveyResponse] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    deactivations: list[Deactivation] = field(default_factory=list)
    deceases: list[Decease] = field(default_factory=list)
    reports: list[DeceaseReport] = field(default_factory=list)
    patient: list[PatientStatus] = field(default_factory=list)
    changes: int = 0


_SOURCES: tuple[tuple[str, type[Fact]], ...] = (
    ("profiles", Profile),
    ("pairings", Pairing),
    ("answers", ConsentAnswer),
    ("surveys", SurveyResponse),
    ("withdrawals", Withdrawal),
    ("deactivations", Deactivation),
    ("deceases", Decease),
    ("patient", PatientStatus),
)


def summaries(people: Sequence[Participant], protocol: Protocol, now: datetime) -> list[Row]:
    """A row for each, in the given order; a few queries for all of them together, and a few for the status of each."""
    known = _facts([one.pk for one in people])
    return [_row(one, known[one.pk], protocol, now) for one in people]


def _facts(ids: list[int]) -> dict[int, Facts]:
    """The version is counted before the facts are read: whoever then writes under it has seen all that it counts."""
    known: dict[int, Facts] = defaultdict(Facts)
    numbers = Change.objects.filter(participant__in=ids).values_list("participant").annotate(Count("id"))
    for participant, changes in numbers:
        known[participant].changes = changes
    for name, model in _SOURCES:
        kept = counted(participant__in=ids) if model is SurveyResponse else model.objects.filter(participant__in=ids)
        for fact in kept.order_by("authored_time", "id"):
            getattr(known[fact.participant_id], name).append(fact)
    for report in DeceaseReport.objects.filter(participant__in=ids).order_by("reported_at"):
        known[report.participant_id].reports.append(report)
    return known


def _row(person: Participant, facts: Facts, protocol: Protocol, now: datetime) -> Row:
    row: Row = {
        **_identity(person, facts, protocol, now),
        **_consents(facts, protocol),
        **_surveys(facts, protocol),
        **_status(person, now),
        **_leaving(facts),
    }
    left = facts.withdrawals[0] if facts.withdrawals else None
    seen = leaving_rules.visible_fields(leaving_rules.State(left, frozenset(row)), now)
    return {"id": person.uuid, "version": 1 + facts.changes} | {name: row[name] for name in row if name in seen}


def _identity(person: Participant, facts: Facts, protocol: Protocol, now: datetime) -> Row:
    levels = levels_of(facts.pairings[-1] if facts.pairings else None, protocol)
    enrolled_at = next((pairing.site for pairing in facts.pairings if pairing.site), "")
    row: Row = {
        "participantId": person.participant_id,
        "biobankId": person.biobank_id,
        "externalId": person.external_id or "",
        "participantOrigin": person.origin,
        "signUpTime": person.registered_at,
        "hpoId": levels.awardee or "UNSET",
        "organization": levels.organisation or "UNSET",
        "site": levels.site or "UNSET",
        "enrollmentSite": enrolled_at or "UNSET",  # the first one, for ever
        "patientStatus": {one.organisation: one.status for one in facts.patient},
    }
    if not facts.profiles:
        return row
    told = facts.profiles[-1]
    return row | {
        "firstName": told.given_name,
        "lastName": told.family_name,
        "dateOfBirth": told.birth_date,
        "ageRange": demographics.age_range(age_on(told.birth_date, now.date())),
        "primaryLanguage": told.language,
        "email": told.email,
        "phoneNumber": told.phone,
        "streetAddress": told.address_line,
        "city": told.city,
        "state": told.state,
        "zipCode": told.zip,
    }


def _field(module: ConsentModule) -> str:
    """The summary's name of a module, by what it grants; a module of the program's own by its id."""
    if "participate" in module.scopes:
        return "consentForStudyEnrollment"
    if "ehr" in module.scopes:
        return "consentForElectronicHealthRecords"
    if any(scope.startswith("return:") for scope in module.scopes):
        return "consentForGenomicsROR"
    named = {"cabor": "CABoR", "wearables": "DigitalHealthSharing"}
    return f"consentFor{named.get(module.id, module.id.title().replace('-', '').replace('_', ''))}"


def _consents(facts: Facts, protocol: Protocol) -> Row:
    row: Row = {}
    for module in protocol.consents.values():
        given = [answer for answer in facts.answers if answer.module == module.id]
        said = [answer for answer in given if answer.answer != ConsentAnswer.LATER]
        latest = said[-1] if said else None
        name = _field(module)
        row[name] = questionnaire_status(latest.answer if latest else None).name
        if latest:
            yes = [answer.authored_time for answer in said if answer.answer == ConsentAnswer.YES]
            row |= {f"{name}Time": latest.received_time, f"{name}Authored": latest.authored_time}
            row |= {f"{name}FirstYesAuthored": yes[0]} if yes else {}
            row |= {f"{name}Expires": latest.expires_at} if latest.expires_at else {}
            row[f"{name}Version"] = latest.version
    return row


def _surveys(facts: Facts, protocol: Protocol) -> Row:
    first: dict[str, SurveyResponse] = {}
    for response in facts.surveys:
        first.setdefault(response.questionnaire, response)
    row: Row = {}
    for code in protocol.surveys:
        done = first.get(code)
        row[f"questionnaireOn{code}"] = (QuestionnaireStatus.SUBMITTED if done else QuestionnaireStatus.UNSET).name
        if done:
            row[f"questionnaireOn{code}Time"] = done.received_time
            row[f"questionnaireOn{code}Authored"] = done.authored_time
    basics = [response for response in facts.surveys if response.questionnaire == "TheBasics"]
    row["numCompletedBaselinePPIModules"] = sum(code in first for code in protocol.baseline)
    return row | demographics.of_basics(_codes(basics[-1]) if basics else None)


def _codes(response: SurveyResponse) -> dict[str, list[str]]:
    """The codes of the answers, by question."""
    answers = answers_of(orjson.loads(response.document))
    return {question: [c for c in _coded(given)] for question, given in answers.items()}


def _coded(given: Iterable[dict[str, Any]]) -> Iterable[str]:
    return (answer["valueCoding"]["code"] for answer in given if "code" in answer.get("valueCoding", {}))


def _status(person: Participant, now: datetime) -> Row:
    stands = status.of(person, now)
    row: Row = {"enrollmentStatusV3_2": stands.level.upper()}
    for rung in stands.steps:
        if rung.reached_at:
            name = "".join(part.title() for part in rung.level.split("_"))
            row[f"enrollmentStatus{name}V3_2Time"] = rung.reached_at
    return row


def _leaving(facts: Facts) -> Row:
    row: Row = {"withdrawalStatus": "NOT_WITHDRAWN", "suspensionStatus": "NOT_SUSPENDED", "deceasedStatus": "UNSET"}
    if facts.withdrawals:
        left = facts.withdrawals[0]
        row |= {
            "withdrawalStatus": left.kind.upper(),
            "withdrawalReason": "UNSET" if left.reason == Withdrawal.SELF else left.reason.upper(),
            "withdrawalReasonJustification": left.justification,
            "withdrawalAuthored": left.authored_time,
            "withdrawalTime": leaving_rules.in_effect_at(left),
        }
    if facts.deactivations:
        row |= {"suspensionStatus": "NO_CONTACT", "suspensionTime": facts.deactivations[0].event_time}
    active = [report for report in facts.reports if report.status != DeceaseReport.DENIED]
    if active:
        row["deceasedStatus"] = active[-1].status
        row |= {"dateOfDeath": active[-1].date_of_death} if active[-1].date_of_death else {}
    if facts.withdrawals or facts.deactivations or facts.deceases:
        row["recontactMethod"] = "NO_CONTACT"
    return row
