"""The main job on real input: Synthea's people from their clinics' FHIR bundles to a published release and a count.

What the bundles hold is counted here a second time, in the plainest way (`synthea.py`), and must agree.
"""

import csv
import gzip
import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.commands import Refusal, initialised
from tests.integration.thread import synthea

NAME = "2026Q4R1"
SITE = "lakeshore-chicago"
ALONE = 6  # people whose bundle the clinic sends by itself; the others' come many in one
CLINICAL = ("condition_occurrence", "drug_exposure", "procedure_occurrence", "measurement", "observation",
            "device_exposure", "visit_occurrence", "death")  # fmt: skip
READ = (
    "Encounter",
    "Condition",
    "Procedure",
    "MedicationRequest",
    "Immunization",
    "AllergyIntolerance",
    "ImagingStudy",
    "DiagnosticReport",
)


def consents(person: synthea.Person, number: int) -> dict[str, str]:
    """Everybody joined in June 2019, the dead in the June before their death; each tenth keeps health records back."""
    year = int(person.died[:4]) - 1 if person.died else 2019
    moment = f"{year}-06-01T10:00:00-04:00"
    return {"primary": moment, "ehr": f"no:{moment}" if number % 10 == 0 else moment, "wearables": "", "results": ""}


def adult(person: synthea.Person) -> bool:
    joined = int(person.died[:4]) - 1 if person.died else 2019
    return f"{int(person.born[:4]) + 18}{person.born[4:]}" <= f"{joined}-06-01"


def rows_held(person: synthea.Person) -> int:
    """How many rows this person's bundle makes: one a resource, one more for each component, one for a death."""
    with gzip.open(person.bundle) as file:
        resources = [entry["resource"] for entry in json.load(file)["entry"]]
    used = [r for r in resources if r["resourceType"] in READ]
    observed = [r for r in resources if r["resourceType"] == "Observation"]
    return len(used) + sum(1 + len(r.get("component", [])) for r in observed) + bool(person.died)


