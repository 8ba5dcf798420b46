"""Everybody as figures count them: as one by one by plain Python, kept, brought up to date, and what is left out."""

from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from django.utils import timezone
from pyroaring import BitMap

from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions
from commonweal.vault.people.models import Participant
from commonweal.vault.representation.figures import rounds, studies
from commonweal.vault.representation.models import FigureRun, PlaceFigures, PublishedFigures
from commonweal.vault.representation.people import kept
from commonweal.vault.representation.people.table import people_table
from commonweal.vault.representation.rules import Facts, rules_of
from commonweal.vault.representation.rules.age import completed_years
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.voice.models import ReleaseRoll, StudyUse
from tests.represented import GENDER, MINORITY, RACE, RBR, SEX, THEN, join, own_folder, respond, say, used  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]
DAY = timedelta(days=1)


def rows(people=None):
    table = people_table(current_protocol(), people, timezone.now())
    return {row["participant"]: row for row in table.to_pylist()}


def one_by_one(person):
    """The categories of one person by a walk over their responses, in the plainest way."""
    rules = rules_of(current_protocol())
    responses = list(SurveyResponse.objects.filter(participant=person).order_by("event_time", "id"))
    said = [(one, _said(one)) for one in responses]
    first = {}
    for response, answers in said:
        form = current_protocol().surveys[response.questionnaire].questionnaire
        for link in form.items:
            first.setdefault(link.lower(), answers.get(link.lower(), ()))
    asked = [answers for response, answers in said if response.questionnaire in ("TheBasics", "lfs")]
    profile = person.profiles.earliest("authored_time")
    consent = person.consent_answers.filter(module="primary", answer="yes").earliest("event_time").event_time
    basics = next((one for one in responses if one.questionnaire == "TheBasics"), None)
    facts = Facts(
        completed_years(profile.birth_date, consent.date()), consent.date(), profile.zip, profile.state,
        basics.event_time.year if basics else consent.year,
    )  # fmt: skip
    return rules.of_answers(first, facts, asked)


def _said(response):
    found = {}
    for link, answers in answers_of(orjson.loads(response.document)).items():
        values = (one.get("valueCoding", {}).get("code") or str(one.get("valueInteger", "")) for one in answers)
        found[link.lower()] = tuple(value.lower() for value in values)
    return found


CROWD = [
    ("white", {}, date(1980, 5, 1)),
    ("old", {}, date(1940, 2, 29)),
    ("several", {RACE: ["WhatRaceEthnicity_White", "WhatRaceEthnicity_Black"]}, date(1999, 1, 1)),
    ("poor", {"Income_AnnualIncome": "AnnualIncome_25k35k", "LivingSituation_HowManyPeople": 3}, date(1980, 5, 1)),
    ("silent", {RACE: "PMI_PreferNotToAnswer", SEX: "PMI_Skip", GENDER: "PMI_Skip"}, date(1980, 5, 1)),
    ("woman", {SEX: "SexAtBirth_Intersex"}, date(1980, 5, 1)),
    ("uninsured", {"Insurance_HealthInsurance": "HealthInsurance_No"}, date(1980, 5, 1)),
]


@pytest.fixture
def crowd():
    people = {}
    for name, answers, born in CROWD:
        (people[name],) = join(name, 1, born=born)
        respond([people[name]], RBR | answers)
    respond([people["white"]], {"CantAffordCare_Eyeglasses": "Eyeglasses_Yes"}, "HealthcareAccess", THEN + 9 * DAY)
    respond([people["old"]], {"Disability_Blind": "Blind_Yes"}, "lfs", THEN + 99 * DAY)
    respond([people["silent"]], MINORITY, "TheBasics", THEN + 400 * DAY)  # the first response decides
    return people


def test_everybody_at_once_is_one_by_one(crowd):
    found = rows()
    for person in Participant.objects.filter(pk__in=crowd.values()):
        told = {id: found[person.pk][f"of_{id}"] for id in one_by_one(person)}
        assert told == one_by_one(person)
    assert found[crowd["several"]]["race"] == "MULTI"
    assert found[crowd["old"]]["of_disability"] == "UBR"
    assert found[crowd["white"]]["of_access_to_care"] == "UBR"
    assert found[crowd["silent"]]["of_race_ethnicity"] == "NotAnswer"


def test_some_people_alone_are_as_among_all(crowd):
    everybody, some = rows(), rows([crowd["poor"], crowd["old"]])
    assert some == {one: everybody[one] for one in (crowd["poor"], crowd["old"])}


def test_answers_are_used_only_while_the_person_agrees(crowd):
    say([crowd["poor"]], "primary", "no", THEN + 500 * DAY)
    actions.withdraw(Participant.objects.get(pk=crowd["several"]), source="test")
    found = rows()
    assert found[crowd["poor"]]["of_income"] == "NotAnswer"
    assert not found[crowd["poor"]]["active"]
    gone = found[crowd["several"]]
    assert {gone[f"of_{id}"] for id in ("race_ethnicity", "age", "overall")} == {"NotAnswer"}
    assert (gone["race"], gone["state"], gone["county"], gone["language"], gone["sex"], gone["age"]) == ("",) * 5 + (
        None,
    )
    assert gone["withdrawn"] is not None
    assert rows([crowd["several"]])[crowd["several"]] == gone


