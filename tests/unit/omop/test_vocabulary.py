"""The shipped vocabulary hangs together, and imports merge into it without losing or guessing anything."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.omop import vocabulary
from commonweal.omop.fhir_systems import FHIR_SYSTEMS, UCUM_SPELLINGS, preference
from commonweal.omop.vocabulary.shapes import COLUMNS, table_of, types_of_release

ATHENA = list(COLUMNS["concept"])
CONSOLE = Console(json=True)


def concept(number, code, *, name="A thing", vocabulary_id="SNOMED", domain="Condition", standard="S"):
    return [number, name, domain, vocabulary_id, "Clinical Finding", standard, code, "19700101", "20991231", ""]


def write(folder, name, header, rows, *, delimiter="\t"):
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    data = text.getvalue().encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder


def ask(home, sql):
    with vocabulary.connect(home) as con:
        return con.execute(sql).fetchall()


def load(home, *folders):
    answer = vocabulary.import_dirs(folders, home, CONSOLE)
    return tuple(answer[k] for k in ("accepted", "unchanged", "rejected", "unmatched"))


class TestShipped:
    def test_ids_are_unique_and_every_reference_is_there(self):
        tables = vocabulary.tables()
        ids = tables["concept"]["concept_id"].to_pylist()
        assert len(ids) == len(set(ids)) < 4000
        for table, columns in {
            "concept_relationship": ("concept_id_1", "concept_id_2"),
            "concept_ancestor": ("ancestor_concept_id", "descendant_concept_id"),
        }.items():
            for column in columns:
                assert set(tables[table][column].to_pylist()) <= set(ids)

    def test_one_code_of_a_vocabulary_is_one_concept(self):
        assert ask(None, """SELECT vocabulary_id, lower(concept_code) FROM concept
            WHERE vocabulary_id IN ('SNOMED', 'RxNorm', 'LOINC', 'UCUM', 'CVX', 'PPI')
            GROUP BY ALL HAVING count(*) > 1""") == []  # fmt: skip

    def test_columns_are_those_of_the_cdm(self):
        kinds = {"BIGINT": "integer", "VARCHAR": "string", "DATE": "date"}
        for table, columns in COLUMNS.items():
            assert {name: kinds[kind] for name, kind in columns.items()} == types_of_release(table)

    @pytest.mark.parametrize(
        ("ancestor", "descendant"),
        [(201820, 201826), (316866, 320128), (134057, 4329847), (441840, 201826), (1539403, 1539411),
         (21601855, 1539411), (1503297, 40163924), (8515, 38003579), (46271022, 443597), (320128, 320128)],
    )  # fmt: skip
    def test_descendants(self, ancestor, descendant):
        assert ask(None, f"""SELECT count(*) FROM concept_ancestor
            WHERE ancestor_concept_id = {ancestor} AND descendant_concept_id = {descendant}""") == [(1,)]  # fmt: skip

    def test_ancestry_is_closed_and_has_no_circle(self):
        assert ask(None, """SELECT count(*) FROM concept_ancestor a JOIN concept_ancestor b
            ON a.ancestor_concept_id = b.descendant_concept_id AND a.descendant_concept_id = b.ancestor_concept_id
            WHERE a.ancestor_concept_id <> a.descendant_concept_id""") == [(0,)]  # fmt: skip
        assert ask(None, """SELECT a.ancestor_concept_id, b.descendant_concept_id FROM concept_ancestor a
            JOIN concept_ancestor b ON a.descendant_concept_id = b.ancestor_concept_id
            ANTI JOIN concept_ancestor c ON c.ancestor_concept_id = a.ancestor_concept_id
                AND c.descendant_concept_id = b.descendant_concept_id LIMIT 5""") == []  # fmt: skip

    def test_what_standard_answers_map_to(self):
        rows = ask(None, """SELECT s.concept_code, r.concept_id_2 FROM concept s JOIN concept_relationship r
            ON r.concept_id_1 = s.concept_id AND r.relationship_id = 'Maps to'
            WHERE s.concept_code IN ('WhatRaceEthnicity_White', 'SexAtBirth_Female', 'WhatRaceEthnicity_Hispanic')""")  # fmt: skip
        assert dict(rows) == {
            "WhatRaceEthnicity_White": 8527, "SexAtBirth_Female": 8532, "WhatRaceEthnicity_Hispanic": 38003563
        }  # fmt: skip

    def test_units_that_records_spell_otherwise(self):
        codes = {row[0] for row in ask(None, "SELECT concept_code FROM concept WHERE vocabulary_id = 'UCUM'")}
        assert {UCUM_SPELLINGS[u] for u in ("U/L", "{score}", "mL/min/{1.73_m2}", "mmHg", "meq/L")} <= codes

    def test_the_systems_that_the_mapping_prefers(self):
        assert FHIR_SYSTEMS["http://loinc.org"] == "LOINC"
        assert preference("http://snomed.info/sct") < preference("http://hl7.org/fhir/sid/icd-10-cm") < preference(None)


class TestImport:
    def test_the_same_folder_twice_changes_nothing(self, home, tmp_path):
        folder = write(tmp_path / "v", "CONCEPT.csv", ATHENA, [concept(5, "5"), concept(6, "6")])
        assert load(home, folder) == (2, 0, 0, 0)
        files = {p: p.read_bytes() for p in home.vocabulary.rglob("*") if p.is_file()}
        assert load(home, folder) == (0, 2, 0, 0)
        assert {p: p.read_bytes() for p in home.vocabulary.rglob("*") if p.is_file()} == files
        assert [s["rows"] for s in vocabulary.versions(home)["imported"]] == [2]

    def test_spellings_of_names_dates_and_nothing(self, home, tmp_path):
        row = ["7", 'A "quoted", name', "Unit", "UCUM", "Unit", "NA", "x", "01/02/2003", "2099-12-31", "None"]
        camel = ["conceptId", "conceptName", "domainId", "vocabularyId", "conceptClassId", "standardConcept",
                 "conceptCode", "validStartDate", "validEndDate", "invalidReason"]  # fmt: skip
        assert load(home, write(tmp_path / "v", "concept.csv.gz", camel, [row], delimiter=",")) == (1, 0, 0, 0)
        found = ask(home, "SELECT concept_name, standard_concept, valid_start_date::VARCHAR, invalid_reason FROM concept "
                          "WHERE concept_id = 7")  # fmt: skip
        assert found == [('A "quoted", name', None, "2003-02-01", None)]

    def test_athena_files_know_no_quotes(self, home, tmp_path):
        text = "\t".join(ATHENA) + '\n8\tthe 6" rule\t' + "\t".join(map(str, concept(8, "8")[2:])) + "\n"
        (tmp_path / "v").mkdir()
        (tmp_path / "v" / "CONCEPT.csv").write_text(text)
        assert load(home, tmp_path / "v") == (1, 0, 0, 0)
        assert ask(home, "SELECT concept_name FROM concept WHERE concept_id = 8") == [('the 6" rule',)]

    def test_conflicts_are_counted_and_told_and_the_first_wins(self, home, tmp_path):
        first = write(tmp_path / "a", "concept.csv", ATHENA, [concept(5, "5")])
        rows = [concept(5, "5", domain="Drug"), concept(9, "9"), concept(320128, "59621000", name="Hypertension")]
        second = write(
            tmp_path / "b", "concept.csv", ATHENA, [*rows, ["x", *concept(1, "1")[1:]], concept(12, "8.89E+14")]
        )
        load(home, first)
        answer = vocabulary.import_dirs([second], home, CONSOLE)
        assert (answer["accepted"], answer["unchanged"], answer["rejected"]) == (1, 1, 3)
        told = json.loads(Path(answer["report"]).read_text())["sources"][0]["tables"]["concept"]
        assert (told["conflicts"], told["unreadable"]) == (1, 2)
        assert (told["told"][0]["domain_id"], told["told"][0]["known_domain_id"]) == ("Drug", "Condition")
        assert ask(home, "SELECT domain_id FROM concept WHERE concept_id = 5") == [("Condition",)]

    def test_a_real_concept_replaces_our_local_one(self, home, tmp_path):
        ((local, code),) = ask(None, "SELECT concept_id, concept_code FROM concept WHERE concept_code = 'Deaf_Yes'")
        assert local > 2_000_000_000
        real = concept(903600, code.upper(), vocabulary_id="PPI", domain="Observation")
        load(home, write(tmp_path / "v", "concept.csv", ATHENA, [real]))
        assert ask(home, f"SELECT concept_id FROM concept WHERE lower(concept_code) = lower('{code}')") == [(903600,)]

    def test_ancestry_comes_from_relationships_where_no_table_gives_it(self, home, tmp_path):
        folder = write(tmp_path / "v", "concept.csv", ATHENA, [concept(n, str(n)) for n in (51, 52, 53, 54)])
        header = list(COLUMNS["concept_relationship"])
        dates = ["19700101", "20991231", ""]
        rows = [[53, 52, "Is a", *dates], [51, 52, "Subsumes", *dates], [54, 53, "Is a", "19700101", "20000101", "D"]]
        load(home, write(folder, "CONCEPT_RELATIONSHIP.csv", header, rows))
        found = ask(home, """SELECT ancestor_concept_id, descendant_concept_id, min_levels_of_separation
            FROM concept_ancestor WHERE descendant_concept_id BETWEEN 51 AND 54 ORDER BY ALL""")  # fmt: skip
        assert found == [(51, 51, 0), (51, 52, 1), (51, 53, 2), (52, 52, 0), (52, 53, 1), (53, 53, 0), (54, 54, 0)]

    def test_a_package_that_moved_on_is_seen_before_the_next_import(self, home, tmp_path, monkeypatch):
        from commonweal.omop.vocabulary import merged

        load(home, write(tmp_path / "v", "concept.csv", ATHENA, [concept(5, "5")]))
        before = ask(home, "SELECT * FROM concept ORDER BY ALL")
        for path in home.vocabulary.glob("*.parquet"):
            path.unlink()
        monkeypatch.setattr(merged, "shipped_digest", lambda: "another")
        assert ask(home, "SELECT * FROM concept ORDER BY ALL") == before

    @pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x1f\x8b broken"])
    def test_files_that_are_no_vocabulary(self, home, tmp_path, content):
        (tmp_path / "v").mkdir()
        (tmp_path / "v" / "concept.csv.gz").write_bytes(content)
        with pytest.raises(BadInput):
            load(home, tmp_path / "v")
        with pytest.raises(BadInput, match="not there"):
            load(home, tmp_path / "none")
        (tmp_path / "empty").mkdir()
        with pytest.raises(BadInput, match="no vocabulary table"):
            load(home, tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "table"),
    [("CONCEPT.csv", "concept"), ("conceptAncestor.csv.gz", "concept_ancestor"),
     ("concept_relationship_seed.csv.gz", "concept_relationship"), ("vocabulary.tsv", "vocabulary"),
     ("concept_class.csv", None), ("concept.parquet", None), ("readme.txt", None)],
)  # fmt: skip
def test_files_are_known_by_name(name, table):
    assert table_of(name) == table


def test_the_shipped_facts_agree_with_public_vocabularies(home, shared_data):
    """No shipped id, code, domain or standard flag differs from what three independent subsets say."""
    folders = [shared_data / "vocab" / name for name in ("synthea27nj", "omock_default", "omock_eunomia")]
    answer = vocabulary.import_dirs(folders, home, CONSOLE)
    assert answer["accepted"] > 100_000
    shipped = {row[0] for row in ask(None, "SELECT concept_id FROM concept WHERE vocabulary_id <> 'PPI'")}
    told = [
        t for s in json.loads(Path(answer["report"]).read_text())["sources"] for t in s["tables"]["concept"]["told"]
    ]
    assert {int(t["concept_id"]) for t in told} & shipped <= {4064377, 44783196}
