"""Has everyone in it agreed to what is in it: counted anew from the vault's grants, whatever the extract did."""

import pyarrow as pa

from commonweal.curation.checks.base import Check, Subject
from commonweal.omop.mapping import EHR
from commonweal.omop.tables import WEARABLES

_EHR_TABLES = (
    "visit_occurrence",
    "visit_detail",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "device_exposure",
    "measurement",
    "specimen",
    "death",
    "observation_period",
    "condition_era",
    "drug_era",
)


def consent(subject: Subject, grants: pa.Table, test_people: pa.Table) -> list[Check]:
    """`grants`: participant, scope in force at the release's moment; `test_people`: participant. Persons at fault, each 0."""
    con = subject.con
    con.register("xw", subject.crosswalk)
    con.register("grants_then", grants)
    con.register("tests", test_people)
    checks = [
        Check("consent.participate", _without(subject, "participate", "SELECT person_id FROM rel_person")),
        Check("consent.surveys", _without(subject, "surveys", _surveyed())),
        Check("consent.ehr", _without(subject, "ehr", _treated(subject))),
        Check("consent.wearables", _without(subject, "wearables:", _wearing(subject))),
        Check(
            "consent.test_people",
            subject.number(
                "SELECT count(*) FROM rel_person r JOIN xw ON xw.research_id = r.person_id JOIN tests USING (participant)"
            ),
        ),
    ]
    for name in ("xw", "grants_then", "tests"):
        con.unregister(name)
    return checks


def _surveyed() -> str:
    return f"SELECT person_id FROM rel_observation WHERE observation_type_concept_id <> {EHR} UNION SELECT person_id FROM rel_survey_conduct"


def _treated(subject: Subject) -> str:
    parts = [f"SELECT person_id FROM rel_{t}" for t in _EHR_TABLES if t in subject.tables]
    parts.append(f"SELECT person_id FROM rel_observation WHERE observation_type_concept_id = {EHR}")
    return " UNION ".join(parts)


def _wearing(subject: Subject) -> str:
    parts = [f"SELECT DISTINCT person_id FROM rel_{t}" for t in WEARABLES if t in subject.tables]
    return " UNION ".join(parts) or "SELECT person_id FROM rel_person WHERE false"


def _without(subject: Subject, scope: str, people: str) -> int:
    """Persons of `people` without a grant whose scope is this, or begins with it where it ends in a colon."""
    holds = f"starts_with(scope, '{scope}')" if scope.endswith(":") else f"scope = '{scope}'"
    return subject.number(f"""
    SELECT count(DISTINCT p.person_id) FROM ({people}) p LEFT JOIN xw ON xw.research_id = p.person_id
    WHERE xw.participant IS NULL OR xw.participant NOT IN (SELECT participant FROM grants_then WHERE {holds})""")
