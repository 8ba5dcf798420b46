"""The real FHIR resources beside the checkout as events, and the vocabularies beside it in one engine: for tests and benchmarks."""

import gzip
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.omop import tables as cdm
from commonweal.omop import vocabulary
from commonweal.omop.vocabulary import shapes, staging
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.r4.mapping.batches import BATCH, Mapper

VOCABULARIES = ("synthea27nj", "omock_default", "omock_eunomia", "dbt_synthea_vocab")
KINDS = shapes.COLUMNS
SITES = ("synthea", "bulk", "us-core")


def resources(data: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every resource of ehr_fhir with the name of its set: bundles opened, NDJSON line by line, US Core's examples."""
    folder = data / "ehr_fhir"
    for path in sorted((folder / "synthea_r4_bundles").glob("*.json.gz")):
        with gzip.open(path) as file:
            yield from (("synthea", entry["resource"]) for entry in json.load(file)["entry"])
    for path in sorted((folder / "bulk_10_patients").glob("*.ndjson.gz")):
        with gzip.open(path, "rt") as file:
            yield from (("bulk", json.loads(line)) for line in file)
    with tarfile.open(folder / "us_core_examples.tar.gz") as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            if member.name.endswith(".json") and (opened := tar.extractfile(member)):
                found = json.load(opened)
                inside = [e["resource"] for e in found["entry"]] if found.get("resourceType") == "Bundle" else [found]
                yield from (("us-core", r) for r in inside if r.get("resourceType"))


def subject_of(resource: dict[str, Any]) -> str | None:
    """The logical id of the patient whom a resource is about."""
    if resource["resourceType"] == "Patient":
        return resource.get("id")
    for name in ("subject", "patient", "beneficiary"):
        if isinstance(resource.get(name), dict) and (reference := resource[name].get("reference")):
            return reference.removeprefix("urn:uuid:").rpartition("/")[2]
    return None


def events(found: list[tuple[str, dict[str, Any]]]) -> pa.Table:
    """The events of resources, as the vault would keep them: one submission a set, participants numbered."""
    about = [(n, site, subject_of(r)) for n, (site, r) in enumerate(found, 1)]
    people = {pair: n for n, pair in enumerate(dict.fromkeys((s, p) for _, s, p in about if p), 1)}
    whose = {
        "position": [n for n, *_ in about],
        "site": [s for _, s, _ in about],
        "participant": [people.get((s, p)) for _, s, p in about],
    }
    with duckdb.connect() as con:
        mapper = Mapper(con)
        con.execute("CREATE TABLE kept AS SELECT * FROM staged")
        for start in range(0, len(found), 5_000):
            mapper.take(_batch(found[start : start + 5_000], start))
            con.execute("INSERT INTO kept FROM staged")
        con.register("whose", pa.table(whose))
        return con.execute(_KEPT).to_arrow_table().select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA)


_KEPT = f"""SELECT k.* REPLACE (coalesce(reference_id(k.encounter_id), k.encounter_id) AS encounter_id,
  coalesce(k.code_system, m.code_system) AS code_system, coalesce(k.code, m.code) AS code),
  w.participant, w.site, list_position({list(SITES)}, w.site) AS submission
FROM kept k JOIN whose w USING (position) LEFT JOIN kept m ON m.resource_type = 'Medication' AND m.resource_id = reference_id(k.medication)
WHERE k.fault IS NULL AND w.participant IS NOT NULL AND k.resource_type <> 'Medication' ORDER BY k.position, k.part"""


def _batch(found: list[tuple[str, dict[str, Any]]], before: int) -> pa.Table:
    count = list(range(before + 1, before + 1 + len(found)))
    nothing = [None] * len(count)
    return pa.table([count, [1] * len(count), count, nothing, [json.dumps(r) for _, r in found], nothing], schema=BATCH)


def vocabularies(data: Path) -> duckdb.DuckDBPyConnection:
    """A connection with `concept` and `concept_relationship`: what ships, and every subset beside the checkout; the first wins."""
    con = vocabulary.connect()
    for name, keys in (
        ("concept", "concept_id"),
        ("concept_relationship", "concept_id_1, concept_id_2, relationship_id"),
    ):
        columns = [column.name for column in cdm.tables()[name].columns if "date" not in column.name]
        parts = [f"SELECT {', '.join(columns)}, 0 AS place FROM {name}"]
        for place, path in enumerate(_files(data, name), 1):
            file = staging.reader(path)
            there = {n.lower().replace("_", ""): n for n, *_ in con.execute(f"DESCRIBE FROM {file}").fetchall()}
            cells = [f"nullif(nullif(\"{there[c.replace('_', '')]}\", ''), 'NA')::{KINDS[name][c]}" for c in columns]
            parts.append(f"SELECT {', '.join(cells)}, {place} FROM {file}")
        first = (
            f"SELECT DISTINCT ON ({keys}) * EXCLUDE (place) FROM ({' UNION ALL '.join(parts)}) ORDER BY {keys}, place"
        )
        con.execute(f"CREATE TABLE whole AS {first}; DROP VIEW {name}; ALTER TABLE whole RENAME TO {name}")
    return con


def _files(data: Path, name: str) -> list[Path]:
    folders = [data / "vocab" / folder for folder in VOCABULARIES]
    return [p for f in folders for p in sorted(f.glob("*.csv.gz")) if shapes.table_of(p.name) == name]
