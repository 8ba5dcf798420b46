"""A cohort definition evaluated in plain Python over lists of rows: slow, obvious, and written from the contract."""

from datetime import date

TABLES = {
    "condition": ("condition_occurrence", "condition", "condition_start_date", "condition_end_date"),
    "drug": ("drug_exposure", "drug", "drug_exposure_start_date", "drug_exposure_end_date"),
    "measurement": ("measurement", "measurement", "measurement_date", None),
    "procedure": ("procedure_occurrence", "procedure", "procedure_date", "procedure_end_date"),
    "observation": ("observation", "observation", "observation_date", None),
    "visit": ("visit_occurrence", "visit", "visit_start_date", "visit_end_date"),
    "device": ("device_exposure", "device", "device_exposure_start_date", "device_exposure_end_date"),
    "survey": ("observation", "observation", "observation_date", None),
}


def members(data, definition):
    return {p["person_id"] for p in data["person"] if _is_member(data, definition, p)}


def _is_member(data, definition, person):
    index = definition.get("index")
    if index is None:
        return _groups_hold(data, definition, person, None)
    found = _surviving(data, index["of"], person, None)
    if not _enough(index["of"], found):
        return False
    found.sort(key=lambda e: (e["start"], e["id"]))
    if index.get("which", "first") == "first":
        found = found[:1]
    elif index["which"] == "last":
        last = max(e["start"] for e in found)
        found = [e for e in found if e["start"] == last][:1]
    return any(_groups_hold(data, definition, person, e) for e in found)


def _groups_hold(data, definition, person, index):
    included = all(any(_holds(data, c, person, index) for c in g["any"]) for g in definition.get("include", []))
    excluded = any(any(_holds(data, c, person, index) for c in g["any"]) for g in definition.get("exclude", []))
    return included and not excluded


def _holds(data, criterion, person, index):
    if criterion["type"] == "person":
        return _person_holds(data, criterion, person, index)
    if criterion["type"] == "cohort":
        return _is_member(data, criterion["definition"], person)
    return _enough(criterion, _surviving(data, criterion, person, index))


def _enough(criterion, events):
    dates = len({e["start"] for e in events})
    most = criterion.get("at_most")
    if most == 0:
        return dates == 0
    return dates >= criterion.get("at_least", 1) and (most is None or dates <= most)


def _surviving(data, criterion, person, index):
    kind = criterion["type"]
    events = sorted(_events(data, criterion, person), key=lambda e: (e["start"], e["id"]))
    if criterion.get("pick") == "first":
        events = events[:1]
    elif criterion.get("pick") == "last" and events:
        last = max(e["start"] for e in events)
        events = [e for e in events if e["start"] == last][:1]
    if "age" in criterion:
        events = [e for e in events if _between(_age(person, e["start"]), criterion["age"], "min", "max")]
    for key in ("start", "end"):
        if key in criterion:
            days = {k: date.fromisoformat(v) for k, v in criterion[key].items()}
            events = [e for e in events if e[key] is not None and _between(e[key], days, "from", "to")]
    if "value" in criterion:
        events = [e for e in events if _value_holds(e["row"], criterion["value"])]
    if "visit" in criterion:
        visits = {v["visit_occurrence_id"]: v["visit_concept_id"] for v in data["visit_occurrence"]}
        own = (lambda e: e["row"]["visit_concept_id"]) if kind == "visit" else (lambda e: visits.get(e["visit"]))
        events = [e for e in events if own(e) in criterion["visit"]]
    if "within" in criterion:
        of, (low, high) = criterion["within"]["of"], criterion["within"]["days"]
        others = [index] if of == "index" else _others(data, of, person, index)
        events = [e for e in events if any(low <= (e["start"] - o["start"]).days <= high for o in others)]
    if "same_visit" in criterion:
        visits = {o["visit"] for o in _others(data, criterion["same_visit"], person, index)} - {None}
        events = [e for e in events if e["visit"] in visits]
    return events


def _others(data, criterion, person, index):
    found = _surviving(data, criterion, person, index)
    return found if _enough(criterion, found) else []


