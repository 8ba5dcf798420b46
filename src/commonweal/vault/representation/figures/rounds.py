"""Bringing the figures up to date: the table of everybody, the places in which enough people differ, and the public's copy.

What is shown changes in one transaction, with the number of the folder that holds the table and the list of who differs: a
run that is killed has changed nothing, and the next one does its work again.
"""

import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.protocol import Protocol
from commonweal.ui.context import current_protocol
from commonweal.vault import locking
from commonweal.vault.journey.figures import policy_of
from commonweal.vault.representation.figures import pending as differing
from commonweal.vault.representation.figures import releases, studies
from commonweal.vault.representation.figures.counting import Documents, counted
from commonweal.vault.representation.figures.gate import FORM, Gate
from commonweal.vault.representation.figures.publishing import publish
from commonweal.vault.representation.models import FigureRun, PlaceFigures
from commonweal.vault.representation.people import kept

BEYOND = (releases.RELEASE, studies.STUDY)  # levels whose people are told by the bridge


@dataclass(frozen=True)
class Outcome:
    """People computed, places that show new figures, and how long it took."""

    people: int
    places: int
    seconds: float


def tick() -> Outcome | None:
    """What the worker does every half minute; None where another one is at it."""
    return update()


def recount() -> Outcome | None:
    """Everybody anew, once a day: for what changes without a fact, such as a consent that expires."""
    return update(everybody=True)


def update(now: datetime | None = None, *, everybody: bool = False) -> Outcome | None:
    """Bring all figures up to date with what became known. Nobody waits: None where another process does it now."""
    place, now = _folder(), now or timezone.now()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locking.alone(place) as mine:
        if not mine:
            return None
        done = _update(current_protocol(), now, everybody)
        _beyond(now)
        publish(now)
        return done


def _beyond(now: datetime) -> None:
    """Who is in releases and studies that are not counted yet."""
    if releases.not_yet_counted():
        releases.count_releases(current_protocol(), people(), now)
    if uses := studies.not_yet_counted():
        studies.count_studies(current_protocol(), people(), now, uses)


def people() -> pa.Table | None:
    """The table of everybody as of the latest run; None before the first. It has not passed the gate: never for a page as it is."""
    return kept.load(_latest())


def _update(protocol: Protocol, now: datetime, everybody: bool) -> Outcome:
    began = time.monotonic()
    last = _latest()
    brought = kept.brought_up(protocol, last, now, everybody=everybody)
    if brought is None:
        return Outcome(0, 0, time.monotonic() - began)
    gate = Gate(policy_of(protocol))
    pending = differing.differing(differing.load(last), brought.before, brought.table)
    due = differing.due(pending, gate.policy.min_cell)
    other_form = PlaceFigures.objects.exclude(document__form=FORM).exclude(level__in=BEYOND)
    for level, place in other_form.values_list("level", "place"):
        due.setdefault(level, set()).add(place)
    documents = counted(protocol, brought.table, gate, due, now)
    _keep(brought, differing.without(pending, due), documents, began, now)
    return Outcome(brought.people, len(documents), time.monotonic() - began)


def _keep(brought: kept.Brought, pending: pa.Table, documents: Documents, began: float, now: datetime) -> None:
    """The files first, under the number that the run will have: nobody else counts meanwhile, and no writer waits for them."""
    number = (_last() or 0) + 1
    folder = _named(number)
    kept.keep(brought.table, folder)
    differing.save(folder, pending)
    rows = [PlaceFigures(level=level, place=id, counted_at=now, document=d) for (level, id), d in documents.items()]
    with transaction.atomic():
        PlaceFigures.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["level", "place"], update_fields=["counted_at", "document"]
        )
        if documents:
            audit.record("figures.counted", actor=audit.SYSTEM, places=len(documents))
        counts = {"everybody": brought.everybody, "people": brought.people, "places": len(documents)}
        FigureRun.objects.create(pk=number, started_at=now, seconds=time.monotonic() - began, **counts)
    for old in _folder().glob("[0-9]*"):
        if old.name < folder.name:
            shutil.rmtree(old, ignore_errors=True)


def _last() -> int | None:
    return FigureRun.objects.order_by("-pk").values_list("pk", flat=True).first()


def _latest() -> Path | None:
    last = _last()
    return _named(last) if last else None


def _named(number: int) -> Path:
    return _folder() / f"{number:09d}"


def _folder() -> Path:
    return settings.COMMONWEAL_HOME.vault_store / "representation"
