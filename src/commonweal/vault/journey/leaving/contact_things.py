"""What reaches the person: messages that wait, appointments, open requests for help, and one last message."""

from django.urls import reverse
from django.utils import timezone

from commonweal.vault.journey.leaving.outcome import DEACTIVATION, MERGE, Leave, Outcome, done_or_nothing, nothing
from commonweal.vault.messages import actions as messages_actions
from commonweal.vault.messages import appointments as appointment_actions
from commonweal.vault.support.models import HelpNote, HelpRequest

_NOTE = "Closed by itself: the participant has left, or is not to be contacted."


def messages(leave: Leave) -> Outcome:
    """What waits to go out is held for good."""
    return done_or_nothing(messages_actions.stop_all(leave.participant, why=leave.kind))


def appointments(leave: Leave) -> Outcome:
    return done_or_nothing(appointment_actions.cancel_all(leave.participant))


def support(leave: Leave) -> Outcome:
    """Open requests are closed with a note for the staff: nobody calls back."""
    now, closed = timezone.now(), 0
    for request in HelpRequest.objects.filter(participant=leave.participant).exclude(state=HelpRequest.CLOSED):
        same = HelpRequest.objects.filter(pk=request.pk, version=request.version)
        if same.update(state=HelpRequest.CLOSED, closed_at=now, changed_at=now, version=request.version + 1):
            HelpNote.objects.create(request=request, author=None, text=_NOTE, internal=True, at=now)
            closed += 1
    return done_or_nothing(closed)


_LAST_MESSAGE = {DEACTIVATION: "deactivated", MERGE: "accounts_joined"}


def notice(leave: Leave) -> Outcome:
    """One last message with the way to the receipt; none to who has no account to read it with."""
    if leave.participant.account is None:
        return nothing()
    template = _LAST_MESSAGE.get(leave.kind, "left")
    sent = messages_actions.send(leave.participant, template, key=leave.reference, link=reverse("leaving_receipt"))
    return done_or_nothing(len(sent))
