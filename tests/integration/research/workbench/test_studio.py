"""The cohort page: its count is that of the release through the gate, whatever way a criterion came in."""

import json
import re

import pytest

from commonweal import commons
from commonweal.workbench.studio.models import LedgerEntry, SavedCohort

pytestmark = pytest.mark.django_db
URL = "/studio/"
DIABETES = {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201820]}]}], "exclude": []}


def persons(definition):
    from django.conf import settings

    return commons.open("2026Q4R1", home=settings.COMMONWEAL_HOME).cohort(definition).count(exact=True).persons


def is_told(number, true):
    """Whether this is a number for so many people: moved by 15 at most (the default program), then rounded up to 20."""
    return number % 20 == 0 and true - 15 <= number < true + 15 + 20


def answered(page):
    return int(re.search(r'<p class="answer-number">([\d,]+)</p>', page)[1].replace(",", ""))


def post(client, start=None, /, **fields):
    sent = {"before": json.dumps(start or {"version": 1}), "person.shown": "1"} | fields
    return client.post(URL, sent, headers={"HX-Request": "true"})


def test_asks_for_the_log_in(client, release_folder):
    answer = client.get(URL)
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/studio/"


def test_counts_everyone_first(logged_in):
    page = logged_in.get(URL).content.decode()
    assert ">2,000<" in page
    assert "Everyone in the release" in page


def test_a_concept_found_and_pressed_is_counted(logged_in):
    found = logged_in.get("/studio/search/", {"q": "diabetes mellitus"}).content.decode()
    assert 'value="add:condition:201820"' in found
    assert is_told(int(re.search(r">([\d,]+) people<", found)[1].replace(",", "")), persons(DIABETES))
    page = post(logged_in, action="add:condition:201820", into="include").content.decode()
    assert is_told(answered(page), persons(DIABETES))
    assert "with condition: Diabetes mellitus" in page


