"""Every route of the research site declares who may come; what declares nothing is closed."""

from django.urls import URLPattern, URLResolver, get_resolver

from commonweal.ui.policies import policy_of
from commonweal.workbench.researchers.policies import ROLES


def patterns(resolver, prefix=""):
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.callback


def test_every_route_declares_its_role():
    roles = {route: policy_of(view) for route, view in patterns(get_resolver())}
    assert len(roles) > 15
    assert {route: role for route, role in roles.items() if role not in ROLES} == {}


def test_only_these_routes_are_public():
    public = {route for route, view in patterns(get_resolver()) if policy_of(view) == "public"}
    releases = "releases/<str:name>/<str:tier>/"
    assert public == {
        "",
        releases,
        f"{releases}manifest.json",
        f"{releases}<slug:key>.csv",
        "healthz",
        "readyz",
        "language/",
        "ui/",
        "api/openapi.json",
    }


def test_nobody_signs_up_by_themselves(client, db):
    client.post("/accounts/signup/", {"email": "eve@example.org", "password1": "a long pass phrase"})
    from commonweal.workbench.researchers.models import Researcher

    assert not Researcher.objects.exists()
