"""SQL over Arrow tables, for what is done to many rows at once."""

import duckdb
import pyarrow as pa


def query(sql: str, **tables: pa.Table) -> pa.Table:
    """The rows of `sql`, which names `tables`; rows keep no order but the one that it asks for."""
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
        for name, table in tables.items():
            con.register(name, table)
        return con.execute(sql).to_arrow_table()
