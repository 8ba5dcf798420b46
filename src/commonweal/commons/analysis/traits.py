"""What is known of each person of a study: a number, a yes or no, or one of some categories; one column each.

A trait is given as a word (`age`, `sex`, `race`, `ethnicity`, `deceased`, or data held: `ehr`, `surveys`, `measurements`,
`wearables`, `array`, `wgs`); as a criterion of the cohort definition, an event or the genome (yes: it happened, or holds); or as a dict
{"of": CRITERION, "days": [from, to], "name": …} (yes or no) or {"last": CRITERION, "days": …, "name": …} (the number of
the last measurement). `days` counts from the person's day, both ends included; without it, on or before that day, or
ever where there is no day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis.expr.types as ir

from commonweal.commons.analysis import questions
from commonweal.commons.analysis.units import Study
from commonweal.commons.cohort import words
from commonweal.commons.cohort.compile import compile_definition
from commonweal.commons.cohort.definition import parse
from commonweal.commons.cohort.happenings import enough, events, pick
from commonweal.commons.cohort.people import completed_years, in_range
from commonweal.commons.release import Release
from commonweal.errors import BadInput

Kind = Literal["number", "binary", "category"]
HELD = {
    "ehr": "Health records",
    "surveys": "Surveys",
    "measurements": "Measurements",
    "wearables": "Wearables",
    "array": "Array genotypes",
    "wgs": "Whole genome sequence",
}
WORDS = ("age", "sex", "race", "ethnicity", "deceased", *HELD)
MISSING = "missing"


@dataclass(frozen=True)
class Trait:
    """`values`: person_id and value, at most one row a person; nobody's absence from it means no (binary) or missing."""

    label: str
    kind: Kind
    values: ir.Table


def traits(study: Study, given: Sequence[Any]) -> list[Trait]:
    """Raises BadInput where one cannot be read, where two have one name, or where the release lacks its table."""
    made = [trait(study, one) for one in given]
    labels = [t.label for t in made]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise BadInput(f"trait {twice}: given twice; give one of them a name of its own")
    return made


def available(study: Study) -> list[str]:
    """The words that this release and study can answer."""
    words = []
    for word in WORDS:
        try:
            trait(study, word)
        except BadInput:
            continue
        words.append(word)
    return words


def trait(study: Study, given: Any) -> Trait:
    if isinstance(given, str):
        if given not in WORDS:
            raise BadInput(f"trait {given[:40]}: not known; use {', '.join(WORDS)}, or a criterion")
        return _BY_WORD.get(given, _held)(study, given)
    if isinstance(given, dict) and "type" in given:
        given = {"of": given}
    if not isinstance(given, dict) or len({"of", "last"} & set(given)) != 1:
        raise BadInput('trait: give a word, a criterion, {"of": CRITERION} or {"last": CRITERION}')
    other = set(given) - {"of", "last", "days", "name"}
    if other:
        raise BadInput(f"trait: {sorted(other)[0]} is not known; it takes of or last, days, name")
    return _happened(study, given) if "of" in given else _last(study, given)


def table(study: Study, made: Sequence[Trait]) -> ir.Table:
    """The units with one column for each trait, t0, t1, …, kept by the engine."""
    joined = study.units
    for place, one in enumerate(made):
        values = one.values.select(**{f"p{place}": "person_id", f"t{place}": "value"})
        joined = joined.left_join(values, joined.person_id == values[f"p{place}"]).drop(f"p{place}")
        if one.kind == "binary":
            joined = joined.mutate(**{f"t{place}": joined[f"t{place}"].fill_null(False)})
    return study.keep("traits", joined)


def names(release: Release, ids: set[int]) -> dict[int, str]:
    """What categories are called; two concepts of one name are told apart by their ids."""
    found = {one: release.vocabulary.names(ids).get(one, f"concept {one}") for one in ids}
    said = list(found.values())
    return {one: f"{name} ({one})" if said.count(name) > 1 else name for one, name in found.items()}


def _age(study: Study, word: str) -> Trait:
    if not study.dated:
        raise BadInput("age: needs a day; give at=YYYY-MM-DD, or cohorts with an index event")
    units = study.units
    return Trait("Age (years)", "number", units.select("person_id", value=completed_years(units.birth, units.day)))


