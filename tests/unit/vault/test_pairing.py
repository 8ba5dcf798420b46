"""Pairing rules of the reference: the lowest level given wins."""

import pytest

from commonweal import protocol
from commonweal.errors import BadInput
from commonweal.vault.people.pairing import Levels, pairing_levels

PROGRAM = protocol.load(protocol.DEFAULT)


def test_a_site_implies_its_organisation_and_awardee():
    whole = Levels("lakeshore-chicago", "lakeshore-university-health", "great-lakes")
    assert pairing_levels(PROGRAM, site="lakeshore-chicago") == whole


def test_the_lowest_level_given_wins():
    whole = Levels("lakeshore-chicago", "lakeshore-university-health", "great-lakes")
    assert (
        pairing_levels(PROGRAM, site="lakeshore-chicago", organisation="gulf-coast-care", awardee="sun-belt") == whole
    )
    assert pairing_levels(PROGRAM, organisation="gulf-coast-care", awardee="great-lakes").awardee == "sun-belt"


def test_an_organisation_implies_its_awardee_and_clears_the_site():
    assert pairing_levels(PROGRAM, organisation="gulf-coast-care") == Levels("", "gulf-coast-care", "sun-belt")


def test_an_awardee_alone_clears_organisation_and_site():
    assert pairing_levels(PROGRAM, awardee="sun-belt") == Levels("", "", "sun-belt")


def test_nothing_given_is_no_pairing():
    assert pairing_levels(PROGRAM) == Levels()


@pytest.mark.parametrize("level", ["site", "organisation", "awardee"])
def test_ids_that_the_program_does_not_have_are_bad_input(level):
    with pytest.raises(BadInput, match=f"no such {level}"):
        pairing_levels(PROGRAM, **{level: "nowhere"})
