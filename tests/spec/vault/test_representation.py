"""Categories of representation as tables: each row is judged, and the documentation is made of the same rows."""

import csv
import io
import os
from datetime import date
from pathlib import Path

import orjson
import pytest

from commonweal import protocol
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.zips import Zips
from commonweal.vault.representation.lines import classify, classify_lines
from commonweal.vault.representation.rules import Facts, rules_of
from commonweal.vault.representation.rules.rural import RuralRule
from tests.spec.vault.representation_cases import CASES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "rules" / "representation.md"
PROGRAM = protocol.load(protocol.DEFAULT)
RULES = rules_of(PROGRAM)


@pytest.mark.parametrize(("category", "person", "outcome", "remark"), CASES)
def test_case(category, person, outcome, remark):
    assert classify(person, RULES)[category] == outcome, remark


def test_every_category_is_in_the_cases_with_every_outcome():
    seen = {(category, outcome) for category, _, outcome, _ in CASES}
    wanted = [*RULES.ids, "overall"]
    told = {(one, outcome) for one in wanted if one != "geography" for outcome in ("UBR", "RBR", "NotAnswer")}
    assert told <= seen


def test_capitals_make_no_difference():
    for category, person, outcome, _ in CASES:
        own = {"birth_date", "consent_date", "zip", "state"}
        said = {key if key in own else key.swapcase(): value for key, value in person.items()}
        assert classify(said, RULES)[category] == outcome


RURAL = {
    "rural_zips": (
        {"zip": "79830", "since": ""},
        {"zip": "59001", "since": ""},
        {"zip": "59001", "since": "2020-09-15"},
    )
}
PLACES = [
    ("79830", "2020-09-14", "UBR", "on the first list"),
    ("79830", "2020-09-15", "RBR", "no longer on the list in force from that day"),
    ("59001", "2024-01-01", "UBR", "on the second list"),
    ("59001-1234", "2024-01-01", "UBR", "the first five digits count"),
    ("60601", "2024-01-01", "RBR", "on no list"),
    ("", "2024-01-01", "NotAnswer", "none given"),
    ("0960", "2024-01-01", "NotAnswer", "too short"),
    ("09601", "2024-01-01", "NotAnswer", "military"),
    ("00001", "2024-01-01", "NotAnswer", "there is no such ZIP code"),
    ("Chicago", "2024-01-01", "NotAnswer", "no number"),
]  # fmt: skip


def rural_rule(**tables):
    known = {kind: ReferenceTable(kind, "1", "", "", tuple(rows)) for kind, rows in tables.items()}
    zips = Zips.of({"zip3": PROGRAM.reference["zip3"], **known})
    return RuralRule("geography", zips, tuple(since for since, _ in zips.lists))


@pytest.mark.parametrize(("code", "day", "outcome", "remark"), PLACES)
def test_geography(code, day, outcome, remark):
    assert rural_rule(**RURAL).judge(frozenset(), Facts(zip=code, consented=date.fromisoformat(day))) == outcome, remark


def test_a_program_without_a_list_of_rural_zips_knows_nothing_of_anybody():
    assert rural_rule().judge(frozenset(), Facts(zip="79830", consented=date(2024, 1, 1))) == "NotAnswer"


WRONG_IN_THE_REFERENCE = {("AK", 2024, 2), ("Other", 2024, 3)}  # its column for 2024 is that of 2023


def test_income_against_the_brackets_of_the_reference(shared_data):
    file = shared_data / "aou" / "derived" / "ubr_income_max_bracket.csv"
    rows = list(csv.DictReader(file.read_text().splitlines()))
    brackets = list(PROGRAM.representation.categories[6].lower_bounds)
    different = set()
    for row in rows:
        state = {"Other": "TX"}.get(row["state_group"], row["state_group"])
        told = {
            bracket: classify(
                {
                    "Income_AnnualIncome": bracket,
                    "LivingSituation_HowManyPeople": int(row["household_size"]) - 1,
                    "state": state,
                    "consent_date": f"{row['year']}-07-01",
                },
                RULES,
            )["income"]
            for bracket in brackets
        }
        highest = [one for one, outcome in told.items() if outcome == "UBR"][-1].removeprefix("AnnualIncome_")
        if highest != row["highest_ubr_bracket"]:
            different.add((row["state_group"], int(row["year"]), int(row["household_size"])))
    assert len(rows) == 264
    assert different == WRONG_IN_THE_REFERENCE


def test_lines_say_which_of_them_is_wrong():
    lines = [b'{"zip": "60601"}\n', b"\n", b'{"birth_date": "31.5.1980"}\n']
    done = classify_lines(io.BytesIO(b"".join(lines)), RULES)
    assert next(done)["age"] == "NotAnswer"
    with pytest.raises(Exception, match="line 3: birth_date: no day"):
        next(done)
    for line, words in ((b"[1]", "write an object"), (b"{", "no JSON"), (b'{"a": {"b": 1}}', "a: write a text")):
        with pytest.raises(Exception, match=words):
            list(classify_lines([line], RULES))


def written():
    titles = {one.id: one.title["en"] for one in PROGRAM.representation.categories} | {"overall": "Overall"}
    lines = [
        "# Categories of representation",
        "",
        "Made from the cases that `tests/spec/vault` checks; change them there. UBR: underrepresented in biomedical research; RBR:",
        "represented; NotAnswer: cannot be told. Codes are those of the survey questions. Where the reference algorithm errs, the",
        "remark says what it says.",
    ]
    for category in dict.fromkeys(one[0] for one in CASES):
        lines += ["", f"## {titles[category]} (`{category}`)", "", "| said | outcome | remark |", "|---|---|---|"]
        lines += [
            f"| {_words(person)} | {outcome} | {remark} |" for id, person, outcome, remark in CASES if id == category
        ]
        if category == "education":
            lines += [
                "",
                "## Rural residence (`geography`)",
                "",
                "| ZIP code | consent | outcome | remark |",
                "|---|---|---|---|",
            ]
            lines += [f"| {code or 'none'} | {day} | {outcome} | {remark} |" for code, day, outcome, remark in PLACES]
    return "\n".join(lines) + "\n"


def _words(person):
    return "<br>".join(f"`{key}` {orjson.dumps(value).decode()}" for key, value in person.items()) or "nothing"


def test_the_documentation_is_of_these_cases():
    if os.environ.get("COMMONWEAL_WRITE_DOCS"):
        DOCS.write_text(written(), encoding="utf-8")
    assert DOCS.read_text(encoding="utf-8") == written(), "run with COMMONWEAL_WRITE_DOCS=1"