def test_above_and_below_a_concept_each_with_its_people(logged_in, researcher):
    page = logged_in.get("/studio/search/", {"around": "201820"}).content.decode()
    itself, below = re.split("Narrower</h3>", page)
    assert "Chosen" in itself and 'value="add:condition:201820"' in itself
    assert 'value="add:condition:201826"' in below and "?around=201826" in below
    told = re.search(r'201826">.*?>([\d,]+) people<', below, re.DOTALL)[1]
    assert is_told(
        int(told.replace(",", "")),
        persons({"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201826]}]}]}),
    )
    kept = LedgerEntry.objects.filter(kind="concepts").latest("pk").result
    above = logged_in.get("/studio/search/", {"around": "201826"}).content.decode()
    assert "Broader" in above and "Nothing in this release stands below it." in above
    assert {"201820", "201826"} <= kept.keys()


@pytest.mark.parametrize("number", ["²", "9" * 40, "9" * 18, "-1", ""])
def test_what_is_no_number_changes_nothing(logged_in, number):
    assert answered(logged_in.get(URL, {"cohort": number}).content.decode()) == 2000
    for action in (f"remove:include:0:{number}", f"remove:include:{number}:0", f"show:condition:{number}"):
        assert is_told(answered(post(logged_in, DIABETES, action=action).content.decode()), persons(DIABETES))
    assert post(logged_in, DIABETES, action=f"add:condition:{number}").status_code == 200


@pytest.mark.parametrize("number", ["0", "1e3", "-1", "9" * 40, "4329847"])
def test_around_what_is_no_concept_there_is_nothing(logged_in, number):
    answer = logged_in.get("/studio/search/", {"around": number})
    assert answer.status_code == 404 if number in ("0", "4329847") else "found-add" not in answer.content.decode()


def test_the_sql_is_written_for_who_asks_for_it(logged_in):
    assert "SELECT" not in post(logged_in, DIABETES).content.decode()
    page = post(logged_in, DIABETES, action="sql").content.decode()
    assert "SELECT" in page and is_told(answered(page), persons(DIABETES))


def test_fields_limit_a_criterion(logged_in):
    fields = {"include.0.0.shown": "1", "include.0.0.age_min": "60", "include.0.0.descendants": "1"}
    page = post(logged_in, DIABETES, **fields).content.decode()
    limited = json.loads(json.dumps(DIABETES))
    limited["include"][0]["any"][0]["age"] = {"min": 60}
    assert persons(limited) < persons(DIABETES)
    assert is_told(answered(page), persons(limited))


def test_what_the_page_has_no_field_for_stays(logged_in):
    made = json.loads(json.dumps(DIABETES))
    made["include"][0]["any"][0]["age"] = {"min": 50, "years": "calendar"}
    made["exclude"] = [{"any": [{"type": "group", "of": [{"type": "person", "gender": [8507]}], "at_most": 0}]}]
    fields = {"include.0.0.shown": "1", "include.0.0.age_min": "60", "include.0.0.descendants": "1"}
    page = post(logged_in, made, **fields).content.decode()
    made["include"][0]["any"][0]["age"]["min"] = 60
    assert is_told(answered(page), persons(made))
    assert "none of [gender:" in page
    assert "exclude.0.0.shown" not in page
    assert "calendar" in page


def test_who_they_are(logged_in):
    fields = {"person.sex_at_birth": "8532", "person.age_min": "40", "person.age_max": "60"}
    page = post(logged_in, **fields).content.decode()
    wanted = {"type": "person", "sex_at_birth": [8532], "age_at": {"date": "2025-10-02", "min": 40, "max": 60}}
    expected = persons({"version": 1, "include": [{"any": [wanted]}]})
    assert is_told(answered(page), expected)


def test_json_edited_by_hand_counts(logged_in):
    page = post(logged_in, definition=json.dumps(DIABETES)).content.decode()
    assert is_told(answered(page), persons(DIABETES))


def test_json_that_cannot_be_used_says_where_and_keeps_the_text(logged_in):
    page = post(logged_in, DIABETES, definition='{"version": 1, "include": [{"any": []}]}').content.decode()
    assert "$.include[0].any: must not be empty" in page
    assert "[{&quot;any&quot;: []}]" in page
    assert is_told(answered(page), persons(DIABETES))


def test_few_people_are_not_told(logged_in):
    rare = json.loads(json.dumps(DIABETES))
    rare["include"] = [
        {"any": [{"type": "condition", "concepts": [312327]}]},
        {"any": [{"type": "drug", "concepts": [1503297]}]},
    ]
    number = persons(rare)
    assert 0 < number <= 20
    page = post(logged_in, definition=json.dumps(rare)).content.decode()
    assert "20 or fewer" in page
    assert f">{number}<" not in page


def test_every_answer_is_in_the_ledger_without_small_numbers(logged_in):
    before = LedgerEntry.objects.count()
    post(logged_in, DIABETES)
    entry = LedgerEntry.objects.latest("pk")
    assert LedgerEntry.objects.count() == before + 1
    assert entry.result["persons"][0] == 2000
    assert is_told(entry.result["persons"][1], persons(DIABETES))
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_saved_versions_stay(logged_in, researcher):
    post(logged_in, DIABETES, action="save", name="Diabetes")
    post(logged_in, DIABETES, action="save", name="Diabetes")
    assert SavedCohort.objects.filter(researcher=researcher).count() == 1
    changed = {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201826]}]}], "exclude": []}
    page = post(logged_in, definition=json.dumps(changed), action="save", name="Diabetes").content.decode()
    assert "version 2" in page
    first = SavedCohort.objects.get(version=1)
    assert first.definition == {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201820]}]}]}
    with pytest.raises(TypeError):
        first.save()


def test_cohorts_of_others_are_not_opened(logged_in, django_user_model):
    other = django_user_model.objects.create_user("bob@example.org", "another long phrase", name="B", institution="X")
    kept = SavedCohort.objects.create(
        researcher=other,
        name="Mine",
        version=1,
        release="2026Q4R1",
        tier="registered",
        definition=DIABETES,
        sha256="0" * 64,
    )
    page = logged_in.get(URL, {"cohort": kept.pk}).content.decode()
    assert "Diabetes mellitus" not in page


