"""Pages of figures: what everybody sees, what a partner sees, files and the page to print; small places; bad addresses."""

import csv
import io
import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pyroaring import BitMap

from commonweal.audit.models import Event
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Participant
from commonweal.vault.representation.figures import rounds
from commonweal.vault.voice.models import ReleaseRoll
from tests.represented import MINORITY, RBR, join, own_folder, respond, used  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]
BIG, SMALL = "lakeshore-chicago", "gulf-coast-houston"


@pytest.fixture
def cohort():
    respond(join("w", 130, site=BIG), RBR)
    respond(join("m", 90, site=BIG, language="es"), MINORITY)
    respond(join("s", 40, site=SMALL, state="TX", zip="77002"), MINORITY)
    rounds.update()


@pytest.fixture
def visitor():
    return Client()


def words(answer):
    return " ".join(answer.content.decode().split())


def test_before_anybody_joined(visitor):
    for name in ("representation", "milestones"):
        assert "Nothing can be told yet" in words(visitor.get(reverse(name)))
    assert visitor.get(reverse("representation_csv")).status_code == 404
    assert visitor.get(reverse("representation_report")).status_code == 404


def test_everybody_sees_the_program_and_its_places(cohort, visitor):
    page = words(visitor.get(reverse("representation")))
    assert "Underrepresented, by category" in page
    assert "Where people take part" in page
    assert "What each number counts" in page
    site = words(visitor.get(reverse("representation_place", args=["site", BIG])))
    assert "Lakeshore Clinic" in site
    assert "From the account onwards" in site


def test_a_small_place_says_how_many_and_no_more(cohort, visitor):
    page = words(visitor.get(reverse("representation_place", args=["site", SMALL])))
    assert "fewer than 100 people is not broken down" in page
    assert "Underrepresented, by category" not in page


@pytest.mark.parametrize("place", [("site", "nowhere"), ("state", "ZZ"), ("county", "99999"), ("galaxy", "x")])
def test_a_place_that_there_is_not(visitor, place):
    for name in ("representation_place", "representation_place_csv", "representation_place_report"):
        assert visitor.get(reverse(name, args=place)).status_code == 404


def test_steps_by_any_category_and_an_unknown_one_is_no_error(cohort, visitor):
    address = reverse("representation")
    assert "Who goes on and who does not: Income" in words(visitor.get(address, {"by": "income"}))
    assert "Who goes on and who does not: Any category" in words(visitor.get(address, {"by": "'; DROP"}))


