"""Counts while browsing, through every door of the site: one number for one set of people, however it is asked for."""

import json

import pytest

from commonweal.workbench.researchers.actions import issue_token
from commonweal.workbench.studio.models import LedgerEntry

pytestmark = pytest.mark.django_db
COUNT = "/api/releases/2026Q4R1/registered/cohorts/count"
DIABETES = {"type": "condition", "concepts": [201826]}
WOMEN = {"type": "person", "gender": [8532]}
SAME = [
    {"version": 1, "include": [{"any": [DIABETES]}, {"any": [WOMEN]}]},
    {"version": 1, "include": [{"any": [WOMEN]}, {"any": [DIABETES]}]},
    {"version": 1, "include": [{"any": [DIABETES, DIABETES]}, {"any": [WOMEN]}, {"any": [WOMEN]}]},
    {"version": 1, "include": [{"any": [{**DIABETES, "concepts": [201820]}]}], "exclude": [{"any": [{**WOMEN, "gender": [8507]}]}]},
    {"version": 1, "include": [{"any": [{"type": "cohort", "definition": {"version": 1, "include": [{"any": [DIABETES]}]}}]}, {"any": [WOMEN]}]},
]  # fmt: skip


@pytest.fixture
def ask(client, researcher, release_folder):
    from django.core.cache import cache

    cache.clear()
    headers = {"authorization": f"Bearer {issue_token(researcher)}"}
    return lambda body, at=COUNT: client.post(at, json.dumps(body), content_type="application/json", headers=headers)


def test_equivalent_definitions_have_one_answer(ask):
    answers = [ask(definition).json() for definition in SAME]
    assert answers[0]["perturbed"]
    assert len({(a["persons"], a["suppressed"]) for a in answers}) == 1


def test_the_page_the_search_and_the_interface_say_the_same(ask, logged_in):
    everyone_ill = {"version": 1, "include": [{"any": [DIABETES]}]}
    told = ask(everyone_ill).json()["persons"]
    page = logged_in.post("/studio/", {"definition": json.dumps(everyone_ill)}).content.decode()
    assert f'<p class="answer-number">{told:,}</p>' in page
    assert f"{told:,} people" in logged_in.get("/studio/search/", {"q": "type 2 diabetes"}).content.decode()


def test_the_noise_of_another_site_is_another(ask, monkeypatch):
    """Some of these fifty counts fall into other bins: the secret of the site decides."""
    from commonweal.workbench.studio import browsing

    by_age = [{"type": "person", "age_at": {"date": "2025-10-02", "min": a, "max": a + 6}} for a in range(20, 70)]
    definitions = [{"version": 1, "include": [{"any": [criterion]}]} for criterion in by_age]
    here = [ask(d).json()["persons"] for d in definitions]
    browsing.gate.cache_clear()
    monkeypatch.setattr(browsing, "secret_key", lambda *_: b"another secret of 32 bytes......")
    there = [ask(d).json()["persons"] for d in definitions]
    browsing.gate.cache_clear()
    assert here != there


def test_all_but_a_few_are_not_told(ask):
    rare = [{"type": "condition", "concepts": [312327]}, {"type": "drug", "concepts": [1503297]}]
    few = {"version": 1, "include": [{"any": [one]} for one in rare]}
    the_others = {"version": 1, "exclude": [{"any": [{"type": "cohort", "definition": few}]}]}
    assert ask(few).json()["suppressed"]
    assert ask(the_others).json()["suppressed"]
    assert ask({"version": 1}).json()["persons"] == 2000


def test_an_event_counts_a_person_once(ask):
    dated = {"version": 1, "index": {"of": DIABETES, "which": "all"}, "include": [{"any": [WOMEN]}]}
    assert ask(dated).json()["persons"] == ask(SAME[0]).json()["persons"]


def test_so_many_questions_a_day(ask, logged_in, monkeypatch):
    from commonweal.workbench.studio import releases

    limits = releases.limits().model_copy(update={"questions_a_day": 2})
    monkeypatch.setattr(releases, "limits", lambda: limits)
    assert [ask(SAME[0]).status_code for _ in range(3)] == [200, 200, 403]
    assert "go on tomorrow" in logged_in.get("/studio/").content.decode()
    assert logged_in.get("/studio/search/", {"q": "asthma"}).status_code == 429
    LedgerEntry.objects.update(at="2026-01-01T00:00:00Z")
    assert ask(SAME[0]).status_code == 200
