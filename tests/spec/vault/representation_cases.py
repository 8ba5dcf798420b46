"""Cases of the categories, made from the reference: (category, what was said, outcome, remark)."""

RACE, SEX, GENDER, CLOSER = (
    "Race_WhatRaceEthnicity",
    "BiologicalSexAtBirth_SexAtBirth",
    "Gender_GenderIdentity",
    "Gender_CloserGenderDescription",
)
ORIENTATION, INCOME, PEOPLE = "TheBasics_SexualOrientation", "Income_AnnualIncome", "LivingSituation_HowManyPeople"
GRADE, INSURED, PLACE = "EducationLevel_HighestGrade", "Insurance_HealthInsurance", "HealthAdvice_PlaceforHealthAdvice"
WHITE, MAN, WOMAN = "WhatRaceEthnicity_White", "GenderIdentity_Man", "GenderIdentity_Woman"
MALE, FEMALE, SKIP, PREFER = "SexAtBirth_Male", "SexAtBirth_Female", "PMI_Skip", "PMI_PreferNotToAnswer"
MORE = "GenderIdentity_AdditionalOptions"
NONE_DISABLED = {
    f"Disability_{one}": f"{one}_No"
    for one in ("Deaf", "Blind", "DifficultyConcentrating", "WalkingClimbing", "DressingBathing", "ErrandsAlone")
}
LEFT_OPEN = {f"Disability_{one}": SKIP for one in ("Blind", "DifficultyConcentrating", "WalkingClimbing")}


def born(day: str, consented: str) -> dict[str, str]:
    return {"birth_date": day, "consent_date": consented}


def lives(people: object, bracket: str, year: int, state: str = "TX") -> dict[str, object]:
    return {PEOPLE: people, INCOME: f"AnnualIncome_{bracket}", "state": state, "consent_date": f"{year}-06-01"}


