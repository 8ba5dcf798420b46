"""Our table of the release's columns, against the field specification of OMOP CDM 5.4 as OHDSI publishes it."""

import csv

import pytest

from commonweal.omop import tables as cdm
from commonweal.omop.domains import domains

OURS = {
    "survey_conduct",
    "person_ext",
    "observation_ext",
    "survey_conduct_ext",
    "zip3_ses_map",
    "ancestry",
    *cdm.WEARABLES,
}


@pytest.fixture(scope="module")
def specified(shared_data):
    """table -> column -> the row of the specification, in its order."""
    found = {}
    path = shared_data / "omop" / "cdm54_spec" / "OMOP_CDMv5.4_Field_Level.csv"
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["cdmTableName"].lower(), {})[row["cdmFieldName"].lower()] = row
    return found


def kind(datatype):
    return "string" if datatype.lower().startswith(("varchar", "clob")) else datatype.lower()


def test_every_table_but_our_own_is_of_the_standard(specified):
    standard = {name for name, spec in cdm.tables().items() if name not in OURS}
    assert standard <= specified.keys() and not OURS & specified.keys()


def test_columns_types_and_what_is_required_are_as_specified(specified):
    for name in cdm.tables().keys() - OURS:
        ours = [(c.name, c.type, c.required) for c in cdm.tables()[name].columns]
        theirs = [(c, kind(row["cdmDatatype"]), row["isRequired"] == "Yes") for c, row in specified[name].items()]
        assert ours == theirs, name


def test_domains_are_as_specified(specified):
    theirs = {
        (table, column): frozenset(d.strip() for d in row["fkDomain"].split(","))
        for table, columns in specified.items()
        for column, row in columns.items()
        if table in cdm.tables() and row["fkDomain"] not in ("NA", "")
    }
    assert domains() == theirs
