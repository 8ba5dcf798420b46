"""What is done and found at visits: drugs, vital signs, laboratory values, procedures, vaccines."""

from dataclasses import dataclass

import numpy as np

from commonweal.simulate import society
from commonweal.simulate.draws import Draws
from commonweal.simulate.health.illness import Illness
from commonweal.simulate.health.rows import CVX, LOINC, MINUTE, RXNORM, SNOMED, Rows
from commonweal.simulate.health.visits import Visits
from commonweal.simulate.population import FEMALE, MALE, YEAR, People

HYPERTENSION = "59621000"
WEIGHT, BMI, HEIGHT, PSA = "29463-7", "39156-5", "8302-2", "2857-1"
PANELS = {"18262-6": "2093-3", "2085-9": "2093-3", "2571-8": "2093-3", "3094-0": "2160-0"}  # test: the panel's name


@dataclass(frozen=True)
class Chart:
    """What care is given on: the people, their visits and conditions, and the rows that are written."""

    draws: Draws
    people: People
    seen: Visits
    ill: Illness
    rows: Rows


def add_drugs(chart: Chart) -> None:
    """A first prescription at the visit of the diagnosis; long-term drugs are renewed until somebody stops."""
    conditions = society.table("conditions")
    codes = [row["code"] for row in conditions]
    for place, row in enumerate(society.table("drugs")):
        condition = codes.index(row["for"])
        cases = np.flatnonzero(chart.ill.condition == condition)
        visit = chart.ill.visit[cases]
        key = chart.people.index[chart.ill.person[cases]], chart.seen.ordinal[visit]
        wanted = chart.draws.chance(f"takes {place}", float(row["share"]) / 100, *key)
        _prescriptions(chart, place, row, visit[wanted], long=conditions[condition]["class"] != "acute")


def _prescriptions(chart: Chart, place: int, row: dict[str, str], visit: np.ndarray, *, long: bool) -> None:
    draws, people, seen = chart.draws, chart.people, chart.seen
    person = seen.person[visit]
    span = int(row["days"]) * (int(row["refills"]) + 1)
    cycle = max(span, 180)
    last = (seen.end[person] - seen.day[visit]) // cycle * long
    stop = np.floor(draws.exponential(f"stops {place}", people.index[person], seen.ordinal[visit]) * 5).astype(np.int64)
    number = np.clip(np.minimum(last, stop), 0, 12) + 1
    case = np.repeat(np.arange(len(visit)), number)
    turn = np.arange(len(case)) - np.repeat(np.cumsum(number) - number, number)
    person, visit = person[case], visit[case]
    key = people.index[person], seen.ordinal[visit], turn
    days = turn * cycle + np.where(turn > 0, draws.between(f"renewal {place}", -12, 0, *key), 0)
    start = seen.start[visit] + days * 1440 * MINUTE
    chart.rows.add(
        "MedicationRequest",
        person,
        place * 100_000 + seen.ordinal[visit] * 100 + turn,
        visit=np.where(turn == 0, seen.ordinal[visit], -1),
        status="completed",
        code_system=RXNORM,
        code=row["code"],
        start=start,
        end=start + span * 1440 * MINUTE,
        quantity=float(row["days"]),
        days_supply=int(row["days"]),
        refills=int(row["refills"]),
    )


def add_measurements(chart: Chart) -> None:
    """Blood pressure, the other vital signs and laboratory values, as the person's conditions have them."""
    _blood_pressure(chart)
    people, seen = chart.people, chart.seen
    height = _usual(chart, next(row for row in society.table("labs") if row["code"] == HEIGHT))
    for place, row in enumerate(society.table("labs")):
        visit = _measured_at(chart, row)
        person, ordinal = seen.person[visit], seen.ordinal[visit]
        own = {WEIGHT: people.weight * (height / 100) ** 2, BMI: people.weight, HEIGHT: height}
        usual = own.get(row["code"], _usual(chart, row))[person]
        noise = chart.draws.normal("at visit " + row["code"], people.index[person], ordinal)
        value = np.clip(usual + float(row["visit"]) * noise, float(row["low"]), float(row["high"]))
        chart.rows.add(
            "Observation",
            person,
            (place + 2) * 1000 + ordinal,
            visit=ordinal,
            status="final",
            category=row["category"],
            code_system=LOINC,
            code=row["code"],
            start=seen.start[visit] + 10 * MINUTE,
            value_number=np.round(value, int(row["decimals"])),
            unit=row["unit"],
        )


