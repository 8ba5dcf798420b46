"""Many people at once, from the command line: one by one through the same door, safe to repeat."""

from collections.abc import Callable, Iterable, Iterator

from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.leaving import COMMAND_LINE, REASONS, withdrawal_of
from commonweal.vault.consent.models import Deactivation, Withdrawal
from commonweal.vault.journey.leaving import door
from commonweal.vault.people.models import Participant

ACCEPTED, UNCHANGED, REJECTED, UNMATCHED = "accepted", "unchanged", "rejected", "unmatched"
_AT_ONCE = 500


def withdraw(ids: Iterable[str], reason: str, why: str) -> dict[str, int]:
    """Withdraw the participants with these ids. Raises BadInput before anybody is touched where the reason is no good."""
    if reason not in REASONS:
        raise BadInput(f"--reason is one of {', '.join(REASONS)}")
    if reason != Withdrawal.SELF and not why.strip():
        raise BadInput("--why: this reason needs a justification in writing")

    def take(person: Participant) -> str:
        if withdrawal_of(person):
            return UNCHANGED
        door.withdraw(person, source=COMMAND_LINE, reason=reason, justification=why)
        return ACCEPTED

    return _each(ids, take)


def deactivate(ids: Iterable[str]) -> dict[str, int]:
    """Stop contact and new data; who has left for good is rejected."""

    def take(person: Participant) -> str:
        if Deactivation.objects.filter(participant=person).exists():
            return UNCHANGED
        door.deactivate(person, source=COMMAND_LINE)
        return ACCEPTED

    return _each(ids, take)


def _each(ids: Iterable[str], take: Callable[[Participant], str]) -> dict[str, int]:
    counts = dict.fromkeys((ACCEPTED, UNCHANGED, REJECTED, UNMATCHED), 0)
    for person in _people(ids):
        if person is None:
            counts[UNMATCHED] += 1
            continue
        try:
            counts[take(person)] += 1
        except (BadInput, Refused):
            counts[REJECTED] += 1
    if not sum(counts.values()):
        raise BadInput("standard input is empty: write one participant id a line to it")
    return counts


def _people(ids: Iterable[str]) -> Iterator[Participant | None]:
    """The participants in the order of their ids, None for an id that nobody has."""
    waiting: list[str] = []
    for line in ids:
        if line.strip():
            waiting.append(line.strip().upper())
        if len(waiting) == _AT_ONCE:
            yield from _found(waiting)
            waiting = []
    yield from _found(waiting)


def _found(ids: list[str]) -> Iterator[Participant | None]:
    known = {one.participant_id: one for one in Participant.objects.filter(participant_id__in=ids)}
    yield from (known.get(one) for one in ids)
