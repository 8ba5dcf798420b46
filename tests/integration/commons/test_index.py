"""The index of a release: built by a command, used while it is of these tables and whole, and right about real data."""

import errno
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal import commons
from commonweal.commons.cohort.circe import import_circe
from commonweal.commons.cohort.compile import compile_definition
from commonweal.commons.index import layout
from commonweal.commons.index.build import build
from commonweal.errors import BadInput
from commonweal.omop.tables import tables

BLEEDING, CELECOXIB, SINUSITIS = 192671, 1118084, 4283893


def _counted(folder, *definitions):
    release = commons.open(folder)
    return release, [release.cohort(d).count().persons for d in definitions]


def _having(concept, **more):
    return {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [concept], **more}]}]}


@pytest.fixture
def small(tmp_path):
    """Three people; two have concept 11, which lies below 1."""
    folder = tmp_path / "cdm"
    folder.mkdir()
    people = [{"person_id": p, "year_of_birth": 1970 + p, "gender_concept_id": 8532} for p in (5, 6, 7)]
    events = [
        {"condition_occurrence_id": n, "person_id": p, "condition_concept_id": 11, "condition_start_date": day}
        for n, (p, day) in enumerate([(5, "2020-01-01"), (5, "2021-01-01"), (7, "2020-06-01")])
    ]
    above = [{"ancestor_concept_id": 1, "descendant_concept_id": 11, "min_levels_of_separation": 1}]
    words = [{"concept_id": 11, "concept_name": "Otitis média", "concept_code": "H66", "domain_id": "Condition"}]
    words += [{"concept_id": 1, "concept_name": "Ear disorder", "concept_code": "H", "domain_id": "Condition"}]
    con = duckdb.connect()
    for name, rows in {"person": people, "condition_occurrence": events, "concept_ancestor": above}.items():
        con.register("rows", pa.Table.from_pylist(rows))
        typed = "* REPLACE (condition_start_date::DATE AS condition_start_date)" if "start" in str(rows[0]) else "*"
        con.execute(f"COPY (SELECT {typed} FROM rows) TO '{folder}/{name}.parquet'")
    pq.write_table(pa.Table.from_pylist(words), folder / "concept.parquet")
    return folder


