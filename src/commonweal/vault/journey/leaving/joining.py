"""Two participants who are one person: what the other gave is told again for the one who goes on, once.

Told again, at the times at which it was said and with the moment of joining as the time it was received: consent answers,
survey responses, custody, a wish to be left in peace, the ceremony, the site where nothing is known of one. Helpers act
for the one who goes on. Health records are not moved: the other's are used no more, and the site's next submission finds
the one who goes on (the other is no candidate any more), so that no record counts twice.
"""

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import leaving as facts_of_leaving
from commonweal.vault.consent.models import Ceremony, ConsentAnswer, Deactivation, DeceaseReport, Withdrawal
from commonweal.vault.fact import Fact
from commonweal.vault.journey.leaving.outcome import Leave, Outcome, done
from commonweal.vault.people import actions as people
from commonweal.vault.people import duplicates, facts
from commonweal.vault.people.current import current_pairing
from commonweal.vault.people.models import Account, AccountLink, Custody, Duplicate, Participant
from commonweal.vault.surveys.models import SurveyResponse

SOURCE = "merge"
TOLD_AGAIN: tuple[type[Fact], ...] = (ConsentAnswer, SurveyResponse, Custody, Ceremony)
_OWN = {"id", "uuid", "participant", "received_time", "source", "idempotency_key", "supersedes"}
JUSTIFICATION = "Joined with the same person's other account."


@transaction.atomic
def approve(pair: Duplicate, primary: Participant, *, by: Account) -> Participant:
    """The pair is one person: tell again, withdraw the other as a duplicate, and answer the other."""
    locked = {one.pk: one for one in Participant.objects.select_for_update().filter(
        pk__in=(pair.first_id, pair.second_id)).order_by("pk")}  # fmt: skip
    if primary.pk not in locked:
        raise BadInput("duplicates: the one that goes on is one of the two")
    other = locked[pair.second_id if primary.pk == pair.first_id else pair.first_id]
    pair = Duplicate.objects.select_for_update().get(pk=pair.pk)  # as it stands now, whatever the caller has seen
    _check(pair, locked[primary.pk], other)
    duplicates.decide(pair, primary, by=by)
    _tell_all(other, locked[primary.pk])
    facts_of_leaving.withdraw(
        other, source=SOURCE, reason=Withdrawal.DUPLICATE, justification=JUSTIFICATION, asked_by=by
    )
    return other


def _check(pair: Duplicate, primary: Participant, other: Participant) -> None:
    for person in (primary, other):
        left = facts_of_leaving.withdrawal_of(person)
        again = pair.status == Duplicate.APPROVED and person.pk == other.pk and primary.pk == pair.primary_id
        if left and not (again and left.reason == Withdrawal.DUPLICATE):
            raise Refused("duplicates: one of the two has left the program; that cannot be undone by joining them")
        if DeceaseReport.objects.filter(participant=person).exclude(status=DeceaseReport.DENIED).exists():
            raise Refused("duplicates: there is a report of death about one of the two; settle that first")


def find_duplicates() -> int:
    """The worker's tick: new pairs among everybody who is still with us go to the staff's queue."""
    return duplicates.find(Withdrawal.objects.values_list("participant", flat=True))


def told_again(leave: Leave) -> Outcome:
    """The store of a merge: tell again what is there (once), and count it."""
    primary = joined_with(leave.participant)
    if primary is None:
        raise LookupError("an approved pair")
    told = _tell_all(leave.participant, primary)
    return done(sum(told.values()), **told)


def goes_on_as(participant: Participant) -> Participant | None:
    """The participant as whom somebody goes on whose account was joined with another one, and that one with a third."""
    primary = joined_with(participant)
    return (goes_on_as(primary) or primary) if primary else None


def joined_with(participant: Participant) -> Participant | None:
    """The participant for whom the facts of this one were told again."""
    pairs = Duplicate.objects.filter(
        models.Q(first=participant) | models.Q(second=participant), status=Duplicate.APPROVED
    )
    pair = pairs.exclude(primary=participant).select_related("primary").order_by("pk").first()
    return pair.primary if pair else None


@transaction.atomic
def _tell_all(other: Participant, primary: Participant) -> dict[str, int]:
    """How many of each kind stand on the primary because of the other, after telling what was missing."""
    told = {model.__name__: _tell(model, other, primary) for model in TOLD_AGAIN}
    quiet = Deactivation.objects.filter(participant=other).order_by("event_time", "id").first()
    if quiet:
        facts_of_leaving.deactivate(primary, source=SOURCE, authored=quiet.authored_time)
    pairing = current_pairing(other)
    if pairing and pairing.site and current_pairing(primary) is None:
        people.pair(primary, pairing.site, pairing.record_number, source=SOURCE, authored=pairing.authored_time)
    return told


def _tell(model: type[Fact], other: Participant, primary: Participant) -> int:
    kept = [f.name for f in model._meta.concrete_fields if f.name not in _OWN]
    now, again = timezone.now(), {}
    for old in model.objects.filter(participant=other).order_by("id"):
        values: dict[str, Any] = {name: getattr(old, name) for name in kept}
        values |= {"received_time": now, "source": SOURCE, "supersedes": again.get(old.supersedes_id)}
        again[old.pk], _ = model.objects.get_or_create(
            idempotency_key=facts.key(SOURCE, primary.pk, old.idempotency_key),
            defaults={"participant": primary, **values},
        )
    return len(again)


@transaction.atomic
def hand_over_helpers(other: Participant) -> int:
    """Who helps under the account that ends helps under the one that goes on. Answers how many."""
    primary, moved = goes_on_as(other), 0
    for link in AccountLink.objects.filter(participant=other, ended_at=None, account__isnull=False):
        known = AccountLink.objects.filter(participant=primary, account=link.account, ended_at=None).exists()
        if primary and not known and link.account_id != primary.account_id:
            AccountLink.objects.create(participant=primary, account=link.account, kind=link.kind,
                                       relationship=link.relationship, started_at=timezone.now())  # fmt: skip
        AccountLink.objects.filter(pk=link.pk).update(ended_at=timezone.now(), code_digest="")
        moved += 1
    return moved
