"""Tables that no raw row stands behind: made from the released ones, or from the vocabulary."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from commonweal.curation import tables
from commonweal.curation.checks import scan
from commonweal.curation.duck import quote
from commonweal.curation.numbering import ids
from commonweal.curation.side_by_side import each
from commonweal.omop import eras
from commonweal.omop import tables as cdm
from commonweal.omop.mapping import EHR

CDM_VERSION = 756265  # OMOP CDM Version 5.4.0
_VOCABULARY = {
    "concept": "concept_id IN (FROM wanted) ORDER BY concept_id",
    "concept_relationship": "concept_id_1 IN (FROM wanted) AND concept_id_2 IN (FROM wanted) ORDER BY ALL",
    "concept_ancestor": "descendant_concept_id IN (FROM wanted) AND ancestor_concept_id IN (FROM wanted) ORDER BY ALL",
    "concept_synonym": "concept_id IN (FROM wanted) ORDER BY ALL",
    "vocabulary": "vocabulary_id IN (SELECT vocabulary_id FROM concept WHERE concept_id IN (FROM wanted)) ORDER BY ALL",
}


def open_release(con: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Views `rel_TABLE` over the tables of a tier's folder; returns their names."""
    names = sorted(p.name for p in (folder / "tables").iterdir()) if (folder / "tables").is_dir() else []
    for name in names:
        files = quote(folder / "tables" / name / "*.parquet")
        con.execute(f"CREATE OR REPLACE VIEW rel_{name} AS FROM read_parquet({files})")
    return names


def observation_period(con: duckdb.DuckDBPyConnection, folder: Path, names: list[str]) -> tables.Built:
    """For each person with health records: from their first released event to their last."""

    def work(own: duckdb.DuckDBPyConnection, part: int) -> tables.Built:
        sources = {name: _part(folder, name, part) for name in eras.EVENTS if name in names}
        if "observation" in sources:
            sources["observation"] = f"(FROM {sources['observation']} WHERE observation_type_concept_id = {EHR})"
        return _written(folder, "observation_period", part, [eras.observation_periods(own, sources, EHR)])

    return tables.joined(each(con, _parts(folder), work))[0]


def eras_of(con: duckdb.DuckDBPyConnection, folder: Path, last_day: date) -> list[tables.Built]:
    """Condition and drug eras of the released events; none ends after the day on which all end."""
    eras.load_ingredients(con, "rel_drug_exposure")

    def work(own: duckdb.DuckDBPyConnection, part: int) -> list[tables.Built]:
        conditions, drugs = (_part(folder, name, part) for name in ("condition_occurrence", "drug_exposure"))
        made = {
            "condition_era": eras.condition_eras(own, conditions, until=last_day),
            "drug_era": eras.drug_eras(own, drugs, until=last_day),
        }
        return [_written(folder, name, part, slices) for name, slices in made.items()]

    return tables.joined(piece for pieces in each(con, _parts(folder), work) for piece in pieces)


def _parts(folder: Path) -> int:
    """How many parts the tier was built in: each table that raw rows stand behind has a file of each."""
    return len(list((folder / "tables" / "condition_occurrence").iterdir()))


def _part(folder: Path, name: str, part: int) -> str:
    return f"read_parquet({quote(folder / tables.place(name, part))})"


def _written(folder: Path, name: str, part: int, slices: Iterable[pa.Table]) -> tables.Built:
    writer = tables.Writer(folder, cdm.tables()[name], part)
    for rows in slices:
        writer.write(_numbered(rows))
    return tables.Built(name, writer.rows, [], [writer.close()])


def _numbered(rows: pa.Table) -> pa.Table:
    """Rows of whole people, in their order, with ids like those of all other tables."""
    return rows.set_column(0, rows.column_names[0], pa.array(ids(rows["person_id"].to_numpy())))


def vocabulary(con: duckdb.DuckDBPyConnection, folder: Path, names: list[str]) -> list[tables.Built]:
    """The part of the vocabulary that this release speaks: concepts in use, their ancestors and what they map to.

    Leaves `words_TABLE` (checks/scan.py) of the tables `names` on `con`.
    """
    specs = cdm.tables()
    read = [specs[name] for name in names if name in specs and name not in _VOCABULARY]
    for spec in read:
        scan.tell_words(con, spec)
    con.execute(f"CREATE OR REPLACE TABLE used AS {scan.used(read)}")
    con.execute("""
    CREATE OR REPLACE TABLE wanted AS
    FROM used UNION SELECT ancestor_concept_id FROM concept_ancestor WHERE descendant_concept_id IN (FROM used)
    UNION SELECT concept_id FROM concept WHERE vocabulary_id = 'PPI' OR concept_id BETWEEN 2000000000 AND 2000000099""")
    built = []
    for name, condition in _VOCABULARY.items():
        chosen = ", ".join(c.name for c in specs[name].columns)
        rows = con.execute(f"SELECT {chosen} FROM {name} WHERE {condition}").to_arrow_table()
        built.append(tables.write(folder, name, rows))
    return built


def cdm_source(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    program: str,
    name: str,
    cutoff: date,
    software: str,
    vocabulary: str,
) -> tables.Built:
    """One row that says what this is. Its dates are the data cutoff: the release holds no clock time."""
    row = f"""
    SELECT {quote(program)} AS cdm_source_name, {quote(name)} AS cdm_source_abbreviation, {quote(program)} AS cdm_holder,
      NULL::VARCHAR AS source_description, NULL::VARCHAR AS source_documentation_reference,
      {quote(software)} AS cdm_etl_reference, DATE '{cutoff}' AS source_release_date, DATE '{cutoff}' AS cdm_release_date,
      '5.4' AS cdm_version, {CDM_VERSION} AS cdm_version_concept_id, {quote(vocabulary)} AS vocabulary_version"""
    return tables.write(folder, "cdm_source", con.execute(row).to_arrow_table())