class Thread:
    """One program in which the whole thread was run, and what each command answered."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.home, self.folder, self.data = folder / "home", folder, data
        self.run = initialised(self.home)
        self.people = synthea.people(data / "ehr_fhir" / "synthea_r4_bundles")
        self.adults = [p for p in self.people if adult(p)]
        self.sharing = [p for number, p in enumerate(self.people, 1) if p in self.adults and number % 10]
        self.answers: dict[str, dict] = {}

    def rows(self) -> list[dict[str, str]]:
        return [p.row(SITE, **consents(p, number)) for number, p in enumerate(self.people, 1)]

    def bring_in(self) -> None:
        subsets = [self.data / "vocab" / name for name in ("synthea27nj", "omock_default", "omock_eunomia")]
        self.answers["vocabulary"] = self.run("vocabulary", "import", *subsets)
        synthea.write_participants(self.folder / "people.csv", self.rows())
        self.answers["people"] = self.run("participants", "import", self.folder / "people.csv")
        bundles = [p.bundle for p in self.people]
        some, most = bundles[:ALONE], synthea.together(bundles[ALONE:], self.folder)
        self.answers["records"] = self.run("records", "import", *some, *most, "--site", SITE)
        self.answers["simulated"] = self.run("simulate", "--people", "200", "--seed", "7")

    def build(self) -> None:
        self.answers["build"] = self.run("release", "build", NAME, "--cutoff", "2026-11-20")

    @property
    def raw(self) -> Path:
        return self.home / "vault" / "store" / "curation" / NAME / "raw"

    @property
    def tables(self) -> Path:
        return self.home / "commons" / "releases" / NAME / "registered" / "tables"

    @property
    def manifest(self) -> dict:
        return json.loads((self.tables.parent / "manifest.json").read_text())

    def count(self, sql: str) -> int:
        return duckdb.sql(sql).fetchall()[0][0]


@pytest.fixture(scope="module")
def thread(tmp_path_factory, shared_data) -> Thread:
    thread = Thread(tmp_path_factory.mktemp("thread"), shared_data)
    thread.bring_in()
    thread.build()
    # the raw extract goes with the build that it served: count it now, before the release is built again
    synthea_only = f"WHERE _source = '{SITE}' AND person_id <= {len(thread.adults)}"
    thread.raw_rows = Counter(
        {t: thread.count(f"SELECT count(*) FROM '{thread.raw}/{t}/**/*.parquet' {synthea_only}") for t in CLINICAL}
    )
    return thread


def test_who_is_taken_is_told(thread):
    """Children, and who died before they were 19, cannot have agreed as adults: they are rejected, with the reason."""
    answer = thread.answers["people"]
    assert len(thread.people) == 59
    assert answer["accepted"] == len(thread.adults)
    assert answer["rejected"] == len(thread.people) - len(thread.adults)
    rejected = Path(answer["report"])
    assert rejected.stat().st_mode & 0o777 == 0o600
    with open(rejected, newline="") as file:
        assert len(list(csv.DictReader(file))) == answer["rejected"]
    # the same file a second time changes nothing
    again = thread.run("participants", "import", thread.folder / "people.csv")
    assert (again["accepted"], again["unchanged"]) == (0, answer["accepted"])


def test_the_raw_extract_holds_what_the_bundles_hold_for_those_who_authorised(thread):
    assert sum(thread.raw_rows.values()) == sum(rows_held(p) for p in thread.sharing)
    encounters = sum(p.resources["Encounter"] for p in thread.sharing)
    assert thread.raw_rows["visit_occurrence"] == encounters
    assert thread.raw_rows["death"] == sum(bool(p.died) for p in thread.sharing)


def test_records_of_those_who_did_not_authorise_were_not_kept(thread):
    answer = thread.answers["records"]
    kept = sum(sum(n for kind, n in p.resources.items() if kind in (*READ, "Observation")) for p in thread.sharing)
    dead = sum(bool(p.died) for p in thread.sharing)
    assert answer["accepted"] in (kept, kept + dead)  # a death comes in the Patient resource
    assert answer["rejected"] > 0 and answer["unmatched"] > 0


def test_the_release_holds_the_raw_rows_less_what_each_rule_removed(thread):
    """For each table: raw rows, minus what each rule says it removed, are the rows of the release."""
    removed: Counter[str] = Counter()
    for rule in thread.manifest["rules"]:
        for table, figures in rule["by_table"].items():
            removed[table] += figures["rows_in"] - figures["rows_out"]
    released = {t["name"]: t["rows"] for t in thread.manifest["tables"]}
    assert removed.total() > 0
    for table in (*CLINICAL, "person", "survey_conduct"):
        held = thread.count(f"SELECT count(*) FROM '{thread.raw}/{table}/**/*.parquet'")
        assert released[table] == held - removed[table], table
        assert released[table] == thread.count(f"SELECT count(*) FROM '{thread.tables}/{table}/*.parquet'"), table


def test_the_very_old_are_left_out_and_the_rules_say_so(thread):
    old = [p for p in thread.adults if p.born <= "1937-11-20"]
    rule = next(r for r in thread.manifest["rules"] if r["id"] == "lifecycle.very_old")
    gone = rule["by_table"]["person"]
    assert len(old) >= 3
    assert gone["rows_in"] - gone["rows_out"] >= len(old)
    assert thread.count(f"SELECT min(year_of_birth) FROM '{thread.tables}/person/*.parquet'") >= 1936


def test_someone_who_shared_no_records_has_surveys_only(thread):
    """Simulated people answer surveys, and some of them keep their records back."""
    people = f"'{thread.tables}/person/*.parquet'"
    surveys = f"SELECT person_id FROM '{thread.tables}/survey_conduct/*.parquet'"
    visits = f"SELECT person_id FROM '{thread.tables}/visit_occurrence/*.parquet'"
    without = f"FROM {people} WHERE person_id IN ({surveys}) AND person_id NOT IN ({visits})"
    assert thread.count(f"SELECT count(*) {without}") > 0
    for table in set(CLINICAL) - {"observation"}:
        held = (
            f"SELECT count(*) FROM '{thread.tables}/{table}/*.parquet' WHERE person_id IN (SELECT person_id {without})"
        )
        assert thread.count(held) == 0, table


def test_who_withdraws_before_publication_is_in_no_table(thread):
    """Withdrawn after the build and before publication: refused; built again, they are in no table."""
    checked = thread.run("release", "check", NAME)
    assert checked["passed"], checked
    before = thread.count(f"SELECT count(*) FROM '{thread.tables}/person/*.parquet'")
    leaver = next(p for p in thread.sharing if "1950" < p.born < "1990" and not p.died)
    rows = thread.rows()
    for row in rows:
        row["withdrawn_at"] = "2026-11-21T09:00:00-05:00" if row["external_id"] == leaver.external_id else ""
    synthea.write_participants(thread.folder / "left.csv", rows)
    thread.run("participants", "import", thread.folder / "left.csv")
    with pytest.raises(Refusal) as refusal:
        thread.run("release", "publish", NAME)
    assert refusal.value.code == 1
    assert not any(r["release"] == NAME for r in published(thread))
    thread.build()
    assert thread.run("release", "check", NAME)["passed"]
    thread.run("release", "publish", NAME)
    assert thread.count(f"SELECT count(*) FROM '{thread.tables}/person/*.parquet'") == before - 1
    raw_people = thread.count(f"SELECT count(*) FROM '{thread.raw}/person/**/*.parquet'")
    assert raw_people == len(thread.adults) - 1 + simulated_in(thread)
    assert thread.run("release", "verify", NAME)


def published(thread: Thread) -> list[dict]:
    return [r for r in thread.run("release", "list")["releases"] if "published" in json.dumps(r)]


def simulated_in(thread: Thread) -> int:
    first = len(thread.adults)
    return thread.count(f"SELECT count(*) FROM '{thread.raw}/person/**/*.parquet' WHERE person_id > {first}")


def test_no_identifier_stands_in_any_byte_of_the_release(thread):
    """Names, addresses, phones, e-mails, record numbers, participant and biobank ids: not one, not anywhere."""
    database = f"'{thread.home}/vault/db.sqlite3'"
    import sqlite3

    with sqlite3.connect(database.strip("'")) as link:
        people = link.execute("SELECT participant_id, biobank_id, uuid, external_id FROM people_participant").fetchall()
        profiles = link.execute(
            "SELECT given_name, family_name, birth_date, email, phone, address_line FROM people_profile"
        ).fetchall()
        numbers = link.execute("SELECT record_number FROM people_pairing WHERE record_number != ''").fetchall()
    needles = {str(v) for row in (*people, *profiles, *numbers) for v in row if v and len(str(v)) > 3}
    needles |= {s for p in thread.people for s in p.strings - {p.born} if len(s) > 3}
    found = text_of(thread.tables.parent)
    words = set(re.split(r"[\s\"',;:{}\[\]()]+", found)) | set(found.split("\n"))
    concept_words = concept_names(thread)
    leaked = {needle for needle in needles if needle in words} - concept_words - {str(p[2]) for p in profiles}
    leaked |= {needle for needle in needles if " " in needle and needle in found}
    assert not leaked, f"{len(leaked)} identifiers of {len(needles)} stand in the release"
    assert any(word in words for word in ("444814009", "8302-2"))  # the scan sees what is there


def test_no_birth_date_stands_in_the_release(thread):
    """Events may fall on anybody's birthday by chance; a birth date may stand nowhere else, and of birth only the year."""
    person = f"'{thread.tables}/person/*.parquet'"
    told = "month_of_birth IS NOT NULL OR day_of_birth IS NOT NULL OR birth_datetime IS NOT NULL"
    assert thread.count(f"SELECT count(*) FROM {person} WHERE {told}") == 0
    for path in thread.tables.parent.rglob("*.parquet"):
        columns = duckdb.sql(f"SELECT * FROM '{path}' LIMIT 0").description
        for name in (c[0] for c in columns if "VARCHAR" in str(c[1])):
            dated = (
                f"SELECT count(*) FROM '{path}' WHERE regexp_matches(\"{name}\", '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
            )
            assert path.parent.name in ("concept", "cdm_source", "vocabulary") or thread.count(dated) == 0, name


