"""Datasets by hand: small made-up tables, and what a definition says of them in slow and obvious Python."""

import random
from datetime import date, timedelta

CONCEPTS = [1, 2, 3, 10, 11]
BELOW = {1: {1, 10, 11}, 10: {10, 11}}
NAMES = {1: "one", 2: "two", 10: "ten", 60: "sixty", 8507: "MALE"}
DAY0 = date(2010, 1, 1)
TABLES = {  # table: (domain, concept, source concept, start)
    "condition_occurrence": (
        "condition",
        "condition_concept_id",
        "condition_source_concept_id",
        "condition_start_date",
    ),
    "drug_exposure": ("drug", "drug_concept_id", "drug_source_concept_id", "drug_exposure_start_date"),
    "measurement": ("measurement", "measurement_concept_id", "measurement_source_concept_id", "measurement_date"),
    "observation": ("observation", "observation_concept_id", "observation_source_concept_id", "observation_date"),
}
NUMBERS = ("measurement", "observation")


def data(seed):
    """A few people with a few rows in each table; many on the same days, and as far before a day as after it."""
    rng = random.Random(seed)
    people = list(range(1, 6))
    made = {name: _rows(rng, name, people) for name in TABLES}
    made["person"] = [
        {"person_id": p, "year_of_birth": rng.randint(1940, 2005), "gender_concept_id": rng.choice([8507, 8532])}
        | {"race_concept_id": rng.choice([8527, 8516]), "ethnicity_concept_id": 0}
        for p in people
    ]
    made["death"] = [{"person_id": p, "death_date": DAY0 + timedelta(p)} for p in people if rng.random() < 0.4]
    made["concept"] = [{"concept_id": i, "concept_name": n} for i, n in NAMES.items()]
    made["concept"] += [{"concept_id": i, "concept_name": None} for i in CONCEPTS if i not in NAMES]
    made["concept_ancestor"] = [
        {"ancestor_concept_id": a, "descendant_concept_id": d} for a, below in BELOW.items() for d in below
    ]
    made["activity_summary"] = [
        {
            "person_id": rng.choice(people),
            "date": DAY0 + timedelta(rng.randint(0, 60)),
            "steps": rng.choice([None, 3, 9]),
        }
        for _ in range(rng.randint(0, 25))
    ]
    return made


def _rows(rng, name, people):
    _, concept, source, start = TABLES[name]
    rows = []
    for number in range(rng.choice([0, 30, 90])):
        row = {"person_id": rng.choice([*people, 99]), f"{name}_id": 1000 - number}  # 99 is nobody
        row |= {concept: rng.choice(CONCEPTS), source: rng.choice(CONCEPTS)}
        row[start] = DAY0 + timedelta(rng.randint(0, 12) * rng.choice([1, 1, 5]))
        if name in NUMBERS:
            row |= {"value_as_number": rng.choice([None, 0.5, 1.5, 8.0]), "unit_concept_id": rng.choice([None, 50, 51])}
            row |= {"value_as_concept_id": rng.choice([None, 60, 61])}
        rows.append(row)
    return rows


def ids(chosen):
    """The concepts of a set."""
    kept = {False: set(), True: set()}
    for item in chosen["items"]:
        found = {item["concept"]} | (BELOW.get(item["concept"], set()) if item.get("descendants", True) else set())
        kept[item.get("excluded", False)] |= found
    return kept[False] - kept[True]


def _table(chosen):
    if chosen["domain"] == "survey":
        return "observation"
    return next(name for name, (domain, *_) in TABLES.items() if domain == chosen["domain"])


def _events(tables, sets, value):
    """(rows, start column, id column, default column) of a value, of everybody."""
    if value.get("signal"):
        days = {}
        for row in tables["activity_summary"]:
            days.setdefault((row["person_id"], row["date"]), []).append(row["steps"])
        rows = [
            {"person_id": p, "start": d, "event_id": (d - date(1970, 1, 1)).days}
            | {"number": max((s for s in steps if s is not None), default=None)}
            for (p, d), steps in days.items()
        ]
        return rows, "start", "event_id", "number"
    chosen = sets.get(value.get("set"))
    name = _table(chosen) if chosen else value["table"]
    _, concept, source, start = TABLES[name]
    rows = tables[name]
    if chosen:
        by = source if chosen.get("source") or chosen["domain"] == "survey" else concept
        rows = [row for row in rows if row[by] in ids(chosen)]
    default = "value_as_number" if name in NUMBERS else start
    return rows, start, f"{name}_id", "value_as_concept_id" if chosen and chosen["domain"] == "survey" else default


def _holds(row, value, start, index):
    if value.get("days"):
        low, high = value["days"]
        away = (row[start] - index).days
        if (low is not None and away < low) or (high is not None and away > high):
            return False
    wanted = value.get("value") or {}
    number = row.get("number" if value.get("signal") else "value_as_number")
    if "min" in wanted and (number is None or number < wanted["min"]):
        return False
    if "max" in wanted and (number is None or number > wanted["max"]):
        return False
    if "units" in wanted and row["unit_concept_id"] not in wanted["units"]:
        return False
    return "concepts" not in wanted or row["value_as_concept_id"] in wanted["concepts"]


def feature(tables, sets, value, person, index):
    rows, start, id_, default = _events(tables, sets, value)
    rows = [row for row in rows if row["person_id"] == person and _holds(row, value, start, index)]
    statistic = value["statistic"]
    if statistic == "count":
        return len(rows)
    if statistic == "exists":
        return bool(rows)
    if statistic == "days_since":
        days = [row[start] for row in rows]
        return (index - (min if value.get("pick") == "first" else max)(days)).days if days else None
    column = value.get("column") or default
    rows = [row for row in rows if row[column] is not None]
    if not rows:
        return None
    if statistic in ("min", "max"):
        return (min if statistic == "min" else max)(row[column] for row in rows)
    if statistic == "mean":
        return sum(row[column] for row in rows) / len(rows)
    if statistic == "first":
        return min(rows, key=lambda row: (row[start], row[id_]))[column]
    if statistic == "last":
        return min(rows, key=lambda row: (-row[start].toordinal(), row[id_]))[column]
    away = lambda row: (row[start] - index).days  # noqa: E731
    return min(rows, key=lambda row: (abs(away(row)), away(row) > 0, row[id_]))[column]


def of_person(tables, value, person, index):
    (row,) = [row for row in tables["person"] if row["person_id"] == person]
    dead = [d["death_date"] for d in tables["death"] if d["person_id"] == person]
    born = date(row["year_of_birth"], 7, 1)
    if value["column"] == "age":
        day = index if value["at"] == "index" else date.fromisoformat(value["at"])
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if value["column"] == "birth_date":
        return born
    if value["column"] in ("deceased", "death_date"):
        return bool(dead) if value["column"] == "deceased" else min(dead, default=None)
    column = {"sex_at_birth": "gender_concept_id", "race": "race_concept_id"}.get(value["column"], value["column"])
    return row[column]


def rows_of(tables, sets, value, members):
    """Every row for every member (person, index) that it fits, as a list in any order."""
    rows, start, id_, _ = _events(tables, sets, value)
    return [
        {"person_id": person, "index_date": index} | {column: row.get(column) for column in value["columns"]}
        for row in rows
        for person, index in members
        if row["person_id"] == person and (row[start] is not None) and _holds(row, value, start, index)
    ]
