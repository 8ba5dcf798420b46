"""matching.toml: what may be said in it, and what is refused and where."""

import pytest

from commonweal.protocol.base import DEFAULT
from commonweal.protocol.matching import NAME, read_matching

WORDS = (DEFAULT / NAME).read_text(encoding="utf-8")


def read(folder, text=None):
    problems = []
    if text is not None:
        (folder / NAME).write_text(text, encoding="utf-8")
    return read_matching(folder, problems), problems


def test_a_program_without_the_file_has_the_default(tmp_path):
    found, problems = read(tmp_path)
    assert problems == [] and found.match > found.near_miss and len(found.nicknames) > 100
    assert [name for name, _ in found.comparisons()][:3] == ["given", "family", "birth"]


def test_levels_are_tried_in_order_and_the_last_is_what_is_left(tmp_path):
    found, _ = read(tmp_path)
    assert [name for name, _ in found.birth.levels()] == ["same", "swapped", "slip", "year", "other"]
    assert [name for name, _ in found.sex.levels()] == ["same", "other"]


WRONG = [
    ("near_miss = 0.50 ", "near_miss = 0.99995 ", "'near_miss' has to be below 'match'"),
    ("match = 0.9999 ", "match = 1.5 ", "match"),
    ("same = { m = 0.985, u = 0.50 }", "same = { m = 0.885, u = 0.50 }", "add up to 0.9"),
    ("same = { m = 0.985, u = 0.50 }\nother = { m = 0.015, u = 0.50 }", "same = { m = 0.4, u = 0.5 }\nother = { m = 0.6, u = 0.5 }", "has to speak for one person"),
    ("[sex]\n", "[sex]\nperhaps = { m = 0.1, u = 0.1 }\n", "unknown key 'perhaps'"),
    ("keep_days = 90 ", "keep_days = 91 ", "keep_days"),
    ('needs = ["phone", "email"]', 'needs = ["face"]', "needs"),
    ("swapped = { m = 0.006, u = 0.00002 }\n", "", "the key 'swapped' is missing in birth"),
    ("one_in = 1_000_000 ", "one_in = 1 ", "one_in"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_what_is_wrong_is_told_at_its_line(tmp_path, old, new, told):
    assert old in WORDS
    found, problems = read(tmp_path, WORDS.replace(old, new, 1))
    assert found is None
    assert told in str(problems[0]) and problems[0].file == NAME
