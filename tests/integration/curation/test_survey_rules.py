"""The whole default program: what its rules for survey answers do between the vault and a release."""

from datetime import timedelta

from tests.curated import BASICS, DIABETES, JOINED, World


def test_from_responses_to_a_release(transactional_db, home):
    world = World(home, whole_program=True)
    version = world.protocol().surveys["Lifestyle"].version
    ana, bea, eva = (world.add(name) for name in ("ana", "bea", "eva"))
    world.survey(ana)
    smoker = {"Smoking_100CigsLifetime": ["100CigsLifetime_No"], "Smoking_SmokeFrequency": ["SmokeFrequency_EveryDay"]}
    world.survey(ana, smoker, questionnaire="Lifestyle", version=version, at=JOINED + timedelta(days=2))
    world.survey(ana, {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_Asian"]}, questionnaire="Elsewhere")
    world.survey(
        bea,
        BASICS | {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_White", "WhatRaceEthnicity_RaceEthnicityNoneOfThese"]},
    )
    world.records(eva, [{"resource_type": "Condition", "code": DIABETES, "start": JOINED}])
    built = world.build()
    assert built["built"]["registered"]["checks_failed"] == []
    assert built["raw"]["answers_backfilled_the_basics"] == 2 * 10  # of 15, four were answered, and one has no concept
    rules = [rule for rule in world.manifest()["rules"] if rule["id"].startswith("surveys.")]
    told = {(r["id"], table): c["rows_in"] - c["rows_out"] for r in rules for table, c in r["by_table"].items()}
    assert {key: gone for key, gone in told.items() if gone} == {
        ("surveys.branching", "observation"): 1,
        ("surveys.shut_out", "observation"): 1,
        ("surveys.unapproved", "observation"): 1,
        ("surveys.unapproved", "survey_conduct"): 1,
        ("surveys.no_basics", "person"): 1,
        ("surveys.no_basics", "person_ext"): 1,
        ("surveys.no_basics", "condition_occurrence"): 1,
    }
