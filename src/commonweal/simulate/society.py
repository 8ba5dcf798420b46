"""The small tables of public facts that the simulation draws from (facts/*.csv, *.toml), read once."""

import csv
import tomllib
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

FACTS = resources.files("commonweal.simulate") / "facts"
STATE_GROUPS = ("white", "black", "hispanic", "asian", "aian", "nhpi")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of facts/NAME.csv."""
    return tuple(csv.DictReader((FACTS / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


@cache
def facts(name: str) -> dict[str, Any]:
    """facts/NAME.toml."""
    return tomllib.loads((FACTS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def states() -> tuple[str, ...]:
    return tuple(row["state"] for row in table("states"))


@cache
def shares() -> np.ndarray:
    """(states, groups) census shares that add up to 1 by state; columns as in society.toml `groups`."""
    rows = []
    for row in table("states"):
        known = [float(row[group]) for group in STATE_GROUPS]
        mena = 0.011 * known[0]
        known[0] -= mena
        rows.append([*known, mena, max(100.0 - sum(known) - mena, 0.1)])
    found = np.array(rows)
    return found / found.sum(axis=1, keepdims=True)


def by_group(section: str) -> np.ndarray:
    """(groups, choices) weights of one section of society.toml."""
    society = facts("society")
    return np.array([society[section][group] for group in society["groups"]], dtype=float)
