"""A cohort definition evaluated in plain Python over lists of rows: slow, obvious, and written from the contract."""

from datetime import date, timedelta

TABLES = {
    "condition": ("condition_occurrence", "condition", "condition_start_date", "condition_end_date"),
    "drug": ("drug_exposure", "drug", "drug_exposure_start_date", "drug_exposure_end_date"),
    "measurement": ("measurement", "measurement", "measurement_date", None),
    "procedure": ("procedure_occurrence", "procedure", "procedure_date", "procedure_end_date"),
    "observation": ("observation", "observation", "observation_date", None),
    "visit": ("visit_occurrence", "visit", "visit_start_date", "visit_end_date"),
    "device": ("device_exposure", "device", "device_exposure_start_date", "device_exposure_end_date"),
    "survey": ("observation", "observation", "observation_date", None),
    "condition_era": ("condition_era", "condition", "condition_era_start_date", "condition_era_end_date"),
    "death": ("death", "cause", "death_date", None),
}


def index_dates(data, definition):
    """(person, date) of everybody's index events that are kept."""
    found = set()
    for person in data["person"]:
        days = {e["start"] for e in _index_events(data, definition, person)}
        keep = definition["index"].get("keep", "all")
        kept = {min(days)} if days and keep == "first" else {max(days)} if days and keep == "last" else days
        found |= {(person["person_id"], day) for day in kept}
    return found


def members(data, definition):
    return {p["person_id"] for p in data["person"] if _is_member(data, definition, p)}


def _is_member(data, definition, person):
    if definition.get("index") is None:
        return _groups_hold(data, definition, person, None)
    return bool(_index_events(data, definition, person))


def _index_events(data, definition, person):
    """The person's index events for which every group holds."""
    index = definition["index"]
    found = _surviving(data, index["of"], person, None)
    if not _enough(index["of"], found):
        return []
    found = _picked(found, index.get("which", "first"))
    return [e for e in found if _groups_hold(data, definition, person, e)]


def _picked(events, which):
    events = sorted(events, key=lambda e: (e["start"], e["id"]))
    if which == "first":
        return events[:1]
    if which == "last" and events:
        last = max(e["start"] for e in events)
        return [e for e in events if e["start"] == last][:1]
    return events


def _groups_hold(data, definition, person, index):
    included = all(any(_holds(data, c, person, index) for c in g["any"]) for g in definition.get("include", []))
    excluded = any(any(_holds(data, c, person, index) for c in g["any"]) for g in definition.get("exclude", []))
    return included and not excluded


def _holds(data, criterion, person, index):
    if criterion["type"] == "person":
        return _person_holds(data, criterion, person, index)
    if criterion["type"] == "genome":
        return _genome_holds(data, criterion, person["person_id"])
    if criterion["type"] == "cohort":
        return _is_member(data, criterion["definition"], person)
    if criterion["type"] == "index":
        return all(_on(index[key], criterion[key]) for key in ("start", "end") if key in criterion)
    if criterion["type"] == "group":
        held = sum(_holds(data, c, person, index) for c in criterion["of"])
        all_of_them = len(criterion["of"]) if "at_most" not in criterion else 0
        return criterion.get("at_least", all_of_them) <= held <= criterion.get("at_most", len(criterion["of"]))
    return _enough(criterion, _surviving(data, criterion, person, index))


def _on(day, limits):
    return day is not None and _between(day, {k: date.fromisoformat(v) for k, v in limits.items()}, "from", "to")


def _enough(criterion, events):
    counted = {
        "dates": {e["start"] for e in events},
        "events": {e["id"] for e in events},
        "concepts": {e["concept"] for e in events} - {None},
        "visits": {e["visit"] for e in events} - {None},
    }
    times, most = len(counted[criterion.get("count", "dates")]), criterion.get("at_most")
    if most == 0:
        return times == 0
    return times >= criterion.get("at_least", 1) and (most is None or times <= most)


def _surviving(data, criterion, person, index):
    events = _picked(_events(data, criterion, person, index), criterion.get("pick"))
    return [e for e in events if all(_conditions(data, criterion, person, index, e))]


def _conditions(data, criterion, person, index, event):
    """Whether each condition of the criterion holds for the event."""
    kind = criterion["type"]
    if "age" in criterion:
        yield _between(_years(person, event["start"], criterion["age"]), criterion["age"], "min", "max")
    for key in ("start", "end"):
        if key in criterion:
            yield _on(event[key], criterion[key])
    if "length" in criterion:
        yield event["end"] is not None and _between(
            (event["end"] - event["start"]).days, criterion["length"], "min", "max"
        )
    if "value" in criterion:
        yield _value_holds(event["row"], criterion["value"])
    for column in criterion.get("columns", []):
        yield _column_holds(data, event["row"][column["column"]], column)
    if "visit" in criterion:
        visits = {v["visit_occurrence_id"]: v["visit_concept_id"] for v in data["visit_occurrence"]}
        own = event["row"]["visit_concept_id"] if kind == "visit" else visits.get(event["visit"])
        yield own in criterion["visit"]
    if "observed" in criterion:
        before, after = (timedelta(criterion["observed"].get(key, 0)) for key in ("before", "after"))
        yield any(p[0] + before <= event["start"] <= p[1] - after for p in _periods(data, person))
    within = criterion.get("within", [])
    for one in within if isinstance(within, list) else [within]:
        others = [index] if one["of"] == "index" else _others(data, one["of"], person, index)
        yield any(_is_within(data, person, event, other, one) for other in others)
    if "same_visit" in criterion:
        same = criterion["same_visit"]
        others = [index] if same == "index" else _others(data, same, person, index)
        yield event["visit"] in {o["visit"] for o in others} - {None}
    for inner in criterion.get("where", []):
        yield _holds(data, inner, person, event)


