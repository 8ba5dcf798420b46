"""From the vault to raw OMOP: who and what is let through, and where it goes."""

from datetime import date, datetime, timedelta

from tests.curated import DIABETES, HYPERTENSION, JOINED, LOINC, NOW


def test_answers_become_observations_of_their_response(world):
    ana = world.add("ana")
    response = world.survey(ana)
    world.extract()
    rows = {r["observation_source_value"]: r for r in world.raw("observation")}
    race = rows["Race_WhatRaceEthnicity"]
    assert race["observation_source_concept_id"] == 1586140 and race["value_as_concept_id"] == 1586146
    assert race["value_source_value"] == "WhatRaceEthnicity_White" and race["observation_type_concept_id"] == 32862
    assert race["observation_event_id"] == response.pk and race["person_id"] == ana.pk
    assert race["observation_date"] == response.event_time.date()
    assert rows["LivingSituation_HowManyPeople"]["value_as_number"] == 3
    (conduct,) = world.raw("survey_conduct")
    assert conduct["survey_conduct_id"] == response.pk and conduct["survey_concept_id"] == 1586134
    assert conduct["survey_source_value"] == "TheBasics"


def test_a_code_that_nobody_knows_becomes_zero(world):
    world.survey(world.add("ana"), {"Nobody_KnowsThis": ["What_IsThat"]})
    figures = world.extract()
    (row,) = world.raw("observation")
    assert row["observation_source_concept_id"] == 0 and row["value_as_concept_id"] == 0
    assert figures["survey_questions_without_concept"] == 1


