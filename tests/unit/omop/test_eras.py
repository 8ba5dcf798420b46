"""Eras against a slow, obvious reference in plain Python, and by hand at the edges."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.omop import eras
from commonweal.omop import tables as cdm

DAY = date(2020, 1, 1)
VOCABULARY = """
CREATE TABLE concept AS SELECT * FROM (VALUES (1, 'Drug', 'Ingredient', 'S'), (2, 'Drug', 'Ingredient', 'S'), (10, 'Drug', 'Clinical Drug', 'S'),
  (11, 'Drug', 'Clinical Drug', 'S'), (3, 'Drug', 'ATC 5th', 'C')) t(concept_id, domain_id, concept_class_id, standard_concept);
CREATE TABLE concept_ancestor AS SELECT * FROM (VALUES (1, 10), (1, 11), (2, 11), (3, 10), (1, 1)) t(ancestor_concept_id, descendant_concept_id)
"""
INGREDIENTS = {10: [1], 11: [1, 2], 1: [1]}


def table(name, rows):
    return pa.Table.from_pylist(rows, cdm.tables()[name].schema)


def condition(person, concept, start, end=None):
    return {"person_id": person, "condition_concept_id": concept, "condition_start_date": DAY + timedelta(start),
            "condition_end_date": None if end is None else DAY + timedelta(end)}  # fmt: skip


def drug(person, concept, start, end=None, supply=None):
    return {"person_id": person, "drug_concept_id": concept, "drug_exposure_start_date": DAY + timedelta(start), "days_supply": supply,
            "drug_exposure_end_date": None if end is None else DAY + timedelta(end)}  # fmt: skip


def rows_of(part):
    return [tuple(row.values()) for row in part.to_pylist()]


def made(name, rows, **options):
    con = duckdb.connect()
    con.execute(VOCABULARY)
    con.register("events", table("condition_occurrence" if name == "condition_era" else "drug_exposure", rows))
    if name == "drug_era":
        eras.load_ingredients(con, "events")
    make = eras.condition_eras if name == "condition_era" else eras.drug_eras
    found = [row for part in make(con, "events", **options) for row in rows_of(part)]
    con.close()
    assert [row[0] for row in found] == list(range(1, len(found) + 1))
    return [(row[1], row[2], (row[3] - DAY).days, (row[4] - DAY).days, *row[5:]) for row in found]


def by_hand(spans, gap):
    """Spans [(first, last, events, days exposed)] joined where no more than `gap` days lie between."""
    joined = []
    for first, last, events, exposed in sorted(spans):
        if joined and first <= joined[-1][1] + gap:
            before = joined[-1]
            joined[-1] = (before[0], max(before[1], last), before[2] + events, before[3] + exposed)
        else:
            joined.append((first, last, events, exposed))
    return joined


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(0, None)], [(0, 1, 1)]),  # without an end, a day
        ([(0, 5), (35, 40)], [(0, 40, 2)]),  # 30 days between: one era
        ([(0, 5), (36, 40)], [(0, 5, 1), (36, 40, 1)]),  # 31: two
        ([(0, 100), (10, 20), (130, None)], [(0, 131, 3)]),  # a short one inside does not end the long one
        ([(5, 2)], [(5, 5, 1)]),  # an end before the start
    ],
)
def test_conditions_by_hand(events, expected):
    found = made("condition_era", [condition(1, 7, *event) for event in events])
    assert found == [(1, 7, *era) for era in expected]


def test_what_has_no_concept_makes_no_era_and_none_ends_after_the_last_day():
    found = made("condition_era", [condition(1, 0, 3), condition(1, 7, 5)], until=DAY + timedelta(5))
    assert found == [(1, 7, 5, 5, 1)]


def test_a_drug_is_known_by_each_of_its_ingredients_and_days_without_it_are_counted():
    found = made("drug_era", [drug(1, 10, 0, 9), drug(1, 11, 5, None, 10), drug(1, 10, 30, 39), drug(1, 99, 0, 5)])
    assert found == [(1, 1, 0, 39, 3, 15), (1, 2, 5, 15, 1, 0)]


spans = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([7, 8]), st.integers(0, 200), st.none() | st.integers(0, 90)),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(spans, st.integers(1, 3))
def test_condition_eras_are_those_of_the_reference(events, together):
    expected = []
    for key in sorted({(person, concept) for person, concept, *_ in events}):
        own = [(s, s + (1 if d is None else d), 1, 0) for p, c, s, d in events if (p, c) == key]
        expected += [(*key, first, last, count) for first, last, count, _ in by_hand(own, 30)]
    rows = [condition(p, c, s, None if d is None else s + d) for p, c, s, d in events]
    assert sorted(made("condition_era", rows, together=together)) == sorted(expected)


drugs = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([1, 10, 11, 99]), st.integers(0, 200), st.integers(0, 60)), max_size=30
)


@settings(max_examples=40, deadline=None)
@given(drugs, st.integers(1, 3))
def test_drug_eras_are_those_of_the_reference(events, together):
    taken = {}
    for person, concept, start, days in events:
        for ingredient in INGREDIENTS.get(concept, []):
            taken.setdefault((person, ingredient), []).append((start, start + days, 1, 0))
    expected = []
    for key, own in taken.items():
        touching = [(first, last, count, last - first) for first, last, count, _ in by_hand(own, 0)]
        expected += [
            (*key, first, last, n, last - first - exposed) for first, last, n, exposed in by_hand(touching, 30)
        ]
    rows = [drug(p, c, s, s + d) for p, c, s, d in events]
    assert sorted(made("drug_era", rows, together=together)) == sorted(expected)


def test_a_period_reaches_from_the_first_event_of_any_table_to_the_last():
    con = duckdb.connect()
    con.register("conditions", table("condition_occurrence", [condition(2, 7, 9), condition(1, 7, 5, 300)]))
    con.register("drugs", table("drug_exposure", [drug(1, 10, 1, 2)]))
    sources = {"condition_occurrence": "conditions", "drug_exposure": "drugs"}
    assert rows_of(eras.observation_periods(con, sources, 32817)) == [
        (1, 1, DAY + timedelta(1), DAY + timedelta(300), 32817),
        (2, 2, DAY + timedelta(9), DAY + timedelta(9), 32817),
    ]
    assert rows_of(eras.observation_periods(con, {}, 32817)) == []


@pytest.mark.parametrize("most", [5, 50])
def test_people_are_taken_by_how_many_events_they_have_wherever_their_ids_lie(most):
    """Ids in two crowds far from each other, and somebody who has more events than are looked at together."""
    ids = [*range(1, 100), *range(10**12, 10**12 + 100), 7 * 10**14]
    rows = [condition(person, 7, 100 * n) for person in ids for n in range(60 if person == 10**12 + 9 else 1)]
    con = duckdb.connect()
    con.register("events", table("condition_occurrence", rows))
    parts = [rows_of(part) for part in eras.condition_eras(con, "events", together=most)]
    assert [row[1] for part in parts for row in part] == [row["person_id"] for row in rows]
    assert [row[0] for part in parts for row in part] == list(range(1, len(rows) + 1))
    assert max(len({row[1] for row in part}) for part in parts) <= most
    assert len(parts) <= 2 * len(rows) / most + 2
