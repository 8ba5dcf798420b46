"""Looking at everybody in pieces: each tick takes the round up where the last one left it, and no two are at it at once.

A worker that is killed leaves the round to the next when its lease ends: what it had looked at since its last step is
looked at again, so that each step must bear being done twice.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from commonweal.vault.messages.models import Round

LEASE = timedelta(minutes=10)  # longer than one step may take


def take_up(name: str, now: datetime, every: timedelta) -> Round | None:
    """The round that goes on, or a new one; None where another worker is at it, or the last one began less than `every` ago."""
    found, _ = Round.objects.get_or_create(name=name, defaults={"began_at": now})
    until = timezone.now() + LEASE
    free = Round.objects.filter(Q(claimed_until=None) | Q(claimed_until__lte=timezone.now()), pk=found.pk)
    if not free.update(claimed_until=until):
        return None
    mine = Round.objects.get(pk=found.pk)
    if mine.ended and timedelta() <= now - mine.began_at < every:
        let_go(mine)
        return None
    if mine.ended:
        mine.began_at, mine.place, mine.ended = now, 0, False
        mine.save(update_fields=["began_at", "place", "ended"])
    return mine


def step(mine: Round, place: int) -> bool:
    """Keep that people up to `place` were looked at; False where the lease has ended and another worker has the round."""
    until = timezone.now() + LEASE
    held = Round.objects.filter(pk=mine.pk, claimed_until=mine.claimed_until).update(place=place, claimed_until=until)
    mine.place, mine.claimed_until = place, until
    return held > 0


def end(mine: Round) -> None:
    """Everybody was looked at."""
    Round.objects.filter(pk=mine.pk, claimed_until=mine.claimed_until).update(ended=True)


def let_go(mine: Round) -> None:
    """Leave the round to whoever comes next."""
    Round.objects.filter(pk=mine.pk, claimed_until=mine.claimed_until).update(claimed_until=None)
