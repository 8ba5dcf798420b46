"""What one person's paper must show, from the protocol and from what is known of the person."""

from datetime import date
from typing import TYPE_CHECKING

from commonweal.protocol.consents import form_for
from commonweal.vault.consent.paper.checks import Expected
from commonweal.vault.consent.places import places_of
from commonweal.vault.consent.rules import ADULT
from commonweal.vault.people import facts
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import AccountLink, Participant

if TYPE_CHECKING:
    from commonweal.protocol import ConsentModule, ConsentVersion, Protocol


def expected_of(
    person: Participant, module: "ConsentModule", version: "ConsentVersion", authored_on: date, protocol: "Protocol"
) -> Expected:
    """`authored_on`: the day of the answer. The form follows from where the person gets care or lives."""
    places = places_of(person, protocol)
    form = form_for(version, places.care, places.home)
    return Expected(
        authored_on,
        form=form.id,
        initials=form.initials,
        check_mark=asks_check_mark(module, version),
        guardian=_is_child(person, authored_on),
        guardian_linked=_has_guardian(person),
    )


def asks_check_mark(module: "ConsentModule", version: "ConsentVersion") -> bool:
    """The return of results (GROR), and an update that people who joined are asked about (PRIMARY_UPDATE)."""
    returns = any(scope.startswith("return:") for scope in module.scopes)
    return returns or (version.reconsent and "participate" in module.scopes)


def _is_child(person: Participant, day: date) -> bool:
    profile = current_profile(person)
    return profile is not None and facts.age_on(profile.birth_date, day) < ADULT


def _has_guardian(person: Participant) -> bool:
    links = AccountLink.objects.filter(participant=person, kind=AccountLink.GUARDIAN, account__isnull=False)
    return links.filter(started_at__isnull=False, ended_at__isnull=True).exists()
