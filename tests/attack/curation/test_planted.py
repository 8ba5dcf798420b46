"""Each check is shown to fail: one fault of its kind is planted in a tier that passes, and the check finds it.

The tier is built once. Faults that do not concern each other are planted together in one copy of its files, so that the
checks run a dozen times and not sixty. The list of faults is complete: a check without one fails here.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal import files
from commonweal.cli.console import Console
from commonweal.curation.checks import common_days, drift
from tests.attack.curation.planted import Planted, now, with_all
from tests.curated import World

ELSEWHERE = {"reconcile.answers"}  # tests/integration/curation/test_answers.py: it looks at the raw extract alone


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with a built release that all tests of this module share: they change files of copies alone."""
    from django.core.management import call_command

    from commonweal.home import Home

    root = tmp_path_factory.mktemp("planted")
    for part in ("vault/store", "research", "commons/releases", "protocol", "vocabulary"):
        (root / "home" / part).mkdir(parents=True, exist_ok=True)
    with django_db_blocker.unblock():
        world = World(Home.locate(root / "home"))
        with_all(world)
        world.sound = Planted.of(world, root / "sound").outcomes()
        yield world
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def outcomes(built, tmp_path_factory):
    """What the checks say of the tier with all faults of a copy: asked once a copy."""
    told = {}

    def of(copy):
        if copy not in told:
            tier = Planted.of(built, tmp_path_factory.mktemp("copy") / "tier")
            with pytest.MonkeyPatch.context() as patch:
                for number, _, plant in FAULTS:
                    if number == copy:
                        plant(tier, patch)
                told[copy] = tier.outcomes()
            for undo in tier.undo:
                undo()
        return told[copy]

    return of


CONDITION = "condition_occurrence"


def true_dates(tier, _):
    shifts = {tier.person(n): tier.world.shift(tier.world.people[n]) for n in ("crowd0", "crowd1", "crowd2")}
    moved = "CASE person_id " + " ".join(f"WHEN {p} THEN {days}" for p, days in shifts.items()) + " END"
    tier.put(CONDITION, condition_start_date=f"(condition_start_date + {moved}::INTEGER)::DATE")


def a_day_between(tier, _):
    """One day of somebody, neither the first nor the last, is not the true one moved."""
    person = tier.person("crowd2")
    day = f"condition_start_date + (person_id = {person} AND condition_occurrence_id % 1000000 = 2)::INTEGER"
    tier.put(CONDITION, condition_start_date=f"({day})::DATE")


def clock_change(tier, _):
    """A heartbeat at half past two of what truly was a Sunday."""
    person, shift = tier.person("crowd0"), tier.world.shift(tier.world.people["crowd0"])
    day = tier.world.cutoff - timedelta(days=420)
    sunday = day - timedelta(days=(day.weekday() + 1) % 7 + shift)
    tier.add("heart_rate_minute_level", person_id=person, datetime=f"TIMESTAMP '{sunday} 02:30:00'", heart_rate_value=60,
             src_id="'Wearable source 001'")  # fmt: skip


def twice(tier, _):
    tier.rewrite("activity_summary", "FROM {t} UNION ALL FROM {t} ORDER BY person_id")


def one_day(tier, monkeypatch):
    """In this small world all answered on one day: that counts as many here."""
    monkeypatch.setattr(common_days, "MANY", 3)


def withdrawn(tier, _):
    """Somebody who is in it had withdrawn by the moment of which the release says that all agreed."""
    tier.undo.append(taken_back(tier.world.withdraw(tier.world.people["crowd1"])))
    tier.moment = tier.moment | {"known_at": now(), "grants_as_of": now()}


def taken_back(fact):
    """Facts are only ever added; only a test takes one back."""
    from django.db import connection

    def undo():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {fact._meta.db_table} WHERE id = %s", [fact.pk])

    return undo


def made_up_person(tier, _):
    from commonweal.vault.people.models import Participant

    people = Participant.objects.filter(pk=tier.world.people["crowd1"].pk)
    people.update(is_test=True)
    tier.undo.append(lambda: people.update(is_test=False))


def of_one_sex(tier, _):
    """The program has imported a table that says of the condition that only men have it."""
    from commonweal.protocol.reference import ReferenceTable

    tier.put("person", gender_concept_id="8532::BIGINT")
    row = {"cdmTableName": "CONDITION_OCCURRENCE", "plausibleGender": "Male",
           "conceptId": str(tier.first(CONDITION)["condition_concept_id"])}  # fmt: skip
    table = ReferenceTable("dqd_concept_thresholds", "1", "", "", (row,))
    tier.protocol = replace(tier.protocol, reference={**tier.protocol.reference, table.kind: table})


