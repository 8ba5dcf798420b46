"""Numbers that stand: what was told in the release before is told again until enough people have changed.

The difference of two releases is a number too. Where it is that of a few people, who left or came is known to many, and so
what they have. A group of rows is therefore told anew only when more people changed in one of its rows than the smallest
number that may be told; until then it stands as it was, with the true numbers of the day on which it was told.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from commonweal import files
from commonweal.curation.public.gate import Row, Told

_FILE = "told.json"


@dataclass(frozen=True)
class Before:
    """What was told before, by table and key of the group."""

    groups: dict[tuple[str, str], Told]

    def stand(self, fresh: Told, few: int) -> Told:
        """`fresh`, or what was told before where no row of it changed by more than `few` people.

        One person may bring a row that was not there, by an answer that nobody had given: that is a change of one. Only
        where the program cuts ages otherwise is a group another.
        """
        old = self.groups.get((fresh.table, fresh.key))
        if old is None or _ages(old) != _ages(fresh):
            return fresh
        return replace(old) if _changed(old, fresh) <= few else fresh


def _changed(old: Told, fresh: Told) -> int:
    """The most people by which a row differs; a row that is not there is of nobody."""
    before, after = ({_what(r): n for r, n in zip(t.rows, t.exact, strict=True)} for t in (old, fresh))
    return max((abs(before.get(what, 0) - after.get(what, 0)) for what in before | after), default=0)


def _ages(told: Told) -> set[Any]:
    return {row.get("age_band") for row in told.rows}


def _what(row: Row) -> tuple[Any, ...]:
    """What a row is of, without words that stand beside an id: a vocabulary may put them otherwise."""
    words = {"people", "concept_name", "question", "answer", "unit_name"} | (
        {"value"} if row.get("concept_id") else set()
    )
    return tuple(row[name] for name in sorted(row) if name not in words)


def save(folder: Path, told: list[Told]) -> None:
    """Keep the exact numbers in the vault (0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.save_json(folder / _FILE, [[t.table, t.key, t.rows, t.exact] for t in told], files.PRIVATE)


def load(folder: Path) -> Before:
    """What was kept in `folder`; nothing where there is nothing."""
    kept = files.load_json(folder / _FILE) if (folder / _FILE).exists() else []
    return Before({(table, key): Told(table, key, rows, exact) for table, key, rows, exact in kept})
