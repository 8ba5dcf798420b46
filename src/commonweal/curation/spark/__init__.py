"""A tier built by Spark instead of DuckDB: the same rules over the same raw tables, on one machine or on a cluster.

The raw extract, what is known of people, findings, derived tables, checks and publication are the same for both: DuckDB's.
Spark does what grows with the rows: every rule of the tier over every raw row, the order of the rows, their ids. The bytes
of a table differ between engines, its rows do not; the manifest names the engine.
"""

from commonweal.curation.spark.assembling import assemble

__all__ = ["assemble"]
