"""Weights of adults from records, in kilograms."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.curation.rules.quality.heights import adults


def _weights(rows: Rows) -> Rows:
    read, t = rows.facts.privacy.records.weights, rows.table
    concerned = adults(rows, read.concepts)
    rows = rows.remove(concerned & t.p_no_weight)
    value, unit = t.value_as_number, t.unit_concept_id
    return rows.change(
        {
            "value_as_number": ibis.ifelse(concerned, ibis.coalesce(t.p_kilograms, value), value),
            "unit_concept_id": ibis.ifelse(concerned, ibis.literal(read.unit, unit.type()), unit),
        }
    )


RULES = (
    Rule(
        "quality.weights",
        1,
        "Reference 5, CleanHeightAndWeight",
        "Weights of adults from records become kilograms. A site's median tells whether it sends kilograms or pounds; a"
        " single number far above the person's own median was written in pounds or ounces. What is then above 250 kg (450 for"
        " people known to be very heavy), or outside 0.7 to 1.3 of the median of the year before and after, goes, unless a"
        " pregnancy or wasting explains it. Weights that the program measured itself are as they are.",
        _weights,
        tables("measurement"),
        reason="Units that sites send are often missing or wrong; a weight in the wrong unit is wrong by more than twice.",
        parameters=("records.weights",),
        others="weights are judged by those of others at the site",
    ),
)
