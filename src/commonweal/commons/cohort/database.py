"""SQL of a cohort for an OMOP database elsewhere: the same compiler over the standard tables of the CDM, which it only
names. Nothing a user wrote becomes SQL: the names are ours, the values are checked numbers and dates."""

import re
from types import SimpleNamespace

import ibis
import ibis.expr.types as ir
import sqlglot.errors
from ibis.common.exceptions import IbisError

from commonweal.commons.cohort.compile import compile_definition
from commonweal.commons.cohort.definition import Definition
from commonweal.errors import BadInput
from commonweal.genomics.variant import Variant
from commonweal.omop.tables import WEARABLES, tables

DIALECTS = {
    "bigquery": "bigquery",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "postgres": "postgres",
    "redshift": "postgres",
    "snowflake": "snowflake",
    "spark": "databricks",
    "sqlserver": "mssql",
    "trino": "trino",
}
_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}(\.[A-Za-z_][A-Za-z0-9_-]{0,62})?")
_TYPES = {"integer": "int64", "float": "float64", "string": "string", "date": "date", "datetime": "timestamp"}
OURS = (
    "person_ext", "observation_ext", "survey_conduct", "survey_conduct_ext", "zip3_ses_map", "ancestry", *WEARABLES,
)  # fmt: skip  # no tables of the CDM


def sql(definition: Definition, dialect: str = "postgres", schema: str | None = None) -> str:
    """A query for person_id (and index_date) of everybody in it. `schema`: where the tables are, as SCHEMA or
    DATABASE.SCHEMA. Raises BadInput where the dialect is not known, or the definition needs what no CDM has."""
    if dialect not in DIALECTS:
        raise BadInput(f"dialect: not known; use one of {', '.join(DIALECTS)}")
    if schema is not None and not _SCHEMA.fullmatch(schema):
        raise BadInput("schema: give a plain name, or DATABASE.SCHEMA, of letters, digits, _ and -")
    members = compile_definition(Database(schema), definition).members  # type: ignore[arg-type]
    try:
        return str(ibis.to_sql(members, dialect=DIALECTS[dialect], pretty=True))
    except (IbisError, sqlglot.errors.SqlglotError, NotImplementedError):
        raise BadInput(f"dialect: this definition cannot be said in {dialect}; use another one") from None


class Database:
    """What the compiler asks of a release, of a CDM 5.4 database that is not there."""

    name = "OMOP CDM 5.4"

    def __init__(self, schema: str | None) -> None:
        *catalog, self._schema = schema.split(".") if schema else [None]
        self._catalog = catalog[0] if catalog else None
        self._specs = {name: spec for name, spec in tables().items() if name not in OURS}
        self.columns = {name: [c.name for c in spec.columns] for name, spec in self._specs.items()}
        self._made: dict[str, ir.Table] = {}
        ancestors = self.table("concept_ancestor")[["ancestor_concept_id", "descendant_concept_id"]]
        self.vocabulary = SimpleNamespace(ancestors=ancestors)

    def genotyped(self, kind: str) -> ir.Table:
        raise BadInput(f"has {kind}: no OMOP database has genotypes; leave it out")

    def genotypes_at(self, variant: Variant) -> ir.Table:
        raise BadInput("variant: no OMOP database has genotypes; leave it out")

    def has(self, table: str, column: str | None = None) -> bool:
        return table in self.columns and (column is None or column in self.columns[table])

    def table(self, name: str) -> ir.Table:
        if name not in self._specs:
            raise BadInput(f"table {name}: {self.name} has none; leave out what needs it")
        if name not in self._made:
            columns = {c.name: _TYPES[c.type] for c in self._specs[name].columns}
            self._made[name] = ibis.table(columns, name=name, catalog=self._catalog, database=self._schema)
        return self._made[name]