def test_a_researcher_without_the_tier_sees_no_release(client, researcher, release_folder):
    researcher.tier_grants.update(ended_at="2026-01-01T00:00:00Z")
    client.force_login(researcher, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "no release that you may study" in client.get(URL).content.decode()
    assert client.get(URL, {"release": "2026Q4R1/registered"}).status_code == 404
    assert "people" not in client.get("/studio/search/", {"q": "metformin"}).content.decode()


def test_works_as_a_plain_page_too(logged_in):
    page = logged_in.post(URL, {"before": json.dumps(DIABETES), "action": "remove:include:0:0"}).content.decode()
    assert "<html" in page
    assert '<p class="answer-number">2,000</p>' in page


@pytest.fixture
def with_genomes(logged_in, release_folder):
    """Another release of the program, with ancestries and variants, for as long as a test takes."""
    import shutil

    from django.conf import settings

    from tests import releases

    folder = releases.publish(settings.COMMONWEAL_HOME.releases, name="2027Q1R1", genome=True)
    yield "2027Q1R1/registered"
    shutil.rmtree(folder.parent)


def test_where_a_release_has_no_genomes_none_is_asked_about(logged_in):
    page = logged_in.get(URL).content.decode()
    assert "genome.of" in page and "genome.variant" not in page and "genome.ancestry" not in page


def test_a_variant_and_an_ancestry_are_added_in_one_step(logged_in, with_genomes):
    page = logged_in.get(URL, {"release": with_genomes}).content.decode()
    assert 'name="genome.variant"' in page and 'value="afr"' in page and 'id="person-has-wgs"' in page
    asked = {"genome.ancestry": ["afr", "oth"], "genome.variant": " chr22-16050408-T-C ", "genome.genotype": ["0/1"]}
    sent = asked | {"release": with_genomes, "genome.of": with_genomes, "action": "genome", "into": "include"}
    page = post(logged_in, **sent).content.decode()
    assert "predicted genetic ancestry: African, other, genotype 0/1 at 22-16050408-T-C" in page
    definition = {"version": 1, "include": [{"any": [
        {"type": "genome", "ancestry": ["afr", "oth"], "variant": "22-16050408-T-C", "genotype": ["0/1"]}]}]}  # fmt: skip
    true = commons.open("2027Q1R1", home=_home()).cohort(definition).count(exact=True).persons
    assert true > 100 and is_told(answered(page), true)
    assert 'hx-swap-oob="true"><input type="hidden" name="genome.of"' in page  # the fields are empty again


def test_few_carriers_are_not_told(logged_in, with_genomes):
    sent = {"release": with_genomes, "genome.of": with_genomes, "action": "genome", "genome.genotype": ["0/1", "1/1"]}
    page = post(logged_in, **sent, **{"genome.variant": "22-16050678-C-T"}).content.decode()
    assert "genotype 0/1 or 1/1 at 22-16050678-C-T" in page and "Not told" in page


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "give ancestry or variant"),
        ({"genome.variant": "rs12"}, "contig-position-reference-alternate"),
        ({"genome.variant": "22-16050408-T-C"}, "must not be empty"),
        ({"genome.variant": "22-16050408-T-G", "genome.genotype": "0/1"}, "at that position it has 22-16050408-T-C"),
    ],
)
def test_what_is_wrong_with_a_variant_is_said_and_what_was_typed_stays(logged_in, with_genomes, asked, what):
    sent = {"release": with_genomes, "genome.of": with_genomes, "action": "genome"} | asked
    page = post(logged_in, **sent).content.decode()
    assert "That definition cannot be used" in page and what in page
    assert 'name="genome.of"' not in page  # so the fields are not emptied


def _home():
    from django.conf import settings

    return settings.COMMONWEAL_HOME
