"""Accounts that act for a participant: a helper fills in pages, a guardian also signs. The program says if there are any.

The participant invites by a one-time code; the helper enters it in an account of their own, and then says on each visit
that they are helping now. Either side ends it at any time. Pages that are not named here stay closed to them.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.people import codes
from commonweal.vault.people.models import Account, AccountLink, Participant

IN_SESSION = "helping"
LENGTH = 10
VALID = timedelta(days=7)
MOST = 5  # helpers of one participant at a time
# Names of the participant's pages (`urls.py`) that are open to who helps; all others are the participant's alone.
OPEN_TO_HELPERS = {
    *("eligibility", "not_eligible", "in_review", "about_you", "custody", "consent", "consent_screen"),
    *("consent_video", "consent_captions"),
    *(
        "surveys",
        "survey_leave",
        "survey",
        "survey_page",
        "survey_save",
        "survey_ahead",
        "survey_later",
        "survey_review",
        "survey_thanks",
    ),
    *("appointments", "appointment_cancel", "appointment_calendar"),
}
OPEN_TO_GUARDIANS = OPEN_TO_HELPERS | {"consent_check", "consent_sign"}


def kinds() -> tuple[str, ...]:
    """Who may be linked in this program: helper, guardian, both or nobody."""
    allowed = current_protocol().program.accounts
    return (AccountLink.HELPER,) * allowed.helpers + (AccountLink.GUARDIAN,) * allowed.guardians


def digest(code: str) -> str:
    return hashlib.sha256(codes.typed(code).encode()).hexdigest()


@transaction.atomic
def invite(participant: Participant, kind: str, relationship: str = "") -> tuple[AccountLink, str]:
    """A new link and its one-time code, shown once. A code that was made before and not used is void.

    Raises BadInput for a kind that the program does not have, and Refused for a sixth helper.
    """
    if kind not in kinds():
        raise BadInput("helper: this program has no such helpers")
    open_links = AccountLink.objects.select_for_update().filter(participant=participant, ended_at__isnull=True)
    open_links.filter(started_at__isnull=True).update(ended_at=timezone.now(), code_digest="")
    if open_links.filter(started_at__isnull=False).count() >= MOST:
        raise Refused(f"helper: there can be {MOST} at a time; end one first")
    code = codes.new(LENGTH)
    link = AccountLink.objects.create(
        participant=participant,
        kind=kind,
        relationship=relationship.strip()[:60],
        code_digest=digest(code),
        code_until=timezone.now() + VALID,
    )
    audit.record("helper.invited", actor=participant, subject=participant, kind=kind)
    return link, codes.spoken(code)


@transaction.atomic
def accept(account: Account, code: str) -> AccountLink:
    """Link the account by its code. Raises Refused, in the same words, for an unknown, used, void or late code."""
    links = AccountLink.objects.select_for_update().select_related("participant")
    link = links.filter(code_digest=digest(code), started_at__isnull=True, ended_at__isnull=True).first()
    late = link is None or link.code_until is None or link.code_until <= timezone.now()
    if link is None or late or link.kind not in kinds() or link.participant.account_id == account.pk:
        raise Refused("helper: this code is not open")
    known = active(account).filter(participant=link.participant).first()
    if known:
        known.ended_at = timezone.now()
        known.save(update_fields=["ended_at"])
    link.account, link.started_at, link.code_digest = account, timezone.now(), ""
    link.save(update_fields=["account", "started_at", "code_digest"])
    audit.record("helper.linked", actor=account, subject=link.participant, kind=link.kind)
    return link


def end(link: AccountLink, *, by: object) -> None:
    """From now on the account acts no more for the participant. A second time changes nothing."""
    if AccountLink.objects.filter(pk=link.pk, ended_at__isnull=True).update(ended_at=timezone.now(), code_digest=""):
        audit.record("helper.ended", actor=by, subject=link.participant, kind=link.kind)


def active(account: Account) -> Any:
    """Links by which the account may act now; none of a kind that the program has no more."""
    open_now = AccountLink.objects.filter(account=account, started_at__isnull=False, ended_at__isnull=True)
    return open_now.filter(kind__in=kinds())


def of(participant: Participant, now: datetime | None = None) -> list[AccountLink]:
    """The helpers of a participant, and a code that still waits for one."""
    links = participant.helpers.filter(ended_at__isnull=True).select_related("account").order_by("made_at")
    now = now or timezone.now()
    return [link for link in links if link.started_at or (link.code_until and link.code_until > now)]


def begin(request: HttpRequest, link: AccountLink) -> None:
    """This session is now spent for the link's participant. Raises Refused for a link of another account."""
    if not active(request.user).filter(pk=link.pk).exists():  # type: ignore[arg-type]
        raise Refused("helper: this account does not help this person")
    request.session[IN_SESSION] = str(link.uuid)
    audit.record("helper.began", actor=request.user, subject=link.participant, kind=link.kind)


def stop(request: HttpRequest) -> None:
    """Back to one's own pages."""
    request.session.pop(IN_SESSION, None)


def link_of(request: HttpRequest) -> AccountLink | None:
    """The link under which this session acts for another person; None for who is on their own pages."""
    if not hasattr(request, "_helping"):
        request._helping = _link_of(request)  # type: ignore[attr-defined]
    return request._helping  # type: ignore[attr-defined,no-any-return]


def _link_of(request: HttpRequest) -> AccountLink | None:
    session = getattr(request, "session", None)
    wanted = session.get(IN_SESSION) if session is not None else None
    if session is None or wanted is None or not request.user.is_authenticated:
        return None
    link = active(request.user).filter(uuid=wanted).select_related("participant").first()
    if link is None:
        session.pop(IN_SESSION, None)  # it was ended meanwhile
    return link  # type: ignore[no-any-return]


def acting_for(request: HttpRequest) -> Participant | None:
    """The participant for whom a linked account acts in this session."""
    link = link_of(request)
    return link.participant if link else None


def guardian_of(request: HttpRequest) -> AccountLink | None:
    """The link of a guardian who acts now, and who may sign for the participant."""
    link = link_of(request)
    return link if link and link.kind == AccountLink.GUARDIAN else None


def signs_for_self(request: HttpRequest) -> bool:
    """Whether a signature given in this session would be the account's own."""
    return link_of(request) is None


def may_open(link: AccountLink, page: str) -> bool:
    """Whether who acts under this link may open the participant's page of this name."""
    return page in (OPEN_TO_GUARDIANS if link.kind == AccountLink.GUARDIAN else OPEN_TO_HELPERS)
