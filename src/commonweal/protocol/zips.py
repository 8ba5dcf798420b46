"""ZIP codes: what somebody typed, and what is known of a place on a given day.

What is known stands in reference tables that the program brought in: `zip_county` (the crosswalk of the U.S. Department of
Housing and Urban Development), `ruca` (rural-urban commuting areas), `rural_zips` (lists of rural ZIP codes, each in force
from its day until the next) and `zip3` (first three digits in use). Where no table can tell, the answer is None and never a
guess: a military address has no county, and a ZIP code that a list in force leaves out because it was retired is not
thereby a town.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.states import ZEROS

RURAL, COUNTY, RUCA, AREA = "rural_zips", "zip_county", "ruca", "zip3"
UNCODED = "99"
_SPACED = re.compile(r"[0-9](?:[\s\-–]*[0-9])*")
_GROUP = re.compile(r"[0-9]+")
_MILITARY = re.compile(r"09[0-8]|96[2-6]|340")

Rows = Iterable[Mapping[str, str]]


class Ruca(NamedTuple):
    """Rural-urban commuting area: 1 (core of a large city) to 10 (rural), and the code with its second digit."""

    primary: int
    secondary: str


def zip5(text: str | None, state: str = "") -> str | None:
    """The first five digits of a ZIP code as typed: 60601, 60601-1234, 606011234, with blanks, with words after it.

    None for anything else: too few digits are not filled up. Only where 01002 would lie in the `state` beside it is it certain
    that 1002 was 01002 before a spreadsheet took it for a number: no other ZIP code of Massachusetts can have become 1002.
    """
    typed = (text or "").strip()
    digits = re.sub(r"[^0-9]", "", typed) if _SPACED.fullmatch(typed) else ""
    if len(digits) in (5, 9):
        return digits[:5]
    group = _GROUP.search(typed)
    if group and len(group[0]) in (5, 9):
        return group[0][:5]
    return _filled(typed, state)


def _filled(typed: str, state: str) -> str | None:
    filled = typed.zfill(5)
    sure = re.fullmatch(r"[1-9][0-9]{2,3}", typed) and filled.startswith(ZEROS.get(state, ()))
    return filled if sure else None


def military(zip5: str) -> bool:
    """An address of the armed forces abroad: AE 090–098, AP 962–966, AA 340 (USPS Domestic Mail Manual, L002)."""
    return bool(_MILITARY.match(zip5))


@dataclass(frozen=True, slots=True)
class Zips:
    """What the tables say, by ZIP code of five digits. `lists`: (first day, its ZIP codes), the latest last."""

    shares: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    classes: Mapping[str, Ruca | None] = field(default_factory=dict)
    lists: tuple[tuple[date, frozenset[str]], ...] = ()
    areas: frozenset[str] = frozenset()

    @classmethod
    def of(cls, reference: Mapping[str, ReferenceTable]) -> "Zips":
        """From the reference tables of a program; each may be absent."""
        rows = {kind: reference[kind].rows if kind in reference else () for kind in (COUNTY, RUCA, RURAL, AREA)}
        areas = frozenset(row[AREA] for row in rows[AREA])
        return cls(_shares(rows[COUNTY]), _classes(rows[RUCA]), _lists(rows[RURAL]), areas)

    def exists(self, zip5: str) -> bool | None:
        """Whether any table knows it (military ones stand in none and are taken as they are); None: no table can tell."""
        if military(zip5) or self._listed(zip5):
            return True
        if self.shares or self.classes:
            return False
        return zip5[:3] in self.areas if self.areas else None

    def counties(self, zip5: str) -> tuple[tuple[str, float], ...]:
        """(FIPS code, share of the people) of each county that it lies in, the largest first; most lie in one."""
        return self.shares.get(zip5, ())

    def county(self, zip5: str) -> str | None:
        """FIPS code of the county in which most of its people live."""
        found = self.shares.get(zip5)
        return found[0][0] if found else None

    def ruca(self, zip5: str) -> Ruca | None:
        return self.classes.get(zip5)

    def rural(self, zip5: str | None, on: date) -> bool | None:
        """By the list in force on that day; None: no list, no ZIP code, a military, unknown or retired one."""
        force = next((zips for since, zips in reversed(self.lists) if since <= on), None)
        if not zip5 or force is None or military(zip5):
            return None
        if zip5 in force:
            return True
        if self.shares or self.classes:
            return False if zip5 in self.shares or zip5 in self.classes else None
        return None if self.exists(zip5) is False else False

    def _listed(self, zip5: str) -> bool:
        return zip5 in self.shares or zip5 in self.classes or any(zip5 in zips for _, zips in self.lists)


def _shares(rows: Rows) -> dict[str, tuple[tuple[str, float], ...]]:
    """Of ZIP codes in which nobody lives (post boxes, one firm) the whole of all addresses decides, where it is told."""
    found: dict[str, list[tuple[float, float, str]]] = {}
    for row in rows:
        ranked = (-float(row["RES_RATIO"]), -float(row.get("TOT_RATIO") or 0), row["COUNTY"])
        found.setdefault(row["ZIP"], []).append(ranked)
    return {code: tuple([(county, -share) for share, _, county in sorted(each)]) for code, each in found.items()}


def _classes(rows: Rows) -> dict[str, Ruca | None]:
    known = {(row["RUCA1"], row["RUCA2"]): Ruca(int(row["RUCA1"]), row["RUCA2"]) for row in rows}
    return {row["ZIP_CODE"]: None if row["RUCA1"] == UNCODED else known[row["RUCA1"], row["RUCA2"]] for row in rows}


def _lists(rows: Rows) -> tuple[tuple[date, frozenset[str]], ...]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.get("since", ""), set()).add(row["zip"])
    dated = {date.fromisoformat(since) if since else date.min: frozenset(zips) for since, zips in found.items()}
    return tuple(sorted(dated.items()))
