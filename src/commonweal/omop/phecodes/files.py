"""The published files of phecode maps: known by their columns, of whatever name; version 1.2 has numbers, X has letters."""

import hashlib
import re
from pathlib import Path

import duckdb
import pyarrow as pa

from commonweal.errors import BadInput
from commonweal.omop.phecodes.map import PARTS, VERSIONS, PhecodeMap
from commonweal.omop.vocabulary.staging import reader

_NAME = re.compile(r"(phe|sex_restriction).*\.(csv|tsv|txt)(\.gz)?")
_KINDS = {  # what a file is, by columns that it has; the first is the one with phecodes
    "codes": ("phecode", "vocabulary_id", "code"),
    "rollup": ("phecode_unrolled", "code"),
    "exclusions": ("exclusion_criteria", "code"),
    "sex": ("phecode", "male_only", "female_only"),
    "labels": ("phecode", "description", "group"),
    "labels_x": ("phenotype", "description", "group"),
}
_NEEDED = {"codes": "codes", "rollup": "roll-up", "labels": "labels", "sex": "sex restrictions"}
_SQL = {
    "codes": "SELECT DISTINCT vocabulary_id, upper(code) AS code, phecode FROM codes WHERE vocabulary_id <> '' AND code <> ''",
    "rollup": "SELECT code AS phecode, phecode_unrolled AS ancestor FROM rollup UNION SELECT phecode, phecode FROM codes",
    "exclusions": "SELECT DISTINCT code AS phecode, exclusion_criteria AS excluded_from FROM exclusions WHERE code <> exclusion_criteria",
    "labels": """SELECT phecode, any_value(description) AS description, any_value("group") AS "group",
        CASE WHEN bool_or(lower(male_only) = 'true') THEN 'male' WHEN bool_or(lower(female_only) = 'true') THEN 'female'
        ELSE 'both' END AS sex FROM labels LEFT JOIN sex USING (phecode) GROUP BY phecode""",
}
_STAGED = ("codes", "rollup", "exclusions", "sex", "labels")
Files = dict[str, dict[str, list[Path]]]  # version -> kind -> files


def files_of(folder: Path) -> Files:
    """The phecode files of a folder; empty where there is none."""
    found: Files = {}
    with duckdb.connect() as con:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not _NAME.fullmatch(path.name.lower()):
                continue
            columns = {row[0].lower() for row in con.execute(f"DESCRIBE SELECT * FROM {reader(path)}").fetchall()}
            kind = next((kind for kind, needed in _KINDS.items() if columns.issuperset(needed)), None)
            if kind:
                first = con.execute(f"SELECT {_KINDS[kind][0]} FROM {reader(path)} LIMIT 1").fetchone() or ("",)
                version = "1.2" if re.fullmatch(r"\d+(\.\d+)?", first[0] or "") else "X"
                found.setdefault(version, {}).setdefault(kind.removesuffix("_x"), []).append(path)
    return {version: found[version] for version in VERSIONS if version in found}


def read(folder: Path, version: str) -> PhecodeMap:
    """The map of this version from the files of a folder. Raises BadInput where there is none, or a part is missing."""
    found = files_of(Path(folder)).get(version)
    if found is None:
        raise BadInput(
            f"phecodes {version}: the folder holds no file of that map; give the folder of its published files"
        )
    return map_of(version, found)


def map_of(version: str, found: dict[str, list[Path]]) -> PhecodeMap:
    """Raises BadInput where a part is missing or cannot be read."""
    for kind, words in _NEEDED.items():
        if kind not in found:
            raise BadInput(f"phecodes {version}: the file with the {words} is missing; give all files of the map")
    with duckdb.connect() as con:
        for kind in _STAGED:
            con.execute(f"CREATE TABLE {kind} AS {_rows(con, kind, found.get(kind, []))}")
        tables = {part: con.execute(f"{_SQL[part]} ORDER BY ALL").to_arrow_table() for part in PARTS}
    return PhecodeMap(version, digest_of(tables), **tables)


def _rows(con: duckdb.DuckDBPyConnection, kind: str, paths: list[Path]) -> str:
    """SQL of the rows of some files of one kind; of no files, no rows."""
    columns = dict.fromkeys(_KINDS[kind])
    if not paths:
        return "SELECT " + ", ".join(f"NULL::VARCHAR AS {c}" for c in columns) + " WHERE false"
    parts = []
    for path in paths:
        has = {row[0].lower() for row in con.execute(f"DESCRIBE SELECT * FROM {reader(path)}").fetchall()}
        cells = {c: f'trim("{c if c in has else "phenotype"}")' for c in columns}
        parts.append("SELECT " + ", ".join(f'{cell} AS "{c}"' for c, cell in cells.items()) + f" FROM {reader(path)}")
    return " UNION ALL ".join(parts)


def digest_of(tables: dict[str, pa.Table]) -> str:
    """SHA-256 over the rows of the map, which the spelling of its files does not change."""
    digest = hashlib.sha256()
    for part in PARTS:
        for column in tables[part].columns:
            digest.update("\n".join(value or "" for value in column.to_pylist()).encode() + b"\n\n")
    return digest.hexdigest()
