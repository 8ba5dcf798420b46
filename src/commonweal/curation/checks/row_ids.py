"""Whether the row ids of a table are each person's research id and the places 1 to the number of their rows, each once.

Worked out from what one look saw of each person (scan.people), so that no table of ids is needed: the least and the greatest
id, and what all places of theirs come to: a hash of 64 bits of each, added without carry. As many other places come to the
same by a chance of one in 2^64.
"""

from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.curation.numbering import PLACES
from commonweal.omop.tables import Table

Numbers = npt.NDArray[Any]

_ONE_A_PERSON = ("person", "person_ext", "death", "observation_period")


def has_ids(spec: Table) -> bool:
    return spec.columns[0].privacy == "row_id"


def read(spec: Table) -> list[str]:
    """SQL of aggregates over the rows `t` of a person."""
    key = f"t.{spec.columns[0].name}"
    if not has_ids(spec):
        return []
    place = f"({key} % {PLACES})::BIGINT"
    return [
        f"min({key}) AS least_id, max({key}) AS most_id, bit_xor(hash({place})) AS places, count({key}) AS numbered"
    ]


def faults(con: duckdb.DuckDBPyConnection, spec: Table, people: pa.Table) -> tuple[int, int]:
    """Over `people` with what `read` says: repeated, astray.

    repeated: people whose places are not 1 to their rows, each once, or, of a table that has one row a person, the rows that
    are too many. astray: how far the places of all people begin and end beside theirs, with rows that have no id of theirs.
    """
    several = len(people) - pc.count_distinct(people["person_id"], mode="all").as_py()
    if not has_ids(spec):
        rows = pc.sum(people["rows"]).as_py() or 0
        return (rows - len(people) + several if spec.name in _ONE_A_PERSON else 0), 0
    if several:
        con.register("ids_told", people)
        people = con.execute(_TOGETHER).to_arrow_table()
        con.unregister("ids_told")
    rows = people["rows"].to_numpy()
    repeated = people["places"].to_numpy() != _places(con, int(rows.max(initial=0)))[rows]
    return int(repeated.sum()), int(_astray(people, rows).sum())


_TOGETHER = """
SELECT person_id, sum(rows)::BIGINT AS rows, bit_xor(places) AS places, min(least_id) AS least_id, max(most_id) AS most_id,
  sum(numbered)::BIGINT AS numbered FROM ids_told GROUP BY person_id"""


def _places(con: duckdb.DuckDBPyConnection, most: int) -> Numbers:
    """What the places 1 to n come to, for each n from 0 to `most`."""
    each = con.execute(f"SELECT hash(i) AS place FROM range(1, {most + 1}) r(i) ORDER BY i").to_arrow_table()["place"]
    return np.concatenate([np.zeros(1, np.uint64), np.bitwise_xor.accumulate(each.to_numpy())])


def _astray(people: pa.Table, rows: Numbers) -> Numbers:
    first, last = _ends(people, "least_id"), _ends(people, "most_id")
    beside = np.abs(first.place - 1) + np.abs(last.place - rows) + rows - people["numbered"].to_numpy()
    return beside + first.of_others + last.of_others


class _Ends(NamedTuple):
    place: Numbers  # of an id, 0 where there is none
    of_others: Numbers  # 1 where the id is not its person's


def _ends(people: pa.Table, name: str) -> _Ends:
    ids, owners = people[name].cast(pa.int64()), people["person_id"].cast(pa.int64())
    number, owner = pc.fill_null(ids, 0).to_numpy(), pc.fill_null(owners, 0).to_numpy()
    lacks = ids.is_null().to_numpy() != owners.is_null().to_numpy()
    place = np.fmod(number, PLACES)
    return _Ends(place, (lacks | ((number - place) // PLACES != owner)).astype(np.int64))
