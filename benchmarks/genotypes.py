"""Counting cohorts by genotype: 200 varied definitions over VARIANTS sequenced variants of half the people.

Frequencies are those of a growing population (most variants are rare). Definitions: a variant alone, and a variant with an
ancestry, a sex and an age, less the carriers of another. Line `genotypes_index`: the time to index the folder, beside
reading its files of variants. Lines `genotypes_count`, one by the index and one by the engine: p95 a count (parsing
included), beside the same question in SQL (DuckDB) on a table of carriers in memory, by variant, as cohort builders keep it, and
beside reading the variant's genotypes and adding them up (floor). All answers are equal, or it ends with an error.
"""

import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from homes import peak

VARIANTS = 2000
ASKED = 200
LABELS = ("afr", "amr", "eas", "eur", "mid", "sas", "oth")


def main(sizes: list[int]) -> None:
    """Print the lines of each size."""
    for people in sizes:
        folder = Path(tempfile.mkdtemp(prefix="bench-genotypes-"))
        try:
            _size(folder, people)
        finally:
            shutil.rmtree(folder)


def _size(folder: Path, people: int) -> None:
    from commonweal import commons
    from commonweal.commons.index import layout
    from commonweal.commons.index.build import build

    sites = _make(folder, people)
    engine = commons.Release(folder, name="bench", tier="", gated=False)
    began = time.perf_counter()
    build(engine, layout.place(folder))
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    sum(len(path.read_bytes()) for path in folder.glob("genotypes/*/*.p*"))
    floor = time.perf_counter() - began
    _tell(bench="genotypes_index", size=people, variants=len(sites), seconds=round(seconds, 2),
          floor_ratio=round(seconds / floor, 1), peak_mb=peak())  # fmt: skip
    indexed = commons.Release(folder, name="bench", tier="", gated=False)
    asked = _definitions(sites)
    table = _Carriers(folder)
    read = _Reading(folder)
    theirs = [_timed(lambda d=d: table.count(d)) for d in asked]
    floors = [_timed(lambda d=d: read.read(d)) for d in asked]
    ways = {"index": lambda d: indexed.cohort(d).count().persons, "engine": lambda d: _by_engine(engine, d)}
    for name, some in (("index", asked), ("engine", asked[:40])):
        _timed(lambda way=ways[name]: way(asked[-1]))  # opens what is opened once
        ours = [_timed(lambda d=d, way=ways[name]: way(d)) for d in some]
        if [n for _, n in ours] != [n for _, n in theirs[: len(some)]]:
            raise SystemExit(f"genotypes: the {name} and the table of carriers do not agree")
        own, peer, least = (_p95([s for s, _ in times]) for times in (ours, theirs[: len(some)], floors))
        _tell(bench="genotypes_count", size=people, by=name, compared=len(some), seconds=round(own, 5),
              median=round(statistics.median(s for s, _ in ours), 5), peer="SQL on carriers by variant",
              peer_seconds=round(peer, 5), ratio=round(peer / own, 1), floor_ratio=round(own / least, 1),
              peak_mb=peak())  # fmt: skip


def _by_engine(release: Any, made: dict[str, Any]) -> int:
    return int(release.rows(release.cohort(made).compiled.counts)[0][-1])


