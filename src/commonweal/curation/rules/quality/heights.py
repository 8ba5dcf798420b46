"""Heights of adults from records, in centimetres."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, among, tables

ADULT = 18  # years


def adults(rows: Rows, concepts: tuple[int, ...]) -> ir.BooleanValue:
    """Whether a row of measurement has a number for one of these concepts, from records, of somebody of 18 or more."""
    t = rows.table
    grown = t.p_birth_date.cast("timestamp") + ibis.interval(years=ADULT)
    adult = t.measurement_date.cast("timestamp") >= grown
    rest = adult & (t["_source"] != "PPI") & t.value_as_number.notnull()
    return among(t.measurement_concept_id.isin(concepts), rest)


def _heights(rows: Rows) -> Rows:
    read = rows.facts.privacy.records.heights
    value, unit, concerned = rows.table.value_as_number, rows.table.unit_concept_id, adults(rows, read.concepts)
    within = [value.between(s.least, s.most) for s in read.scales]
    rows = rows.remove(ibis.ifelse(concerned, ~ibis.or_(*within), False))
    scaled = ibis.cases(*((w, value * s.times) for w, s in zip(within, read.scales, strict=True)), else_=value)
    return rows.change(
        {
            "value_as_number": ibis.ifelse(concerned, scaled, value),
            "unit_concept_id": ibis.ifelse(concerned, ibis.literal(read.unit, unit.type()), unit),
        }
    )


RULES = (
    Rule(
        "quality.heights",
        1,
        "Reference 5, CleanHeightAndWeight",
        "Heights of adults from records become centimetres: 0.9 to 2.3 are metres, 3 to 7.5 feet, 36 to 89.9 inches and 90"
        " to 230 centimetres (records.heights.scales). Others go. Heights that the program measured itself are as they are.",
        _heights,
        tables("measurement"),
        reason="Units that sites send are often missing or wrong, and the number itself tells which it was.",
        parameters=("records.heights",),
    ),
)
