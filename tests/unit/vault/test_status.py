"""The enrolment ladder: the pure rule."""

from datetime import UTC, datetime, timedelta

import pytest

from commonweal.vault.journey.status import climb

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = {"primary": 1, "ehr": 2, "TheBasics": 3, "results": 4}


def first(*needs):
    return {need: START + timedelta(days=DAYS[need]) for need in needs}


@pytest.mark.parametrize(
    ("given", "level", "day"),
    [
        ((), "registered", 0),
        (("ehr", "TheBasics"), "registered", 0),  # nothing counts without the primary consent
        (("primary",), "participant", 1),
        (("primary", "ehr"), "participant_plus_ehr", 2),
        (("primary", "TheBasics"), "enrolled_participant", 3),  # health records are not needed
        (("primary", "ehr", "TheBasics"), "enrolled_participant", 3),
        (("primary", "results", "TheBasics"), "enrolled_participant", 3),
        (("primary", "ehr", "TheBasics", "results"), "pmb_eligible", 4),
    ],
)
def test_how_far_one_has_come(given, level, day):
    found = climb(first(*given), START)
    assert (found.level, found.since) == (level, START + timedelta(days=day))


def test_each_rung_tells_what_is_missing():
    missing = {rung.level: rung.missing for rung in climb(first("primary", "ehr"), START).steps}
    assert missing == {
        "participant": (),
        "participant_plus_ehr": (),
        "enrolled_participant": ("TheBasics",),
        "pmb_eligible": ("TheBasics", "results"),
    }
