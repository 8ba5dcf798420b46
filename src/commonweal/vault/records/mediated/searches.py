"""What is asked of a clinic for one person (searches.toml), as addresses under its FHIR base."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from commonweal.protocol.clinics import Clinic

PAGE = 200  # resources that are asked for at once; a server may give fewer


@dataclass(frozen=True)
class Search:
    """One search: its kind of resource, what is asked beside the person, and what is brought along (`_include`)."""

    type: str
    source: str
    with_: dict[str, str] = field(default_factory=dict)
    include: str = ""

    @property
    def name(self) -> str:
        """What it is called in our notes: its kind, and of observations the category."""
        return " ".join(filter(None, (self.type, self.with_.get("category"))))

    def address(self, patient: str, since: datetime | None) -> str:
        """The first page, under the FHIR base, changes `since` alone; of a Patient the resource itself."""
        if self.type == "Patient":
            return f"/Patient/{quote(patient, safe='')}"
        asked = {"_count": str(PAGE)}
        if since is not None:
            asked["_lastUpdated"] = f"ge{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if self.include:
            asked["_include"] = self.include
        return self._asking(patient, asked)

    def plain(self, patient: str) -> str:
        """The same with nothing that a server need not know."""
        return self._asking(patient, {}) if self.type != "Patient" else self.address(patient, None)

    def _asking(self, patient: str, more: dict[str, str]) -> str:
        return f"/{self.type}?{urlencode({'patient': patient, **self.with_, **more})}"


@cache
def all_searches() -> tuple[Search, ...]:
    """Every search, in the order in which they are made."""
    told = tomllib.loads((Path(__file__).parent / "searches.toml").read_text("utf-8"))["searches"]
    return tuple(Search(one["type"], one["source"], one.get("with", {}), one.get("include", "")) for one in told)


def types() -> frozenset[str]:
    """The kinds that permission is asked for; a medication stands in a resource of its own where requests refer to it."""
    return frozenset(one.type for one in all_searches()) | {"Medication"}


def searches_of(clinic: Clinic, granted: frozenset[str] | None) -> list[Search]:
    """Those that this clinic answers and this person allowed (`granted` None: all)."""
    return [
        one
        for one in all_searches()
        if one.type not in clinic.leave_out and (granted is None or one.type in granted or one.type == "Patient")
    ]
