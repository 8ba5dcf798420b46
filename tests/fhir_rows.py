"""Resources as rows of events, by the door through which an import maps them."""

import json
from functools import cache

import duckdb
import pyarrow as pa

from commonweal.r4.mapping.batches import BATCH, Mapper
from commonweal.r4.mapping.compile import STAGED


class ReadingFault(ValueError):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def batch(resources):
    texts = [r if isinstance(r, str) or r is None else json.dumps(r) for r in resources]
    count = range(1, len(texts) + 1)
    return pa.table([count, [1] * len(texts), count, [None] * len(texts), texts, [None] * len(texts)], schema=BATCH)


def mapped(resources, **how):
    """(rows of head, rows of staged) as dicts, in the order given."""
    mapper = Mapper(duckdb.connect(), **how) if how else _shipped()
    mapper.take(batch(resources))
    head = mapper.con.execute("SELECT * FROM head ORDER BY position").to_arrow_table().to_pylist()
    staged = mapper.con.execute("SELECT * FROM staged ORDER BY position, part").to_arrow_table()
    return head, staged.cast(STAGED).to_pylist()


@cache
def _shipped():
    """The mapping that ships, prepared once for all batches, as an import keeps it."""
    return Mapper(duckdb.connect())


def events_of(resource, **how):
    """The rows of one resource; raises what is wrong with it."""
    (head,), rows = mapped([resource], **how)
    fault = head["fault"] or head["late_fault"] or next((row["fault"] for row in rows if row["fault"]), None)
    if fault:
        raise ReadingFault(fault)
    return rows
