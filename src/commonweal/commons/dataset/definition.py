"""A dataset definition, version 1: a cohort × concept sets × values, checked; errors say where by JSON path."""

from typing import Any, Literal

from pydantic import Field, ValidationError

from commonweal.commons.cohort.criteria import WITH_NUMBERS, Strict
from commonweal.commons.cohort.definition import Definition
from commonweal.commons.cohort.definition import parse as parse_cohort
from commonweal.commons.dataset.concept_set import ConceptSet
from commonweal.commons.dataset.reading import problem, read, shown
from commonweal.commons.dataset.values import OF_INDEX, AnyValue, FeatureValue, PersonValue, RowsValue
from commonweal.disclosure import digest
from commonweal.errors import BadInput

__all__ = ["FEATURES", "DatasetDefinition", "parse", "schema"]

WHAT = "dataset definition"
FEATURES = "features"  # the name of the table with one row a person
KEYS = ("person_id", "index_date")
OURS = "dataset_"  # columns of the work between


class DatasetDefinition(Strict):
    """Persons and features make one table, `features`; each value of type rows makes one of its own name."""

    version: Literal[1]
    cohort: Definition
    concept_sets: list[ConceptSet] = Field([], max_length=1000)
    values: list[AnyValue] = Field(min_length=1, max_length=2000)

    @property
    def sha256(self) -> str:
        """Digest of the definition with its defaults left out, so that spelling them out changes nothing."""
        return digest(self.as_json())

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def wide(self) -> list[PersonValue | FeatureValue]:
        return [v for v in self.values if not isinstance(v, RowsValue)]

    @property
    def rows(self) -> list[RowsValue]:
        return [v for v in self.values if isinstance(v, RowsValue)]

    @property
    def tables(self) -> list[str]:
        """Names of the tables it makes."""
        return [*([FEATURES] if self.wide else []), *(v.name for v in self.rows)]

    def set_of(self, name: str) -> ConceptSet:
        return next(s for s in self.concept_sets if s.name == name)


def parse(value: Any) -> DatasetDefinition:
    """A definition from a dict, JSON text or bytes. Raises BadInput with the JSON path of the first problem."""
    if isinstance(value, DatasetDefinition):
        return value
    raw = read(value, WHAT)
    if raw.get("cohort") is None:
        raise BadInput(f"{WHAT}: $.cohort: is missing; add it")
    cohort = parse_cohort(raw["cohort"])
    try:
        made = DatasetDefinition.model_validate(raw | {"cohort": cohort})
    except ValidationError as error:
        raise BadInput(f"{WHAT}: {problem(error)}") from None
    _check(made)
    return made


def schema() -> dict[str, Any]:
    """The JSON Schema of a dataset definition."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | DatasetDefinition.model_json_schema()


def _check(made: DatasetDefinition) -> None:
    """What one value alone cannot know: names, the sets that there are, and the index event."""
    names = [s.name for s in made.concept_sets]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise _wrong(f"concept_sets[{number}].name", "another set has this name; rename one of the two")
    columns, tables = set(KEYS), {FEATURES}
    for number, value in enumerate(made.values):
        taken, title = (tables if isinstance(value, RowsValue) else columns), value.title.lower()
        if title.startswith(OURS):
            raise _wrong(f"values[{number}].name", f"names that begin with {OURS} are ours; give another name")
        if title in taken:
            raise _wrong(f"values[{number}].name", f"{value.title} is taken; give another name")
        taken.add(title)
        _check_value(made, number, value)


def _check_value(made: DatasetDefinition, number: int, value: PersonValue | FeatureValue | RowsValue) -> None:
    path, has_index = f"values[{number}]", made.cohort.index is not None
    if isinstance(value, PersonValue):
        if value.at == "index" and not has_index:
            raise _wrong(f"{path}.at", "the cohort has no index event; add one, or give a day")
        return
    if value.set is not None and value.set not in [s.name for s in made.concept_sets]:
        known = ", ".join(shown(s.name) for s in made.concept_sets[:10]) or "none"
        raise _wrong(f"{path}.set", f"there is no concept set of that name; there are: {known}")
    if value.days is not None and not has_index:
        raise _wrong(f"{path}.days", "the cohort has no index event to count from; add one, or leave days out")
    if isinstance(value, FeatureValue):
        if value.statistic in OF_INDEX and not has_index:
            raise _wrong(f"{path}.statistic", f"{value.statistic} is told from the index event; the cohort has none")
        domain = made.set_of(value.set).domain if value.set is not None else None
        if value.value is not None and domain is not None and domain not in WITH_NUMBERS:
            raise _wrong(f"{path}.value", f"a {domain} has none; it is for {', '.join(WITH_NUMBERS)}")


def _wrong(path: str, words: str) -> BadInput:
    return BadInput(f"{WHAT}: $.{path}: {words}")
