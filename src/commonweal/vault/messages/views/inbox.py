"""The participant's inbox: what the program wrote to them, newest first."""

from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from commonweal.vault.messages import log, texts
from commonweal.vault.messages.actions import open_message
from commonweal.vault.messages.delivery import SALT_OPEN
from commonweal.vault.messages.models import Message
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.models import Participant

MOST = 100


def inbox_of(person: Participant) -> QuerySet[Message]:
    """What has come in, newest first. What is held, or still to come, is not in it."""
    came = (Message.SENT, Message.DELIVERED, Message.OPENED)
    found = Message.objects.filter(participant=person, channel=Message.INBOX, state__in=came)
    return found.order_by("-due_at", "-pk")


def unread(person: Participant) -> int:
    return inbox_of(person).exclude(state=Message.OPENED).count()


@participant_only
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """All messages, with those not read yet marked."""
    person = the_participant(request)
    found = list(inbox_of(person)[: MOST + 1])
    return render(request, "post/inbox.html", {"inbox": found[:MOST], "cut": len(found) > MOST, "most": MOST})


@participant_only
@require_safe
def message(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One message; to look at it is to have read it."""
    person = the_participant(request)
    found = get_object_or_404(inbox_of(person), uuid=uuid)
    open_message(person, found)
    template = texts.TEMPLATES.get(found.template)
    return render(request, "post/message.html", {"one": found, "link_text": template.link_text if template else ""})


@participant_only
@require_safe
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The link in an e-mail: to the same message in the inbox, once its reader has logged in. Another's is not found."""
    person = the_participant(request)
    try:
        sent = Message.objects.get(uuid=signing.loads(token, salt=SALT_OPEN), participant=person)
    except (signing.BadSignature, Message.DoesNotExist):
        raise Http404 from None
    log.advance(sent, Message.OPENED)
    inside = inbox_of(person).filter(template=sent.template, made_at=sent.made_at).first()
    return redirect("inbox_message", inside.uuid) if inside else redirect("inbox")
