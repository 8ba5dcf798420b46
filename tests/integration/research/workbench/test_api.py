"""The machine interface: tokens, the count object of the contract, and errors that say what, where, what to do."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from commonweal.workbench.researchers.actions import issue_token
from commonweal.workbench.researchers.models import ApiToken

pytestmark = pytest.mark.django_db
COUNT = "/api/releases/2026Q4R1/registered/cohorts/count"
DIABETES = {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201826]}]}]}


@pytest.fixture
def bearer(researcher, release_folder):
    from django.core.cache import cache

    cache.clear()
    return {"authorization": f"Bearer {issue_token(researcher)}"}


def ask(client, body, headers):
    return client.post(COUNT, json.dumps(body), content_type="application/json", headers=headers)


def test_counts_through_the_gate(client, bearer):
    answer = ask(client, DIABETES, bearer)
    assert answer.status_code == 200
    contract = ["persons", "suppressed", "rounded_to", "exact", "release", "tier", "seconds"]
    assert list(answer.json()) == [*contract, "perturbed"]
    assert answer.json()["persons"] % 20 == 0
    assert (answer.json()["suppressed"], answer.json()["rounded_to"], answer.json()["exact"]) == (False, 20, False)


def test_lists_and_describes_releases(client, bearer):
    listed = client.get("/api/releases", headers=bearer).json()
    assert listed == [{"name": "2026Q4R1", "tier": "registered", "published_at": "2026-10-06T00:00:00+00:00"}]
    one = client.get("/api/releases/2026Q4R1/registered", headers=bearer).json()
    assert "condition_occurrence" in one["tables"]
    assert len(one["digest"]) == 64


def test_concepts_by_words_and_around_one(client, bearer):
    url = "/api/releases/2026Q4R1/registered/concepts"
    (found,) = [c for c in client.get(url, {"q": "type 2 diab"}, headers=bearer).json() if c["concept_id"] == 201826]
    counted = ask(client, DIABETES, bearer).json()["persons"]
    assert (found["place"], found["type"], found["persons"]) == ("found", "condition", counted)
    around = client.get(url, {"around": 201820}, headers=bearer).json()
    assert [(c["place"], c["concept_id"]) for c in around] == [("itself", 201820), ("narrower", 201826)]
    assert around[1]["persons"] == counted
    for nothing in (1, -1, 10**30):
        lost = client.get(url, {"around": nothing}, headers=bearer)
        assert lost.status_code == 422 and lost.json()["error"]["where"] == "around"
    assert client.get(url, {"q": "diabetes"}).status_code == 401


def test_says_what_is_wrong_and_where(client, bearer):
    answer = ask(client, {"version": 1, "include": [{"any": [{"type": "genome", "variant": "rs1"}]}]}, bearer)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["where"] == "$.include[0].any[0].variant"
    assert "contig-position-reference-alternate" in error["what"]


def test_of_a_release_without_genotypes_nothing_is_answered_about_them(client, bearer):
    for asked in ({"type": "genome", "ancestry": ["afr"]}, {"type": "person", "has": ["wgs"]}):
        answer = ask(client, {"version": 1, "include": [{"any": [asked]}]}, bearer)
        assert answer.status_code == 422
        assert answer.json()["error"]["what_to_do"] == "leave it out"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer cwr_wrong"}])
def test_nobody_without_a_token(client, release_folder, headers):
    answer = ask(client, DIABETES, headers)
    assert answer.status_code == 401
    assert "Authorization" in answer.json()["error"]["what_to_do"]


def test_tokens_end(client, bearer, researcher):
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(client, DIABETES, bearer).status_code == 401


def test_accounts_end(client, bearer, researcher):
    type(researcher).objects.update(is_active=False)
    assert ask(client, DIABETES, bearer).status_code == 401


def test_only_the_digest_of_a_token_is_kept(researcher):
    secret = issue_token(researcher)
    assert secret not in json.dumps(list(ApiToken.objects.values("sha256")))


def test_tiers_are_checked(client, bearer, researcher):
    researcher.tier_grants.update(ended_at=timezone.now())
    assert ask(client, DIABETES, bearer).status_code == 403
    assert client.get("/api/releases", headers=bearer).json() == []


def test_an_unknown_release_is_refused(client, bearer):
    assert client.get("/api/releases/2020Q1R1/registered", headers=bearer).status_code == 403


def test_a_session_needs_its_csrf_token(researcher, release_folder):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(researcher, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/api/releases").status_code == 200
    assert browser.post(COUNT, json.dumps(DIABETES), content_type="application/json").status_code == 403


def test_too_much_is_refused(client, bearer):
    body = {"version": 1, "include": [{"any": [{"type": "condition", "concepts": list(range(1, 200_000))}]}]}
    assert ask(client, body, bearer).status_code == 422


def test_too_often_is_refused(client, bearer):
    codes = {client.get("/api/releases/2020Q1R1/registered", headers=bearer).status_code for _ in range(122)}
    assert codes == {403, 429}


def test_describes_itself(client):
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["schemas"]["Definition"]["properties"]["include"]
