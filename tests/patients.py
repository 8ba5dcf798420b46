"""Participants of a site, and patients of its records, whose details agree or not."""

from datetime import UTC, date, datetime
from itertools import count

from commonweal.r4 import patients
from commonweal.r4.patients import Name

THEN = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = count(1)
ROSA = {
    "given": "María Luisa", "family": "García López", "born": date(1961, 8, 27), "sex": "female", "mrn": "0042",
    "phone": "+1 312 555 0142", "email": "rosa@example.org", "line": "12 Elm Street", "city": "Chicago", "zip": "60601",
}  # fmt: skip
NOTHING = {"mrn": "", "phone": "", "email": "", "line": "", "city": "", "zip": ""}


def enrol(site="site-a", at=THEN, person=None, sharing=False, **how):
    """A participant (vault id) who told these details; `person`: an earlier one who tells them anew. `sharing`: records."""
    from commonweal.vault.people.models import Pairing, Participant, Profile

    told, number = ROSA | how, next(NUMBERS)
    times = {"event_time": at, "authored_time": at, "received_time": at, "source": "import"}
    if person is None:
        codes = {"participant_id": f"P{number:09d}", "biobank_id": f"A{number:09d}"}
        person = Participant.objects.create(origin="import", registered_at=at, **codes)
    Profile.objects.create(
        participant=person, given_name=told["given"], family_name=told["family"], birth_date=told["born"],
        sex_at_birth=told["sex"], phone=told["phone"], email=told["email"], address_line=told["line"],
        city=told["city"], zip=told["zip"], idempotency_key=f"profile-{number}", **times,
    )  # fmt: skip
    mrn = told["mrn"]
    Pairing.objects.create(
        participant=person, site=site, record_number=mrn, idempotency_key=f"pairing-{number}", **times
    )
    for module in ("primary", "ehr") if sharing else ():
        consent(person, module, "yes", at)
    return person.pk


def consent(person, module, answer, at):
    from commonweal.vault.consent.models import ConsentAnswer

    scopes = {"primary": "participate recontact surveys", "ehr": "ehr"}
    ConsentAnswer.objects.create(
        participant=person, module=module, version="1", content_sha256="0" * 64, language="en", answer=answer,
        scopes=scopes[module], signed_name="x", event_time=at, authored_time=at, received_time=at, source="import",
        idempotency_key=f"answer-{next(NUMBERS)}",
    )  # fmt: skip


def patient(former="", was=None, **how):
    """The same details as a site has them, in the forms of FHIR."""
    told = ROSA | how
    names = [Name(told["family"], tuple(told["given"].split()))] + ([Name(former, (), True)] if former else [])
    return patients.described(
        names=names, birth_date=told["born"], sex=told["sex"], record_numbers=[patients.record_number(told["mrn"])],
        phones=[told["phone"]], emails=[told["email"]], lines=[told["line"]], cities=[told["city"]], zips=[told["zip"]],
    )  # fmt: skip
