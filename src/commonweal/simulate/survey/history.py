"""Personal and Family Health History: who in a family has what.

A person has what their simulated health record has, where the record knows it (facts/family.csv, column `record`), and
by prevalence where it does not. Relatives have it by prevalence at their own age and sex, somewhat more often where the
person has it too; of grandparents and of distant families people know less.
"""

from dataclasses import dataclass

import numpy as np

from commonweal.simulate import society
from commonweal.simulate.draws import Draws
from commonweal.simulate.health.illness import chance_of
from commonweal.simulate.population import FEMALE, People
from commonweal.simulate.survey.blank import Question
from commonweal.simulate.survey.said import Said, Ticked, one

AWARE, GATE, WHY = "FamilyHistory_FamilyMedicalHistoryAware", "health_history_kinds", "family_health_unknown_why"
AGES = [25, 45, 65, 85]
IN_FAMILIES = 1.9  # times likelier in a relative of somebody who has it
ONSET = [12, 18, 65, 75]  # ages at which the bands of diagnosis begin, after the first


@dataclass(frozen=True)
class Relative:
    """Years older than the person, share of women among them, how many there are, and how much is known of them."""

    older: float
    women: float
    count: float
    known: float


RELATIVES = {  # by the first word of the answer's code
    "mother": Relative(27, 1, 1, 0.85),
    "father": Relative(29, 0, 1, 0.7),
    "sibling": Relative(0, 0.5, 2, 0.75),
    "daughter": Relative(-28, 1, 0.7, 0.9),
    "son": Relative(-28, 0, 0.7, 0.9),
    "grandparent": Relative(54, 0.5, 4, 0.25),
}


def history(draws: Draws, people: People, questions: list[Question]) -> dict[str, Said]:
    """Answers by linkId; nothing where the survey does not ask who in a family has something."""
    links = {question.link: question for question in questions}
    asked = [question for question in questions if _of(question) is not None]
    if not asked or not len(people):
        return {}
    aware = draws.pick("knows of the family", [38, 55, 7], people.index)
    who = {question.link: _who(draws, people, question, aware) for question in asked}
    said: dict[str, Said] = {AWARE: one("FamilyMedicalHistoryAware", ["Alot", "Some", "None"], aware)}
    said |= {q.link: Ticked([code for _, code in q.options], who[q.link]) for q in asked}
    kinds = _kinds(asked, who)
    said |= kinds
    if GATE in links:
        said[GATE] = _gate(draws, people, links[GATE], kinds)
    return said | _onsets(draws, people, questions)


def _kinds(asked: list[Question], who: dict[str, np.ndarray]) -> dict[str, Ticked]:
    """To each question which illnesses of a group there are: those that anyone has."""
    ticked: dict[str, dict[str, np.ndarray]] = {}
    for question in asked:
        opens = question.when[0]
        anyone = np.asarray(who[question.link].any(axis=1))
        ticked.setdefault(opens["question"], {})[opens["answerCoding"]["code"]] = anyone
    return {link: Ticked([*those, "PMI_None"], _or_none(list(those.values()))) for link, those in ticked.items()}


def _of(question: Question) -> dict[str, str] | None:
    """The row of family.csv of a question "who", told by the answer that opens it; None for other questions."""
    if not any(code.lower().startswith("grandparent") for _, code in question.options) or not question.when:
        return None
    opens = question.when[0].get("answerCoding", {}).get("code", "").rpartition("_")[2].lower()
    return next((row for row in society.table("family") if row["answer"].lower() == opens), None)


def _who(draws: Draws, people: People, question: Question, aware: np.ndarray) -> np.ndarray:
    """bool (people, options)."""
    row = _of(question)
    assert row is not None
    oneself = _self(draws, people, row)
    tells = np.array([1.0, 0.55, 0.0])[aware] * np.where(oneself, IN_FAMILIES, 1.0)
    columns = []
    for _, code in question.options:
        kind = next((name for name in RELATIVES if code.lower().startswith(name)), None)
        columns.append(oneself if kind is None else _relative(draws, people, row, kind, tells))
    return np.stack(columns, axis=1)


def _self(draws: Draws, people: People, row: dict[str, str]) -> np.ndarray:
    if row["record"]:
        return draws.chance("has " + row["record"], chance_of(row["record"], people), people.index)
    factor = np.where(people.sex == FEMALE, float(row["women"]), float(row["men"]))
    level = np.interp(people.age, AGES, _levels(row)) / 100 * factor * np.exp(0.25 * people.frailty)
    return draws.chance("has " + row["answer"], np.clip(level, 0, 0.9), people.index)


def _relative(draws: Draws, people: People, row: dict[str, str], kind: str, tells: np.ndarray) -> np.ndarray:
    """Whether any relative of this kind is said to have it."""
    kin = RELATIVES[kind]
    age = people.age + kin.older
    level = np.interp(age, AGES, _levels(row)) / 100 * (age > 0)
    level = level * (kin.women * float(row["women"]) + (1 - kin.women) * float(row["men"]))
    has = 1 - (1 - np.clip(level * kin.known * tells, 0, 0.9)) ** kin.count
    return draws.chance(f"{kind} has {row['answer']}", has, people.index)


def _levels(row: dict[str, str]) -> list[float]:
    return [float(row[f"at{age}"]) for age in AGES]


def _or_none(columns: list[np.ndarray]) -> np.ndarray:
    ticked = np.stack(columns, axis=1)
    return np.concatenate([ticked, ~ticked.any(axis=1, keepdims=True)], axis=1)


def _gate(draws: Draws, people: People, gate: Question, kinds: dict[str, Ticked]) -> Ticked:
    """Which groups of illness there are in the family: those of which something is told, and infections by chance.

    A few are in a hurry and say that there are none.
    """
    hasty = draws.chance("hasty about the family", 0.04, people.index)
    groups = {}
    for _, code in gate.options:
        group = code.removeprefix(GATE + "_")
        told = next((ticked for link, ticked in kinds.items() if _names(link, group)), None)
        if told is not None:
            groups[code] = told.which[:, :-1].any(axis=1) & ~hasty
        elif group == "infections":
            groups[code] = draws.chance("infections", 0.4, people.index) & ~hasty
    return Ticked([*groups, "PMI_None"], _or_none(list(groups.values())))


def _names(link: str, group: str) -> bool:
    """Whether a question such as DiagnosedHealthCondition_CancerCondition is that of the group `cancer`."""
    return link.rpartition("_")[2].lower().startswith(group)


def _onsets(draws: Draws, people: People, questions: list[Question]) -> dict[str, Said]:
    """At what age they were told: anywhere in life for the young, later for the old."""
    said: dict[str, Said] = {}
    for question in questions:
        codes = [code for _, code in question.options]
        if len(codes) > len(ONSET) and codes[0].startswith("HowOldWereYou") and codes[0].endswith("_Child"):
            age = people.age * draws.uniform(question.link + "/onset", people.index) ** 0.5
            said[question.link] = Ticked(codes[: len(ONSET) + 1], np.digitize(age, ONSET)[:, None] == np.arange(5))
    return said
