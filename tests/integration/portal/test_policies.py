"""Every page says who may see it, and nobody else gets in: each address of the portal for each role."""

import uuid

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from commonweal.ui.policies import policy_of
from commonweal.vault.staff import roles
from commonweal.vault.staff.roles import MATRIX

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = {
    *("landing", "learn", "learn_page", "join", "invitation", "invitation_code", "help", "help_sent"),
    *("representation", "representation_csv", "representation_report", "milestones"),
    *("representation_place", "representation_place_csv", "representation_place_report"),
    *("healthz", "readyz", "set_language", "gallery", "openapi-json", "fhir_metadata"),
    *("event_worker", "event_manifest"),  # program code without data, which a device without a network keeps
    *("survey_worker", "survey_offline"),  # the same; the page is one for everybody
    *("post_receipts", "post_stop"),  # what carriers call, signed
    "demo_outbox",  # in a demonstration alone
}
NOBODY = uuid.UUID(int=1)
WORDS = {"module": "primary", "code": "TheBasics", "name": "2026Q4R1", "slug": "about", "level": "state", "id": "TX"}
PLACES = {"org_manager": "lakeshore-university-health", "awardee_manager": "great-lakes", "partner": "elders"}


def patterns(resolver=None):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        elif isinstance(entry, URLPattern):
            yield entry


def ours():
    return [entry for entry in patterns() if policy_of(entry.callback) != "outside"]


def address(entry) -> str:
    """The page with some value of the right kind for each part of its address: about nobody and nothing that exists."""
    kinds = {"UUIDConverter": NOBODY, "IntConverter": 1}
    wanted = {
        name: kinds.get(type(converter).__name__, WORDS.get(name, "nothing"))
        for name, converter in entry.pattern.converters.items()
    }
    return reverse(entry.name, kwargs=wanted)


def allowed(policy: str, role: str) -> bool:
    """What a page's mark says of a role of the staff: the reading of the matrix that the test checks the pages against."""
    wanted = policy.removeprefix("staff:")
    return wanted in ("any", "second-step") or bool(MATRIX[role] & set(wanted.split("|")))


def test_every_page_declares_a_policy():
    assert [entry.name for entry in patterns() if policy_of(entry.callback) is None] == []
    assert len(ours()) > 20


def test_the_public_pages_are_these():
    assert {entry.name for entry in ours() if policy_of(entry.callback) == "public"} == PUBLIC


def test_policies_of_the_staff_name_permissions_that_there_are():
    for entry in ours():
        policy = policy_of(entry.callback)
        if policy.startswith("staff:"):
            words = set(policy.removeprefix("staff:").split("|"))
            assert words <= roles.PERMISSIONS | {"any", "second-step"}, entry.name


def test_pages_under_staff_are_for_staff():
    for entry in ours():
        if policy_of(entry.callback) in ("public", "api"):
            continue  # those are listed above; the interface has tests of its own
        if address(entry).startswith("/staff/"):
            assert policy_of(entry.callback).startswith("staff:"), entry.name


def staff_pages():
    return [entry for entry in ours() if policy_of(entry.callback).startswith("staff:")]


def test_visitors_are_sent_to_log_in():
    client = Client()
    for entry in staff_pages() + [one for one in ours() if policy_of(one.callback) == "participant"]:
        for answer in (client.get(address(entry)), client.post(address(entry))):
            assert answer.status_code == 302, entry.name
            assert answer["Location"].startswith(reverse("account_login")), entry.name


def test_participants_see_no_staff_page(person, as_person):
    client = as_person(person())
    for entry in staff_pages():
        for answer in (client.get(address(entry)), client.post(address(entry))):
            assert answer.status_code == 403, entry.name


@pytest.mark.parametrize("role", MATRIX)
def test_each_role_opens_its_pages_and_no_others(as_staff, role):
    """Allowed: whatever the page then says, it is not that one may not. Denied: forbidden, before anything is read."""
    client = as_staff(role, scope=PLACES.get(role, ""))
    for entry in staff_pages():
        answers = {client.get(address(entry)).status_code, client.post(address(entry)).status_code}
        if allowed(policy_of(entry.callback), role):
            inner = entry.name == "staff_queue"  # each queue asks for a permission of its own
            assert inner or 403 not in answers, (role, entry.name)
        else:
            assert answers == {403}, (role, entry.name)


@pytest.mark.parametrize("role", MATRIX)
def test_staff_see_no_participant_page(as_staff, role):
    client = as_staff(role, scope=PLACES.get(role, ""))
    for entry in ours():
        if policy_of(entry.callback) == "participant":
            assert client.get(address(entry)).status_code == 403, entry.name


