"""Where next as a page: an operator's plan for a small cohort, in both languages; files that are wrong; who may not see it."""

import re
import tomllib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.vault.partners import contacts
from commonweal.vault.staff import roles
from commonweal.vault.staff.plans.example import example
from commonweal.vault.staff.plans.forms import LARGEST
from tests.outreach import event, link
from tests.plans import SMALL as PLAN
from tests.represented import MINORITY, RBR, join, own_folder, respond  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]
BIG = "lakeshore-chicago"


@pytest.fixture
def cohort():
    respond(join("w", 130, site=BIG), RBR)
    respond(join("m", 60, site=BIG, language="es"), MINORITY)


@pytest.fixture
def operator(as_staff):
    return as_staff("operator")


def words(answer):
    return " ".join(answer.content.decode().split())


def asked(client, text=PLAN, **more):
    return client.post(reverse("staff_plan"), {"text": text, **more}, follow=True)


def test_an_operator_sees_the_plan_why_and_when(cohort, operator):
    page = words(asked(operator))
    assert "The goals can be reached by the end of" in page
    for heading in (
        "The goals",
        "What to do",
        "What the runs show",
        "When each goal is met",
        "What each option brings",
    ):
        assert f"<h2>{heading}</h2>" in page
    assert re.search(r"chicago-(clinic|fair-es) \(", page)
    assert "Lakeshore Clinic · Illinois" in page
    assert "The goal is 300." in page and "The goal is 30.0%." in page
    assert page.count('class="chart series"') == 3 == page.count('class="reference" x=')
    assert page.count("The same as a table") == 3
    assert Event.objects.filter(action="figures.planned").count() == 1


def test_the_answer_in_spanish_and_as_a_file(cohort, operator):
    answer = asked(operator)
    address = answer.redirect_chain[-1][0]
    page = words(operator.get(address, headers={"Accept-Language": "es"}))
    for heading in ("Las metas", "Qué hacer", "Lo que muestran las simulaciones", "Cuándo se cumple cada meta"):
        assert f"<h2>{heading}</h2>" in page
    assert "enero de 2027" in page and "Enero" not in page
    assert "Simulamos el plan 1,000 veces" in page
    assert not re.search("The goals|What to do|The same as a table|runs", page)
    file = operator.get(f"{address}answer.json")
    assert "attachment" in file["Content-Disposition"]
    told = file.json()
    assert told["met"] and told["text"].startswith("The goals can be reached")
    assert told["now"]["people"] in (200, None)


def test_an_answer_is_for_who_asked(cohort, operator, as_staff):
    address = asked(operator).redirect_chain[-1][0]
    site = as_staff("site_staff")
    assert site.get(address).status_code == 403
    assert site.get(f"{address}answer.json").status_code == 403
    assert site.get(reverse("staff_plan")).status_code == 403
    assert site.post(reverse("staff_plan"), {"text": PLAN}).status_code == 403
    roles.give(site.account, "operator")
    assert site.get(reverse("staff_plan")).status_code == 200
    assert site.get(address).status_code == 404


def test_the_tab_is_the_operators(operator, as_staff):
    tab = f'href="{reverse("staff_plan")}"'
    assert tab in words(operator.get(reverse("staff_roles")))
    assert tab not in words(as_staff("org_manager", scope="lakeshore-university-health").get(reverse("staff_roles")))


def test_the_example_is_of_the_programs_sites_and_can_be_asked_as_it_stands(cohort, operator, protocol):
    text = example(protocol, timezone.localdate())
    assert [site["id"] for site in tomllib.loads(text)["sites"]] == list(protocol.partners.sites)[:3]
    assert "lakeshore-chicago-fair-es" in words(operator.get(reverse("staff_plan")))
    assert "What to do" in words(asked(operator, text))


def test_all_that_is_wrong_is_told_by_line_and_nothing_is_lost(operator):
    wrong = PLAN.replace('approach = "clinic"', 'approach = "pigeon"').replace("months = 6", "months = 600")
    page = words(asked(operator, wrong))
    assert "plan.toml:3:" in page and "plan.toml:28:" in page
    assert "there is no approach" in page and "pigeon" in page
    assert not Event.objects.filter(action="figures.planned").exists()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("plan.toml", b"start = ", "plan.toml"),
        ("plan.toml", b"\xff\xfe\x00", "plan.toml"),
        ("plan.json", b"{", "this is no JSON"),
        ("plan.toml", b"", "There is nothing in it"),
        ("plan.toml", b"#" * (LARGEST + 1), "longer than 200 kB"),
    ],
)
def test_a_bad_file(operator, name, data, told):
    answer = asked(operator, file=SimpleUploadedFile(name, data))
    assert answer.status_code == 200
    assert told in words(answer)


def test_a_file_takes_the_place_of_what_is_written(cohort, operator):
    assert "<h2>What to do</h2>" in words(asked(operator, "start = ", file=SimpleUploadedFile("p.toml", PLAN.encode())))


def test_more_options_than_a_page_waits_for(cohort, operator):
    one = f'\n[[options]]\nid = "more-%d"\nsite = "{BIG}"\napproach = "mail"\nmost = 10\ncost = 1\n'
    page = words(asked(operator, PLAN + "".join(one % n for n in range(99))))
    assert "These are 101 options" in page
    assert "commonweal representation plan" in page


def test_before_anybody_joined(operator):
    assert "What to do" in words(asked(operator))


def test_people_met_at_events_are_contacts(operator):
    met = event(operator.account, ("site", BIG), met=40, dollars=300, language="es")
    link(operator.account, met, "Flyer")
    link(operator.account, met, "Poster")
    event(operator.account, ("site", BIG), name="Nobody said how many", day=met.details.get().day + timedelta(days=1))
    first, second = contacts.table().to_pylist()
    assert (first["site"], first["approach"], first["language"]) == (BIG, "event", "es")
    assert [(one["contacts"], one["cost"], one["events"]) for one in (first, second)] == [(40, 300, 1), (0, None, None)]
