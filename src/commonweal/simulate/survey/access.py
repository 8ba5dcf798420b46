"""Health Care Access: whom people see, how they pay, and what keeps them from care; by age, sex, income and insurance."""

import numpy as np

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import FEMALE, People
from commonweal.simulate.survey.said import Said, Ticked, insurance, one

# Percent of people in middle life who saw one in a year, and how often they went: 0 once, 7 sixteen times or more.
SEEN = {
    "GeneralDoctor": (74, 1.1), "NursePractitioner": (38, 0.8), "OBGYN": (42, 0.7), "MentalHealthProfessional": (17, 3.2),
    "EyeDoctor": (47, 0.3), "Podiatrist": (12, 0.6), "Chiropractor": (13, 2.2), "PhysicalTherapist": (18, 3.0),
    "Dentist": (63, 0.8), "MedicalSpecialist": (44, 1.5), "TraditionalHealer": (6, 1.4),
}  # fmt: skip
VISITS = ["1", "2to3", "4to5", "6to7", "8to9", "10to12", "13to15", "16orMore"]
# Percent who put care off for this reason, went without, or saved on medicine; of people with money enough.
DELAYED = {
    "Transportation": 5, "RuralArea": 3, "Nervous": 12, "TimeOffWork": 9, "ChildCare": 4, "ElderlyCare": 2,
    "CantAffordCoPay": 6, "DeductibleTooHigh": 10, "HadToPayOutOfPocket": 9,
}  # fmt: skip
WITHOUT = {
    "PrescriptionMedicines": 7, "MentalHealthCounseling": 5, "EmergencyCare": 3, "DentalCare": 13, "Eyeglasses": 8,
    "HealthcareProvider": 4, "Specialist": 5, "FollowupCare": 4, "SkippedMedToSaveMoney": 5, "TookLessMedToSaveMoney": 5,
    "DelayedFillingRxToSaveMoney": 7, "LowerCostRxToSaveMoney": 17, "BoughtRxFromOtherCountry": 2, "AlternativeTherapies": 5,
}  # fmt: skip
LAST = ["6moOrLess", "6MoTo1YearAgo", "1To2YearsAgo", "2To5YearsAgo", "MoreThan5YearsAgo", "Never"]
PLANS = ["EmployerOrUnion", "Purchased", "Medicare", "Medicaid", "Military", "VA", "Indian", "None"]


def access(draws: Draws, people: People) -> dict[str, Said]:
    """Answers by PPI question code."""
    index = people.index
    hardship = np.where(people.income < 3, 2.2, np.where(people.income > 5, 0.6, 1.0)) * np.where(
        people.insured, 1, 1.9
    )
    said: dict[str, Said] = {
        "HealthInsurance_InsuranceTypeUpdate": _plans(draws, people),
        "HealthAdvice_SpokenToProfessional": one("SpokenToProfessional", LAST, _last(draws, people)),
        "CantAffordCare_WorriedAboutPaying": _worried(draws, people, hardship),
    }
    for kind, (percent, often) in SEEN.items():
        saw = draws.chance("saw " + kind, np.clip(percent / 100 * _need(kind, people), 0, 0.96), index)
        said[f"HealthAdvice_SpokenTo{kind}"] = one(f"SpokenTo{kind}", ["Yes", "No"], np.where(saw, 0, 1))
        count = draws.counts("visits " + kind, often * np.exp(0.3 * people.frailty), index)
        said[f"HealthAdvice_{kind}Visits"] = one(f"{kind}Visits", VISITS, np.minimum(count, len(VISITS) - 1))
    for stem, reasons in (("DelayedMedicalCare", DELAYED), ("CantAffordCare", WITHOUT)):
        for reason, percent in reasons.items():
            yes = draws.chance(reason, np.clip(percent / 100 * hardship, 0, 0.7), index)
            said[f"{stem}_{reason}"] = one(reason, ["Yes", "No"], np.where(yes, 0, 1))
    return said


def _plans(draws: Draws, people: People) -> Ticked:
    """As in The Basics, in the newer list: private plans come from work or are bought, some military ones are the VA's."""
    private, medicare, medicaid, military, indian = insurance(draws, people).which.T
    bought = draws.chance("bought the plan", 0.19, people.index)
    veteran = draws.chance("plan of veterans", 0.5, people.index)
    kinds = [private & ~bought, private & bought, medicare, medicaid, military & ~veteran, military & veteran, indian]
    return Ticked([f"InsuranceTypeUpdate_{plan}" for plan in PLANS], np.stack([*kinds, ~people.insured], axis=1))


def _last(draws: Draws, people: People) -> np.ndarray:
    goes = 0.6 * people.frailty + 0.02 * (people.age - 50) + np.where(people.insured, 0.4, -0.9)
    return np.digitize(-goes + draws.normal("last visit", people.index), [0.75, 1.5, 2.2, 2.8, 3.6])


def _need(kind: str, people: People) -> np.ndarray:
    """How many times likelier than others a person is to see one in a year."""
    woman = people.sex == FEMALE
    by_kind = {
        "OBGYN": np.where(woman, np.where(people.age < 50, 1.3, 0.7), 0.02),
        "MentalHealthProfessional": np.where(people.age < 45, 1.5, 0.7) * np.where(woman, 1.2, 0.9),
        "Dentist": 0.7 + 0.07 * people.income,
        "EyeDoctor": np.where(people.age > 60, 1.4, 0.9),
        "Podiatrist": np.where(people.age > 65, 1.9, 0.7),
        "TraditionalHealer": np.where(people.spanish, 1.6, 1.0),
    }
    ill = np.exp(0.12 * people.frailty) * np.where(people.insured, 1.0, 0.6)
    return np.asarray(by_kind.get(kind, np.ones(len(people))) * ill)


def _worried(draws: Draws, people: People, hardship: np.ndarray) -> Ticked:
    weights = np.stack([14 * hardship, np.full(len(people), 42.0), 40 / hardship], axis=1)
    chosen = draws.pick("worried about paying", weights, people.index)
    return one("WorriedAboutPaying", ["VeryWorried", "SomewhatWorried", "NotAtAllWorried"], chosen)