def _sex(study: Study, word: str) -> Trait:
    extended = study.release.has("person_ext", "sex_at_birth_concept_id")
    if extended:
        return _concept(study, "person_ext", "sex_at_birth_concept_id", "Sex at birth")
    return _concept(study, "person", "gender_concept_id", "Sex")


def _of_person(study: Study, word: str) -> Trait:
    return _concept(study, "person", f"{word}_concept_id", word.capitalize())


def _concept(study: Study, name: str, column: str, label: str) -> Trait:
    person = study.release.table(name)
    if column not in person.columns:
        raise BadInput(f"{label}: table {name} of release {study.release.name} has no column {column}")
    return Trait(label, "category", person.select("person_id", value=person[column].nullif(0)))


def _deceased(study: Study, word: str) -> Trait:
    if not study.release.has("death"):
        raise BadInput(f"deceased: release {study.release.name} has no death table; leave it out")
    return Trait("Deceased", "binary", _yes(study.release.table("death")))


def _held(study: Study, word: str) -> Trait:
    asked = parse({"version": 1, "include": [{"any": [{"type": "person", "has": [word]}]}]})
    return Trait(HELD[word], "binary", _yes(compile_definition(study.release, asked).members))


def _yes(found: ir.Table) -> ir.Table:
    return found[["person_id"]].distinct().mutate(value=True)


def _of_genome(study: Study, given: dict[str, Any]) -> Trait:
    if "days" in given:
        raise BadInput("trait: a genome has no days; leave them out")
    asked = parse({"version": 1, "include": [{"any": [given["of"]]}]})
    name = given.get("name") or words.by_group(asked, {})["include"][0][0]
    return Trait(str(name), "binary", _yes(compile_definition(study.release, asked).members))


def _happened(study: Study, given: dict[str, Any]) -> Trait:
    if isinstance(given["of"], dict) and given["of"].get("type") == "genome":
        return _of_genome(study, given)
    asked = questions.criterion(study.release, given["of"], "trait")
    found = _inside(study, events(study.release, asked, study.units), given.get("days"))
    return Trait(_name(study, given, asked), "binary", _yes(enough(found, asked, ["person_id"])))


def _last(study: Study, given: dict[str, Any]) -> Trait:
    asked = questions.criterion(study.release, given["last"], "trait")
    kind = getattr(asked, "type", "")
    if kind not in ("measurement", "observation"):
        raise BadInput("trait: last is for a measurement or an observation; other events have no number")
    rows = study.release.table(kind)
    numbers = rows.filter(rows.value_as_number.notnull()).select(event_id=f"{kind}_id", value="value_as_number")
    found = _inside(study, events(study.release, asked, study.units).inner_join(numbers, "event_id"), given.get("days"))
    return Trait(_name(study, given, asked), "number", pick(found, "last")[["person_id", "value"]])


def _inside(study: Study, found: ir.Table, days: Any) -> ir.Table:
    """Events of the study's people, those in the window alone."""
    units = study.units[["person_id", "day"]]
    if days is None and not study.dated:
        return found.semi_join(units, "person_id")
    if not study.dated:
        raise BadInput("trait: days count from a day; give at=YYYY-MM-DD, or cohorts with an index event")
    low, high = _window(days)
    joined = found.join(units, "person_id")
    return joined.filter(in_range(joined.start.cast("date").delta(joined.day, unit="day"), low, high)).drop("day")


def _window(days: Any) -> tuple[int | None, int | None]:
    if days is None:
        return None, 0
    fits = isinstance(days, list | tuple) and len(days) == 2 and all(d is None or type(d) is int for d in days)
    if not fits or (None not in days and days[0] > days[1]) or list(days) == [None, None]:
        raise BadInput("trait: days is [from, to], whole days of which one may be None, the first not the larger")
    return days[0], days[1]


def _name(study: Study, given: dict[str, Any], asked: Any) -> str:
    return str(given.get("name") or questions.label(study.release, asked))


_BY_WORD: dict[str, Callable[[Study, str], Trait]] = {
    "age": _age,
    "sex": _sex,
    "race": _of_person,
    "ethnicity": _of_person,
    "deceased": _deceased,
}
