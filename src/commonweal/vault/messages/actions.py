"""Writing to people, and stopping to. A message is queued here and sent by the worker (`delivery`)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.messages import log, reach, texts
from commonweal.vault.messages.models import ContactPreference, Message
from commonweal.vault.messages.quiet import due_time
from commonweal.vault.messages.wording import outside, worded
from commonweal.vault.people import facts
from commonweal.vault.people.current import LATEST
from commonweal.vault.people.models import Participant


@transaction.atomic
def send(
    participant: Participant, template: str, *, key: str, link: str = "", due: datetime | None = None, **values: Any
) -> list[Message]:
    """Queue a message to `participant` on each channel that they want; the same `key` a second time adds nothing.

    `key` says which message this is among those of the same template (it is not shown to anyone). `link`: a path of
    the portal. `due`: not before then; quiet hours come on top. `values` fill the {names} of the text; moments are
    written in the person's own time zone. What may not go out is kept as held, with the reason.
    Raises BadInput for an unknown template or an address of another site.
    """
    known = texts.TEMPLATES.get(template)
    if known is None:
        raise BadInput("message: no such template")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise BadInput("message: a link is a path of the portal, such as /home/")
    now = timezone.now()
    preference = reach.preference_of(participant)
    why = reach.why_held(participant, known, now)
    made = []
    for channel in reach.channels(participant, known.topic, preference):
        message, added = _queue(participant, known, channel, preference, key, link, now, due, values)
        made.append(message)
        if added and why:
            log.advance(message, Message.HELD, why=why)
        elif added and channel == Message.INBOX and message.due_at <= now:
            log.advance(message, Message.SENT)  # the inbox wakes nobody
        if added and channel == Message.INBOX:
            audit.record("messages.send", actor=audit.SYSTEM, subject=participant, template=template)
    return made


def _queue(
    person: Participant,
    template: texts.Template,
    channel: str,
    preference: reach.Preference,
    key: str,
    link: str,
    now: datetime,
    due: datetime | None,
    values: dict[str, Any],
) -> tuple[Message, bool]:
    zone, due = reach.zone_of(person), max(due or now, now)
    if channel != Message.INBOX:
        due = due_time(due, zone, preference.quiet_from, preference.quiet_until)
    with translation.override(preference.language):
        inside = channel == Message.INBOX
        subject, body = worded(template, values, zone) if inside else outside(channel)
    message, added = Message.objects.get_or_create(
        idempotency_key=facts.key(f"message:{channel}", person.pk, template.id, key),
        defaults={
            "participant": person,
            "account": person.account,
            "channel": channel,
            "template": template.id,
            "language": preference.language,
            "subject": subject,
            "body": body,
            "link": link,
            "made_at": now,
            "due_at": due,
        },
    )
    if added:
        log.note(message, Message.QUEUED, at=now)
    return message, added


@transaction.atomic
def stop_all(participant: Participant, why: str = "stopped") -> int:
    """Hold everything that still waits to go out, except receipts. Answers how many messages were stopped."""
    necessary = [template.id for template in texts.TEMPLATES.values() if template.needs == texts.NOTHING]
    waiting = Message.objects.filter(participant=participant, state=Message.QUEUED).exclude(template__in=necessary)
    stopped = sum(log.advance(message, Message.HELD, why=why) for message in waiting.order_by("pk"))
    if stopped:
        audit.record("messages.stop", actor=audit.SYSTEM, subject=participant, count=stopped)
    return stopped


@transaction.atomic
def prefer(participant: Participant, *, source: str, actor: object | None = None, **said: Any) -> ContactPreference:
    """How the participant wants to be reached; the same again adds nothing.

    Raises BadInput for an unknown field or language, and Refused for texts without a verified number.
    """
    unknown = set(said) - set(reach.Preference.__dataclass_fields__)
    if unknown:
        raise BadInput(f"contact preference: no such field: {', '.join(sorted(unknown))}")
    before = reach.preference_of(participant)
    holds = {name: said.get(name, getattr(before, name)) for name in reach.Preference.__dataclass_fields__}
    if holds["language"] not in ("en", "es"):
        raise BadInput("contact preference: no such language")
    if said.get("sms") and not reach.phone_of(participant.account):
        raise Refused("contact preference: texts need a phone number that is verified")
    last = ContactPreference.objects.filter(participant=participant).order_by(*LATEST).first()
    if last and all(getattr(last, name) == value for name, value in holds.items()):
        return last
    now = timezone.now()
    fact = ContactPreference.objects.create(
        participant=participant,
        supersedes=last,
        event_time=now,
        authored_time=now,
        received_time=now,
        source=source,
        idempotency_key=facts.key("preference", participant.pk, last.pk if last else 0, now),
        **holds,
    )
    audit.record("messages.prefer", actor=actor or participant, subject=participant)
    return fact


def open_message(participant: Participant, message: Message) -> None:
    """The person has read the message in the inbox: so it is opened, and what pointed to it has done its work."""
    if message.participant_id == participant.pk and log.advance(message, Message.OPENED):
        audit.record("messages.open", actor=participant, subject=participant)
