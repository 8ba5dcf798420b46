"""Walking the audit chain."""

from dataclasses import dataclass

from commonweal.audit import merkle
from commonweal.audit.models import Batch, Event


@dataclass(frozen=True)
class Verdict:
    """`problem` is None for a whole chain; otherwise where it breaks first: a batch, and the event where it is known."""

    events: int
    batches: int
    unsealed: int
    problem: str | None = None
    batch: int | None = None
    event: int | None = None

    @property
    def whole(self) -> bool:
        return self.problem is None


def verify() -> Verdict:
    """Every event against its hash, every batch against its events, its seal and the batch before it."""
    events, batches, end, root = 0, 0, 0, ""
    for batch in Batch.objects.order_by("number").iterator():
        problem, event = _breach(batch, expected=batches + 1, after=end, previous_root=root)
        if problem:
            return Verdict(events, batches, 0, problem, batch.number, event)
        events, batches, end, root = events + batch.events, batches + 1, batch.last_event, batch.merkle_root
    unsealed = 0
    for event in Event.objects.filter(pk__gt=end).order_by("pk").iterator(chunk_size=5000):
        if event.computed_leaf().hex() != event.leaf:
            problem = f"event {event.pk}, not yet sealed, was changed after it was written"
            return Verdict(events, batches, unsealed, problem, None, event.pk)
        unsealed += 1
    return Verdict(events + unsealed, batches, unsealed)


def _breach(batch: Batch, *, expected: int, after: int, previous_root: str) -> tuple[str | None, int | None]:
    """What is wrong with one batch, if anything, and at which event."""
    if batch.number != expected:
        return f"batch {expected} is missing", None
    if batch.seal != batch.computed_seal():
        return f"batch {batch.number} does not carry this site's seal", None
    if batch.previous_root != previous_root:
        return f"batch {batch.number} does not follow from the batch before it", None
    leaves = []
    for event in Event.objects.filter(pk__gt=after, pk__lte=batch.last_event).order_by("pk").iterator(chunk_size=5000):
        if event.computed_leaf().hex() != event.leaf:
            return f"event {event.pk} in batch {batch.number} was changed after it was written", event.pk
        leaves.append(event.computed_leaf())
    if len(leaves) != batch.events:
        return f"batch {batch.number} was sealed with {batch.events} events and now has {len(leaves)}", None
    if merkle.root(leaves).hex() != batch.merkle_root:
        return f"the events of batch {batch.number} are not those that were sealed, or not in their order", None
    return None, None
