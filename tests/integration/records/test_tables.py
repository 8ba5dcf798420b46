"""A site's tables in OMOP form: what is kept of whom, what is told by line, and what a second submission does."""

from datetime import date

import pytest

from commonweal.vault.records.tables import people
from tests.integration.records.omop_folder import MATCH_HEAD, TABLES, bring, held, report, troubles, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_rows_of_people_who_match_and_share_are_kept(cohort, tmp_path):
    person = cohort.add()
    answer = bring(cohort.home, write(tmp_path / "s"))
    assert (answer["accepted"], answer["unmatched"], answer["rejected"], answer["unit"]) == (4, 3, 0, "rows")
    rows = held(cohort.home, "condition_occurrence")
    assert [(r["person_id"], r["condition_occurrence_id"], r["visit_occurrence_id"]) for r in rows] == [
        (person.pk, 1, 500), (person.pk, 2, None)
    ]  # fmt: skip
    assert report(answer)["persons"] == {"kept": 1, "unmatched": 1}
    assert report(answer)["state"] == "partial"


def test_the_person_is_told_of_them_beside_what_came_otherwise(cohort, tmp_path, settings):
    from commonweal.vault.journey import held_records
    from commonweal.vault.journey.my_data import health
    from commonweal.vault.journey.status.sources import record_files

    settings.COMMONWEAL_HOME = cohort.home
    person = cohort.add()
    pressure = "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_type_concept_id,"
    pressure += "value_as_number,unit_concept_id,range_high\n9,7,3004249,2019-03-01,32817,128,8876,120\n"
    bring(cohort.home, write(tmp_path / "s", measurement=pressure))
    told = {kind.code: (kind.count, kind.last and kind.last.year) for kind in held_records.records(person)}
    assert told == {"Condition": (2, 2020), "Encounter": (1, 2019), "Observation": (1, 2019)}
    assert held_records.sites(person) == ["site-a"]
    (diagnosis,), (visit,) = health.entries(person, "diagnoses"), health.entries(person, "visits")
    assert (diagnosis.name, diagnosis.count, diagnosis.sites) == ("Type 2 diabetes mellitus", 2, ("site-a",))
    (measure,) = health.measures(person)
    assert (measure.name, measure.unit, measure.latest.number, measure.latest.place) == (
        "Systolic blood pressure",
        "mm Hg",
        128,
        "above",
    )
    assert (visit.name, visit.first) == ("Outpatient Visit", date(2019, 3, 1))
    assert record_files([person.pk]).to_pylist()[0]["participant"] == person.pk


def test_a_record_number_that_a_site_gave_another_person_before_is_not_taken_over(cohort, tmp_path):
    ana = cohort.add()
    cohort.add(given="Eva", mrn="7")
    bring(cohort.home, write(tmp_path / "first"))
    names = "person_id,first_name,last_name\n7,Eva,Lopez\n8,Ana,Lopez\n"
    numbers = "person_id,health_system,MRN\n7,Clinic,7\n8,Clinic,0042\n"
    head, *_ = TABLES["person"].splitlines(keepends=True)
    persons = head + "7,8532,1961,8,27,0,0\n8,8532,1961,8,27,0,0\n"
    answer = bring(cohort.home, write(tmp_path / "second", person=persons, pii_name=names, pii_mrn=numbers))
    assert answer["unmatched"] == 0
    rows = held(cohort.home, "condition_occurrence")
    assert [r["condition_occurrence_id"] for r in rows if r["person_id"] == ana.pk] == [3]


def test_two_persons_who_are_one_participant_are_told(cohort, tmp_path):
    person = cohort.add()
    head, *_ = TABLES["person"].splitlines(keepends=True)
    answer = bring(cohort.home, write(
        tmp_path / "s",
        person=head + "7,8532,1961,8,27,0,0\n8,8532,1961,8,27,0,0\n",
        pii_name="person_id,first_name,last_name\n7,Ana,Lopez\n8,Ana,Lopez\n",
        pii_mrn="person_id,health_system,MRN\n7,C,42\n8,C,42\n",
    ))  # fmt: skip
    assert ("several_persons", "person", "") in troubles(answer)
    assert [r["person_id"] for r in held(cohort.home, "condition_occurrence")] == [person.pk] * 3


@pytest.mark.parametrize("together", [1, 2, 20_000])
def test_everybody_comes_once_however_many_are_matched_together(cohort, tmp_path, monkeypatch, together):
    """Two of one day, one of another, one without a day, one who cannot be, one denied; one row of a person comes again."""
    monkeypatch.setattr(people, "AT_ONCE", together)
    ana, eva, joy = cohort.add(), cohort.add(given="Eva", mrn="43"), cohort.add(given="Joy", mrn="44")
    ben = cohort.add(given="Ben", born=date(1950, 1, 2), mrn="45")
    head = TABLES["person"].splitlines(keepends=True)[0]
    rows = "9,8532,1950,1,2,0,0\n7,8532,1961,8,27,0,0\n8,8532,1961,8,27,0,0\n12,8532,2999,1,1,0,0\n"
    rows += "10,8532,1961,,,0,0\n11,8532,1961,8,27,0,0\n7,8532,1930,1,1,0,0\n"
    names = {7: "Ana", 8: "Eva", 9: "Ben", 10: "Ana", 11: "Joy", 12: "Ana"}
    numbers = {7: 42, 8: 43, 9: 45, 10: 46, 11: 44, 12: 47}
    c = TABLES["condition_occurrence"].splitlines(keepends=True)[0]
    answer = bring(cohort.home, write(
        tmp_path / "s",
        person=head + rows,
        pii_name="person_id,first_name,last_name\n" + "".join(f"{n},{given},Lopez\n" for n, given in names.items()),
        pii_mrn="person_id,health_system,MRN\n" + "".join(f"{n},C,{number}\n" for n, number in numbers.items()),
        participant_match=MATCH_HEAD + "11,match,match,match,match,match,match,match,yes,no\n",
        visit_occurrence=None,
        condition_occurrence=c + "".join(f"{n},{n},201826,2019-03-01,32817,\n" for n in names),
    ))  # fmt: skip
    assert report(answer)["persons"] == {"kept": 3, "person_not_usable": 1, "unmatched": 2}
    whose = {r["condition_occurrence_id"]: r["person_id"] for r in held(cohort.home, "condition_occurrence")}
    assert whose == {7: ana.pk, 8: eva.pk, 9: ben.pk} and joy.pk not in whose.values()


def test_a_folder_that_comes_back_after_another_counts_again(cohort, tmp_path):
    cohort.add()
    nobody_else = {"person": "".join(TABLES["person"].splitlines(keepends=True)[:2])}
    old = write(
        tmp_path / "old",
        **nobody_else,
        condition_occurrence=TABLES["condition_occurrence"].split("3,8")[0],
        visit_occurrence=None,
    )
    new = write(tmp_path / "new", **nobody_else, condition_occurrence=None, visit_occurrence=None)
    for folder, kept in ((old, 2), (new, 0), (old, 2), (old, 2)):
        bring(cohort.home, folder)
        assert len(held(cohort.home, "condition_occurrence")) == kept
