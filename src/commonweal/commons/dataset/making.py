"""From what a researcher gives to a dataset: a whole definition, or a cohort with concept sets and values."""

from typing import Any

from commonweal.commons.cohort.cohort import Cohort
from commonweal.commons.cohort.definition import parse as parse_cohort
from commonweal.commons.dataset.concept_set import parse as parse_set
from commonweal.commons.dataset.dataset import Dataset
from commonweal.commons.release import Release
from commonweal.errors import BadInput


def make(release: Release, definition: Any, concept_sets: Any = None, values: Any = None) -> Dataset:
    """Raises BadInput, also for a cohort of another release."""
    cohort = definition if isinstance(definition, Cohort) else None
    if cohort is not None and cohort.release is not release:
        raise BadInput(f"dataset: the cohort is one of release {cohort.release.name}; make it of {release.name}")
    if cohort is None and concept_sets is None and values is None:
        return Dataset(release, definition)
    if values is None:
        raise BadInput("dataset: give values: what it should tell of the cohort")
    sets = [parse_set(one) for one in concept_sets or ()]
    own = cohort.definition if cohort is not None else parse_cohort(definition)
    parts = {"version": 1, "cohort": own, "values": list(values)}
    return Dataset(release, parts | ({"concept_sets": [s.as_json() for s in sets]} if sets else {}), cohort)
