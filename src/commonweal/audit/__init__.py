"""The append-only record of who did and saw what, one for each site. Persons stand in it under opaque keyed digests.

    audit.record("consent.answer", actor=account, subject=participant, module="ehr", answer="yes")

Events are sealed in batches: a Merkle root (RFC 6962) chained to the root before it and signed with the site's audit
key, so that a changed, lost or reordered event is found by `verify`, also by one who can write the database.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commonweal.audit.models import Batch, Event
    from commonweal.audit.verification import Verdict

SYSTEM = "system"  # the actor of what no person asked for


def record(
    action: str, *, actor: object, subject: object | None = None, count: int | None = None, **details: Any
) -> "Event":
    """Write one event in the current transaction. A bulk action is one event with its `count`.

    `actor`, `subject`: a model instance with `uuid` or `pk`, or `kind:identifier`; both are kept only as `kind:digest`.
    A word without a colon (`system`, `command-line`) is nobody and is kept as it is. `details` are plain values that
    name no person: ValueError for what looks like an e-mail address, a participant id or a biobank id.
    """
    from commonweal.audit import recording

    return recording.record(action, actor=actor, subject=subject, count=count, details=details)


def about(subject: object, actions: Collection[str] | None = None, limit: int = 100, before: int = 0) -> "list[Event]":
    """What was done with or seen of `subject`, newest first; `actions`: only these; `before`: only with a lower number."""
    from commonweal.audit import reading

    return reading.about(subject, actions, limit, before)


def by(
    actor: object, actions: Collection[str] | None = None, since: datetime | None = None, limit: int = 100
) -> "list[Event]":
    """What `actor` did and saw, newest first."""
    from commonweal.audit import reading

    return reading.by(actor, actions, since, limit)


def seal() -> "Batch | None":
    """Seal all events not yet sealed in one batch; None where there are none. Two at once make no batch twice."""
    from commonweal.audit import sealing

    return sealing.seal()


def verify() -> "Verdict":
    """Walk the whole chain and say where it breaks first."""
    from commonweal.audit import verification

    return verification.verify()
