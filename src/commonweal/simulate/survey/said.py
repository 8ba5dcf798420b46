"""What simulated people answer to the questions whose answers follow from who they are, by PPI question code.

An answer is `Ticked(codes, which)` (which: bool, people by codes) or an array of numbers (NaN: not answered). Codes
that the protocol's survey does not offer are left out by the one who writes the document.
"""

from dataclasses import dataclass

import numpy as np

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import FEMALE, People

RACES = ["White", "Black", "Hispanic", "Asian", "AIAN", "NHPI", "MENA"]
GRADES = [
    "NeverAttended",
    "OneThroughFour",
    "FiveThroughEight",
    "NineThroughEleven",
    "TwelveOrGED",
    "CollegeOnetoThree",
    "CollegeGraduate",
    "AdvancedDegree",
]
INCOMES = ["less10k", "10k25k", "25k35k", "35k50k", "50k75k", "75k100k", "100k150k", "150k200k", "more200k"]
DISABILITIES = {
    "Deaf": ("Disability_Deaf", "69856-3"),
    "Blind": ("Disability_Blind", "69857-1"),
    "DifficultyConcentrating": ("Disability_DifficultyConcentrating", "69858-9"),
    "WalkingClimbing": ("Disability_WalkingClimbing", "69859-7"),
    "DressingBathing": ("Disability_DressingBathing", "69860-5"),
    "ErrandsAlone": ("Disability_ErrandsAlone", "69861-3"),
}
_GENDERS = ["Woman", "Man", "NonBinary", "Transgender", "AdditionalOptions"]


@dataclass(frozen=True)
class Ticked:
    """`which[i, k]`: person i ticks `codes[k]`."""

    codes: list[str]
    which: np.ndarray


Said = Ticked | np.ndarray


def one(stem: str, names: list[str], index: np.ndarray) -> Ticked:
    """One answer each, `stem_name` by index (-1: none)."""
    return Ticked([f"{stem}_{name}" for name in names], index[:, None] == np.arange(len(names)))


def basics(draws: Draws, people: People) -> dict[str, Said]:
    """The Basics: who they are and how they live."""
    index, age, income = people.index, people.age, people.income
    said: dict[str, Said] = {
        "TheBasics_Birthplace": _birthplace(draws, people),
        "Race_WhatRaceEthnicity": Ticked([f"WhatRaceEthnicity_{race}" for race in RACES], people.races),
        "BiologicalSexAtBirth_SexAtBirth": one("SexAtBirth", ["Female", "Male", "Intersex"], people.sex),
        "Gender_GenderIdentity": Ticked([f"GenderIdentity_{name}" for name in _GENDERS], _gender(people)),
        "TheBasics_SexualOrientation": _orientation(people),
        "EducationLevel_HighestGrade": one("HighestGrade", GRADES, people.education),
        "Income_AnnualIncome": one("AnnualIncome", INCOMES, income),
        "Insurance_HealthInsurance": one("HealthInsurance", ["Yes", "No"], np.where(people.insured, 0, 1)),
        "ActiveDuty_AvtiveDutyServeStatus": one("AvtiveDutyServeStatus", ["Yes", "No"], _served(draws, people)),
        "MaritalStatus_CurrentMaritalStatus": _marital(draws, people),
        "Employment_EmploymentStatus": _employment(draws, people),
        "HomeOwn_CurrentHomeOwn": one("CurrentHomeOwn", ["Own", "Rent", "OtherArrangement"], _home(draws, people)),
        "LivingSituation_HowManyPeople": draws.pick("household", [28, 34, 16, 13, 6, 2, 1], index).astype(float),
    }
    adults = said["LivingSituation_HowManyPeople"]
    share = np.where(age < 50, 0.45, 0.06) * draws.uniform("children", index)
    said["LivingSituation_PeopleUnder18"] = np.round(adults * share)
    said["HealthInsurance_HealthInsuranceType"] = insurance(draws, people)
    for place, (name, codes) in enumerate(DISABILITIES.items()):
        answer = one(name, ["Yes", "No"], np.where(people.disability[:, place], 0, 1))
        said |= dict.fromkeys(codes, answer)
    return said


def habits(draws: Draws, people: People) -> dict[str, Said]:
    """Overall Health and Lifestyle, as far as answers follow from the person."""
    index = people.index
    ill = people.frailty + 0.25 * (people.age - 50) / 20 - 0.12 * (people.income - 3)
    health = np.digitize(ill + 0.7 * draws.normal("general health", index), [-1.25, 0.2, 1.3, 2.3])
    slow = people.disability[:, 3] | draws.chance("cannot do much", 0.08, index)
    activity = np.where(slow, draws.between("activity", 1, 2, index), 0)
    smoked = np.where(people.smoking > 0, 0, 1)
    now = np.where(people.smoking == 2, draws.pick("smoke days", [75, 25], index), 2)
    periods = np.where(
        people.age > 51 + 3 * draws.normal("menopause", index), 1, draws.pick("periods", [86, 5, 9], index)
    )
    female = (people.sex == FEMALE) & (people.gender != 2)
    return {
        "self_rated_health": one("self_rated_health", ["very_good", "good", "so_so", "bad", "very_bad"], health),
        "self_rated_activity": one("self_rated_activity", ["no", "some", "many"], activity),
        "has_uterus_questions": one("has_uterus_questions", ["yes", "no"], np.where(female, 0, 1)),
        "OverallHealth_MenstrualStopped": one(
            "MenstrualStopped", ["PeriodsHaventStopped", "YesNone", "YesButHormone"], periods
        ),
        "Smoking_100CigsLifetime": one("100CigsLifetime", ["Yes", "No"], smoked),
        "Smoking_SmokeFrequency": one("SmokeFrequency", ["EveryDay", "SomeDays", "NotAtAll"], now),
    }


