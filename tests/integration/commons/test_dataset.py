"""Datasets of real CDM 5.3 data: equal to SQL by hand; written whole or not at all; remade by scripts; said no in words."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal import commons
from commonweal.commons.dataset.difference import difference
from commonweal.commons.dataset.placing import check_out
from commonweal.commons.dataset.resolving import resolve, usage
from commonweal.errors import BadInput, Refused
from commonweal.home import Home

GASTRO, CELECOXIB, BRONCHITIS = 192671, 1118084, 260139
INDEX = {"of": {"type": "condition", "concepts": [GASTRO]}}


def concept_set(name, domain, *concepts, **more):
    return {"version": 1, "name": name, "domain": domain, "items": [{"concept": c} for c in concepts], **more}


SETS = [concept_set("celecoxib", "drug", CELECOXIB), concept_set("bronchitis", "condition", BRONCHITIS)]
VALUES = [
    {"type": "person", "column": "age", "at": "index"},
    {"type": "person", "column": "gender"},
    {"type": "feature", "name": "drugs", "set": "celecoxib", "statistic": "count", "days": [-365, -1]},
    {"type": "feature", "name": "since", "set": "celecoxib", "statistic": "days_since"},
    {"type": "feature", "name": "what", "set": "celecoxib", "statistic": "last", "column": "drug_concept_id"},
    {"type": "feature", "name": "ever", "set": "bronchitis", "statistic": "exists"},
    {"type": "feature", "name": "visits", "table": "visit_occurrence", "statistic": "count"},
    {
        "type": "rows",
        "name": "exposures",
        "set": "celecoxib",
        "columns": ["drug_concept_id", "drug_exposure_start_date"],
    },
]
WHOLE = {"version": 1, "cohort": {"version": 1, "index": INDEX}, "concept_sets": SETS, "values": VALUES}
BY_HAND = f"""
WITH below AS (SELECT ancestor_concept_id a, descendant_concept_id d FROM {{concept_ancestor}}),
cohort AS (SELECT person_id, min(condition_start_date) AS index_date FROM {{condition_occurrence}}
    WHERE condition_concept_id IN (SELECT d FROM below WHERE a = {GASTRO}) GROUP BY 1),
drug AS (SELECT person_id, index_date, drug_exposure_start_date AS day, drug_exposure_id AS id, drug_concept_id AS concept
    FROM {{drug_exposure}} JOIN cohort USING (person_id) WHERE drug_concept_id IN (SELECT d FROM below WHERE a = {CELECOXIB})),
drugs AS (SELECT person_id, count(*) FILTER (day - index_date BETWEEN -365 AND -1) AS drugs,
    any_value(index_date) - max(day) AS since, first(concept ORDER BY day DESC, id) AS what FROM drug GROUP BY 1),
chests AS (SELECT DISTINCT person_id, true AS ever FROM {{condition_occurrence}}
    WHERE condition_concept_id IN (SELECT d FROM below WHERE a = {BRONCHITIS})),
visits AS (SELECT person_id, count(*) AS visits FROM {{visit_occurrence}} GROUP BY 1)
SELECT person_id, index_date,
    datesub('year', make_date(year_of_birth, month_of_birth, day_of_birth), index_date) AS age,
    gender_concept_id AS gender, g.concept_name AS gender_name, coalesce(drugs, 0) AS drugs, since, what,
    w.concept_name AS what_name, coalesce(ever, false) AS ever, coalesce(visits, 0) AS visits
