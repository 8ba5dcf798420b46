"""What changes who is a researcher and what they may use. Each change is one audited function."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.workbench.researchers.models import ApiToken, Researcher, TierGrant

TIERS = ("registered",)
TOKEN_PREFIX = "cwr_"
TOKEN_DAYS = 365


@transaction.atomic
def create_researcher(
    email: str,
    password: str,
    name: str,
    institution: str,
    tiers: Iterable[str] = TIERS,
    *,
    program_staff: bool = False,
    by: str = "program",
) -> Researcher:
    """An account with the tiers it may use. Raises BadInput for a bad or taken address, weak password, unknown tier."""
    tiers = tuple(tiers)
    unknown = sorted(set(tiers) - set(TIERS))
    if unknown:
        raise BadInput(f"tiers: {unknown[0]} is not one; use {', '.join(TIERS)}")
    _check_address(email)
    researcher = Researcher(email=email.strip().lower(), name=name, institution=institution)
    try:
        validate_password(password, researcher)
    except ValidationError as error:
        raise BadInput(f"password: {' '.join(error.messages)}") from None
    researcher = Researcher.objects.create_user(
        email, password, name=name, institution=institution, is_program_staff=program_staff
    )
    TierGrant.objects.bulk_create([TierGrant(researcher=researcher, tier=tier) for tier in tiers])
    audit.record("researcher.created", actor=by, subject=researcher, tiers=list(tiers), program_staff=program_staff)
    return researcher


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise BadInput("email: not an e-mail address; write one such as name@university.example") from None
    if Researcher.objects.filter(email=email.strip().lower()).exists():
        raise BadInput("email: there is a researcher with this address already; use another, or their account")


def issue_token(researcher: Researcher, *, days: int = TOKEN_DAYS) -> str:
    """A new API token, to be shown this once. Only its digest is kept."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        researcher=researcher, sha256=_digest(secret), expires_at=timezone.now() + timedelta(days=days)
    )
    audit.record("token.issued", actor=actor(researcher), subject=researcher)
    return secret


def researcher_of_token(secret: str) -> Researcher | None:
    """Whose token this is, if it is in force and they are active; else None."""
    found = (
        ApiToken.objects.select_related("researcher")
        .filter(sha256=_digest(secret), revoked_at__isnull=True, expires_at__gt=timezone.now())
        .first()
    )
    return found.researcher if found and found.researcher.is_active else None


def actor(researcher: Researcher) -> str:
    """How the audit and the ledger name a researcher: by number."""
    return f"researcher:{researcher.pk}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