def test_where_and_when_one_consented_counts_not_where_one_moved(crowd):
    person = Participant.objects.get(pk=crowd["poor"])
    then = person.profiles.get()
    later = {
        f.attname: getattr(then, f.attname) for f in then._meta.fields if f.attname not in ("id", "idempotency_key")
    }
    moved = later | {"state": "AK", "zip": "99501", "authored_time": THEN + DAY, "event_time": THEN + DAY}
    person.profiles.create(**moved, idempotency_key="moved")
    row = rows()[person.pk]
    assert row["state"] == "AK"
    assert row["of_income"] == "UBR"  # 4 people in Illinois, 2024: 200% is $62,400


def test_made_up_people_are_in_no_figure(crowd):
    Participant.objects.filter(pk=crowd["old"]).update(is_test=True)
    assert crowd["old"] not in rows()


def folder():
    return rounds._latest()


def test_what_becomes_known_is_counted_and_nothing_is_counted_twice(crowd):
    first = rounds.update()
    assert first.people == len(CROWD)
    assert rounds.update().people == 0
    respond([crowd["silent"]], {"Disability_Deaf": "Deaf_Yes"}, "lfs", THEN + 401 * DAY)
    (new,) = join("new", 1)
    again = rounds.update()
    assert again.people == 2
    table = kept.load(folder())
    fresh = people_table(current_protocol(), None, timezone.now())
    assert table.replace_schema_metadata(None).equals(fresh.cast(table.schema).replace_schema_metadata(None))
    assert new in table["participant"].to_pylist()


def test_a_run_that_is_killed_has_changed_nothing(crowd, monkeypatch):
    rounds.update()
    before = folder()
    join("new", 30)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rounds.audit, "record", _dies)
        rounds.update()
    assert folder() == before
    assert FigureRun.objects.count() == 1
    assert rounds.update().people == 30
    assert kept.load(folder()).num_rows == len(CROWD) + 30
    assert len(list(folder().parent.glob("[0-9]*"))) == 1


def _dies(*_args, **_more):
    raise KeyboardInterrupt


def test_two_workers_do_not_count_at_once(crowd):
    rounds.update()
    from commonweal.vault import locking

    with locking.alone(folder().parent):
        assert rounds.update() is None
    assert rounds.update() is not None


def test_a_change_of_the_program_counts_everybody_anew(crowd, monkeypatch):
    rounds.update()
    monkeypatch.setattr(kept, "FORM", "another")
    assert rounds.update().people == len(CROWD)


class TestWhatIsShown:
    SITE = "lakeshore-chicago"

    def shown(self, level="site", place=SITE):
        found = PlaceFigures.objects.filter(level=level, place=place).first()
        return found.document if found else None

    def test_shares_of_a_site_of_the_published_shape(self):
        """7,115 people, 36% minorities and 70% underrepresented, at one site: as published, so told."""
        groups = {
            "minority": (2561, MINORITY),
            "poor": (2420, RBR | {"Income_AnnualIncome": "AnnualIncome_less10k"}),
            "rest": (2134, RBR),
        }
        for name, (number, answers) in groups.items():
            respond(join(name, number, site=self.SITE), answers)
        rounds.update()
        told = self.shown()
        facets = told["facets"]
        assert abs(told["people"] - 7115) <= 35
        assert abs(facets["category:race_ethnicity"]["UBR"] / told["people"] - 0.36) < 0.005
        assert abs(facets["category:overall"]["UBR"] / told["people"] - 0.70) < 0.005
        assert told["metrics"]["basics"] == told["people"]

    def test_a_small_place_is_not_broken_down(self):
        respond(join("one", 70, site=self.SITE), RBR)
        rounds.update()
        assert set(self.shown()) == {"people", "metrics", "few", "form"}
        assert set(self.shown()["metrics"]) == {"participants"}

    def test_of_twenty_people_nothing_is_said(self):
        respond(join("one", 20, site=self.SITE), RBR)
        rounds.update()
        assert self.shown() is None

    def test_a_value_that_all_have_is_withheld(self):
        respond(join("one", 150, site=self.SITE), RBR)
        rounds.update()
        assert self.shown()["facets"]["category:race_ethnicity"] is None

    def test_no_number_is_small_and_all_are_rounded(self):
        for n, answers in enumerate((RBR, MINORITY, RBR | {SEX: "PMI_Skip"}, RBR | {SEX: "SexAtBirth_Intersex"})):
            respond(join(f"g{n}", (130, 90, 60, 7)[n], site=self.SITE), answers)
        rounds.update()
        numbers = list(_numbers(self.shown()))
        assert len(numbers) > 40
        assert all(number > 20 and number % 20 == 0 for number in numbers)

    def test_a_site_that_moved_counts_under_its_organisation_of_today(self, monkeypatch):
        respond(join("one", 150, site=self.SITE), RBR)
        respond(join("two", 150, site=self.SITE), MINORITY)
        protocol = current_protocol()
        site = protocol.partners.sites[self.SITE]
        moved = {
            **protocol.partners.sites,
            self.SITE: site.model_copy(update={"organisation": "gulf-coast-care", "awardee": "sun-belt"}),
        }
        partners = protocol.partners.model_copy(update={"sites": moved})
        monkeypatch.setattr(rounds, "current_protocol", lambda: replace(protocol, partners=partners))
        rounds.update()
        assert self.shown("organisation", "gulf-coast-care")["people"] >= 280
        assert self.shown("organisation", "lakeshore-university-health") is None

    def test_the_public_sees_what_stood_at_the_first_run_of_the_day(self):
        respond(join("one", 150, site=self.SITE), RBR)
        rounds.update()
        published = PublishedFigures.objects.get(level="site")
        respond(join("two", 150, site=self.SITE), MINORITY)
        rounds.update()
        assert PublishedFigures.objects.get(level="site").document == published.document
        assert self.shown()["people"] > published.document["people"]


