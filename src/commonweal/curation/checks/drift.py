"""Does it look like the release before: people, rows, empty columns, concepts, means of the commonest measurements.

What a tier looks like is kept beside its manifest in figures.json, which the manifest signs by its hash: whoever may read
the tier can count all of it there. The concepts of a tier are those of its own vocabulary table.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonweal import files
from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.checks.dashboard import Judged
from commonweal.protocol.release_quality import Drift

FILE = "figures.json"
NAMES = ("drift.people", "drift.rows", "drift.nulls", "drift.concepts", "drift.means")


def figures(subject: Subject, judged: list[Judged], limits: Drift) -> dict[str, Any]:
    """What figures.json holds: tables (rows, people, filled by column), measurements (mean by concept and unit), quality."""
    tables = {s.name: {"rows": subject.seen[s.name].rows, "filled": subject.seen[s.name].filled} for s in subject.specs}
    quality = [
        {"check": j.check, "table": j.table, "column": j.column, "asked": j.asked, "fault": j.fault, "limit": j.limit}
        for j in judged
        if j.fault or j.asked
    ]
    return {"tables": tables, "measurements": _means(subject, limits.commonest), "quality": quality}


def _means(subject: Subject, commonest: int) -> dict[str, float]:
    """Mean by "concept unit" of the commonest measurements with a number, to six digits."""
    if "measurement" not in subject.tables:
        return {}
    rows = subject.con.execute(f"""
    WITH common AS (
      SELECT measurement_concept_id AS c, coalesce(unit_concept_id, 0) AS u FROM words_measurement
      WHERE measurement_concept_id <> 0 GROUP BY ALL ORDER BY sum(n) DESC, c, u LIMIT {commonest})
    SELECT c || ' ' || u, mean FROM numbers_measurement JOIN common ON c = concept_id AND u = unit
    WHERE mean IS NOT NULL ORDER BY 1""").fetchall()
    return {name: float(f"{mean:.6g}") for name, mean in rows}


def save(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Write figures.json into a tier's folder; what the manifest says of it."""
    content = files.save_json(folder / FILE, told)
    return {"path": FILE, "bytes": len(content), "sha256": files.sha256(folder / FILE)}


def previous(releases: Path, name: str, tier: str) -> Path | None:
    """The folder of the last published release of `tier` before `name`; None for the first."""
    from commonweal.curation import events

    earlier = sorted(
        (p for p in releases.glob(f"*/{tier}") if p.parent.name < name and p.parent.name[0] != "."), reverse=True
    )
    return next((p for p in earlier if (p / FILE).exists() and events.status(p) == "published"), None)


def drift(
    subject: Subject, now: Mapping[str, Any], before: Path | None, limits: Drift, stops: frozenset[str]
) -> list[Check]:
    """The greatest difference of each kind, in percent; 0 each where there is no release before."""
    figures = dict.fromkeys(NAMES, 0.0)
    if before is not None:
        then = files.load_json(before / FILE)
        figures = {
            "drift.people": _change(_rows(then, "person"), _rows(now, "person")),
            "drift.rows": _most(_changed_rows(then, now, limits.small_table)),
            "drift.nulls": _most(_changed_nulls(then, now, limits.small_table)),
            "drift.concepts": _lost(subject, before),
            "drift.means": _most([_change(then["measurements"][m], v) for m, v in now["measurements"].items()
                                  if m in then["measurements"]]),
        }  # fmt: skip
    return [
        Check(name, round(figures[name], 2), getattr(limits, name.removeprefix("drift.")), name in stops)
        for name in NAMES
    ]


def _most(changes: list[float]) -> float:
    return max(changes, default=0.0)


def _change(then: float, now: float) -> float:
    """Percent; all that is new or gone is 100."""
    if then == now:
        return 0.0
    return 100.0 * abs(now - then) / abs(then) if then else 100.0


def _rows(told: Mapping[str, Any], table: str) -> int:
    return int(told["tables"].get(table, {"rows": 0})["rows"])


def _changed_rows(then: Mapping[str, Any], now: Mapping[str, Any], small: int) -> list[float]:
    """Of tables that are large, or were; a vocabulary that grows is no drift of people."""
    names = [
        n
        for n in then["tables"]
        if max(_rows(then, n), _rows(now, n)) >= small and not n.startswith(("concept", "vocab"))
    ]
    return [_change(_rows(then, n), _rows(now, n)) for n in names]


def _changed_nulls(then: Mapping[str, Any], now: Mapping[str, Any], small: int) -> list[float]:
    both = [n for n in then["tables"] if min(_rows(then, n), _rows(now, n)) >= max(1, small)]
    return [
        100.0 * abs(filled / _rows(now, n) - then["tables"][n]["filled"][column] / _rows(then, n))
        for n in both
        for column, filled in now["tables"][n]["filled"].items()
        if column in then["tables"][n]["filled"]
    ]


def _lost(subject: Subject, before: Path) -> float:
    """Percent of the concepts of the release before that this one does not have."""
    if "concept" not in subject.tables or not (before / "tables" / "concept").is_dir():
        return 0.0
    then = f"read_parquet('{before / 'tables' / 'concept'}/*.parquet')"
    every, lost = subject.con.execute(f"""
    SELECT count(*), count(*) FILTER (n.concept_id IS NULL) FROM {then} t LEFT JOIN rel_concept n USING (concept_id)
    """).fetchall()[0]
    return 100.0 * lost / every if every else 0.0
