import pytest
from django.utils import timezone

from commonweal.vault.people.models import Eligibility, Participant


@pytest.mark.django_db
def test_a_fact_is_never_changed_or_deleted():
    now = timezone.now()
    person = Participant.objects.create(
        participant_id="P100000001", biobank_id="A100000001", origin="portal", registered_at=now
    )
    times = {"event_time": now, "authored_time": now, "received_time": now}
    fact = Eligibility.objects.create(
        participant=person, answers={}, state="eligible", source="portal", idempotency_key="k", **times
    )
    with pytest.raises(TypeError, match="never changed"):
        fact.save()
    with pytest.raises(TypeError, match="never deleted"):
        fact.delete()
    with pytest.raises(TypeError, match="never changed"):
        Eligibility.objects.update(state="not_eligible")
    with pytest.raises(TypeError, match="never deleted"):
        Eligibility.objects.filter(pk=fact.pk).delete()
    assert Eligibility.objects.get().state == "eligible"
