"""Where a release is built, and where it ends up.

`vault/store/curation/NAME/` (identified, 0700): the raw extract, the state of the build, what the rules knew.
`commons/releases/.building/NAME/TIER/` (0700): a tier while it is built; nobody opens it by name.
`commons/releases/NAME/TIER/`: a built tier, put there in one rename; 0700 until it is published.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from commonweal.errors import BadInput
from commonweal.home import Home

NAME = re.compile(r"\d{4}Q[1-4]R\d{1,2}")


@dataclass(frozen=True)
class Layout:
    """The places of one release."""

    home: Home
    name: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadInput(f"release name {self.name!r}: it must look like 2026Q4R1 (year, quarter, revision)")

    @property
    def vault(self) -> Path:
        return self.home.vault_store / "curation" / self.name

    @property
    def raw(self) -> Path:
        return self.vault / "raw"

    @property
    def state(self) -> Path:
        return self.vault / "build.json"

    def kept(self, tier: str) -> Path:
        """What the rules of a built tier knew (see kept.py)."""
        return self.vault / "facts" / tier

    @property
    def work(self) -> Path:
        return self.vault / "work"

    def building(self, tier: str) -> Path:
        return self.home.releases / ".building" / self.name / tier

    def tier(self, tier: str) -> Path:
        return self.home.releases / self.name / tier

    @property
    def tiers(self) -> list[str]:
        """Names of the tiers that were built, in order."""
        folder = self.home.releases / self.name
        return sorted(p.parent.name for p in folder.glob("*/manifest.json")) if folder.is_dir() else []

    def require(self) -> list[str]:
        """The tiers built so far; BadInput where there is none."""
        if not self.tiers:
            raise BadInput(f"release {self.name}: there is none of that name; `commonweal release list` shows all")
        return self.tiers


def releases(home: Home) -> list[str]:
    """Names of all releases that were built, in order."""
    if not home.releases.is_dir():
        return []
    return sorted(p.name for p in home.releases.iterdir() if NAME.fullmatch(p.name) and Layout(home, p.name).tiers)
