"""The bulk door: what simulation and other set-based sources put in, and who may not be put in."""

from datetime import timedelta

import duckdb
import pytest

from commonweal.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)


def held(home):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        view = store.current_events(con, home)
        return con.execute(
            f"SELECT participant, resource_type, resource_id, part, code FROM {view} ORDER BY ALL"
        ).fetchall()


def test_a_deposit_is_there_once(cohort, events):
    from commonweal.vault.records import bulk, store

    person = cohort.add()
    rows = events(
        person.pk, [("Condition", "c1", 0, "59621000"), ("Observation", "o1", 0, "1"), ("Observation", "o1", 1, "2")]
    )
    first = bulk.deposit(rows, site="site-a", received_time=cohort.now, home=cohort.home)
    again = bulk.deposit(rows, site="site-a", received_time=cohort.now, home=cohort.home)
    assert (first["accepted"], first["unchanged"]) == (2, 0)
    assert (again["accepted"], again["unchanged"]) == (0, 2)
    assert len(held(cohort.home)) == 3
    assert store.summary(cohort.home, person.pk)["Observation"]["count"] == 1
    assert store.summary(cohort.home, person.pk + 1) == {}


def test_a_changed_resource_replaces_all_its_parts(cohort, events):
    from commonweal.vault.records import bulk

    person = cohort.add()
    before = events(
        person.pk, [("Observation", "o1", 0, "a"), ("Observation", "o1", 1, "b"), ("Condition", "c", 0, "k")]
    )
    after = events(person.pk, [("Observation", "o1", 0, "a"), ("Condition", "c", 0, "k")])
    bulk.deposit(before, site="site-a", received_time=cohort.now, home=cohort.home)
    answer = bulk.deposit(after, site="site-a", received_time=cohort.now, home=cohort.home)
    assert (answer["accepted"], answer["unchanged"]) == (1, 1)
    assert [row[1:] for row in held(cohort.home)] == [("Condition", "c", 0, "k"), ("Observation", "o1", 0, "a")]


def test_only_people_of_the_site_who_share_their_records(cohort, events):
    from commonweal.vault.records import bulk

    elsewhere, silent, refused = cohort.add(site="site-b"), cohort.add(ehr=False), cohort.add()
    cohort.consent(refused, "ehr", "no", at=cohort.now - timedelta(days=1))
    for person in (elsewhere, silent, refused):
        answer = bulk.deposit(
            events(person.pk, [("Condition", "c1", 0, "1")]), site="site-a", received_time=cohort.now, home=cohort.home
        )
        assert answer["accepted"] == 0
        assert answer["unmatched"] == (person == elsewhere)
        assert answer["rejected"] == (person != elsewhere)
    assert held(cohort.home) == []


def test_a_table_of_another_shape_is_refused(cohort, events):
    from commonweal.vault.records import bulk

    rows = events(cohort.add().pk, [("Condition", "c1", 0, "1")])
    with pytest.raises(BadInput, match="surname"):
        bulk.deposit(
            rows.append_column("surname", rows["code"]), site="site-a", received_time=cohort.now, home=cohort.home
        )
    with pytest.raises(BadInput, match="resource_id"):
        bulk.deposit(rows.drop_columns(["resource_id"]), site="site-a", received_time=cohort.now, home=cohort.home)
