"""Newsletters for partners, in both languages, sent to mailboxes of organisations: never to participants."""

import logging
import smtplib
from collections.abc import Collection
from datetime import date
from email.utils import formataddr

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol, words
from commonweal.vault.partners import partners, rules
from commonweal.vault.partners.models import CommunityPartner, Newsletter, NewsletterCopy
from commonweal.vault.people.models import Account

_log = logging.getLogger(__name__)


@transaction.atomic
def write(draft: Newsletter | None, texts: dict[str, str], *, by: Account) -> Newsletter:
    """A draft, or a change of one. Raises Refused for one that was sent, BadInput where a language is empty."""
    if any(not text.strip() for text in texts.values()):
        raise BadInput(_("Write the subject and the text in both languages."))
    one = Newsletter.objects.select_for_update().get(pk=draft.pk) if draft else Newsletter()
    if one.sent_at:
        raise Refused(_("This newsletter was sent; it stays as it is."))
    for name, text in texts.items():
        setattr(one, name, text)
    one.written_by = by
    one.save()
    audit.record("partners.newsletter", actor=by, newsletter=str(one.uuid))
    return one


def can_receive(day: date) -> dict[str, str]:
    """Partners that are active and have a mailbox: their names, by id."""
    known = partners.details().items()
    return {slug: partners.name_of(one) for slug, one in known if one.contact and partners.is_active(one, day)}


def send(draft: Newsletter, to: Collection[str], *, by: Account) -> int:
    """Send it to these partners, each once; answers how many copies still wait because the mail server failed.

    Called again, only those that wait are sent. Raises BadInput where a partner cannot receive it or none is named.
    """
    _begin(draft, to, by)
    return sum(not _send(copy) for copy in draft.copies.filter(sent_at=None).select_related("partner"))


@transaction.atomic
def _begin(draft: Newsletter, to: Collection[str], by: Account) -> None:
    """Who gets it is decided once."""
    one = Newsletter.objects.select_for_update().get(pk=draft.pk)
    if one.sent_at:
        return
    rules.check_known(to, can_receive(timezone.localdate()))
    if not to:
        raise BadInput(_("Choose at least one partner."))
    chosen = CommunityPartner.objects.filter(slug__in=to)
    NewsletterCopy.objects.bulk_create(NewsletterCopy(newsletter=one, partner=partner) for partner in chosen)
    one.sent_at = timezone.now()
    one.save(update_fields=["sent_at"])
    audit.record("partners.newsletter_sent", actor=by, newsletter=str(one.uuid), count=len(to))


def _send(copy: NewsletterCopy) -> bool:
    with transaction.atomic():
        mine = NewsletterCopy.objects.select_for_update().get(pk=copy.pk)
        known = partners.details().get(copy.partner.slug)
        if mine.sent_at or known is None or not known.contact:
            return bool(mine.sent_at)
        try:
            _mail(copy.newsletter, known.contact).send()
        except (smtplib.SMTPException, OSError) as error:
            _log.error("a newsletter could not be sent: %s", type(error).__name__)
            return False
        mine.sent_at = timezone.now()
        mine.save(update_fields=["sent_at"])
    return True


def _mail(one: Newsletter, to: str) -> EmailMessage:
    program = current_protocol().program
    both = f"{one.text_en.strip()}\n\n{'-' * 40}\n\n{one.subject_es}\n\n{one.text_es.strip()}\n"
    sender = formataddr((words(program.name), program.contacts.email))
    return EmailMessage(f"{one.subject_en} / {one.subject_es}", both, sender, [to])