def _make(folder: Path, people: int) -> list[str]:
    """Writes everything; returns the variants."""
    import pgenlib

    from commonweal.omop.tables import tables

    rng = np.random.default_rng(5)
    ids = np.arange(1_000_000, 1_000_000 + people)
    columns = {"person_id": ids, "year_of_birth": rng.integers(1930, 2007, people)}
    columns |= {"gender_concept_id": rng.choice([8507, 8532], people)}
    pq.write_table(pa.table(columns), folder / "person.parquet")
    labels = rng.choice(LABELS, people, p=[0.2, 0.18, 0.03, 0.5, 0.01, 0.02, 0.06])
    table = pa.table({"person_id": ids, "ancestry_pred": labels, "ancestry_pred_other": labels})
    pq.write_table(table.cast(tables()["ancestry"].schema), folder / "ancestry.parquet")
    sequenced = rng.permutation(ids)[: people // 2]
    sites = [f"{1 + n * 22 // VARIANTS}-{1000 + 7 * n}-A-{'CG'[n % 2]}" for n in range(VARIANTS)]
    inside = folder / "genotypes" / "wgs"
    inside.mkdir(parents=True)
    path = inside / "all.pgen"
    with pgenlib.PgenWriter(str(path).encode(), len(sequenced), variant_ct=VARIANTS, nonref_flags=False) as writer:
        schema = pa.schema({"variant": pa.int32(), "person_id": pa.int64(), "copies": pa.int8()})
        with pq.ParquetWriter(folder / "peer.parquet", schema) as carriers:
            for number in range(VARIANTS):
                copies = rng.binomial(2, min(0.5, 0.0005 / (1 - rng.random())), len(sequenced)).astype(np.int8)
                copies[rng.random(len(copies)) < 0.005] = -9
                writer.append_biallelic(copies)
                own = np.flatnonzero(copies > 0)
                found = [np.full(len(own), number, np.int32), sequenced[own], copies[own]]
                carriers.write_table(pa.Table.from_arrays([pa.array(c) for c in found], schema=schema))
    words = (line.split("-") for line in sites)
    lines = "".join(f"{w[0]}\t{w[1]}\t.\t{w[2]}\t{w[3]}\n" for w in words)
    path.with_suffix(".pvar").write_text("#CHROM\tPOS\tID\tREF\tALT\n" + lines)
    path.with_suffix(".psam").write_text("#IID\n" + "".join(f"{p}\n" for p in sequenced))
    return sites


def _definitions(sites: list[str]) -> list[dict[str, Any]]:
    rng = random.Random(7)
    found = []
    for number in range(ASKED):
        genome = {"type": "genome", "variant": rng.choice(sites), "genotype": rng.choice([["0/1", "1/1"], ["1/1"]])}
        made: dict[str, Any] = {"version": 1, "include": [{"any": [genome]}]}
        if number % 2:
            genome["ancestry"] = rng.sample(LABELS, 2)
            person = {"type": "person", "sex_at_birth": [rng.choice([8507, 8532])]}
            person["age_at"] = {"date": "2026-07-01", "min": rng.randrange(18, 60)}
            other = {"type": "genome", "variant": rng.choice(sites), "genotype": ["0/1", "1/1"]}
            made["include"].append({"any": [person]})
            made["exclude"] = [{"any": [other]}]
        found.append(made)
    return found


class _Carriers:
    """The same questions to a table of carriers by variant."""

    def __init__(self, folder: Path) -> None:
        self._con = duckdb.connect()
        for name, file in (("person", "person"), ("ancestry", "ancestry"), ("carriers", "peer")):
            self._con.execute(f"CREATE TABLE {name} AS SELECT * FROM '{folder}/{file}.parquet'")
        self._con.execute("SET threads = 2")
        self._numbers = _numbers(folder)

    def count(self, made: dict[str, Any]) -> int:
        first, *rest = [group["any"][0] for group in made["include"]]
        sql = f"SELECT count(*) FROM carriers AS c WHERE {self._of(first)}"
        if rest:
            labels = ", ".join(f"'{one}'" for one in first["ancestry"])
            born = 2026 - rest[0]["age_at"]["min"]  # everybody's birthday is 1 July, where only the year is known
            sql += f" AND EXISTS (SELECT 1 FROM ancestry AS a WHERE a.person_id = c.person_id AND ancestry_pred_other IN ({labels}))"
            sql += f" AND EXISTS (SELECT 1 FROM person AS p WHERE p.person_id = c.person_id AND year_of_birth <= {born}"
            sql += f" AND gender_concept_id = {rest[0]['sex_at_birth'][0]})"
            sql += (
                f" AND person_id NOT IN (SELECT person_id FROM carriers WHERE {self._of(made['exclude'][0]['any'][0])})"
            )
        return self._con.execute(sql).fetchone()[0]  # type: ignore[index]

    def _of(self, genome: dict[str, Any]) -> str:
        copies = ", ".join(str(("0/0", "0/1", "1/1").index(one)) for one in genome["genotype"])
        return f"variant = {self._numbers[genome['variant']]} AND copies IN ({copies})"


class _Reading:
    """The genotypes of a variant, read and added up: what no answer can do without."""

    def __init__(self, folder: Path) -> None:
        import pgenlib

        path = folder / "genotypes" / "wgs" / "all.pgen"
        self._reader, self._numbers = pgenlib.PgenReader(str(path).encode()), _numbers(folder)
        self._copies = np.empty(self._reader.get_raw_sample_ct(), dtype=np.int8)

    def read(self, made: dict[str, Any]) -> int:
        self._reader.read(self._numbers[made["include"][0]["any"][0]["variant"]], self._copies)
        return int(np.count_nonzero(self._copies > 0))


def _numbers(folder: Path) -> dict[str, int]:
    lines = (folder / "genotypes" / "wgs" / "all.pvar").read_text().splitlines()[1:]
    return {"-".join([w[0], w[1], w[3], w[4]]): n for n, w in enumerate(line.split() for line in lines)}


def _timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = ask()
    return time.perf_counter() - began, found


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _tell(**line: Any) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()
