"""The measure as a build takes it: with the shifts by which guesses are counted, and the program's other tier if it is there."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.curation import crosswalk
from commonweal.curation.layout import Layout
from commonweal.curation.risk.measuring import measure
from commonweal.protocol import Protocol

OTHER = {"registered": "controlled", "controlled": "registered"}


def of_tier(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    tier: str,
    protocol: Protocol,
    cutoff: date,
    given: pa.Table | None = None,
) -> dict[str, Any]:
    """`risk` of the manifest of a tier whose tables are the views rel_TABLE of `con`.

    `given`: the crosswalks of its people, where they are open already; by default those of everybody are opened.

    Two tiers of one release are linked when the second of them is built; the figure stands in its manifest.
    """
    known = crosswalk.load(layout.home) if given is None else given
    other = OTHER.get(tier)
    if other is None:  # a tier without people
        return measure(con, tier, protocol, cutoff=cutoff)
    truth = pa.table({"participant": known["participant"], "research_id": known[tier], "shift": known["shift"]})
    pairs = pa.table({"person_id": known[tier], "other_id": known[other]})
    return measure(con, tier, protocol, cutoff=cutoff, truth=truth, other=layout.tier(other), pairs=pairs)