@pytest.mark.parametrize("role", MATRIX)
def test_staff_without_a_second_step_are_led_to_set_one_up_and_see_nothing_else(as_staff, role):
    client = as_staff(role, scope=PLACES.get(role, ""), second_step=False)
    for entry in staff_pages():
        if entry.name == "staff_second_step":
            assert reverse("mfa_index") in client.get(address(entry)).content.decode()
        elif allowed(policy_of(entry.callback), role):
            answer = client.get(address(entry))
            if entry.name == "together_back":  # it gives a device back to staff, and shows nothing by itself
                answer = client.get(answer["Location"])
            assert (answer.status_code, answer["Location"]) == (302, reverse("staff_second_step")), entry.name


def test_a_demonstration_asks_for_no_second_step_and_says_so(as_staff, settings):
    settings.DEMONSTRATION = True
    page = as_staff("operator", second_step=False).get(reverse("staff_overview"))
    assert page.status_code == 200
    assert "Demonstration: no second step is asked for." in page.content.decode()


def test_with_a_second_step_nothing_is_said_of_demonstrations(as_staff, settings):
    settings.DEMONSTRATION = True
    assert "no second step is asked" not in as_staff("operator").get(reverse("staff_overview")).content.decode()


def test_an_ended_role_opens_nothing(as_staff):
    client = as_staff("operator")
    assert client.get(reverse("staff_overview")).status_code == 200
    client.account.staff_roles.update(ended_at="2026-01-01T00:00Z")
    assert client.get(reverse("staff_overview")).status_code == 403


def unmarked(request):
    return HttpResponse("anyone?")


urlpatterns = [path("forgotten/", unmarked)]


def test_a_page_without_a_policy_is_closed(settings):
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).get("/forgotten/")
    assert answer.status_code in (403, 500)
    assert b"anyone?" not in answer.content


def test_without_the_guard_it_would_be_open(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("DenyByDefault")]
    assert Client().get("/forgotten/").content == b"anyone?"


ABOUT_A_PERSON = (
    "staff_person",
    "staff_edit_profile",
    "staff_edit_pairing",
    "staff_patient_status",
    "staff_eligibility",
    "help_note_for",
    "record_incentive",
    "phone_begin",
)


@pytest.mark.parametrize("page", ABOUT_A_PERSON)
def test_a_person_of_another_site_is_not_found(person, as_staff, sites, page):
    mine, other = person(site=sites[0]), person(email="b@example.org", site=sites[1])
    client = as_staff("site_staff", sites[0])
    assert client.get(reverse(page, args=[mine.uuid])).status_code == 200
    assert client.get(reverse(page, args=[other.uuid])).status_code == 404
    assert client.post(reverse(page, args=[other.uuid])).status_code in (404, 405)
    assert client.get(reverse(page, args=[uuid.UUID(int=5)])).status_code == 404


@pytest.mark.parametrize(
    ("role", "scope", "sees"),
    [
        ("site_staff", "", [0]),
        ("org_manager", "lakeshore-university-health", [0, 1]),
        ("awardee_manager", "great-lakes", [0, 1, 2]),
        ("operator", "", [0, 1, 2, 3]),
    ],
)
def test_a_person_is_seen_by_the_staff_above_them_in_the_hierarchy(person, as_staff, sites, role, scope, sees):
    people = [person(email=f"{n}@example.org", site=sites[n]) for n in range(4)]
    client = as_staff(role, scope=scope)
    answers = [client.get(reverse("staff_person", args=[one.uuid])).status_code for one in people]
    assert answers == [200 if n in sees else 404 for n in range(4)]


def test_who_belongs_nowhere_is_seen_by_operators_alone(person, as_staff):
    one = person("account")
    answers = {
        role: as_staff(role, scope=PLACES.get(role, "")).get(reverse("staff_person", args=[one.uuid])).status_code
        for role in MATRIX
    }
    wanted = {"operator": 200, "steward": 403, "auditor": 403, "partner": 403}
    assert answers == {role: wanted.get(role, 404) for role in MATRIX}


def test_nobody_of_the_staff_opens_their_own_record(person, second_step, as_person, sites):
    one = person(site=sites[0])
    roles.give(one.account, "operator")
    second_step(one.account)
    assert as_person(one).get(reverse("staff_person", args=[one.uuid])).status_code == 404


def test_look_up_finds_people_of_ones_own_site_alone(person, as_staff, sites):
    mine, other = person(site=sites[0]), person(email="b@example.org", site=sites[1])
    client = as_staff("site_staff", sites[0])
    found = client.post(reverse("staff_people"), {"text": "Rivera 1961-08-27"}).content.decode()
    assert str(mine.uuid) in found
    assert str(other.uuid) not in found


def test_no_address_holds_a_person(person, as_person):
    """Participants' pages name nobody; participant and biobank ids stand in no link of their pages."""
    one = person()
    client = as_person(one)
    for name in ("home", "data", "about_you", "withdraw"):
        page = client.get(reverse(name)).content.decode()
        links = " ".join(part.split('"')[0] for part in page.split('href="')[1:])
        for secret in (one.participant_id, one.biobank_id, str(one.uuid), f"/{one.pk}/"):
            assert secret not in links
