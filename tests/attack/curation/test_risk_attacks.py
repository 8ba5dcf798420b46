"""Each attack that a release is tried with: it works where nothing prevents it, and does not where something does."""

from datetime import date, datetime, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation.risk import measure
from commonweal.curation.risk.attacks import ATTACKS, calendar, clock_change
from commonweal.curation.risk.attacks.base import Scene
from commonweal.curation.risk.attacks.holidays import closed, holidays
from commonweal.curation.risk.people import KEYS

CUTOFF = date(2026, 6, 30)
SHIFTS = (1, 364)
SPRING, AUTUMN = date(2024, 3, 10), date(2024, 11, 3)


class Release:
    """Released tables in an engine: `person` adds one, `rows` fills a table; dates are given true and moved by the shift."""

    def __init__(self, con, shifted=True):
        self.con, self.shifted, self.people, self.shifts = con, shifted, [], {}
        self.rng = Random(7)

    def person(self, year=1960, sex=8532, race=8527, state="PIIState_WI"):
        number = 1_000_001 + len(self.people) * 3
        self.people.append((number, year, sex, race, 38003564, state))
        self.shifts[number] = self.rng.randint(*SHIFTS)
        return number

    def moved(self, person, day):
        return day - timedelta(days=self.shifts[person] if self.shifted else 0)

    def table(self, name, columns, rows):
        self.con.execute(f"CREATE OR REPLACE TABLE rel_{name} ({columns})")
        self.con.register("given", pa.Table.from_pylist(rows))
        self.con.execute(f"INSERT INTO rel_{name} BY NAME FROM given")
        self.con.unregister("given")

    def visits(self, days):
        """`days`: person -> true days of visits."""
        rows = [
            {"person_id": p, "visit_start_date": self.moved(p, d), "visit_concept_id": 9202}
            for p in days
            for d in days[p]
        ]
        self.table("visit_occurrence", "person_id BIGINT, visit_start_date DATE, visit_concept_id INT", rows)

    def scene(self, arrived=None, other=False):
        names = ("person_id", *KEYS)
        self.table("person", "person_id BIGINT", [{"person_id": p[0]} for p in self.people])
        self.con.register("given", pa.Table.from_pylist([dict(zip(names, p, strict=True)) for p in self.people]))
        self.con.execute("CREATE OR REPLACE TABLE risk_people AS FROM given")
        order = arrived or {p: self.rng.random() for p in self.shifts}
        truth = [{"person_id": p, "arrived": order[p], "shift": s} for p, s in self.shifts.items()]
        self.con.register("given", pa.Table.from_pylist(truth))
        self.con.execute("CREATE OR REPLACE TABLE risk_truth AS FROM given")
        tables = {
            n.removeprefix("rel_") for (n,) in self.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        }
        shift_days = SHIFTS if self.shifted else None
        return Scene(self.con, frozenset(tables), KEYS, CUTOFF, shift_days, truth=True, other=other)

    def attack(self, name, **more):
        return ATTACKS[name][1](self.scene(**more))


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def some_days(rng, count, years=5):
    """Days on which clinics are open."""
    first = CUTOFF - timedelta(days=365 * years)
    shut = closed(first, CUTOFF)
    return sorted(rng.sample([first + timedelta(days=n) for n, no in enumerate(shut) if not no], count))


@pytest.mark.parametrize("shifted", [True, False])
def test_a_neighbour_finds_people_by_two_days(con, shifted):
    """Fifty women of one group: their sex, race, age and state find nobody; two visits each find nearly all."""
    release = Release(con, shifted)
    release.visits({release.person(): some_days(release.rng, 4) for _ in range(50)})
    found = release.attack("neighbour")
    assert found.targets == 50 and found.chance == pytest.approx(1 / 50)
    assert found.success > 0.6


def test_a_neighbour_finds_nobody_among_people_who_go_alike(con):
    release = Release(con)
    release.visits({release.person(): [CUTOFF - timedelta(days=100), CUTOFF - timedelta(days=30)] for _ in range(50)})
    assert release.attack("neighbour").success == pytest.approx(1 / 50)
    release.visits({release.person(): [CUTOFF]})
    assert release.attack("neighbour").targets == 0  # one visit is no pair


