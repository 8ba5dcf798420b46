"""Keys of partner systems: issued once by the program's operators, for some people and some rights, for some time."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.api.fhir import rights as fhir
from commonweal.vault.api.models import PartnerToken

if TYPE_CHECKING:
    from commonweal.protocol import Protocol
    from commonweal.vault.people.models import Account

PREFIX = "cwp_"
DAYS, MOST_DAYS = 90, 366
PARTICIPANTS_READ, PARTICIPANTS_IMPORT = "participants.read", "participants.import"
SUMMARY_READ, PAIRING_WRITE, CHANGES_READ = "summary.read", "pairing.write", "changes.read"
RIGHTS = (PARTICIPANTS_READ, SUMMARY_READ, PAIRING_WRITE, CHANGES_READ, PARTICIPANTS_IMPORT)
PROGRAM, AWARDEE, ORGANISATION, SITE = "program", "awardee", "organisation", "site"
LEVELS = (PROGRAM, AWARDEE, ORGANISATION, SITE)


@transaction.atomic
def issue(
    name: str,
    *,
    level: str,
    scope: str,
    rights: Collection[str],
    protocol: "Protocol",
    days: int = DAYS,
    by: "Account | None" = None,
    actor: object = audit.SYSTEM,
) -> tuple[PartnerToken, str]:
    """A new token and its secret, which is shown this once. Raises BadInput for what there is not."""
    known = {
        PROGRAM: {""},
        AWARDEE: set(protocol.partners.awardees),
        ORGANISATION: set(protocol.partners.organisations),
        SITE: set(protocol.sites),
    }
    if level not in known or scope not in known[level]:
        raise BadInput("token: no such level or scope; give an id of partners.toml, and none for the whole program")
    wrong = [right for right in rights if right not in RIGHTS and not fhir.is_right(right)]
    if wrong or not rights:
        raise BadInput(f"token: rights are among {', '.join((*RIGHTS, *fhir.EXAMPLES))}")
    if not name.strip() or not 1 <= days <= MOST_DAYS:
        raise BadInput(f"token: give it a name, and 1 to {MOST_DAYS} days")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = PartnerToken.objects.create(
        name=name.strip(),
        digest=_digest(secret),
        level=level,
        scope=scope,
        rights=" ".join(sorted(set(rights))),
        made_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit.record("api.token.issued", actor=actor, subject=token, level=level, scope=scope, rights=token.rights)
    return token, secret


@transaction.atomic
def revoke(token: PartnerToken, *, actor: object = audit.SYSTEM) -> PartnerToken:
    """End a token now; a second time changes nothing."""
    held = PartnerToken.objects.select_for_update().get(pk=token.pk)
    if held.revoked_at is None:
        held.revoked_at = timezone.now()
        held.save(update_fields=["revoked_at"])
        audit.record("api.token.revoked", actor=actor, subject=held)
    return held


def of_secret(secret: str) -> PartnerToken | None:
    """The token in force with this secret, or None. Its use is noted, to the hour."""
    now = timezone.now()
    token = PartnerToken.objects.filter(digest=_digest(secret), revoked_at=None, expires_at__gt=now).first()
    if token and (token.last_used_at is None or now - token.last_used_at > timedelta(hours=1)):
        PartnerToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def asked(token: PartnerToken) -> int:
    """How many requests the token has made in this minute of the clock, this one among them; through all processes."""
    minute = int(timezone.now().timestamp()) // 60
    count = "CASE WHEN minute = %s THEN asked + 1 ELSE 1 END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {PartnerToken._meta.db_table} SET asked = {count}, minute = %s WHERE id = %s RETURNING asked",
            [minute, minute, token.pk],
        )
        return int(cursor.fetchone()[0])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