def _number(signal, rows):
    """The number of a person's day, from all its rows."""
    if signal == "steps":
        return max((r["steps"] for r in rows if r["steps"] is not None), default=None)
    if signal == "activity":
        return max((r["fairly_active_minutes"] or 0) + (r["very_active_minutes"] or 0) for r in rows)
    if signal == "heart_rate":
        known = [
            r["minute_in_zone"]
            for r in rows
            if r["zone_name"] in ("Cardio", "Peak") and r["minute_in_zone"] is not None
        ]
    else:
        known = [r["minute_asleep"] for r in rows if r["minute_asleep"] is not None]
    return sum(known) if known else None


def _worn(data, criterion, person):
    table = {"heart_rate": "heart_rate_summary", "sleep": "sleep_daily_summary"}.get(
        criterion["signal"], "activity_summary"
    )
    day = "sleep_date" if table == "sleep_daily_summary" else "date"
    mine = [row for row in data[table] if row["person_id"] == person["person_id"]]
    for when in {row[day] for row in mine}:
        number = _number(criterion["signal"], [row for row in mine if row[day] == when])
        row = {"value_as_number": number, "unit_concept_id": None, "value_as_concept_id": None}
        yield {"id": when.toordinal(), "start": when, "end": when, "visit": None, "row": row}


def _events(data, criterion, person):
    if criterion["type"] == "wearable":
        yield from _worn(data, criterion, person)
        return
    table, prefix, start, end = TABLES[criterion["type"]]
    wanted = set(criterion["concepts"])
    if criterion.get("descendants", True):
        wanted |= {a["descendant_concept_id"] for a in data["concept_ancestor"] if a["ancestor_concept_id"] in wanted}
    source = criterion["type"] == "survey" or criterion.get("source", False)
    column = f"{prefix}_source_concept_id" if source else f"{prefix}_concept_id"
    for row in data[table]:
        if row["person_id"] == person["person_id"] and row[column] in wanted and row[start] is not None:
            yield {
                "id": row[f"{table}_id"],
                "start": row[start],
                "end": row[end] if end in row else row[start],
                "visit": row["visit_occurrence_id"],
                "row": row,
            }


def _value_holds(row, value):
    number = row["value_as_number"]
    if ("min" in value or "max" in value) and (number is None or not _between(number, value, "min", "max")):
        return False
    if "units" in value and row["unit_concept_id"] not in value["units"]:
        return False
    return "concepts" not in value or row["value_as_concept_id"] in value["concepts"]


def _between(value, limits, low, high):
    return (limits.get(low) is None or value >= limits[low]) and (limits.get(high) is None or value <= limits[high])


def _birth(person):
    if person["month_of_birth"] and person["day_of_birth"]:
        return date(person["year_of_birth"], person["month_of_birth"], person["day_of_birth"])
    if person["birth_datetime"]:
        return person["birth_datetime"].date()
    return date(person["year_of_birth"], 7, 1)


def _age(person, day):
    birth, years = _birth(person), 0
    while (birth.year + years + 1, birth.month, birth.day) <= (day.year, day.month, day.day):
        years += 1
    return years if birth <= day else day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _person_holds(data, criterion, person, index):
    sex = {e["person_id"]: e["sex_at_birth_concept_id"] for e in data["person_ext"]}
    seen = {
        "sex_at_birth": sex.get(person["person_id"]),
        "gender": person["gender_concept_id"],
        "race": person["race_concept_id"],
        "ethnicity": person["ethnicity_concept_id"],
    }
    if any(key in criterion and value not in criterion[key] for key, value in seen.items()):
        return False
    if "age_at" in criterion:
        day = criterion["age_at"]["date"]
        day = index["start"] if day == "index" else date.fromisoformat(day)
        if not _between(_age(person, day), criterion["age_at"], "min", "max"):
            return False
    rows = {name: {r["person_id"] for r in data[name]} for name in data if name not in ("concept_ancestor", "concept")}
    if "deceased" in criterion and criterion["deceased"] != (person["person_id"] in rows["death"]):
        return False
    clinical = ("condition_occurrence", "drug_exposure", "procedure_occurrence", "visit_occurrence", "device_exposure")
    kinds = {"ehr": clinical, "surveys": ("survey_conduct",), "measurements": ("measurement",)}
    kinds["wearables"] = ("activity_summary", "heart_rate_summary", "sleep_daily_summary")
    return all(any(person["person_id"] in rows[t] for t in kinds[kind]) for kind in criterion.get("has", []))
