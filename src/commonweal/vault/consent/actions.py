"""Answering a consent module. (Leaving is in `leaving`; its names stand here too.)"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.leaving import deactivate, withdraw
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import ADULT, NO, NOT_SURE, YES
from commonweal.vault.people import facts
from commonweal.vault.people.current import current_profile, is_eligible
from commonweal.vault.people.models import Participant

if TYPE_CHECKING:
    from commonweal.protocol import ConsentModule, Protocol

__all__ = ["answer_module", "deactivate", "withdraw"]


@transaction.atomic
def answer_module(
    participant: Participant,
    module_id: str,
    answer: str,
    *,
    language: str,
    signed_name: str,
    content_sha256: str,
    protocol: "Protocol",
    source: str,
    authored: datetime | None = None,
) -> ConsentAnswer:
    """Add an answer to a module, bound to the digest of the very text that was shown.

    Raises BadInput for an unknown module, answer or language; Refused after a withdrawal, for a text other than the
    current one, and for a yes that is unsigned, not (yet) the person's to give, or without the modules it stands on.
    The same answer at the same moment is the same fact.
    """
    module = protocol.consents.get(module_id)
    if module is None or answer not in (YES, NO, NOT_SURE) or language not in module.current.texts:
        raise BadInput("consent: no such module, answer or language in this program")
    now = timezone.now()
    at = authored or now
    _check_text_and_time(module, language, content_sha256, at, now)
    if withdrawn_at(participant):
        raise Refused("consent: the participant has left the program")
    if answer == YES:
        _check_yes(participant, module, signed_name, at)
    key = facts.key("consent", participant.pk, module_id, answer, facts.microseconds(at))
    expires = module.current.expires_after_days
    fact, added = ConsentAnswer.objects.get_or_create(
        idempotency_key=key,
        defaults={
            **_times(at, now, source),
            "participant": participant,
            "module": module_id,
            "version": module.current.version,
            "content_sha256": content_sha256,
            "language": language,
            "answer": answer,
            "scopes": " ".join(sorted(module.scopes)),
            "signed_name": signed_name.strip(),
            "expires_at": at + timedelta(days=expires) if expires is not None else None,
        },
    )
    if added:
        audit.record("consent.answer", actor=participant, subject=participant, module=module_id, answer=answer)
    return fact


def _check_text_and_time(module: "ConsentModule", language: str, sha256: str, at: datetime, now: datetime) -> None:
    if sha256 != module.current.texts[language].sha256:
        raise Refused(f"consent {module.id}: not the current text; show it and ask again")
    if at > now:
        raise BadInput(f"consent {module.id}: the moment of the answer is in the future")


def _check_yes(participant: Participant, module: "ConsentModule", signed_name: str, at: datetime) -> None:
    if not signed_name.strip():
        raise Refused(f"consent {module.id}: a yes needs a signed name")
    if not is_eligible(participant):
        raise Refused(f"consent {module.id}: the participant was not found eligible")
    profile = current_profile(participant)
    if profile is None:
        raise Refused(f"consent {module.id}: who signs is not known yet: record a profile before")
    if facts.age_on(profile.birth_date, at.date()) < ADULT:
        raise Refused(f"consent {module.id}: younger than {ADULT} at the time of consent")
    for needed in module.requires:
        if not _says_yes(participant, needed, at):
            raise Refused(f"consent {module.id}: needs an earlier yes to {needed}")


def _says_yes(participant: Participant, module_id: str, at: datetime) -> bool:
    answers = ConsentAnswer.objects.filter(participant=participant, module=module_id, event_time__lte=at)
    latest = answers.order_by("event_time", "id").last()
    return latest is not None and latest.answer == YES and (latest.expires_at is None or at < latest.expires_at)


def _times(at: datetime, now: datetime, source: str) -> dict[str, Any]:
    return {"event_time": at, "authored_time": at, "received_time": now, "source": source}
