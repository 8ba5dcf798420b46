"""SQL that turns a cell, as it came, into a value of the model's type, or NULL where it is none.

Dates are read as 2024-05-31, 20240531 and 05/31/2024; a day where a moment is asked is its midnight. Whole numbers may be
written as 8507.0, as statistics programs do.
"""

import pyarrow as pa

TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_DAYS = "['%Y%m%d', '%m/%d/%Y']"
_MOMENTS = "['%Y%m%d', '%Y%m%d %H:%M:%S', '%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S']"


def value(cell: str, came: pa.DataType | None, kind: str) -> str:
    """`cell`: the column's name in SQL; `came`: its type in the file, None where the file has no such column."""
    sql_type = TYPES[kind]
    if came is None or pa.types.is_null(came):
        return f"NULL::{sql_type}"
    if pa.types.is_string(came):
        return _TEXT[kind].format(cell=cell)
    if is_sure(came, kind):
        return cell
    if kind == "float" and pa.types.is_floating(came):
        return f"CASE WHEN isfinite({cell}) THEN {cell}::DOUBLE END"
    if kind == "integer" and (pa.types.is_floating(came) or pa.types.is_decimal(came)):
        return f"CASE WHEN {cell} = floor({cell}) THEN TRY_CAST({cell} AS BIGINT) END"
    if kind in ("date", "datetime") and not (pa.types.is_date(came) or pa.types.is_timestamp(came)):
        return value(f"{cell}::VARCHAR", pa.string(), kind)
    if kind == "datetime" and pa.types.is_timestamp(came) and came.tz:
        return f"({cell} AT TIME ZONE 'UTC')"
    return f"TRY_CAST({cell} AS {sql_type})"


def is_sure(came: pa.DataType | None, kind: str) -> bool:
    """Whether a value that came as that type is always one of the model's."""
    return came is not None and came == _SURE.get(kind)


_SURE = {"integer": pa.int64(), "date": pa.date32(), "datetime": pa.timestamp("us")}
_TEXT = {
    "string": "nullif(trim({cell}), '')",
    "integer": "CASE WHEN contains({cell}, '.') AND NOT regexp_full_match({cell}, '\\s*[+-]?\\d+\\.0*\\s*') THEN NULL"
    " ELSE TRY_CAST({cell} AS BIGINT) END",
    "float": "CASE WHEN isfinite(TRY_CAST({cell} AS DOUBLE)) THEN TRY_CAST({cell} AS DOUBLE) END",
    "date": f"coalesce(TRY_CAST({{cell}} AS DATE), TRY_CAST({{cell}} AS TIMESTAMP)::DATE, try_strptime(trim({{cell}}), {_DAYS})::DATE)",
    "datetime": f"coalesce(TRY_CAST({{cell}} AS TIMESTAMP), try_strptime(trim({{cell}}), {_MOMENTS}))",
}
