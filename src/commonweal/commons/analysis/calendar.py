"""Years or quarters, counted: a place in time is a whole number, so that the engine can count through them."""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from commonweal.errors import BadInput

MONTHS = {"year": 12, "quarter": 3}


@dataclass(frozen=True)
class Calendar:
    months: int

    @classmethod
    def of(cls, every: str) -> "Calendar":
        if every not in MONTHS:
            raise BadInput(f"every: {str(every)[:20]} is not known; use year or quarter")
        return cls(MONTHS[every])

    def place(self, day: ir.DateValue) -> ir.IntegerValue:
        """The place in which a day lies."""
        return ((day.year() * 12 + day.month() - 1) // self.months).cast("int64")

    def starts(self, place: ir.IntegerValue) -> ir.DateValue:
        month = place * self.months
        return ibis.date((month // 12).cast("int64"), (month % 12 + 1).cast("int64"), ibis.literal(1, type="int64"))

    def ends(self, place: ir.IntegerValue) -> ir.DateValue:
        """The last day of a place."""
        return (self.starts(place + 1) - ibis.interval(days=1)).cast("date")

    def birth(self, day: ir.DateValue) -> ir.IntegerValue:
        """The first place on whose first day somebody born on a day is there."""
        month = day.year() * 12 + day.month() - 1 + (day.day() > 1).cast("int64")
        return (month + self.months - 1) // self.months

    def years(self, born: ir.IntegerValue, place: ir.IntegerValue) -> ir.IntegerValue:
        """Age in whole years on the first day of a place, from `birth`: a whole number of places less, by the dozen months."""
        since = place - born
        return since if self.months == 12 else since // (12 // self.months)

    def label(self, place: int) -> str:
        year, month = divmod(place * self.months, 12)
        return str(year) if self.months == 12 else f"{year} Q{month // 3 + 1}"

    def first_day(self, place: int) -> date:
        year, month = divmod(place * self.months, 12)
        return date(year, month + 1, 1)