def test_the_file_has_what_the_page_has_and_is_noted(cohort, visitor):
    answer = visitor.get(reverse("representation_place_csv", args=["site", BIG]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    told = {(row["measure"], row["group"], row["value"]): row["people"] for row in rows}
    assert int(told["category:race_ethnicity", "", "UBR"]) in (80, 100, 120)
    assert {row["people"] for row in rows} <= {"", *map(str, range(40, 400, 20))}
    assert Event.objects.filter(action="figures.file").exists()


@pytest.mark.parametrize(("language", "title"), [("en", "Who takes part"), ("es", "Quiénes participan")])
def test_the_report_is_one_page(cohort, visitor, language, title):
    answer = visitor.get(reverse("representation_report"), headers={"accept-language": language})
    pdf = PdfReader(io.BytesIO(answer.content))
    text = " ".join(pdf.pages[0].extract_text().split())
    assert answer["Content-Type"] == "application/pdf"
    assert len(pdf.pages) == 1
    assert title in text
    assert re.search(r"\b(4\d|5\d|6\d)%", text)  # minorities: 130 of 260, rounded and moved


def test_partners_see_their_own_live_and_the_whole(cohort, as_staff):
    client = as_staff("site_staff", BIG)
    assert client.get(reverse("staff_representation")).status_code == 200
    own = reverse("staff_representation_place", args=["site", BIG])
    assert "Underrepresented, by category" in words(client.get(own))
    assert client.get(reverse("staff_representation_csv", args=["site", BIG])).status_code == 200
    for level, id in (("site", SMALL), ("organisation", "lakeshore-university-health"), ("awardee", "great-lakes")):
        assert client.get(reverse("staff_representation_place", args=[level, id])).status_code == 403
        assert client.get(reverse("staff_representation_csv", args=[level, id])).status_code == 403
    assert client.get(reverse("staff_representation_place", args=["state", "TX"])).status_code == 404


def test_a_manager_sees_an_organisation_and_its_sites(cohort, as_staff):
    client = as_staff("org_manager", scope="lakeshore-university-health")
    for level, id in (("site", BIG), ("organisation", "lakeshore-university-health")):
        assert client.get(reverse("staff_representation_place", args=[level, id])).status_code == 200
    assert client.get(reverse("staff_representation_place", args=["site", SMALL])).status_code == 403


def test_live_is_ahead_of_what_everybody_sees(cohort, as_staff, visitor):
    respond(join("new", 60, site=BIG), MINORITY)
    rounds.update()
    live = as_staff("operator").get(reverse("staff_representation_csv", args=["site", BIG])).content.decode()
    public = visitor.get(reverse("representation_place_csv", args=["site", BIG])).content.decode()
    people_of = [
        next(row for row in told.splitlines() if row.startswith("metric,participants")) for told in (live, public)
    ]
    assert int(people_of[0].split(",")[-1]) > int(people_of[1].split(",")[-1])


def test_a_site_that_the_program_no_longer_has_is_no_page(cohort, visitor):
    people.pair(Participant.objects.first(), "lakeshore-milwaukee", source="test")
    assert visitor.get(reverse("representation_place", args=["site", "lakeshore-milwaukee"])).status_code == 200


class TestBeyondEnrolment:
    @pytest.fixture
    def studied(self, cohort):
        everybody = list(Participant.objects.order_by("pk").values_list("pk", flat=True))
        ReleaseRoll.objects.create(
            release="2026Q4R1", tier="registered", data_cutoff=date(2026, 10, 1), published_at=timezone.now(),
            members=BitMap(everybody).serialize(),
        )  # fmt: skip
        places = used(everybody[:180]), used(everybody[-130:], study=2), used(everybody[:20], study=3)
        rounds.update()
        return places

    def test_the_shares_of_those_who_take_part_beside_the_release_and_what_was_studied(
        self, studied, visitor, as_staff
    ):
        for client, name in ((visitor, "representation"), (as_staff("operator"), "staff_representation")):
            page = words(client.get(reverse(name)))
            for text in ("From joining to research", "Take part", "2026Q4R1, registered", "Used in studies"):
                assert text in page

    def test_without_releases_and_studies_nothing_is_said_of_them(self, cohort, visitor):
        assert "From joining to research" not in words(visitor.get(reverse("representation")))

    def test_the_way_from_the_program_to_a_study(self, studied, visitor):
        everything = reverse("representation_place", args=["study", "all"])
        assert everything in words(visitor.get(reverse("representation")))
        listed = words(visitor.get(everything))
        for place in studied[:2]:
            address = reverse("representation_place", args=["study", place])
            assert address in listed
            page = words(visitor.get(address))
            assert "Study of researchers, since 2026-11" in page and "Against the goals" in page
        assert studied[2] not in listed  # twenty people: nothing is told, not even that it is there
        assert visitor.get(reverse("representation_place_csv", args=["study", studied[0]])).status_code == 200
        assert visitor.get(reverse("representation_place_report", args=["study", "all"])).status_code == 200

    def test_a_study_of_twenty_people_says_no_more_than_that_it_is_one(self, studied, visitor):
        page = words(visitor.get(reverse("representation_place", args=["study", studied[2]])))
        assert "Nothing can be told yet" in page

    @pytest.mark.parametrize("id", ["nothing", "5b0d5d1c-0f4e-4a57-9a3a-3c1f7f0b2a11", "5B0D5D1C"])
    def test_a_study_that_there_is_not(self, studied, visitor, id):
        assert visitor.get(reverse("representation_place", args=["study", id])).status_code == 404

    def test_studies_are_a_milestone(self, studied, visitor):
        assert "Studies in which researchers saved a group of people" in words(visitor.get(reverse("milestones")))
