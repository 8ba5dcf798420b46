"""Consent states and the ladders of status as tables: each row is checked, and the documentation is made of the same rows.

`COMMONWEAL_WRITE_DOCS=1 tests/run portal tests/spec/vault` writes docs/rules anew.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commonweal.vault.consent.rules import GrantFact, grants
from commonweal.vault.journey.status import climb
from commonweal.vault.journey.status.ladders import LADDERS

DOCS = Path(__file__).resolve().parents[3] / "docs" / "rules"
START = datetime(2024, 1, 1, tzinfo=UTC)
ALL = "participate recontact surveys measurements biospecimens ehr"
REST = "participate surveys measurements biospecimens ehr"
# what happened, told in order; scopes in force afterwards; scopes under which something may be collected then
STATES = [
    ("nothing", [], "", ""),
    ("yes to joining and to health records", ["yes"], ALL, ALL),
    ("no", ["no"], "", ""),
    ("not sure", ["not_sure"], "", ""),
    ("later", ["later"], "", ""),
    ("yes, then no", ["yes", "no"], "", ""),
    ("no, then yes", ["no", "yes"], ALL, ALL),
    ("yes, expired", ["expired"], "", ""),
    ("yes, then a deactivation", ["yes", "deactivation"], REST, ""),
    ("yes, then a death", ["yes", "decease"], REST, ""),
    ("yes, then held in prison or jail", ["yes", "held"], ALL, "participate recontact surveys ehr"),
    ("yes, held, then free again", ["yes", "held", "free"], ALL, ALL),
    ("yes, then a withdrawal", ["yes", "withdrawal"], "", ""),
    ("yes, a withdrawal, then yes again", ["yes", "withdrawal", "yes"], "", ""),
    ("a deactivation, then yes again", ["yes", "deactivation", "yes"], REST, ""),
]


def fact(place, what):
    at = START + timedelta(days=place)
    if what in ("yes", "no", "not_sure", "later", "expired"):
        ends = at + timedelta(hours=1) if what == "expired" else None
        said = "yes" if what == "expired" else what
        return GrantFact("answer", at, at, at, said, frozenset(ALL.split()), ends, place)
    if what in ("held", "free"):
        return GrantFact("custody", at, at, at, sequence=place, held=what == "held")
    return GrantFact(what, at, at, at, sequence=place)


@pytest.mark.parametrize(("name", "story", "in_force", "collected"), STATES, ids=[row[0] for row in STATES])
def test_consent_states(name, story, in_force, collected):
    facts = [fact(place, what) for place, what in enumerate(story)]
    now = START + timedelta(days=99)
    assert grants(facts, now, now) == set(in_force.split())
    assert grants(facts, now, now, new_data=True) == set(collected.split())


RUNGS = [(version, rung) for version, rungs in LADDERS.items() for rung in rungs]


@pytest.mark.parametrize(("version", "rung"), RUNGS, ids=[f"{version} {rung.level}" for version, rung in RUNGS])
@pytest.mark.parametrize("cohort", [1, 2, 3])
def test_enrolment_status(version, rung, cohort):
    needs = rung.required(False, cohort)
    assert climb(dict.fromkeys(needs, START), START, told_cohort=cohort).standings[version].level == rung.level


def consent_states():
    rows = [f"| {name} | {force or '—'} | {new or '—'} |" for name, _, force, new in STATES]
    intro = "What a participant's facts grant, and what may be collected now. Every row is a test (`tests/spec/vault`)."
    head = "| what happened | scopes in force | scopes under which something may be collected |"
    return "\n".join(["# Consent states", "", intro, "", head, "|---|---|---|", *rows, ""])


def enrolment_status():
    lines = ["# Enrolment status", "", "The ladders, from the bottom up. First times count, so nobody goes down."]
    for version, rungs in LADDERS.items():
        lines += [
            "",
            f"## {version}",
            "",
            "| level | number | needs | adults also | adults of cohort 3 also | children also |",
        ]
        lines += ["|---|---|---|---|---|---|"]
        for rung in rungs:
            parts = (rung.needs, rung.adult, rung.adult_cohort_3, rung.pediatric)
            lines.append(f"| {rung.level} | {rung.number} | {' | '.join(', '.join(p) or '—' for p in parts)} |")
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("name", "made"), [("consent-states.md", consent_states), ("enrolment-status.md", enrolment_status)]
)
def test_the_documentation_is_not_stale(name, made):
    if os.environ.get("COMMONWEAL_WRITE_DOCS"):
        (DOCS / name).write_text(made(), encoding="utf-8")
    assert (DOCS / name).read_text(encoding="utf-8") == made()
