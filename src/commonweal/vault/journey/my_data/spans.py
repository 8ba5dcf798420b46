"""The stretch of days that a page shows: a week, a month or a year up to a day, and the ones before and after it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

LENGTHS = {"week": 7, "month": 30, "year": 364}  # days; a year is 52 whole weeks
NAMES = {"week": _("Week"), "month": _("Month"), "year": _("Year")}


@dataclass(frozen=True)
class Span:
    """`first` and `last` are both in it."""

    kind: str
    last: date

    @property
    def first(self) -> date:
        return self.last - timedelta(days=LENGTHS[self.kind] - 1)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(LENGTHS[self.kind])]

    @property
    def weeks(self) -> list[list[date]]:
        days = self.days
        return [days[n : n + 7] for n in range(0, len(days), 7)]

    @property
    def before(self) -> date:
        """The last day of the stretch before this one."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        return self.last + timedelta(days=LENGTHS[self.kind])


def asked(kind: str, until: str, newest: date) -> Span:
    """The stretch that an address asks for; what it does not say, or says wrongly, is a month up to the newest day."""
    try:
        last = min(date.fromisoformat(until), newest) if until else newest
    except ValueError:
        last = newest
    return Span(kind if kind in LENGTHS else "month", max(last, date(2000, 1, 1)))
