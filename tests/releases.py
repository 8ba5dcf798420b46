"""Small published releases for tests of the research zone, signed by a key of the test's own."""

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from commonweal.commons.index.build import build
from commonweal.commons.index.layout import place as index_of
from commonweal.commons.release import Release
from commonweal.omop.tables import tables
from tests import genotypes

KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key for tests").digest())
STATES = {"PIIState_MA": 0.5, "PIIState_IL": 0.3, "PIIState_WI": 0.195, "PIIState_MS": 0.005}
CONDITIONS = {201826: 0.30, 316866: 0.45, 317009: 0.15, 312327: 0.01}
DRUG = 1503297
GENOME: dict[str, Callable[[int], int]] = {  # variant -> copies of somebody by id
    "22-16050408-T-C": lambda p: p // 2 % 3,
    "22-16050612-C-G": lambda p: int(p % 10 == 0),
    "22-16050678-C-T": lambda p: int(p <= 20),
}
DEMOGRAPHY = {"gender": (8507, 8532), "race": (8527, 8516, 8515, 8657), "ethnicity": (38003564, 38003563)}


def concepts() -> dict[str, list[dict]]:
    """A small vocabulary: real ids and names, and one ancestor."""
    named = [
        (201826, "Type 2 diabetes mellitus", "Condition", "SNOMED", "44054006"),
        (201820, "Diabetes mellitus", "Condition", "SNOMED", "73211009"),
        (316866, "Hypertensive disorder", "Condition", "SNOMED", "38341003"),
        (317009, "Asthma", "Condition", "SNOMED", "195967001"),
        (312327, "Acute myocardial infarction", "Condition", "SNOMED", "57054005"),
        (DRUG, "metformin", "Drug", "RxNorm", "6809"),
        (8507, "MALE", "Gender", "Gender", "M"),
        (8532, "FEMALE", "Gender", "Gender", "F"),
        (8527, "White", "Race", "Race", "5"),
        (8516, "Black or African American", "Race", "Race", "3"),
        (8515, "Asian", "Race", "Race", "2"),
        (8657, "American Indian or Alaska Native", "Race", "Race", "1"),
        (38003564, "Not Hispanic or Latino", "Ethnicity", "Ethnicity", "Not Hispanic"),
        (38003563, "Hispanic or Latino", "Ethnicity", "Ethnicity", "Hispanic"),
    ]
    names = ("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_code")
    rows = [dict(zip(names, row, strict=True)) | {"standard_concept": "S"} for row in named]
    ancestors = [(i, i) for i, *_ in named] + [(201820, 201826)]
    return {
        "concept": rows,
        "concept_ancestor": [
            {"ancestor_concept_id": a, "descendant_concept_id": d, "min_levels_of_separation": int(a != d)}
            for a, d in ancestors
        ],
    }


def people(number: int, seed: int = 1) -> dict[str, list[dict]]:
    """Rows of a release about `number` people."""
    rng = Random(seed)
    rows: dict[str, list[dict]] = {n: [] for n in ("person", "person_ext", "condition_occurrence", "drug_exposure")}
    for person in range(1, number + 1):
        chosen = {f"{k}_concept_id": rng.choices(v, [2**-i for i in range(len(v))])[0] for k, v in DEMOGRAPHY.items()}
        rows["person"].append({"person_id": person, "year_of_birth": rng.randint(1940, 2005), **chosen})
        state = rng.choices(list(STATES), list(STATES.values()))[0]
        sex = chosen["gender_concept_id"]
        rows["person_ext"].append(
            {"person_id": person, "sex_at_birth_concept_id": sex, "state_of_residence_source_value": state}
        )
        for concept, share in CONDITIONS.items():
            if rng.random() < share:
                day = date(2015, 1, 1) + timedelta(days=rng.randint(0, 3000))
                row = {"person_id": person, "condition_concept_id": concept, "condition_start_date": day}
                rows["condition_occurrence"].append(
                    row | {"condition_occurrence_id": len(rows["condition_occurrence"])}
                )
                if concept == 201826 and rng.random() < 0.6:
                    drug = {
                        "person_id": person,
                        "drug_concept_id": DRUG,
                        "drug_exposure_start_date": day + timedelta(9),
                    }
                    rows["drug_exposure"].append(drug | {"drug_exposure_id": len(rows["drug_exposure"])})
    beside = [{"observation_id": n} for n in range(7)]
    return rows | {"death": [], "observation_ext": beside} | concepts()


