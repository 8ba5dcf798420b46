"""Finding a person of one's own site, by participant id or by family name and birth date. Each look-up is audited."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from commonweal import audit
from commonweal.errors import Refused
from commonweal.vault.people.current import LATEST, current_profile, current_site
from commonweal.vault.people.models import Account, Pairing, Participant, Profile
from commonweal.vault.staff.policies import check_can_look_up
from commonweal.vault.staff.roles import site_staff

MOST = 20  # a look-up is for one person, not for browsing
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True)
class Found:
    """One person, as the list of a look-up shows them."""

    participant: Participant
    profile: Profile | None
    site: str


def find(account: Account, text: str) -> list[Found]:
    """People of the account's sites: `text` is a participant id, or a family name and a birth date in any order.

    At most 20. Raises Refused for who is staff of no site. What was typed is not kept: the audit says who looked and
    how many were found, and one event for each person who was shown.
    """
    sites = site_staff(account)
    if not sites:
        raise Refused("look-up: only staff of a site may look people up")
    people = _of_sites(sites)
    text = text.strip()
    if re.fullmatch(r"[A-Za-z]\d{9}", text):
        people = people.filter(participant_id=text.upper())
    else:
        people = _named(people, text)
    found = [Found(one, current_profile(one), current_site(one) or "") for one in people.order_by("id")[:MOST]]
    audit.record("staff.look-up", actor=account, count=len(found))
    for one in found:
        audit.record("staff.seen", actor=account, subject=one.participant, site=one.site)
    return found


def open_person(account: Account, uuid: object) -> Participant:
    """The person behind a page of the staff area; Refused where they are not of the account's sites. Audited.

    Somebody who does not exist is refused in the same words, so that addresses cannot be tried.
    """
    person = Participant.objects.filter(uuid=uuid).first()
    check_can_look_up(account, (current_site(person) or "") if person else "")
    audit.record("staff.opened", actor=account, subject=person, site=current_site(person))
    return person


def _of_sites(sites: list[str]) -> QuerySet[Participant]:
    latest = Pairing.objects.filter(participant=OuterRef("pk")).order_by(*LATEST).values("site")[:1]
    return Participant.objects.annotate(site=Subquery(latest)).filter(site__in=sites)


def _named(people: QuerySet[Participant], text: str) -> QuerySet[Participant]:
    """By family name and birth date together; either alone finds nobody, which keeps it from being a way to browse."""
    born, name = _split(text)
    if born is None or not name:
        return people.none()
    latest = Profile.objects.filter(participant=OuterRef("pk")).order_by(*LATEST)
    people = people.annotate(
        born=Subquery(latest.values("birth_date")[:1]), family=Subquery(latest.values("family_name")[:1])
    )
    return people.filter(born=born, family__iexact=name)


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