def of_another_domain(tier, _):
    tier.put(CONDITION, condition_concept_id=tier.first("measurement")["measurement_concept_id"])


def not_standard(tier, _):
    known = pq.read_table(tier.folder / "tables" / "concept").to_pylist()
    tier.put(
        "measurement",
        measurement_concept_id=next(c["concept_id"] for c in known if c["concept_id"] and not c["standard_concept"]),
    )


def unnamed_table(tier, _):
    tier.add("note", note_id=f"{tier.person('crowd0')} * 1000000::BIGINT + 1", person_id=tier.person("crowd0"))


def in_metadata(tier, _):
    """Somebody's number beside the rows of a file, where no query sees it."""
    path = tier.folder / "tables/person/part-0000.parquet"
    number = tier.world.people["crowd0"].participant_id
    pq.write_table(pq.read_table(path).replace_schema_metadata({"from": f"vault {number}"}), path)


def in_file_name(tier, _):
    path = tier.folder / "tables/person/part-0000.parquet"
    path.rename(path.with_name(f"{tier.world.people['crowd0'].participant_id}.parquet"))


def in_source(tier, _):
    tier.put("observation_ext", src_id=f"'site of {tier.world.people['crowd0'].pairings.get().record_number}'")


def in_itself(tier, _):
    """Somebody's number in what the release says of itself."""
    number = tier.world.people["crowd0"].participant_id
    tier.put("cdm_source", source_description=f"'asked for by {number}'")


def uuid_of_person(tier, _):
    tier.put("observation_ext", src_id=f"'{tier.world.people['crowd0'].uuid}'")


def in_number(tier, _):
    tier.put("measurement", value_as_number=tier.world.people["crowd2"].participant_id[1:])


def other_tier(tier, _):
    """The research id that this person has in the other tier."""
    from commonweal.curation import crosswalk

    known = {r["participant"]: r["controlled"] for r in crosswalk.load(tier.world.home).to_pylist()}
    first = tier.first("measurement")["person_id"]
    (person,) = [p for n, p in tier.world.people.items() if tier.person(n) == first]
    tier.put("measurement", value_as_number=f"CASE WHEN person_id = {first} THEN {known[person.pk]} END")


def limited(**limits):
    """The fault is there as it is; the program asks for more."""
    return lambda tier, _: tier.limits(**limits)


def before(change):
    """The release before was otherwise: what it said of itself is made of what this one says."""

    def plant(tier, monkeypatch):
        manifest = tier.world.manifest()
        told = files.load_json(tier.world.folder() / manifest["figures"]["path"])
        (tier.folder.parent / "before").mkdir()
        files.save_json(tier.folder.parent / "before" / drift.FILE, change(told, tier) or told)
        monkeypatch.setattr(drift, "previous", lambda *_: tier.folder.parent / "before")
        drifting = tier.protocol.quality.release.drift.model_copy(update={"small_table": 1})
        release = tier.protocol.quality.release.model_copy(update={"drift": drifting})
        tier.protocol = replace(tier.protocol, quality=tier.protocol.quality.model_copy(update={"release": release}))

    return plant


def fewer(told, table):
    told["tables"][table]["rows"] *= 3


def concepts_gone(told, tier):
    place = tier.folder.parent / "before" / "tables" / "concept"
    place.mkdir(parents=True)
    known = pq.read_table(tier.folder / "tables" / "concept")
    pq.write_table(pa.table({"concept_id": pa.array([*known["concept_id"].to_pylist(), *range(3_000_000, 3_010_000)])}),
                   place / "part-0000.parquet")  # fmt: skip


def put(table, **cells):
    return lambda tier, _: tier.put(table, **cells)


def add_for_ana(table, **cells):
    """A row of her who shares nothing."""
    return lambda tier, _: tier.add(table, person_id=tier.person("ana"), **cells)