def write(folder: Path, rows: dict[str, list[dict]], *, name: str, tier: str = "registered") -> Path:
    """A built release: tables and manifest; and genotypes, where they lie in the folder already."""
    described = []
    for table, found in rows.items():
        place = folder / "tables" / table
        place.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(found, tables()[table].schema), place / "part-0.parquet")
        content = (place / "part-0.parquet").read_bytes()
        file = {"path": f"tables/{table}/part-0.parquet", "bytes": len(content), "sha256": _sha(content)}
        columns = [{"name": c.name, "type": c.type} for c in tables()[table].columns]
        described.append({"name": table, "rows": len(found), "columns": columns, "files": [file]})
    manifest = {
        "name": name,
        "tier": tier,
        "data_cutoff": "2026-10-01",
        "known_at": "2026-10-05T00:00:00+00:00",
        "grants_as_of": "2026-10-05T00:00:00+00:00",
        "last_day": "2025-10-02",
        "software": "commonweal 0.1.0",
        "protocol": {"name": "default", "version": "1", "digest": "0" * 64},
        "vocabulary": {"shipped": {"version": "1", "digest": "0" * 64}},
        "reference": [],
        "rules": [
            {
                "id": "identifiers.persons",
                "version": 1,
                "rows_in": 5000,
                "rows_out": 4993,
                "cells_changed": 12345,
                "reason": "Names, addresses and the like are in no release.",
                "by_table": {"person": {"rows_in": 5000, "rows_out": 4993, "cells_changed": 12345}},
            }
        ],
        "tables": described,
        "genotypes": [
            {"path": str(path.relative_to(folder)), "bytes": path.stat().st_size, "sha256": _sha(path.read_bytes())}
            for path in sorted(folder.glob("genotypes/*/*"))
        ],
        "checks": [
            {"id": "identifiers.scan", "outcome": "passed", "figure": 0, "threshold": 0},
            {"id": "consent.participate", "outcome": "passed", "figure": 0, "threshold": 0},
        ],
        "risk": {
            "attacker": "knows_of_membership",
            "knows": ["year_of_birth", "sex_at_birth", "race", "state_of_residence"],
            "smallest_group": 1,
            "people_alone": 7,
            "expected": 0.061234,
        },
        "participants": len(rows["person"]),
    }
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))
    return folder


def event(folder: Path, kind: str, *, name: str, tier: str = "registered", key: Ed25519PrivateKey = KEY) -> None:
    """Append a signed event, as the bridge does."""
    path = folder / "events.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    entry = {
        "event": kind,
        "release": name,
        "tier": tier,
        "time": "2026-10-06T00:00:00+00:00",
        "actor": "bridge",
        "manifest": _sha((folder / "manifest.json").read_bytes()),
        "details": {},
        "previous": _sha(lines[-1]) if lines else "",
        "key": "test",
    }
    entry["signature"] = b64encode(key.sign(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS))).decode()
    with open(path, "ab") as file:
        file.write(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS) + b"\n")


def publish(
    releases: Path,
    *,
    name: str = "2026Q4R1",
    number: int = 2000,
    published: bool = True,
    seed: int = 1,
    genome: bool = False,
) -> Path:
    """A release of `number` people in `releases`, with the program's public key beside it; whole when it is there.

    With a `genome`, of everybody an ancestry and of all with even ids three variants (GENOME).
    """
    place, folder = releases / name / "registered", releases / f".{name}-{os.getpid()}"
    folder.mkdir(parents=True)
    rows = people(number, seed)
    if genome:
        labels = ("afr", "amr", "eur", "oth")
        rows["ancestry"] = [
            {"person_id": p, "ancestry_pred": label, "ancestry_pred_other": label}
            for p, label in ((p, labels[p * p % 7 % 4]) for p in range(1, number + 1))
        ]
        ids = range(2, number + 1, 2)
        genotypes.write(folder, "wgs", "chr22", ids, list(GENOME), [list(map(of, ids)) for of in GENOME.values()])
    write(folder, rows, name=name)
    releases.joinpath("signing-key.pub").write_bytes(
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    build(Release(folder, name=name, tier="registered", gated=False), index_of(folder))
    event(folder, "built", name=name)
    if published:
        event(folder, "published", name=name)
    place.parent.mkdir(exist_ok=True)
    with suppress(OSError):  # another test process was quicker
        os.rename(folder, place)
    return place


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
