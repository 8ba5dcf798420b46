"""What a study keeps or takes away is told to the bridge: each use once, with whose rows it held and nothing of who asked."""

import json

import pytest

from commonweal.commons import usage
from commonweal.errors import Refused
from commonweal.workbench.researchers.actions import create_researcher
from commonweal.workbench.studio import building, exporting, releases, saving, using
from commonweal.workbench.studio.asking import Asker
from commonweal.workbench.studio.models import ExportedCount, SavedCohort

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("release_folder")]
ASTHMA, DIABETES = (
    {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [c]}]}]} for c in (317009, 201826)
)
DATASET = {"version": 1, "cohort": ASTHMA, "values": [{"type": "person", "column": "sex_at_birth"}]}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The usage folder of this test, beside the session's releases."""
    monkeypatch.setattr(type(releases.home()), "usage", tmp_path / "usage")
    return tmp_path / "usage"


@pytest.fixture
def release():
    return releases.commons.open("2026Q4R1", home=releases.home())


def uses(folder):
    return [usage.read(path) for path in sorted(folder.glob("*/*.json"))]


def test_a_saved_cohort_is_told_with_its_people_once(folder, release, researcher):
    cohort = release.cohort(ASTHMA)
    saving.save_cohort(researcher, "asthma", cohort)
    saving.save_cohort(researcher, "asthma", cohort)
    saving.save_cohort(researcher, "asthma by another name", release.cohort(ASTHMA))
    (use,) = uses(folder)
    assert (use.kind, use.release, use.tier) == ("cohort", "2026Q4R1", "registered")
    assert use.persons.tolist() == sorted(cohort.persons()["person_id"].to_pylist())


def test_each_way_to_keep_or_to_take_away_is_told(folder, release, researcher, tmp_path):
    saving.save_cohort(researcher, "asthma", release.cohort(ASTHMA))
    exporting.export_count(researcher, release.cohort(ASTHMA))
    building.build(Asker(researcher), release.dataset(DATASET), tmp_path / "out")
    found = uses(folder)
    assert sorted(use.kind for use in found) == ["cohort", "dataset", "export"]
    assert len({use.study for use in found}) == 1
    assert len({tuple(use.persons) for use in found}) == 1


def test_looking_is_no_use(folder, release, researcher):
    asker = Asker(researcher)
    asker.count(release.cohort(ASTHMA))
    asker.explain(release.cohort(DIABETES))
    assert not folder.exists()


def test_a_refused_export_is_no_use(folder, release, researcher):
    few = {"version": 1, "include": [*ASTHMA["include"], {"any": [{"type": "condition", "concepts": [312327]}]}]}
    with pytest.raises(Refused):
        exporting.export_count(researcher, release.cohort(few))
    assert not uses(folder)


def test_two_researchers_are_two_studies_and_neither_is_named(folder, release, researcher):
    other = create_researcher("bob@example.org", "a long pass phrase", "Bob Stone", "Example University")
    for who in (researcher, other):
        saving.save_cohort(who, "asthma", release.cohort(ASTHMA))
    first, second = uses(folder)
    assert first.study != second.study
    paths = list(folder.glob("*/*.json"))
    assert len({path.name for path in paths}) == 2
    for path in paths:
        told = json.loads(path.read_bytes())
        assert set(told) == {"format", "version", "study", "kind", "release", "tier", "day", "persons"}
        assert not {"ada", "byron", "bob", "stone", "example"} & set(path.read_text().lower().replace('"', " ").split())


def test_a_study_keeps_its_number_and_another_key_gives_another(folder, monkeypatch, tmp_path):
    first = using.study_of("researcher:1")
    assert using.study_of("researcher:1") == first != using.study_of("researcher:2")
    monkeypatch.setattr(using, "_KEY", "another.key")
    assert using.study_of("researcher:1") != first


def test_what_cannot_be_told_is_not_kept(folder, release, researcher):
    folder.write_text("in the way")
    with pytest.raises(Refused, match="cannot be noted"):
        saving.save_cohort(researcher, "asthma", release.cohort(ASTHMA))
    with pytest.raises(Refused, match="cannot be noted"):
        exporting.export_count(researcher, release.cohort(ASTHMA))
    assert not SavedCohort.objects.exists() and not ExportedCount.objects.exists()
