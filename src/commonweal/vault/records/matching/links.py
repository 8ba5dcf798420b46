"""What the staff decided about patients of a site before."""

from collections.abc import Sequence

from commonweal.vault import columns
from commonweal.vault.records.models import RecordLink

Pairs = frozenset[tuple[int, int]]


def decided(site: str, digests: Sequence[str]) -> tuple[Pairs, Pairs]:
    """(same, apart): pairs of a place in `digests` and a participant (vault id), by the latest decision on each."""
    place = {digest: n for n, digest in enumerate(digests)}
    fields = ("authored_time", "id", "site", "patient", "participant_id", "same")
    rows = sorted(columns.lookup(RecordLink, "patient", place, *fields), key=lambda row: row[:2])
    latest = {(place[patient], who): bool(same) for _, _, where, patient, who, same in rows if where == site}
    same = frozenset(pair for pair, one in latest.items() if one)
    return same, frozenset(latest) - same
