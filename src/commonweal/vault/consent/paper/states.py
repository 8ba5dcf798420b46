"""The states of a paper consent, and which may follow which."""

from collections.abc import Collection

from commonweal.vault.consent.models import PaperConsent

NEEDS_CORRECTING = PaperConsent.NEEDS_CORRECTING
READY_FOR_SYNC = PaperConsent.READY_FOR_SYNC
SYNC_COMPLETE = PaperConsent.SYNC_COMPLETE
OBSOLETE = PaperConsent.OBSOLETE

NEXT: dict[str, frozenset[str]] = {
    NEEDS_CORRECTING: frozenset({NEEDS_CORRECTING, READY_FOR_SYNC, OBSOLETE}),
    READY_FOR_SYNC: frozenset({READY_FOR_SYNC, NEEDS_CORRECTING, SYNC_COMPLETE, OBSOLETE}),
    SYNC_COMPLETE: frozenset(),
    OBSOLETE: frozenset(),
}
OPEN = (NEEDS_CORRECTING, READY_FOR_SYNC)


def checked(problems: Collection[str], valid_already: bool) -> str:
    """The state of a paper after its checks; `valid_already`: another file of the same answer passed before."""
    if problems:
        return NEEDS_CORRECTING
    return OBSOLETE if valid_already else READY_FOR_SYNC


def may_follow(before: str, after: str) -> bool:
    return after in NEXT[before]
