"""Figures of a scan: Manhattan by group of phecodes, volcano, forest. Each has the numbers it shows beside it."""

import numpy as np
import pyarrow as pa

from commonweal.commons.analysis.figure import INK, LINE, PALETTE, Figure, axes

NAMED = 10  # phecodes with their names beside their marks
LEVEL = 0.05
APART = (0.2, 0.04)  # of the width and the height: how far names are from one another
_P = "$-\\log_{10}$ p"


def manhattan(table: pa.Table, tested: int) -> Figure:
    """`tested`: for the line of Bonferroni."""
    table = _known(table, "neg_log10_p").sort_by([("group", "ascending"), ("phecode", "ascending")])
    drawing, area = axes(9.0, 5.0)
    groups, heights = table["group"].to_pylist(), _numbers(table, "neg_log10_p")
    up = np.nan_to_num(_numbers(table, "beta")) >= 0
    ticks = []
    for number, group in enumerate(dict.fromkeys(groups)):
        here = np.flatnonzero([g == group for g in groups])
        ticks.append((here.mean(), group))
        for mark, chosen in (("^", here[up[here]]), ("v", here[~up[here]])):
            area.scatter(chosen, heights[chosen], s=14, marker=mark, color=PALETTE[number % len(PALETTE)], linewidths=0)
    _bonferroni(area, tested)
    _name(area, np.arange(len(heights)), heights, table)
    area.set_xticks([at for at, _ in ticks], [group for _, group in ticks], rotation=45, ha="right", fontsize=8)
    area.set_ylabel(_P)
    area.set_title("Phecodes by group (triangles point the way of the association)")
    return Figure(drawing, table.select(["phecode", "description", "group", "beta", "p_value", "neg_log10_p"]))


def volcano(table: pa.Table, tested: int) -> Figure:
    table = _known(table, "neg_log10_p", "beta")
    drawing, area = axes()
    beta, heights = _numbers(table, "beta"), _numbers(table, "neg_log10_p")
    area.scatter(beta, heights, s=14, color=PALETTE[0], linewidths=0)
    area.axvline(0, color=LINE, linewidth=1)
    _bonferroni(area, tested)
    _name(area, beta, heights, table)
    area.set_xlabel("coefficient (one unit of the exposure)")
    area.set_ylabel(_P)
    area.set_title("Strength and certainty")
    return Figure(drawing, table.select(["phecode", "description", "beta", "p_value", "neg_log10_p"]))


def forest(table: pa.Table, most: int, ratio: str) -> Figure:
    """`ratio`: the column of the ratio, odds_ratio or hazard_ratio."""
    table = _known(table, ratio, "neg_log10_p").slice(0, most)
    columns = [ratio, f"{ratio}_low", f"{ratio}_high"]
    from matplotlib.ticker import MaxNLocator, NullLocator

    drawing, area = axes(7.2, 1.4 + 0.24 * max(table.num_rows, 1))
    middle, low, high = (_numbers(table, name) for name in columns)
    rows = np.arange(table.num_rows)[::-1]
    area.errorbar(
        middle, rows, xerr=np.vstack([middle - low, high - middle]), fmt="o", ms=4, color=PALETTE[0], elinewidth=1
    )
    area.axvline(1, color=INK, linewidth=0.8)
    area.set_xscale("log")
    area.xaxis.set_major_locator(MaxNLocator(5))
    area.xaxis.set_major_formatter("{x:g}")
    area.xaxis.set_minor_locator(NullLocator())
    area.set_yticks(rows, [_short(text) for text in table["description"].to_pylist()], fontsize=8)
    area.set_xlabel(f"{ratio.replace('_', ' ')} (95% interval)")
    area.set_title("Smallest p-values")
    return Figure(drawing, table.select(["phecode", "description", "cases", "controls", *columns, "p_value"]))


def _known(table: pa.Table, *columns: str) -> pa.Table:
    keep = np.logical_and.reduce([np.isfinite(_numbers(table, name)) for name in columns])
    return table.filter(pa.array(keep))


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(), dtype=float)


def _bonferroni(area: object, tested: int) -> None:
    area.axhline(-np.log10(LEVEL / max(tested, 1)), color=INK, linewidth=0.8, linestyle="--")  # type: ignore[attr-defined]


def _name(area: object, across: np.ndarray, heights: np.ndarray, table: pa.Table) -> None:
    """Names beside the highest marks, but where one would lie on another's."""
    words, named = table["description"].to_pylist(), np.empty((0, 2))
    sizes = np.array([np.ptp(across) or 1, np.ptp(heights) or 1]) if len(heights) else np.ones(2)
    for place in np.argsort(-heights, kind="stable")[:NAMED]:
        at = np.array([across[place], heights[place]])
        if (np.abs(named - at) < sizes * APART).all(axis=1).any():
            continue
        named = np.vstack([named, at])
        area.annotate(_short(words[place]), at, xytext=(4, 2), textcoords="offset points", fontsize=7)  # type: ignore[attr-defined]


def _short(text: str) -> str:
    return text if len(text) <= 44 else text[:43] + "…"
