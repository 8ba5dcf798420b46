"""Codes and links that bring people, and remembering by which one a person came."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people import codes, limits
from commonweal.vault.people.current import current_eligibility
from commonweal.vault.people.models import Account, Arrival, Invitation, Participant

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

IN_SESSION = "invitation"
LENGTH = 8
TRIED = "invitation_code"  # the limit of wrong codes from one address
LINK, QR, CODE = "link", "qr", "code"  # the ways in which somebody comes in
came_in = Signal()  # an open invitation was come in by: invitation, way. It says nothing about who did
MADE_BY_STAFF = (Invitation.PARTNER, Invitation.EVENT, Invitation.CAMPAIGN)


@transaction.atomic
def make(
    kind: str,
    label: str,
    *,
    protocol: "Protocol",
    by: Account,
    site: str = "",
    organisation: str = "",
    awardee: str = "",
    closes_at: datetime | None = None,
    of_partner: bool = False,
) -> Invitation:
    """An invitation of a site, an organisation or an awardee (one of them); of none for one of a community partner.

    Raises BadInput for what there is not.
    """
    given = {"sites": site, "organisations": organisation, "awardees": awardee}
    named = [(kinds, one) for kinds, one in given.items() if one]
    if kind not in MADE_BY_STAFF or not label.strip():
        raise BadInput("invitation: give it a kind (partner, event, campaign) and a name")
    if len(named) != (not of_partner) or any(one not in getattr(protocol.partners, kinds) for kinds, one in named):
        raise BadInput("invitation: name one site, organisation or awardee of this program")
    if closes_at and closes_at <= timezone.now():
        raise BadInput("invitation: the last day is over; write a later one")
    made = _with_a_free_code(
        kind=kind,
        label=label.strip()[:120],
        site=site,
        organisation=organisation,
        awardee=awardee,
        made_by=by,
        closes_at=closes_at,
    )
    audit.record("invitation.made", actor=by, kind=kind, site=site, organisation=organisation, awardee=awardee)
    return made


def own(participant: Participant) -> Invitation:
    """The one invitation by which a participant tells others; made when it is first asked for."""
    found = Invitation.objects.filter(referrer=participant).first()
    if found:
        return found
    try:
        with transaction.atomic():
            made = _with_a_free_code(kind=Invitation.REFERRAL, referrer=participant)
            audit.record("invitation.made", actor=participant, subject=participant, kind=Invitation.REFERRAL)
            return made
    except IntegrityError:  # a second window was quicker
        return Invitation.objects.get(referrer=participant)


def _with_a_free_code(**fields: object) -> Invitation:
    code = codes.new(LENGTH)
    while Invitation.objects.filter(code=code).exists():
        code = codes.new(LENGTH)
    return Invitation.objects.create(code=code, **fields)


def find(text: str) -> Invitation | None:
    """The open invitation with this code, as somebody typed it."""
    code = codes.typed(text)
    if len(code) != LENGTH:
        return None
    found = Invitation.objects.filter(code=code).first()
    return found if found and (found.closes_at is None or found.closes_at > timezone.now()) else None


def keep(request: HttpRequest, text: str, way: str = LINK) -> Invitation | None:
    """Find it and keep it in the visitor's session; `way` is told to who counts openings.

    None for an unknown or closed code, and after too many of them.
    """
    if limits.used_up(request, TRIED):
        return None
    found = find(text)
    if found:
        request.session[IN_SESSION] = found.code
        if request.method != "HEAD":  # a preview of a link opens nothing
            came_in.send(Invitation, invitation=found, way=way)
    else:
        limits.count(request, TRIED)
    return found


def remember_arrival(request: HttpRequest, participant: Participant) -> Arrival | None:
    """Write by which invitation this new participant came: once, and never by their own. Forgets the code."""
    code = request.session.pop(IN_SESSION, None)
    found = find(code) if code else None
    if found is None or found.referrer_id == participant.pk or current_eligibility(participant) is not None:
        return None
    now = timezone.now()
    fact, added = Arrival.objects.get_or_create(
        idempotency_key=f"arrival:{participant.pk}",
        defaults={
            "participant": participant,
            "invitation": found,
            "event_time": now,
            "authored_time": now,
            "received_time": now,
            "source": "portal",
        },
    )
    if added:
        audit.record("people.arrival", actor=participant, subject=participant, kind=found.kind)
    return fact


def invited_site(participant: Participant, protocol: "Protocol") -> str | None:
    """The site that the participant's invitation names, as a suggestion."""
    arrival = participant.arrivals.select_related("invitation").first()
    site = arrival.invitation.site if arrival else ""
    return site if site in protocol.sites else None
