"""`commonweal wearables import`: archives on this machine, each taken for its person, with one report of all."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.vault.numbered import write_report
from commonweal.vault.wearables.imports import people
from commonweal.vault.wearables.imports.archive import opened
from commonweal.vault.wearables.imports.reading import read
from commonweal.vault.wearables.imports.refusals import WORDS, NotTaken
from commonweal.vault.wearables.imports.taking import KEYS, Taken, take, take_study
from commonweal.vault.wearables.normal import faults, finish


class Step(Protocol):
    def advance(self, count: int = 1) -> None: ...


def import_paths(
    paths: list[Path],
    *,
    home: Home,
    console: Any,
    participant: str = "",
    file: Path | None = None,
    zone: tzinfo | None = None,
) -> dict[str, Any]:
    """Take archives in; returns {"accepted", "unchanged", "rejected", "unmatched", "report"} in rows, and `archives`,
    `refused`.

    Raises BadInput where a path or the participant file is not right, or where not one of the archives could be taken.
    """
    accounts = people.accounts_in(file) if file else None
    told: list[Taken] = []
    with console.progress("Wearables") as step:
        for one in _each(paths, home, participant, file, accounts, zone):
            told.append(one)
            step.advance(1)
    if all(one.state == "refused" for one in told):
        raise BadInput(f"nothing could be taken; archive 1: {WORDS[told[0].reason]}")
    totals = {key: sum(one.counts[key] for one in told) for key in KEYS}
    report = _write(home, told, totals)
    refused = sum(one.state == "refused" for one in told)
    return totals | {"archives": len(told), "refused": refused, "report": str(report)}


def _each(
    paths: list[Path],
    home: Home,
    participant: str,
    file: Path | None,
    accounts: dict[str, int] | None,
    zone: tzinfo | None,
) -> Iterator[Taken]:
    if accounts is not None:
        for one in people.given(paths, participant="", file=None):
            yield take_study(home, one.path, accounts, source="archive", zone=zone)
        return
    for one in people.given(paths, participant=participant, file=file):
        if one.person is None:
            yield _unmatched(one.path, zone)
        else:
            yield take(home, one.path, one.person, source="archive", zone=zone)


def _unmatched(path: Path, zone: tzinfo | None) -> Taken:
    """Nothing of it is kept; its rows are counted."""
    try:
        with opened(path) as members:
            reading = read(members, zone=zone)
    except NotTaken as refused:
        return Taken("refused", reason=refused.code)
    rows = sum(finish(parts, today=timezone.now().date()).rows for parts in reading.parts.values())
    return Taken("unmatched", dict.fromkeys(KEYS, 0) | {"unmatched": rows}, "not_found")


def _write(home: Home, told: list[Taken], totals: dict[str, int]) -> Path:
    """The report under the next free number in vault/reports, readable by its owner only; no name, no value."""
    return write_report(home, {"kind": "wearables", "totals": totals, "archives": [_told(one) for one in told]})


def _told(one: Taken) -> dict[str, Any]:
    words = {code: {"count": count, "words": faults.WORDS[code]} for code, count in sorted(one.faults.items())}
    return asdict(one) | {"reason": WORDS.get(one.reason, ""), "code": one.reason, "faults": words}
