"""What the attributes of Circe's criteria are in ours, for each kind of criterion."""

from dataclasses import dataclass

AGES = {"Age": "age", "AgeAtStart": "age"}
GENDER = {"Gender": "gender"}
TEXT = "our definitions compare no free text: what somebody writes never becomes part of a query"
PROVIDER = "our definitions do not look at who provided the care"
COMMON = {
    "DateAdjustment": "our definitions do not move the dates of an event",
    "ProviderSpecialty": PROVIDER,
    "ProviderSpecialtyCS": PROVIDER,
    "AgeAtEnd": "our definitions take the age at the start of an event",
    "StopReason": TEXT,
    "IntervalUnit": "our definitions count in whole days",
}


@dataclass(frozen=True)
class Kind:
    """`concepts`: columns asked for a list of concepts; `sets`: for a concept set; `numbers`, `wholes`: for a number."""

    type: str
    start: str | None = None  # the attribute that is a range of start dates
    end: str | None = None
    source: str | None = None  # the attribute that is a concept set of source concepts
    length: str | None = None
    concepts: tuple[tuple[str, str], ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    wholes: tuple[tuple[str, str], ...] = ()
    first: bool = True
    refused: tuple[tuple[str, str], ...] = ()


def _typed(word: str, column: str) -> tuple[tuple[str, str], ...]:
    return ((f"{word}Type", f"{column}_type_concept_id"),)


def _sets(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{attribute}CS", column) for attribute, column in pairs)


_CONDITION = (*_typed("Condition", "condition"), ("ConditionStatus", "condition_status_concept_id"))
_DRUG = (*_typed("Drug", "drug"), ("RouteConcept", "route_concept_id"))
_MEASURED = (*_typed("Measurement", "measurement"), ("Operator", "operator_concept_id"))
_OBSERVED = (*_typed("Observation", "observation"), ("Qualifier", "qualifier_concept_id"))
_DONE = (*_typed("Procedure", "procedure"), ("Modifier", "modifier_concept_id"))
_VISITED = _typed("Visit", "visit")
_SPECIMEN = (
    *_typed("Specimen", "specimen"),
    ("Unit", "unit_concept_id"),
    ("AnatomicSite", "anatomic_site_concept_id"),
    ("DiseaseStatus", "disease_status_concept_id"),
)
_VALUES = (("ValueAsConcept", "value_as_concept_id"), ("Unit", "unit_concept_id"))

KINDS: dict[str, Kind] = {
    "ConditionOccurrence": Kind(
        "condition",
        start="OccurrenceStartDate",
        end="OccurrenceEndDate",
        source="ConditionSourceConcept",
        concepts=_CONDITION,
        sets=_sets(*_CONDITION),
    ),
    "DrugExposure": Kind(
        "drug",
        start="OccurrenceStartDate",
        source="DrugSourceConcept",
        concepts=_DRUG,
        sets=_sets(*_DRUG),
        numbers=(("Quantity", "quantity"),),
        wholes=(("DaysSupply", "days_supply"), ("Refills", "refills")),
        refused=(
            ("OccurrenceEndDate", "Circe compares it with the start of an exposure; say it as OccurrenceStartDate"),
            ("EffectiveDrugDose", "the column is none of OMOP CDM 5"),
            ("DoseUnit", "the column is none of OMOP CDM 5"),
            ("LotNumber", TEXT),
        ),
    ),
    "ProcedureOccurrence": Kind(
        "procedure",
        start="OccurrenceStartDate",
        source="ProcedureSourceConcept",
        concepts=_DONE,
        sets=_sets(*_DONE),
        wholes=(("Quantity", "quantity"),),
    ),
    "Measurement": Kind(
        "measurement",
        start="OccurrenceStartDate",
        source="MeasurementSourceConcept",
        concepts=(*_MEASURED, *_VALUES),
        sets=_sets(*_MEASURED, *_VALUES),
        numbers=(("ValueAsNumber", "value_as_number"), ("RangeLow", "range_low"), ("RangeHigh", "range_high")),
        refused=(
            ("RangeLowRatio", "our definitions compare a column with a number, not two columns"),
            ("RangeHighRatio", "our definitions compare a column with a number, not two columns"),
            ("Abnormal", "our definitions compare a column with a number, not two columns"),
        ),
    ),
    "Observation": Kind(
        "observation",
        start="OccurrenceStartDate",
        source="ObservationSourceConcept",
        concepts=(*_OBSERVED, *_VALUES),
        sets=_sets(*_OBSERVED, *_VALUES),
        numbers=(("ValueAsNumber", "value_as_number"),),
        refused=(("ValueAsString", TEXT),),
    ),
    "DeviceExposure": Kind(
        "device",
        start="OccurrenceStartDate",
        end="OccurrenceEndDate",
        source="DeviceSourceConcept",
        concepts=_typed("Device", "device"),
        sets=_sets(*_typed("Device", "device")),
        wholes=(("Quantity", "quantity"),),
        refused=(("UniqueDeviceId", TEXT),),
    ),
    "VisitOccurrence": Kind(
        "visit",
        start="OccurrenceStartDate",
        end="OccurrenceEndDate",
        source="VisitSourceConcept",
        length="VisitLength",
        concepts=_VISITED,
        sets=_sets(*_VISITED),
        refused=(("PlaceOfService", PROVIDER), ("PlaceOfServiceLocation", PROVIDER), ("PlaceOfServiceCS", PROVIDER)),
    ),
    "VisitDetail": Kind(
        "visit_detail",
        start="VisitDetailStartDate",
        end="VisitDetailEndDate",
        source="VisitDetailSourceConcept",
        length="VisitDetailLength",
        sets=(("VisitDetailTypeCS", "visit_detail_type_concept_id"),),
        refused=(("PlaceOfServiceCS", PROVIDER), ("PlaceOfServiceLocation", PROVIDER)),
    ),
    "ConditionEra": Kind(
        "condition_era",
        start="EraStartDate",
        end="EraEndDate",
        length="EraLength",
        wholes=(("OccurrenceCount", "condition_occurrence_count"),),
    ),
    "DrugEra": Kind(
        "drug_era",
        start="EraStartDate",
        end="EraEndDate",
        length="EraLength",
        wholes=(("OccurrenceCount", "drug_exposure_count"), ("GapDays", "gap_days")),
    ),
    "Specimen": Kind(
        "specimen",
        start="OccurrenceStartDate",
        concepts=_SPECIMEN,
        sets=_sets(*_SPECIMEN),
        numbers=(("Quantity", "quantity"),),
        refused=(
            ("SourceId", TEXT),
            ("SpecimenSourceConcept", "a specimen has no source concept in OMOP CDM 5.4"),
        ),
    ),
    "Death": Kind(
        "death",
        start="OccurrenceStartDate",
        source="DeathSourceConcept",
        concepts=_typed("Death", "death"),
        sets=_sets(*_typed("Death", "death")),
        first=False,
    ),
    "ObservationPeriod": Kind(
        "observation_period",
        start="PeriodStartDate",
        end="PeriodEndDate",
        length="PeriodLength",
        concepts=(("PeriodType", "period_type_concept_id"),),
        sets=(("PeriodTypeCS", "period_type_concept_id"),),
        refused=(("UserDefinedPeriod", "our definitions do not move the dates of an event"),),
    ),
    "PayerPlanPeriod": Kind(
        "payer_plan_period",
        start="PeriodStartDate",
        end="PeriodEndDate",
        length="PeriodLength",
        sets=(
            ("PayerConcept", "payer_concept_id"),
            ("PlanConcept", "plan_concept_id"),
            ("SponsorConcept", "sponsor_concept_id"),
            ("StopReasonConcept", "stop_reason_concept_id"),
            ("PayerSourceConcept", "payer_source_concept_id"),
            ("PlanSourceConcept", "plan_source_concept_id"),
            ("SponsorSourceConcept", "sponsor_source_concept_id"),
            ("StopReasonSourceConcept", "stop_reason_source_concept_id"),
        ),
        refused=(("UserDefinedPeriod", "our definitions do not move the dates of an event"),),
    ),
}