FROM cohort JOIN {{person}} USING (person_id) LEFT JOIN drugs USING (person_id) LEFT JOIN chests USING (person_id)
LEFT JOIN visits USING (person_id) LEFT JOIN {{concept}} g ON g.concept_id = gender_concept_id
LEFT JOIN {{concept}} w ON w.concept_id = what ORDER BY person_id"""


@pytest.fixture(scope="module")
def gibleed(shared_data) -> Path:
    folder = shared_data / "omop" / "GiBleed_5.3_parquet"
    if not folder.is_dir():
        pytest.skip("the GiBleed tables are not there")
    return folder


@pytest.fixture(scope="module")
def release(gibleed):
    return commons.open(gibleed)


@pytest.fixture(scope="module")
def dataset(release):
    return release.dataset(WHOLE)


def sql(folder, query):
    with duckdb.connect() as con:
        found = con.execute(query.format(**{p.stem: f"'{p}'" for p in folder.glob("*.parquet")}))
        return [dict(zip([c[0] for c in found.description], row, strict=True)) for row in found.fetchall()]


def test_features_and_rows_equal_sql(gibleed, dataset):
    expected = sql(gibleed, BY_HAND)
    assert len(expected) > 400 and {row["drugs"] for row in expected} == {0, 1} == {int(r["ever"]) for r in expected}
    assert dataset.to_arrow("features").to_pylist() == expected
    exposures = dataset.to_arrow("exposures").to_pylist()
    by_hand = f"""SELECT person_id, drug_concept_id, drug_exposure_start_date FROM {{drug_exposure}} WHERE drug_concept_id IN
        (SELECT descendant_concept_id FROM {{concept_ancestor}} WHERE ancestor_concept_id = {CELECOXIB}) AND person_id IN
        (SELECT person_id FROM {{condition_occurrence}} WHERE condition_concept_id = {GASTRO})"""
    keys = ("person_id", "drug_concept_id", "drug_exposure_start_date")
    assert sorted(tuple(row[k] for k in keys) for row in exposures) == sorted(
        tuple(row.values()) for row in sql(gibleed, by_hand)
    )
    assert {row["drug_concept_name"] for row in exposures} == {"celecoxib"}


def test_a_cohort_with_sets_and_values_is_the_same_dataset_in_every_form(release):
    cohort = release.cohort(WHOLE["cohort"])
    dataset = release.dataset(cohort, concept_sets=SETS, values=VALUES)
    assert dataset.definition.sha256 == release.dataset(json.dumps(WHOLE)).definition.sha256
    table = dataset.to_arrow("features")
    assert dataset.to_polars("features").to_arrow().num_rows == table.num_rows
    assert list(dataset.to_pandas("features").columns) == table.column_names
    batches = list(dataset.to_batches("features", rows=2048))
    assert pa.Table.from_batches(batches) == table
    assert dataset.to_arrow("features").slice(0, 3).to_pylist() == table.slice(0, 3).to_pylist()
    for wrong in (None, "elsewhere; DROP"):
        with pytest.raises(BadInput, match="it has features, exposures"):
            dataset.to_arrow(wrong)


def test_survey_like_answers_and_every_row_of_a_table(gibleed, release):
    """Answers stand in observation by their source concept; a table without a set gives all its rows and columns."""
    sets = [concept_set("answers", "survey", 40766362, source=False)]
    with pytest.raises(BadInput, match="knows no concept 40766362"):
        release.dataset({"version": 1}, concept_sets=sets, values=[{"type": "rows", "name": "r", "set": "answers"}])
    visits = release.dataset({"version": 1}, values=[{"type": "rows", "name": "all", "table": "visit_occurrence"}])
    (counted,) = sql(gibleed, "SELECT count(*) AS n FROM {visit_occurrence}")
    found = visits.to_arrow()
    assert found.num_rows == counted["n"]
    assert {"visit_concept_id", "visit_concept_name", "visit_start_date"} <= set(found.column_names)
    assert visits.estimate().rows >= found.num_rows


def test_the_estimate_is_near_what_comes(release, dataset):
    told = {table.name: table for table in dataset.estimate().tables}
    assert told["features"].rows == dataset.to_arrow("features").num_rows
    exposures = dataset.to_arrow("exposures")
    assert exposures.num_rows <= told["exposures"].rows <= 4 * exposures.num_rows
    for name in dataset.tables:
        assert told[name].bytes / 4 < dataset.to_arrow(name).nbytes < told[name].bytes * 4
    assert dataset.estimate().seconds < 10
    whole = release.dataset(WHOLE | {"cohort": {"version": 1, "index": INDEX | {"which": "all"}}})
    assert whole.estimate().tables[0].rows == whole.to_arrow("features").num_rows


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"type": "person", "column": "shoe_size"}, "a person has no column shoe_size"),
        ({"type": "rows", "name": "r", "table": "nowhere"}, "r: release GiBleed_5.3_parquet has no table nowhere"),
        (
            {"type": "rows", "name": "r", "table": "concept"},
            "r: table concept of release GiBleed_5.3_parquet has no column person_id",
        ),
        (
            {"type": "rows", "name": "r", "set": "celecoxib", "columns": ["dose"]},
            "r: table drug_exposure has no column dose",
        ),
        (
            {"type": "feature", "name": "f", "signal": "steps", "statistic": "mean"},
            "f: release GiBleed_5.3_parquet has no table",
        ),
        (
            {"type": "feature", "name": "f", "set": "celecoxib", "statistic": "mean"},
            "f: column drug_exposure_start_date of drug_exposure has no mean",
        ),
        (
            {"type": "feature", "name": "f", "set": "celecoxib", "statistic": "max", "column": "drug_concept_id"},
            "f: max of ids says nothing",
        ),
        ({"type": "feature", "name": "f", "table": "person", "statistic": "count"}, "f: table person has no date"),
        (
            {"type": "feature", "name": "f", "table": "visit_occurrence", "statistic": "count", "value": {"min": 1}},
            "f: value: table visit_occurrence",
        ),
    ],
)
def test_what_the_release_does_not_have_is_said(release, value, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        release.dataset(WHOLE | {"values": [value]})


def test_unknown_concepts_are_named_and_known_ones_resolved(release):
    unknown = concept_set("strange", "drug", *range(1, 9), CELECOXIB)
    with pytest.raises(BadInput, match=r"strange: .* knows no concept 1, 2, 3, 4, 5 and 3 more"):
        release.dataset(WHOLE | {"concept_sets": [*SETS, unknown]})
    with_one_less = SETS[0] | {"items": [{"concept": 21603933}, {"concept": CELECOXIB, "excluded": True}]}
    if 21603933 in release.vocabulary.names({21603933}):
        assert CELECOXIB in resolve(release, SETS[0]) and CELECOXIB not in resolve(release, with_one_less)
    without = SETS[0] | {"items": [{"concept": CELECOXIB, "descendants": False}]}
    assert resolve(release, without) == [CELECOXIB]
    assert difference(SETS[0], without, release)[0].startswith("celecoxib: was in with descendants")
    made = release.dataset(WHOLE).definition.set_of("celecoxib")
    used = usage(release, made, resolve(release, made))
    assert used.rows >= used.persons > 100


def test_an_empty_cohort_gives_the_columns_and_says_so(release, dataset, tmp_path):
    nobody = {"version": 1, "index": {"of": {"type": "condition", "concepts": [1]}}}
    nobodys = release.dataset(WHOLE | {"cohort": nobody})
    assert nobodys.notes == ["the cohort is empty: the tables have columns and no rows"]
    table, full = nobodys.to_arrow("features"), dataset.to_arrow("features")
    assert table.num_rows == 0 and table.schema == full.schema
    assert sum(batch.num_rows for batch in nobodys.to_batches("features")) == 0
    written = nobodys.to_parquet(tmp_path / "nobody")
    assert [t["rows"] for t in written.tables] == [0, 0]
    assert pq.read_schema(tmp_path / "nobody" / "features.parquet").names == full.column_names
    assert nobodys.estimate().rows == 0


def test_a_folder_is_whole_and_the_same_again_changes_nothing(release, dataset, tmp_path):
    out, seen = tmp_path / "new" / "diabetes [1]", []
    written = dataset.to_parquet(out, seen.append)
    assert not written.unchanged and sum(seen) == sum(t["rows"] for t in written.tables)
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert (
        manifest["release"]["digest"] == release.digest and manifest["definition_sha256"] == dataset.definition.sha256
    )
    assert {t["name"]: t["rows"] for t in manifest["tables"]} == {
        n: dataset.to_arrow(n).num_rows for n in dataset.tables
    }
    assert manifest["software"]["duckdb"] == duckdb.__version__ and manifest["persons"] == 479
    assert pq.read_table(out / "features.parquet").equals(dataset.to_arrow("features"))
    before = {p: p.stat().st_mtime_ns for p in out.iterdir()}
    assert dataset.to_parquet(out).unchanged and {p: p.stat().st_mtime_ns for p in out.iterdir()} == before
    assert sorted(p.name for p in out.parent.iterdir()) == [out.name]
    with pytest.raises(BadInput, match="holds another dataset"):
        release.dataset(WHOLE | {"values": VALUES[:1]}).to_parquet(out)
    with (out / "features.parquet").open("ab") as file:
        file.write(b"more")
    with pytest.raises(BadInput, match="has been changed"):
        dataset.to_parquet(out)
    with pytest.raises(BadInput, match="holds something else"):
        dataset.to_parquet(out.parent)


KILLED = """
import json, os, signal, sys
from commonweal import commons
dataset = commons.open(sys.argv[1]).dataset(json.loads(sys.argv[2]))
dataset.to_parquet(sys.argv[3], lambda rows: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_kill_in_the_middle_leaves_nothing_under_the_name(gibleed, dataset, tmp_path):
    out = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", KILLED, str(gibleed), json.dumps(WHOLE), str(out)], timeout=120)
    assert done.returncode == -signal.SIGKILL and not out.exists()
    assert [p.suffix for p in tmp_path.iterdir()] == [".part"]
    assert not dataset.to_parquet(out).unchanged
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_two_that_write_the_same_do_not_take_each_others_work(dataset, tmp_path):
    out, once = tmp_path / "out", []

    def meanwhile(_):
        if not once:
            once.append(dataset.to_parquet(out))

    with pytest.raises(BadInput, match="another process has just written there"):
        dataset.to_parquet(out, meanwhile)
    assert dataset.to_parquet(out).unchanged
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_python_code_makes_the_same_tables(dataset):
    known = {}
    exec(dataset.code("python"), known)
    assert known["definition"] == dataset.definition.as_json()
    assert {n: len(t) for n, t in known["tables"].items()} == {n: dataset.to_arrow(n).num_rows for n in dataset.tables}


def test_r_code_is_r_and_its_sql_makes_the_same_tables(dataset):
    """No R here: its grammar for these lines is small, and its SQL is run as it stands."""
    code = dataset.code("r")
    raw = re.compile(r'r"(-*)\((.*?)\)\1"', re.DOTALL)
    queries = dict(re.findall(r'tables\[\["(\w+)"\]\] <- dbGetQuery\(con, (r"-*\(.*?\)-*")\)\n', code, re.DOTALL))
    assert list(queries) == dataset.tables
    rest = [line for line in raw.sub("RAW", code).splitlines() if line and not line.startswith("#")]
    lines = r"library\(DBI\)|con <- dbConnect\(duckdb::duckdb\(\)\)|dbExecute\(con, RAW\)|tables <- list\(\)"
    lines += r'|tables\[\["\w+"\]\] <- dbGetQuery\(con, RAW\)|dbDisconnect\(con, shutdown = TRUE\)'
    assert [line for line in rest if not re.fullmatch(lines, line)] == []
    first = [match[1] for match in raw.findall(code[: code.index("tables <- list()")])]
    with duckdb.connect() as con:
        for statement in first:
            con.execute(statement)
        for name, query in queries.items():
            found = con.execute(raw.fullmatch(query)[2]).to_arrow_table()
            assert sorted(map(str, found.to_pylist())) == sorted(map(str, dataset.to_arrow(name).to_pylist()))


def test_scripts_carry_no_text_that_somebody_wrote_into_code(release):
    name = "x' ); DROP TABLE person --)---\" `system('true')`"
    sets = [SETS[0] | {"name": name}]
    dataset = release.dataset(WHOLE | {"concept_sets": sets, "values": [VALUES[2] | {"set": name}]})
    assert name not in dataset.code("r") and "DROP" not in dataset.code("r")
    known = {}
    exec(dataset.code("python"), known)
    assert known["definition"]["concept_sets"][0]["name"] == name
    with pytest.raises(BadInput, match="ask for python or r"):
        dataset.code("julia")


def test_many_persons_and_features_are_one_level_of_the_query(release):
    columns = [c for c in release.columns["person"] if c != "person_id"]
    values = [{"type": "person", "name": f"p{n}", "column": columns[n % len(columns)]} for n in range(60)]
    values += [VALUES[4] | {"name": f"f{n}"} for n in range(10)]
    found = release.dataset(WHOLE | {"values": values}).to_arrow()
    assert found.num_rows == 479 and {"f9_name", "p59"} <= set(found.column_names)


@pytest.fixture
def command(gibleed, tmp_path):
    home = tmp_path / "home"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "COMMONWEAL_"))}

    def run(*arguments, definition=WHOLE, **more):
        line = [sys.executable, "-m", "commonweal.cli", "dataset", *map(str, arguments), "--home", str(home), "--json"]
        done = subprocess.run(
            line, input=json.dumps(definition), capture_output=True, text=True, env=environment, timeout=120, **more
        )
        return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr

    run.home = home
    run.folder = ("--release", gibleed)
    return run


