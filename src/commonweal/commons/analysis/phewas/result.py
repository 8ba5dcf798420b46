"""What a scan found: a table, one row a phecode, which saves itself and draws itself."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from commonweal.disclosure import Policy, count
from commonweal.errors import BadInput
from commonweal.omop.phecodes import PhecodeMap

if TYPE_CHECKING:
    from commonweal.commons.analysis.figure import Figure
    from commonweal.commons.release import Release

RATIO = {"logistic": "odds_ratio", "cox": "hazard_ratio"}
CONFIDENCE = 0.95
COUNTED = ("cases", "controls", "exposed_cases", "exposed_controls")
SMALL = "cases_small"


@dataclass(frozen=True)
class Result:
    """`table`: every phecode tested, by p-value. `told`: what was asked of what, as a dict. `policy`: of the release's gate, or None.

    What is saved or drawn (`shown`) is the whole table of one's own data. Of a published release it is without phecodes flagged
    `cases_small`, with numbers of people rounded, unless `every` is asked for; the gate at export decides in any case.
    """

    table: pa.Table
    told: dict[str, Any]
    policy: Policy | None = None

    def shown(self, every: bool = False) -> pa.Table:
        """The table as it is saved and drawn."""
        if every or self.policy is None:
            return self.table
        small = pc.match_substring(self.table["flags"], SMALL)
        kept = self.table.filter(pc.invert(small))
        for name in COUNTED:
            values = [None if n is None else count(n, self.policy).persons for n in kept[name].to_pylist()]
            kept = kept.set_column(kept.column_names.index(name), name, pa.array(values, pa.int64()))
        return kept

    def to_pandas(self) -> Any:
        return self.table.to_pandas()

    def save(self, path: str | os.PathLike[str], every: bool = False) -> Path:
        """The table as .parquet (with `told` as its metadata) or .csv. Raises BadInput for another kind of file."""
        target, shown = Path(path), self.shown(every)
        if target.suffix == ".parquet":
            pq.write_table(shown.replace_schema_metadata({"phewas": orjson.dumps(self.told)}), target)
        elif target.suffix == ".csv":
            pyarrow.csv.write_csv(shown, target)
        else:
            raise BadInput(f"results {target.name}: give a name that ends in .parquet or .csv")
        return target

    def to_parquet(self, path: str | os.PathLike[str], every: bool = False) -> Path:
        return self.save(Path(path).with_suffix(".parquet"), every)

    def manhattan(self, every: bool = False) -> "Figure":
        """-log10 p of each phecode, by group; the line is Bonferroni's for 0.05."""
        from commonweal.commons.analysis.phewas import figures

        return figures.manhattan(self.shown(every), self.table.num_rows)

    def volcano(self, every: bool = False) -> "Figure":
        """-log10 p against the coefficient."""
        from commonweal.commons.analysis.phewas import figures

        return figures.volcano(self.shown(every), self.table.num_rows)

    def forest(self, most: int = 20, every: bool = False) -> "Figure":
        """Ratios with their intervals, of the `most` phecodes with the smallest p-values."""
        from commonweal.commons.analysis.phewas import figures

        return figures.forest(self.shown(every), most, RATIO[self.told["model"]])


def table_of(rows: list[Any], phecodes: PhecodeMap, model: str, release: "Release") -> pa.Table:
    """Rows of a scan (see scan.py) as a table, by p-value, then by phecode."""
    from scipy.stats import norm

    numbers, cases, controls, among, others, estimates = (list(column) for column in zip(*rows, strict=True))
    beta, error, z = (np.array([getattr(e, name) for e in estimates], dtype=float) for name in ("beta", "error", "z"))
    width = float(norm.ppf(0.5 + CONFIDENCE / 2)) * error
    labels = phecodes.labels.take(numbers)
    gated = [SMALL] if release.gated else []
    flags = [
        ",".join([*e.flags, *(gated if _small(c, a, release.policy) else [])])
        for e, c, a in zip(estimates, cases, among, strict=True)
    ]
    with np.errstate(over="ignore"):
        ratios = {
            RATIO[model] + end: np.exp(value)
            for end, value in (("", beta), ("_low", beta - width), ("_high", beta + width))
        }
    columns = {
        **{name: labels[name] for name in ("phecode", "description", "group", "sex")},
        **{name: pa.array(v, pa.int64()) for name, v in zip(COUNTED, (cases, controls, among, others), strict=True)},
        "beta": beta, "standard_error": error, **ratios,
        "p_value": 2 * norm.sf(np.abs(z)), "neg_log10_p": -(norm.logsf(np.abs(z)) + np.log(2)) / np.log(10),
        "method": [e.method for e in estimates], "converged": [e.converged for e in estimates], "flags": flags,
    }  # fmt: skip
    table = pa.table({n: pa.array(v, from_pandas=True) if isinstance(v, np.ndarray) else v for n, v in columns.items()})
    return table.sort_by([("neg_log10_p", "descending"), ("phecode", "ascending")])


def _small(cases: int, exposed_cases: int | None, policy: Policy) -> bool:
    """Whether cases, or exposed cases, are so few that they are not shown."""
    return any(count(n, policy).suppressed for n in (cases, exposed_cases) if n is not None)
