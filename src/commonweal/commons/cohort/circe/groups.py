"""Groups of criteria that are judged at an event: windows, counts, demographics, groups in groups."""

from typing import Any

from commonweal.commons.cohort.circe import ranges
from commonweal.commons.cohort.circe.concepts import ConceptSets, ids
from commonweal.commons.cohort.circe.events import Criterion, _person_set, variants
from commonweal.commons.cohort.circe.reading import Node

EVERYONE: Criterion = {"type": "cohort", "definition": {"version": 1}}  # holds for everybody
EXACTLY, AT_MOST, AT_LEAST = 0, 1, 2
COUNTED = {"DOMAIN_CONCEPT": "concepts", "START_DATE": "dates", "VISIT_ID": "visits"}


def entry(wrapper: Node, sets: ConceptSets) -> list[Criterion]:
    """The events of one criterion with what must hold at each (its own correlated criteria)."""
    found, node = variants(wrapper, sets)
    if node is None:
        return []
    group = node.node("CorrelatedCriteria")
    node.close()
    if group is not None:
        held = criterion(group, sets)
        if held is not None:  # Circe looks at such an event in its observation period alone
            for one in found:
                one["where"] = [*one.get("where", []), held]
                one["observed"] = {}
    return found


def as_one(found: list[Criterion], **more: Any) -> Criterion:
    """Several kinds of event as one, with what is said of all of them."""
    return {**found[0], **more} if len(found) == 1 else {"type": "any_event", "of": found, **more}


def members(group: Node, sets: ConceptSets) -> tuple[list[Criterion], str, int]:
    """The criteria of a group, and how many must hold: ALL, ANY, AT_LEAST n, AT_MOST n."""
    found = [_correlated(one, sets) for one in group.nodes("CriteriaList")]
    for one in group.nodes("DemographicCriteriaList"):
        found.append(_demographic(one, sets))
    found += [criterion(one, sets) or EVERYONE for one in group.nodes("Groups")]
    kind = group.get("Type", str, "ALL").upper()
    count = group.whole("Count", 0) or 0
    group.close()
    if kind not in ("ALL", "ANY", "AT_LEAST", "AT_MOST"):
        group.account.note(group.at("Type"), "a group", "its Type is none of ALL, ANY, AT_LEAST and AT_MOST")
    if count < 0 or (kind == "AT_LEAST" and count > len(found) > 0):
        group.account.note(group.at("Count"), "a group", "as many criteria as its Count can never hold")
    return found, kind, count


def criterion(group: Node, sets: ConceptSets) -> Criterion | None:
    """A group as one criterion; None where it is empty, as then it says nothing."""
    found, kind, count = members(group, sets)
    if not found:
        return None
    if kind in ("ALL", "ANY"):
        return found[0] if len(found) == 1 else {"type": "group", "of": found, **({} if kind == "ALL" else _some(1))}
    limits = _some(min(count, len(found))) if kind == "AT_LEAST" else {"at_most": max(count, 0)}
    return {"type": "group", "of": found, **limits}


def _some(count: int) -> Criterion:
    return {"at_least": max(count, 0)}


def _correlated(node: Node, sets: ConceptSets) -> Criterion:
    """Events of a criterion in a window around the event at hand, so many times."""
    wrapper = node.node("Criteria")
    found = entry(wrapper, sets) if wrapper else []
    if wrapper is None:
        node.account.note(node.path, "a criterion", "it names no events")
    more = _windows(node)
    if node.flag("RestrictVisit"):
        more["same_visit"] = "index"
    occurrence = node.node("Occurrence")
    times = _times(occurrence) if occurrence else {}
    node.close()
    if not found:
        return EVERYONE
    return as_one([one | more for one in found], **times)


def _times(node: Node) -> Criterion:
    kind, count, distinct = node.whole("Type", AT_LEAST), node.whole("Count", 1), node.flag("IsDistinct")
    column = node.get("CountColumn", str, "DOMAIN_CONCEPT")
    node.close()
    if kind not in (EXACTLY, AT_MOST, AT_LEAST) or count is None or count < 0:
        node.account.note(node.path, "a number of times", "its Type is none of 0, 1 and 2, or its Count is below zero")
        return {}
    if distinct and column.upper() not in COUNTED:
        node.account.note(
            node.at("CountColumn"), "a number of times", "our definitions count dates, concepts or visits"
        )
        return {}
    counted = {"count": COUNTED[column.upper()] if distinct else "events"}
    if count == 0 and kind != AT_LEAST:
        return {"at_most": 0} | (counted if distinct else {})
    if kind == AT_LEAST:
        return ({} if count == 1 else {"at_least": count}) | (counted if count > 1 or distinct else {})
    return {"at_least": count if kind == EXACTLY else 0, "at_most": count} | counted


