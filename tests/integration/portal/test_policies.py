"""Every page says who may see it, and nobody else gets in."""

import uuid

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from commonweal.ui.policies import policy_of

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = {"landing", "learn", "learn_page", "join", "healthz", "readyz", "set_language", "gallery"}
OF_STAFF = {
    "staff": {"staff"},
    "site_staff": {"staff_people", "staff_person"},
    "steward": {"releases", "release_request", "release_publish", "release_page"},
}
ARGUMENTS = {
    "module": "primary",
    "number": 1,
    "code": "TheBasics",
    "uuid": uuid.UUID(int=1),
    "name": "2026Q4R1",
    "slug": "about",
}


def patterns(resolver=None):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        elif isinstance(entry, URLPattern):
            yield entry


def ours():
    return [entry for entry in patterns() if policy_of(entry.callback) != "outside"]


def address(entry) -> str:
    wanted = {name: ARGUMENTS[name] for name in entry.pattern.converters}
    return reverse(entry.name, kwargs=wanted)


def test_every_page_declares_a_policy():
    assert [entry.name for entry in patterns() if policy_of(entry.callback) is None] == []
    assert len(ours()) > 20


def test_the_public_pages_are_these():
    assert {entry.name for entry in ours() if policy_of(entry.callback) == "public"} == PUBLIC


def test_staff_pages_are_these():
    for policy, names in OF_STAFF.items():
        assert {entry.name for entry in ours() if policy_of(entry.callback) == policy} == names


def test_visitors_are_sent_to_log_in():
    client = Client()
    for entry in ours():
        if policy_of(entry.callback) == "public":
            continue
        answer = client.get(address(entry))
        assert answer.status_code == 302, entry.name
        assert answer["Location"].startswith(reverse("account_login")), entry.name


def test_participants_see_no_staff_page(person, as_person):
    client = as_person(person())
    for entry in ours():
        if policy_of(entry.callback) in OF_STAFF:
            assert client.get(address(entry)).status_code == 403, entry.name


def test_staff_see_no_participant_page_and_not_each_others(as_staff):
    site_staff, steward = as_staff("site_staff"), as_staff("steward")
    for entry in ours():
        policy = policy_of(entry.callback)
        if policy in ("participant", "steward"):
            assert site_staff.get(address(entry)).status_code == 403, entry.name
        if policy in ("participant", "site_staff"):
            assert steward.get(address(entry)).status_code == 403, entry.name


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


def test_staff_of_a_site_see_only_its_people(person, as_staff, sites):
    mine, other = person(site=sites[0]), person(email="b@example.org", site=sites[1])
    client = as_staff("site_staff", sites[0])
    assert client.get(reverse("staff_person", args=[mine.uuid])).status_code == 200
    assert client.get(reverse("staff_person", args=[other.uuid])).status_code == 404
    assert client.get(reverse("staff_person", args=[uuid.UUID(int=5)])).status_code == 404
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
        for secret in (one.participant_id, one.biobank_id, str(one.uuid), str(one.pk) + "/"):
            assert secret not in links
