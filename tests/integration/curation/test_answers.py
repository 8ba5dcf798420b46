"""What people answered, from the document to the row: values, skips, telephone, and which responses count."""

from collections import Counter
from datetime import datetime, timedelta

import orjson
import pytest

from commonweal.curation.checks.answers import answers, reconcile_answers
from commonweal.omop.tables import WEARABLES
from tests.curated import BASICS, JOINED, LOINC, PPI


def coded(link, code):
    return {"linkId": link, "answer": [{"valueCoding": {"system": PPI, "code": code}}]}


def document(*items):
    return orjson.dumps({"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}).decode()


def hand_in(world, person, *items, **more):
    from commonweal.vault.surveys.models import SurveyResponse

    at = more.pop("at", JOINED + timedelta(days=1))
    fields = {"questionnaire": "TheBasics", "version": "1", "language": "en", "document": document(*items)} | more
    return SurveyResponse.objects.create(participant=person, **fields, **world._fact(at))


def rows(world, link):
    return [r for r in world.raw("observation") if r["observation_source_value"] == link]


def test_each_kind_of_value_has_its_column(world):
    hand_in(
        world, world.add("ana"), {"linkId": "amount", "answer": [{"valueQuantity": {"value": 5.5, "code": "kg"}}]},
        {"linkId": "agrees", "answer": [{"valueBoolean": False}]}, {"linkId": "day", "answer": [{"valueDate": "2020-02-03"}]},
        {"linkId": "EmploymentWorkAddress_ZipCode", "answer": [{"valueInteger": 2139}]},
        {"linkId": "picture", "answer": [{"valueAttachment": {"data": "aGFsbG8="}}]},
    )  # fmt: skip
    world.extract()
    (amount,), (agrees,), (day,), (zip_code,) = (
        rows(world, link) for link in ("amount", "agrees", "day", "EmploymentWorkAddress_ZipCode")
    )
    assert (amount["value_as_number"], amount["unit_concept_id"], amount["unit_source_value"]) == (5.5, 9529, "kg")
    assert agrees["value_as_concept_id"] == 45878245 and day["value_as_string"] == "2020-02-03"
    assert (zip_code["value_as_number"], zip_code["value_as_string"]) == (None, "02139")
    assert rows(world, "picture") == []


def test_every_ticked_answer_is_a_row_and_a_skip_is_an_answer(world):
    race, skipped = "Race_WhatRaceEthnicity", "EducationLevel_HighestGrade"
    two = [{"valueCoding": {"system": PPI, "code": f"WhatRaceEthnicity_{n}"}} for n in ("White", "Hispanic")]
    hand_in(world, world.add("ana"), {"linkId": race, "answer": two}, coded(skipped, "PMI_Skip"))
    hand_in(world, world.add("bea"), coded(race, "pmi_prefernottoanswer"))
    world.extract()
    assert {r["value_as_concept_id"] for r in rows(world, race)} == {1586146, 1586147, 903079}
    (skip,) = rows(world, skipped)
    assert (skip["value_as_concept_id"], skip["value_source_value"]) == (903096, "PMI_Skip")


def test_an_answer_that_the_question_does_not_offer_is_marked_as_invalid(world):
    form = world.protocol().surveys["TheBasics"]
    ana = world.add("ana")
    hand_in(world, ana, coded("BiologicalSexAtBirth_SexAtBirth", "WhatRaceEthnicity_White"), version=form.version)
    assert world.extract()["survey_answers_invalid"] == 1
    (row,) = rows(world, "BiologicalSexAtBirth_SexAtBirth")
    assert (row["value_as_concept_id"], row["value_source_value"]) == (2000000010, "PMI_Skip")


def test_what_staff_wrote_down_on_the_telephone_is_told(world):
    hand_in(world, world.add("ana"), coded("Race_WhatRaceEthnicity", "WhatRaceEthnicity_White"), author="telephone")
    world.survey(world.add("bea"))
    world.extract()
    phone, self_filled = sorted(world.raw("survey_conduct"), key=lambda r: r["survey_conduct_id"])
    assert (phone["assisted_concept_id"], phone["collection_method_concept_id"]) == (42530794, 42530794)
    assert (self_filled["assisted_concept_id"], self_filled["collection_method_concept_id"]) == (0, 42531021)
    types = {r["observation_event_id"]: r["observation_type_concept_id"] for r in world.raw("observation")}
    assert (types[phone["survey_conduct_id"]], types[self_filled["survey_conduct_id"]]) == (32865, 32862)


@pytest.mark.parametrize("kind", ["duplicate", "partial", "profile_update", "invalid", "no_answer_values"])
def test_a_response_of_another_class_is_not_used(world, kind):
    hand_in(world, world.add("ana"), coded("Race_WhatRaceEthnicity", "WhatRaceEthnicity_White"), classification=kind)
    assert world.extract()["survey_answers"] == 0 and world.raw("survey_conduct") == []


def test_an_amended_response_takes_the_place_of_the_first(world):
    ana = world.add("ana")
    first = hand_in(world, ana, coded("Race_WhatRaceEthnicity", "WhatRaceEthnicity_White"))
    second = hand_in(
        world, ana, coded("Race_WhatRaceEthnicity", "WhatRaceEthnicity_Asian"), status="amended", supersedes=first
    )
    world.extract()
    assert [r["survey_conduct_id"] for r in world.raw("survey_conduct")] == [second.pk]
    hand_in(world, ana, status="entered-in-error", supersedes=second)
    world.extract("2026Q4R2")
    assert world.raw("survey_conduct", "2026Q4R2") == []


class TestReconciliation:
    def test_a_release_has_every_answer_and_the_wave_of_each(self, world):
        world.crowd()
        hand_in(world, world.people["crowd0"], coded("Race_WhatRaceEthnicity", "PMI_Skip"), questionnaire="cope_nov")
        smoking = {
            "resource_type": "Observation",
            "code_system": LOINC,
            "code": "72166-2",
            "start": datetime(2021, 3, 4),
        }
        world.records(world.people["crowd0"], [smoking])  # lands beside the answers, and is of no survey
        world.build()
        (check,) = [c for c in world.manifest()["checks"] if c["id"] == "reconcile.answers"]
        assert (check["figure"], check["outcome"]) == (0, "passed")
        versions = Counter(r["survey_version_concept_id"] for r in world.rows("observation_ext"))
        assert versions == {0: 3 * len(BASICS), 2100000005: 1, None: 1}
        assert [world.rows(table) for table in WEARABLES] == [
            []
        ] * 7  # nobody wears anything: the tables are there, empty

    def test_a_lost_answer_is_noticed(self, world):
        import duckdb

        from commonweal.curation import parts
        from commonweal.curation.extract import Moment

        world.survey(world.add("ana"))
        world.extract()
        folder = world.home.vault_store / "curation" / "2026Q4R1" / "raw"
        moment = Moment(world.cutoff, *[world.later()] * 2)
        with duckdb.connect() as con:
            con.execute(f"CREATE TABLE gate AS FROM '{folder}/gate.parquet'")
            for table in ("observation", "survey_conduct"):
                con.execute(f"CREATE TABLE in_{table} AS FROM {parts.source(parts.files(folder / table))}")
            assert [reconcile_answers(con, moment, many)[0].figure for many in (100, 1, 0)] == [0, 0, 0]
            con.execute(
                "DELETE FROM in_observation WHERE observation_id = (SELECT min(observation_id) FROM in_observation)"
            )
            (check,) = reconcile_answers(con, moment)
            left = con.execute("SELECT count(*) FROM in_observation").fetchall()[0][0]
            con.execute("DELETE FROM in_survey_conduct")
            assert (
                reconcile_answers(con, moment, many=0)[0].figure == 1
            )  # a response that is not there, whoever is walked
        assert left == len(BASICS) - 1 and (check.figure, check.outcome) == (1, "failed")

    def test_answers_are_counted_wherever_they_stand(self):
        under = {"linkId": "b", "answer": [{"valueInteger": 1}, {"valueAttachment": {}}, {}]}
        page = {"linkId": "p", "item": [{"linkId": "a", "answer": [{"valueString": "x", "item": [under]}]}]}
        assert list(answers({"item": [page]})) == ["a", "b"]
