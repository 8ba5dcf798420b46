"""Re-identification risk as far as it is measured: how small the groups are that a neighbour's knowledge leads to.

The attacker knows that someone takes part, and their year of birth (as released), sex, race and state. The figure is the
expected chance of a right guess, groups / people (prosecutor model); it is high in a small program and says so.
"""

from typing import Any

import duckdb

_GROUPS = """
SELECT count(*) AS size FROM rel_person p LEFT JOIN rel_person_ext e USING (person_id)
GROUP BY p.year_of_birth, e.sex_at_birth_concept_id, p.race_concept_id, e.state_of_residence_source_value
"""


def measure(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Figures over year of birth, sex at birth, race and state of the release in the engine."""
    groups, people, smallest, alone = con.execute(
        f"SELECT count(*), coalesce(sum(size), 0), min(size), count(*) FILTER (size = 1) FROM ({_GROUPS})"
    ).fetchall()[0]
    return {
        "attacker": "knows_of_membership",
        "knows": ["year_of_birth", "sex_at_birth", "race", "state_of_residence"],
        "smallest_group": int(smallest or 0),
        "people_alone": int(alone),
        "expected": round(groups / people, 6) if people else 0.0,
    }
