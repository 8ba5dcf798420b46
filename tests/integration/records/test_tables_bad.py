"""What may be wrong with a site's tables: each trouble is told with its line and what to do, and what is good is kept."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal.errors import BadInput
from tests.integration.records.omop_folder import MATCH_HEAD, TABLES, bring, held, report, troubles, write

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_type_concept_id,condition_source_value\n"
C = "condition_occurrence"


def row(key, *, person=7, concept=201826, start="2019-03-01", end="", kind=32817, said="E11"):
    return f"{key},{person},{concept},{start},{end},{kind},{said}\n"


@pytest.fixture
def give(cohort, tmp_path):
    """`give(conditions)`: troubles by (code, column) -> lines, and the rows that are kept, of Ana's condition table."""
    cohort.add()

    def give(text, **more):
        answer = bring(cohort.home, write(tmp_path / "s", **({C: text} | more)))
        told = {(code, column): lines for (code, table, column), lines in troubles(answer).items() if table == C}
        return told, {r["condition_occurrence_id"]: r for r in held(cohort.home, C)}

    return give


def without_concepts(told):
    return {key: lines for key, lines in told.items() if not key[0].startswith("concept_")}


def test_cells_quotes_and_letters_are_told_by_line(give):
    text = (
        HEAD + row(1) + "2,7,201826\n" + row(3, said='"a, b"') + row(4, said="a, b") + row(5, said='"two\nlines"')
        + row(6, said='"never closed') + row(7, said='"half"closed') + "\n" + row(8, said='5" pipe')
    ).encode() + row(9, said="M\xfcller").encode("latin-1") + row(10, said="Müller").encode()  # fmt: skip
    told, kept = give(text)
    assert without_concepts(told) == {
        ("too_few_cells", ""): [3], ("too_many_cells", ""): [5], ("quote_not_closed", ""): [8], ("bad_quoting", ""): [9],
        ("empty_line", ""): [10], ("line_not_utf8", ""): [12],
    }  # fmt: skip
    assert sorted(kept) == [1, 3, 5, 8, 9, 10]
    assert kept[3]["condition_source_value"] == "a, b" and kept[5]["condition_source_value"] == "two\nlines"
    assert kept[9]["condition_source_value"] == kept[10]["condition_source_value"] == "Müller"


def test_values_that_are_none_are_told_by_line(give):
    text = (
        HEAD
        + row(1)
        + row("x2")
        + row(3, start="soon")
        + row(4, start="")
        + row("")
        + row(6, end="later")
        + row(7, person=70)
    )
    told, kept = give(text)
    assert without_concepts(told) == {
        ("not_a_number", "condition_occurrence_id"): [3], ("not_a_date", "condition_start_date"): [4],
        ("empty", "condition_start_date"): [5], ("empty", "condition_occurrence_id"): [6],
        ("value_not_a_date", "condition_end_date"): [7], ("person_not_known", "person_id"): [8],
    }  # fmt: skip
    assert sorted(kept) == [1, 6] and kept[6]["condition_end_date"] is None


def test_days_are_read_in_three_forms_and_must_be_possible(give):
    text = HEAD + row(1, start="20190301") + row(2, start="03/01/2019", end="03/09/2019") + row(3, end="2019-02-01")
    text += (
        row(4, start="2999-01-01")
        + row(5, start="1719-01-01")
        + row(6, start="31/01/2019")
        + row("7.0", concept="201826.0")
    )
    told, kept = give(text)
    assert without_concepts(told) == {
        ("ends_before_start", "condition_end_date"): [4], ("in_the_future", "condition_start_date"): [5],
        ("too_long_ago", "condition_start_date"): [6], ("not_a_date", "condition_start_date"): [7],
    }  # fmt: skip
    assert {str(r["condition_start_date"]) for r in kept.values()} == {"2019-03-01"} and sorted(kept) == [1, 2, 3, 7]
    assert str(kept[2]["condition_end_date"]) == "2019-03-09" and kept[3]["condition_end_date"] is None


def test_a_row_is_kept_once_and_a_key_is_one_rows(give):
    told, kept = give(HEAD + row(1) + row(2), **{f"{C}_2.csv": HEAD + row(1) + row(2, said="other") + row(3)})
    assert without_concepts(told) == {
        ("row_twice", "condition_occurrence_id"): [2],
        ("key_twice", "condition_occurrence_id"): [3],
    }
    assert sorted(kept) == [1, 2, 3] and kept[2]["condition_source_value"] == "E11"


def test_columns_in_any_order_with_others_among_them(give):
    shuffled = "condition_source_value;ward;condition_type_concept_id;condition_start_date;PERSON_ID;Condition_Concept_Id;condition_occurrence_id\n"
    told, kept = give(shuffled + "E11;B2;32817;2019-03-01;7;201826;1\n")
    assert ("column_not_known", "ward") in told and ("delimiter", "") in told
    assert kept[1]["condition_source_value"] == "E11" and kept[1]["person_id"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD.replace("person_id,", "") + "1,201826,2019-03-01,,32817,E11\n", "key_column_missing"),
        (row(1) + row(2), "no_header"),
        ("", "empty_file"),
        (b"\x00\x01PAR1", "no_header"),
    ],
)
def test_a_file_that_cannot_be_used_does_not_keep_the_others_out(give, cohort, text, code):
    told, kept = give(text)
    assert code in {code for code, _ in told} and not kept
    assert held(cohort.home, "visit_occurrence")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_read(give, encoding):
    told, kept = give((HEAD + row(1, said="Müller")).encode(encoding).replace(b"\n", b"\n"))
    assert kept[1]["condition_source_value"] == "Müller"
    assert (("encoding", "") in told) == encoding.startswith("utf-16")


