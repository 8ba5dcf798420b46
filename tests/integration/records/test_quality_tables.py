"""A submission of OMOP tables is examined as it was stored: the site's own person table included."""

import json
from pathlib import Path

import pytest

from tests.integration.records import omop_folder

pytestmark = pytest.mark.django_db(transaction=True)
MEASURED = "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_type_concept_id,value_as_number,unit_concept_id\n"


def told(answer):
    return json.loads(Path(answer["report"]).read_text())


def test_tables_are_examined_and_set_beside_the_submission_before(cohort, tmp_path):
    cohort.add()
    rows = "1,7,3004249,2019-03-01,32817,120,8876\n2,7,3004249,2019-03-01,32817,1200,8876\n3,7,3004249,1950-03-01,32817,120,0\n"
    first = omop_folder.bring(cohort.home, omop_folder.write(tmp_path / "one", measurement=MEASURED + rows))
    found = told(first)
    tables = {one["table"]: one for one in found["quality"]["tables"]}
    assert (
        tables["person"]["rows"] == 1 and tables["condition_occurrence"]["rows"] == 2
    )  # of Ana; the other matches nobody
    wrong = {one["check"]: (one["rows"], one["of"]) for one in tables["measurement"]["checks"] if one["rows"]}
    assert wrong == {"before_birth": (1, 3), "above_plausible": (1, 3), "no_unit": (1, 3)}
    assert not any(name.startswith("_") for name in (one["field"] for one in tables["measurement"]["fields"]))
    second = omop_folder.bring(
        cohort.home, omop_folder.write(tmp_path / "two", measurement=MEASURED + rows.splitlines(True)[0])
    )
    change = {one["table"]: (one["before"], one["rows"]) for one in told(second)["change"]["tables"]}
    assert change["measurement"] == (3, 1) and told(second)["change"]["shrunk"] == ["measurement"]
    again = told(omop_folder.bring(cohort.home, tmp_path / "two"))
    assert again["state"] == "nothing"
