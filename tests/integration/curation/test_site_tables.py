"""Tables that a site sent in OMOP form, in the raw tables of a release beside what came as FHIR."""

from datetime import UTC, date, datetime

import pytest

from tests.curated import SITE
from tests.integration.records.omop_folder import bring, write

PERSON = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id\n"
CONDITIONS = (
    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_type_concept_id,"
    "visit_occurrence_id,condition_source_concept_id\n"
)


@pytest.fixture
def ana(world):
    return world.add("ana")


@pytest.fixture
def send(world, ana, tmp_path):
    """`send(tables…)`: a submission about Ana, who is person 7 of the site."""
    count = 0

    def send(**tables):
        nonlocal count
        count += 1
        number = _number(ana)
        own = {
            "person": PERSON + "7,8532,1961,8,27,0,0\n",
            "pii_name": "person_id,first_name,last_name\n7,anagiven,anafamily\n",
            "pii_mrn": f"person_id,health_system,MRN\n7,x,{number}\n",
        }
        return bring(world.home, write(tmp_path / f"s{count}", **(own | tables)), site=SITE)

    return send


def _number(person):
    from commonweal.vault.people.models import Pairing

    return Pairing.objects.get(participant=person).record_number


def _conditions(*rows):
    return CONDITIONS + "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


def test_rows_stand_beside_those_of_fhir_with_ids_that_no_other_has(world, ana, send):
    world.visit(ana)
    send(
        condition_occurrence=_conditions(
            (1, 7, 201826, "2019-03-01", 32817, 500, 0), (2, 7, 201826, "2020-03-01", 32817, "", 0)
        )
    )
    assert world.extract()["site_rows"] == 2
    rows = world.raw("condition_occurrence")
    assert len(rows) == len({r["condition_occurrence_id"] for r in rows}) == 3
    sent = [r for r in rows if r["condition_occurrence_id"] >= 1 << 62]
    assert {r["person_id"] for r in sent} == {ana.pk} and {r["_source"] for r in sent} == {SITE}
    visits = {v["visit_start_date"]: v["visit_occurrence_id"] for v in world.raw("visit_occurrence")}
    linked = {r["condition_start_date"].year: r["visit_occurrence_id"] for r in sent}
    assert linked == {2019: visits[date(2019, 3, 1)], 2020: None}


def test_what_a_site_sends_later_replaces_what_it_sent(world, send):
    send(condition_occurrence=_conditions((1, 7, 201826, "2019-03-01", 32817, "", 0)))
    between = datetime.now(UTC)
    send(
        condition_occurrence=_conditions(
            (9, 7, 201826, "2018-05-05", 32817, "", 0), (1, 7, 201826, "2017-01-01", 32817, "", 0)
        )
    )
    world.extract()
    assert {r["condition_start_date"].year for r in world.raw("condition_occurrence")} == {2017, 2018}
    world.extract("2026Q4R2", known_at=between)
    assert [r["condition_start_date"].year for r in world.raw("condition_occurrence", "2026Q4R2")] == [2019]


def test_a_concept_goes_to_the_table_of_its_domain_and_an_unknown_one_becomes_zero(world, send):
    figures = None
    send(condition_occurrence=_conditions(
        (1, 7, 3004410, "2019-03-01", 32817, 500, 0),  # haemoglobin A1c, a measurement
        (2, 7, 987654321, "2019-03-02", 32817, "", 0),
        (3, 7, 0, "2019-03-03", 32817, "", 201826),
    ))  # fmt: skip
    figures = world.extract()
    (lab,) = world.raw("measurement")
    assert lab["measurement_concept_id"] == 3004410 and lab["measurement_date"] == date(2019, 3, 1)
    assert lab["visit_occurrence_id"] == world.raw("visit_occurrence")[0]["visit_occurrence_id"]
    found = {r["condition_start_date"].day: r["condition_concept_id"] for r in world.raw("condition_occurrence")}
    assert found == {2: 0, 3: 201826}
    assert (figures["site_rows"], figures["site_rows_without_concept"]) == (3, 1)


def test_who_takes_back_sharing_is_out_of_the_next_release(world, ana, send):
    send()
    world.consent(ana, "ehr", "no", at=datetime.now(UTC))
    assert world.extract()["site_rows"] == 0
    assert world.raw("condition_occurrence") == []


def test_one_death_is_kept(world, ana, send):
    world.records(ana, [{"resource_type": "Patient", "code_system": None, "start": datetime(2022, 5, 6)}])
    send(death="person_id,death_date,death_type_concept_id\n7,2022-05-05,32817\n")
    world.extract()
    assert [r["death_date"] for r in world.raw("death")] == [date(2022, 5, 5)]


MEASURED = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_type_concept_id,value_as_number,"
    "unit_concept_id,measurement_source_value\n"
    "1,7,3004410,2019-03-01,32817,48,9579,a1c\n"
    "2,7,3004410,2019-03-01,32817,48,9579,a1c\n"
    "3,7,3004410,2019-04-01,32817,6.1,8554,a1c\n"
    "4,7,3036277,2019-04-01,32817,5.5,,height\n"
    "5,7,3036277,2019-05-01,32817,17000,,height\n"
    "6,7,3025315,2019-04-01,32817,181,,weight\n"
    "7,7,3025315,2019-05-01,32817,180,,weight\n"
    "8,7,3004410,2019-05-01,32817,9999999,8554,a1c\n"
    "9,7,3004410,2019-05-01,32817,,,a1c\n"
)


def test_a_release_is_built_and_a_row_is_traced_to_its_submission(world, ana, send):
    world.survey(ana)
    world.crowd()
    send(measurement=MEASURED)
    world.build()
    world.check()
    own = [r for r in world.rows("measurement") if r["person_id"] == world.research_id(ana)]
    sent = sorted((r["measurement_concept_id"], round(r["value_as_number"], 1), r["unit_concept_id"]) for r in own)
    assert sent == [
        (3004410, 6.1, 8554),
        (3004410, 6.5, 8554),
        (3025315, 81.6, 9529),
        (3025315, 82.1, 9529),
        (3036277, 167.6, 8582),
    ]  # in per cent, kilograms and centimetres, the row that came twice once
    from commonweal.curation.extract.site_tables import place_of

    raw = max(r["condition_occurrence_id"] for r in world.raw("condition_occurrence"))
    assert place_of(raw) == {"submission": raw - (1 << 62) >> 38, "table": "condition_occurrence", "row": 1}
    assert any(r["person_id"] == world.research_id(ana) for r in world.rows("condition_occurrence"))