@pytest.mark.parametrize("feed", ["\r\n", "\r"])
def test_lines_may_end_otherwise(give, feed):
    told, kept = give((HEAD + row(1) + row(2, start="x") + row(3)).replace("\n", feed))
    assert sorted(kept) == [1, 3] and told[("not_a_date", "condition_start_date")] == [3]


def test_a_packed_file_may_be_cut_off(give, monkeypatch):
    import random

    draw = random.Random(3)
    text = HEAD + "".join(row(n, said=str(draw.random())) for n in range(5000))
    packed = gzip.compress(text.encode())
    told, kept = give(None, **{f"{C}.csv.gz": packed[: len(packed) // 2]})
    assert ("cut_off", "") in told and 1000 < len(kept) < 4000


def test_a_file_made_to_fill_the_disk_is_given_up(give, monkeypatch):
    from commonweal.vault.records.tables import unpacking

    monkeypatch.setattr(unpacking, "_FREE", 1 << 20)
    told, kept = give(None, **{f"{C}.csv.gz": gzip.compress((HEAD + row(1)).encode() + b"\n" * (40 << 20))})
    assert ("unpacks_too_far", "") in told and sorted(kept) == [1]


def test_a_line_without_end_is_given_up(give, monkeypatch):
    from commonweal.vault.records.tables import unpacking

    monkeypatch.setattr(unpacking, "BLOCK", 1 << 16)
    monkeypatch.setattr(unpacking, "LONGEST", 1 << 18)
    told, _ = give((HEAD + row(1)).encode() + b"7" * (1 << 20))
    assert told[("endless_line", "")]


def test_a_person_who_cannot_be_is_nobody(give):
    head = TABLES["person"].splitlines(keepends=True)[0]
    for year, code in ((2999, "birth_in_the_future"), (1719, "born_too_long_ago")):
        told, kept = give(HEAD + row(1), person=f"{head}7,8532,{year},8,27,0,0\n8,8507,1950,1,1,0,0\n")
        assert told[("person_not_usable", "person_id")] == [2] and not kept, code


def test_references_to_nothing_are_left_out(cohort, tmp_path):
    cohort.add()
    visits = TABLES[C].replace(",500\n", ",501\n")  # of another person
    answer = bring(cohort.home, write(tmp_path / "s", **{C: visits}))
    assert troubles(answer)[("reference_not_known", C, "visit_occurrence_id")] == [2]
    assert {r["visit_occurrence_id"] for r in held(cohort.home, C)} == {None}


def test_concepts_are_held_against_the_vocabulary(give):
    told, kept = give(
        HEAD + row(1, concept=0) + row(2, concept=3004410) + row(3, concept=987654321) + row(4, concept="")
    )
    assert {code for code, column in told if column == "condition_concept_id"} == {
        "concept_zero", "concept_other_domain", "concept_not_known", "concept_empty"
    }  # fmt: skip
    assert len(kept) == 4


def test_a_site_can_only_say_no(cohort, tmp_path):
    cohort.add()
    said = {
        "a": ("7,match,match,match,match,missing,missing,missing,yes,\n", 1),
        "b": ("7,no_match,match,missing,match,match,match,match,no,\n", 0),
        "c": ("7,match,match,match,match,match,match,match,yes,no\n", 0),
        "d": ("7,match,no_match,match,missing,missing,missing,match,yes,\n", 0),
    }  # fmt: skip
    for name, (line, kept) in said.items():
        answer = bring(cohort.home, write(tmp_path / name, participant_match=MATCH_HEAD + line))
        assert report(answer)["persons"].get("kept", 0) == kept, name


def test_parquet_is_taken_with_the_types_that_it_has(cohort, tmp_path):
    cohort.add()
    folder = write(tmp_path / "s", **{C: None})
    table = pa.table(
        {
            "condition_occurrence_id": pa.array([1, 2], pa.int32()), "person_id": [7.0, 7.5], "note": ["x", "y"],
            "condition_concept_id": [201826, 201826], "condition_type_concept_id": [32817, None],
            "condition_start_date": pa.array(["2019-03-01", "20190302"]).dictionary_encode(),
        }
    )  # fmt: skip
    pq.write_table(table, folder / f"{C}.parquet")
    told = troubles(bring(cohort.home, folder))
    assert told[("not_a_number", C, "person_id")] == [2]
    assert [r["condition_occurrence_id"] for r in held(cohort.home, C)] == [1]
    (folder / f"{C}.parquet").write_bytes(b"PAR1 and nothing more")
    assert ("not_parquet", C, "") in troubles(bring(cohort.home, folder))


def test_what_is_not_a_submission_is_refused_in_words(cohort, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="path 1 is not a folder of OMOP tables"):
        bring(cohort.home, tmp_path / "empty", format="omop-csv")
    with pytest.raises(BadInput, match="no person of it can be used"):
        bring(cohort.home, write(tmp_path / "s", person="person_id,year_of_birth\n"))


def test_no_value_of_a_row_is_in_the_report(cohort, tmp_path):
    cohort.add()
    secret = HEAD + row("Lopez-secret") + row(2, said='"secret')
    answer = bring(cohort.home, write(tmp_path / "s", **{C: secret, "ana.csv": "x"}))
    text = str(report(answer))
    assert "secret" not in text and "Lopez" not in text and "ana" not in text.replace("quantity", "")
