"""Which columns of which OMOP table each type of event reads. Source: OMOP CDM 5.4; 5.3 where it has fewer columns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Domain:
    """`end` is None where an event has one day only: then its end is its start."""

    table: str
    id: str
    concept: str
    source_concept: str
    start: str
    end: str | None = None
    answer: str | None = None  # concept of a value
    vocabulary_domains: tuple[str, ...] = ()


def _plain(kind: str, table: str, *, start: str | None = None, end: str | None = None, **more: str) -> Domain:
    return Domain(
        table,
        f"{table}_id",
        f"{kind}_concept_id",
        f"{kind}_source_concept_id",
        start or f"{kind}_date",
        end,
        **more,
        vocabulary_domains=(kind.capitalize(),),
    )


DOMAINS: dict[str, Domain] = {
    "condition": _plain("condition", "condition_occurrence", start="condition_start_date", end="condition_end_date"),
    "drug": _plain("drug", "drug_exposure", start="drug_exposure_start_date", end="drug_exposure_end_date"),
    "measurement": _plain("measurement", "measurement", answer="value_as_concept_id"),
    "procedure": _plain("procedure", "procedure_occurrence", end="procedure_end_date"),
    "observation": _plain("observation", "observation", answer="value_as_concept_id"),
    "visit": _plain("visit", "visit_occurrence", start="visit_start_date", end="visit_end_date"),
    "device": _plain("device", "device_exposure", start="device_exposure_start_date", end="device_exposure_end_date"),
    # answers: CDM 5.4 keeps their concept in value_as_concept_id; exports with value_source_concept_id are read there
    "survey": Domain(
        "observation",
        "observation_id",
        "observation_source_concept_id",
        "observation_source_concept_id",
        "observation_date",
        answer="value_as_concept_id",
        vocabulary_domains=("Observation",),
    ),
}
