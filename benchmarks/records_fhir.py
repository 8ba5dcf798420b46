"""Health records as FHIR: a site's folder of NDJSON to tables of OMOP in Parquet, import and mapping together.

Sizes are multiples (MULTIPLES, default "1 10 100") of Synthea's 56 people with 19,871 resources in $SYNTHEA (a folder of
its R4 bundles): each further copy is of other people with other ids. Everybody is a participant who shares records. First
the import (`records_fhir/import`), then stage two: the current events mapped and written as Parquet (`records_fhir/tables`),
and both together (`records_fhir`). Peer: a loop that reads the same lines with `fhir.resources` and does nothing with them,
measured on every n-th line (PEER of them) in the same run and scaled up. Floor: DuckDB alone writes the same lines as Parquet.
VOCABULARY names folders of an Athena download to be imported before; without it the vocabulary is the small one that is shipped.
"""

import contextlib
import gzip
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

AT = datetime(2026, 1, 1, tzinfo=UTC)
SITE = "site-a"
SYNTHEA = Path(os.environ.get("SYNTHEA", "synthea_r4_bundles"))
PEER = int(os.environ.get("PEER", "3000"))
MEMORY = "400MB"
_UUID = re.compile(rb"-4[0-9a-f]{3}-([89ab])")


def main(sizes: list[int]) -> None:
    """Print the line of each multiple, each in a home of its own.

    The people and their files are drawn in one process; another does nothing but what the product does, so that its
    memory is the product's; the peer and the floor are measured in this one.
    """
    from homes import apart, command, folder, tell

    if not SYNTHEA.is_dir():
        sys.stderr.write("bench: records_fhir needs SYNTHEA, a folder of Synthea's R4 bundles\n")
        return
    for multiple in map(int, os.environ.get("MULTIPLES", "1 10 100").split()):
        home = folder() / f"records-fhir-{multiple}"
        command(home, "init")
        if vocabulary := os.environ.get("VOCABULARY", "").split():
            command(home, "vocabulary", "import", *vocabulary)
        drawn = apart(__file__, home, "draw", multiple, "SYNTHEA", "PEER")
        found = apart(__file__, home, "measure", drawn["size"], "SYNTHEA", "PEER")
        source, seconds = home / "export", found.pop("seconds")
        peer = _peer(source, drawn["size"]) if PEER else 0.0
        floor = _timed(lambda: _floor(source, home / "floor"))[1]  # noqa: B023
        _said(f"{drawn['size'] / seconds:,.0f} resources/s together; peer {peer:.0f} s, floor {floor:.1f} s")
        more = {"peer": "fhir.resources, read alone", "peer_seconds": peer} if peer else {}
        tell("records_fhir", drawn["size"], seconds, floor=floor, **found, **more)
        shutil.rmtree(home)


def draw(multiple: int) -> dict[str, Any]:
    """The files of an export in the home, and everybody in them enrolled; returns how many resources there are."""
    from django.conf import settings

    source = settings.COMMONWEAL_HOME.root / "export"
    people, count = _draw(source, multiple)
    _enrol(people)
    size = sum(path.stat().st_size for path in source.iterdir()) >> 20
    _said(f"x{multiple}: {len(people):,} people, {count:,} resources, {size:,} MB of NDJSON")
    return {"size": count}


def measure(count: int) -> dict[str, Any]:
    """Import what was drawn, map it, import it again; returns seconds and the peak of this process in MB."""
    from django.conf import settings
    from homes import peak

    home = settings.COMMONWEAL_HOME
    source = home.root / "export"
    _said(f"libraries are loaded in {_timed(lambda: _begin(home))[1]:.1f} s, which do not count; then {peak()} MB")
    answer, taken = _timed(lambda: _import(home, source))
    _told("records_fhir/import", count, taken, answer=answer)
    tables, mapped = _timed(lambda: _map(home, home.root / "tables"))
    _told("records_fhir/tables", count, mapped, rows=tables)
    most = peak()
    again, seconds = _timed(lambda: _import(home, source))
    if answer["unmatched"] or answer["rejected"] or again["accepted"] or again["unchanged"] != answer["accepted"]:
        raise SystemExit(f"bench: {answer} at first, {again} again")
    _said(f"again in {seconds:.1f} s")
    return {"seconds": taken + mapped, "peak": most}


def _begin(home: Any) -> None:
    """One import of somebody unknown, which loads what every process has to load once, whatever the size."""
    source = home.root / "first"
    source.mkdir()
    somebody = {
        "resourceType": "Patient",
        "id": "nobody",
        "birthDate": "1950-01-01",
        "name": [{"family": "No", "given": ["Body"]}],
    }
    (source / "Patient.ndjson").write_bytes(orjson.dumps(somebody))
    _import(home, source)


