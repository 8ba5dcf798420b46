"""SQL over Arrow tables, for what is done to many rows at once."""

import pyarrow as pa

from commonweal import duck


def query(sql: str, **tables: pa.Table) -> pa.Table:
    """The rows of `sql`, which names `tables`; rows keep no order but the one that it asks for."""
    with duck.passing() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            con.register(name, table)
        return con.execute(sql).to_arrow_table()
