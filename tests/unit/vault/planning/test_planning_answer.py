"""The whole answer for 7,115 simulated people, the default program's sites and the census: words, numbers, and what is hidden."""

import csv
import gzip
import json
from dataclasses import replace

import pyarrow as pa
import pytest
from django.utils import translation

from commonweal import protocol
from commonweal.errors import BadInput
from commonweal.protocol.reference import ReferenceTable
from commonweal.ui.series import SPANS, Point, draw
from commonweal.vault.planning.answering import plan, read_inputs
from commonweal.vault.planning.dates import Band
from tests import plans

WORLDS = 200


@pytest.fixture(scope="module")
def program(shared_data):
    with gzip.open(shared_data / "census" / "het_acs_sex_age_race_state_current.csv.gz", "rt") as file:
        rows = tuple(csv.DictReader(file))
    loaded = protocol.load(protocol.DEFAULT)
    return replace(loaded, reference={"census": ReferenceTable("census", "1", "", "", rows)})


def asked(folder, program, text=plans.PLAN, people=None, outreach=None):
    table = plans.people() if people is None else people
    inputs = read_inputs(plans.plan_file(folder, text), program, table, outreach or plans.outreach(), plans.AS_OF)
    return plan(replace(inputs, worlds=WORLDS))


@pytest.fixture(scope="module")
def answer(program, tmp_path_factory):
    return asked(tmp_path_factory.mktemp("plan"), program)


def test_it_is_plain(answer):
    told = json.dumps(answer, allow_nan=False)
    assert json.dumps(json.loads(told)) == told


def test_the_plan_reaches_its_goals_within_its_means(answer):
    assert answer["met"] and answer["proved"] and 1 < answer["months"] <= 24
    assert sum(row["cost"] for row in answer["plan"]) <= 1_000_000
    by_month = {}
    for row in answer["plan"]:
        by_month[row["month"]] = by_month.get(row["month"], 0) + row["cost"]
    assert max(by_month.values()) <= 60_000
    assert all(
        goal["expected"] >= goal["target"] and goal["low"] <= goal["expected"] <= goal["high"]
        for goal in answer["goals"]
    )
    assert answer["simulation"]["all"]["probability"] > 0.6 > answer["simulation"]["nothing"]["all"]["probability"]


def test_dates_and_bands_of_every_goal(answer):
    told = answer["simulation"]
    assert [goal["of"] for goal in told["goals"]] == ["people", "minority", "overall"]
    assert [band["of"] for band in told["bands"]] == ["people", "minority", "overall"]
    assert all(len(band["rows"]) == 25 for band in told["bands"])
    assert {"geography", "disability", "BLACK", "minority"} <= set(told["end"])
    assert all(row["low"] <= row["middle"] <= row["high"] for band in told["bands"] for row in band["rows"])


def test_people_of_today_pass_the_gate(answer, program, tmp_path):
    assert all(people % 20 == 0 for people in answer["now"].values())
    [people, *shares] = answer["simulation"]["bands"]
    assert all(value % 20 == 0 for row in people["rows"] for value in (row["low"], row["middle"], row["high"]))
    assert all(round(row["middle"], 3) == row["middle"] for band in shares for row in band["rows"])
    assert answer["goals"][0]["expected"] % 20 == 0


def test_few_people_are_not_told(program, tmp_path):
    told = asked(tmp_path, program, people=plans.people(90))
    assert {option["past"]["consented"] for option in told["options"]} <= {None, 0}
    assert all(people is None or people % 20 == 0 for people in told["now"].values())
    assert told["simulation"]["end"]["geography"] is None and told["simulation"]["end"]["ASIAN"] is None
    hidden = {name for name, people in told["now"].items() if people is None}
    assert not hidden & {band["of"] for band in told["simulation"]["bands"]}


def test_bands_are_drawn(answer):
    band = Band.of_told(json.loads(json.dumps(answer["simulation"]["bands"][0])))
    drawing = draw([Point(month, span) for month, span in band.spans], SPANS, line=band.middles, from_zero=False)
    assert len(drawing.marks) == 25 and band.goal == 12000


def test_words_in_both_languages(program, tmp_path):
    told = {}
    for language in ("en", "es"):
        with translation.override(language):
            told[language] = asked(tmp_path, program)["text"]
    assert "The goals can be reached by the end of" in told["en"] and "chicago-fair-es" in told["en"]
    assert "Las metas se pueden alcanzar" in told["es"]
    shared = set(told["en"].splitlines()) & set(told["es"].splitlines())
    assert shared <= {""}


def test_what_cannot_be_reached_is_told_with_what_would_help(program, tmp_path):
    text = plans.changed("people = 12000", "people = 60000")
    answer = asked(tmp_path, program, text)
    assert not answer["met"] and answer["goals"][0]["short"] > 1000
    assert (
        "Not all goals can be reached" in answer["text"] and "lacking for this to be as sure as asked" in answer["text"]
    )
    assert answer["remedies"]["months"] is not None or answer["remedies"].get("both") is not None


def test_a_share_that_no_option_brings(program, tmp_path):
    text = plans.changed("0.72", "0.99")
    answer = asked(tmp_path, program, text)
    assert not answer["met"] and answer["remedies"]["money"] is None
    assert [goal["alone"] for goal in answer["goals"]] == [True, True, False]
    assert "No amount of these options reaches the goals together." in answer["text"]


def test_goals_by_category_are_told_by_their_titles(program, tmp_path):
    text = plans.changed("people = 12000", "people = 12000\nshares = { geography = 0.02 }\npeople_of = { BLACK = 900 }")
    answer = asked(tmp_path, program, text)
    assert "Rural residence" in answer["text"] and "Black or African American" in answer["text"]


def test_tables_that_lack_what_is_needed(program, tmp_path):
    with pytest.raises(BadInput, match="no column 'race'"):
        asked(tmp_path, program, people=plans.people().drop_columns(["race"]))
    with pytest.raises(BadInput, match="a race that is none of"):
        table = plans.people().drop_columns(["race"])
        asked(tmp_path, program, people=table.append_column("race", pa.array(["MARTIAN"] * plans.PEOPLE)))
    with pytest.raises(BadInput, match="no column 'contacts'"):
        asked(tmp_path, program, outreach=plans.outreach().drop_columns(["contacts"]))
    with pytest.raises(BadInput, match="`cost` cannot be below zero"):
        table = plans.outreach().drop_columns(["cost"]).append_column("cost", pa.array([-1.0] * 4))
        asked(tmp_path, program, outreach=table)