def test_the_command_builds_checks_and_tells(command, tmp_path):
    code, answer, said = command("check", "-", definition=WHOLE | {"values": []})
    assert (code, said.count("\n")) == (2, 1) and "$.values" in answer["error"]
    assert command("build", "-", *command.folder)[0] == 2  # neither --out nor --estimate
    told = command("build", "-", *command.folder, "--estimate")[1]
    assert told["tables"][0]["rows"] == 479 and not list(tmp_path.glob("*/*.parquet"))
    code, answer, _ = command("build", "-", *command.folder, "--out", tmp_path / "out")
    assert code == 0 and answer["persons"] == 479 and answer["unchanged"] is False
    assert {t["name"]: t["rows"] for t in answer["tables"]}["features"] == 479
    assert pq.read_table(tmp_path / "out" / "features.parquet").num_rows == 479


def test_own_data_keep_out_of_the_home_and_of_what_is_read(command, gibleed, release):
    out = command.home / "research" / "x"
    code, answer, _ = command("build", "-", *command.folder, "--out", out)
    assert code == 1 and "workspace" in answer["error"] and not out.exists()
    home = Home.locate(command.home)
    for place in ("x", "vault/store/x", "research/workspaces"):
        with pytest.raises(Refused, match="workspace"):
            check_out(home.root / place, release, home)
    with pytest.raises(BadInput, match="outside"):
        check_out(gibleed / "person", release, home)
    inside = home.workspaces / "w" / "d"
    assert check_out(inside, release, home) == inside


def test_a_full_disk_is_said_and_nothing_is_left(command, tmp_path):
    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    code, answer, _ = command("build", "-", *command.folder, "--out", tmp_path / "a" / "out", preexec_fn=small)
    assert code == 2 and "it cannot be written" in answer["error"]
    assert list((tmp_path / "a").iterdir()) == []


def test_age_counts_completed_years(release):
    ages = release.dataset(
        {"version": 1},
        values=[{"type": "person", "column": "age", "at": "2020-02-29"}, {"type": "person", "column": "birth_date"}],
    ).to_arrow()
    for row in ages.slice(0, 200).to_pylist():
        born, day = row["birth_date"], date(2020, 2, 29)
        assert row["age"] == day.year - born.year - ((day.month, day.day) < (born.month, born.day))
