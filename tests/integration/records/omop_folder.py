"""A small submission in OMOP form about Ana, whom the cohort of these tests knows; and how it is imported and read back."""

import json
from pathlib import Path

import duckdb

TABLES = {
    "person": "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id\n"
    "7,8532,1961,8,27,0,0\n8,8507,1950,1,1,0,0\n",
    "pii_name": "person_id,first_name,middle_name,last_name\n7,Ana,,Lopez\n8,Somebody,,Else\n",
    "pii_mrn": "person_id,health_system,MRN\n7,Clinic,0042\n8,Clinic,99\n",
    "visit_occurrence": "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,visit_type_concept_id\n"
    "500,7,9202,2019-03-01,2019-03-01,32817\n501,8,9202,2019-03-02,2019-03-02,32817\n",
    "condition_occurrence": "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
    "condition_type_concept_id,visit_occurrence_id\n"
    "1,7,201826,2019-03-01,32817,500\n2,7,201826,2020-05-02,32817,\n3,8,201826,2019-03-02,32817,501\n",
}  # fmt: skip

MATCH_HEAD = "person_id,first_name,last_name,dob,sex,address,phone_number,email,algorithm_validation,manual_validation\n"  # of participant_match


def write(folder: Path, **tables: str | bytes) -> Path:
    """The tables above, with others in their place; None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (TABLES | tables).items():
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode()
            (folder / (name if "." in name else f"{name}.csv")).write_bytes(data)
    return folder


def bring(home, *folders, site="site-a", **more):
    from commonweal.cli.console import Console
    from commonweal.vault.records.actions import import_files

    return import_files(folders, site=site, home=home, console=Console(json=True), **more)


def report(answer):
    return json.loads(Path(answer["report"]).read_text())["submissions"][-1]


def troubles(answer):
    """{(code, table, column): [lines]}"""
    told = report(answer)["troubles"]
    return {(t["code"], t["table"], t["column"]): [p["line"] for p in t["places"]] for t in told}


def held(home, table, **more):
    """The rows that count now, as dicts."""
    from commonweal.vault.records.tables.store import current_tables

    with duckdb.connect() as con:
        view = current_tables(con, home, **more)[table]
        return con.execute(f"FROM {view} ORDER BY ALL").to_arrow_table().to_pylist()
