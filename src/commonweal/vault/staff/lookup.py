"""Finding one person by exact details: never by a part of a name, never more than a few, and each look-up is audited."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.people.current import LATEST, current_pairing, current_profile
from commonweal.vault.people.digits import digits_of
from commonweal.vault.people.models import Account, Pairing, Participant, Profile
from commonweal.vault.staff import policies, seeing

MOST = 20  # a look-up is for one person, not for browsing
AN_HOUR = 120  # look-ups of one account
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")
_PHONE = re.compile(r"\+?[\d\s().-]{7,20}")


@dataclass(frozen=True)
class Found:
    """One person, as the list of a look-up shows them."""

    participant: Participant
    profile: Profile | None
    pairing: Pairing | None


def find(account: Account, text: str = "", *, record_number: str = "", site: str = "") -> list[Found]:
    """People of the account's scope, at most 20, who match all that is given, exactly.

    `text`: a participant id, an e-mail address, a phone number, or a family name and a birth date in any order.
    Raises Refused for who may not look people up, or has done so too often within an hour. What was typed is not kept:
    the audit says who looked and how many were found, and one event for each person who was shown.
    """
    if not policies.can(account, "look_up"):
        raise Refused("look-up: only staff of a site or of the program may look people up")
    _check_pace(account)
    people = policies.people_in_scope(account, "look_up")
    for part in _sought(text.strip(), record_number.strip(), site):
        people = people.filter(pk__in=part)
    found = [Found(one, current_profile(one), current_pairing(one)) for one in people.order_by("id")[:MOST]]
    audit.record("staff.look-up", actor=account, count=len(found))
    for one in found:
        seeing.note(account, one.participant, "list", action=seeing.LISTED, permission="look_up")
    return found


def open_person(account: Account, uuid: object) -> Participant:
    """The person behind a page of the staff area; Refused where they are not among the account's people. Audited.

    Somebody who does not exist is refused in the same words, so that addresses cannot be tried.
    """
    person = Participant.objects.filter(uuid=uuid).first()
    policies.check_can_see(account, person)
    assert person is not None
    seeing.note(account, person, "page")
    return person


def _check_pace(account: Account) -> None:
    since = timezone.now() - timedelta(hours=1)
    if len(audit.by(account, actions=["staff.look-up"], since=since, limit=AN_HOUR)) >= AN_HOUR:
        raise Refused("look-up: too many within an hour; wait a while, and ask an operator if you need more")


def _sought(text: str, record_number: str, site: str) -> list[QuerySet[Profile] | QuerySet[Participant]]:
    """Subqueries of participants' keys, one for each detail given. Raises BadInput where none is complete."""
    parts = [_by_text(text)] if text else []
    if record_number and site:
        parts.append(_holding(Pairing.objects.filter(site=site, record_number=record_number)))
    if not parts:
        raise BadInput(
            "look-up: write an id, an address, a number, a name with the birth date, or a record number and site"
        )
    return parts


def _by_text(text: str) -> QuerySet[Profile] | QuerySet[Participant]:
    if re.fullmatch(r"[A-Za-z]\d{9}", text):
        return Participant.objects.filter(participant_id=text.upper()).values("pk")
    if "@" in text:
        address = text.lower()
        same = Profile.objects.annotate(address=Lower("email")).filter(address=address)
        return _either(_holding(same), Q(account__email=address))
    if _PHONE.fullmatch(text) and _DATE.fullmatch(text) is None:
        digits = re.sub(r"\D", "", text)
        forms = {digits, digits.removeprefix("1"), f"1{digits}"} if len(digits) in (10, 11) else {digits}
        same = Profile.objects.annotate(digits=digits_of("phone")).filter(digits__in=sorted(forms))
        return _either(_holding(same), Q(account__phone__in=[f"+{one}" for one in sorted(forms)]))
    return _named(text)


def _either(holding: QuerySet[Profile], of_account: Q) -> QuerySet[Participant]:
    return Participant.objects.filter(Q(pk__in=holding) | of_account).values("pk")


def _named(text: str) -> QuerySet[Profile]:
    """By family name, or the one name that there is, and birth date; either alone finds nobody: it is no way to browse."""
    born, name = _split(text)
    if born is None or not name:
        return Profile.objects.none().values("participant")
    sought = _folded(name)
    rows = Profile.objects.filter(birth_date=born).values_list("pk", "family_name", "given_name")
    return _holding(
        Profile.objects.filter(pk__in=[pk for pk, family, given in rows if _folded(family or given) == sought])
    )


def _folded(name: str) -> str:
    """A name without case and as it is kept (people/names.py); a database folds what is not ASCII in its own way, or not."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _holding(facts: QuerySet[Profile]) -> QuerySet[Profile]:
    """Of these profiles or pairings, those that hold now, as their participants' keys."""
    latest = facts.model.objects.filter(participant=OuterRef("participant")).order_by(*LATEST).values("pk")[:1]
    return facts.annotate(latest=Subquery(latest)).filter(pk=F("latest")).values("participant")


def _split(text: str) -> tuple[date | None, str]:
    match = _DATE.search(text)
    if match is None:
        return None, text
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[4], match[5])
    name = (text[: match.start()] + " " + text[match.end() :]).strip(" ,;\t")
    try:
        return date(int(year), int(month), int(day)), " ".join(name.split())
    except ValueError:
        return None, name
