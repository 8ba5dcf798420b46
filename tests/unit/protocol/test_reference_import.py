"""Reference tables come into a protocol folder with their version, and what stood there stays as it was."""

import shutil

import pytest

from commonweal import protocol
from commonweal.errors import BadInput
from commonweal.protocol.reference_import import import_table

UNITS = "measurement_concept_id,unit_concept_id,set_unit_concept_id,transform_value_as_number\n3000905,9444,8848,*1\n"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(protocol.DEFAULT, tmp_path / "program")


def test_a_table_is_there_with_its_version_and_only_once(folder, tmp_path):
    before = (folder / "reference" / "reference.toml").read_text()
    (file := tmp_path / "any name.csv").write_text(UNITS)
    first = import_table(folder, "unit_mapping", file, version="2024", source='the "table" of\\units')
    assert (first["accepted"], first["unchanged"]) == (1, 0)
    assert import_table(folder, "unit_mapping", file, version="2024", source='the "table" of\\units')["unchanged"] == 1
    found = protocol.load(folder).reference["unit_mapping"]
    assert (found.version, found.source, len(found.rows)) == ("2024", 'the "table" of\\units', 1)
    kept = before.partition('[[tables]]\nkind = "unit_mapping"')[0]
    assert (folder / "reference" / "reference.toml").read_text().startswith(kept.rstrip())
    assert protocol.check(folder) == []


def test_a_later_version_replaces_the_earlier_one(folder, tmp_path):
    (file := tmp_path / "units.csv").write_text(UNITS)
    import_table(folder, "unit_mapping", file, version="1")
    file.write_text(UNITS + "3007461,9444,8848,*1\n")
    import_table(folder, "unit_mapping", file, version="2")
    text = (folder / "reference" / "reference.toml").read_text()
    assert text.count('kind = "unit_mapping"') == 1 and 'kind = "poverty_guidelines"' in text
    assert protocol.load(folder).reference["unit_mapping"].version == "2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1"),
        (b"measurement_concept_id,unit_concept_id\n1,2\n", "needs the column set_unit_concept_id"),
        (UNITS.encode() + b"1,2\n", "line 3: 2 cells, but the header names 4"),
        (UNITS.encode() + b"1,\xff,3,4\n", "not in UTF-8"),
        (UNITS.encode() + b'1,"2"x,3,4\n', "line 3: no CSV"),
        (UNITS.encode() + "1,²,3,*1\n".encode(), "line 3: unit_concept_id is no concept id"),
        (UNITS.encode() + b"1,2,3,x*x\n", "line 3: `x\\*x` is no conversion"),
        (UNITS.encode() + b"1,2,3,\n", "line 3: .* is no conversion"),
        (UNITS.encode() + b"3000905,9444,8848,*2\n", "line 3: this unit of this measurement has a row"),
    ],
)
def test_what_is_no_such_table_is_told_by_line_and_changes_nothing(folder, tmp_path, content, words):
    (file := tmp_path / "units.csv").write_bytes(content)
    before = (folder / "reference" / "unit_mapping.csv").read_text()
    with pytest.raises(BadInput, match=words):
        import_table(folder, "unit_mapping", file)
    assert (folder / "reference" / "unit_mapping.csv").read_text() == before
    with pytest.raises(BadInput, match="small letters"):
        import_table(folder, "../x", file)


def test_the_thresholds_of_the_data_quality_dashboard_are_read(folder, shared_data):
    place = shared_data / "omop" / "dqd_thresholds"
    import_table(folder, "dqd_concept_thresholds", place / "OMOP_CDMv5.4_Concept_Level.csv")
    import_table(folder, "dqd_field_thresholds", place / "OMOP_CDMv5.4_Field_Level.csv")
    assert protocol.check(folder) == []
    found = protocol.load(folder).reference
    assert len(found["dqd_concept_thresholds"].rows) == 527 and len(found["dqd_field_thresholds"].rows) == 432


def test_several_files_become_one_table_of_their_common_columns(folder, shared_data, tmp_path):
    place = shared_data / "aou/cur/data_steward/resource_files/cdr_cleaner/ppi_branching"
    files = sorted(place.glob("*.csv"))
    told = import_table(folder, "branching", *files)
    assert told["accepted"] == 1040 and protocol.check(folder) == []
    found = protocol.load(folder).reference["branching"].rows
    assert len(found) == 1040 and set(found[0]) == {"rule_type", "child_question", "parent_question", "parent_value"}
    assert import_table(folder, "branching", *files)["unchanged"] == 1040
    (tmp_path / "other.csv").write_text(UNITS)
    with pytest.raises(BadInput, match="needs the column rule_type"):
        import_table(folder, "branching", files[0], tmp_path / "other.csv")
    assert len(protocol.load(folder).reference["branching"].rows) == 1040


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,Oral Tablet,x,Oral", "concept ids"),
        ("a,Oral Tablet,4132161,Oral", "concept ids"),
        ("²,Oral Tablet,4132161,Oral", "concept ids"),
        (",,4132161,Oral", "a name"),
    ],
)
def test_routes_that_no_rule_can_read_are_refused_and_found_in_a_program(folder, tmp_path, row, words):
    text = "dose_form_concept_id,dose_form_concept_name,route_concept_id,route_name\n,Oral Tablet,4132161,Oral\n" + row
    (file := tmp_path / "routes.csv").write_text(text + "\n")
    with pytest.raises(BadInput, match=f"line 3: .*{words}"):
        import_table(folder, "dose_form_routes", file)
    (folder / "reference" / "dose_form_routes.csv").write_text(text + "\n")
    (problem,) = protocol.check(folder)
    assert (problem.file, problem.line) == ("reference/dose_form_routes.csv", 3) and words in problem.message