def _measured_at(chart: Chart, row: dict[str, str]) -> np.ndarray:
    """At which visits, as indexes; tests of one panel are taken together."""
    people, seen = chart.people, chart.seen
    chance = _chance(chart, row)
    if row["code"] == PSA:
        older = people.age[seen.person] > 50
        chance = np.where(people.sex[seen.person] == MALE, chance + 0.05 * older, 0.0)
    panel = PANELS.get(row["code"], row["code"])
    return np.flatnonzero(chart.draws.chance("measured " + panel, chance, people.index[seen.person], seen.ordinal))


def _chance(chart: Chart, row: dict[str, str]) -> np.ndarray:
    """By visit: `chance`, or `chance_for` once the condition `for` is known."""
    if not row["for"]:
        return np.full(len(chart.seen.person), float(row["chance"]))
    known = chart.ill.since[:, _place(row["for"])][chart.seen.person] <= chart.seen.day
    return np.where(known, float(row["chance_for"]), float(row["chance"]))


def _place(code: str) -> int:
    return [row["code"] for row in society.table("conditions")].index(code)


def _usual(chart: Chart, row: dict[str, str]) -> np.ndarray:
    """Each person's own usual value, with what their conditions do to it."""
    draws, people = chart.draws, chart.people
    value = float(row["mean"]) + float(row["male"]) * (people.sex == MALE)
    value = value + float(row["decade"]) * (people.age - 50) / 10 + float(row["bmi"]) * (people.weight - 28)
    value = value + float(row["person"]) * draws.normal("usual " + row["code"], people.index)
    for shift in society.table("shifts"):
        if shift["lab"] == row["code"]:
            severity = 0.35 + 0.9 * draws.uniform("severity " + shift["condition"], people.index)
            value = value + float(shift["shift"]) * severity * chart.ill.present[:, _place(shift["condition"])]
    return value


def _blood_pressure(chart: Chart) -> None:
    """A panel without a value and its two components, as FHIR has it."""
    draws, people, seen = chart.draws, chart.people, chart.seen
    visit = np.flatnonzero(draws.chance("pressure taken", 0.72, people.index[seen.person], seen.ordinal))
    person, ordinal = seen.person[visit], seen.ordinal[visit]
    key = people.index[person], ordinal
    usual = 116 + 0.22 * (people.age - 40) + 0.35 * (people.weight - 28) + 3 * (people.sex == MALE)
    usual = usual + 9 * draws.normal("pressure", people.index) + 13 * chart.ill.present[:, _place(HYPERTENSION)]
    systolic = np.clip(np.round(usual[person] + 7 * draws.normal("systolic", *key)), 84, 220)
    diastolic = 48 + 0.25 * systolic - 0.08 * (people.age[person] - 50) + 5 * draws.normal("diastolic", *key)
    diastolic = np.clip(np.round(diastolic), 42, 130)
    count = len(visit)
    value = np.stack([np.full(count, np.nan), systolic, diastolic], axis=1).ravel()
    chart.rows.add(
        "Observation",
        np.repeat(person, 3),
        np.repeat(ordinal, 3),
        part=np.tile([0, 1, 2], count),  # a panel is followed by its components
        visit=np.repeat(ordinal, 3),
        status="final",
        category="vital-signs",
        code_system=LOINC,
        code=np.tile(np.array(["85354-9", "8480-6", "8462-4"], dtype=object), count),
        start=np.repeat(seen.start[visit] + 5 * MINUTE, 3),
        value_number=value,
        unit=np.tile(np.array([None, "mm[Hg]", "mm[Hg]"], dtype=object), count),
    )


def add_procedures(chart: Chart) -> None:
    """Procedures and vaccines, by age, sex and condition."""
    people, seen = chart.people, chart.seen
    age = people.age[seen.person] - (seen.end[seen.person] - seen.day) / YEAR
    for place, row in enumerate(society.table("procedures")):
        chance = _chance(chart, row) * ((age >= float(row["from"])) & (age <= float(row["to"])))
        if row["sex"] == "female":
            chance *= people.sex[seen.person] == FEMALE
        _done(chart, chance, "Procedure", place, SNOMED, row["code"])
    for place, row in enumerate(society.table("vaccines")):
        chance = float(row["chance"]) * ((age >= float(row["from"])) & (age <= float(row["to"])))
        _done(chart, chance, "Immunization", place, CVX, row["code"])


def _done(chart: Chart, chance: np.ndarray, kind: str, place: int, system: str, code: str) -> None:
    seen = chart.seen
    done = chart.draws.chance(f"{kind} {code}", chance, chart.people.index[seen.person], seen.ordinal)
    visit = np.flatnonzero(done)
    start = seen.start[visit] + 20 * MINUTE
    chart.rows.add(
        kind,
        seen.person[visit],
        place * 1000 + seen.ordinal[visit],
        visit=seen.ordinal[visit],
        status="completed",
        code_system=system,
        code=code,
        start=start,
        end=start,
    )
