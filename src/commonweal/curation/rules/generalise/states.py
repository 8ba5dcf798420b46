"""States in which few take part, or that are at odds with where the person has records."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.curation.rules.generalise.concepts import STATE_CODE, whole


def _state(rows: Rows) -> Rows:
    t = rows.table
    code = t.state_of_residence_source_value
    coarse = t.p_small_state.fill_null(True) | ~code.re_search(STATE_CODE).fill_null(False)
    missing = code.isnull()
    becomes = rows.facts.privacy.small_state_becomes
    assert becomes is not None  # of a tier that names no small state
    concept = ibis.cases((missing, whole(0)), (coarse, whole(becomes)), else_=t.state_of_residence_concept_id)
    general = rows.facts.codes.get(becomes)
    value = ibis.ifelse(missing | ~coarse, code, ibis.literal(general, type="string"))
    return rows.change({"state_of_residence_concept_id": concept, "state_of_residence_source_value": value})


_STATE = Rule(
    "generalise.state",
    1,
    "Reference 2, GeneralizeStateByPopulation and ConflictingHpoStateGeneralize",
    "States with few participants, or at odds with where the person has records, are not told.",
    _state,
    tables("person_ext"),
    reason="The fewer take part in a state, the easier one of them is found; a state at odds with the site points to one.",
    parameters=("small_state", "small_state_becomes"),
    others="a state is named while enough of its people are in the release",
)

RULES = (_STATE,)
