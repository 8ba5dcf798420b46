"""`commonweal representation plan`: the answer as JSON and in words; files that are wrong are bad input."""

import json
import os
import subprocess
import sys

import pytest

from tests.commands import Refusal, initialised
from tests.plans import SMALL as PLAN
from tests.plans import plan_file


@pytest.fixture(scope="module")
def commonweal(tmp_path_factory):
    return initialised(tmp_path_factory.mktemp("plan") / "home")


def test_the_answer_is_json(commonweal, tmp_path):
    told = commonweal("representation", "plan", plan_file(tmp_path, PLAN))
    assert told["met"] is False
    assert [goal["of"] for goal in told["goals"]] == ["people", "minority", "overall"]
    assert all(isinstance(goal["expected"], int | float) for goal in told["goals"])
    assert sum(row["cost"] for row in told["plan"]) <= 120_000


def test_without_json_it_is_words(commonweal, tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMMONWEAL", "DJANGO"))}
    command = ["representation", "plan", str(plan_file(tmp_path, PLAN)), "--home", str(commonweal.home)]
    done = subprocess.run(
        [sys.executable, "-m", "commonweal.cli", *command], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Not all goals can be reached in 6 months")
    assert "What to do:" in done.stdout


def test_a_plan_that_is_wrong_is_bad_input_with_file_and_line(commonweal, tmp_path):
    with pytest.raises(Refusal) as refused:
        commonweal("representation", "plan", plan_file(tmp_path, PLAN.replace("months = 6", "months = 600")))
    assert refused.value.code == 2
    assert "plan.toml:3: months" in refused.value.answer["error"]


@pytest.mark.parametrize("file", [[], ["nowhere.toml"]])
def test_no_file_is_bad_input(commonweal, file):
    with pytest.raises(Refusal) as refused:
        commonweal("representation", "plan", *file)
    assert refused.value.code == 2
    assert json.dumps(refused.value.answer["error"])
