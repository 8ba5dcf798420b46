"""Patients who may be a participant, kept for a person of the staff to decide: sealed, and not for long."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.r4.patients import PatientIdentity
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.linking import sealing
from commonweal.vault.records import gates
from commonweal.vault.records.matching.verdicts import Scored, Verdict
from commonweal.vault.records.models import NearMiss

KEY = "matching"  # name of the key that the details are sealed under
Broken = sealing.Broken


@transaction.atomic
def keep(
    site: str,
    found: Iterable[tuple[str, PatientIdentity, Verdict]],
    *,
    keep_days: int,
) -> int:
    """Put near misses (digest of the patient, details, verdict) in the queue of the staff; answers how many are new.

    Only about participants who share their health records now: about the others nothing is kept. Those that wait already
    stay as they are.
    """
    pairs = [(digest, who, one) for digest, who, verdict in found for one in verdict.near]
    now = timezone.now()
    sharing = gates.sharing_now({one.participant for _, _, one in pairs}, now) if pairs else frozenset()
    waiting = set(
        NearMiss.objects.filter(site=site, state=NearMiss.WAITING).values_list("patient", "participant_id")
    )  # fmt: skip
    until = now + timedelta(days=keep_days)
    new = [
        _near_miss(site, digest, who, one, now, until)
        for digest, who, one in pairs
        if one.participant in sharing and (digest, one.participant) not in waiting
    ]
    NearMiss.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        audit.record("records.near-misses", actor=audit.SYSTEM, site=site, count=len(new))
    return len(new)


def _near_miss(site: str, digest: str, who: PatientIdentity, one: Scored, now: datetime, until: datetime) -> NearMiss:
    number = uuid4()
    sealed = sealing.seal_bytes(KEY, number.bytes, orjson.dumps(_plain(who)))
    return NearMiss(
        uuid=number, site=site, patient=digest, participant_id=one.participant, levels=one.levels, weight=one.weight,
        sealed=sealed, found_at=now, forget_at=until,
    )  # fmt: skip


def _plain(who: PatientIdentity) -> dict[str, Any]:
    return {name: sorted(v) if isinstance(v, frozenset) else v for name, v in asdict(who).items()}


def details(near: NearMiss) -> PatientIdentity:
    """The patient's details. Raises Broken where they are not kept any more, or cannot be opened."""
    if not near.sealed or near.forget_at <= timezone.now():
        raise Broken
    told = orjson.loads(sealing.unseal_bytes(KEY, near.uuid.bytes, bytes(near.sealed)))
    born = told.pop("birth_date")
    sets: dict[str, Any] = {n: frozenset(v) if isinstance(v, list) else v for n, v in told.items()}
    return PatientIdentity(birth_date=date.fromisoformat(born) if born else None, **sets)


@transaction.atomic
def forget() -> int:
    """Let go of what nobody decided in time, and of what is about people who left; answers how many. Done daily."""
    now = timezone.now()
    waiting = NearMiss.objects.filter(state=NearMiss.WAITING)
    left = Withdrawal.objects.values("participant")
    late = waiting.filter(forget_at__lte=now) | waiting.filter(participant__in=left)
    many = late.update(state=NearMiss.EXPIRED, sealed=b"", decided_at=now)
    if many:
        audit.record("records.near-misses.forget", actor=audit.SYSTEM, count=many)
    return many


def others(near: NearMiss) -> Sequence[NearMiss]:
    """Other participants whom the same patient may be, and who wait too."""
    same = NearMiss.objects.filter(site=near.site, patient=near.patient, state=NearMiss.WAITING)
    return list(same.exclude(pk=near.pk).order_by("pk"))
