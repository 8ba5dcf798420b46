"""People who share their wearables, and deliveries of a few rows."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pyarrow as pa
import pytest

NOW = datetime.now(UTC).replace(microsecond=0)
JOINED = NOW - timedelta(days=400)


@pytest.fixture
def deliver(transactional_db, home):
    """`deliver(table, rows, received=…, done=True)` appends rows (dicts; a person is a vault id) as one submission."""
    from commonweal.vault.wearables import store
    from commonweal.vault.wearables.models import Submission
    from commonweal.vault.wearables.tables import arrived_columns

    def one(table, rows, received=NOW, done=True):
        submission = Submission.objects.create(source="sync", sha256="0" * 64, received_time=received)
        schema = arrived_columns(table)
        full = [{"provider": "fitbit"} | row for row in rows]
        store.append(home, table, pa.Table.from_pylist(full, schema), submission)
        if done:
            Submission.objects.filter(pk=submission.pk).update(state=Submission.DONE)
        return submission

    return one


@pytest.fixture
def read(home):
    """`read(table, **how)`: the current rows, as dicts in the order of person and day."""
    import duckdb

    from commonweal.vault.wearables import store
    from commonweal.vault.wearables.tables import DATED

    def rows(table, **how):
        with duckdb.connect() as con:
            view = store.current(con, home, table, **how)
            return con.execute(f'FROM {view} ORDER BY participant, "{DATED[table]}"').to_arrow_table().to_pylist()

    return rows


@pytest.fixture
def people(transactional_db):
    """`people.add()` enrols one person who shares Fitbit and Apple data since `JOINED`."""
    return SimpleNamespace(add=add, consent=consent, joined=JOINED, now=NOW)


SCOPES = {"primary": "participate recontact surveys", "wearables": "wearables:fitbit wearables:apple"}


def add(*, wearables=True, given="Ana", family="Prueba"):
    from commonweal.vault.people.models import Participant, Profile

    number = Participant.objects.count() + 1
    person = Participant.objects.create(
        participant_id=f"P{number:09d}", biobank_id=f"A{number:09d}", origin="import", registered_at=JOINED
    )
    times = {"event_time": JOINED, "authored_time": JOINED, "received_time": JOINED, "source": "import"}
    Profile.objects.create(
        participant=person, given_name=given, family_name=family, birth_date=datetime(1961, 8, 27).date(),
        sex_at_birth="female", idempotency_key=f"profile-{number}", **times,
    )  # fmt: skip
    consent(person, "primary", "yes")
    if wearables:
        consent(person, "wearables", "yes")
    return person


def consent(person, module, answer, at=JOINED):
    from commonweal.vault.consent.models import ConsentAnswer

    count = ConsentAnswer.objects.count()
    ConsentAnswer.objects.create(
        participant=person, module=module, version="1", content_sha256="0" * 64, language="en", answer=answer,
        scopes=SCOPES[module], signed_name="x", event_time=at, authored_time=at, received_time=at, source="import",
        idempotency_key=f"answer-{count}",
    )  # fmt: skip