@pytest.mark.parametrize(("shifted", "success"), [(False, 1.0), (True, (2 * 0.75 + 8 * 0.5) / 10)])
def test_a_voter_roll_finds_who_is_the_only_one_of_a_year(con, shifted, success):
    """Ten women, each of a year of her own: dates that are moved leave two of them, but at both ends."""
    release = Release(con, shifted)
    for year in range(1960, 1970):
        release.person(year)
    assert release.attack("voter_roll").success == pytest.approx(success)


def test_a_voter_roll_finds_nobody_in_a_crowd(con):
    release = Release(con)
    for _ in range(100):
        release.person()
    assert release.attack("voter_roll").success == pytest.approx(1 / 100)


@pytest.mark.parametrize("defended", [True, False])
def test_the_tail_gives_the_shift_where_it_is_not_trimmed(con, defended):
    release = Release(con)
    last = CUTOFF - timedelta(days=SHIFTS[1])
    days = {release.person(): [CUTOFF - timedelta(days=n) for n in range(0, 800, 2)] for _ in range(40)}
    release.visits(days)
    if defended:
        con.execute(f"DELETE FROM rel_visit_occurrence WHERE visit_start_date > DATE '{last}'")
    found = release.attack("tail")
    assert found.targets == 40 and (found.success < 0.1 if defended else found.success == 1)


def test_the_tail_is_not_tried_on_dates_that_are_real(con):
    release = Release(con, shifted=False)
    release.visits({release.person(): [CUTOFF]})
    assert release.attack("tail") is None and release.attack("calendar") is None


@pytest.mark.parametrize(("often", "least", "most"), [(15, 0.001, 0.06), (60, 0.006, 0.2), (300, 0.9, 1.0)])
def test_clinic_days_give_the_shift_of_who_goes_very_often(con, often, least, most):
    """In five years there are some 1,270 open days. Weekends leave 52 shifts; only holidays that stand out leave fewer."""
    release = Release(con)
    release.visits({release.person(): some_days(release.rng, often) for _ in range(30)})
    found = release.attack("calendar")
    assert found.targets == 30 and least <= found.success <= most
    assert release.attack("calendar_frequent") == found  # no more than 30 are there


def test_the_few_who_go_very_often_are_told_apart_from_all(con, monkeypatch):
    monkeypatch.setattr(calendar, "MOST", 20)
    release = Release(con)
    visits = {release.person(): some_days(release.rng, 400) for _ in range(20)}
    release.visits(visits | {release.person(): some_days(release.rng, 2) for _ in range(80)})
    assert release.attack("calendar_frequent").success > 0.9 and 0.1 < release.attack("calendar").success < 0.3


def test_days_of_all_kinds_give_nothing(con):
    release = Release(con)
    days = [CUTOFF - timedelta(days=n) for n in range(1800)]
    release.visits({release.person(): days for _ in range(30)})
    assert release.attack("calendar").success < 0.02


def test_holidays_are_those_of_the_calendar():
    assert holidays(2023) == [
        date(2023, 1, 2), date(2023, 7, 4), date(2023, 12, 25), date(2023, 5, 29), date(2023, 9, 4), date(2023, 11, 23),
    ]  # fmt: skip
    assert (clock_change.forward(2024), clock_change.back(2024)) == (SPRING, AUTUMN)
    monday = date(2024, 1, 8)
    fit = calendar.share([monday], monday, calendar.shut_from(monday, monday, SHIFTS), SHIFTS)
    assert sum(fit.values()) == pytest.approx(1) and 1 in fit and 5 not in fit  # a Tuesday, a Saturday


