"""What a build says of its progress, as the steward's page reads it."""

from datetime import datetime

import pytest

from commonweal.curation import request_console
from commonweal.curation.request_console import RequestConsole, stage


@pytest.mark.parametrize(
    ("words", "what", "tier"),
    [
        ("Reading the facts", "facts", ""),
        ("Building the registered tier", "rules", "registered"),
        ("Measuring the risk of the controlled tier", "risk", "controlled"),
        ("Counting the public tier", "counting", "public"),
        ("Checking the public tier of 2026Q4R1", "checking", "public"),
        ("Something that is new", "other", ""),
    ],
)
def test_words_at_a_terminal_become_a_stage(words, what, tier):
    found = stage(words)
    assert (found["what"], found["tier"], found["words"], found["until"]) == (what, tier, words, None)


def test_what_is_counted_is_told_and_one_stage_ends_where_the_next_begins(monkeypatch):
    told = []
    console = RequestConsole(lambda **said: told.append(said))
    monkeypatch.setattr(request_console, "SECONDS_BETWEEN", 0)
    with console.progress("Reading surveys", 4) as step:
        step.advance()
        step.update(completed=3)
    console.say("Sorting the facts")
    console.end()
    assert [said["progress"] for said in told] == [0.0, 0.25, 0.75, 0.0]
    first, second = console.stages
    assert (first["what"], first["share"], second["what"], second["share"]) == ("surveys", 1.0, "sorting", None)
    assert datetime.fromisoformat(first["since"]) <= datetime.fromisoformat(first["until"])
    assert datetime.fromisoformat(second["until"]).tzinfo is not None


def test_a_stage_of_no_known_size_has_no_share():
    console = RequestConsole(lambda **said: None)
    with console.progress("Reading wearables") as step:
        step.advance()
    assert console.stages[0]["share"] is None