FAULTS = [  # the copy it is planted in, the check that finds it, the fault
    (1, "structure.columns", lambda tier, _: tier.rewrite("names", "SELECT 1 AS name")),
    (1, "structure.rows", lambda tier, _: tier.rewrite("observation_ext", "FROM {t} LIMIT 3")),
    (1, "structure.links", put(CONDITION, visit_occurrence_id="visit_occurrence_id + 1")),
    (1, "privacy.birth", put("person", month_of_birth="8::BIGINT")),
    (1, "privacy.free_text", put("observation", value_as_string="'I live by the mill'")),
    (1, "privacy.words", add_for_ana("device", battery="'mine'")),
    (1, "wearables.days", twice),
    (1, "identifiers.numbers", in_number),
    (1, "drift.people", before(lambda told, _: fewer(told, "person"))),
    (2, "structure.columns", lambda tier, _: tier.rewrite("person", "SELECT *, 'Ana' AS name FROM {t}")),
    (2, "structure.unique_ids", put(CONDITION, condition_occurrence_id="person_id * 1000000 + 2")),
    (2, "privacy.indirect", put("measurement", provider_id="3::BIGINT")),
    (2, "privacy.small_states", put("person_ext", state_of_residence_source_value="'PIIState_WI'")),
    (2, "identifiers.scan", in_source),
    (2, "wearables.devices", add_for_ana("device", device_id="'SN-0042'")),
    (2, "quality.plausibleValueLow", put("measurement", value_as_number="0.5")),
    (2, "drift.nulls", before(lambda told, _: told["tables"][CONDITION]["filled"].update(condition_end_date=3))),
    (3, "structure.persons", put(CONDITION, person_id="person_id + 1")),
    (3, "quality.plausibleValueHigh", put("measurement", value_as_number="700.0")),
    (3, "privacy.common_days", one_day),
    (3, "wearables.clock_change", clock_change),
    (3, "drift.rows", before(lambda told, _: fewer(told, "measurement"))),
    (4, "structure.links", put(CONDITION, visit_occurrence_id="visit_occurrence_id + 1000000")),
    (4, "structure.concepts", put(CONDITION, condition_concept_id="99999999")),
    (4, "privacy.last_day", put(CONDITION, condition_end_date="DATE '2099-01-01'")),
    (4, "consent.surveys", add_for_ana("survey_conduct")),
    (4, "consent.ehr", add_for_ana("drug_era")),
    (4, "consent.wearables", add_for_ana("activity_summary", src_id="'Wearable source 001'")),
    (4, "identifiers.scan", uuid_of_person),
    (4, "drift.concepts", before(concepts_gone)),
    (5, "privacy.true_dates", true_dates),
    (5, "privacy.source_values", put(CONDITION, condition_source_value="'Anas bad knee'")),
    (5, "consent.participate", withdrawn),
    (5, "quality.isStandardValidConcept", not_standard),
    (5, "quality.measureObservationPeriodOverlap",
     lambda tier, _: tier.rewrite("observation_period", "FROM {t} UNION ALL FROM {t}")),
    (11, "drift.means", before(lambda told, _: told["measurements"].update(dict.fromkeys(told["measurements"], 99.0)))),
    (6, "privacy.research_ids", put(CONDITION, person_id="7::BIGINT")),
    (6, "consent.wearables", put("activity_summary", src_id="'Wearable source 009'")),
    (6, "consent.test_people", made_up_person),
    (6, "quality.plausibleUnitConceptIds", put("measurement", unit_concept_id="8507::BIGINT")),
    (7, "privacy.row_ids", put(CONDITION, condition_occurrence_id="condition_occurrence_id % 1000000")),
    (7, "consent.tables", unnamed_table),
    (7, "consent.surveys", add_for_ana("observation", observation_type_concept_id="32862")),
    (7, "quality.standardConceptRecordCompleteness", put(CONDITION, condition_concept_id="0::BIGINT")),
    (7, "quality.sourceValueCompleteness", lambda tier, _: None),  # the same: a code that leads to no concept
    (7, "identifiers.numbers", other_tier),
    (8, "privacy.files", in_metadata),
    (8, "identifiers.scan", lambda tier, _: None),  # the same
    (8, "consent.ehr", add_for_ana("observation", observation_type_concept_id="32817")),
    (8, "quality.sourceConceptRecordCompleteness", put(CONDITION, condition_source_concept_id="0::BIGINT")),
    (8, "quality.fkDomain", of_another_domain),
    (8, "quality.plausibleStartBeforeEnd", put(CONDITION, condition_end_date="condition_start_date - 1")),
    (8, "quality.measureConditionEraCompleteness", lambda tier, _: tier.rewrite("condition_era", "FROM {t} LIMIT 1")),
    (9, "privacy.files", in_file_name),
    (9, "identifiers.scan", lambda tier, _: None),  # the same
    (9, "privacy.true_dates", a_day_between),
    (9, "structure.required", put("measurement", measurement_date="NULL::DATE")),
    (9, "quality.plausibleBeforeDeath",
     lambda tier, _: tier.add("death", person_id=tier.person("crowd0"), death_date="DATE '2001-01-01'")),
    (9, "quality.measureValueCompleteness", limited(measureValueCompleteness=10)),
    (10, "structure.unique_ids", lambda tier, _: tier.rewrite("person", "FROM {t} UNION ALL FROM {t}")),
    (10, "quality.plausibleGender", of_one_sex),
    (10, "quality.plausibleOldDates", put(CONDITION, condition_start_date="DATE '1970-01-01'")),
    (10, "quality.measurePersonCompleteness", limited(measurePersonCompleteness=0)),
    (10, "reconcile.rows", lambda tier, _: tier.rewrite("measurement", "FROM {t} LIMIT 1")),
    (11, "identifiers.scan", in_itself),
    (11, "quality.plausibleAfterBirth", put("person", year_of_birth="2023::BIGINT")),
]  # fmt: skip


