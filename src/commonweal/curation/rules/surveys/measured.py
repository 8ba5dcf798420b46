"""What the program measures itself: values that cannot be true go, and of each measurement the latest stays."""

from commonweal.curation.rules.base import Rows, Rule, tables


def _extreme(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_extreme)


def _measured_again(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_taken_again)


RULES = (
    Rule(
        "surveys.extreme",
        1,
        "Reference 2, DropExtremeMeasurements",
        "A height, weight or body mass index of the program's own outside its limits goes, with what was worked out from it"
        " or it from that at the same moment.",
        _extreme,
        tables("measurement"),
        reason="Such values were typed wrongly, and what was made of them is as wrong.",
        parameters=("answers.measure_limits",),
    ),
    Rule(
        "surveys.taken_again",
        1,
        "Reference 2, DropMultipleMeasurements",
        "Of each physical measurement that the program took of a person several times, the latest stays.",
        _measured_again,
        tables("measurement"),
        reason="It was measured again where the first time had gone wrong.",
        parameters=("answers.latest",),
    ),
)
