"""Of a question that was answered again, which answers are older; and which became the same as another.

`older` and `chosen` are tables of population.py, which needs them for what is known of people.
"""

import ibis

from commonweal.curation.findings.base import Finding, Known
from commonweal.curation.rules.generalise.answers import generalised


def _older(known: Known) -> str:
    return "SELECT observation_id, true AS p_older FROM older"


def _repeated(known: Known) -> str:
    """Answers that say the same as another of that person to that question, once generalised: the first stays."""
    backend = ibis.duckdb.from_connection(known.con)
    chosen = backend.table("chosen").join(backend.table("persons"), "person_id")
    value = generalised(known.privacy, chosen.question, chosen.answer, chosen.p_several, chosen.p_conflicts)
    window = ibis.window(group_by=["person_id", "question", "value"], order_by="observation_id")
    placed = chosen.mutate(value=value).mutate(place=ibis.row_number().over(window))
    later = ibis.to_sql(placed.filter(placed.place > 0).select("observation_id"), dialect="duckdb")
    return f"SELECT observation_id, true AS p_repeated FROM ({later})"


FINDINGS = (
    Finding("answers.older", "observation", {"p_older": "BOOLEAN"}, _older),
    Finding("answers.repeated", "observation", {"p_repeated": "BOOLEAN"}, _repeated, by_tier=True),
)
