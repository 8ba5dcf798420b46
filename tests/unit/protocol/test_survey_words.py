"""The surveys that ship can be read by people with little schooling, in English and in Spanish."""

import re

import pytest

from commonweal import protocol
from commonweal.protocol import DEFAULT

SURVEYS = protocol.load(DEFAULT).surveys
GRADE, GRADE_OF_ONE = 5, 11  # Flesch-Kincaid of a whole survey; of one question, which few words make jump
EASE, EASE_OF_ONE = 75, 38  # Fernández-Huerta: 70 to 80 is "fairly easy", the sixth year of school
LONGEST, FEW = 28, 6  # words: of a sentence; below which one question is too short to be measured
OFFICIAL = re.compile(r"Disability_\w+")  # the six questions of the census, whose words are not ours


def texts(survey, language):
    for item in survey.questionnaire.items.values():
        if item.words and not OFFICIAL.fullmatch(item.link_id):
            yield item.text(language).strip()


def sentences(text):
    return [part for part in re.split(r"[.!?:]+(?:\s+|$)", text) if re.search(r"\w", part)]


def words(text):
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)


def english_syllables(word):
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?<![aeiouyl])es?$", "", word.lower()))))


def spanish_syllables(word):
    """Nuclei: a strong or stressed vowel each; weak ones beside them make a diphthong."""
    plain = re.sub(r"(?<=[gq])u(?=[eiéí])", "", word.lower())
    return max(1, len(re.findall(r"[iuü]?[aeoáéó][iuüy]?(?![áéíóú])|[íú]|[iuüy]+(?![aeoáéó])", plain)))


def grade(parts):
    """Flesch-Kincaid grade (Kincaid et al. 1975)."""
    count, said, heard = measure(parts, english_syllables)
    return 0.39 * said / count + 11.8 * heard / said - 15.59


def ease(parts):
    """Reading ease for Spanish (Fernández Huerta 1959, as corrected by Law 2011): 100 is easiest."""
    count, said, heard = measure(parts, spanish_syllables)
    return 206.84 - 60 * heard / said - 1.02 * said / count


def measure(parts, syllables):
    spoken = [word for part in parts for word in words(part)]
    return sum(len(sentences(part)) for part in parts), len(spoken), sum(map(syllables, spoken))


def test_the_measures_tell_easy_words_from_hard_ones():
    assert grade(["The cat sat on the mat. It was warm."]) < 2
    assert (
        grade(["Notwithstanding considerable methodological heterogeneity, institutional accountability remains."]) > 20
    )
    assert ease(["El gato está en la casa. Hace sol."]) > 95
    assert ease(["La interdisciplinariedad metodológica institucionalizada presupone responsabilidades."]) < 10
    assert [spanish_syllables(word) for word in ("casa", "quién", "día", "cuidado", "huevo", "guitarra", "ley")] == [
        2, 1, 2, 3, 2, 3, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("code", SURVEYS)
def test_english_is_plain(code):
    said = list(texts(SURVEYS[code], "en"))
    assert grade(said) <= GRADE
    assert [text for text in said if len(words(text)) >= FEW and grade([text]) > GRADE_OF_ONE] == []


@pytest.mark.parametrize("code", SURVEYS)
def test_spanish_is_plain(code):
    said = list(texts(SURVEYS[code], "es"))
    assert ease(said) >= EASE
    assert [text for text in said if len(words(text)) >= FEW and ease([text]) < EASE_OF_ONE] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_sentence_is_long(language):
    long = [
        part
        for survey in SURVEYS.values()
        for text in texts(survey, language)
        for part in sentences(text)
        if len(words(part)) > LONGEST
    ]
    assert long == []


def test_spanish_speaks_to_people_as_usted():
    familiar = re.compile(
        r"\b(tú|tu|tus|te|ti|tienes|has|eres|estás|puedes|vives|quieres|contesta|marca)\b", re.IGNORECASE
    )
    assert [text for survey in SURVEYS.values() for text in texts(survey, "es") if familiar.search(text)] == []
