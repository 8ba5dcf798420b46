"""Records that people's own clinics gave: a Patient is who holds the file, or nobody, and no file reaches into another."""

import json

import duckdb
import pytest

from commonweal.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)


def patient(given, number="p"):
    name = [{"family": "Lopez", "given": [given]}]
    born = {"birthDate": "1961-08-27", "identifier": [{"value": "0042"}]}
    return {"resourceType": "Patient", "id": number, "name": name} | born


def condition(number, about="p"):
    coding = [{"system": "http://snomed.info/sct", "code": "44054006"}]
    subject = {"reference": f"Patient/{about}"}
    return {"resourceType": "Condition", "id": number, "subject": subject, "code": {"coding": coding}}


@pytest.fixture
def take(cohort, tmp_path):
    """`take({name: resources}, holders)`: one file each, of these people, from a clinic with which nobody is paired."""

    def given(files, holders):
        from commonweal.cli.console import Console
        from commonweal.vault.records.actions import import_files

        paths = [tmp_path / f"{name}.ndjson" for name in files]
        for path, resources in zip(paths, files.values(), strict=True):
            path.write_text("\n".join(map(json.dumps, resources)))
        return import_files(
            paths, site="clinic-1", home=cohort.home, console=Console(json=True), holders=holders, source="clinic"
        )

    return given


def held(cohort):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        view = store.current_events(con, cohort.home)
        return con.execute(f"SELECT participant, resource_id FROM {view} ORDER BY ALL").fetchall()


def test_one_submission_for_many_people_of_one_clinic(cohort, take):
    from commonweal.vault.records.models import Submission

    ana, eva = cohort.add(), cohort.add(given="Eva")
    files = {"1": [patient("Ana", "a"), condition("c1", "a")], "2": [patient("Eva", "e"), condition("c2", "e")]}
    answer = take(files, [ana, eva])
    assert (answer["accepted"], answer["submissions"]) == (2, 1)
    assert held(cohort) == [(ana.pk, "c1"), (eva.pk, "c2")]
    assert Submission.objects.get().site == "clinic-1"
    assert take(files, [ana, eva])["unchanged"] == 2
    changed = files | {"2": [*files["2"], condition("c3", "e")]}
    answer = take(changed, [ana, eva])
    assert (answer["accepted"], answer["unchanged"]) == (1, 2)


def test_a_file_of_somebody_else_is_nobodys(cohort, take):
    ana, eva = cohort.add(), cohort.add(given="Eva")
    answer = take({"1": [patient("Eva"), condition("c1")]}, [ana])
    assert (answer["accepted"], answer["unmatched"]) == (0, 2)
    assert held(cohort) == []
    assert take({"1": [patient("Eva"), condition("c1")]}, [eva])["accepted"] == 1


def test_a_reference_reaches_no_other_persons_file(cohort, take):
    ana, eva = cohort.add(), cohort.add(given="Eva")
    files = {"1": [patient("Ana", "a"), condition("c1", "e")], "2": [patient("Eva", "e"), condition("c2", "a")]}
    answer = take(files, [ana, eva])
    assert (answer["accepted"], answer["rejected"]) == (0, 2)
    several = {
        "1": [patient("Ana", "a")],
        "2": [condition("c1", "a")],
        "3": [patient("Eva", "e"), condition("c2", "a")],
    }
    answer = take(several, [ana, ana, eva])
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert held(cohort) == [(ana.pk, "c1")]


def test_who_does_not_share_gives_nothing_and_each_file_needs_its_holder(cohort, take):
    silent = cohort.add(ehr=False)
    answer = take({"1": [patient("Ana"), condition("c1")]}, [silent])
    assert (answer["accepted"], answer["rejected"]) == (0, 2)
    with pytest.raises(BadInput, match="each file needs"):
        take({"1": [], "2": []}, [silent])
