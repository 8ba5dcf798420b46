"""zip3_ses_map: how people live in an area of three digits of a ZIP code, from the census (controlled tier).

The figures come by `reference import area_deprivation FILE`, one row a ZIP code tabulation area, with the columns of the
deprivation index of Brokamp and others (American Community Survey, five years). An area's figure is the mean over its
ZIP codes, weighted by `population` where the file has that column. Areas told as another (privacy.toml: zip_areas)
are counted with it, so that the map has the areas of the release and no others.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from commonweal.curation import tables
from commonweal.protocol.privacy import ZipArea

KIND = "area_deprivation"
_FIGURES = {  # column of the table -> column of the file
    "fraction_assisted_income": "fraction_assisted_income",
    "fraction_high_school_edu": "fraction_high_school_edu",
    "median_income": "median_income",
    "fraction_no_health_ins": "fraction_no_health_ins",
    "fraction_poverty": "fraction_poverty",
    "fraction_vacant_housing": "fraction_vacant_housing",
    "deprivation_index": "dep_index",
}
_MEANS = ", ".join(
    f"round(sum({name} * people) FILTER ({name} IS NOT NULL) / nullif(sum(people) FILTER ({name} IS NOT NULL), 0), 6)"
    f" AS {name}"
    for name in _FIGURES
)


def zip3_ses_map(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    rows: Iterable[Mapping[str, str]],
    version: str,
    areas: Iterable[ZipArea] = (),
) -> tables.Built:
    """Write the table from the `rows` of the reference table; `version`: the year of the survey, where it is one."""
    con.register("zip_codes", _read(rows, {begins: area.becomes for area in areas for begins in area.begins}))
    year = version if version.isascii() and version.isdigit() else "NULL"
    made = con.execute(f"""
    SELECT area::BIGINT AS zip3, area || '**' AS zip3_as_string, {_MEANS}, {year}::BIGINT AS acs
    FROM zip_codes GROUP BY area ORDER BY area""").to_arrow_table()
    con.unregister("zip_codes")
    return tables.write(folder, "zip3_ses_map", made)


def _read(rows: Iterable[Mapping[str, str]], becomes: Mapping[str, str]) -> pa.Table:
    columns: dict[str, list[object]] = {"area": [], "people": [], **{name: [] for name in _FIGURES}}
    for row in rows:
        begins = row["ZCTA5"].zfill(5)[:3]
        columns["area"].append(becomes.get(begins, begins))
        columns["people"].append(_number(row.get("population", "1")))
        for name, given in _FIGURES.items():
            columns[name].append(_number(row[given]))
    kinds = {name: pa.string() if name == "area" else pa.float64() for name in columns}
    return pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})


def _number(text: str) -> float | None:
    return None if text.strip() in ("", "NA") else float(text)
