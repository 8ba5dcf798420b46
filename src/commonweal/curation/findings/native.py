"""Whose answers and row say that they are American Indian or Alaska Native: their place is not told (rules/places.py)."""

from commonweal.curation.findings.base import Finding, Known

_SAID_SO = "contains(coalesce(race_source_value, ''), 'WhatRaceEthnicity_AIAN') OR race_concept_id IN (8657, 38003572)"
_QUESTIONS = "(1585249, 1585250)"  # state, ZIP code


def _rows(known: Known) -> str:
    people = f"SELECT person_id FROM in_person WHERE {_SAID_SO}"
    asked = f"observation_source_concept_id IN {_QUESTIONS} AND person_id IN ({people})"
    return f"SELECT observation_id, true AS p_native FROM in_observation WHERE {asked}"


def _people(known: Known) -> str:
    return f"SELECT person_id, true AS p_native FROM in_person WHERE {_SAID_SO}"


FINDINGS = (
    Finding("native.places", "observation", {"p_native": "BOOLEAN"}, _rows),
    Finding("native.people", "person_ext", {"p_native": "BOOLEAN"}, _people),
)
