"""Fifty features of a cohort, around an index event, over three tables: each table read once. Peer: a query a feature.

Data are made here, 100 rows a person (40 conditions, 40 measurements, 20 drugs), as Parquet in the order of persons. The
cohort is everybody with one of a concept's descendants, dated by the first: about a third. Each side runs in processes of
its own, by turns; the least of three counts, and peak_mb is the greatest memory of ours (`peer_peak_mb` of the peer's).
Both write Parquet, and the two must tell the same. Floor: DuckDB reading the same columns once.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
from homes import folder, tell

HERE = Path(__file__).resolve().parent
RUNS = 3
TABLES = {  # rows a person, concept, day, number
    "condition_occurrence": (40, "condition_concept_id", "condition_start_date", None),
    "measurement": (40, "measurement_concept_id", "measurement_date", "value_as_number"),
    "drug_exposure": (20, "drug_concept_id", "drug_exposure_start_date", "days_supply"),
}
DOMAIN = {"condition_occurrence": "condition", "measurement": "measurement", "drug_exposure": "drug"}
CONCEPTS = 300  # in use, in each table; concept 1000 + n has ten of them below it
INDEX = 1001
WINDOWS = ([-365, -1], None, [0, 180], [-3650, 0], [-30, 30])
STATISTICS = ("count", "exists", "first", "last", "max", "min", "mean", "days_since", "nearest", "last")


def features() -> list[dict[str, Any]]:
    """Fifty features: sets, statistics and windows in turn."""
    made = []
    for number in range(50):
        table = list(TABLES)[number % 3]
        statistic = STATISTICS[(number // 3) % len(STATISTICS)]
        column = TABLES[table][3]
        if statistic in ("mean", "max", "min", "nearest", "last") and column is None:
            statistic = ("count", "exists", "days_since")[number % 3]
        one = {
            "type": "feature",
            "name": f"f{number}",
            "set": f"{DOMAIN[table]} {number // 3 % 8}",
            "statistic": statistic,
        }
        one |= {"column": column} if statistic in ("mean", "max", "min", "nearest", "last") else {}
        one |= {"column": TABLES[table][2]} if statistic == "first" else {}
        made.append(one | ({"days": WINDOWS[number % 5]} if WINDOWS[number % 5] else {}))
    return made


def definition() -> dict[str, Any]:
    index = {"of": {"type": "condition", "concepts": [INDEX]}, "which": "first"}
    sets = [
        {"version": 1, "name": f"{domain} {n}", "domain": domain, "items": [{"concept": 1000 + n * 3}]}
        for domain in DOMAIN.values()
        for n in range(8)
    ]
    return {"version": 1, "cohort": {"version": 1, "index": index}, "concept_sets": sets, "values": features()}


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    for people in sizes:
        data = folder() / f"dataset-{people}"
        make(data, people)
        ours, peer = [], []
        for number in range(RUNS):
            ours.append(_apart("ours", data, folder() / f"ours-{people}-{number}"))
            peer.append(_apart("peer", data, folder() / f"peer-{people}-{number}"))
        _check_same(folder() / f"ours-{people}-0" / "features.parquet", folder() / f"peer-{people}-0.parquet")
        floor = min(_floor(data) for _ in range(RUNS))
        seconds, peer_seconds = min(o["seconds"] for o in ours), min(p["seconds"] for p in peer)
        told = {key: ours[0][key] for key in ("rows", "told_rows", "told_seconds")}
        tell(
            "dataset",
            people,
            seconds,
            peak=max(o["peak"] for o in ours),
            floor=floor,
            peer="duckdb, a query a feature",
            peer_seconds=peer_seconds,
            peer_peak_mb=max(p["peak"] for p in peer),
            **told,
        )


def make(data: Path, people: int) -> None:
    """The tables of a folder that `commons.open` opens."""
    data.mkdir()
    with duckdb.connect() as con:
        _copy(
            con,
            data,
            "person",
            f"SELECT i AS person_id, 1940 + i % 60 AS year_of_birth, 8507 + 25 * (i % 2) AS gender_concept_id FROM range({people}) t(i)",
        )
        for number, (table, (each, concept, day, value)) in enumerate(TABLES.items()):
            draw = f"hash(i * 3 + {number})"
            numbers = (
                f", (hash(i + {number} + 7) % 1000)::{'BIGINT' if value == 'days_supply' else 'DOUBLE'} AS {value}"
                if value
                else ""
            )
            _copy(
                con,
                data,
                table,
                f"""SELECT i // {each} AS person_id, i AS {table}_id, ({draw} % {CONCEPTS})::BIGINT AS {concept},
                DATE '2010-01-01' + ((hash(i * 5 + {number}) % 4000)::INTEGER) AS {day}{numbers} FROM range({people * each}) t(i)""",
            )
        below = f"SELECT 1000 + n AS ancestor_concept_id, n * 10 % {CONCEPTS} + k AS descendant_concept_id FROM range(30) a(n), range(10) b(k)"
        _copy(con, data, "concept_ancestor", below)
        every = f"SELECT n AS concept_id, 'concept ' || n AS concept_name FROM range({CONCEPTS}) t(n) UNION ALL SELECT 1000 + n, 'group ' || n FROM range(30) t(n)"
        _copy(con, data, "concept", every)


def _copy(con: duckdb.DuckDBPyConnection, data: Path, table: str, query: str) -> None:
    con.execute(f"COPY ({query}) TO '{data / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")


def ours(data: Path, out: Path) -> dict[str, Any]:
    from commonweal import commons

    dataset = commons.open(data).dataset(definition())
    told = dataset.estimate()
    began = time.perf_counter()
    dataset = commons.open(data).dataset(definition())
    written = dataset.to_parquet(out)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": written.tables[0]["rows"], "told_rows": told.rows, "told_seconds": told.seconds}


def peer(data: Path, out: Path) -> dict[str, Any]:
    began = time.perf_counter()
    with duckdb.connect() as con:
        con.execute(by_hand(data, out.with_suffix(".parquet")))
    return {"seconds": time.perf_counter() - began}


def by_hand(data: Path, target: Path) -> str:
    """One query a feature, each with its own scan, joined to the cohort."""
    below = f"SELECT descendant_concept_id FROM '{data}/concept_ancestor.parquet' WHERE ancestor_concept_id"
    parts = [
        f"""cohort AS MATERIALIZED (SELECT person_id, min(condition_start_date) AS index_date
        FROM '{data}/condition_occurrence.parquet' WHERE condition_concept_id IN ({below} = {INDEX}) GROUP BY 1)"""
    ]
    columns = []
    for one in features():
        table = next(t for t, domain in DOMAIN.items() if one["set"].startswith(domain))
        _, concept, day, _ = TABLES[table]
        group = 1000 + int(one["set"].rpartition(" ")[2]) * 3
        low, high = one.get("days", [None, None])
        window = f"AND {day} - index_date BETWEEN {low} AND {high}" if low is not None else ""
        parts.append(
            f"""{one["name"]} AS (SELECT person_id, {_aggregate(one, table, day)} AS v FROM '{data}/{table}.parquet'
            JOIN cohort USING (person_id) WHERE {concept} IN ({below} = {group}) {window} GROUP BY 1)"""
        )
        empty = {"count": "coalesce({0}.v, 0)", "exists": "coalesce({0}.v, false)"}.get(one["statistic"], "{0}.v")
        columns.append(f"{empty.format(one['name'])} AS {one['name']}")
    joins = " ".join(f"LEFT JOIN {one['name']} USING (person_id)" for one in features())
    query = f"WITH {', '.join(parts)} SELECT person_id, index_date, {', '.join(columns)} FROM cohort {joins} ORDER BY 1"
    return f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"


def _aggregate(one: dict[str, Any], table: str, day: str) -> str:
    column = one.get("column")
    if one["statistic"] == "first":
        return f"min({day})"
    return {
        "count": "count(*)",
        "exists": "true",
        "max": f"max({column})",
        "min": f"min({column})",
        "mean": f"avg({column})",
        "days_since": f"min(index_date) - max({day})",
        "last": f"arg_min({column}, {{'day': -({day} - DATE '1970-01-01'), 'id': {table}_id}})",
        "nearest": f"arg_min({column}, {{'away': abs({day} - index_date), 'after': {day} > index_date, 'id': {table}_id}})",
    }[one["statistic"]]


def _floor(data: Path) -> float:
    began = time.perf_counter()
    with duckdb.connect() as con:
        for table, (_, concept, day, value) in TABLES.items():
            numbers = f", sum({value})" if value else ""
            con.execute(
                f"SELECT sum(person_id), sum({concept}), max({day}), sum({table}_id){numbers} FROM '{data}/{table}.parquet'"
            )
    return time.perf_counter() - began


def _apart(side: str, data: Path, out: Path) -> dict[str, Any]:
    """One side in a process of its own: what it tells, and its greatest memory in MB."""
    told = folder() / "peak"
    peaks = [sys.executable, str(HERE / "peaks.py"), str(told)]
    done = subprocess.run(
        [*peaks, sys.executable, __file__, side, str(data), str(out)], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1]) | {"peak": int(told.read_text())}


def _check_same(mine: Path, other: Path) -> None:
    """Every value, means to twelve digits: their sums are added up in another order."""
    means = [one["name"] for one in features() if one["statistic"] == "mean"]
    told = f"* REPLACE ({', '.join(f'round({m}, 9) AS {m}' for m in means)})" if means else "*"
    with duckdb.connect() as con:
        sides = [f"(SELECT {told} FROM '{side}')" for side in (mine, other)]
        ((more,),) = con.execute(f"SELECT count(*) FROM ({sides[0]} EXCEPT ALL {sides[1]})").fetchall()
        ((fewer,),) = con.execute(f"SELECT count(*) FROM ({sides[1]} EXCEPT ALL {sides[0]})").fetchall()
    if more or fewer:
        raise SystemExit(f"bench: dataset: {more} rows are not those of the peer")


if __name__ == "__main__":
    made = {"ours": ours, "peer": peer}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.write(json.dumps(made) + "\n")
