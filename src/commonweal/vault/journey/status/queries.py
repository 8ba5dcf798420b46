"""The ladders as one query over a table of first moments, made from the same data as the rule for one person."""

from collections.abc import Collection

from commonweal.vault.journey.status import needs as n
from commonweal.vault.journey.status.cohorts import GENOMIC_CONSENT, NATIONAL_LAUNCH
from commonweal.vault.journey.status.ladders import CORE_DATA, LADDERS, REGISTERED, Rung

NEEDS = tuple(
    dict.fromkeys(
        need
        for rungs in LADDERS.values()
        for r in (*rungs, CORE_DATA)
        for need in (*r.needs, *r.adult, *r.adult_cohort_3, *r.cohort_1)
    )
)
COLUMNS = {version: "v" + version.replace(".", "_") if version[0].isdigit() else version for version in LADDERS}
STEPS = {f"{column}_{rung.number}": (version, rung) for version, column in COLUMNS.items() for rung in LADDERS[version]}
KEPT = tuple(name for column in COLUMNS.values() for name in (column, f"{column}_since")) + ("core_data_since",)


def first_query() -> str:
    """participant_id and the first moment of each need, from `met` (participant_id, need, since)."""
    columns = ", ".join(f"min(since) FILTER (need = '{need}') AS \"{need}\"" for need in NEEDS)
    return f"SELECT participant_id, {columns} FROM met GROUP BY participant_id"


def ladders_query(baseline: Collection[str] = n.BASELINE) -> str:
    """participant_id, KEPT, the cohort, and when each of STEPS was reached; from `people` and `first`. All are adults.

    `baseline`: the surveys of the program's own baseline.
    """
    steps = ", ".join(f"{_reached(rung, baseline)} AS {name}" for name, (_, rung) in STEPS.items())
    return f"""
        WITH joined AS (SELECT people.*, first.* EXCLUDE (participant_id), {_COHORT} AS cohort FROM people LEFT JOIN first
            USING (participant_id)),
        climbed AS (SELECT participant_id, registered_at, cohort, {steps}, {_reached(CORE_DATA, baseline)} AS core_data_since FROM joined)
        SELECT participant_id, {", ".join(_standing(version) for version in LADDERS)}, core_data_since, cohort, {", ".join(STEPS)}
        FROM climbed
    """


_COHORT = f"""CASE WHEN "{n.PRIMARY}" < '{NATIONAL_LAUNCH:%Y-%m-%d %H:%M}' THEN 1
    WHEN "{n.PRIMARY}" < '{GENOMIC_CONSENT:%Y-%m-%d %H:%M}' THEN 2 WHEN "{n.PRIMARY}" IS NOT NULL THEN 3 END"""


def _reached(rung: Rung, baseline: Collection[str]) -> str:
    """The moment when a rung was reached; a need of some cohort counts for those of that cohort alone."""
    always = [f'"{need}"' for need in n.asked((*rung.needs, *rung.adult), baseline)]
    only = [("cohort = 3", need) for need in rung.adult_cohort_3] + [("cohort = 1", need) for need in rung.cohort_1]
    there = [f"{need} IS NOT NULL" for need in always]
    there += [f'(({who}) IS NOT TRUE OR "{need}" IS NOT NULL)' for who, need in only]
    moments = [*always, *(f'CASE WHEN {who} THEN "{need}" END' for who, need in only)]
    return f"CASE WHEN {' AND '.join(there)} THEN greatest({', '.join(moments)}) END"


def _standing(version: str) -> str:
    column, falling = COLUMNS[version], list(reversed(LADDERS[version]))
    levels = " ".join(f"WHEN {column}_{rung.number} IS NOT NULL THEN '{rung.level}'" for rung in falling)
    since = ", ".join(f"{column}_{rung.number}" for rung in falling)
    return f"CASE {levels} ELSE '{REGISTERED}' END AS {column}, coalesce({since}, registered_at) AS {column}_since"
