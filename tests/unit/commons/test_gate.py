"""Counts of a release opened by its name pass the gate; those of one's own folder do not."""

import pytest

from commonweal import commons
from commonweal.disclosure import Count, Noise
from commonweal.disclosure.outputs import Model
from tests import releases

RARE = {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [312327]}]}]}


@pytest.fixture
def folder(home):
    return releases.publish(home.releases, number=300)


def test_the_gate_stands_before_every_number(home, folder):
    cohort = commons.open("2026Q4R1", home=home).cohort(RARE)
    true = cohort.count(exact=True).persons
    assert 0 < true <= 20
    assert cohort.count().as_dict() | {"seconds": 0} == {
        "persons": None,
        "suppressed": True,
        "rounded_to": None,
        "exact": False,
        "release": "2026Q4R1",
        "tier": "registered",
        "seconds": 0,
    }
    everyone, rare = cohort.attrition()
    assert everyone.count == Count(300, False, 20, False)
    assert rare.count.suppressed
    assert [s["persons"] for s in cohort.explain()["attrition"]] == [300, None]


def test_ones_own_data_are_ones_own(home, folder, tmp_path):
    folder.rename(tmp_path / "mine")
    release = commons.open(tmp_path / "mine", home=home)
    assert not release.gated
    assert release.cohort(RARE).count().persons == len(
        {r["person_id"] for r in releases.people(300)["condition_occurrence"] if r["condition_concept_id"] == 312327}
    )


def test_the_limits_are_those_of_the_program(home, folder):
    import shutil

    from commonweal import protocol

    shutil.rmtree(home.protocol)
    shutil.copytree(protocol.DEFAULT, home.protocol)
    privacy = home.protocol / "privacy.toml"
    written = privacy.read_text().replace("round_to = 20", "round_to = 50").replace("maximum = 15", "maximum = 9")
    privacy.write_text(written.replace("residual_degrees = 10", "residual_degrees = 500"))
    release = commons.open("2026Q4R1", home=home)
    assert release.policy.noise == Noise(9, 25)
    assert "fewer than 500" in release.check_output(Model(people=300, parameters=2, patterns=9)).reason
    cohort = commons.open("2026Q4R1", home=home).cohort(
        {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201826]}]}]}
    )
    assert cohort.count().persons % 50 == 0
    assert cohort.count().rounded_to == 50
