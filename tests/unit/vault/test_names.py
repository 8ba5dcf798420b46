"""Names of any script, and what no name holds."""

import pytest

from commonweal.errors import BadInput
from commonweal.vault.people import names

SCRIPTS = [
    "Inés",
    "O'Brien",
    "D’Angelo",
    "Nguyễn Thị Minh Khai",
    "محمد",
    "王小明",
    "Ολυμπία",
    "अनिल",
    "Jean-Luc",
    "Ng",
    "ʻAukai",
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_stays_as_it_is_written(name):
    assert names.cleaned(name) == name
    assert names.has_letters(name)


def test_accents_are_composed_and_blanks_made_single():
    assert names.cleaned("  Ine\u0301s \t de  la\u00a0Cruz ") == "Inés de la Cruz"


def test_a_joiner_within_a_word_is_kept():
    assert names.cleaned("علی‌رضا") == "علی‌رضا"


@pytest.mark.parametrize("name", ["a\x00b", "a\x07b", "a\u202eb", "a\ufeffb", "a\u200bb", "a\ud800b"])
def test_what_cannot_be_seen_is_refused(name):
    with pytest.raises(BadInput, match="hidden"):
        names.cleaned(name)


@pytest.mark.parametrize("name", ["<script>", "Ann<", "a>b"])
def test_angle_brackets_are_refused(name):
    with pytest.raises(BadInput, match="brackets"):
        names.cleaned(name)


@pytest.mark.parametrize("name", ["-", "1234", "''", "…"])
def test_a_name_has_letters(name):
    assert not names.has_letters(name)


def test_one_name_is_a_whole_name():
    assert (names.full("Sukarno", ""), names.listed("Sukarno", "")) == ("Sukarno", "Sukarno")
    assert (names.full("Inés", "Rivera"), names.listed("Inés", "Rivera")) == ("Inés Rivera", "Rivera, Inés")
