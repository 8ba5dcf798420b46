"""Scripts that make the tables of a dataset again: Python with this library, R with DBI and duckdb over Parquet files.

Nothing that a user wrote becomes code: names are checked words, numbers are numbers, and paths are quoted.
"""

import pprint
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from commonweal.commons.dataset.plan import PEOPLE
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.dataset.dataset import Dataset

LANGUAGES = ("python", "r")


def script(dataset: "Dataset", language: str) -> str:
    """Raises BadInput for another language, or where the release has not all that an R script reads as files."""
    if language not in LANGUAGES:
        raise BadInput(f"code: there is none in that language; ask for {' or '.join(LANGUAGES)}")
    return _python(dataset) if language == "python" else _r(dataset)


def _python(dataset: "Dataset") -> str:
    release = dataset.release
    opened = repr(release.name if release.gated else str(release.folder))
    definition = pprint.pformat(dataset.definition.as_json(), width=100, sort_dicts=False)
    lines = [
        f"# Dataset {dataset.definition.sha256} of release {release.digest}",
        "from commonweal import commons",
        "",
        f"release = commons.open({opened}, tier={release.tier!r})",
    ]
    if release.manifest:
        lines += [f"if release.digest != {release.digest!r}:", '    raise SystemExit("this is another release")']
    return "\n".join(
        [*lines, f"definition = {definition}", "dataset = release.dataset(definition)"]
        + ["tables = {name: dataset.to_pandas(name) for name in dataset.tables}", ""]
    )


def statements(dataset: "Dataset") -> tuple[list[str], dict[str, str]]:
    """SQL for DuckDB alone: what to run first, and the query of each table."""
    release, plan = dataset.release, dataset.plan
    members = dataset.cohort.compiled.members
    first = _views(dataset, [*plan.tables.values(), members])
    for name, table in plan.beside.items():
        first.append(f'CREATE TEMP TABLE "{name}" AS SELECT * FROM {_values(table)}')
    columns = ", ".join(f'"{c}"' for c in members.columns)
    first.append(f'CREATE TEMP TABLE "{PEOPLE}" AS SELECT {columns} FROM ({release.sql(members, pretty=True)})')
    return first, {name: release.sql(table, pretty=True) for name, table in plan.tables.items()}


def _views(dataset: "Dataset", expressions: list[ibis.Table]) -> list[str]:
    """The views of the release that the expressions read; each is over Parquet or CSV files."""
    own = {PEOPLE, *dataset.plan.beside}
    read = {t.get_name() for e in expressions for t in _tables(e)} - own
    with dataset.release.cursor() as cursor:
        known = dict(cursor.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall())
    absent = sorted(read - set(known))
    if absent:
        raise BadInput(
            f"code: release {dataset.release.name} has no {absent[0]} table of its own that a script could read; "
            "take the Python code, or add the vocabulary to the folder"
        )
    return [known[name].strip().rstrip(";") for name in sorted(read)]


def _tables(expression: ibis.Table) -> list[ibis.Table]:
    import ibis.expr.operations as ops

    return [node.to_expr() for node in expression.op().find((ops.DatabaseTable, ops.UnboundTable))]


def _values(table: pa.Table) -> str:
    rows = ", ".join("(" + ", ".join(str(v).lower() for v in row.values()) + ")" for row in table.to_pylist())
    names = ", ".join(f'"{c}"' for c in table.column_names)
    if not rows:
        kinds = ", ".join(f"NULL::{'BIGINT' if c == 'concept_id' else 'BOOLEAN'}" for c in table.column_names)
        return f"(SELECT {kinds} WHERE false) AS v({names})"
    return f"(VALUES {rows}) AS v({names})"


def _r(dataset: "Dataset") -> str:
    first, queries = statements(dataset)
    lines = [
        f"# Dataset {dataset.definition.sha256} of release {dataset.release.digest}",
        "library(DBI)",
        "con <- dbConnect(duckdb::duckdb())",
        *(f"dbExecute(con, {_raw(sql)})" for sql in first),
        "tables <- list()",
        *(f'tables[["{name}"]] <- dbGetQuery(con, {_raw(sql)})' for name, sql in queries.items()),
        "dbDisconnect(con, shutdown = TRUE)",
    ]
    return "\n".join([*lines, ""])


def _raw(text: str) -> str:
    """A raw string of R (4.0 and later): nothing in it is read as code, whatever it holds."""
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'