def _numbers(value):
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in ("waits", "form"):
                yield from _numbers(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


class TestReleases:
    def roll(self, name, members):
        return ReleaseRoll.objects.create(
            release=name, tier="registered", data_cutoff=date(2026, 1, 1), published_at=timezone.now(),
            members=BitMap(members).serialize(),
        )  # fmt: skip

    def shown(self, name):
        return (
            PlaceFigures.objects.filter(level="release", place=f"{name}-registered")
            .values_list("document", flat=True)
            .first()
        )

    def test_who_is_in_a_release_is_counted_once(self):
        groups = join("m", 150), join("o", 150)
        respond(groups[0], MINORITY)
        respond(groups[1], RBR)
        rounds.update()
        self.roll("2026Q1R1", [*groups[0][:60], *groups[1]])
        rounds.update()
        first = self.shown("2026Q1R1")
        assert abs(first["people"] - 210) <= 35
        assert first["facets"]["category:race_ethnicity"]["UBR"] < first["facets"]["category:race_ethnicity"]["RBR"]
        respond(join("later", 40), MINORITY)
        rounds.update()
        assert self.shown("2026Q1R1") == first

    def test_a_release_that_was_taken_back_is_not_counted(self):
        respond(join("m", 150), MINORITY)
        roll = self.roll("2026Q1R2", [1, 2])
        roll.retracted_at = timezone.now()
        roll.save()
        rounds.update()
        assert self.shown("2026Q1R2") is None


class TestStudies:
    @pytest.fixture
    def groups(self):
        found = join("m", 150), join("o", 150)
        respond(found[0], MINORITY)
        respond(found[1], RBR)
        rounds.update()
        return found

    def shown(self, place):
        found = PlaceFigures.objects.filter(level="study", place=place)
        return found.values_list("document", flat=True).first()

    def test_a_study_is_everybody_whom_its_uses_held_and_all_studies_are_everybody_together(self, groups):
        first = used(groups[0][:60])
        used([*groups[0][:60], *groups[1]], kind="export")
        second = used(groups[0][50:], study=2)
        rounds.update()
        assert abs(self.shown(first)["people"] - 210) <= 35
        assert abs(self.shown(second)["people"] - 100) <= 35
        assert abs(self.shown("all")["people"] - 300) <= 35
        race = self.shown(first)["facets"]["category:race_ethnicity"]
        assert race["UBR"] < race["RBR"]

    def test_it_is_counted_anew_once_more_than_twenty_came(self, groups):
        place = used(groups[0])
        rounds.update()
        first = PlaceFigures.objects.get(place=place)
        for people, same in ((1, True), (20, True), (21, False)):
            used(groups[1][:people])
            rounds.update()
            now = PlaceFigures.objects.get(place=place)
            assert ((now.counted_at, now.document) == (first.counted_at, first.document)) is same

    def test_twenty_people_are_not_told_and_a_hundred_are_needed_for_groups(self, groups):
        few, some = used(groups[0][:20]), used(groups[0][:60], study=2)
        rounds.update()
        assert self.shown(few) is None
        assert self.shown(some)["few"] and "facets" not in self.shown(some)

    def test_nothing_is_done_where_nothing_was_used_since(self, groups, monkeypatch):
        used(groups[0])
        rounds.update()
        monkeypatch.setattr(studies, "counted_of", lambda *_: 1 / 0)
        rounds.update()

    def test_another_form_of_the_figures_is_counted_again(self, groups):
        place = used(groups[0])
        rounds.update()
        PlaceFigures.objects.filter(level="study").update(document={"form": 0, "people": 1, "metrics": {}})
        rounds.update()
        assert self.shown(place)["people"] > 100

    def test_facts_and_their_study_stay_as_they_are(self, groups):
        used(groups[0])
        use = StudyUse.objects.get()
        for change in (use.save, use.delete):
            with pytest.raises(TypeError):
                change()

    def test_before_anybody_was_counted_nothing_is(self):
        place = used([1, 2, 3])
        rounds.update()
        assert self.shown(place) is None
