"""What a summary says of age and of TheBasics: one value each, by the rules of the program's participant summary."""

from collections.abc import Mapping, Sequence

Answers = Mapping[str, Sequence[str]]

SKIP, UNSET, MORE_THAN_ONE = "PMI_Skip", "UNSET", "GenderIdentity_MoreThanOne"
_SILENT = {"PMI_Skip", "PMI_PreferNotToAnswer", "GenderIdentity_PreferNotToAnswer"}
_HISPANIC, _WHITE, _BLACK = "WhatRaceEthnicity_Hispanic", "WhatRaceEthnicity_White", "WhatRaceEthnicity_Black"
AGE_STARTS = (0, 7, 13, 18, 25, 35, 45, 55, 65, 75, 85)
SINGLE = {
    "sex": "BiologicalSexAtBirth_SexAtBirth",
    "sexualOrientation": "TheBasics_SexualOrientation",
    "education": "EducationLevel_HighestGrade",
    "income": "Income_AnnualIncome",
}


def age_range(years: int) -> str:
    """The bucket of an age in completed years: 0-6, 7-12, 13-17, 18-24, 25-34, … 75-84, 85-."""
    starts = [start for start in AGE_STARTS if start <= years]
    later = [start for start in AGE_STARTS if start > years]
    return f"{starts[-1]}-{later[0] - 1 if later else ''}"


def race(chosen: Sequence[str]) -> str:
    """One answer is that race; several are named by whether Hispanic is among them and by what stands beside it."""
    if not chosen:
        return SKIP
    if len(chosen) == 1:
        return chosen[0]
    if _HISPANIC not in chosen:
        return "MORE_THAN_ONE_RACE"
    if len(chosen) > 2:
        return "HLS_AND_MORE_THAN_ONE_OTHER_RACE"
    if _WHITE in chosen:
        return "HLS_AND_WHITE"
    return "HLS_AND_BLACK" if _BLACK in chosen else "HLS_AND_ONE_OTHER_RACE"


def gender(chosen: Sequence[str]) -> str:
    """Several answers are more than one gender, after leaving out those that say nothing."""
    if len(chosen) == 1:
        return chosen[0]
    said = [answer for answer in chosen if answer not in _SILENT]
    if len(said) > 1:
        return MORE_THAN_ONE
    return said[0] if said else SKIP


def of_basics(answers: Answers | None) -> dict[str, str]:
    """The summary's fields; `answers`: codes by question of the latest TheBasics, None where it was not handed in.

    Before TheBasics all are UNSET; after it what was left empty is PMI_Skip.
    """
    if answers is None:
        return dict.fromkeys(("race", "genderIdentity", *SINGLE), UNSET)
    return {
        "race": race(answers.get("Race_WhatRaceEthnicity", ())),
        "genderIdentity": gender(answers.get("Gender_GenderIdentity", ())),
        **{name: next(iter(answers.get(question, ())), SKIP) for name, question in SINGLE.items()},
    }