CASES: list[tuple[str, dict[str, object], str, str]] = [
    ("race_ethnicity", {RACE: WHITE}, "RBR", "White alone"),
    ("race_ethnicity", {RACE: [WHITE, "WhatRaceEthnicity_Hispanic"]}, "UBR", "White and another"),
    ("race_ethnicity", {RACE: f"{WHITE}, WhatRaceEthnicity_Asian"}, "UBR", "several in one text"),
    ("race_ethnicity", {RACE: "WhatRaceEthnicity_MENA"}, "UBR", "another race alone"),
    ("race_ethnicity", {RACE: "WhatRaceEthnicity_RaceEthnicityNoneOfThese"}, "UBR", "none of these"),
    ("race_ethnicity", {RACE: SKIP}, "NotAnswer", "skipped"),
    ("race_ethnicity", {RACE: PREFER}, "NotAnswer", "would rather not say"),
    ("race_ethnicity", {}, "NotAnswer", "not asked, or left open"),
    ("age", born("1999-06-15", "2017-06-15"), "RBR", "18 on the day"),
    ("age", born("1999-06-16", "2017-06-15"), "UBR", "18 tomorrow"),
    ("age", born("1952-06-16", "2017-06-15"), "RBR", "65 tomorrow"),
    ("age", born("1952-06-15", "2017-06-15"), "UBR", "65 on the day"),
    ("age", born("1952-02-29", "2017-02-28"), "RBR", "born on 29 February: 65 on 1 March"),
    ("age", born("1952-02-29", "2017-03-01"), "UBR", "born on 29 February: 65 on 1 March"),
    ("age", {"birth_date": "PMI_Skip", "consent_date": "2017-06-15"}, "NotAnswer", "birth date skipped"),
    ("age", {"consent_date": "2017-06-15"}, "NotAnswer", "no birth date"),
    ("age", born("2030-01-01", "2017-06-15"), "NotAnswer", "born after the consent"),
    ("sex_at_birth", {SEX: MALE}, "RBR", "male"),
    ("sex_at_birth", {SEX: FEMALE}, "RBR", "female"),
    ("sex_at_birth", {SEX: "SexAtBirth_Intersex"}, "UBR", "intersex"),
    ("sex_at_birth", {SEX: "SexAtBirth_SexAtBirthNoneOfThese"}, "UBR", "none of these"),
    ("sex_at_birth", {SEX: SKIP}, "NotAnswer", "skipped"),
    ("gender_identity", {GENDER: MAN, SEX: MALE}, "RBR", "a man, male at birth"),
    ("gender_identity", {GENDER: WOMAN, SEX: FEMALE}, "RBR", "a woman, female at birth"),
    ("gender_identity", {GENDER: MAN, SEX: SKIP}, "RBR", "a man, sex at birth skipped"),
    ("gender_identity", {GENDER: WOMAN, SEX: PREFER}, "RBR", "a woman, sex at birth not said"),
    ("gender_identity", {GENDER: MAN}, "RBR", "a man, sex at birth not told"),
    ("gender_identity", {GENDER: MAN, SEX: FEMALE}, "UBR", "a man, female at birth"),
    ("gender_identity", {GENDER: WOMAN, SEX: "SexAtBirth_Intersex"}, "UBR", "a woman, intersex at birth"),
    ("gender_identity", {GENDER: "GenderIdentity_NonBinary"}, "UBR", "non-binary"),
    ("gender_identity", {GENDER: [MAN, WOMAN], SEX: MALE}, "UBR", "more than one"),
    ("gender_identity", {GENDER: [MAN, MORE], SEX: MALE}, "RBR", "wanted to see more, chose nothing there"),
    ("gender_identity", {GENDER: MORE, CLOSER: "CloserGenderDescription_Genderfluid"}, "UBR", "a closer description"),
    ("gender_identity", {GENDER: MAN, CLOSER: "CloserGenderDescription_TransMan", SEX: MALE}, "UBR", "both lists are one"),
    ("gender_identity", {GENDER: WOMAN, CLOSER: SKIP, SEX: FEMALE}, "RBR", "closer description skipped: ignored"),
    ("gender_identity", {GENDER: MORE}, "UBR", "none of these, and nothing closer: neither man nor woman"),
    ("gender_identity", {GENDER: "GenderIdentity_PreferNotToAnswer"}, "NotAnswer", "would rather not say"),
    ("gender_identity", {GENDER: SKIP, SEX: MALE}, "NotAnswer", "skipped"),
    ("gender_identity", {SEX: MALE}, "NotAnswer", "nothing said; the reference says RBR"),
    ("sexual_orientation", {ORIENTATION: "SexualOrientation_Straight"}, "RBR", "straight"),
    ("sexual_orientation", {ORIENTATION: "SexualOrientation_None"}, "UBR", "none of these"),
    ("sexual_orientation", {ORIENTATION: "SexualOrientation_Straight,SexualOrientation_Gay"}, "UBR", "straight and another"),
    ("sexual_orientation", {ORIENTATION: PREFER}, "NotAnswer", "would rather not say"),
    ("sgm", {ORIENTATION: "SexualOrientation_Straight", GENDER: MAN, SEX: MALE}, "RBR", "both represented"),
    ("sgm", {ORIENTATION: "SexualOrientation_Gay"}, "UBR", "one is underrepresented, the other not told"),
    ("sgm", {ORIENTATION: "SexualOrientation_Straight"}, "NotAnswer", "one represented, the other not told"),
    ("sgm", {}, "NotAnswer", "neither told"),
    ("income", lives(0, "10k25k", 2018), "UBR", "alone, 200% is $24,280"),
    ("income", lives(0, "25k35k", 2018), "RBR", "alone, 200% is $24,280"),
    ("income", lives(1, "25k35k", 2018), "UBR", "two people: the respondent counts too"),
    ("income", lives("1.2", "35k50k", 2018), "UBR", "a part of a person is a person: three"),
    ("income", lives(2, "50k75k", 2024), "UBR", "2024, three people: $51,640; the reference's table says RBR"),
    ("income", lives(1, "50k75k", 2024, "AK"), "UBR", "2024, Alaska, two people: $51,080; the reference's table says RBR"),
    ("income", lives(30, "100k150k", 2018), "UBR", "a household of 31 counts as of 11: $110,680"),
    ("income", lives(30, "150k200k", 2018), "RBR", "a household of 31 counts as of 11: $110,680"),
    ("income", lives("two", "25k35k", 2018), "RBR", "no number: one person"),
    ("income", lives(SKIP, "25k35k", 2020), "UBR", "household skipped: one person, $25,520"),
    ("income", lives(-3, "25k35k", 2018), "RBR", "below zero: one person"),
    ("income", lives(0, "50k75k", 2035, "HI"), "RBR", "after the last year known, its guideline: $34,620"),
    ("income", lives(0, "25k35k", 2012, "PR"), "RBR", "territories as the 48 states; before the first year, its guideline"),
    ("income", {INCOME: SKIP}, "NotAnswer", "skipped"),
    ("income", {INCOME: "AnnualIncome_unknown"}, "NotAnswer", "no bracket of the survey; the reference says RBR"),
    ("education", {GRADE: "HighestGrade_NineThroughEleven"}, "UBR", "no diploma"),
    ("education", {GRADE: "HighestGrade_NeverAttended"}, "UBR", "never at school"),
    ("education", {GRADE: "HighestGrade_TwelveOrGED"}, "RBR", "a diploma or GED"),
    ("education", {GRADE: PREFER}, "NotAnswer", "would rather not say"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes"}, "RBR", "insured; nothing else asked"),
    ("access_to_care", {INSURED: "HealthInsurance_No"}, "UBR", "no insurance"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", PLACE: "PlaceforHealthAdvice_No"}, "UBR", "no place of care"),
    ("access_to_care", {PLACE: "PlaceforHealthAdvice_Yes", "HealthAdvice_WhatKindOfPlace": "WhatKindOfPlace_EmergencyRoom"}, "UBR", "an emergency room"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", "DelayedMedicalCare_CantAffordCoPay": "CantAffordCoPay_Yes"}, "UBR", "put off for its cost"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", "CantAffordCare_Eyeglasses": "Eyeglasses_Yes"}, "UBR", "not afforded"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", "CantAffordCare_SkippedMedToSaveMoney": "SkippedMedToSaveMoney_Yes"}, "UBR", "medicine skipped to save money"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", "DelayedMedicalCare_Transportation": "Transportation_Yes"}, "RBR", "one of the five hindrances"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", "DelayedMedicalCare_Transportation": "Transportation_Yes", "HealthProviderRaceReligion_DelayedOrNoCare": "DelayedOrNoCare_SomeOfTheTime"}, "UBR", "two of the five hindrances"),
    ("access_to_care", {INSURED: "HealthInsurance_Yes", "HealthProviderRaceReligion_DelayedOrNoCare": "DelayedOrNoCare_NoneOfTheTime", "DelayedMedicalCare_ChildCare": "ChildCare_Yes"}, "RBR", "never is no hindrance"),
    ("access_to_care", {INSURED: SKIP, PLACE: SKIP, "CantAffordCare_Eyeglasses": "Eyeglasses_No"}, "NotAnswer", "neither insurance nor place told"),
    ("access_to_care", {INSURED: "PMI_DontKnow"}, "RBR", "does not know: an answer, as in the reference"),
    ("access_to_care", {}, "NotAnswer", "nothing told"),
    ("disability", NONE_DISABLED, "RBR", "six times no"),
    ("disability", NONE_DISABLED | {"Disability_Deaf": "Deaf_Yes"}, "UBR", "hard of hearing"),
    ("disability", NONE_DISABLED | {"Disability_ErrandsAlone": "ErrandsAlone_Yes"}, "UBR", "errands"),
    ("disability", LEFT_OPEN | {"Disability_Deaf": "Deaf_Yes"}, "UBR", "only hearing answered, yes"),
    ("disability", LEFT_OPEN | {"Disability_Deaf": "Deaf_No"}, "RBR", "only hearing answered, no; the reference says NotAnswer"),
    ("disability", LEFT_OPEN | {"Disability_Deaf": "Deaf_PreferNotToAnswer"}, "NotAnswer", "all left open"),
    ("disability", {}, "NotAnswer", "nothing told"),
    ("overall", {RACE: WHITE}, "RBR", "no category is underrepresented"),
    ("overall", {RACE: WHITE, GRADE: "HighestGrade_OneThroughFour"}, "UBR", "one is"),
    ("overall", {}, "NotAnswer", "no category is told; the reference says RBR"),
]  # fmt: skip