def _is_within(data, person, event, other, within):
    this, that = event[within.get("this", "start")], other[within.get("that", "start")]
    if this is None or that is None and "days" in within:
        return False
    if within.get("same_observation_period") and not any(
        first <= this <= last and first <= other["start"] <= last for first, last in _periods(data, person)
    ):
        return False
    low, high = within.get("days", (None, None))
    return _between((this - that).days, {"low": low, "high": high}, "low", "high") if "days" in within else True


def _periods(data, person):
    return [
        (p["observation_period_start_date"], p["observation_period_end_date"])
        for p in data["observation_period"]
        if p["person_id"] == person["person_id"]
    ]


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
        yield {"id": (when.toordinal(),), "start": when, "end": when, "visit": None, "concept": None, "row": row}


def _with_descendants(data, concepts):
    return set(concepts) | {
        a["descendant_concept_id"] for a in data["concept_ancestor"] if a["ancestor_concept_id"] in concepts
    }


def _concepts(data, criterion):
    wanted = set(criterion.get("concepts", []))
    if criterion.get("descendants", True):
        wanted = _with_descendants(data, wanted)
    wanted |= set(criterion.get("alone", []))
    return wanted - _with_descendants(data, criterion.get("excluded", [])) - set(criterion.get("excluded_alone", []))


def _events(data, criterion, person, index):
    """Events have an id of (number, which members of any_event they came through), smallest first."""
    if criterion["type"] == "wearable":
        yield from _worn(data, criterion, person)
        return
    if criterion["type"] == "any_event":
        for place, member in enumerate(criterion["of"]):
            for event in _others(data, member, person, index):
                yield event | {"id": (event["id"][0], place, *event["id"][1:])}
        return
    table, prefix, start, end = TABLES[criterion["type"]]
    wanted = _concepts(data, criterion)
    source = criterion["type"] == "survey" or criterion.get("source", False)
    column = f"{prefix}_source_concept_id" if source else f"{prefix}_concept_id"
    for row in data[table]:
        right = criterion.get("any_concept", False) or row[column] in wanted
        if row["person_id"] == person["person_id"] and right and row[start] is not None:
            yield {
                "id": (row["person_id" if table == "death" else f"{table}_id"],),
                "start": row[start],
                "end": _end(criterion, row, row[start], row.get(end), has_end=end in row),
                "visit": row.get("visit_occurrence_id"),
                "concept": row[column],
                "row": row,
            }


def _end(criterion, row, start, end, has_end):
    if criterion.get("no_end", "unknown") == "unknown":
        return end if has_end else start
    if end is None and criterion["type"] == "drug" and row["days_supply"] is not None:
        return start + timedelta(row["days_supply"])
    return end or start + timedelta(1)


def _column_holds(data, value, column):
    if value is None:
        return False
    if "concepts" not in column:
        return _bounded(value, column)
    wanted = column["concepts"]
    if column.get("descendants"):
        wanted = _with_descendants(data, wanted)
    return (value in wanted) != column.get("except", False)


def _bounded(number, limits):
    return (
        _between(number, limits, "min", "max")
        and ("above" not in limits or number > limits["above"])
        and ("below" not in limits or number < limits["below"])
    )


def _value_holds(row, value):
    number = row["value_as_number"]
    if {"min", "max", "above", "below"} & value.keys() and (number is None or not _bounded(number, value)):
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


def _years(person, day, wanted):
    return day.year - person["year_of_birth"] if wanted.get("years") == "calendar" else _age(person, day)


def _genome_holds(data, criterion, person):
    predicted = {row["person_id"]: row["ancestry_pred_other"] for row in data["ancestry"]}
    if "ancestry" in criterion and predicted.get(person) not in criterion["ancestry"]:
        return False
    if "variant" not in criterion:
        return True
    called = [data["genotypes"][kind].get(criterion["variant"], {}).get(person) for kind in ("wgs", "array")]
    known = [copies for copies in called if copies is not None]
    wanted = criterion.get("genotype", ["0/1", "1/1"])
    return bool(known) and ("0/0", "0/1", "1/1")[known[0]] in wanted


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
        if not _between(_years(person, day, criterion["age_at"]), criterion["age_at"], "min", "max"):
            return False
    of_nobody = ("concept_ancestor", "concept", "genotypes")
    rows = {name: {r["person_id"] for r in data[name]} for name in data if name not in of_nobody}
    rows |= data.get("genotypes", {}).get("people", {})
    if "deceased" in criterion and criterion["deceased"] != (person["person_id"] in rows["death"]):
        return False
    clinical = ("condition_occurrence", "drug_exposure", "procedure_occurrence", "visit_occurrence", "device_exposure")
    kinds = {"ehr": clinical, "surveys": ("survey_conduct",), "measurements": ("measurement",)}
    kinds |= {"wearables": ("activity_summary", "heart_rate_summary", "sleep_daily_summary")}
    kinds |= {"array": ("array",), "wgs": ("wgs",)}
    return all(any(person["person_id"] in rows[t] for t in kinds[kind]) for kind in criterion.get("has", []))
