"""`participants import`: each row is taken whole or told, and the same file twice is the same file once."""

import csv
import stat
from datetime import UTC, datetime

import pytest

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.vault.consent import import_people
from commonweal.vault.consent.grants import scopes_in_force, withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.people.current import current_profile, current_site
from commonweal.vault.people.models import Pairing, Participant, Profile

pytestmark = pytest.mark.django_db
PERSON = {
    "external_id": "X1",
    "given_name": "Ann",
    "family_name": "Ng",
    "birth_date": "1970-05-01",
    "sex_at_birth": "female",
    "email": "ann@example.org",
    "phone": "555-0100",
    "address_line": '1 "Elm", Rear',
    "city": "Springfield",
    "state": "MA",
    "zip": "02139",
    "language": "es",
    "site": "north",
    "mrn": "M1",
    "primary": "2024-06-01T09:30:00-05:00",
    "ehr": "2024-06-01T09:31:00-05:00",
    "wearables": "no:2024-06-01T09:32:00-05:00",
    "results": "",
    "withdrawn_at": "",
}


@pytest.fixture
def give(home, program, tmp_path):
    """Write rows (changes to PERSON, or raw text) as a file and import it."""

    def give(*rows, header=PERSON, raw=b""):
        path = tmp_path / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(header), extrasaction="ignore")
            writer.writeheader()
            writer.writerows({**PERSON, **row} for row in rows)
        path.write_bytes(path.read_bytes() + raw)
        return import_people.import_file(path, home=home, protocol=program, console=Console(json=True))

    return give


def counts(answer):
    return answer["accepted"], answer["unchanged"], answer["rejected"]


def told(answer):
    """line -> reason of the rejected rows."""
    with open(answer["report"], encoding="utf-8", newline="") as file:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(file)}


def test_people_come_in_with_their_consents(give):
    answer = give({}, {"external_id": "X2", "withdrawn_at": "2025-01-01T00:00:00Z"})
    assert answer == {"accepted": 2, "unchanged": 0, "rejected": 0, "unmatched": 0, "report": None}
    first, second = Participant.objects.order_by("external_id")
    profile = current_profile(first)
    assert (profile.family_name, profile.zip, profile.address_line) == ("Ng", "02139", '1 "Elm", Rear')
    assert current_site(first) == "north"
    assert first.registered_at == datetime(2024, 6, 1, 14, 30, tzinfo=UTC)
    said = {fact.module: (fact.answer, fact.language) for fact in first.consent_answers.all()}
    assert said == {"primary": ("yes", "es"), "ehr": ("yes", "es"), "wearables": ("no", "es")}
    at = datetime(2024, 12, 31, tzinfo=UTC)
    now = datetime(2100, 1, 1, tzinfo=UTC)
    assert {"participate", "ehr"} <= scopes_in_force(first, at, now)
    assert "ehr" in scopes_in_force(second, at, now)
    assert withdrawn_at(second) == datetime(2025, 1, 1, tzinfo=UTC)
    assert scopes_in_force(second, withdrawn_at(second), now) == frozenset()


def test_the_same_file_again_changes_nothing(give):
    rows = [{}, {"external_id": "X2", "withdrawn_at": "2025-01-01T00:00:00Z"}, {"external_id": "X1", "city": "Boston"}]
    assert counts(give(*rows)) == (3, 0, 0)
    before = [model.objects.count() for model in (Participant, Profile, Pairing, ConsentAnswer, Withdrawal)]
    assert counts(give(*rows)) == (0, 3, 0)
    assert [model.objects.count() for model in (Participant, Profile, Pairing, ConsentAnswer, Withdrawal)] == before
    assert before == [2, 3, 2, 6, 1]


