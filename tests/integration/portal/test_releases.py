"""Releases as a data steward sees them: what can be asked, how far a build is, what a tier holds, what differs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal.vault.staff.models import Bridge, ReleaseRequest, ReleaseTier
from commonweal.vault.voice.models import ReleaseRoll
from tests import release_tellings, risk_reports

pytestmark = pytest.mark.django_db(transaction=True)
LIST, PAGE = "/staff/releases/", "/staff/releases/name/2026Q4R1/"
ASKED = {"release": "2026Q4R1", "cutoff": "2026-10-31", "tiers": ["registered"]}


@pytest.fixture
def steward(as_staff):
    return as_staff("steward")


def text_of(client, page, language="en", **how):
    answer = client.get(page, HTTP_ACCEPT_LANGUAGE=language, **how)
    assert answer.status_code == 200
    return words(answer)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def build(state="working", **fields):
    now = timezone.now()
    fields.setdefault("arguments", {"cutoff": "2026-10-31", "tiers": ["registered"]})
    return ReleaseRequest.objects.create(
        action="build", release=fields.pop("release", "2026Q4R1"), state=state, heartbeat=now, started_at=now, **fields
    )


def watched(client, asked, **how):
    return text_of(client, reverse("release_request", args=[asked.pk]), **how)


def test_a_steward_chooses_what_is_built(steward):
    Bridge.objects.create(seen_at=timezone.now(), engines=["duckdb", "spark"])
    answer = steward.post(LIST, ASKED | {"tiers": ["registered", "controlled", "public"], "engine": "spark"})
    asked = ReleaseRequest.objects.get()
    assert answer["Location"] == reverse("release_request", args=[asked.pk])
    assert asked.arguments == {
        "cutoff": "2026-10-31", "tiers": ["registered", "controlled", "public"], "engine": "spark",
    }  # fmt: skip
    page = steward.get(answer["Location"]).content.decode()
    assert "hx-get" in page and "htmx-2.min.js" in page


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"release": "2026-Q4"}, "Write it like 2026Q4R1."),
        ({"release": "2026Q4R100"}, "Write it like 2026Q4R1."),
        ({"cutoff": "2199-01-01"}, "still to come"),
        ({"cutoff": "yesterday"}, "valid date"),
        ({"tiers": []}, "at least one tier"),
        ({"tiers": ["secret"]}, "not one of the available choices"),
        ({"tiers": ["public"]}, "made from the registered tier"),
        ({"release": "2026Q3R1"}, "was published and never changes"),
    ],
)
def test_what_cannot_be_built_is_said_at_its_field(steward, change, told):
    release_tellings.publish("2026Q3R1", tiers=["registered"])
    answer = steward.post(LIST, ASKED | change)
    assert answer.status_code == 200 and told in words(answer)
    assert not ReleaseRequest.objects.exists()


def test_counts_are_added_to_a_registered_tier_that_is_built(steward):
    release_tellings.add(tiers=["registered"])
    steward.post(LIST, ASKED | {"tiers": ["public"]})
    assert ReleaseRequest.objects.get().arguments["tiers"] == ["public"]


def test_an_engine_that_is_not_there_cannot_be_chosen(steward):
    assert 'name="engine"' not in steward.get(LIST).content.decode()
    steward.post(LIST, ASKED | {"engine": "spark"})
    assert "engine" not in ReleaseRequest.objects.get().arguments


def test_one_release_is_worked_on_once(steward):
    build("asked")
    answer = steward.post(LIST, ASKED)
    assert "being done with 2026Q4R1 already" in words(answer) and ReleaseRequest.objects.count() == 1


def test_names_that_are_taken_are_not_suggested(steward):
    name = re.search(r'value="(\d{4}Q\dR1)"', steward.get(LIST).content.decode())[1]
    release_tellings.publish(name, tiers=["registered"])
    release_tellings.add(name[:-1] + "2", tiers=["registered"])
    assert f'value="{name[:-1]}3"' in steward.get(LIST).content.decode()


def test_the_queue_says_who_is_first_and_whether_anybody_answers(steward):
    build(release="2026Q3R1")
    last = build("asked", release="2026Q4R2")
    assert "1 other request comes first." in watched(steward, last)
    ReleaseRequest.objects.filter(release="2026Q3R1").update(heartbeat=timezone.now() - timedelta(minutes=5))
    assert "The bridge does not answer" in watched(steward, last)
    Bridge.objects.create(seen_at=timezone.now())
    assert "The bridge does not answer" not in watched(steward, last)


def test_how_far_a_build_is_and_that_its_end_is_not_known(steward):
    now = timezone.now()
    asked = build(stages=release_tellings.stages(now, "facts", "sorting", "rules", share=0.6))
    shown = watched(steward, asked, headers={"HX-Request": "true"})
    assert "Applying the rules (registered tier): 60%" in shown
    assert "Facts for all tiers: 100% done" in shown and "Registered tier: 22% done" in shown
    assert "This step: less than a minute left. How long all of it takes is not known yet" in shown


def test_the_time_that_is_left_is_judged_by_the_builds_before(steward):
    now = timezone.now()
    whole = ("facts", "surveys", "records", "wearables", "sorting", "rules", "periods", "looking", "risk", "checking")
    build("done", release="2026Q3R1", stages=release_tellings.stages(now, *whole), finished_at=now)
    asked = build(stages=release_tellings.stages(now, "facts", "rules", share=0.1))
    told = (
        "about 6 minutes left, judged by the builds before."  # 270 s of this, 30 s as it took of all after but the last
    )
    assert told.capitalize() in watched(steward, asked)


def test_a_failed_build_says_why_and_leads_to_the_checks(steward):
    failed = build("failed", answer={"why": "the disk is full"})
    assert "the disk is full" in watched(steward, failed)
    assert PAGE not in steward.get(reverse("release_request", args=[failed.pk])).content.decode()
    release_tellings.add(stopped="privacy.true_dates")
    assert PAGE in steward.get(reverse("release_request", args=[failed.pk])).content.decode()


@pytest.mark.parametrize(("page", "mark"), [(LIST, "page"), (PAGE, "true")])
def test_where_one_is_is_marked_in_the_band(steward, page, mark):
    release_tellings.add()
    marked = re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', steward.get(page).content.decode())
    assert (LIST, mark) in marked


def test_a_tier_tells_what_it_holds_and_what_was_taken_out(steward):
    release_tellings.add()
    risk_reports.add()
    shown = text_of(steward, PAGE)
    assert "17,478,465 rows tell of people" in shown and "measurement 7,088,310" in shown
    assert "quality.no_concept takes out most: 326,356 rows" in shown
    assert "A minor cannot agree for themselves." in shown and "1 rule found nothing to do" in shown
    assert "Concepts that are standard and valid" in shown and "At most 0 was expected" in shown
    assert "multiple of 20; numbers from 1 to 20 are withheld" in shown and "survey_answers" in shown
    assert "menores de edad" not in shown and "Un menor de edad no puede consentir" in text_of(steward, PAGE, "es")


def test_few_people_are_told_nowhere(steward):
    """Three minors and 213 rows of theirs, nine genders; and everybody counted is rounded up."""
    release_tellings.add()
    shown = text_of(steward, PAGE) + text_of(steward, f"{PAGE}difference/")
    assert not re.search(r"\b(213|42,017|42,257|40,163|11,204)\b", shown.replace("11,204 301,992", ""))
    assert "lifecycle.minors withheld withheld 0" in shown
    assert "generalise.gender 0 0 withheld" in shown and "lifecycle.very_old 288,901 240 0" in shown
    assert "observation 3,950,033 3,947,800 withheld 0 0 0" in shown


def test_what_differs_and_why(steward):
    release_tellings.add("2026Q3R1", first=True)
    release_tellings.add()
    shown = text_of(steward, f"{PAGE}difference/")
    assert "Beside 2026Q3R1" in shown and "1,940 people came" in shown and "left the program withheld" in shown
    assert "The data go until 2026-11-25, before until 2026-08-31" in shown
    assert "Rules changed: quality.weights, suppress.concepts." in shown and "concept_counts 8,412 8,412" in shown
    assert "measurement 6,790,122 7,088,310 11,204 301,992 3 21" in shown
    assert "Se fueron personas" in text_of(steward, f"{PAGE}difference/", "es")
    assert "nothing to set it beside" in text_of(steward, "/staff/releases/name/2026Q3R1/difference/")


def test_a_check_that_stops_it_cannot_be_passed_by(steward):
    release_tellings.add(stopped="privacy.true_dates")
    shown = text_of(steward, PAGE)
    assert "Checks stop this release" in shown and "Found: 12. At most 0 is allowed" in shown
    assert "mend the rule or the protocol" in shown and "stopped" in text_of(steward, LIST)
    for way, form in (("publish", {"sure": "on"}), ("check", {"reason": "A second site joined"})):
        steward.post(f"{PAGE}{way}/", form)
    assert not ReleaseRequest.objects.exists()


def test_what_differs_much_may_be_explained(steward):
    release_tellings.add(stopped="drift.rows")
    steward.post(f"{PAGE}publish/", {"sure": "on"})
    assert "required" in words(steward.post(f"{PAGE}check/", {"reason": " "}))
    assert not ReleaseRequest.objects.exists()
    steward.post(f"{PAGE}check/", {"reason": "A second site joined."})
    asked = ReleaseRequest.objects.get()
    assert (asked.action, asked.arguments) == ("check", {"why": "A second site joined."})


def test_publishing_needs_a_tick_and_retracting_a_reason(steward):
    release_tellings.add()
    assert "required" in words(steward.post(f"{PAGE}publish/"))
    assert not ReleaseRequest.objects.exists()
    steward.post(f"{PAGE}retract/", {"why": "It is not out."})
    steward.post(f"{PAGE}publish/", {"sure": "on"})
    assert ReleaseRequest.objects.get().action == "publish"
    assert "Something is being done with this release" in text_of(steward, PAGE)
    ReleaseRequest.objects.update(state="done")
    release_tellings.publish()
    assert "required" in words(steward.post(f"{PAGE}retract/", {"why": " "}))
    steward.post(f"{PAGE}publish/", {"sure": "on"})
    steward.post(f"{PAGE}retract/", {"why": "A site sent wrong dates."})
    assert ReleaseRequest.objects.get(action="retract").arguments == {"why": "A site sent wrong dates."}
    assert ReleaseRequest.objects.count() == 2


def test_what_was_taken_back_is_not_published_again(steward):
    release_tellings.add()
    release_tellings.publish(tiers=["registered"])
    ReleaseRoll.objects.update(retracted_at=timezone.now())
    steward.post(f"{PAGE}publish/", {"sure": "on"})
    assert not ReleaseRequest.objects.exists() and "taken back" in text_of(steward, PAGE)


def test_a_release_that_only_the_roll_knows_has_its_page_and_others_none(steward):
    release_tellings.publish(tiers=["registered"])
    assert "Take this release back" in text_of(steward, PAGE)
    for way in ("", "difference/"):
        assert steward.get(f"/staff/releases/name/1999Q1R1/{way}").status_code == 404


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_releases_are_the_stewards(as_staff, role):
    release_tellings.add()
    client = as_staff(role)
    for way in ("", "difference/"):
        assert client.get(f"{PAGE}{way}").status_code == 403
    for way in ("publish", "check", "retract"):
        assert client.post(f"{PAGE}{way}/", {"sure": "on", "reason": "x", "why": "x"}).status_code == 403
    assert ReleaseTier.objects.count() == 3 and not ReleaseRequest.objects.exists()
