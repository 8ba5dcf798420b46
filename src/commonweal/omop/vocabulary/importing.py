"""`vocabulary import`: Athena downloads and subsets of them, merged into the home; what disagrees is told. Phecode maps too.

Files are known by name in any letter case, comma or tab separated, plain or .gz. The same input twice changes nothing.
Dates may be ISO, YYYYMMDD or DD/MM/YYYY; NA, None and the empty string mean nothing.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from commonweal.errors import BadInput
from commonweal.files import save_json
from commonweal.home import Home
from commonweal.omop.vocabulary import ancestry, merged, staging
from commonweal.omop.vocabulary.shapes import TABLES, table_of

if TYPE_CHECKING:
    from commonweal.cli.console import Console

CHUNK = 1 << 20


def import_dirs(dirs: Sequence[Path], home: Home, console: "Console") -> dict[str, Any]:
    """Merge vocabulary folders into the home, in the order given; the first to name a concept wins, the last phecode map.

    Returns {"accepted", "unchanged", "rejected", "unmatched", "report"} in rows; "rejected" counts rows that cannot be
    read and rows that say otherwise than an earlier source (code, domain or standard flag of one id). Raises BadInput
    where a folder is missing or holds no vocabulary file.
    """
    from commonweal.omop.phecodes.importing import import_maps

    folders = [(Path(folder), files_of(Path(folder))) for folder in dirs]
    home.vocabulary.mkdir(parents=True, exist_ok=True)
    totals = {"accepted": 0, "unchanged": 0, "rejected": 0, "unmatched": 0}
    report: list[dict[str, Any]] = []
    with duckdb.connect() as con, console.progress("Vocabulary", total=sum(len(f) for _, f in folders)) as step:
        con.execute("SET enable_progress_bar = false; SET preserve_insertion_order = false")
        con.execute(f"SET temp_directory = {merged.quoted(home.vocabulary / '.tmp')}")
        for place, (folder, files) in enumerate(folders, start=1):
            found = [_import_one(con, files, home.vocabulary, place, step)] if files else []
            found += [_note_map(con, one, home.vocabulary, place) for one in import_maps(folder, home)]
            for counts, entry in found:
                report.append(entry)
                totals = {key: totals[key] + counts.get(key, 0) for key in totals}
    path = _write_report(home.vocabulary, report) if totals["accepted"] or totals["rejected"] else None
    return totals | {"report": str(path) if path else None}


def files_of(folder: Path) -> dict[str, Path]:
    """The vocabulary files of a folder by table; none where it holds a phecode map alone. Raises BadInput."""
    from commonweal.omop.phecodes.files import files_of as maps_of

    if not folder.is_dir():
        raise BadInput("a vocabulary folder that was given is not there, or is a file: give the folder of the download")
    found = {table: path for path in sorted(folder.iterdir()) if (table := table_of(path.name))}
    if not found and not maps_of(folder):
        raise BadInput("a folder holds no vocabulary table: it should have CONCEPT.csv and its like (Athena download)")
    return {table: found[table] for table in TABLES if table in found}


def digest_of(files: dict[str, Path]) -> str:
    """SHA-256 over the contents of the files, table by table; names and places do not count."""
    digest = hashlib.sha256()
    for table, path in sorted(files.items()):
        digest.update(table.encode())
        with open(path, "rb") as file:
            while block := file.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()


def _import_one(
    con: duckdb.DuckDBPyConnection, files: dict[str, Path], folder: Path, place: int, step: Any
) -> tuple[dict[str, int], dict[str, Any]]:
    known = merged.sources(folder) or {"sources": []}
    digest = digest_of(files)
    earlier = next((s for s in known["sources"] if s["digest"] == digest), None)
    if earlier:
        step.advance(len(files))
        return {"unchanged": earlier["rows"]}, {"folder": place, "source": earlier["source"], "unchanged": True}
    number = len(known["sources"]) + 1
    entry: dict[str, Any] = {"folder": place, "source": number, "digest": digest, "tables": {}}
    counts = {"accepted": 0, "unchanged": 0, "rejected": 0}
    for table, path in files.items():
        found = staging.merge(con, table, path, folder)
        entry["tables"][table] = found
        counts = {key: counts[key] + found[key] for key in counts}
        step.advance()
    entry["ancestry"] = ancestry.extend(con, folder)
    version = staging.version_of(con, files)
    known["sources"].append({"source": number, "version": version, "digest": digest, "rows": sum(counts.values())})
    merged.rebuild(con, folder)
    save_json(folder / "sources.json", known | {"shipped": merged.shipped_digest()})
    return counts, entry


def _note_map(
    con: duckdb.DuckDBPyConnection, told: dict[str, Any], folder: Path, place: int
) -> tuple[dict[str, int], dict[str, Any]]:
    """Write a phecode map that was taken among the sources, so that the version of the vocabulary is another one."""
    if told["unchanged"]:
        return told, {"folder": place, "map": told["version"], "unchanged": True}
    known = merged.sources(folder) or {"sources": []}
    number = len(known["sources"]) + 1
    source = {"source": number, "version": told["version"], "digest": told["digest"], "rows": told["rows"]}
    if not known["sources"]:
        merged.rebuild(con, folder)
        known["shipped"] = merged.shipped_digest()
    known["sources"].append(source)
    save_json(folder / "sources.json", known)
    return told, {"folder": place, **source}


def _write_report(folder: Path, entries: list[dict[str, Any]]) -> Path:
    reports = folder / "reports"
    path = reports / f"{len(list(reports.glob('*.json'))) + 1:06d}.json"
    save_json(path, {"sources": entries})
    return path
