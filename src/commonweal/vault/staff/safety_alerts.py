"""Telling the staff on duty that a safety case waits, and once more when it is overdue.

A mail or text says that something waits, and where: never what, about whom, or that it concerns an answer. Each account is
told at most once in a while, however many cases come, and each case is marked as told, so that a worker that is killed
tells it again and never forgets it.
"""

import logging
import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import formataddr

from django.core.mail import EmailMessage
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.ui.context import current_protocol, words
from commonweal.vault.messages import reach, transport
from commonweal.vault.messages.adapter import note_sent
from commonweal.vault.messages.models import Message
from commonweal.vault.messages.wording import address
from commonweal.vault.people.models import Account
from commonweal.vault.staff.safety_desk import on_duty
from commonweal.vault.surveys.models import SafetyCase
from commonweal.vault.surveys.safety_cases import TO_CALL

_log = logging.getLogger(__name__)
AT_ONCE = 200  # cases in one round
AGAIN = timedelta(hours=24)  # an overdue case is told once a day until somebody has called


def tick(now: datetime | None = None) -> int:
    """New urgent cases, and overdue ones; answers how many cases were told."""
    now = now or timezone.now()
    waiting = SafetyCase.objects.filter(state__in=TO_CALL).select_related("participant")
    new = list(waiting.filter(urgency=SafetyCase.URGENT, told_at=None).order_by("pk")[:AT_ONCE])
    late = waiting.filter(due_at__lte=now).exclude(reminded_at__gt=now - AGAIN)
    late = late.exclude(pk__in=[case.pk for case in new])
    overdue = list(late.order_by(F("reminded_at").asc(nulls_first=True), "pk")[:AT_ONCE])
    return _tell(new, now, "told_at") + _tell(overdue, now, "reminded_at")


def _tell(cases: Iterable[SafetyCase], now: datetime, mark: str) -> int:
    """Write to each account once for all of these; a case that reached nobody stays unmarked and is tried again."""
    reached: dict[int, bool] = {}
    count = 0
    for case in cases:
        if any(_reach(accounts, reached) for accounts in on_duty(case)):
            SafetyCase.objects.filter(pk=case.pk).update(**{mark: now})
            count += 1
        else:
            _log.error(
                "a safety case reached none of the staff: give the roles of its plan to accounts with an address"
            )
    if count:
        audit.record("safety.told", actor=audit.SYSTEM, count=count)
    return count


def _reach(accounts: list[Account], reached: dict[int, bool]) -> bool:
    """Write to those who were not written to yet; whether any of these has been reached."""
    for account in accounts:
        if account.pk not in reached:
            reached[account.pk] = _write(account)
    return any(reached[account.pk] for account in accounts)


def _write(account: Account) -> bool:
    """By e-mail and by text, whichever there is; whether one of them left."""
    with translation.override(account.language):
        program = words(current_protocol().program.name)
        subject = _("%(program)s: something urgent waits for you") % {"program": program}
        text = _("Something urgent waits for you at %(program)s. Please log in now: %(link)s") % {
            "program": program,
            "link": address(reverse("staff_safety")),
        }
        return any([_email(account, subject, text), _text(account, text)])


def _email(account: Account, subject: str, text: str) -> bool:
    to = reach.email_of(account)
    if not to:
        return False
    program = current_protocol().program
    sender = formataddr((words(program.name), program.contacts.email))
    headers = {"Auto-Submitted": "auto-generated", "Importance": "high"}
    try:
        EmailMessage(subject, text, sender, [to], headers=headers).send()
    except (smtplib.SMTPException, OSError) as error:
        return _failed(account, Message.EMAIL, error)
    note_sent(Message.EMAIL, account)
    return True


def _text(account: Account, text: str) -> bool:
    number = reach.phone_of(account)
    if not number:
        return False
    try:
        transport.texts().send(number, text, kind="staff", reference="")
    except (transport.NotSent, OSError) as error:
        return _failed(account, Message.SMS, error)
    note_sent(Message.SMS, account)
    return True


def _failed(account: Account, channel: str, error: Exception) -> bool:
    note_sent(channel, account, Message.FAILED)
    _log.error("the staff could not be told: %s; it will be tried again", type(error).__name__)
    return False
