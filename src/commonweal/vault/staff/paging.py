"""Pages of fifty. The next page is known by asking for one row more; totals are counted up to ten thousand."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

SIZE = 50
COUNTED = 10_000  # totals end here


@dataclass(frozen=True)
class Page:
    """Rows of one page, its number from 1, and whether more follow. `total`: of all pages."""

    rows: list[Any]
    number: int
    more: bool
    total: int

    @property
    def counted(self) -> int:
        return min(self.total, COUNTED)

    @property
    def uncounted(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > COUNTED

    @property
    def first(self) -> int:
        return (self.number - 1) * SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * SIZE + len(self.rows)


def page_of(found: "QuerySet[Any]", number: int) -> Page:
    """Page `number` of an ordered query."""
    start = (number - 1) * SIZE
    rows = list(found[start : start + SIZE + 1])
    return Page(rows[:SIZE], number, len(rows) > SIZE, found.order_by()[: COUNTED + 1].count())


def number_of(text: str | None) -> int:
    """The number of a page as it stands in an address; 1 for what is none."""
    return max(1, min(int(text), 100_000)) if text and text.isascii() and text.isdigit() else 1
