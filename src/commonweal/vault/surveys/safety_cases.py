"""What the staff do about a case: a state machine as data, each move one function with its step and its audit event.

Whoever calls this has checked that the account may. `MOVES[move] = (states it may start from, state it ends in)`.
"""

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.people.changes import Stale
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.surveys.models import SafetyCase, SafetyStep

OPEN, TAKEN, CALLED, CLOSED = SafetyCase.OPEN, SafetyCase.TAKEN, SafetyCase.CALLED, SafetyCase.CLOSED
TO_CALL = (OPEN, TAKEN)  # nobody has spoken with the person yet
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "take": ((OPEN, TAKEN, CALLED), TAKEN),  # also from somebody else
    "no_answer": ((TAKEN,), TAKEN),
    "called": ((TAKEN,), CALLED),  # spoke with the person
    "note": ((OPEN, TAKEN, CALLED), ""),  # stays as it is
    "close": ((TAKEN, CALLED), CLOSED),
    "reopen": ((CLOSED,), TAKEN),
}
OUTCOMES = ("safe", "helped", "emergency", "not_reached", "declined", "mistaken")
AFTER_A_CALL = frozenset({"safe", "helped", "emergency", "declined"})  # said only by who has spoken with the person
LEFT = "left"  # of who left, or died: written by leaving alone
LONGEST = 1000


@transaction.atomic
def move(
    case: SafetyCase, what: str, *, by: Account, note: str = "", outcome: str = "", version: int | None = None
) -> SafetyCase:
    """Make a move. Raises Stale where somebody was faster, Refused where it cannot be made from here, BadInput for
    words too long or an outcome that does not fit: nobody is found safe without having been called."""
    if what not in MOVES or len(note) > LONGEST:
        raise BadInput("safety case: no such move, or a note that is too long")
    held = SafetyCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if version is not None and held.version != version:
        raise Stale("safety case: changed meanwhile by someone else; look again before you change it")
    starts, end = MOVES[what]
    if held.state not in starts:
        raise Refused(f"safety case: it is {held.state}, from where it cannot be moved so")
    if what == "close":
        _check_outcome(held, outcome)
    _set(held, what, end or held.state, by, outcome)
    SafetyStep.objects.create(case=held, at=timezone.now(), by=by, move=what, note=note.strip())
    audit.record("safety.move", actor=by, subject=held.participant, case=held.pk, move=what)
    return held


def _check_outcome(held: SafetyCase, outcome: str) -> None:
    if outcome not in OUTCOMES:
        raise BadInput("safety case: say what came of it")
    if outcome in AFTER_A_CALL and not held.steps.filter(move="called").exists():
        raise BadInput("safety case: note the call first; this outcome says that somebody spoke with the person")


def _set(held: SafetyCase, what: str, state: str, by: Account, outcome: str) -> None:
    held.state, held.version = state, held.version + 1
    if what in ("take", "reopen"):
        held.taken_by = by
    held.closed_at = timezone.now() if state == CLOSED else None
    held.outcome = outcome if state == CLOSED else ""
    held.save()


def moves_from(case: SafetyCase) -> set[str]:
    return {move for move, (starts, _) in MOVES.items() if case.state in starts}


@transaction.atomic
def leave(participant: Participant, *, urgent_too: bool) -> tuple[int, int]:
    """Close what waits about somebody who leaves. Answers how many were closed, and how many stay.

    A case that cannot wait stays until somebody has called, also after a withdrawal: a life goes before the wish not to
    be written to. `urgent_too`: of somebody who died.
    """
    waiting = SafetyCase.objects.filter(participant=participant).exclude(state=CLOSED)
    closing = waiting if urgent_too else waiting.exclude(urgency=SafetyCase.URGENT)
    now, closed = timezone.now(), 0
    for case in closing.select_for_update():
        SafetyCase.objects.filter(pk=case.pk).update(
            state=CLOSED, outcome=LEFT, closed_at=now, version=case.version + 1
        )
        SafetyStep.objects.create(case=case, at=now, by=None, move="close")
        closed += 1
    if closed:
        audit.record("safety.leave", actor=audit.SYSTEM, subject=participant, count=closed)
    return closed, waiting.exclude(state=CLOSED).count()


def hand_over(other: Participant, primary: Participant) -> int:
    """The two are one person: whoever is called is the one who goes on. Answers how many cases."""
    return SafetyCase.objects.filter(participant=other).update(participant=primary)
