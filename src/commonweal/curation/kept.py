"""What the rules knew when a tier was built, kept in the vault: a row can be traced, and a rule run again, long afterwards."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from commonweal import files
from commonweal.curation.duck import quote
from commonweal.curation.extract.run import TABLES
from commonweal.curation.findings import LOOKUPS, concerning
from commonweal.curation.rules.base import Facts
from commonweal.protocol.privacy import TierPrivacy

_FACTS = "facts.json"
_READ: dict[str, Callable[[Any], Any]] = {
    "cutoff": date.fromisoformat,
    "privacy": TierPrivacy.model_validate,
}


def names() -> list[str]:
    """Tables of the engine that a tier's rules read beside the raw ones."""
    found = [f"found_{table}" for table in TABLES if concerning(table)]
    return ["persons", "device_facts", *found, *(one.told for one in LOOKUPS)]


def save(con: duckdb.DuckDBPyConnection, folder: Path, facts: Facts) -> None:
    """Keep `facts` and the tables of `names` in `folder` (0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names():
        con.execute(f"COPY {name} TO {quote(folder / f'{name}.parquet')} (FORMAT parquet, COMPRESSION zstd)")
        (folder / f"{name}.parquet").chmod(0o600)
    told: dict[str, Any] = {field.name: getattr(facts, field.name) for field in fields(facts)}
    told |= {"cutoff": facts.cutoff.isoformat(), "privacy": facts.privacy.model_dump(mode="json")}
    files.save_json(folder / _FACTS, told | {"codes": list(facts.codes.items())}, files.PRIVATE)


def load(con: duckdb.DuckDBPyConnection, folder: Path) -> Facts:
    """Make the tables of `names` on `con` again; the Facts that were kept."""
    for name in names():
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM read_parquet({quote(folder / f'{name}.parquet')})")
    told = files.load_json(folder / _FACTS)
    told |= {
        "codes": dict(told["codes"]),
        "suppressed": {place: tuple(concepts) for place, concepts in told["suppressed"].items()},
        "questions": tuple(told["questions"]),
    }
    return Facts(**{name: _READ[name](value) if name in _READ else value for name, value in told.items()})
