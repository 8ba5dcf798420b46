"""How one participant can be reached, and whether a message may go out to them now."""

from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from allauth.account.models import EmailAddress

from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.rules import NO, RECONTACT
from commonweal.vault.messages import texts
from commonweal.vault.messages.models import ContactPreference, Message
from commonweal.vault.messages.quiet import QUIET_FROM, QUIET_UNTIL
from commonweal.vault.people import clock
from commonweal.vault.people.current import LATEST, current_site
from commonweal.vault.people.models import Account, Participant


@dataclass(frozen=True)
class Preference:
    """What holds of the ways to reach a person; the program's default where they said nothing."""

    email: bool = True
    sms: bool = False
    reminders: bool = True
    news: bool = True
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL
    language: str = "en"

    def wants(self, topic: str) -> bool:
        """Whether messages of this topic may leave the portal; the inbox holds them all."""
        return {texts.REMINDERS: self.reminders, texts.NEWS: self.news}.get(topic, True)


def preference_of(person: Participant) -> Preference:
    """The latest that the person said."""
    account = person.account
    said = ContactPreference.objects.filter(participant=person).order_by(*LATEST).first()
    language = account.language if account else "en"
    if said is None:
        return Preference(email=bool(email_of(account)), sms=not email_of(account), language=language)
    names = ("email", "sms", "reminders", "news", "quiet_from", "quiet_until")
    return Preference(**{name: getattr(said, name) for name in names}, language=said.language or language)


def email_of(account: Account | None) -> str:
    """The account's address, unless it waits to be verified: nobody else's inbox is written to."""
    if account is None or not account.email:
        return ""
    known = EmailAddress.objects.filter(user=account, email__iexact=account.email).first()
    return "" if known and not known.verified else account.email


def phone_of(account: Account | None) -> str:
    """The account's number where it is verified."""
    return account.phone or "" if account and account.phone_verified else ""


def zone_of(person: Participant) -> tzinfo:
    """The time zone by which the person is written to."""
    return clock.zone_of(current_site(person))


def channels(person: Participant, topic: str, preference: Preference) -> list[str]:
    """Always the inbox; e-mail and text as the person wants them, where there is an address to send to."""
    if not preference.wants(topic):
        return [Message.INBOX]
    wanted = [
        (Message.EMAIL, preference.email and email_of(person.account)),
        (Message.SMS, preference.sms and phone_of(person.account)),
    ]
    return [Message.INBOX, *(channel for channel, address in wanted if address)]


def why_held(person: Participant, template: texts.Template, now: datetime) -> str:
    """Why the message may not go out now; empty where it may. Asked when it is queued and again when it is sent."""
    if template.needs == texts.NOTHING:
        return ""
    for model, why in ((Withdrawal, "withdrawn"), (Deactivation, "deactivated"), (Decease, "deceased")):
        if model.objects.filter(participant=person, event_time__lte=now).exists():
            return why
    if template.needs == texts.ASKED or RECONTACT in scopes_in_force(person, now, now):
        return ""
    return "" if template.needs == texts.JOINING and not _said_no(person) else "no consent to contact"


def _said_no(person: Participant) -> bool:
    answers = ConsentAnswer.objects.filter(participant=person).order_by("event_time", "id")
    latest = [answer for answer, scopes in answers.values_list("answer", "scopes") if RECONTACT in scopes.split()]
    return bool(latest) and latest[-1] == NO
