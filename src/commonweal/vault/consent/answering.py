"""Answering a consent module: one fact, its signature and its document in one transaction, bound to the text that was shown."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.protocol.consents import find_text
from commonweal.vault.consent import signing
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument, Signature
from commonweal.vault.consent.places import Places, places_of, required_of
from commonweal.vault.consent.rules import ADULT
from commonweal.vault.consent.signing import SignatureGiven
from commonweal.vault.people import facts
from commonweal.vault.people.current import current_profile, is_eligible
from commonweal.vault.people.models import Account, Participant

if TYPE_CHECKING:
    from commonweal.protocol import ConsentForm, ConsentModule, ConsentVersion, Protocol

YES, NO, NOT_SURE, LATER = ConsentAnswer.YES, ConsentAnswer.NO, ConsentAnswer.NOT_SURE, ConsentAnswer.LATER
DECIDED = (YES, NO)


class Superseded(Refused):
    """The text that was shown is not (or no longer) the one that this person is to answer."""


class Given(NamedTuple):
    """The fact, and whether it was added now: the same answer a second time is the fact that is there."""

    fact: ConsentAnswer
    added: bool


class _Words(NamedTuple):
    module: "ConsentModule"
    version: "ConsentVersion"
    form: "ConsentForm"


def answer_module(participant: Participant, module_id: str, answer: str, **told: Any) -> ConsentAnswer:
    """As `give`, answering the fact alone."""
    return give(participant, module_id, answer, **told).fact


@transaction.atomic
def give(
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
    form: str = "",
    method: str = ConsentAnswer.SELF,
    signature: SignatureGiven | None = None,
    by: Account | None = None,
) -> Given:
    """Add an answer to a module, bound to the digest of the very text that was shown. `by`: who gave or wrote it down for
    the person, whatever it says: the audit names them.

    Raises BadInput for an unknown module, answer, form or language, and for what is no signature; Superseded for a text
    other than the one that is this person's now (paper may hold an earlier version's); Refused after a withdrawal, for a
    yes that is unsigned, not (yet) the person's to give, or without the modules it stands on, and for a "later" where a
    decision stands. The same answer at the same moment is the same fact; so is the same answer given anew to the same text.
    """
    places = places_of(participant, protocol)
    words = _words(protocol, places, module_id, answer, language, form, method, content_sha256)
    now = timezone.now()
    at = authored or now
    if at > now:
        raise BadInput(f"consent {module_id}: the moment of the answer is in the future")
    _one_at_a_time(participant)
    if withdrawn_at(participant):
        raise Refused("consent: the participant has left the program")
    if answer == YES:
        needed = required_of(words.module, places, protocol)
        _check_yes(participant, words.module, signed_name, at, needed, _adult(protocol))
        _check_signature(words, method, signature)
    if authored is None and (same := _standing(participant, words, answer, content_sha256, now)):
        return Given(same, False)
    fact, added = ConsentAnswer.objects.get_or_create(
        idempotency_key=facts.key("consent", participant.pk, module_id, answer, facts.microseconds(at)),
        defaults={
            **{"event_time": at, "authored_time": at, "received_time": now, "source": source},
            **_told(words, answer, at),
            "participant": participant,
            "content_sha256": content_sha256,
            "language": language,
            "method": method,
            "signed_name": signed_name.strip(),
        },
    )
    if added:
        _beside(fact, signature, by)
    return Given(fact, added)


def _told(words: _Words, answer: str, at: datetime) -> dict[str, Any]:
    expires = words.form.expires_after_days
    return {
        "module": words.module.id,
        "version": words.version.version,
        "form": words.form.id,
        "answer": answer,
        "scopes": " ".join(sorted(words.module.scopes)),
        "expires_at": at + timedelta(days=expires) if expires is not None else None,
    }


def _words(
    protocol: "Protocol",
    places: Places,
    module_id: str,
    answer: str,
    language: str,
    form_id: str,
    method: str,
    sha256: str,
) -> _Words:
    """What was shown, if it is what this person is to answer."""
    module = protocol.consents.get(module_id)
    if module is None or answer not in (YES, NO, NOT_SURE, LATER) or not module.applies(places.home):
        raise BadInput("consent: no such module, answer or language in this program")
    if method == ConsentAnswer.PAPER:
        found = find_text(module, sha256)
        if found is None or found.language != language or found.form.id != form_id:
            raise Superseded(f"consent {module_id}: no version of it has this text")
        return _Words(module, found.version, found.form)
    due, asked = places.form(module), module.current.form(form_id)
    if asked is None or language not in asked.texts:
        raise BadInput("consent: no such module, answer or language in this program")
    if due.id != form_id or sha256 != due.texts[language].sha256:
        raise Superseded(f"consent {module_id}: not the current text; show it and ask again")
    return _Words(module, module.current, due)


def _one_at_a_time(participant: Participant) -> None:
    """Two answers of one person wait for each other. (On SQLite every writing transaction does.)"""
    Participant.objects.select_for_update().filter(pk=participant.pk).values_list("pk", flat=True).first()


def _standing(participant: Participant, words: _Words, answer: str, sha256: str, now: datetime) -> ConsentAnswer | None:
    """The fact that says this already: as when two tabs sign, or a page is sent twice. A yes that will end can be renewed."""
    latest = latest_answer(participant, words.module.id)
    if answer == LATER and latest is not None and latest.answer in DECIDED and holds(latest, now):
        raise Refused(f"consent {words.module.id}: there is a decision, which 'later' does not change")
    if latest is None or (latest.answer, latest.content_sha256) != (answer, sha256) or not holds(latest, now):
        return None
    just_now = now - latest.event_time < timedelta(minutes=1)
    return latest if latest.expires_at is None or just_now else None


def latest_answer(participant: Participant, module_id: str) -> ConsentAnswer | None:
    """What the person answered to a module last."""
    return participant.consent_answers.filter(module=module_id).order_by("event_time", "id").last()


def holds(answer: ConsentAnswer, at: datetime) -> bool:
    """Whether an answer has not come to its end."""
    return answer.expires_at is None or at < answer.expires_at


def _adult(protocol: "Protocol") -> int:
    return max(ADULT, protocol.program.minimum_age)


def _check_yes(
    participant: Participant, module: "ConsentModule", signed_name: str, at: datetime, needed: list[str], adult: int
) -> None:
    if not signed_name.strip():
        raise Refused(f"consent {module.id}: a yes needs a signed name")
    if not is_eligible(participant):
        raise Refused(f"consent {module.id}: the participant was not found eligible")
    profile = current_profile(participant)
    if profile is None:
        raise Refused(f"consent {module.id}: who signs is not known yet: record a profile before")
    if facts.age_on(profile.birth_date, at.date()) < adult:
        raise Refused(f"consent {module.id}: younger than {adult} at the time of consent")
    for name in needed:
        if not says_yes(participant, name, at):
            raise Refused(f"consent {module.id}: needs an earlier yes to {name}")


def says_yes(participant: Participant, module_id: str, at: datetime) -> bool:
    """Whether the latest answer to a module at that time is a yes that holds."""
    answers = ConsentAnswer.objects.filter(participant=participant, module=module_id, event_time__lte=at)
    latest = answers.order_by("event_time", "id").last()
    return latest is not None and latest.answer == YES and holds(latest, at)


def _check_signature(words: _Words, method: str, signature: SignatureGiven | None) -> None:
    """Initials are asked for by some forms; on paper, the checks of scans look for them."""
    asked = words.form.initials and method != ConsentAnswer.PAPER
    if signature is not None:
        signing.check(signature, initials=asked)
    elif asked:
        raise Refused(f"consent {words.module.id}: this form needs initials")


def _beside(fact: ConsentAnswer, signature: SignatureGiven | None, by: Account | None) -> None:
    """The signature, the document to be made and the audit event that belong to a new answer."""
    if signature is None and fact.answer == YES:
        signature = SignatureGiven(typed_name=fact.signed_name)
    if signature is not None:
        Signature.objects.create(answer=fact, signed_at=fact.event_time, **vars(signature))
    if fact.answer in DECIDED and fact.method != ConsentAnswer.PAPER:
        document = ConsentDocument.objects.create(answer=fact)
        transaction.on_commit(lambda: _enqueue(document.pk), robust=True)
    how = {} if fact.method == ConsentAnswer.SELF else {"method": fact.method}
    actor = by or (signature.assisted_by if signature else None) or fact.participant
    audit.record("consent.answer", actor=actor, subject=fact.participant, module=fact.module, answer=fact.answer, **how)


def _enqueue(document_id: int) -> None:
    """Only the portal has a queue, so it is not imported before there is something to put into it."""
    from commonweal.vault.consent.tasks import render_document

    render_document.enqueue(document_id)
