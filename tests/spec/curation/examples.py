"""The first example of each rule that its specification tests give, for the page of all rules (documents.py).

`COMMONWEAL_WRITE_DOCS=1 tests/run bridge tests/spec/curation` writes examples.json and docs/rules/curation.md anew. Every
other run looks at each example as it comes by: one that a rule no longer does fails the test that gives it.
"""

import json
import os
from datetime import date
from pathlib import Path

from commonweal.curation.rules.layers import REMOVED

FILE = Path(__file__).with_name("examples.json")
ROWS = 3  # of an example, at most
WRITING = bool(os.environ.get("COMMONWEAL_WRITE_DOCS"))
_noted: dict[str, dict] = {}
_known: dict[str, dict] = {}


def known() -> dict[str, dict]:
    """Rule id -> `table`, `rows`: pairs of what stood there and what became of it (changed cells, or null for a row that went)."""
    if not _known and FILE.exists():
        _known.update(json.loads(FILE.read_text(encoding="utf-8")))
    return _known


def note(rule_id: str, table: str, given: list[dict], person: dict, found: list[dict], columns: list[str]) -> None:
    """An outcome: `given` went in, `found` came out, with its mark, in the same order."""
    rows = [
        [_told(before, person), _became(before, after, columns)] for before, after in zip(given, found, strict=True)
    ]
    if all(after == {} for _, after in rows):
        return
    changed, same = [r for r in rows if r[1] != {}], [r for r in rows if r[1] == {}]
    telling = [row for row in rows if row in [*changed[: ROWS - len(same[:1])], *same[:1]]]
    example = {"table": table, "rows": telling}
    if WRITING:
        _noted.setdefault(rule_id, example)
    old = known().get(rule_id)
    if old and not WRITING and [b for b, _ in old["rows"]] == [b for b, _ in telling] and old["table"] == table:
        assert old["rows"] == telling, f"docs/rules/curation.md shows another outcome of {rule_id}; write it anew"


def save() -> None:
    """Keep what was noted."""
    told = {rule: _noted[rule] for rule in sorted(_noted)}
    FILE.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _known.clear()


def _told(row: dict, person: dict) -> dict:
    return {name: _plain(value) for name, value in {**person, **row}.items()}


def _became(before: dict, after: dict, columns: list[str]) -> dict | None:
    if after[REMOVED] is not None:
        return None
    return {name: _plain(after[name]) for name in columns if _plain(after[name]) != _plain(before.get(name))}


def _plain(value):
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value