def test_a_person_is_told_by_profile_and_basics(world):
    ana = world.add("ana", born=date(1961, 8, 27))
    world.survey(ana, {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_Black", "WhatRaceEthnicity_Hispanic"]})
    world.add("bea")
    world.extract()
    first, second = world.raw("person")
    assert (first["race_concept_id"], first["ethnicity_concept_id"]) == (8516, 38003563)
    assert (first["year_of_birth"], first["month_of_birth"], first["day_of_birth"]) == (1961, 8, 27)
    assert first["gender_concept_id"] == 8532  # from the profile, where The Basics say nothing
    assert (second["race_concept_id"], second["race_source_value"]) == (0, None)


def test_records_go_to_the_table_of_their_concept(world):
    ana = world.add("ana")
    world.visit(ana)
    world.extract()
    (visit,) = world.raw("visit_occurrence")
    (condition,) = world.raw("condition_occurrence")
    (lab,) = world.raw("measurement")
    assert visit["visit_concept_id"] == 9202 and visit["visit_end_datetime"] == datetime(2021, 3, 4, 10)
    assert condition["condition_concept_id"] == 201826 and condition["condition_source_value"] == DIABETES
    assert condition["visit_occurrence_id"] == visit["visit_occurrence_id"] == lab["visit_occurrence_id"]
    assert lab["value_as_number"] == 7.1 and lab["unit_concept_id"] == 8554


def test_what_has_no_concept_is_kept_where_it_belongs_and_counted(world):
    ana = world.add("ana")
    kinds = ("Condition", "Procedure", "MedicationRequest", "Observation")
    rows = [{"resource_type": k, "code": f"none-{k}", "start": datetime(2020, 1, 1)} for k in kinds]
    world.records(ana, [*rows, rows[-1] | {"category": "laboratory", "code_system": LOINC, "resource_id": "lab"}])
    figures = world.extract()
    tables = ("condition_occurrence", "procedure_occurrence", "drug_exposure", "observation", "measurement")
    assert [len(world.raw(t)) for t in tables] == [1] * 5
    assert world.raw("condition_occurrence")[0]["condition_concept_id"] == 0
    assert figures["rows_without_concept"] == 5 and figures["codes_without_concept"] == 5


def test_what_was_entered_in_error_or_not_done_is_left_out_and_counted(world):
    ana = world.add("ana")
    statuses = ("active", "entered-in-error", "not-done", None)
    rows = [
        {"resource_type": "Condition", "code": DIABETES, "start": datetime(2020, 1, n + 1), "status": s}
        for n, s in enumerate(statuses)
    ]
    world.records(ana, rows)
    figures = world.extract()
    assert len(world.raw("condition_occurrence")) == 2 and figures["events_void"] == 2


def test_only_the_latest_version_of_a_resource_counts(world):
    ana = world.add("ana")
    row = {"resource_type": "Condition", "resource_id": "c1", "code": DIABETES, "start": datetime(2020, 1, 1)}
    world.records(ana, [row])
    world.records(ana, [row | {"code": HYPERTENSION}])
    world.extract()
    assert [r["condition_source_value"] for r in world.raw("condition_occurrence")] == [HYPERTENSION]


def test_a_death_is_told_once(world):
    ana = world.add("ana")
    world.records(ana, [{"resource_type": "Patient", "start": datetime(2024, 5, 6, 7), "code_system": None}])
    world.extract()
    assert [r["death_date"] for r in world.raw("death")] == [date(2024, 5, 6)]


def test_scopes_decide_what_is_read(world):
    both, surveys, records, none = (world.add(n, ehr=e, surveys=s) for n, e, s in
                                    (("both", True, True), ("sur", False, True), ("rec", True, False), ("non", False, False)))  # fmt: skip
    for person in (both, surveys, records, none):
        world.survey(person)
    for person in (both, records):
        world.visit(person)
    world.consent(records, "ehr", "yes", at=JOINED + timedelta(days=2))
    world.extract()
    assert {r["person_id"] for r in world.raw("person")} == {p.pk for p in (both, surveys, records, none)}
    assert {r["person_id"] for r in world.raw("survey_conduct")} == {both.pk, surveys.pk}
    assert {r["person_id"] for r in world.raw("condition_occurrence")} == {both.pk, records.pk}


def test_a_later_no_takes_earlier_records_out(world):
    ana, bea = world.add("ana"), world.add("bea")
    for person in (ana, bea):
        world.visit(person)
    world.consent(ana, "ehr", "no", at=NOW - timedelta(days=1))
    world.extract()
    assert {r["person_id"] for r in world.raw("visit_occurrence")} == {bea.pk}


def test_test_people_and_the_withdrawn_are_not_there(world):
    world.add("made-up", is_test=True)
    gone, stays = world.add("gone"), world.add("stays")
    world.withdraw(gone, at=NOW - timedelta(days=3))
    world.extract()
    assert {r["person_id"] for r in world.raw("person")} == {stays.pk}


def test_facts_after_the_cutoff_or_not_yet_known_are_not_read(world):
    ana = world.add("ana")
    world.survey(ana, at=JOINED + timedelta(days=1))
    world.survey(ana, at=NOW - timedelta(days=10), questionnaire="Lifestyle")
    world.extract(cutoff=(NOW - timedelta(days=20)).date())
    assert {r["survey_source_value"] for r in world.raw("survey_conduct")} == {"TheBasics"}
    world.extract("2026Q4R2", known_at=NOW - timedelta(days=20))
    assert {r["survey_source_value"] for r in world.raw("survey_conduct", "2026Q4R2")} == {"TheBasics"}


def test_a_sites_own_code_is_known_by_the_file_in_its_folder(world):
    maps = world.home.protocol / "mappings"
    (maps / "lakeshore-chicago").mkdir(parents=True)
    (maps / "systems.toml").write_text('[systems]\n"http://clinic.example/own" = "own"\n')
    (maps / "lakeshore-chicago" / "own.csv").write_text(
        "source_code,source_vocabulary_id,target_concept_id\nDM2,own,201826\n"
    )
    row = {
        "resource_type": "Condition",
        "code_system": "http://clinic.example/own",
        "code": "dm2",
        "start": datetime(2020, 1, 1),
    }
    for number, site in enumerate(("lakeshore-chicago", "gulf-coast-houston")):
        world.records(world.add(f"person{number}", site=site), [row], site=site)
    world.extract()
    found = {(r["_source"], r["condition_concept_id"]) for r in world.raw("condition_occurrence")}
    assert found == {("lakeshore-chicago", 201826), ("gulf-coast-houston", 0)}


def test_parts_of_visits_and_specimens_are_read_and_documents_are_not(world):
    day = datetime(2021, 3, 4, 9)
    stay = {
        "resource_type": "Encounter",
        "resource_id": "stay",
        "encounter_id": "stay",
        "category": "IMP",
        "start": day,
    }
    ana = world.add("ana")
    world.records(
        ana,
        [
            stay,
            stay | {"resource_id": "ward", "encounter_id": "stay"},
            {"resource_type": "Specimen", "code": "119297000", "start": day},
            {
                "resource_type": "DocumentReference",
                "code_system": LOINC,
                "code": "34117-2",
                "start": day,
                "code_text": "Ana's history",
            },
        ],
    )
    world.extract()
    (visit,), (part,) = world.raw("visit_occurrence"), world.raw("visit_detail")
    assert part["visit_occurrence_id"] == visit["visit_occurrence_id"] and len(world.raw("specimen")) == 1
    assert not any("note" in path.name for path in (world.home.vault_store / "curation" / "2026Q4R1" / "raw").iterdir())
