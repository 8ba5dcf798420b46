"""What the program holds or awaits from others: health records, devices, samples, releases."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from commonweal.vault.consent.leaving import ceremony_of, has_consented
from commonweal.vault.journey.held_records import records as held_records
from commonweal.vault.journey.leaving import destruction
from commonweal.vault.journey.leaving.outcome import Leave, Outcome, done, done_or_nothing, nothing, pending
from commonweal.vault.journey.leaving.own_things import StillOpen
from commonweal.vault.journey.used_for import holds, releases_of
from commonweal.vault.linking.models import Linked
from commonweal.vault.records.gates import sharing_now
from commonweal.vault.records.mediated import actions as clinic_actions
from commonweal.vault.records.mediated.directory import name_of as clinic_name
from commonweal.vault.records.models import ClinicConnection
from commonweal.vault.voice.models import ReleaseRoll
from commonweal.vault.wearables import actions as wearables_actions
from commonweal.vault.wearables import store, uploads
from commonweal.vault.wearables.models import Connection
from commonweal.vault.wearables.providers import NAMES, name_of


def records(leave: Leave) -> Outcome:
    """No record is taken in any more (the gate is asked); how many are held, and whether they are still used."""
    if sharing_now({leave.participant.pk}, timezone.now()):
        raise StillOpen("health records")
    return done(sum(kind.count for kind in held_records(leave.participant)), used=not leave.for_good)


def wearables(leave: Leave) -> Outcome:
    """Connections are cut at once; the line is done when each provider has confirmed."""
    wearables_actions.cut_all(leave.participant, why=leave.kind)
    return _told_of(Connection.objects, leave, name_of)


def clinics(leave: Leave) -> Outcome:
    """As `wearables`, of clinics; what was read there and waits to be saved is deleted."""
    clinic_actions.cut_all(leave.participant, why=leave.kind)
    return _told_of(ClinicConnection.objects, leave, clinic_name)


def _told_of(connections: Any, leave: Leave, name: Callable[[str], str]) -> Outcome:
    """How far those who held a connection know that it is cut."""
    mine = connections.filter(participant=leave.participant).exclude(state=Linked.CONNECTED)
    states = [(name(provider), state) for provider, state in mine.order_by("pk").values_list("provider", "state")]
    names = sorted({name for name, _ in states})
    waiting = sorted({name for name, state in states if state != Linked.CUT})
    if waiting:
        return pending(len(states), providers=names, waiting=waiting)
    return done_or_nothing(len(states), providers=names)


def device_days(leave: Leave) -> Outcome:
    """Nothing of a device is taken in any more (the gate is asked), files that wait are deleted; what is held stays a fact."""
    person = leave.participant
    if any(wearables_actions.may_connect(person, provider) for provider in NAMES):
        raise StillOpen("data of devices")
    dropped = uploads.drop_waiting(person)
    days = store.days_of(settings.COMMONWEAL_HOME, person.pk)
    return done_or_nothing(days, used=not leave.for_good, dropped=dropped)


def biobank(leave: Leave) -> Outcome:
    """On the list for destruction, where samples could ever be given."""
    if not destruction.is_due(leave.participant):
        return nothing()
    ceremony = ceremony_of(leave.participant)
    return done(1, ceremony=ceremony.answer if ceremony else "")


def releases(leave: Leave) -> Outcome:
    """Releases that hold the person's data, published before: they cannot be undone, so they are named."""
    mine = [roll for roll in releases_of(leave.participant) if roll.published_at <= leave.known]
    return done_or_nothing(len({roll.release for roll in mine}), releases=[_told(roll) for roll in mine])


def _told(roll: ReleaseRoll) -> dict[str, Any]:
    return {"name": roll.release, "tier": roll.tier, "published": roll.published_at.isoformat()}


def next_release(leave: Leave) -> Outcome:
    """Waits until a release that was published afterwards is proven to be without the person."""
    if not has_consented(leave.participant):
        return nothing()
    later = list(ReleaseRoll.objects.filter(published_at__gt=leave.known).order_by("published_at", "pk"))
    if any(roll.retracted_at is None and holds(roll, leave.participant.pk) for roll in later):
        raise StillOpen("a release published afterwards")
    clean = next((roll for roll in later if not holds(roll, leave.participant.pk)), None)
    if clean is None:
        return pending()
    return done(None, release=clean.release, published=clean.published_at.isoformat())
