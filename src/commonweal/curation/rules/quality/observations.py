"""What sites say of who somebody is."""

from commonweal.curation.rules.base import Rows, Rule, tables


def _demographics(rows: Rows) -> Rows:
    listed = rows.facts.privacy.records.demographic_observations
    return rows.remove((rows.table["_source"] != "PPI") & rows.table.observation_concept_id.isin(listed))


RULES = (
    Rule(
        "quality.site_demographics",
        1,
        "Reference 2, drop_race_ethnicity_gender_observation",
        "Observations of race, ethnicity and gender that sites sent go (demographic_observations).",
        _demographics,
        tables("observation"),
        reason="What people say of themselves in surveys counts, and is made coarser; a clinic's entry would undo that.",
        parameters=("records.demographic_observations",),
    ),
)
