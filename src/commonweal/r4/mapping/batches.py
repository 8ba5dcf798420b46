"""Mapping a batch of resources, given as texts: what each is and whom it is about, and its rows of STAGED."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from commonweal.r4.mapping import conversions
from commonweal.r4.mapping.compile import STAGED, sql_type, statement
from commonweal.r4.mapping.declared import Declared, shipped

BATCH = pa.schema(
    [
        ("position", pa.int32()),  # place in the submission, from 1
        ("file", pa.int32()),  # from 1
        ("place", pa.int64()),  # line or entry of the file, from 1
        ("url", pa.string()),  # an entry's fullUrl
        ("line", pa.string()),  # the JSON text of the resource
        ("fault", pa.string()),  # what is wrong already, else null
    ]
)


class Mapper:
    """The mapping at work on one connection: `take` a batch, then read the temporary tables `head` and `staged` of it.

    head: BATCH (the line only of types that the mapping has), and kind, resource_id, subject (a reference as it is written), used (whether the mapping has the type),
    updated (UTC), fault (it is no resource) and late_fault (it cannot be told which one).
    staged: STAGED, one row a resource that is used and one for each of its parts; rows with a fault are of no use.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        declared: Mapping[str, Declared] | None = None,
        local_systems: Sequence[str] = (),
    ) -> None:
        self.con, self.declared = con, declared or shipped()
        conversions.prepare(con, local_systems)
        self._head = _head(self.declared)
        self._statements = {kind: statement(one) for kind, one in self.declared.items()}
        con.execute("SET enable_progress_bar = false")
        con.execute(f"CREATE OR REPLACE TEMP TABLE staged ({columns_of(STAGED)})")

    def take(self, batch: pa.Table) -> None:
        con = self.con
        con.register("incoming_batch", batch)
        con.execute(f"CREATE OR REPLACE TEMP TABLE head AS {self._head}")
        con.unregister("incoming_batch")
        con.execute("TRUNCATE staged")
        kinds = con.execute("SELECT DISTINCT kind FROM head WHERE fault IS NULL AND late_fault IS NULL").fetchall()
        for kind in sorted(kind for (kind,) in kinds if kind in self._statements):
            con.execute(f"INSERT INTO staged {self._statements[kind]}")


def columns_of(schema: pa.Schema) -> str:
    return ", ".join(f'"{f.name}" {sql_type(f.type)}' for f in schema)


def _head(declared: Mapping[str, Declared]) -> str:
    """What is to be known of a resource of any type."""
    used = ", ".join(f"'{kind}'" for kind, one in declared.items() if not one.lookup)
    known = ", ".join(f"'{kind}'" for kind in declared)
    elements = sorted({one.subject for one in declared.values() if one.subject and one.subject != "own"})
    structure = "".join(f',"{name}":{{"reference":"VARCHAR"}}' for name in elements)
    return f"""
        SELECT position, file, place, url, r.resourceType AS kind,
            CASE WHEN r.resourceType IN ({known}) THEN line END AS line,
            coalesce(nullif(r.id, ''), reference_id(url)) AS resource_id,
            CASE r.resourceType {_subjects(declared)} END AS subject,
            coalesce(r.resourceType IN ({used}), false) AS used,
            TRY_CAST(r.meta.lastUpdated AS TIMESTAMP) AS updated,
            CASE WHEN fault IS NOT NULL THEN fault WHEN t IS NULL THEN 'not_json'
                WHEN t[1] <> 'OBJECT' OR t[2] IS NULL OR t[2] <> 'VARCHAR' OR r.resourceType = '' THEN 'not_fhir'
                END AS fault,
            CASE WHEN coalesce(t[3], 'VARCHAR') <> 'VARCHAR' OR coalesce(nullif(r.id, ''), reference_id(url)) IS NULL
                THEN 'no_id' END AS late_fault
        FROM (SELECT *,
            CASE WHEN valid THEN json_type(line, ['$', '$.resourceType', '$.id']) END AS t,
            CASE WHEN valid THEN from_json(line,
                '{{"resourceType":"VARCHAR","id":"VARCHAR","meta":{{"lastUpdated":"VARCHAR"}}{structure}}}') END AS r
            FROM (SELECT *, json_valid(line) AS valid FROM incoming_batch))"""


def _subjects(declared: Mapping[str, Declared]) -> str:
    """WHEN … THEN … for each type of resource: the reference to the patient; a Patient is about itself."""
    places = {kind: one.subject for kind, one in declared.items() if one.subject}
    return " ".join(
        f"WHEN '{kind}' THEN " + ("'Patient/' || r.id" if place == "own" else f'r."{place}".reference')
        for kind, place in places.items()
    )