@pytest.mark.parametrize(("copy", "check"), [fault[:2] for fault in FAULTS])
def test_a_planted_fault_is_found(built, outcomes, copy, check):
    figure, outcome = outcomes(copy)[check]
    stops = not check.startswith("quality.") or check in built.protocol().quality.release.stops
    assert outcome == ("failed" if stops else "warned") and figure > built.sound[check][0]


def test_no_check_is_without_a_fault_that_it_finds(built):
    told = {c["id"] for c in built.manifest()["checks"] if not c["id"].startswith("risk.")}  # tests of risk have those
    assert told - ELSEWHERE == {check for _, check, _ in FAULTS}


def test_the_tier_as_it_was_built_is_sound(built):
    assert {check for check, (_, outcome) in built.sound.items() if outcome == "failed"} == set()


def test_a_record_number_that_the_release_is_called_by_stops_nothing_but_is_found_in_data(built, tmp_path):
    """2026Q4R1 has the digits of 202641, which a hospital may have given to somebody."""
    person = built.people["crowd1"]
    then = datetime.now(UTC)
    fact = person.pairings.create(
        site="site-b", record_number="202641", event_time=then, authored_time=then, received_time=then,
        source="test", idempotency_key="202641",
    )  # fmt: skip
    undo = taken_back(fact)
    try:
        tier = Planted.of(built, tmp_path / "tier")
        assert tier.outcomes()["identifiers.scan"] == (0, "passed")
        tier.put("observation_ext", src_id="'site of 202641'")
        assert tier.outcomes()["identifiers.scan"] == (1, "failed")
    finally:
        undo()


def test_the_controlled_tier_passes_the_same_checks(built):
    built.build("2026Q4R2", tiers=("controlled",))
    manifest = files.load_json(built.folder("2026Q4R2").with_name("controlled") / "manifest.json")
    told = {c["id"]: c["outcome"] for c in manifest["checks"]}
    assert {c for c, outcome in told.items() if outcome == "failed" and not c.startswith("risk.")} == set()
    assert told.keys() >= {check for _, check, _ in FAULTS if not check.startswith("risk.")}


def test_a_drift_is_excused_by_a_reason_and_nothing_else_is(built, monkeypatch):
    from commonweal.curation import events, publication, release
    from commonweal.curation.checks import run
    from commonweal.curation.checks.base import Check
    from commonweal.errors import Refused

    def found(*ids):
        monkeypatch.setattr(run, "run", lambda *_: run.Outcome([Check(i, 70, 30) for i in ids], {}))

    assert publication.checks is run
    console = Console(json=True)
    found("drift.people")
    with pytest.raises(Refused, match="--why"):
        release.check(built.home, "2026Q4R1", console=console)
    assert release.check(built.home, "2026Q4R1", why="A clinic left", console=console)["passed"]
    assert events.read(built.folder())[-1]["details"]["why"] == "A clinic left"
    found("drift.people", "consent.ehr")
    with pytest.raises(Refused, match="consent.ehr"):
        release.check(built.home, "2026Q4R1", why="A clinic left", console=console)
