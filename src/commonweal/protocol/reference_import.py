"""Bring a reference table into a protocol folder: the file as it is, and its entry in reference/reference.toml."""

import csv
import gzip
import hashlib
import io
import re
import tomllib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from commonweal import files
from commonweal.errors import BadInput
from commonweal.protocol import poverty_checks, rural_lists
from commonweal.protocol.place_checks import COLUMNS, COUNTIES
from commonweal.protocol.reference_checks import table_problems
from commonweal.protocol.zips import COUNTY, RUCA, RURAL

DQD = "OHDSI Data Quality Dashboard, thresholds for OMOP CDM 5.4 (Apache-2.0)"
KINDS: dict[str, tuple[tuple[str, ...], str]] = {  # what a kind must have as columns, and where it is from
    "area_deprivation": (
        (
            "ZCTA5",
            "fraction_assisted_income",
            "fraction_high_school_edu",
            "median_income",
            "fraction_no_health_ins",
            "fraction_poverty",
            "fraction_vacant_housing",
            "dep_index",
        ),
        "American Community Survey, by ZIP code tabulation area, with the deprivation index of Brokamp and others",
    ),
    "dqd_concept_thresholds": (("cdmTableName", "conceptId", "unitConceptId", "plausibleGender"), DQD),
    "dqd_field_thresholds": (("cdmTableName", "cdmFieldName", "plausibleValueLow", "plausibleValueHigh"), DQD),
    "dqd_table_thresholds": (("cdmTableName", "measurePersonCompleteness", "measurePersonCompletenessThreshold"), DQD),
    "branching": (("rule_type", "child_question", "parent_question", "parent_value"), "branching rules of surveys"),
    "zip3": (("zip3",), "first three digits of ZIP codes, and how many people live there"),
    "census": (("state_name", "sex", "age", "population", "race_category_id"), "a census of the population"),
    poverty_checks.KIND: (poverty_checks.COLUMNS, "U.S. Department of Health and Human Services, poverty guidelines"),
    RURAL: (COLUMNS[RURAL], "Federal Office of Rural Health Policy, lists of rural ZIP codes"),
    COUNTY: (COLUMNS[COUNTY], "U.S. Department of Housing and Urban Development, ZIP codes and counties"),
    COUNTIES: (COLUMNS[COUNTIES], "American Community Survey, by county"),
    RUCA: (COLUMNS[RUCA], "U.S. Department of Agriculture, rural-urban commuting areas by ZIP code"),
    "unit_mapping": (("measurement_concept_id", "unit_concept_id", "set_unit_concept_id"), "a table of units"),
    "dose_form_routes": (("dose_form_concept_name", "route_concept_id"), "a table of dose forms and routes"),
}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_INDEX = "reference.toml"
_GZIP = b"\x1f\x8b"
_BLOCK = re.compile(r"^\[\[tables\]\]\n.*?(?=^\[\[tables\]\]|\Z)", re.MULTILINE | re.DOTALL)


def import_table(
    folder: Path, kind: str, *parts: Path, version: str = "", source: str = "", since: Sequence[str] = ()
) -> dict[str, Any]:
    """Take `parts` (CSV, UTF-8, header row; also packed by gzip) as the table `kind` of the protocol in `folder`.

    An earlier one is replaced. Several files become one table, of the columns that all of them have; lists of rural ZIP
    codes come as `rural_lists.table` says, each holding from its day in `since`.

    Answers {"accepted", "unchanged", "rejected", "unmatched", "report", "kind", "version"} in rows; the same file a second
    time changes nothing. `version`: by default the first letters of the file's SHA-256. Raises BadInput, with the line, for
    a file that cannot be read as a table or lacks a column of its kind.
    """
    if not _NAME.fullmatch(kind):
        raise BadInput("KIND is a name of small letters, digits and _, such as unit_mapping")
    texts = [_read(part) for part in parts]
    if kind == RURAL:
        texts = [rural_lists.table(texts, since)]
    elif since:
        raise BadInput(f"--since is for lists that replace one another, of kind {RURAL}")
    text, rows = _joined([_shaped(text, kind) for text in texts])
    _check(kind, text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    version = version or digest[:12]
    entry = _entry(kind, version, source or KINDS.get(kind, ((), "imported"))[1])
    place = folder / "reference"
    index, target = place / _INDEX, place / f"{kind}.csv"
    listed = index.read_text(encoding="utf-8") if index.exists() else ""
    same = target.exists() and target.read_text(encoding="utf-8") == text and entry.strip() in listed
    if not same:
        files.save(target, text.encode())
        files.save(index, (_without(listed, kind).rstrip() + "\n\n" + entry).encode())
    counts = {"accepted": 0 if same else rows, "unchanged": rows if same else 0, "rejected": 0, "unmatched": 0}
    return counts | {"report": None, "kind": kind, "version": version}


def _read(file: Path) -> str:
    """The text, unpacked, line ends made the same."""
    if not file.is_file():
        raise BadInput("FILE is not there: give a CSV file with a header row")
    try:
        content = file.read_bytes()
        content = gzip.decompress(content) if content.startswith(_GZIP) else content
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput("FILE: cut short or damaged: it begins as a gzip file but cannot be unpacked") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"FILE: not in UTF-8 at byte {error.start}: save it in that encoding") from None


def _shaped(text: str, kind: str) -> tuple[str, int]:
    """The text, whose rows have the columns of the kind, and how many there are."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header, count = next(reader, []), 0
        for row in reader:
            count += 1
            if len(row) != len(header):
                raise BadInput(f"FILE line {reader.line_num}: {len(row)} cells, but the header names {len(header)}")
    except csv.Error as error:
        raise BadInput(f"FILE line {reader.line_num}: no CSV: {error}") from None
    missing = [name for name in KINDS.get(kind, ((), ""))[0] if name not in [one.strip() for one in header]]
    if missing or not header:
        raise BadInput(f"FILE line 1: a table of kind {kind} needs the column {missing[0] if missing else 'names'}")
    return text, count


def _joined(read: list[tuple[str, int]]) -> tuple[str, int]:
    """Tables under one another; one alone stays as it is, to the byte."""
    if len(read) == 1:
        return read[0]
    tables = [list(csv.DictReader(io.StringIO(text))) for text, _ in read]
    headers = [next(csv.reader(io.StringIO(text))) for text, _ in read]
    common = [name for name in headers[0] if all(name in header for header in headers)]
    out = io.StringIO()
    writer = csv.DictWriter(out, common, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for table in tables for row in table)
    return out.getvalue(), sum(rows for _, rows in read)


def _check(kind: str, text: str) -> None:
    """What the words of a table must say where rules compute with them."""
    problems = table_problems(kind, "FILE", csv.DictReader(io.StringIO(text)))
    if problems:
        raise BadInput(f"FILE line {problems[0].line}: {problems[0].message}")


def _entry(kind: str, version: str, source: str) -> str:
    lines = {"kind": kind, "file": f"{kind}.csv", "version": version, "source": source}
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in lines.items()}
    return "[[tables]]\n" + "".join(f'{name} = "{value}"\n' for name, value in quoted.items())


def _without(listed: str, kind: str) -> str:
    """The index without the entry of `kind`; everything else, comments too, stays as it stands."""

    def kept(match: re.Match[str]) -> str:
        return "" if tomllib.loads(match[0])["tables"][0].get("kind") == kind else match[0]

    try:
        return _BLOCK.sub(kept, listed)
    except (tomllib.TOMLDecodeError, KeyError):
        raise BadInput("reference/reference.toml is not in order: see `commonweal protocol check`") from None
