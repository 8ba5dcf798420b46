"""Rows that name a visit which is not there."""

import ibis

from commonweal.curation.referring import place
from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.curation.rules.identifiers import LINKS
from commonweal.omop import tables as cdm

_OTHERS = (
    "visit_occurrence",
    "visit_detail",
    "survey_conduct",
    "note",
)  # visits themselves, and what sites do not send
CHILDREN = tuple(
    name for name, spec in cdm.tables().items() if "visit_occurrence_id" in spec.schema.names and name not in _OTHERS
)
"""Tables of what happened at a visit."""
_VISITS = {name: target for name, target in LINKS.items() if name in ("visit_occurrence_id", "visit_detail_id")}


def _lost(rows: Rows) -> Rows:
    t = rows.table
    return rows.change(
        {name: ibis.ifelse(t[place(to)].isnull(), rows.nothing(name), t[name]) for name, to in _VISITS.items()}
    )


RULES = (
    Rule(
        "quality.foreign_keys",
        1,
        "Reference 2, NullInvalidForeignKeys",
        "Where a row says it belongs to a visit that nobody sent, or to another person's, it belongs to none. Parts of a"
        " visit cannot be without it, and go (identifiers.parts).",
        _lost,
        tables(*CHILDREN),
        reason="A link that leads nowhere, or to somebody else, is worse than none.",
    ),
)
