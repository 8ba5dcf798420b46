"""A program whose rules would write what its vocabulary lacks is told so before a build begins."""

import shutil

import pytest

from commonweal import protocol
from commonweal.curation.words_needed import require_words
from commonweal.errors import BadInput
from commonweal.omop import vocabulary
from commonweal.protocol import DEFAULT

UNIT = "3004501,8753,8840,*18.0156"  # glucose in mmol/L becomes mg/dL


@pytest.fixture
def program(home):
    shutil.copytree(DEFAULT, home.protocol, dirs_exist_ok=True)
    return home.protocol


def _refused(home, said):
    with pytest.raises(BadInput, match=said):
        require_words(home, protocol.current(home.protocol))


def _change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_default_program_writes_what_it_knows(home, program):
    require_words(home, protocol.current(program))


def test_a_unit_that_the_vocabulary_lacks(home, program):
    (program / "reference" / "unit_mapping.csv").write_text(
        "measurement_concept_id,unit_concept_id,set_unit_concept_id,transform_value_as_number\n"
        f"{UNIT}\n3020891,9289,586323,(x-32)*(5/9)\n3004501,8840,32706,*1\n".replace(UNIT, "3027114,8753,8840,*38.67")
    )
    _refused(
        home, r"unit_mapping, line 4, set_unit_concept_id: concept 32706 is not in the vocabulary.*vocabulary import"
    )


def test_an_answer_that_the_vocabulary_lacks(home, program):
    _change(
        program / "privacy.toml", "answers = [43529111], becomes = 43528423", "answers = [43529111], becomes = 43528424"
    )
    _refused(home, "generalisation indian_health_service .registered.: concept 43528424 is not")


def test_an_unknown_answer_that_nobody_can_give_needs_nothing(home, program):
    known = {concept for (concept,) in vocabulary.connect(home).execute("SELECT concept_id FROM concept").fetchall()}
    assert not {1384516, 1384595} & known  # of a survey that the default program does not have
    require_words(home, protocol.current(program))


def test_a_unit_of_weights_that_the_vocabulary_lacks(home, program):
    _change(program / "privacy.toml", "heavy_weights = 3\n", "heavy_weights = 3\nunit = 9528\n")
    _refused(home, "registered.records.weights: concept 9528 is not")
