"""What a signature may be, and which words of a text are explained."""

import pytest

from commonweal.errors import BadInput
from commonweal.vault.consent import signing
from commonweal.vault.consent.glossary import marked
from commonweal.vault.consent.signing import SignatureGiven

STROKE = "M10 20L200.5 30.25L400 180"


@pytest.mark.parametrize("path", [STROKE, "M0 0L600 200", STROKE + "M5 5L100 100"])
def test_lines_inside_the_box_are_a_drawing(path):
    assert signing.is_drawing(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "M10 20",  # a dot
        "M10 20L11 20",  # a slip
        "M10 20L700 30L20 20",  # outside
        "M10 20L200 201",
        "M10 20L-5 30L200 100",
        "M10 20C1 2 3 4 5 6L200 100",  # no curves: our page draws none
        "M10 20L1e2 30L200 100",
        'M10 20L200 100"/><script>alert(1)</script>',
        "M10 20L200 100 ",
        "L10 20L200 100",
        "M٣ 20L200 100L300 30",  # digits of another script are no numbers here
        "M10 20" + "L200 100" * 3000,
    ],
)
def test_anything_else_is_no_drawing(path):
    assert not signing.is_drawing(path)
    with pytest.raises(BadInput, match="not one that this page makes"):
        signing.check(SignatureGiven("drawn", "Ann", path), initials=False)


def test_names_of_any_script_and_length_sign():
    for name in ("Inés", "محمد", "王小明", "क्षितिज", "O", "x" * 200 + " " + "y" * 200):
        signing.check(SignatureGiven(typed_name=name), initials=False)
    for name in ("", "   ", "x" * 402):
        with pytest.raises(BadInput):
            signing.check(SignatureGiven(typed_name=name), initials=False)
    with pytest.raises(BadInput, match="neither typed"):
        signing.check(SignatureGiven("stamped", "Ann"), initials=False)


def test_initials_are_letters_of_any_script():
    for initials in ("IR", "م", "王"):
        signing.check(SignatureGiven(typed_name="Ann", initials=initials), initials=True)
    for initials in ("", "--", "12"):
        with pytest.raises(BadInput, match="needs initials"):
            signing.check(SignatureGiven(typed_name="Ann", initials=initials), initials=True)


def test_a_name_is_the_same_however_it_is_typed():
    assert signing.plain("INÉS  O’Neil ") == signing.plain("ines o'neil")
    assert signing.plain("José") != signing.plain("Josef")


TERMS = {"DNA": "The plan.", "gene": "A piece.", "genetic information": "What it tells.", "a<b": "Odd."}


def test_a_word_is_marked_where_it_first_stands_and_explained_once():
    html, words = marked("Your DNA. My dna again.\n\n- a gene\n- genetic information", TERMS)
    assert [word.term for word in words] == ["DNA", "gene", "genetic information"]
    assert html.count('href="#word-1"') == 1
    assert '<a class="term" id="used-2" href="#word-2">gene</a>' in html
    assert "<ul><li>a <a" in html


def test_parts_of_words_are_not_words_and_nothing_slips_in_as_markup():
    html, words = marked("Degenerate genes & <b>a<b</b>", TERMS)
    assert [word.term for word in words] == ["a<b"]
    assert "Degenerate genes &amp; &lt;b&gt;" in html and "<b>" not in html
    assert marked("DNA", {}).html == "<p>DNA</p>"
    assert marked("", TERMS) == ("", [])
