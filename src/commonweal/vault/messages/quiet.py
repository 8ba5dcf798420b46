"""Quiet hours: nobody's phone rings at night. Pure; the times are the person's own."""

from datetime import UTC, datetime, time, timedelta, tzinfo

QUIET_FROM, QUIET_UNTIL = time(21), time(8)  # the program's default, local time of the participant
_MINUTE = timedelta(minutes=1)


def is_quiet(wall: time, quiet_from: time, quiet_until: time) -> bool:
    """Whether a clock on the wall stands in the quiet hours: from the first (with it) to the last (without it).

    Hours that begin and end at the same time are none. They may pass midnight.
    """
    if quiet_from <= quiet_until:
        return quiet_from <= wall < quiet_until
    return wall >= quiet_from or wall < quiet_until


def due_time(now: datetime, zone: tzinfo, quiet_from: time = QUIET_FROM, quiet_until: time = QUIET_UNTIL) -> datetime:
    """`now`, or the first moment after it that is not quiet at the person's place; in UTC, what the clock there does.

    Where the clock jumps over the end of the quiet hours, they end with the jump; an hour that comes twice is quiet
    twice, where it is quiet at all.
    """
    now = now.astimezone(UTC)
    if not is_quiet(_wall(now, zone), quiet_from, quiet_until):
        return now
    local = now.astimezone(zone)
    ends = (datetime.combine(local.date() + timedelta(days=days), quiet_until) for days in (0, 1))
    folds = (end.replace(tzinfo=zone, fold=fold) for end in ends for fold in (0, 1))
    return next(moment for end in folds if (moment := _first_moment(end, zone, quiet_until)) > now)


def _first_moment(end: datetime, zone: tzinfo, quiet_until: time) -> datetime:
    """The moment at which the clock shows `end`; where it jumps over it, the moment of the jump."""
    moment = end.astimezone(UTC)
    if _wall(moment, zone) == quiet_until:
        return moment
    earlier, later = sorted(end.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    while earlier < later and _wall(earlier, zone) < quiet_until:
        earlier += _MINUTE
    return earlier


def _wall(moment: datetime, zone: tzinfo) -> time:
    return moment.astimezone(zone).time()
