"""Phecode maps: read from their files, imported with the vocabularies, replaced as a whole."""

import pytest

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.omop import phecodes, vocabulary

CONSOLE = Console(json=True)
FILES = {
    "phecodeX_map.csv": "code,vocabulary_id,phecode\ne11.9,ICD10CM,EM_2.1\n250,ICD9CM,EM_2\n",
    "phecodeX_rollup_map.csv": "code,phecode_unrolled\nEM_2.1,EM_2\nEM_2.1,EM_2.1\n",
    "phecodeX_labels.csv": "phenotype,description,icd10_only,groupnum,group,color\nEM_2,Diabetes,0,1,Endocrine,red\nEM_2.1,Type 2,0,1,Endocrine,red\n",
    "phecodeX_sex.csv": "phecode,male_only,female_only\nEM_2,FALSE,FALSE\nEM_2.1,FALSE,TRUE\n",
}


def written(folder, **changed):
    folder.mkdir()
    for name, text in (FILES | changed).items():
        (folder / name).write_text(text)
    return folder


def test_a_map_is_read_by_the_columns_of_its_files(tmp_path):
    found = phecodes.read(written(tmp_path / "x"), "X")
    assert found.codes.to_pylist() == [
        {"vocabulary_id": "ICD10CM", "code": "E11.9", "phecode": "EM_2.1"},
        {"vocabulary_id": "ICD9CM", "code": "250", "phecode": "EM_2"},
    ]
    pairs = [tuple(row.values()) for row in found.rollup.to_pylist()]
    assert pairs == [("EM_2", "EM_2"), ("EM_2.1", "EM_2"), ("EM_2.1", "EM_2.1")]
    assert found.labels["sex"].to_pylist() == ["both", "female"]


def test_what_is_missing_is_said(tmp_path, home):
    folder = written(tmp_path / "x")
    with pytest.raises(BadInput, match=r"1\.2: the folder holds no file"):
        phecodes.read(folder, "1.2")
    (folder / "phecodeX_sex.csv").unlink()
    with pytest.raises(BadInput, match="sex restrictions is missing"):
        phecodes.read(folder, "X")
    with pytest.raises(BadInput, match="vocabulary import"):
        phecodes.load(home, "X")
    with pytest.raises(BadInput, match=r"there are 1\.2 and X"):
        phecodes.load(home, "2")


def test_import_keeps_one_map_a_version_and_names_it_among_the_sources(tmp_path, home):
    folder = written(tmp_path / "x")
    first = vocabulary.import_dirs([folder], home, CONSOLE)
    rows = phecodes.load(home, "X").rows
    assert (first["accepted"], first["unchanged"]) == (rows, 0)
    before = vocabulary.digest(home)
    again = vocabulary.import_dirs([folder], home, CONSOLE)
    assert (again["accepted"], again["unchanged"], vocabulary.digest(home)) == (0, rows, before)
    newer = written(tmp_path / "y", **{"phecodeX_map.csv": "code,vocabulary_id,phecode\n251,ICD9CM,EM_2\n"})
    vocabulary.import_dirs([newer], home, CONSOLE)
    assert phecodes.load(home, "X").codes["code"].to_pylist() == ["251"]
    vocabulary.import_dirs([folder], home, CONSOLE)
    assert phecodes.load(home, "X").digest == phecodes.read(folder, "X").digest
    assert [s["version"] for s in vocabulary.versions(home)["imported"]] == ["phecode X"] * 3
    with vocabulary.connect(home) as con:
        assert con.execute("SELECT count(*) > 100 FROM concept").fetchall() == [(True,)]
