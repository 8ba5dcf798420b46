"""The vault's database by columns gives back what Django wrote, and the other way round."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people.models import Crosswalk, Participant, Profile

MOMENTS = [datetime(2024, 1, 2, 3, 4, 5, us, tzinfo=UTC) for us in (0, 1, 120_000, 999_999)]


def person(number, registered_at=MOMENTS[0], **more):
    ids = {"participant_id": f"P{number}", "biobank_id": f"A{number}"}
    return Participant.objects.create(**ids, origin="import", registered_at=registered_at, **more)


def profile(who, number, **more):
    times = dict.fromkeys(("event_time", "authored_time", "received_time"), MOMENTS[0])
    told = {
        "given_name": "0042",
        "family_name": 'Ng, "Ann"\nñ',
        "birth_date": date(1970, 5, 1),
        "sex_at_birth": "female",
    }
    return Profile.objects.create(participant=who, source="t", idempotency_key=f"k{number}", **times, **told, **more)


@pytest.fixture(params=["committed", "inside a transaction"])
def read(request):
    """Both ways of reading; each test runs both."""
    request.getfixturevalue("transactional_db" if request.param == "committed" else "db")
    return columns.read


def test_types_and_values_come_back(read):
    people = [person(n, at, is_test=n == 1, external_id=None if n else "X0") for n, at in enumerate(MOMENTS)]
    table = read("SELECT * FROM people_participant ORDER BY id")
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert kinds["registered_at"] == "timestamp[us, tz=UTC]"
    assert (kinds["id"], kinds["is_test"], kinds["uuid"], kinds["account_id"]) == ("int64", "bool", "string", "int64")
    assert table["registered_at"].to_pylist() == MOMENTS
    assert table["is_test"].to_pylist() == [False, True, False, False]
    assert table["uuid"].to_pylist() == [one.uuid.hex for one in people]
    assert table["external_id"].to_pylist() == ["X0", None, None, None]
    assert table["account_id"].to_pylist() == [None] * 4


def test_days_text_that_looks_like_numbers_and_bytes_come_back(read):
    one = person(1)
    profile(one, 1, zip="02139")
    Crosswalk.objects.create(participant=one, sealed=b"\x00\xff\x01")
    table = read("SELECT birth_date, zip, given_name, family_name FROM people_profile")
    assert table.schema.field("birth_date").type == pa.date32()
    assert table.to_pylist() == [
        {"birth_date": date(1970, 5, 1), "zip": "02139", "given_name": "0042", "family_name": 'Ng, "Ann"\nñ'}
    ]
    assert read("SELECT participant_id, sealed FROM people_crosswalk")["sealed"].to_pylist() == [b"\x00\xff\x01"]


def test_an_empty_table_has_its_types_too(read):
    table = read("SELECT event_time, answer, expires_at, participant_id FROM consent_consentanswer")
    assert table.num_rows == 0
    assert [str(kind) for kind in table.schema.types] == [
        "timestamp[us, tz=UTC]",
        "string",
        "timestamp[us, tz=UTC]",
        "int64",
    ]


def test_what_is_inserted_reads_as_if_django_had_written_it(read):
    one = person(1)
    moments = pa.array(MOMENTS, columns.MOMENT)
    rows = pa.table(
        {
            "participant_id": [one.pk] * 4,
            **dict.fromkeys(("event_time", "authored_time", "received_time"), moments),
            "source": ["t"] * 4,
            "idempotency_key": ["a", "b", "c", "d"],
            "module": ["m", "", 'quo"te, comma', "line\nbreak"],
            "version": ["1"] * 4,
            "content_sha256": ["0"] * 4,
            "language": ["en"] * 4,
            "answer": ["yes"] * 4,
            "scopes": ["ehr"] * 4,
            "signed_name": [""] * 4,
            "expires_at": pa.array([MOMENTS[1], None, None, None], columns.MOMENT),
        }
    )
    assert columns.insert(ConsentAnswer, rows) == 4
    facts = list(ConsentAnswer.objects.order_by("idempotency_key"))
    assert [fact.event_time for fact in facts] == MOMENTS
    assert [fact.module for fact in facts] == ["m", "", 'quo"te, comma', "line\nbreak"]
    assert [fact.expires_at for fact in facts] == [MOMENTS[1], None, None, None]
    for at in MOMENTS:  # found by an equal moment: the stored text is the one that Django compares with
        assert ConsentAnswer.objects.filter(event_time=at).count() == 1
    told = read("SELECT module, event_time FROM consent_consentanswer ORDER BY idempotency_key")
    assert told["module"].to_pylist() == ["m", "", 'quo"te, comma', "line\nbreak"]
    # the same keys again are left out, new ones added
    again = rows.slice(2).set_column(
        rows.column_names.index("idempotency_key"), "idempotency_key", pa.array(["d", "e"])
    )
    assert columns.insert(ConsentAnswer, again) == 1
    assert columns.insert(ConsentAnswer, rows.slice(0, 0)) == 0
    assert ConsentAnswer.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_reading_cannot_write():
    person(1)
    with pytest.raises(Exception, match="(?i)read.?only"):
        columns.read("DELETE FROM people_participant")
    assert Participant.objects.count() == 1


@pytest.mark.django_db
def test_lookup_takes_any_number_of_values():
    ids = [person(n, external_id=f"X{n}").pk for n in range(3)]
    wanted = [f"X{n}" for n in range(1, 100_000)]
    assert sorted(columns.lookup(Participant, "external_id", wanted, "id", "external_id")) == [
        (ids[1], "X1"),
        (ids[2], "X2"),
    ]
    assert columns.lookup(Participant, "id", []) == []