def test_other_details_and_later_consents_are_added(give):
    give({})
    late = {"city": "Boston", "results": "2025-06-02T00:00:00Z"}  # by then the authorisation below it has expired
    assert counts(give(late)) == (0, 0, 1)
    assert counts(give({"results": "2025-05-01T00:00:00Z"})) == (1, 0, 0)
    assert counts(give({"city": "Boston", "results": "2025-05-01T00:00:00Z"})) == (1, 0, 0)
    person = Participant.objects.get()
    assert [profile.city for profile in person.profiles.order_by("id")] == ["Springfield", "Boston"]
    assert "return:traits" in scopes_in_force(
        person, datetime(2025, 5, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    )


REFUSED = [
    ({"birth_date": "5/1/1970"}, "birth_date: not a date"),
    ({"primary": "2024-06-01T09:30:00"}, "primary: the moment has no offset"),
    ({"ehr": "yes"}, "ehr: not a moment"),
    ({"results": "2999-01-01T00:00:00Z"}, "in the future"),
    ({"withdrawn_at": "2024-06-01T09:31:00-05:00"}, "a consent is after the withdrawal"),
    ({"birth_date": "2006-06-02"}, "younger than 18 at the time of consent"),
    ({"primary": "no:2024-06-01T09:30:00-05:00"}, "ehr: needs an earlier yes to primary"),
    ({"primary": "2024-06-01T09:31:01-05:00"}, "ehr: needs an earlier yes to primary"),
    ({"primary": ""}, "ehr: needs an earlier yes to primary"),
    ({"site": "west"}, "site: not a site of this program"),
    ({"language": "fr"}, "language: not one of en, es"),
    ({"external_id": ""}, "external_id: empty"),
    ({"given_name": ""}, "given_name: empty"),
    ({"sex_at_birth": "F"}, "sex_at_birth: not one of"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_a_row_that_cannot_be_taken_is_told_by_its_line_and_leaves_nothing(give, change, reason):
    answer = give({"external_id": "X0"}, change, {"external_id": "X2"})
    assert counts(answer) == (2, 0, 1)
    assert list(told(answer)) == [3]
    assert reason in told(answer)[3]
    assert set(Participant.objects.values_list("external_id", flat=True)) == {"X0", "X2"}
    assert ConsentAnswer.objects.count() == 6


def test_the_eighteenth_birthday_is_early_enough(give):
    assert counts(give({"birth_date": "2006-06-01"})) == (1, 0, 0)


def test_consents_after_a_withdrawal_known_before_are_refused_with_the_whole_row(give):
    give({"withdrawn_at": "2025-01-01T00:00:00Z"})
    answer = give({"results": "2025-02-01T00:00:00Z", "city": "Boston"})
    assert counts(answer) == (0, 0, 1)
    assert told(answer)[2] == "results: after the withdrawal"
    assert current_profile(Participant.objects.get()).city == "Springfield"


def test_broken_lines_are_told_and_cost_no_other(give):
    answer = give({}, raw=b'X7,"Bo\nX8,too,few\nX9,Jos\xe9\n')
    assert counts(answer) == (1, 0, 3)
    assert told(answer) == {
        3: "a quotation mark is not closed",
        4: "3 values where the header has 19",
        5: "not UTF-8",
    }


def test_rejected_rows_stand_in_a_numbered_file_for_the_owner_alone(give, home):
    answer = give({"site": "west"})
    path = home.root / "vault" / "rejected" / "000001.csv"
    assert answer["report"] == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "Ng" in path.read_text()
    assert give({"site": "west"})["report"] == str(path)  # the same rows: the same file
    assert give({"site": "east"})["report"].endswith("/000002.csv")
    assert sorted(one.name for one in path.parent.iterdir()) == ["000001.csv", "000002.csv"]


def test_an_import_that_was_cut_off_goes_on_where_it_stopped(give, monkeypatch):
    rows = [{"external_id": f"X{n}"} for n in range(10)]
    monkeypatch.setattr(import_people, "BATCH", 3)
    through, batches = import_people._through_the_doors, []

    def stops(run, taken):
        batches.append(taken)
        found = through(run, taken)
        if len(batches) == 3:
            raise KeyboardInterrupt  # after all of the third batch's facts are written, before they are committed
        return found

    monkeypatch.setattr(import_people, "_through_the_doors", stops)
    with pytest.raises(KeyboardInterrupt):
        give(*rows)
    assert Participant.objects.count() == 6
    assert counts(give(*rows)) == (4, 6, 0)
    assert (Participant.objects.count(), Profile.objects.count(), ConsentAnswer.objects.count()) == (10, 10, 30)


def test_a_header_that_cannot_be_used_is_bad_input(give):
    with pytest.raises(BadInput, match="lacks mrn, results"):
        give({}, header=[name for name in PERSON if name not in ("mrn", "results")])
    with pytest.raises(BadInput, match="not of this program"):
        give({}, header=[*PERSON, "religion"])
    assert counts(give({}, header=[name for name in PERSON if name != "withdrawn_at"])) == (1, 0, 0)
