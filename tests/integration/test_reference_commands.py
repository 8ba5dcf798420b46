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


def test_lists_of_rural_zip_codes_hold_from_their_days(commonweal, tmp_path):
    (first := tmp_path / "2014.csv").write_text("MA,1029\nAK,99510\n")
    (later := tmp_path / "2020.csv").write_text("MA,01029\n")
    answer = commonweal("reference", "import", "rural_zips", first, later, "--since", "2020-09-15", "--version", "2020")
    assert (answer["accepted"], answer["version"]) == (3, "2020")
    listed = commonweal("reference", "list")["tables"]
    assert [table["rows"] for table in listed if table["kind"] == "rural_zips"] == [3]
