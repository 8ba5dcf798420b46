"""Social factors, surroundings and the check-in: what follows from income, language, group, place and age."""

import numpy as np

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import BLACK, FEMALE, WHITE, People
from commonweal.simulate.survey.said import Said, Ticked, one


def social(draws: Draws, people: People) -> dict[str, Said]:
    """Answers by the codes of the survey of social factors."""
    index, income = people.index, people.income
    poor = np.array([2.6, 2.2, 1.7, 1.3, 0.9, 0.6, 0.4, 0.25, 0.15])[income]
    stress = np.digitize(draws.normal("stress", index) + 0.25 * poor - 0.012 * (people.age - 50), [-0.4, 0.9, 2.0])
    unfair = np.where(people.group == WHITE, 0.7, np.where(people.group == BLACK, 1.9, 1.4))
    return {
        "food_money_short": _by_degree(
            draws, "food_money_short", ["often", "sometimes", "no"], 4 * poor, 11 * poor, people
        ),
        "money_end_of_month": _by_degree(
            draws, "money_end_of_month", ["short", "enough", "left_over"], 12 * poor, 28, people
        ),
        "money_surprise_bill": _by_degree(
            draws, "money_surprise_bill", ["no", "borrow", "yes"], 11 * poor, 16 * poor, people
        ),
        "home_payment_late": _yes(draws, "home_payment_late", 0.08 * poor, people),
        "home_utilities_cut": _by_degree(
            draws, "home_utilities_cut", ["cut", "warned", "no"], 3 * poor, 6 * poor, people
        ),
        "transport_missed": _yes(draws, "transport_missed", 0.06 * poor, people),
        "home_internet": _yes(draws, "home_internet", np.where(people.rural, 0.78, 0.92) - 0.05 * poor, people),
        "home_moves_in_year": draws.counts("moves", np.where(people.age < 35, 0.35, 0.1), index).astype(float),
        "stress_last_month": one("stress_last_month", ["none", "some", "much", "too_much"], stress),
        "unfair_in_year": _by_degree(
            draws, "unfair_in_year", ["often", "sometimes", "no"], 3 * unfair, 13 * unfair, people
        ),
        "language_home": one("language_home", ["spanish", "both", "english"], _language(draws, people)),
        "people_looks_after": _yes(draws, "people_looks_after", np.where(people.age > 45, 0.24, 0.14), people),
    }


def exposures(draws: Draws, people: People) -> dict[str, Said]:
    """Answers by the codes of the survey of surroundings."""
    index = people.index
    manual = (people.education < 6) & (people.sex != FEMALE)
    water = np.where(people.rural[:, None], [42, 34, 22, 2], [62, 5, 32, 1])
    years = 1 + np.floor(draws.uniform("years of contact", index) * np.clip(people.age - 20, 0, 40) * 0.6)
    near = np.floor(draws.uniform("years near home", index) ** 2 * people.age * 0.8)
    return {
        "water_source": one("water_source", ["public", "well", "bottled", "other"], draws.pick("water", water, index)),
        "home_smoking_days": np.where(people.smoking == 2, draws.between("smoke inside", 0, 7, index), 0).astype(float),
        "near_home_years": near,
        "work_contact": _contact(draws, people, manual),
        "work_contact_years": years,
        "heat_ill": _yes(draws, "heat_ill", 0.05 * np.exp(0.4 * people.frailty), people),
        "sun_hours": one("sun_hours", ["under_1", "1_2", "3_4", "over_4"], _sun(draws, people, manual)),
    }


def checkin(draws: Draws, people: People) -> dict[str, Said]:
    """Answers by the codes of the check-in."""
    index = people.index
    stays = draws.counts("stays", 0.05 * np.exp(0.7 * people.frailty) * np.where(people.age > 65, 1.8, 1), index)
    could_be = (people.sex == FEMALE) & (people.age < 50)
    now = draws.pick("pregnant", [3, 3, 94], index)
    states = ["checkin_pregnant_now", "checkin_pregnant_was", "checkin_pregnant_no", "PMI_DoesNotApplyToMe"]
    return {
        "checkin_moved": _yes(draws, "checkin_moved", np.where(people.age < 35, 0.16, 0.05), people),
        "checkin_hospital_stays": stays.astype(float),
        "checkin_pregnant": Ticked(states, np.where(could_be, now, 3)[:, None] == np.arange(4)),
    }


def _yes(draws: Draws, code: str, chance: np.ndarray | float, people: People) -> Ticked:
    return one(code, ["yes", "no"], np.where(draws.chance(code, chance, people.index), 0, 1))


def _by_degree(
    draws: Draws, code: str, names: list[str], first: np.ndarray, second: np.ndarray | float, people: People
) -> Ticked:
    """The first two of three answers with so many percent, the third with the rest."""
    draw = 100 * draws.uniform(code, people.index)
    return one(code, names, np.where(draw < first, 0, np.where(draw < first + second, 1, 2)))


def _language(draws: Draws, people: People) -> np.ndarray:
    both = draws.chance("both languages", np.where(people.races[:, 2], 0.35, 0.01), people.index)
    return np.where(people.spanish, 0, np.where(both, 1, 2))


def _contact(draws: Draws, people: People, manual: np.ndarray) -> Ticked:
    percent = {"dust": 22, "asbestos": 6, "fumes": 17, "solvents": 18, "metals": 8, "pesticides": 7, "radiation": 5,
               "noise": 24, "heat": 14, "animals": 6}  # fmt: skip
    share = np.where(manual, 1.7, 0.55)
    which = [draws.chance("contact " + kind, level / 100 * share, people.index) for kind, level in percent.items()]
    ticked = np.stack([*which, ~np.any(which, axis=0)], axis=1)
    return Ticked([*(f"work_contact_{kind}" for kind in percent), "PMI_None"], ticked)


def _sun(draws: Draws, people: People, manual: np.ndarray) -> np.ndarray:
    return np.digitize(draws.normal("sun", people.index) + 0.5 * manual - 0.01 * (people.age - 50), [-0.2, 0.9, 1.7])
