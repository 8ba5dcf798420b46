"""Each time staff, or the system of a partner, see a person's record it is written down, in a way that the person can read."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal import audit
from commonweal.vault.people.current import current_pairing
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import roles

OPENED, LISTED = "staff.opened", "staff.seen"
SYSTEMS = (
    "api.found",
    "api.participant",
    "api.pairing",
    "api.summary",
    "api.responses",
)  # written where partner systems ask
ACTIONS = (OPENED, LISTED, *SYSTEMS)
KINDS = {
    "page": _("They opened your page"),
    "list": _("You were found in a search"),
    "day": _("Your appointment stood in the list of a day"),
    "form": _("They opened a form to change or add something"),
    "help": _("They read a request for help of yours"),
    "document": _("They opened a document of yours"),
    "paper consent": _("They opened a document of yours"),
    "safety": _("They looked at how you are, because of an answer of yours"),
    "match": _("They compared your details with those of a patient, to find out whose health records these are"),
    "queue": _("You stood in a list of what waits"),
    "system": _("The computer system of a partner read your record"),
    "survey by phone": _("They filled in a survey with you by telephone, and saw your answers to it"),
    "consent together": _("They went through a consent together with you"),
}


def note(
    account: Account, person: Participant, what: str, *, action: str = OPENED, permission: str = "see_person"
) -> None:
    """Write that `account` saw `person`; `what` names the kind of view, one of KINDS.

    Role and place are those by which the account may see this person, narrowest first; never who the account is.
    """
    pairing = current_pairing(person)
    ways = [
        one
        for one in roles.held(account)
        if permission in roles.MATRIX[one.role] and roles.reach_of(one).holds(pairing)
    ]
    by = min(ways, key=lambda one: list(roles.MATRIX).index(one.role), default=None)
    place: dict[str, Any] = {
        "role": by.role if by else "",
        "site": by.site if by else "",
        "scope": by.scope if by else "",
    }
    audit.record(action, actor=account, subject=person, what=what, **place)
