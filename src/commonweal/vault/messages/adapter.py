"""Mails and codes of the accounts themselves stand in the log of messages too: that one was sent, never what it said."""

import smtplib
import uuid
from email.utils import formataddr
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.ui.context import current_protocol, language, words
from commonweal.vault.messages import log
from commonweal.vault.messages.models import Message
from commonweal.vault.messages.transport import NotSent
from commonweal.vault.people.adapter import Adapter
from commonweal.vault.people.models import Account

TEMPLATE = "account"


class LoggedAdapter(Adapter):
    """The accounts' adapter; what it sends is written down, for addresses with and without an account alike."""

    def get_from_email(self) -> str:
        program = current_protocol().program
        return formataddr((words(program.name), program.contacts.email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if email.startswith("+"):
            super().send_mail(template_prefix, email, context)  # comes back as a text
            return
        account = context.get("user") or Account.objects.filter(email=email.lower()).first()
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError):
            self._not_sent(Message.EMAIL, account)
        else:
            note_sent(Message.EMAIL, account)

    def send_text(self, phone: str, kind: str, code: str = "") -> None:
        account = Account.objects.filter(phone=phone).first()
        try:
            super().send_text(phone, kind, code)
        except (NotSent, OSError):
            self._not_sent(Message.SMS, account)
        else:
            note_sent(Message.SMS, account)

    def _not_sent(self, channel: str, user: Any) -> None:
        note_sent(channel, user, Message.FAILED)
        request: HttpRequest | None = getattr(self, "request", None)
        if request is not None:
            said = _("We could not send it just now. Please wait a minute and ask for it again.")
            messages.error(request, said, extra_tags="caution")


def note_sent(channel: str, user: Any, state: str = Message.SENT) -> Message:
    """A line in the log, without address, subject or body; `user` may be nobody."""
    now = timezone.now()
    account = user if isinstance(user, Account) and user.pk else None
    message = Message.objects.create(
        participant=getattr(account, "participant", None),
        account=account,
        channel=channel,
        template=TEMPLATE,
        language=language(),
        idempotency_key=f"account:{uuid.uuid4()}",
        state=state,
        made_at=now,
        due_at=now,
    )
    log.note(message, state, at=now)
    return message
