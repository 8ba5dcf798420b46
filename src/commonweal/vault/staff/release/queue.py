"""The bridge's queue as stewards see it: whether a bridge is there, and how many requests come before one."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from commonweal.vault.staff.models import Bridge, ReleaseRequest
from commonweal.vault.staff.release import plan, watching

SILENT_AFTER = timedelta(minutes=2)
OPEN = ("asked", "working")
BEFORE = 20  # ended builds that are asked how long a stage takes


def bridge_is_there() -> bool:
    """Whether it has spoken lately: while it waits of itself, while it works beside its request."""
    since = timezone.now() - SILENT_AFTER
    return (
        Bridge.objects.filter(seen_at__gte=since).exists()
        or ReleaseRequest.objects.filter(state="working", heartbeat__gte=since).exists()
    )


def engines() -> list[str]:
    """What the bridge can build with; DuckDB until it has said more."""
    found = Bridge.objects.order_by("-seen_at").values_list("engines", flat=True).first()
    return list(found or ["duckdb"])


def before(asked: ReleaseRequest) -> int:
    """Requests that are answered before this one."""
    earlier = Q(asked_at__lt=asked.asked_at) | Q(asked_at=asked.asked_at, pk__lt=asked.pk)
    return ReleaseRequest.objects.filter(earlier, state__in=OPEN).count()


def watched(asked: ReleaseRequest) -> dict[str, Any]:
    """How far a build is (see watching.shown)."""
    now, tiers = timezone.now(), tuple(asked.arguments.get("tiers") or ("registered",))
    ended = ReleaseRequest.objects.filter(action="build", state="done").exclude(pk=asked.pk).exclude(stages=[])
    known = plan.durations(ended.order_by("-finished_at", "-pk").values_list("stages", flat=True)[:BEFORE], now)
    build = watching.Build(plan.of(tiers), asked.stages, known, now, ended=asked.state == "done")
    return watching.shown(build, tiers)
