"""Each attempt at the questions that let people check what they understood is kept, right or wrong."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.protocol import ConsentText
from commonweal.vault.consent.models import Understanding
from commonweal.vault.people import facts
from commonweal.vault.people.models import Participant


@transaction.atomic
def record(person: Participant, module_id: str, text: ConsentText, chosen: Mapping[str, str], *, source: str) -> int:
    """One fact for each question that was answered; answers how many were right. `chosen`: question -> option."""
    now = timezone.now()
    right = 0
    for question in text.questions:
        said = chosen.get(question.id)
        if said is None:
            continue
        right += said == question.correct
        Understanding.objects.create(
            **{"event_time": now, "authored_time": now, "received_time": now, "source": source},
            idempotency_key=facts.key("understanding", person.pk, text.sha256, question.id, facts.microseconds(now)),
            participant=person,
            module=module_id,
            content_sha256=text.sha256,
            question=question.id,
            chosen=said,
            correct=said == question.correct,
        )
    audit.record(
        "consent.questions", actor=person, subject=person, module=module_id, right=right, asked=len(text.questions)
    )
    return right
