"""Who descends from whom, where a source gives relationships but no concept_ancestor table.

Ancestry follows the relationships that define it in the OHDSI vocabularies: 'Is a' everywhere, and for drugs from
product to ingredient. Levels found here are the shortest ones (min = max): longer ways are not looked for.
"""

from pathlib import Path

import duckdb

from commonweal import duck
from commonweal.omop.vocabulary import merged

UPWARD = ("Is a", "RxNorm is a", "RxNorm has ing", "Consists of", "Tradename of", "Quantified form of")
DEEPEST = 40  # the longest chain of SNOMED CT is far below this


def extend(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Derive, anew, what the relationships imply for standard concepts that no imported table places.

    A concept counts as placed when an imported concept_ancestor names an ancestor of it other than itself.
    Returns {"placed", "derived"}: concepts placed by tables, pairs derived.
    """
    con.execute(f"""CREATE OR REPLACE TEMP TABLE parent AS
        SELECT concept_id_1 AS child, concept_id_2 AS parent FROM ({merged.merged_sql("concept_relationship", folder)})
        WHERE relationship_id IN {UPWARD} AND invalid_reason IS NULL AND concept_id_1 <> concept_id_2
        UNION SELECT concept_id_2, concept_id_1 FROM ({merged.merged_sql("concept_relationship", folder)})
        WHERE relationship_id = 'Subsumes' AND invalid_reason IS NULL AND concept_id_1 <> concept_id_2""")
    con.execute(f"""CREATE OR REPLACE TEMP TABLE node AS
        SELECT concept_id FROM ({merged.merged_sql("concept", folder)}) WHERE standard_concept IS NOT NULL""")
    imported = merged.imported_sql("concept_ancestor", folder)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE placed AS SELECT DISTINCT descendant_concept_id AS concept_id
        FROM ({imported}) WHERE descendant_concept_id <> ancestor_concept_id""")
    derived = _closure(con)
    (placed,) = con.execute("SELECT count(*) FROM placed").fetchone() or (0,)
    duck.copy(con, "SELECT * FROM reached", merged.derived_path(folder))
    return {"placed": int(placed), "derived": derived}


def _closure(con: duckdb.DuckDBPyConnection) -> int:
    """Temp table `reached`: breadth first, so that the first level at which a pair appears is its shortest."""
    con.execute("""CREATE OR REPLACE TEMP TABLE reached AS
        SELECT concept_id AS ancestor_concept_id, concept_id AS descendant_concept_id,
            0::BIGINT AS min_levels_of_separation, 0::BIGINT AS max_levels_of_separation
        FROM node ANTI JOIN placed USING (concept_id)""")
    con.execute("CREATE OR REPLACE TEMP TABLE front AS SELECT * FROM reached")
    for level in range(1, DEEPEST):
        con.execute(f"""CREATE OR REPLACE TEMP TABLE front AS
            SELECT DISTINCT p.parent AS ancestor_concept_id, f.descendant_concept_id,
                {level}::BIGINT AS min_levels_of_separation, {level}::BIGINT AS max_levels_of_separation
            FROM front AS f JOIN parent AS p ON p.child = f.ancestor_concept_id
            ANTI JOIN reached AS r ON r.ancestor_concept_id = p.parent
                AND r.descendant_concept_id = f.descendant_concept_id""")
        (found,) = con.execute("SELECT count(*) FROM front").fetchone() or (0,)
        if not found:
            break
        con.execute("INSERT INTO reached SELECT * FROM front")
    con.execute("DELETE FROM reached WHERE ancestor_concept_id NOT IN (SELECT concept_id FROM node)")
    (total,) = con.execute("SELECT count(*) FROM reached").fetchone() or (0,)
    return int(total)
