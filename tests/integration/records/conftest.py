"""People of one site who share their records, as the doors of the vault take them in."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pyarrow as pa
import pytest

NOW = datetime.now(UTC).replace(microsecond=0)
JOINED = NOW - timedelta(days=400)
SCOPES = {
    "primary": "participate recontact surveys measurements biospecimens genomic_research",
    "ehr": "ehr",
}


@pytest.fixture
def cohort(transactional_db, home):
    """`cohort.add(...)` enrols one person with the primary consent and, unless told otherwise, record sharing."""
    return SimpleNamespace(add=add, consent=consent, home=home, now=NOW)


def add(*, given="Ana", family="López", born=date(1961, 8, 27), site="site-a", mrn="0042", phone="", line="", ehr=True):
    from commonweal.vault.people.models import Pairing, Participant, Profile

    number = Participant.objects.count() + 1
    person = Participant.objects.create(
        participant_id=f"P{number:09d}", biobank_id=f"A{number:09d}", origin="import", registered_at=JOINED
    )
    times = {"event_time": JOINED, "authored_time": JOINED, "received_time": JOINED, "source": "import"}
    Profile.objects.create(
        participant=person, given_name=given, family_name=family, birth_date=born, sex_at_birth="female",
        phone=phone, address_line=line, idempotency_key=f"profile-{number}", **times,
    )  # fmt: skip
    Pairing.objects.create(
        participant=person, site=site, record_number=mrn, idempotency_key=f"pairing-{number}", **times
    )
    consent(person, "primary", "yes")
    if ehr:
        consent(person, "ehr", "yes")
    return person


def consent(person, module, answer, at=JOINED):
    from commonweal.vault.consent.models import ConsentAnswer

    count = ConsentAnswer.objects.count()
    ConsentAnswer.objects.create(
        participant=person, module=module, version="1", content_sha256="0" * 64, language="en", answer=answer,
        scopes=SCOPES[module], signed_name="x", event_time=at, authored_time=at, received_time=at, source="import",
        idempotency_key=f"answer-{count}",
    )  # fmt: skip


@pytest.fixture
def events():
    """`events(participant, [(type, id, part, code), …])` as a table for the bulk door."""

    def make(participant, rows, start=datetime(2019, 3, 1, 8)):
        kinds, ids, parts, codes = zip(*rows, strict=True)
        return pa.table(
            {
                "participant": pa.array([participant] * len(rows), pa.int64()),
                "resource_type": pa.array(kinds), "resource_id": pa.array(ids), "part": pa.array(parts, pa.int16()),
                "code_system": pa.array(["http://snomed.info/sct"] * len(rows)), "code": pa.array(codes),
                "start": pa.array([start] * len(rows), pa.timestamp("us")),
            }
        )  # fmt: skip

    return make
