"""Which OMOP vocabulary a FHIR code system is, and how UCUM units are spelt on either side.

Source: FHIR R4 terminology (known code systems) and the vocabulary ids of the OHDSI standardised vocabularies.
"""

FHIR_SYSTEMS: dict[str, str] = {
    "http://snomed.info/sct": "SNOMED",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD10CM",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD9CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD10",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD10PCS",
    "http://www.ama-assn.org/go/cpt": "CPT4",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "http://www.whocc.no/atc": "ATC",
    "http://unitsofmeasure.org": "UCUM",
    "http://terminology.pmi-ops.org/CodeSystem/ppi": "PPI",
    "http://commonweal.example/CodeSystem/survey": "Commonweal",  # questions of the default program's own
    # the same systems as older records name them, by HL7's object identifiers
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "urn:oid:2.16.840.1.113883.12.292": "CVX",
    "urn:oid:2.16.840.1.113883.6.69": "NDC",
    "urn:oid:2.16.840.1.113883.6.90": "ICD10CM",
    "urn:oid:2.16.840.1.113883.6.103": "ICD9CM",
    "urn:oid:2.16.840.1.113883.6.4": "ICD10PCS",
    "urn:oid:2.16.840.1.113883.6.12": "CPT4",
    "urn:oid:2.16.840.1.113883.6.285": "HCPCS",
}

# UCUM allows several spellings of one unit, OMOP keeps one: what records commonly say -> OMOP concept_code.
UCUM_SPELLINGS: dict[str, str] = {
    "U/L": "[U]/L",
    "{score}": "[score]",
    "meq/L": "10*-3.eq/L",
    "mEq/L": "10*-3.eq/L",
    "mL/min/{1.73_m2}": "mL/min/(173.10*-2.m2)",
    "mL/min/1.73m2": "mL/min/(173.10*-2.m2)",
    "{beats}/min": "/min",
    "{breaths}/min": "/min",
    "degC": "Cel",
    "mmHg": "mm[Hg]",
    "lb": "[lb_us]",
    "[lb_av]": "[lb_us]",
    "in": "[in_i]",
    "years": "a",
    "days": "d",
    "hours": "h",
    "fl": "fL",
    "ml": "mL",
    "10^3/uL": "10*3/uL",
    "10^6/uL": "10*6/uL",
    "k/uL": "10*3/uL",
}

# A resource may carry several codings: the mapping takes the first one in this order.
PREFERRED: tuple[str, ...] = tuple(FHIR_SYSTEMS)
_ORDER = {system: place for place, system in enumerate(PREFERRED)}


def preference(system: str | None) -> int:
    """The place of a code system among those that the mapping knows, lower is better; unknown systems come last."""
    return _ORDER.get(system or "", len(_ORDER))
