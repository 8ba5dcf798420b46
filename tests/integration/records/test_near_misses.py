"""Who may be a participant waits for a person of the staff: sealed, not for long; what they decide counts the next time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from commonweal.errors import BadInput, Refused
from tests.patients import NOTHING, enrol, patient

pytestmark = pytest.mark.django_db
DOUBTFUL = NOTHING | {"zip": "60601"}  # name and birth date, and nothing that tells namesakes apart


def ask(site="site-a", key="p", form="fhir", holder=None, **how):
    from commonweal.vault.records import matching

    found = matching.match_all({key: patient(**DOUBTFUL | how)}, site, holder, form=form)[key]
    return found.participant or found.reason


@pytest.fixture
def who(home):
    return enrol(sharing=True)


@pytest.fixture
def staff():
    from commonweal.vault.people.models import Account

    return Account.objects.create_user("staff@example.org")


def waiting():
    from commonweal.vault.records.models import NearMiss

    return NearMiss.objects.filter(state="waiting")


def decide(same, reason="asked", *, by, one=None):
    from commonweal.vault.records.matching.deciding import decide

    return decide(one or waiting().get(), same, reason, by=by)


def test_a_near_miss_waits_once_with_the_details_sealed(who):
    from commonweal.vault.records.matching import near

    assert [ask(), ask()] == ["near_miss", "near_miss"]
    one = waiting().get()
    assert (one.participant_id, one.site, one.levels["birth"], one.levels["phone"]) == (
        who, "site-a", "same", "unknown",
    )  # fmt: skip
    assert near.details(one) == patient(**DOUBTFUL)
    assert b"garcia" not in bytes(one.sealed).lower() and len(one.patient) == 64
    assert timedelta(days=89) < one.forget_at - one.found_at <= timedelta(days=90)


def test_nothing_is_kept_about_who_does_not_share_records(home):
    enrol(sharing=False)
    assert ask() == "near_miss"
    assert not waiting().exists()


def test_the_same_person_is_linked_from_the_next_time_on(who, staff):
    from commonweal.audit.models import Event
    from commonweal.vault.records.models import RecordLink

    ask()
    decide(True, by=staff)
    link = RecordLink.objects.get()
    assert (link.participant_id, link.same, link.decided_by, link.reason) == (who, True, staff, "asked")
    assert Event.objects.filter(action="records.link.same").count() == 1
    assert ask() == who
    assert not waiting().exists()


def test_a_link_is_of_one_patient_of_one_site_in_one_form(who, staff):
    ask()
    decide(True, by=staff)
    assert ask(key="q") == "near_miss"
    assert ask(form="omop") == "near_miss"


def test_a_link_holds_only_while_the_details_still_speak_for_it(who, staff):
    """A site that gives an id to somebody else must not put their records under the participant."""
    from datetime import date

    ask()
    decide(True, by=staff)
    assert ask(given="Lucy", family="Chen") == "no_match"
    assert ask(born=date(1990, 1, 5), sex="male") == "no_match"


def test_another_person_is_asked_about_no_more(who, staff):
    ask()
    decide(False, "namesake", by=staff)
    assert ask() == "no_match"
    assert ask(mrn="0042", phone="+1 312 555 0142") == "no_match"  # not even by the exact rule
    assert not waiting().exists()


def test_the_latest_decision_holds(who, staff):
    ask()
    first = decide(False, "cannot_tell", by=staff)
    first.refresh_from_db()
    from commonweal.vault.records.models import RecordLink

    later = timezone.now()
    RecordLink.objects.create(
        participant_id=who, site="site-a", patient=first.patient, same=True, reason="asked", source="staff",
        event_time=later, authored_time=later, received_time=later, idempotency_key="again",
    )  # fmt: skip
    assert ask() == who


def test_details_go_with_the_decision(who, staff):
    from commonweal.vault.records.matching import near

    ask()
    one = decide(False, "relative", by=staff)
    one.refresh_from_db()
    assert bytes(one.sealed) == b""
    with pytest.raises(near.Broken):
        near.details(one)


def test_two_participants_who_fit_wait_both_and_one_decision_settles_both(home, staff):
    one, other = enrol(mrn="1", email="", sharing=True), enrol(mrn="2", email="", sharing=True)
    full = {"mrn": "", "phone": "+1 312 555 0142", "line": "12 Elm Street"}
    assert ask(**full) == "ambiguous"
    assert set(waiting().values_list("participant_id", flat=True)) == {one, other}
    decide(True, by=staff, one=waiting().get(participant_id=other))
    assert not waiting().exists()
    assert ask(**full) == other


def test_two_of_the_staff_at_once(who, staff):
    ask()
    one = waiting().get()
    decide(True, by=staff, one=one)
    decide(True, by=staff, one=one)  # the same again
    with pytest.raises(Refused):
        decide(False, "relative", by=staff, one=one)
    from commonweal.vault.records.models import RecordLink

    assert RecordLink.objects.count() == 1


@pytest.mark.parametrize(("same", "reason"), [(True, "relative"), (False, ""), (True, "because of her face")])
def test_a_reason_has_to_fit(who, staff, same, reason):
    ask()
    with pytest.raises(BadInput):
        decide(same, reason, by=staff)
    assert waiting().count() == 1


def test_after_ninety_days_it_is_forgotten(who, staff):
    from commonweal.vault.records.matching import near

    ask()
    one = waiting().get()
    assert near.forget() == 0
    waiting().update(forget_at=timezone.now() - timedelta(seconds=1))
    one.refresh_from_db()
    with pytest.raises(near.Broken):  # nobody reads it, even before it is let go
        near.details(one)
    with pytest.raises(Refused):
        decide(True, by=staff, one=one)
    assert near.forget() == 1
    one.refresh_from_db()
    assert (one.state, bytes(one.sealed)) == ("expired", b"")
    assert ask() == "near_miss" and waiting().count() == 1  # it comes again with the next submission


def test_who_leaves_is_let_go_of(who):
    from commonweal.vault.consent.models import Withdrawal
    from commonweal.vault.records.matching import near

    ask()
    now = timezone.now()
    times = {"event_time": now, "authored_time": now, "received_time": now, "source": "portal"}
    Withdrawal.objects.create(participant_id=who, reason="other", idempotency_key="w", **times)
    assert near.forget() == 1 and not waiting().exists()


def test_records_that_a_participant_fetched_of_somebody_alike(who):
    assert ask(site="a-clinic", holder=who, given="Ana") == "near_miss"
    assert waiting().get().site == "a-clinic"
    assert ask(site="a-clinic", holder=who, given="Eva", key="") == "near_miss"
    assert waiting().count() == 1
