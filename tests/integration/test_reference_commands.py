"""A reference table from the command line: what it names that the vocabulary does not have is said at once."""

import pytest

from tests.commands import initialised

ROUTES = "dose_form_concept_name,route_concept_id\n"


@pytest.fixture(scope="module")
def commonweal(tmp_path_factory):
    return initialised(tmp_path_factory.mktemp("reference") / "home")


@pytest.mark.parametrize(("rows", "lacking"), [("Oral Tablet,123456789\nTopical Cream,0\n", 1), ("", 0)])
def test_a_table_that_names_what_the_vocabulary_lacks(commonweal, tmp_path, rows, lacking):
    (file := tmp_path / "routes.csv").write_text(ROUTES + rows)
    answer = commonweal("reference", "import", "dose_form_routes", file)
    assert (answer["accepted"] + answer["unchanged"], answer["unmatched"]) == (rows.count("\n"), lacking)
