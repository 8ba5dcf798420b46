"""Which participant a response is about: by participant id, by the opaque UUID of addresses, or by external id."""

from collections.abc import Sequence
from uuid import UUID

from commonweal.vault import columns
from commonweal.vault.people.models import Participant

MATCHES_NOBODY = 0


def find(names: Sequence[tuple[str, ...]]) -> list[int | None]:
    """The vault id for each tuple of names: 0 where nobody has any of them, None where two people have one each."""
    sought = {name for some in names for name in some if len(name) <= 80}
    known: dict[str, set[int]] = {}
    for column in ("external_id", "participant_id"):
        for name, person in columns.lookup(Participant, column, sorted(sought), column, "id"):
            known.setdefault(name, set()).add(person)
    for name, person in _by_uuid(sought).items():
        known.setdefault(name, set()).add(person)
    return [_one(set().union(*(known.get(name, set()) for name in some))) for some in names]


def _one(people: set[int]) -> int | None:
    return None if len(people) > 1 else next(iter(people), MATCHES_NOBODY)


def _by_uuid(names: set[str]) -> dict[str, int]:
    numbers: dict[UUID, str] = {}
    for name in names:
        if len(name) >= 32:
            try:
                numbers[UUID(name)] = name
            except ValueError:
                continue
    wanted, found = list(numbers), {}
    for start in range(0, len(wanted), 500):
        people = Participant.objects.filter(uuid__in=wanted[start : start + 500])
        found |= {numbers[number]: person for number, person in people.values_list("uuid", "id")}
    return found