def _birthplace(draws: Draws, people: People) -> Ticked:
    abroad = np.array([0.04, 0.09, 0.36, 0.65, 0.01, 0.2, 0.6, 0.06])[people.group]
    abroad = np.where(people.spanish, 0.75, abroad)
    elsewhere = draws.chance("born elsewhere", abroad, people.index)
    return Ticked(["Birthplace_USA", "PMI_Other"], np.stack([~elsewhere, elsewhere], axis=1))


def _gender(people: People) -> np.ndarray:
    ticked = np.zeros((len(people), 5), dtype=bool)
    female = people.sex == FEMALE
    ticked[:, 0] = female & (people.gender == 0) | ~female & (people.gender == 2)
    ticked[:, 1] = ~female & (people.gender == 0) | female & (people.gender == 2)
    ticked[:, 2] = people.gender == 1
    ticked[:, 3] = people.gender == 2
    ticked[:, 4] = people.gender == 3
    return ticked


def _orientation(people: People) -> Ticked:
    choice = np.array([0, 1, 3, 4])[people.orientation]
    choice[(choice == 1) & (people.sex == FEMALE)] = 2
    return one("SexualOrientation", ["Straight", "Gay", "Lesbian", "Bisexual", "None"], choice)


def _served(draws: Draws, people: People) -> np.ndarray:
    chance = np.where(people.sex == FEMALE, 0.02, np.where(people.age > 70, 0.35, 0.1))
    return np.where(draws.chance("served", chance, people.index), 0, 1)


def _marital(draws: Draws, people: People) -> Ticked:
    stages = np.array([[18, 1, 0, 1, 62, 18], [52, 9, 0.5, 3, 24, 11], [53, 20, 4, 4, 13, 6], [50, 16, 24, 1, 6, 3]])
    stage = np.digitize(people.age, [30, 45, 65])
    names = ["Married", "Divorced", "Widowed", "Separated", "NeverMarried", "LivingWithPartner"]
    return one("CurrentMaritalStatus", names, draws.pick("married", stages[stage], people.index))


def _employment(draws: Draws, people: People) -> Ticked:
    names = ["EmployedForWages", "SelfEmployed", "OutOfWorkOneOrMore", "OutOfWorkLessThanOne", "Homemaker", "Student"]
    stages = np.array(
        [
            [62, 5, 3, 6, 4, 17, 0.1, 2.9],
            [66, 9, 5, 4, 7, 2, 1, 6],
            [54, 10, 6, 3, 5, 1, 9, 12],
            [10, 4, 1, 0.5, 2, 0.1, 78, 4],
        ]
    )
    weights = stages[np.digitize(people.age, [27, 45, 65])]
    weights[people.disability.any(axis=1), 7] *= 3
    weights[people.income < 2, :2] *= 0.5
    return one("EmploymentStatus", [*names, "Retired", "UnableToWork"], draws.pick("work", weights, people.index))


def _home(draws: Draws, people: People) -> np.ndarray:
    owns = np.clip(0.12 + 0.07 * people.income + 0.006 * (people.age - 35), 0.03, 0.93)
    rest = (1 - owns) * 0.83
    return draws.pick("home", np.stack([owns, rest, 1 - owns - rest], axis=1), people.index)


def insurance(draws: Draws, people: People) -> Ticked:
    """The kinds of insurance; nobody without insurance has one."""
    names = ["Private", "Medicare", "Medicaid", "Military", "Indian"]
    older, poor = people.age >= 65, people.income < 3
    private = draws.chance("private insurance", np.where(poor, 0.25, np.where(older, 0.45, 0.86)), people.index)
    medicare = draws.chance("medicare", np.where(older, 0.95, 0.05), people.index)
    medicaid = draws.chance("medicaid", np.where(poor, 0.55, 0.05), people.index)
    military = draws.chance("military insurance", 0.035, people.index)
    indian = people.races[:, 4] & draws.chance("indian health service", 0.3, people.index)
    private |= ~(medicare | medicaid | military | indian)
    which = np.stack([private, medicare, medicaid, military, indian], axis=1)
    return Ticked([f"HealthInsuranceType_{name}" for name in names], which & people.insured[:, None])