def test_a_command_indexes_a_folder_of_ones_own(small):
    done = subprocess.run(
        [sys.executable, "-m", "commonweal.cli", "release", "index", str(small), "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"COMMONWEAL_HOME": str(small.parent / "home")},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["indexed"][""]["persons"] == 3
    release, found = _counted(small, _having(1), _having(1, at_least=2), _having(1, descendants=False))
    assert release.counter is not None
    assert found == [2, 1, 0]


def test_an_index_of_other_tables_is_not_used(small):
    build(commons.open(small), layout.place(small))
    event = pq.read_table(small / "condition_occurrence.parquet")
    more = event.slice(0, 1).set_column(event.column_names.index("person_id"), "person_id", pa.array([6]))
    pq.write_table(pa.concat_tables([event, more]), small / "condition_occurrence.parquet")
    release, found = _counted(small / ".." / "cdm" / ".", _having(1))
    release = type(release)(small, name="cdm", tier="", gated=False)  # opened anew, as another process would
    assert release.counter is None
    assert release.cohort(_having(1)).count().persons == 3


@pytest.mark.parametrize("harm", ["cut", "gone", "added", "older", "nonsense"])
def test_half_an_index_is_no_index(small, harm):
    place = layout.place(small)
    build(commons.open(small), place)
    about = place / layout.NAME
    match harm:
        case "cut":
            content = (place / "condition" / "person.npy").read_bytes()
            (place / "condition" / "person.npy").write_bytes(content[:-2])
        case "gone":
            (place / layout.BITMAPS).unlink()
        case "added":
            (place / "notes.txt").write_text("who")
        case "older":
            about.write_bytes(about.read_bytes().replace(b'"version": 1', b'"version": 0'))
        case "nonsense":
            about.write_text("[1, 2")
    release = commons.Release(small, name="cdm", tier="", gated=False)
    assert release.counter is None
    assert release.cohort(_having(1)).count().persons == 2


def test_two_at_once_leave_one_whole_index(small):
    with ThreadPoolExecutor(2) as two:
        list(
            two.map(
                lambda _: build(commons.Release(small, name="cdm", tier="", gated=False), layout.place(small)), "ab"
            )
        )
    assert commons.Release(small, name="cdm", tier="", gated=False).counter is not None
    assert [p.name for p in small.iterdir() if p.name.startswith(".")] == []


def test_where_nothing_can_be_written_the_old_index_stays(small, monkeypatch):
    build(commons.open(small), layout.place(small))

    def full(*arguments, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr("numpy.save", full)
        build(commons.open(small), layout.place(small))
    assert commons.Release(small, name="cdm", tier="", gated=False).counter is not None
    assert [p.name for p in small.iterdir() if p.name.startswith(".")] == []


def test_what_does_not_belong_in_an_index_is_seen(small):
    place = layout.place(small)
    build(commons.open(small), place)
    assert layout.strange(place) == 0
    (place / "names.txt").write_text("Ana")
    (place / "condition" / "person.bak.extra.more.npy").write_bytes(b"")
    shutil.copy(place / layout.NAME, place / "visit.npy")  # the name of an array, and none
    assert layout.strange(place) == 3


def test_somebody_twice_is_refused(small):
    person = pq.read_table(small / "person.parquet")
    pq.write_table(pa.concat_tables([person, person.slice(0, 1)]), small / "person.parquet")
    with pytest.raises(BadInput, match="somebody twice"):
        build(commons.open(small), layout.place(small))
    assert not layout.place(small).exists()


def test_concepts_are_found_by_words_codes_and_place(small):
    build(commons.open(small), layout.place(small))
    words = commons.Release(small, name="cdm", tier="", gated=False).vocabulary
    assert [c["concept_id"] for c in words.search("OTIT med")] == [11]
    assert [c["concept_id"] for c in words.search("h")] == [1, 11]
    assert [c["concept_id"] for c in words.search("11")] == [11]
    assert words.search('"; DROP TABLE concept; --') == []
    assert words.search("ear", domains=("Drug",)) == []
    assert [c["concept_id"] for c in words.broader(11)] == [1]
    assert [c["concept_id"] for c in words.narrower(1)] == [11]


def test_many_dates_of_several_kinds_of_event_are_counted(small):
    """Nine distinct dates of one person, one of them before 1970; a tenth event is on a day that was there."""
    days = [date(1969, 12, 30), *(date(2019, 1, n) for n in range(1, 7)), date(2020, 1, 1)]
    events = [
        {"procedure_occurrence_id": n, "person_id": 5, "procedure_concept_id": 11, "procedure_date": day}
        for n, day in enumerate(days)
    ]
    pq.write_table(pa.Table.from_pylist(events), small / "procedure_occurrence.parquet")
    build(commons.open(small), layout.place(small))
    both = [{"type": kind, "concepts": [1]} for kind in ("condition", "procedure")]
    asked = [
        {"type": "any_event", "of": both, "at_least": n} | more for n in (9, 10) for more in ({}, {"count": "events"})
    ]
    release, found = _counted(small, *({"version": 1, "include": [{"any": [one]}]} for one in asked))
    assert all(
        release.counter.covers(release.cohort({"version": 1, "include": [{"any": [one]}]}).definition) for one in asked
    )
    assert found == [1, 1, 0, 1]


def test_eunomia_by_index_by_engine_and_by_hand(shared_data, tmp_path):
    folder = tmp_path / "eunomia"
    shutil.copytree(shared_data / "omop" / "GiBleed_5.3_parquet", folder)
    build(commons.open(folder), layout.place(folder))
    release = commons.Release(folder, name="eunomia", tier="", gated=False)
    con = duckdb.connect()
    table = {p.stem: f"'{p}'" for p in folder.glob("*.parquet")}
    below = f"SELECT descendant_concept_id FROM {table['concept_ancestor']} WHERE ancestor_concept_id"
    by_hand = {
        "SELECT DISTINCT person_id FROM {condition_occurrence} WHERE condition_concept_id = 192671": _having(BLEEDING),
        f"SELECT DISTINCT person_id FROM {{drug_exposure}} WHERE drug_concept_id IN ({below} = {CELECOXIB}) AND person_id IN"
        " (SELECT person_id FROM {person} WHERE gender_concept_id = 8532)": {
            "version": 1,
            "include": [
                {"any": [{"type": "drug", "concepts": [CELECOXIB]}]},
                {"any": [{"type": "person", "sex_at_birth": [8532]}]},
            ],
        },
        "SELECT person_id FROM {condition_occurrence} WHERE condition_concept_id = 4283893 GROUP BY 1"
        " HAVING count(DISTINCT condition_start_date) >= 3": _having(SINUSITIS, at_least=3, descendants=False),
        "SELECT DISTINCT a.person_id FROM {condition_occurrence} a JOIN {drug_exposure} b USING (person_id) WHERE"
        f" a.condition_concept_id = 192671 AND b.drug_concept_id IN ({below} = {CELECOXIB}) AND"
        " a.condition_start_date - b.drug_exposure_start_date BETWEEN 0 AND 365": _having(
            BLEEDING, within={"of": {"type": "drug", "concepts": [CELECOXIB]}, "days": [0, 365]}
        ),
    }
    for sql, definition in by_hand.items():
        wanted = {p for (p,) in con.execute(sql.format(**table)).fetchall()}
        cohort = release.cohort(definition)
        assert release.counter.covers(cohort.definition)
        assert set(cohort.persons()["person_id"].to_pylist()) == wanted
        compiled = compile_definition(release, cohort.definition)
        assert {p for p, *_ in release.rows(compiled.members)} == wanted
        assert len(wanted) > 10


def test_every_domain_is_indexed(tmp_path):
    """All tables of events, empty: nothing is missing, and everything is answered."""
    for name in ("person", "condition_occurrence", "drug_exposure", "procedure_occurrence", "measurement", "death"):
        pq.write_table(tables()[name].schema.empty_table(), tmp_path / f"{name}.parquet")
    build(commons.open(tmp_path), layout.place(tmp_path))
    release = commons.Release(tmp_path, name="none", tier="", gated=False)
    assert release.cohort(_having(1, descendants=False)).count().persons == 0
    assert release.cohort({"version": 1}).count().persons == 0


def test_read_in_parts_or_at_once_it_is_the_same_index(shared_data, tmp_path, monkeypatch):
    gibleed = shared_data / "omop" / "GiBleed_5.3_parquet"
    release = commons.Release(gibleed, name="eunomia", tier="", gated=False)
    made = {}
    for name, at_once in (("whole", 1_000_000), ("parts", 5_000)):
        monkeypatch.setattr("commonweal.commons.index.build.ROWS_AT_ONCE", at_once)
        (tmp_path / name).mkdir()
        build(release, tmp_path / name / "index")
        files = (p for p in (tmp_path / name / "index").rglob("*.npy"))
        made[name] = {str(p.relative_to(tmp_path / name)): p.read_bytes() for p in files}
    assert len(made["whole"]) > 100
    assert made["whole"] == made["parts"]


def test_it_answers_the_whole_phenotype_library(shared_data, tmp_path):
    files = sorted((shared_data / "omop" / "phenotype_library" / "cohorts").glob("*.json"))
    if not files:
        pytest.skip("the phenotype library is not there")
    for name in tables():
        pq.write_table(tables()[name].schema.empty_table(), tmp_path / f"{name}.parquet")
    build(commons.open(tmp_path), layout.place(tmp_path))
    counter = commons.Release(tmp_path, name="none", tier="", gated=False).counter
    assert [f.name for f in files if not counter.covers(import_circe(f.read_bytes()).definition)] == []
