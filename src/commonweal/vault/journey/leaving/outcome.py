"""What one store is asked, and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commonweal.vault.journey.models import ReceiptLine
from commonweal.vault.people.models import Participant

WITHDRAWAL, DEACTIVATION, DECEASE, MERGE = "withdrawal", "deactivation", "decease", "merge"
FOR_GOOD = (WITHDRAWAL, MERGE)  # nothing of this participant may be used any more


@dataclass(frozen=True)
class Leave:
    """Who leaves, how, since when the fact holds and is known, the receipt's UUID, what stands in the line so far."""

    participant: Participant
    kind: str
    since: datetime
    known: datetime
    reference: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def for_good(self) -> bool:
        return self.kind in FOR_GOOD


@dataclass(frozen=True)
class Outcome:
    """How a store stands now: done, nothing to do, or pending; to how much; plain values for the words of the receipt."""

    state: str
    count: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def done(count: int | None = None, **detail: Any) -> Outcome:
    return Outcome(ReceiptLine.DONE, count, detail)


def done_or_nothing(count: int, **detail: Any) -> Outcome:
    """Done to so many; nothing where there were none."""
    return Outcome(ReceiptLine.DONE if count else ReceiptLine.NOTHING, count, detail)


def nothing(**detail: Any) -> Outcome:
    return Outcome(ReceiptLine.NOTHING, 0, detail)


def pending(count: int | None = None, **detail: Any) -> Outcome:
    return Outcome(ReceiptLine.PENDING, count, detail)