def concept_names(thread: Thread) -> set[str]:
    """Words of the vocabulary (White, May, …) that happen to be somebody's name too."""
    names = duckdb.sql(f"SELECT concept_name FROM '{thread.tables}/concept/*.parquet'").fetchall()
    synonyms = duckdb.sql(f"SELECT concept_synonym_name FROM '{thread.tables}/concept_synonym/*.parquet'").fetchall()
    return {word for (name,) in names + synonyms for word in re.split(r"[\s\"',;:{}\[\]()]+", name or "")}


def text_of(folder: Path) -> str:
    """Every cell of every table as text (Parquet is compressed: bytes alone would hide it), and every other file as it is."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            names = [c[0] for c in duckdb.sql(f"SELECT * FROM '{path}' LIMIT 0").description]
            for name in names:
                cells = duckdb.sql(f'SELECT DISTINCT "{name}"::VARCHAR FROM \'{path}\' WHERE "{name}" IS NOT NULL')
                parts += [cell for (cell,) in cells.fetchall()]
            parts.append(path.read_bytes().decode("latin-1"))
        elif path.is_file():
            parts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(parts)


def test_a_count_goes_through_the_gate_by_command_and_in_python(thread, tmp_path):
    from commonweal import commons

    definition = {
        "version": 1,
        "include": [{"any": [{"type": "condition", "concepts": [320128]}]}],
    }
    (tmp_path / "cohort.json").write_text(json.dumps(definition))
    answer = thread.run("cohort", "count", tmp_path / "cohort.json", "--release", NAME)
    assert answer["persons"] is None or answer["persons"] % 20 == 0
    assert (answer["release"], answer["tier"], answer["exact"]) == (NAME, "registered", False)
    from commonweal.home import Home

    cohort = commons.open(NAME, home=Home.locate(thread.home)).cohort(definition)
    assert cohort.count().persons == -(-cohort.count(exact=True).persons // 20) * 20
    assert answer["suppressed"] or abs(answer["persons"] - cohort.count().persons) <= 20  # moved by 15 at most
    rare = {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [4329847]}]}]}
    hidden = thread.run("cohort", "count", "-", "--release", NAME, stdin=json.dumps(rare))
    true = thread.count(
        f"SELECT count(DISTINCT person_id) FROM '{thread.tables}/condition_occurrence/*.parquet'"
        " WHERE condition_concept_id = 4329847"
    )
    assert hidden["suppressed"] if 0 < true <= 20 else hidden["persons"] == 0 or true > 20


def test_no_command_said_who_anyone_is(thread):
    """Nothing that any command printed names a person: canaries are the Synthea names and numbers."""
    said = "\n".join(thread.run.said)
    names = {s for p in thread.people for s in p.strings if len(s) > 5}
    assert not [s for s in names if s in said]
    assert not re.search(r"\b[PA]\d{9}\b", said)
    for log in (thread.home / "logs").glob("**/*") if (thread.home / "logs").is_dir() else ():
        text = log.read_text(errors="replace") if log.is_file() else ""
        assert not [s for s in names if s in text], log.name


def test_the_audit_holds(thread):
    assert thread.run("audit", "verify", "--site", "portal")["whole"]
    assert thread.run("audit", "verify", "--site", "research")["whole"]
