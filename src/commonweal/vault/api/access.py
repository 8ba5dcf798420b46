"""Who speaks to the interface: a partner system by its token, for the people and with the rights that the token names."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from commonweal import audit
from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.api import tokens
from commonweal.vault.api.models import PartnerToken
from commonweal.vault.people import scope
from commonweal.vault.people.models import Participant

LONGEST_VERSION = 18  # digits


class Token(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> PartnerToken | None:
        return tokens.of_secret(token)


def check_right(request: HttpRequest, right: str) -> PartnerToken:
    """The token of the request. Raises Refused where it lacks the right."""
    token: PartnerToken = request.auth  # type: ignore[attr-defined]
    if right not in token.rights.split():
        raise Refused(f"token: it lacks the right {right}; ask the program's operators")
    return token


def scope_of(token: PartnerToken) -> scope.Scope:
    return scope.reach(current_protocol(), token.level, token.scope)


def people_of(token: PartnerToken) -> QuerySet[Participant]:
    """The people that the token is for; made-up people of the staff are in no feed."""
    return scope.people(scope_of(token)).filter(is_test=False)


def open_person(token: PartnerToken, uuid: UUID, seen: str) -> Participant:
    """A person of the token's part; the view is audited. 404 in the same words for another part's and for nobody."""
    person = people_of(token).filter(uuid=uuid).first()
    if person is None:
        raise HttpError(404, "participant: nobody of your part of the program; look the id up again")
    note_seen(token, person, seen)
    return person


def note_seen(token: PartnerToken, person: Participant, seen: str) -> None:
    """Every view of a person is in the audit under that person, who can read of it (`staff.seeing.SYSTEMS`)."""
    audit.record(f"api.{seen}", actor=token, subject=person, level=token.level, scope=token.scope)


def tag(version: int) -> str:
    """A weak entity tag, as W/"7"."""
    return f'W/"{version}"'


def expected_version(request: HttpRequest) -> int | None:
    """The version that If-Match names; None for `*`. Raises 428 without the header, 412 for what is no version."""
    given: Any = request.headers.get("If-Match")
    if given is None:
        raise HttpError(428, 'If-Match: missing; send the ETag of what you last read, such as W/"7"')
    if given.strip() == "*":
        return None
    number = given.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > LONGEST_VERSION:
        raise HttpError(412, 'If-Match: no version; send the ETag of what you last read, such as W/"7"')
    return int(number)
