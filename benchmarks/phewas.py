"""A phenome-wide scan: 1,500 phecodes of 100,000 people with 8 covariates (300 phecodes below that), next to PheTK.

`SIZES=100000 BENCH=phewas make bench`. Both read the same files (a cohort with covariates and a dosage; days of each phecode
of each person), each in a process of its own on one core, one after the other, and both write a table. PheTK 0.3.6 runs in an
environment of its own, that of $PHETK_VENV or one made for this run. Needs the phecode map X in COMMONWEAL_SHARED_DATA, else
../shared/data. The line tells as well: phecodes tested by both, how many both fitted by the plain model, the largest relative
difference of their coefficients and p-values (of p-values above 1e-300), seconds of processor of both (what others
do on the machine weighs less there), and peak memory of the peer.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
PEER = ("numpy<2", "pyarrow<20", "PheTK==0.3.6")
COVARIATES = ["age", "sex_at_birth", "pc1", "pc2", "pc3", "pc4", "pc5", "pc6"]
FEWEST = 50  # cases
ONE_CORE = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")}


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    from homes import folder, tell

    maps = Path(os.environ.get("COMMONWEAL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "vocab" / "phecodeX_R"
    if not maps.is_dir():
        sys.stderr.write("phewas: the phecode map X is not there\n")
        return
    python = _peer(folder())
    for people in sizes:
        place = folder() / f"phewas-{people}"
        place.mkdir()
        draw(place, maps, people, 1_500 if people >= 100_000 else 300)
        ours, ours_cpu, ours_peak = _timed([sys.executable, __file__, str(place), str(maps)], place)
        theirs, theirs_cpu, theirs_peak = _timed(_theirs(python, place), place)
        found = compared(place)
        found |= {"cpu_seconds": ours_cpu, "peer_cpu_seconds": theirs_cpu, "peer_peak_mb": theirs_peak}
        tell("phewas", people, ours, peak=ours_peak, floor=0, peer="PheTK 0.3.6", peer_seconds=theirs, **found)


def draw(place: Path, maps: Path, people: int, phecodes: int) -> None:
    """Files of made-up people: person.parquet, cohort.tsv, counts.tsv; a tenth of the phecodes go with the dosage."""
    from commonweal.omop import phecodes as phecode_maps

    rng = np.random.default_rng(7)
    labels = phecode_maps.read(maps, "X").labels
    chosen = np.sort(rng.choice(labels.num_rows, phecodes, replace=False))
    names, sexes = labels["phecode"].take(chosen).to_pylist(), labels["sex"].take(chosen).to_pylist()
    ids = np.arange(1, people + 1) * 7
    male = rng.integers(0, 2, people)
    age = rng.integers(18, 90, people)
    parts = {f"pc{n}": rng.standard_normal(people).round(6) for n in range(1, 7)}
    dosage = rng.binomial(2, 0.15, people)
    pq.write_table(
        pa.table({"person_id": ids, "gender_concept_id": np.where(male, 8507, 8532), "year_of_birth": 2026 - age}),
        place / "person.parquet",
    )
    cohort = pa.table({"person_id": ids, "age": age, "sex_at_birth": male, **parts, "dosage": dosage})
    options = pyarrow.csv.WriteOptions(delimiter="\t", quoting_style="none")
    pyarrow.csv.write_csv(cohort, place / "cohort.tsv", options)
    rows: list[pa.Table] = []
    for number, (name, sex) in enumerate(zip(names, sexes, strict=True)):
        chance = 10 ** rng.uniform(-3, -1) * np.exp(
            0.02 * (age - 54) + 0.2 * (male - 0.5) + 0.1 * parts["pc1"] + (0.15 * dosage if number % 10 == 0 else 0)
        )
        chance[male == (sex == "female")] *= 0.0 if sex != "both" else 1.0
        drawn = rng.random(people)
        days = np.where(drawn < chance, rng.integers(2, 9, people), np.where(drawn < 1.3 * chance, 1, 0))
        has = np.flatnonzero(days)
        rows.append(pa.table({"person_id": ids[has], "phecode": pa.array([name] * len(has)), "count": days[has]}))
    pyarrow.csv.write_csv(pa.concat_tables(rows), place / "counts.tsv", options)


def scan(place: Path, maps: Path) -> None:
    """Our side, in a process of its own."""
    from commonweal import commons

    release = commons.open(place)
    found = release.phewas(
        "dosage",
        COVARIATES,
        people=place / "cohort.tsv",
        codes=place / "counts.tsv",
        phecode_map=maps,
        min_cases=FEWEST,
    )
    found.to_parquet(place / "ours.parquet")


def _theirs(python: Path, place: Path) -> list[str]:
    return [
        str(python), "-m", "phetk.phewas", "--phecode_count_file_path", str(place / "counts.tsv"),
        "--cohort_file_path", str(place / "cohort.tsv"), "--phecode_version", "X", "--covariate_cols", *COVARIATES,
        "--independent_variable_of_interest", "dosage", "--sex_at_birth_col", "sex_at_birth", "--male_as_one", "True",
        "--min_cases", str(FEWEST), "--min_phecode_count", "2", "--n_workers", "1",
        "--output_file_path", str(place / "theirs.tsv"),
    ]  # fmt: skip


def _timed(command: list[str], place: Path) -> tuple[float, float, int]:
    """Seconds, seconds of processor and peak memory in MB of a command."""
    told, began, before = place / "peak", time.perf_counter(), _spent()
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("peaks.py")), str(told), *command],
        stdout=sys.stderr, env=os.environ | ONE_CORE, cwd=place,
    )  # fmt: skip
    if child.returncode:
        raise SystemExit(f"bench: phewas: {Path(command[0]).name} ended with {child.returncode}")
    return time.perf_counter() - began, round(_spent() - before, 2), int(told.read_text())


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peer(folder: Path) -> Path:
    """The Python of an environment that has PheTK."""
    if "PHETK_VENV" in os.environ:
        return Path(os.environ["PHETK_VENV"]) / "bin" / "python"
    uv, place = str(Path(sys.executable).with_name("uv")), folder / "phetk"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(place)], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", str(place / "bin" / "python"), *PEER], check=True)
    return place / "bin" / "python"


def compared(place: Path) -> dict[str, Any]:
    """How the two tables agree, over phecodes that both fitted by the plain model."""
    parse = pyarrow.csv.ParseOptions(delimiter="\t")
    convert = pyarrow.csv.ConvertOptions(column_types={"phecode": pa.string()})
    theirs = {
        r["phecode"]: r
        for r in pyarrow.csv.read_csv(place / "theirs.tsv", parse_options=parse, convert_options=convert).to_pylist()
    }
    ours = {r["phecode"]: r for r in pq.read_table(place / "ours.parquet").to_pylist()}
    both = [(ours[p], theirs[p]) for p in ours if p in theirs]
    plain = [(a, b) for a, b in both if a["method"] == "wald" and b["converged"]]
    return {
        "phecodes": len(ours),
        "both": len(both),
        "compared": len(plain),
        "beta_differs": worst(plain, "beta", "beta"),
        "p_differs": worst(plain, "p_value", "p_value"),
    }


def worst(pairs: list[tuple[dict[str, Any], dict[str, Any]]], mine: str, other: str) -> float:
    """The largest relative difference; 0 where both are too small to tell."""
    gaps = [abs(a[mine] / b[other] - 1) for a, b in pairs if abs(b[other]) > 1e-300]
    return float(f"{max(gaps, default=0):.2g}")


if __name__ == "__main__":
    scan(Path(sys.argv[1]), Path(sys.argv[2]))
