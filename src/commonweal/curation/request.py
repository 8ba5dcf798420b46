"""What is asked of a build: whether it can be, what it is made from, of which moment it is, and what of it is there already.

What is finished is known by a digest of everything that it was made from: the moment, the facts, the protocol, the
vocabulary, the software, the crosswalk. An interrupted build of the same digest goes on from what it has.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from commonweal import files, spark
from commonweal.curation import events, public, state
from commonweal.curation.extract import Moment
from commonweal.curation.layout import Layout
from commonweal.curation.tiers import TIERS
from commonweal.errors import BadInput, Refused
from commonweal.home import Home
from commonweal.protocol import Protocol

if TYPE_CHECKING:
    from commonweal.cli.console import Console


ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class Build:
    """One run of a build: where, of what moment, from which inputs (`key` is the digest of all of them)."""

    layout: Layout
    protocol: Protocol
    moment: Moment
    inputs: dict[str, Any]
    key: str
    console: "Console"
    seed: int | None = None
    by: str = "duckdb"

    @property
    def home(self) -> Home:
        return self.layout.home


def check_request(layout: Layout, cutoff: date, tiers: tuple[str, ...], by: str) -> None:
    if by not in ENGINES:
        raise BadInput(f"engine {by!r}: there is no such engine; there is {', '.join(ENGINES)}")
    if by == "spark":
        spark.require()
    for tier in tiers:
        if tier not in (*TIERS, public.PUBLIC):
            raise BadInput(f"tier {tier!r}: there is no such tier; there is {', '.join((*TIERS, public.PUBLIC))}")
    if cutoff > datetime.now(UTC).date():
        raise BadInput(f"cutoff {cutoff}: it lies in the future; give today or a day before")


def check_unseen(layout: Layout, tier: str) -> None:
    status = events.status(layout.tier(tier)) if (layout.tier(tier) / "manifest.json").exists() else "absent"
    if status in ("published", "retracted"):
        raise Refused(
            f"release {layout.name}, tier {tier}: it was {status} and never changes; build one of another name"
        )


def stamps(known_at: datetime | None, grants_as_of: datetime | None) -> tuple[datetime, datetime]:
    known = known_at or datetime.now(UTC)
    return known, grants_as_of or known


def key_of(inputs: dict[str, Any], cutoff: date, known_at: datetime | None, grants_as_of: datetime | None) -> str:
    """Digest of all that a build is made from: the same while nothing was added, agreed or taken back."""
    rules = {name: [[rule.id, rule.version] for rule in tier.rules] for name, tier in TIERS.items()}
    asked = [cutoff.isoformat(), *(str(m and m.isoformat()) for m in (known_at, grants_as_of))]
    return state.digest([inputs, rules, asked, state.facts_fingerprint(datetime.now(UTC))])


def moment_of(layout: Layout, key: str, asked: Moment) -> Moment:
    """The moment of an interrupted run of the same key, to go on from; else the one asked for, and a fresh start."""
    saved = files.load_json(layout.state) if layout.state.exists() else {}
    if saved.get("key") == key:
        return Moment(asked.cutoff, *(datetime.fromisoformat(saved[n]) for n in ("known_at", "grants_as_of")))
    for tier in TIERS:
        shutil.rmtree(layout.building(tier), ignore_errors=True)
    layout.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    moments = {"known_at": asked.known_at.isoformat(), "grants_as_of": asked.grants_as_of.isoformat()}
    files.save_json(layout.state, {"key": key, **moments}, files.PRIVATE)
    return asked


def finished(layout: Layout, tier: str, key: str) -> bool:
    mark = layout.vault / f"{tier}.json"
    return mark.exists() and files.load_json(mark) == {"key": key} and (layout.tier(tier) / "manifest.json").exists()
