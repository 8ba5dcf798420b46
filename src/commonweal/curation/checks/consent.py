"""Has everyone in it agreed to what is in it: counted anew from the vault's grants, whatever the extract did.

Each row of each table stands under a scope (scopes.py); its person must hold a grant of it. A table without a scope, and
a wearable whose provider is not known, are nobody's to publish: their people are all at fault.
"""

from collections.abc import Mapping

import pyarrow as pa

from commonweal.curation.checks import scan, scopes
from commonweal.curation.checks.base import Check, Subject

_KINDS = (scopes.PARTICIPATE, scopes.SURVEYS, scopes.EHR, scopes.DEVICES, "?")


def consent(subject: Subject, grants: pa.Table, test_people: pa.Table, sources: Mapping[str, str]) -> list[Check]:
    """`grants`: participant, scope in force; `test_people`: participant; `sources`: scope of a wearable -> its name in the
    release. Persons at fault, each 0."""
    con = subject.con
    con.register("tests", test_people)
    missing = lacking(subject, grants, sources)
    found = [
        Check("consent.participate", missing[scopes.PARTICIPATE]),
        Check("consent.surveys", missing[scopes.SURVEYS]),
        Check("consent.ehr", missing[scopes.EHR]),
        Check("consent.wearables", missing[scopes.DEVICES]),
        Check("consent.tables", missing["?"]),
        Check("consent.test_people", subject.number(
            "SELECT count(DISTINCT r.person_id) FROM people_person r JOIN xw ON xw.research_id = r.person_id"
            " JOIN tests USING (participant)"
        )),
    ]  # fmt: skip
    con.unregister("tests")
    return found


def lacking(subject: Subject, grants: pa.Table, sources: Mapping[str, str]) -> dict[str, int]:
    """For each kind of scope, the persons with rows that need it and no grant of it."""
    con = subject.con
    con.register("grants_then", grants)
    con.execute(f"""
    CREATE OR REPLACE TEMP TABLE lacking AS
    WITH needed AS ({_needed(subject, sources)}),
    held AS (SELECT xw.research_id AS person_id, scope FROM grants_then JOIN xw USING (participant))
    SELECT DISTINCT person_id, scope FROM needed ANTI JOIN held USING (person_id, scope)""")
    con.unregister("grants_then")
    told = con.execute("SELECT scope, count(DISTINCT person_id) FROM lacking GROUP BY 1").fetchall()
    return {kind: sum(n for scope, n in told if _kind(scope) == kind) for kind in _KINDS}


def _kind(scope: str) -> str:
    if scope in _KINDS:
        return scope
    return scopes.DEVICES if scope.startswith(scopes.DEVICES) else "?"


def _needed(subject: Subject, sources: Mapping[str, str]) -> str:
    """SQL of person and scope, for all tables with people."""
    parts = ["SELECT NULL::BIGINT AS person_id, '' AS scope WHERE false"]
    for spec in subject.specs:
        if scan.person_of(spec):
            scope = "part" if scopes.SCOPES.get(spec.name) != scopes.DEVICES else _provider(sources)
            parts.append(f"SELECT person_id, {scope} FROM people_{spec.name}")
    return " UNION ALL ".join(parts)


def _provider(sources: Mapping[str, str]) -> str:
    told = " ".join(
        f"WHEN '{name}' THEN '{scope}'" for scope, name in sources.items() if scope.startswith(scopes.DEVICES)
    )
    return f"CASE part {told} ELSE '{scopes.DEVICES}?' END" if told else f"'{scopes.DEVICES}?'"


def people_without(subject: Subject, grants: pa.Table, sources: Mapping[str, str]) -> int:
    """How many people of the tier no longer hold a grant that their rows need."""
    lacking(subject, grants, sources)
    return subject.number("SELECT count(DISTINCT person_id) FROM lacking")