def _windows(node: Node) -> Criterion:
    anywhere = node.flag("IgnoreObservationPeriod")
    found: list[Criterion] = []
    for key, by_end in (("StartWindow", False), ("EndWindow", True)):
        window = node.node(key)
        if window is not None:
            found += _window(window, by_end, anywhere)
    if not anywhere and not any(_in_period(one) for one in found):
        found.insert(0, {"of": "index", "same_observation_period": True})
    if not found:
        return {}
    return {"within": found[0] if len(found) == 1 else found}


def _in_period(within: Criterion) -> bool:
    return bool(within.get("same_observation_period")) and within.get("this", "start") == "start"


def _window(node: Node, by_end: bool, anywhere: bool) -> list[Criterion]:
    """Where an end is open it is that of the observation period; Circe holds the day itself against it."""
    from_index_end = node.flag("UseIndexEnd")
    by_event_end = node.get("UseEventEnd", bool, by_end)
    low, high = (_edge(node, key, side, anywhere) for key, side in (("Start", -1), ("End", 1)))
    node.close()
    if low is not None and high is not None and low > high:
        node.account.note(node.path, "a window", "it ends before it starts, so no event lies in it")
        return []
    made: Criterion = {"of": "index"}
    made |= {"days": [low, high]} if low is not None or high is not None else {}
    made |= {"this": "end"} if by_event_end else {}
    made |= {"that": "end"} if from_index_end else {}
    if not anywhere and (not by_event_end or high is None):
        made["same_observation_period"] = True
    return [made] if "days" in made or "same_observation_period" in made else []


def _edge(node: Node, key: str, side: int, anywhere: bool) -> int | None:
    """Days after the event at hand (before: negative); None where the window is open on this side."""
    edge = node.node(key)
    if edge is None:
        return None
    days, sign = edge.whole("Days"), edge.whole("Coeff", side)
    if edge.get("TimeUnit", str, "day").lower() not in ("day", ""):
        node.account.note(edge.at("TimeUnit"), "a window", "our definitions count in whole days")
    if edge.get("TimeUnitValue") not in (None, days):
        node.account.note(edge.at("TimeUnitValue"), "a window", "it says something else than Days")
    edge.close()
    if sign not in (-1, 1):
        node.account.note(edge.at("Coeff"), "a window", "it must be -1 (before) or 1 (after)")
        return None
    if days is None and sign != side and not anywhere:
        why = "it starts at the end, or ends at the start, of the observation period, which our definitions do not say"
        node.account.note(edge.path, "a window", why)
    return None if days is None else days * sign


def _demographic(node: Node, sets: ConceptSets) -> Criterion:
    """What somebody is at the event at hand, and when that event was; all of it holds."""
    person: Criterion = {}
    for attribute, key in (("Gender", "gender"), ("Race", "race"), ("Ethnicity", "ethnicity")):
        if node.has(attribute):
            person[key] = ids(node, attribute)
        person |= _person_set(node, f"{attribute}CS", key, sets)
    alternatives: list[list[Criterion]] = [[{"type": "person", **person}]] if person else []
    if range_ := node.node("Age"):
        ages = [{"date": "index", "years": "calendar", **age} for age in ranges.whole(range_)]
        alternatives.append([{"type": "person", "age_at": age} for age in ages])
    for attribute, key in (("OccurrenceStartDate", "start"), ("OccurrenceEndDate", "end")):
        if range_ := node.node(attribute):
            alternatives.append([{"type": "index", key: days} for days in ranges.days(range_)])
    node.ignore("Gender", "Race", "Ethnicity")
    node.close()
    found = [one[0] if len(one) == 1 else {"type": "group", "of": one, "at_least": 1} for one in alternatives if one]
    if not found:
        return EVERYONE
    return found[0] if len(found) == 1 else {"type": "group", "of": found}
