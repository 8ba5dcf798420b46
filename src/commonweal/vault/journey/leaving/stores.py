"""Every store that leaving drives, in the order of the receipt. A room that keeps something of a person adds itself here.

A step is idempotent: it may be killed anywhere and run again. `reads_only`: it changes nothing, so that it needs no
transaction around what may take seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass

from commonweal.vault.journey.leaving import contact_things, held_things, joining, own_things
from commonweal.vault.journey.leaving.outcome import DEACTIVATION, DECEASE, MERGE, WITHDRAWAL, Leave, Outcome

ALL = (WITHDRAWAL, DEACTIVATION, DECEASE, MERGE)


@dataclass(frozen=True)
class Store:
    """One store: its id, for which ways of leaving it has something to do, and the step."""

    id: str
    kinds: tuple[str, ...]
    step: Callable[[Leave], Outcome]
    reads_only: bool = False


STORES: tuple[Store, ...] = (
    Store("joined", (MERGE,), joining.told_again),
    Store("consent", ALL, own_things.consent, reads_only=True),
    Store("messages", ALL, contact_things.messages),
    Store("appointments", ALL, contact_things.appointments),
    Store("support", ALL, contact_things.support),
    Store("surveys", ALL, own_things.surveys),
    Store("safety", ALL, own_things.safety),
    Store("records", ALL, held_things.records, reads_only=True),
    Store("clinics", ALL, held_things.clinics),
    Store("wearables", ALL, held_things.wearables),
    Store("device_days", ALL, held_things.device_days),
    Store("results", (WITHDRAWAL, MERGE), own_things.results, reads_only=True),
    Store("biobank", (WITHDRAWAL, MERGE), held_things.biobank, reads_only=True),
    Store("helpers", (WITHDRAWAL, DECEASE, MERGE), own_things.helpers),
    Store("invitations", (WITHDRAWAL, DECEASE, MERGE), own_things.invitations),
    Store("sessions", (WITHDRAWAL, DECEASE, MERGE), own_things.sessions),
    Store("releases", (WITHDRAWAL, MERGE), held_things.releases, reads_only=True),
    Store("next_release", (WITHDRAWAL, MERGE), held_things.next_release, reads_only=True),
    Store("notice", (WITHDRAWAL, DEACTIVATION, MERGE), contact_things.notice),
)
BY_ID = {store.id: store for store in STORES}


def of_kind(kind: str) -> list[Store]:
    return [store for store in STORES if kind in store.kinds]
