"""Numbers that stand: what was told in the release before is told again until enough people have changed.

The difference of two releases is a number too. Where it is that of a few people, who left or came is known to many, and so
what they have. A group of rows is therefore told anew only when more people changed in one of its rows than the smallest
number that may be told; until then it stands as it was, with the true numbers of the day on which it was told.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from commonweal.curation import files
from commonweal.curation.public.gate import Row, Told

_FILE = "told.json"


@dataclass(frozen=True)
class Before:
    """What was told before, by table and key of the group."""

    groups: dict[tuple[str, str], Told]

    def stand(self, fresh: Told, few: int) -> Told:
        """`fresh`, or what was told before where no row of it changed by more than `few` people."""
        old = self.groups.get((fresh.table, fresh.key))
        if old is None or _names(old.rows) != _names(fresh.rows):
            return fresh
        changed = max((abs(a - b) for a, b in zip(old.exact, fresh.exact, strict=True)), default=0)
        return replace(old) if changed <= few else fresh


def _names(rows: list[Row]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "people"} for row in rows]


def save(folder: Path, told: list[Told]) -> None:
    """Keep the exact numbers in the vault (0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.save_json(folder / _FILE, [[t.table, t.key, t.rows, t.exact] for t in told], 0o600)


def load(folder: Path) -> Before:
    """What was kept in `folder`; nothing where there is nothing."""
    kept = files.load_json(folder / _FILE) if (folder / _FILE).exists() else []
    return Before({(table, key): Told(table, key, rows, exact) for table, key, rows, exact in kept})
