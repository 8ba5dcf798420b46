"""What is wrong in reference tables of places, row by row: a ZIP code or county that no rule could find is told here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from commonweal.protocol.base import Problem
from commonweal.protocol.states import FIPS, NAMES
from commonweal.protocol.zips import COUNTY, RUCA, RURAL, UNCODED

COUNTIES = "counties"
COLUMNS: dict[str, tuple[str, ...]] = {
    RURAL: ("zip",),
    COUNTY: ("ZIP", "COUNTY", "RES_RATIO"),
    COUNTIES: ("GEOID", "name", "state", "POPULATION SIZE", "white", "african american"),
    RUCA: ("ZIP_CODE", "RUCA1", "RUCA2"),
}
SHARES = (
    *(
        "white",
        "african american",
        "age under 5",
        "age 85 plus",
        "age 18 plus",
        "age 65 plus",
        "hs grad",
        "college grad",
    ),
    *("one unit structure", "two unit structure", "mobile and other", "spanish speaking", "indo european language"),
    *("api language", "non euro api", "limited english", "poverty", "poverty 18", "poverty 65", "veterans"),
    *("unemployment 20 64", "uninsured", "uninsured 6", "uninsured 19", "uninsured 65", "computers", "smartphones"),
    "broadband",
)
"""Columns of counties in percent, from 0 to 100, or NA."""
_MOST = 1.01  # shares of one ZIP code together, with what rounding does
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE]-?[0-9]+)?|\.[0-9]+")
_RUCA = re.compile(r"([1-9]|10|99)(\.[0-9])?")
_CODE = re.compile(r"[0-9]{5}")
_GEOID = re.compile(r"[0-9]{4,5}")

Rows = Iterable[Mapping[str, str]]
Row = Mapping[str, str]


def zip_problem(name: str, text: str) -> tuple[str, ...]:
    """What is wrong with a code of five digits in the column `name`; nothing is an empty tuple."""
    if _CODE.fullmatch(text):
        return ()
    if re.fullmatch(r"[0-9]{3,4}", text):
        return (f"{name} has five digits, and {text} lost its leading zeros: save the column as text, not as numbers",)
    return (f"{name} is five digits, such as 60601",)


@lru_cache(maxsize=64)
def since_problem(text: str) -> tuple[str, ...]:
    """What is wrong with the day from which a list holds; empty is the beginning."""
    try:
        good = not text or (len(text) == 10 and bool(date.fromisoformat(text)))
    except ValueError:
        good = False
    return () if good else ("since is the first day on which the list holds, such as 2020-09-15, or empty",)


def _rural(row: Row) -> Iterator[str]:
    yield from zip_problem("zip", row["zip"])
    yield from since_problem(row.get("since", ""))


def _zip_county(row: Row) -> Iterator[str]:
    yield from zip_problem("ZIP", row["ZIP"])
    yield from zip_problem("COUNTY", row["COUNTY"])
    if row["COUNTY"][:2] not in FIPS:
        yield f"no state has the FIPS code {row['COUNTY'][:2]}"
    for name in ("RES_RATIO", "TOT_RATIO"):
        if name in row and not _within(row[name], 1):
            yield f"{name} is a share from 0 to 1"


def _counties(row: Row) -> Iterator[str]:
    geoid = row["GEOID"].zfill(5)
    state = FIPS.get(geoid[:2])
    if not _GEOID.fullmatch(row["GEOID"]):
        yield "GEOID is the FIPS code of a county, five digits (a leading zero may be missing)"
    elif state is None:
        yield f"no state has the FIPS code {geoid[:2]}"
    elif row["state"].strip() not in (state, NAMES[state]):
        yield f"county {geoid} lies in {NAMES[state]}, but the column state says another"
    if not row["name"].strip():
        yield "a county has a name"
    if not (row["POPULATION SIZE"].isascii() and row["POPULATION SIZE"].isdigit()):
        yield "POPULATION SIZE is a whole number, in digits alone"
    for name in SHARES:
        if row.get(name, "NA") != "NA" and not _within(row[name], 100):
            yield f"{name} is in percent, from 0 to 100, or NA"


def _ruca(row: Row) -> Iterator[str]:
    yield from zip_problem("ZIP_CODE", row["ZIP_CODE"])
    primary, secondary = row["RUCA1"], row["RUCA2"]
    if "." in primary or not _RUCA.fullmatch(primary):
        yield f"RUCA1 is a whole number from 1 to 10, or {UNCODED} for what has no class"
    elif not _RUCA.fullmatch(secondary) or secondary.split(".")[0] != primary:
        yield "RUCA2 begins with RUCA1, such as 4 or 4.1"


def _within(text: str, most: int) -> bool:
    return text in ("0", "1") or bool(_NUMBER.fullmatch(text)) and float(text) <= most


def rows_problems(kind: str, file: str, rows: Rows) -> list[Problem]:
    """What is wrong in the table `kind`: each row for itself, rows that stand there twice, shares that are too many."""
    check, key = KINDS[kind]
    rows = list(rows)
    for line, row in enumerate(rows, start=2):
        if not all(name in row for name in COLUMNS[kind]):
            return [Problem(file, line, f"a row has the columns {', '.join(COLUMNS[kind])}")]
    problems = [Problem(file, line, wrong) for line, row in enumerate(rows, start=2) for wrong in check(row)]
    problems += [
        Problem(file, line, f"a row with this {' and '.join(key)} is there already") for line in _doubled(rows, key)
    ]
    if kind == COUNTY and not problems:
        problems += [
            Problem(file, line, "the shares of this ZIP code are more than 1 together") for line in _too_many(rows)
        ]
    return sorted(problems, key=lambda problem: problem.line)


def _doubled(rows: Rows, key: tuple[str, ...]) -> Iterator[int]:
    """Lines of rows whose key has been there; a county's code with its zero or without is the same."""
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(rows, start=2):
        this = (row["GEOID"].zfill(5),) if key == ("GEOID",) else tuple([row.get(name, "") for name in key])
        if this in seen:
            yield line
        seen.add(this)


def _too_many(rows: Rows) -> Iterator[int]:
    shared: dict[str, float] = {}
    for line, row in enumerate(rows, start=2):
        shared[row["ZIP"]] = shared.get(row["ZIP"], 0.0) + float(row["RES_RATIO"])
        if shared[row["ZIP"]] > _MOST:
            yield line


KINDS: dict[str, tuple[Callable[[Row], Iterator[str]], tuple[str, ...]]] = {
    RURAL: (_rural, ("zip", "since")),
    COUNTY: (_zip_county, ("ZIP", "COUNTY")),
    COUNTIES: (_counties, ("GEOID",)),
    RUCA: (_ruca, ("ZIP_CODE",)),
}
