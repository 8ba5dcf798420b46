"""What a response is found to be: each class, beside what the same person said before."""

from datetime import UTC, datetime, timedelta

import pytest

from commonweal.vault.surveys.classifying import CLASSES, Finding, Said, answer_hash, classify, said

T, DAY, HOUR = datetime(2025, 6, 1, tzinfo=UTC), timedelta(days=1), timedelta(hours=1)
A, AB, ABC, B = (frozenset(letters) for letters in ("a", "ab", "abc", "b"))
CONTACTS = frozenset({"SecondaryContactInfo_PersonOneFirstName", "SocialSecurity_SocialSecurityNumber"})


def one(answers=A, at=T, **more):
    return Said(at, answers, **more)


SPEC = {
    "the first one is complete": (one(), [], {}, Finding("complete")),
    "other answers are complete": (one(B, T + DAY), [one(A, key=1)], {}, Finding("complete")),
    "the same answers again are a duplicate": (one(A, T + 90 * DAY), [one(A, key=1)], {}, Finding("duplicate")),
    "a part of the answers is a duplicate": (one(A, T + DAY), [one(AB, key=1)], {}, Finding("duplicate")),
    "more answers take the place of those they hold": (one(AB, T + DAY), [one(A, key=1)], {}, Finding("complete", 1)),
    "of several, of the latest": (
        one(ABC, T + 3 * DAY),
        [one(A, T, key=1), one(AB, T + DAY, key=2)],
        {},
        Finding("complete", 2),
    ),
    "but of none that is newer": (one(AB, T), [one(A, T + DAY, key=1)], {}, Finding("complete")),
    "asked again and again, the same on another day is new": (
        one(A, T + 90 * DAY),
        [one(A, key=1)],
        {"repeats": True},
        Finding("complete"),
    ),
    "asked again and again, the same within the day is not": (
        one(A, T + HOUR),
        [one(A, key=1)],
        {"repeats": True},
        Finding("duplicate"),
    ),
    "not finished": (one(status="in-progress"), [], {}, Finding("partial")),
    "given up": (one(status="stopped"), [], {}, Finding("partial")),
    "more of what is not finished": (one(AB, status="in-progress", same_as=1), [], {}, Finding("partial", 1)),
    "finished at last": (one(AB, same_as=1), [], {}, Finding("complete", 1)),
    "only contact persons in The Basics": (
        one(survey="TheBasics", questions=CONTACTS),
        [],
        {},
        Finding("profile_update"),
    ),
    "contact persons and more": (one(survey="TheBasics", questions=CONTACTS | {"Race"}), [], {}, Finding("complete")),
    "contact persons elsewhere": (one(survey="Lifestyle", questions=CONTACTS), [], {}, Finding("complete")),
    "nothing answered": (one(frozenset()), [], {}, Finding("no_answer_values")),
    "all answers taken back": (
        one(frozenset(), status="amended", same_as=1),
        [one(key=1)],
        {},
        Finding("no_answer_values", 1),
    ),
    "the same one at another time": (
        one(A, T - DAY, same_as=1),
        [one(A, T, key=1)],
        {},
        Finding("authored_time_updated", 1),
    ),
    "a correction": (one(B, T + DAY, status="amended", same_as=1), [one(A, key=1)], {}, Finding("complete", 1)),
    "a correction to less": (
        one(A, T + DAY, status="amended", same_as=1),
        [one(AB, key=1)],
        {},
        Finding("complete", 1),
    ),
    "does not answer its form": (one(valid=False), [], {}, Finding("invalid")),
    "entered in error": (one(status="entered-in-error", same_as=1), [one(key=1)], {}, Finding("invalid", 1)),
    "invalid ones before are no measure": (one(A, T + DAY), [one(A, key=1, valid=False)], {}, Finding("complete")),
}


@pytest.mark.parametrize("case", SPEC)
def test_what_a_response_is(case):
    new, earlier, more, expected = SPEC[case]
    assert classify(new, earlier, **more) == expected


def test_every_class_has_a_case():
    assert {expected.classification for *_, expected in SPEC.values()} == set(CLASSES)


def coding(code, **more):
    return {"valueCoding": {"system": "s", "code": code} | more}


def test_the_hash_is_of_the_answers_alone():
    one = {"q": [coding("a", display="Yes"), coding("b")], "n": [{"valueInteger": 2}]}
    same = {"n": [{"valueDecimal": 2.0}], "q": [coding("b"), coding("a")]}
    assert answer_hash(one) == answer_hash(same) and said(one) == said(same)
    for other in ({"q": [coding("a")], "n": [{"valueInteger": 2}]}, {"q": one["q"]}, {"q": one["n"], "n": one["q"]}):
        assert answer_hash(other) != answer_hash(one)
    assert answer_hash({"q": [{"extension": []}]}) == "" == answer_hash({})
    assert answer_hash({"q": [{"valueBoolean": True}]}) != answer_hash({"q": [{"valueInteger": 1}]})
    assert len(said({"q": [{"valueQuantity": {"value": 1, "unit": "kg"}}]})) == 1
