"""The columnar form in which health-record resources are kept: one row a resource, or one for each of its components.

It holds what the mapping to OMOP needs and nothing that names a person beyond the vault's internal number. Times are
local to the place of care, as the source wrote them, without offset: OMOP dates are local dates.
"""

import pyarrow as pa

EVENT_SCHEMA = pa.schema(
    [
        ("participant", pa.int64()),  # Participant.id in the vault
        ("site", pa.string()),
        (
            "resource_type",
            pa.string(),
        ),  # Encounter, Condition, Procedure, MedicationRequest, Immunization, Observation, Patient (death only), …
        ("resource_id", pa.string()),  # logical id at the source
        ("part", pa.int16()),  # 0 the resource itself, 1… its components
        ("encounter_id", pa.string()),  # logical id of the Encounter it belongs to
        ("status", pa.string()),
        ("category", pa.string()),  # Observation category code; Encounter class code (AMB, EMER, IMP, …)
        ("code_system", pa.string()),  # FHIR system URI of the coding used
        ("code", pa.string()),
        ("start", pa.timestamp("us")),
        ("end", pa.timestamp("us")),
        ("value_number", pa.float64()),
        ("value_system", pa.string()),
        ("value_code", pa.string()),
        ("value_text", pa.string()),  # kept in the vault, never released
        ("unit", pa.string()),  # UCUM code
        ("quantity", pa.float64()),
        ("days_supply", pa.int32()),
        ("refills", pa.int32()),
        ("code_text", pa.string()),  # what the source calls it, in its own words; kept in the vault, never released
        ("value_label", pa.string()),  # what the source calls a coded value; kept in the vault, never released
        ("reference_low", pa.float64()),  # the range that the source gives beside a result, in the unit of the value
        ("reference_high", pa.float64()),
        ("reference_text", pa.string()),  # the same in the source's words, where it is no pair of numbers
        ("interpretation", pa.string()),  # what the source says of a result: H, L, N, A, … (HL7 v3 codes)
        ("body_site_system", pa.string()),  # where on the body: a condition, a procedure, a specimen, a vaccine
        ("body_site_code", pa.string()),
        ("route_system", pa.string()),  # how a drug or vaccine is given
        ("route_code", pa.string()),
        ("from_code", pa.string()),  # Encounter: admit source
        ("to_code", pa.string()),  # Encounter: discharge disposition
        ("updated", pa.timestamp("us")),  # UTC; when the source last changed it (meta.lastUpdated), where it says so
        ("submission", pa.int64()),  # Submission.id
        ("position", pa.int32()),  # place of the resource in its submission, from 1
    ]
)
