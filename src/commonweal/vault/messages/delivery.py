"""The worker's part: take messages that are due, send each, and write down what came of it.

Several workers may run. A worker claims a message by moving its `due_at` forward by a lease, in one transaction that no
other can share; a worker that is killed leaves it to be claimed again when the lease ends, so that none is lost. Before
it sends, a worker looks whether the claim is still its own: one slower than its lease leaves the message to the next. Nothing
is sent twice where the provider knows our reference (it is the same each time: `Idempotency-Key`, `Message-ID`, the name
of the outbox file). The window that stays: a mail server that took a message in the moment before the worker was killed,
and that does not compare Message-IDs, takes it a second time.
"""

import logging
import smtplib
import time
from datetime import datetime, timedelta
from email.utils import formataddr

from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from commonweal.ui.context import current_protocol, words
from commonweal.vault.messages import log, reach, texts, transport
from commonweal.vault.messages.models import Message
from commonweal.vault.messages.quiet import due_time
from commonweal.vault.messages.wording import address

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than one message can take
BATCH = 20
ROUND = 30.0  # seconds: then the worker's other work has its turn, however many messages wait
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))  # after each failure, the next try
SALT_OPEN, SALT_STOP = "post.open", "post.stop"


def deliver_due(now: datetime | None = None) -> int:
    """Send what is due, for one ROUND; answers how many messages left."""
    sent, began = 0, time.monotonic()
    while time.monotonic() - began < ROUND and (batch := claim(now or timezone.now())):
        for message in batch:
            sent += _deliver_one(message, now or timezone.now())
    return sent


def _deliver_one(message: Message, now: datetime) -> bool:
    """A message that cannot even be made keeps none of the others back."""
    try:
        with translation.override(message.language):
            return deliver(message, now)
    except Exception as error:
        _log.error("a message could not be made: %s; it will be tried again", type(error).__name__)
        _failed(message, error)
        return False


@transaction.atomic
def claim(now: datetime, most: int = BATCH) -> list[Message]:
    """Take messages that are due, for the length of the lease; what another worker is taking is passed over."""
    due = Message.objects.filter(state=Message.QUEUED, due_at__lte=now).order_by("due_at", "pk")
    taken = list(due.select_for_update(skip_locked=True)[:most])
    Message.objects.filter(pk__in=[message.pk for message in taken]).update(
        due_at=now + LEASE, attempts=F("attempts") + 1
    )
    for message in taken:
        message.attempts, message.due_at = message.attempts + 1, now + LEASE
    return taken


def _still_ours(message: Message, now: datetime) -> bool:
    """Whether the claim stands, with a new lease; not where another worker has it by now, or where it is held."""
    claimed = Message.objects.filter(pk=message.pk, state=Message.QUEUED, due_at=message.due_at)
    return claimed.update(due_at=now + LEASE) > 0


def deliver(message: Message, now: datetime) -> bool:
    """Send one claimed message, unless something speaks against it by now. Answers whether it left."""
    if not _still_ours(message, now):
        return False
    person, template = message.participant, texts.TEMPLATES.get(message.template)
    if person is None or template is None:
        return log.advance(message, Message.HELD, why="nobody to send it to") and False
    if why := reach.why_held(person, template, now):
        return log.advance(message, Message.HELD, why=why) and False
    if message.channel == Message.INBOX:
        return log.advance(message, Message.SENT)
    preference = reach.preference_of(person)
    if message.channel not in reach.channels(person, template.topic, preference):
        return log.advance(message, Message.HELD, why="not wanted") and False
    later = due_time(now, reach.zone_of(person), preference.quiet_from, preference.quiet_until)
    if later > now:
        Message.objects.filter(pk=message.pk).update(due_at=later, attempts=F("attempts") - 1)
        return False
    return _send(message)


def _send(message: Message) -> bool:
    try:
        provider_id = _email(message) if message.channel == Message.EMAIL else _sms(message)
    except (transport.NotSent, smtplib.SMTPException, OSError) as error:
        _failed(message, error)
        return False
    log.advance(message, Message.SENT, provider_id=provider_id)
    return True


def _failed(message: Message, error: Exception) -> None:
    """Try again later, each time after a longer pause; give up after the last, or where it can never work."""
    if _is_final(error) or message.attempts > len(PAUSES):
        mail = isinstance(error, (smtplib.SMTPException, OSError))
        why = "the mail server did not take it" if mail else "it could not be made"
        why = str(error) if isinstance(error, transport.NotSent) else why
        log.advance(message, Message.FAILED, why=why[:60], detail=type(error).__name__)
    else:
        again = timezone.now() + PAUSES[message.attempts - 1]
        Message.objects.filter(pk=message.pk, state=Message.QUEUED).update(due_at=again)


def _is_final(error: Exception) -> bool:
    """Whether trying again is no use. A mail server that answers 4xx to an address asks to be tried again (greylisting)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return bool(getattr(error, "final", False))


def _link(message: Message) -> str:
    return address(reverse("post_open", args=[signing.dumps(str(message.uuid), salt=SALT_OPEN, compress=True)]))


def _sms(message: Message) -> str:
    text = message.body.replace("{link}", address(reverse("inbox")))
    number = reach.phone_of(message.participant.account if message.participant else None)
    return transport.texts().send(number, text, kind=message.template, reference=str(message.uuid))


def _email(message: Message) -> str:
    assert message.participant is not None
    program = current_protocol().program
    domain = program.contacts.email.rpartition("@")[2]
    message_id = f"<{message.uuid}@{domain}>"
    headers = {"Message-ID": message_id, transport.REFERENCE: str(message.uuid), "Auto-Submitted": "auto-generated"}
    if texts.TEMPLATES[message.template].topic != texts.NECESSARY:
        stop = reverse("post_stop", args=[signing.dumps(str(message.uuid), salt=SALT_STOP, compress=True)])
        headers |= {"List-Unsubscribe": f"<{address(stop)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    EmailMessage(
        message.subject,
        message.body.replace("{link}", _link(message)),
        formataddr((words(program.name), program.contacts.email)),
        [reach.email_of(message.participant.account)],
        headers=headers,
    ).send()
    return message_id


def waiting() -> int:
    """How many messages wait, due or not: what an operator looks at first."""
    return Message.objects.filter(state=Message.QUEUED).count()
