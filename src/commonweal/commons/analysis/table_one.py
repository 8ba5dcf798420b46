"""A summary table by cohort ("table 1"), with standardised differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from commonweal.commons.analysis import differences, gate, splitting
from commonweal.commons.analysis.summaries import Numbers, Summary, summaries
from commonweal.commons.analysis.tabular import WITHHELD, Tabular, rounded
from commonweal.commons.analysis.traits import MISSING, Trait, available, table, traits
from commonweal.commons.analysis.units import study
from commonweal.commons.release import Release
from commonweal.disclosure import Count

PEOPLE = "People"
_SCHEMA = pa.schema(
    [("characteristic", pa.string()), ("level", pa.string()), ("cohort", pa.string()), ("persons", pa.int64())]
    + [(name, pa.float64()) for name in ("percent", "mean", "sd", "q1", "median", "q3")]
    + [("suppressed", pa.bool_())]
)
_APART = pa.schema(
    [(name, pa.string()) for name in ("characteristic", "first", "second")]
    + [("difference", pa.float64()), ("suppressed", pa.bool_())]
)


@dataclass(frozen=True)
class TableOne(Tabular):
    """`table`: one row a characteristic, level and cohort. `differences`: one row a characteristic and pair of cohorts."""

    differences: pa.Table
    cohorts: tuple[str, ...]

    @property
    def display(self) -> pa.Table:
        """One column a cohort; the largest standardised difference of any pair, without its sign, stands last."""
        cells: dict[tuple[str, str], dict[str, str]] = {}
        for row in self.table.to_pylist():
            cells.setdefault((row["characteristic"], row["level"]), {})[row["cohort"]] = _said(row)
        largest = self._largest()
        columns: dict[str, list[Any]] = {"Characteristic": [], **{name: [] for name in self.cohorts}}
        if len(self.cohorts) > 1:
            columns["Standardised difference"] = []
        told: set[str] = set()
        for (characteristic, level), texts in cells.items():
            columns["Characteristic"].append(f"{characteristic}: {level}" if level else characteristic)
            for name in self.cohorts:
                columns[name].append(texts[name])
            if len(self.cohorts) > 1:
                columns["Standardised difference"].append(
                    "" if characteristic in told else largest.get(characteristic, "")
                )
            told.add(characteristic)
        return pa.table(columns)

    def _largest(self) -> dict[str, str]:
        found: dict[str, str] = {}
        largest: dict[str, float] = {}
        for row in self.differences.to_pylist():
            name, apart = row["characteristic"], row["difference"]
            if row["suppressed"]:
                found[name] = WITHHELD
            elif apart is not None and found.get(name) != WITHHELD:
                largest[name] = max(largest.get(name, 0.0), abs(apart))
                found[name] = f"{largest[name]:.3f}"
        return found


def table_one(
    release: Release,
    cohorts: Any,
    rows: Sequence[Any] | None = None,
    *,
    by: Any = None,
    at: Any = None,
    exact: bool = False,
) -> TableOne:
    """People of each cohort by what is known of them.

    `cohorts`: one, or a dict of them by name (Cohort, definition, or Arrow table of person_id); no two may share people.
    `by`: a trait that splits one cohort. `rows`: traits (see `traits`); by default all words that the release can answer.
    `at`: the day of age and of windows, in place of each cohort's index date. Percentages are of everybody in the
    cohort, missing ones included; means and quartiles, and standardised differences, of those whose value is known.

    Of a release opened by name, counts are withheld and rounded by the program's policy, and so is all that is worked
    out from them: percentages are of rounded counts, means and quartiles have three digits. `exact=True` shows all;
    it is for who may read the rows, as in a notebook: there the gate is advice, the enforced ones are the web's and
    the export's. The engine keeps some 30 bytes a person and trait; Python sees sums alone.
    Raises BadInput for an empty cohort, cohorts that overlap, a trait that is not there.
    """
    with study(release, cohorts, at=at) as made:
        if by is not None:
            splitting.split(made, by)
        chosen = traits(made, available(made) if rows is None else rows)
        found = summaries(made, table(made, chosen), chosen)
        asked = gate.Gate.of(release, exact)
        facets = {
            name: (made.sizes[g], {t.label: s[g].counts for t, s in zip(chosen, found, strict=True)})
            for g, name in enumerate(made.names)
        }
        shown = gate.groups(facets, asked)
        lines = [_line(PEOPLE, "", name, shown[name].total, shown[name].total) for name in made.names]
        apart: list[dict[str, Any]] = []
        for one, each in zip(chosen, found, strict=True):
            lines += _lines(one, dict(zip(made.names, each, strict=True)), shown, asked)
            apart += _apart(one, dict(zip(made.names, each, strict=True)), shown, asked)
    return TableOne(
        pa.Table.from_pylist(lines, _SCHEMA), pa.Table.from_pylist(apart, _APART), tuple(made.names)
    )  # fmt: skip


def _lines(
    one: Trait, each: dict[str, Summary], shown: dict[str, gate.Group], asked: gate.Gate
) -> list[dict[str, Any]]:
    lines = []
    for level in next(iter(each.values())).counts:
        if level == MISSING and not any(summary.counts[level] for summary in each.values()):
            continue
        if one.kind == "binary" and level == "no":
            continue
        for name, summary in each.items():
            line = _line(
                one.label,
                "" if level in ("known", "yes") else level,
                name,
                shown[name].facets[one.label][level],
                shown[name].total,
            )
            if level == "known" and summary.numbers is not None and not line["suppressed"]:
                line |= _magnitudes(summary.numbers, asked)
            lines.append(line)
    return lines


def _line(characteristic: str, level: str, cohort: str, count: Count, total: Count) -> dict[str, Any]:
    share = None
    if count.persons is not None and total.persons:
        share = 100.0 * count.persons / total.persons
    return {
        "characteristic": characteristic, "level": level, "cohort": cohort, "persons": count.persons,
        "percent": share, "suppressed": count.suppressed,
    }  # fmt: skip


def _magnitudes(numbers: Numbers, asked: gate.Gate) -> dict[str, float | None]:
    found = {name: getattr(numbers, name) for name in ("mean", "sd", "q1", "median", "q3")}
    return found if asked.exact else {name: rounded(value) for name, value in found.items()}


def _apart(
    one: Trait, each: dict[str, Summary], shown: dict[str, gate.Group], asked: gate.Gate
) -> list[dict[str, Any]]:
    rows = []
    for first, second in combinations(each, 2):
        hidden = any(c.suppressed for name in (first, second) for c in shown[name].facets[one.label].values())
        apart = None if hidden else _difference(one, each[first], each[second])
        if apart is not None and not asked.exact:
            apart = rounded(apart)
        said = {"characteristic": one.label, "first": first, "second": second}
        rows.append(said | {"difference": apart, "suppressed": hidden})
    return rows


def _difference(one: Trait, first: Summary, second: Summary) -> float | None:
    """None where a group has nobody of whom the value is known."""
    a, b = first.numbers, second.numbers
    if a is not None and b is not None:
        if None in (a.mean, a.sd, b.mean, b.sd):
            return None
        return differences.continuous(a.mean or 0, a.sd or 0, b.mean or 0, b.sd or 0)
    shares = [_shares(one_group) for one_group in (first, second)]
    if any(s is None for s in shares):
        return None
    p, q = (np.asarray(s) for s in shares)
    return differences.binary(p[0], q[0]) if one.kind == "binary" else differences.categories(p, q)


def _shares(one: Summary) -> list[float] | None:
    known = {level: number for level, number in one.counts.items() if level != MISSING}
    total = sum(known.values())
    return [number / total for number in known.values()] if total else None


def _said(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return WITHHELD
    if row["mean"] is not None:
        return f"{row['mean']:.4g} (SD {row['sd']:.3g}); {row['median']:.4g} [{row['q1']:.4g}, {row['q3']:.4g}]"
    if row["characteristic"] == PEOPLE or row["percent"] is None:
        return f"{row['persons']:,}"
    return f"{row['persons']:,} ({row['percent']:.1f}%)"
