"""Which columns of which OMOP table each type of event reads. Source: OMOP CDM 5.4; 5.3 where it has fewer columns."""

from dataclasses import dataclass, field

from commonweal.omop.tables import tables


@dataclass(frozen=True)
class Domain:
    """`end` is None where an event has one day only: then its end is its start."""

    table: str
    id: str
    concept: str
    source_concept: str | None
    start: str
    end: str | None = None
    answer: str | None = None  # concept of a value
    vocabulary_domains: tuple[str, ...] = field(default=())

    def column_kind(self, name: str) -> str | None:
        """What can be asked of a column of the row: "concept", "number", or None where nothing can."""
        kinds = {column.name: column.type for column in tables()[self.table].columns}
        if name.endswith("_concept_id"):
            return "concept" if name in kinds else None
        return "number" if kinds.get(name) in ("integer", "float") and not name.endswith("_id") else None


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


def _period(table: str, concept: str, source: str | None = None) -> Domain:
    """A table of stretches of time, from one date to another."""
    return Domain(table, f"{table}_id", concept, source, f"{table}_start_date", f"{table}_end_date")


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
    "condition_era": _period("condition_era", "condition_concept_id"),
    "drug_era": _period("drug_era", "drug_concept_id"),
    "visit_detail": _period("visit_detail", "visit_detail_concept_id", "visit_detail_source_concept_id"),
    "observation_period": _period("observation_period", "period_type_concept_id"),
    "payer_plan_period": _period("payer_plan_period", "payer_concept_id", "payer_source_concept_id"),
    "specimen": Domain("specimen", "specimen_id", "specimen_concept_id", None, "specimen_date"),
    "death": Domain("death", "person_id", "cause_concept_id", "cause_source_concept_id", "death_date"),
}
