"""People who said yes to an earlier version are asked to read and answer the new one; until then the earlier yes holds."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from commonweal import protocol as protocols
from commonweal.errors import BadInput, Refused
from commonweal.ui import context
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent import campaigns
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.models import ReconsentCampaign
from commonweal.vault.journey import steps
from commonweal.vault.messages.models import Message
from commonweal.vault.staff import campaigning
from tests.integration.portal.conftest import say

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"en": "We now also ask for dental records.", "es": "Ahora pedimos también el expediente dental."}


@pytest.fixture
def second(tmp_path, monkeypatch):
    """second(marked=…): from now on the program has a second version of the health-record authorisation."""

    def make(marked=False):
        folder = tmp_path / "protocol"
        shutil.copytree(protocols.DEFAULT, folder)
        ehr = folder / "consents" / "ehr"
        for language in ("en", "es"):
            words = (ehr / f"v1.{language}.md").read_text() + "\n"
            (ehr / f"v2.{language}.md").write_text(words)
        mark = f'reconsent = true\nwhy = {{ en = "{WHY["en"]}", es = "{WHY["es"]}" }}\n' if marked else ""
        module = ehr / "module.toml"
        module.write_text(module.read_text() + f'\n[[versions]]\nversion = "2"\n{mark}')
        monkeypatch.setattr(context, "_folder", lambda home: folder)
        return protocols.load(folder)

    return make


@pytest.fixture
def third(tmp_path, monkeypatch):
    """third(): from now on the program has a third version as well, for which nobody is asked anew."""

    def make():
        folder = tmp_path / "later"
        shutil.copytree(tmp_path / "protocol", folder)
        ehr = folder / "consents" / "ehr"
        for language in ("en", "es"):
            (ehr / f"v3.{language}.md").write_text((ehr / f"v2.{language}.md").read_text() + "\n")
        module = ehr / "module.toml"
        module.write_text(module.read_text() + '\n[[versions]]\nversion = "3"\n')
        monkeypatch.setattr(context, "_folder", lambda home: folder)
        return protocols.load(folder)

    return make


def begin(protocol):
    return campaigns.begin("ehr", "2", WHY, protocol, by=None)


def scopes(one):
    now = timezone.now()
    return scopes_in_force(one, now, now)


def asked(campaign):
    table = campaigns.asked(campaign)
    return dict(zip(table["participant"].to_pylist(), table["answer"].to_pylist(), strict=True))


def test_only_who_said_yes_to_an_earlier_version_is_asked(person, second, protocol):
    yes, no, early = person(), person("primary", "no@example.org"), person("profile", "early@example.org")
    say(no, "ehr", "no", protocol)
    changed = person(email="changed@example.org")
    say(changed, "ehr", "no", protocol)
    newer = second()
    campaign = begin(newer)
    assert asked(campaign) == {yes.pk: "not_answered"}
    assert campaigns.due(yes) == {"ehr": campaign}
    assert not campaigns.due(no) and not campaigns.due(early) and not campaigns.due(changed)


@pytest.mark.parametrize("answer, stays", [("yes", True), ("no", False), ("not_sure", False)])
def test_the_earlier_yes_holds_until_the_new_answer_which_then_counts(answer, stays, person, second):
    one = person()
    newer = second()
    campaign = begin(newer)
    assert "ehr" in scopes(one)
    say(one, "ehr", answer, newer)
    assert ("ehr" in scopes(one)) is stays
    assert asked(campaign) == {one.pk: answer} and not campaigns.due(one)


@pytest.mark.parametrize("leave", [consent.withdraw, consent.deactivate])
def test_who_left_or_wants_no_contact_is_not_asked(leave, person, second):
    one = person()
    newer = second()
    leave(one, source="test")
    assert asked(begin(newer)) == {}


def test_who_answered_the_new_version_before_is_not_asked(person, second):
    one, newer = person(), second()
    say(one, "ehr", "yes", newer)
    assert asked(begin(newer)) == {}


def test_an_answer_to_a_still_newer_version_is_an_answer_to_the_campaign(person, second, third):
    one, two = person(), person(email="two@example.org")
    campaign = begin(second())
    newest = third()
    say(one, "ehr", "yes", newest)
    assert asked(campaign) == {one.pk: "yes", two.pk: "not_answered"}
    assert not campaigns.due(one) and campaigns.due(two)


def test_the_set_based_list_equals_the_question_for_each_person(person, second, protocol):
    people = [person(email=f"p{number}@example.org") for number in range(8)]
    for one in people[:3]:
        say(one, "ehr", "no", protocol)
    newer = second()
    campaign = begin(newer)
    say(people[3], "ehr", "yes", newer)
    say(people[4], "ehr", "no", newer)
    open_ones = {one for one, answer in asked(campaign).items() if answer == "not_answered"}
    assert open_ones == {one.pk for one in people if campaigns.due(one)} == {one.pk for one in people[5:]}


def test_a_version_that_the_protocol_marks_opens_its_campaign_once(person, second):
    one, newer = person(), second(marked=True)
    (campaign,) = campaigns.begin_marked(newer)
    assert campaign.why == WHY and campaigns.due(one)
    campaigns.end(campaign, by=one.account)
    assert campaigns.begin_marked(newer) == [] and not campaigns.due(one)


def test_what_cannot_begin(protocol, second, transactional_db):
    with pytest.raises(BadInput, match="one version"):
        campaigns.begin("ehr", "1", WHY, protocol, by=None)
    newer = second()
    with pytest.raises(BadInput, match="current"):
        campaigns.begin("ehr", "1", WHY, newer, by=None)
    with pytest.raises(BadInput, match="every language"):
        campaigns.begin("ehr", "2", {"en": "x", "es": " "}, newer, by=None)
    begin(newer)
    with pytest.raises(Refused, match="already"):
        begin(newer)


def test_home_says_please_read_again_and_what_changed(person, second, as_person):
    one, newer = person(), second()
    begin(newer)
    page = as_person(one).get("/home/").content.decode()
    assert "Please read again" in page
    step = next(step for step in steps.of(one, newer) if step.id == "ehr")
    assert not step.done and step.text == WHY["en"]
    say(one, "ehr", "yes", newer)
    assert "Please read again" not in as_person(one).get("/home/").content.decode()


def test_people_are_written_to_once_and_reminded_twice_and_never_after_they_answered(person, second):
    one, two, newer = person(), person(email="two@example.org"), second()
    campaign, now = begin(newer), timezone.now()
    assert campaigning.write(campaign, now) == 2 and campaigning.write(campaign, now) == 0
    first = Message.objects.filter(participant=one, channel="inbox", template="read_again").get()
    assert WHY["en"] in first.body and first.link == "/consent/ehr/"
    say(two, "ehr", "yes", newer)
    assert campaigning.write(campaign, now + timedelta(days=13)) == 0
    assert campaigning.write(campaign, now + timedelta(days=14, minutes=1)) == 1
    assert campaigning.write(campaign, now + timedelta(days=28, minutes=1)) == 1
    assert campaigning.write(campaign, now + timedelta(days=99)) == 0
    sent = Message.objects.filter(channel="inbox", template__startswith="read_again")
    assert (sent.filter(participant=one).count(), sent.filter(participant=two).count()) == (3, 1)


def test_an_operator_begins_sees_and_ends_a_campaign(person, second, as_staff):
    one, two = person(), person(email="two@example.org")
    newer, client = second(), as_staff("operator")
    form = {"module": "ehr", "why_en": WHY["en"], "why_es": WHY["es"]}
    place = client.post("/staff/campaigns/", form).url
    say(one, "ehr", "no", newer)
    campaign = ReconsentCampaign.objects.get()
    assert campaigns.answers(campaigns.progress(campaign)) == {
        "yes": 0, "no": 1, "not_sure": 0, "later": 0, "not_answered": 1,
    }  # fmt: skip
    page = client.get(place).content.decode()
    assert "1 of 2 have answered" in page and "Lakeshore Clinic" in page
    assert "already" in client.post("/staff/campaigns/", form).content.decode()
    client.post(f"{place}end/")
    assert not campaigns.due(two) and "Ended on" in client.get(place).content.decode()


@pytest.mark.parametrize("role", ["site_staff", "steward", "auditor"])
def test_campaigns_are_for_operators(role, as_staff):
    assert as_staff(role).get("/staff/campaigns/").status_code == 403


def test_a_program_of_one_version_has_nothing_to_ask_again(as_staff):
    assert "one version alone" in as_staff("operator").get("/staff/campaigns/").content.decode()
