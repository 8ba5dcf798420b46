"""Tables by several traits: worked by hand; what they hide together; what cannot be asked."""

import pytest

from commonweal import commons
from commonweal.commons.release import Release
from commonweal.disclosure import Policy
from commonweal.errors import BadInput
from tests import omop_folder as omop
from tests.omop_folder import BLACK, DIABETES, FEMALE, HYPERTENSION, day

HIGH = {"of": {"type": "condition", "concepts": [HYPERTENSION]}, "name": "High"}
EVERYBODY = {"version": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve people; women are 1 to 5, Black people 1, 2, 6 and 7; 1, 6, 8 and 9 have a high pressure."""
    people = [
        omop.person(n, f"{1940 + 5 * n}-01-01", *([FEMALE] if n <= 5 else []), **({"race": BLACK} if n in (1, 2, 6, 7) else {}))
        for n in range(1, 13)
    ]  # fmt: skip
    ill = [omop.condition(n, day("2010-06-01"), HYPERTENSION) for n in (1, 6, 8, 9)]
    ill += [omop.condition(1, day("2011-06-01"), DIABETES)]
    return omop.write(tmp_path_factory.mktemp("omop"), person=people, condition_occurrence=ill, measurement=[])


def _cells(table):
    return {tuple(row[name] for name in table.by): row["persons"] for row in table.table.to_pylist()}


def test_tables_worked_by_hand(folder):
    by_race, by_pressure = commons.open(folder).crosstabs(EVERYBODY, [["sex", "race"], ["sex", HIGH]])
    found = _cells(by_race)
    black = next(name for name in dict(found) if name[0] == "FEMALE" and found[name] == 2)[1]
    assert found["FEMALE", "all"] == 5 and found["MALE", black] == 2 and found["all", "all"] == 12
    assert sum(n for (sex, race), n in found.items() if "all" not in (sex, race)) == 12
    assert _cells(by_pressure) == {
        ("MALE", "yes"): 3, ("MALE", "no"): 4, ("MALE", "all"): 7,
        ("FEMALE", "yes"): 1, ("FEMALE", "no"): 4, ("FEMALE", "all"): 5,
        ("all", "yes"): 4, ("all", "no"): 8, ("all", "all"): 12,
    }  # fmt: skip
    assert by_pressure.to_markdown().splitlines() == [
        "| Sex | yes | no | all |", "| --- | --- | --- | --- |",
        "| MALE | 3 | 4 | 7 |", "| FEMALE | 1 | 4 | 5 |", "| all | 4 | 8 | 12 |",
    ]  # fmt: skip


def test_age_stands_in_bands_in_their_order(folder):
    (found,) = commons.open(folder).crosstabs(EVERYBODY, [["age"]], at="2020-01-01", ages=(0, 30, 50))
    assert list(_cells(found).items()) == [(("0–29",), 2), (("30–49",), 4), (("50+",), 6), (("all",), 12)]
    assert found.to_markdown().splitlines()[-1] == "|  | 2 | 4 | 6 | 12 |"


def test_what_one_table_hides_no_other_gives_back(folder):
    gated = Release(folder, name="2026Q4R1", tier="registered", gated=True, policy=Policy(min_cell=2, round_to=1))
    alone, joined = (gated.crosstabs(EVERYBODY, tables) for tables in ([["sex"]], [["sex", HIGH], ["sex"], [HIGH]]))
    assert _cells(alone[0]) == {("MALE",): 7, ("FEMALE",): 5, ("all",): 12}
    both = _cells(joined[0])
    assert both["FEMALE", "yes"] is None  # one woman
    others = [both["FEMALE", "no"], both["MALE", "yes"], both["FEMALE", "all"], both["all", "yes"]]
    assert None in others[:1] + others[2:3] and None in others[1:2] + others[3:4]  # neither her row nor her column
    assert _cells(joined[1])["FEMALE",] == both["FEMALE", "all"]
    assert "withheld" in joined[0].to_markdown()
    assert _cells(gated.crosstabs(EVERYBODY, [["sex", HIGH]], exact=True)[0])["FEMALE", "yes"] == 1


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([], "give 1 to 8 lists"),
        ([["sex"] * 5], "of 1 to 4 traits"),
        ([["sex", "sex"]], "names a trait twice"),
        ([[{"last": {"type": "measurement", "concepts": [DIABETES]}}]], "is a number"),
        ([["age"]], "needs a day"),
    ],
)
def test_what_cannot_be_asked_is_said(folder, tables, message):
    with pytest.raises(BadInput, match=message):
        commons.open(folder).crosstabs(EVERYBODY, tables)
