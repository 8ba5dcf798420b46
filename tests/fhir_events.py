"""The real FHIR resources beside the checkout as events, and the vocabularies beside it in one engine: for tests and benchmarks."""

import gzip
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from commonweal.r4.reading import ReadingFault, events_of

from commonweal.omop import tables as cdm
from commonweal.omop import vocabulary
from commonweal.omop.vocabulary import shapes, staging
from commonweal.r4 import patients
from commonweal.r4.events import EVENT_SCHEMA

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
    return resource["id"] if resource["resourceType"] == "Patient" else patients.subject_id(resource)


def events(found: list[tuple[str, dict[str, Any]]]) -> pa.Table:
    """The events of resources, as the vault would keep them: one submission a set, participants numbered."""
    medications = {r["id"]: r for _, r in found if r["resourceType"] == "Medication"}
    people: dict[tuple[str, str], int] = {}
    rows = []
    for position, (site, resource) in enumerate(found, 1):
        subject = subject_of(resource) if resource.get("id") else None
        if subject is None:
            continue
        try:
            made = events_of(resource, medications)
        except ReadingFault:
            continue
        person = people.setdefault((site, subject), len(people) + 1)
        beside = {"participant": person, "site": site, "submission": SITES.index(site) + 1, "position": position}
        rows += [row | beside for row in made]
    return pa.Table.from_pylist(rows, EVENT_SCHEMA)


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
