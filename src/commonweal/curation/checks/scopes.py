"""Under which grant each row of a release stands: a table that is not named here has none, and stops the release.

A table's rows may need several: what a person told is a survey's, what a site sent is a health record, in whichever
table it stands, and of a wearable each provider has a scope of its own.
"""

from commonweal.curation.checks.footers import Files
from commonweal.curation.extract.surveys import PATIENT_SURVEY, SELF_REPORT
from commonweal.omop.tables import WEARABLES, Table

PARTICIPATE, SURVEYS, EHR, DEVICES = "participate", "surveys", "ehr", "wearables:"
TOLD = (PATIENT_SURVEY, SELF_REPORT)  # type concepts of what the person told
_RECORDS = (
    "visit_occurrence", "visit_detail", "condition_occurrence", "drug_exposure", "procedure_occurrence", "device_exposure",
    "measurement", "observation", "specimen", "death", "observation_period", "condition_era", "drug_era",
)  # fmt: skip
SCOPES = (
    dict.fromkeys(("person", "person_ext", "observation_ext"), PARTICIPATE)
    | dict.fromkeys(("survey_conduct", "survey_conduct_ext"), SURVEYS)
    | dict.fromkeys(_RECORDS, EHR)
    | dict.fromkeys(WEARABLES, DEVICES)
)


def known(scope: str) -> bool:
    """Whether a scope is one that rows stand under. observation_ext has the rows of observation, of which each needs its own; here its people take part at the least."""
    return scope in (PARTICIPATE, SURVEYS, EHR) or scope.startswith(DEVICES)


def part(spec: Table, files: Files) -> str:
    """SQL of the scope of a row `t`; of wearables what the source is called in the release. `files`: those of the table."""
    scope = SCOPES.get(spec.name)
    if scope == DEVICES:
        return "coalesce(t.src_id, '')"
    kind = next((c.name for c in spec.columns if c.name.endswith("_type_concept_id")), None)
    if scope == EHR and kind:
        if (only := files.column(kind).only) is not None:
            return f"'{SURVEYS if only in TOLD else EHR}'"  # a constant is nothing to group by
        return f"CASE WHEN t.{kind} IN {TOLD} THEN '{SURVEYS}' ELSE '{EHR}' END"
    return f"'{scope}'"