def _import(home: Any, source: Path) -> dict[str, Any]:
    from commonweal.cli.console import Console
    from commonweal.vault.records.actions import import_files

    return import_files([source], site=SITE, home=home, console=Console(json=True))


def _map(home: Any, target: Path) -> int:
    """Stage two: the latest version of every resource as tables of OMOP, written; returns their rows."""
    from commonweal.omop import mapping, vocabulary
    from commonweal.vault.records import store

    target.mkdir()
    rows = 0
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(target / "spill")}) as con:
        con.execute("SET enable_progress_bar = false; SET preserve_insertion_order = false")
        vocabulary.attach(con, home)
        views = mapping.map_events(con, store.current_events(con, home))
        for table, view in views.items():
            path = target / f"{table}.parquet"
            (wrote,) = con.execute(f"COPY (FROM {view}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
            rows += wrote
    return rows


def _draw(target: Path, multiple: int) -> tuple[list[dict[str, Any]], int]:
    """NDJSON by type, as a bulk export has it; returns the Patients and how many resources there are."""
    target.mkdir()
    by_type: dict[str, list[bytes]] = {}
    for resource_, text in _resources():
        by_type.setdefault(resource_, []).append(text)
    people = []
    for kind, lines in by_type.items():
        text = b"\n".join(lines) + b"\n"
        with open(target / f"{kind}.ndjson", "wb") as file:
            for copy in range(multiple):
                changed = _UUID.sub(b"-4%03x-\\1" % copy, text) if copy else text
                file.write(_renamed(changed, copy, people) if kind == "Patient" else changed)
    return people, multiple * sum(map(len, by_type.values()))


def _resources() -> Iterator[tuple[str, bytes]]:
    """(type, line) of every resource of the bundles; references by address name the same ids as others do."""
    for path in sorted(SYNTHEA.glob("*.json.gz")):
        for entry in orjson.loads(gzip.decompress(path.read_bytes()))["entry"]:
            yield entry["resource"]["resourceType"], orjson.dumps(entry["resource"])


def _renamed(text: bytes, copy: int, people: list[dict[str, Any]]) -> bytes:
    """Other people: their family names end otherwise, and they were born some weeks earlier."""
    lines = []
    for patient in map(orjson.loads, text.splitlines()):
        for name in patient["name"]:
            name["family"] += "".join("abcdefghij"[int(digit)] for digit in str(copy))
        patient["birthDate"] = str(date.fromisoformat(patient["birthDate"]) - timedelta(weeks=copy))
        people.append(patient)
        lines.append(orjson.dumps(patient))
    return b"\n".join(lines) + b"\n"


def _enrol(patients: list[dict[str, Any]]) -> None:
    from enrolled import Person, enrol

    seen = {}
    for patient in patients:
        name, born = patient["name"][0], date.fromisoformat(patient["birthDate"])
        seen[patient["id"]] = Person(name["given"][0], name["family"], born, "", patient["telecom"][0]["value"])
    enrol(list(seen.values()), SITE, AT)


def _peer(source: Path, count: int) -> float:
    """Seconds in which fhir.resources would read all lines, by every n-th of them."""
    from fhir.resources.R4B import get_fhir_model_class

    lines = [line for path in sorted(source.iterdir()) for line in _every(path, max(1, count // PEER))]
    get_fhir_model_class("Observation")
    _, seconds = _timed(lambda: [_read_alone(get_fhir_model_class, line) for line in lines])
    return seconds * count / len(lines)


def _every(path: Path, step: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from (line for number, line in enumerate(file) if number % step == 0)


def _read_alone(model: Any, line: bytes) -> None:
    told = orjson.loads(line)
    with contextlib.suppress(ValueError):  # Synthea's do not conform in everything
        model(told["resourceType"]).model_validate(told)


def _floor(source: Path, target: Path) -> None:
    target.mkdir()
    with duckdb.connect() as con:
        con.execute(f"""SET preserve_insertion_order = false;
            COPY (SELECT json FROM read_ndjson_objects('{source}/*.ndjson'))
            TO '{target / "lines.parquet"}' (FORMAT parquet, COMPRESSION zstd)""")
    shutil.rmtree(target)


def _timed(what: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    return what(), time.perf_counter() - began


def _told(name: str, count: int, seconds: float, **more: Any) -> None:
    from homes import peak

    _said(f"{name}: {seconds:.1f} s, {count / seconds:,.0f} resources/s, peak {peak()} MB, {more}")


def _said(words: str) -> None:
    sys.stderr.write(f"records_fhir: {words}\n")


if __name__ == "__main__":
    import django

    django.setup()
    answer = {"draw": draw, "measure": measure}[sys.argv[1]](int(sys.argv[2]))
    sys.stdout.write(orjson.dumps(answer).decode())