def minutes(day):
    """Every half hour from 1:00 to 4:00 of a watch whose clock is changed."""
    for half in range(2, 8):
        moment = datetime(day.year, day.month, day.day, half // 2, 30 * (half % 2))
        if not (day == SPRING and moment.hour == 2):
            yield moment
        if day == AUTUMN and moment.hour == 1:
            yield moment


@pytest.mark.parametrize("defended", [True, False])
def test_the_night_clocks_change_gives_the_shift(con, defended):
    release = Release(con)
    days = [date(2024, 2, 1) + timedelta(days=n) for n in range(300)]
    rows = []
    for person in [release.person() for _ in range(25)]:
        for moment in (m for day in days for m in minutes(day)):
            if not (defended and moment.weekday() == 6 and moment.hour in (1, 2)):
                rows.append({"person_id": person, "datetime": moment - timedelta(days=release.shifts[person])})
    release.table("heart_rate_minute_level", "person_id BIGINT, datetime TIMESTAMP", rows)
    found = release.attack("clock_change")
    assert found.targets == 25 and found.success == (0 if defended else 1)


def test_a_gap_that_fits_no_night_gives_nothing():
    assert clock_change.guess([date(2024, 1, 5)], [], SHIFTS) == (SPRING - date(2024, 1, 5)).days
    assert clock_change.guess([date(2024, 1, 5)], [date(2024, 1, 6)], SHIFTS) is None
    assert clock_change.guess([], [], SHIFTS) is None
    assert clock_change.guess([date(2024, 1, n) for n in (1, 2, 3, 4)], [], SHIFTS) is None


@pytest.mark.parametrize("defended", [True, False])
def test_the_order_of_rows_gives_people_away_where_ids_are_not_drawn(con, defended):
    release = Release(con)
    people = [release.person() for _ in range(100)]
    arrived = {p: (release.rng.random() if defended else p) for p in people}
    found = release.attack("row_order", arrived=arrived)
    assert found.success < 0.1 if defended else found.success == 1


@pytest.mark.parametrize("coarse", [True, False])
def test_a_holder_of_both_tiers_finds_people_by_their_values(con, coarse):
    """Values with decimals find everybody; values that many share, nobody in particular."""
    release = Release(con)
    people = [release.person() for _ in range(60)]
    values = {
        p: [
            release.rng.choice([1.0, 2.0]) if coarse else round(release.rng.gauss(100, 30), 1)
            for _ in range(1 if coarse else 5)
        ]
        for p in people
    }
    rows = [
        {"person_id": p, "measurement_concept_id": n, "value_as_number": v}
        for p in people
        for n, v in enumerate(values[p])
    ]
    columns = "person_id BIGINT, measurement_concept_id INT, value_as_number DOUBLE"
    release.table("measurement", columns, rows)
    con.execute(
        "CREATE TABLE other_measurement AS SELECT person_id + 5000000 AS person_id, * EXCLUDE (person_id) FROM rel_measurement"
    )
    con.execute("CREATE TABLE other_person AS SELECT DISTINCT person_id FROM other_measurement")
    con.execute(
        "CREATE TABLE risk_pairs AS SELECT DISTINCT person_id, person_id + 5000000 AS other_id FROM rel_measurement"
    )
    found = release.attack("second_tier", other=True)
    assert found.targets == 60 and found.chance == pytest.approx(1 / 60)
    assert found.success == pytest.approx(2 / 60) if coarse else found.success > 0.98


def test_the_whole_measure_tells_nothing_of_one_person(con):
    """Through the door that a build calls: figures by name, no date, no id, no shift."""
    release = Release(con)
    people = [release.person(1950 + n) for n in range(20)]
    release.visits({p: some_days(release.rng, 20) for p in people})
    release.scene()
    columns = "p.person_id, year_of_birth, race AS race_concept_id, ethnicity AS ethnicity_concept_id"
    con.execute(f"CREATE TABLE persons AS SELECT {columns} FROM risk_people p")
    con.execute("CREATE TABLE beside AS SELECT person_id, sex_at_birth AS sex_at_birth_concept_id,"
                " state_of_residence AS state_of_residence_source_value FROM risk_people")  # fmt: skip
    con.execute(
        "ALTER TABLE rel_visit_occurrence RENAME TO visits; DROP TABLE rel_person; DROP TABLE risk_people; DROP TABLE risk_truth"
    )
    for view, table in (("person", "persons"), ("person_ext", "beside"), ("visit_occurrence", "visits")):
        con.execute(f"CREATE VIEW rel_{view} AS FROM {table}")
    truth = pa.table({"participant": range(20), "research_id": people, "shift": [release.shifts[p] for p in people]})
    found = measure(con, "registered", cutoff=CUTOFF, truth=truth)
    assert [one["id"] for one in found["attacks"]] == [
        "neighbour",
        "voter_roll",
        "tail",
        "calendar",
        "calendar_frequent",
        "row_order",
    ]
    assert found["population"] is None and found["people"] == found["people_alone"] == 20
    told = repr(found)
    assert not any(str(p) in told for p in people) and "datetime" not in told
