"""Campaigns and events through the staff's pages: entered, opened, attributed, and shown to who may see them."""

import csv
import io
import re
import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.partners import attribution, funnels, kept, outreach, records, spending, tree
from commonweal.vault.partners.models import Campaign, Cost, Event, EventDetails, KeptCounts, LinkOpenings
from commonweal.vault.people.models import Account, Invitation
from tests import outreach as made
from tests.integration.portal.test_invitations import joined

pytestmark = pytest.mark.django_db(transaction=True)
SITE = ("site", "lakeshore-chicago")


@pytest.fixture
def operator(transactional_db):
    return Account.objects.create_user("runs@example.org", "seven quiet herons")


def sent(**changes):
    """A campaign's form as a browser sends it."""
    form = {
        "key": made.key(),
        "place": ":".join(SITE),
        "name": "Spring",
        "goal": "Readers join.",
        "states": "il, WI",
        "begins": "2026-03-01",
        "ends": "2026-06-30",
        "dollars": "$5,000",
        "languages": ["en", "es"],
        "audience": ["age"],
    }
    return form | changes


def event_form(**changes):
    day = timezone.localdate() - timedelta(days=1)
    form = {"key": made.key(), "name": "Reading afternoon", "city": "Chicago", "state": "IL", "zip": "60607"}
    return form | {"day": day.isoformat(), "language": "es", "dollars": "100"} | changes


def page(client, name, *args):
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_campaign_is_entered_once_and_corrected(as_staff):
    client, form = as_staff("site_staff", SITE[1]), sent()
    answers = [client.post(reverse("outreach_campaign_new"), form, follow=True).content.decode() for _ in range(2)]
    assert "The campaign is entered." in answers[0] and "This form was sent before." in answers[1]
    one = Campaign.objects.get()
    assert (one.level, one.place, one.organisation, one.awardee) == (
        *SITE,
        "lakeshore-university-health",
        "great-lakes",
    )
    told = one.details.get()
    assert (told.states, told.dollars, told.languages) == (["IL", "WI"], 5000, ["en", "es"])
    edit = reverse("outreach_campaign_edit", args=[one.uuid])
    assert 'value="IL, WI"' in client.get(edit).content.decode()
    client.post(edit, sent(name="Summer", dollars=""))
    assert [one.name for one in one.details.order_by("pk")] == ["Spring", "Summer"]
    assert "Summer" in page(client, "outreach") and "Spring" not in page(client, "outreach")


def test_of_two_who_correct_at_once_the_second_is_told_and_loses_nothing(as_staff, operator):
    client, one = as_staff("site_staff", SITE[1]), made.campaign(operator, SITE)
    edit, first = reverse("outreach_campaign_edit", args=[one.uuid]), one.details.get()
    client.post(edit, sent(record=first.pk, name="Of the first"))
    answer = client.post(edit, sent(record=first.pk, name="Of the second")).content.decode()
    assert "Somebody else changed this meanwhile." in answer and 'value="Of the second"' in answer
    assert one.details.count() == 2
    latest = re.search(r'name="record" value="(\d+)"', answer)[1]
    client.post(edit, sent(record=latest, name="Of the second"))
    assert one.details.order_by("pk").last().name == "Of the second"
    given = {field: getattr(first, field) for field in made.CAMPAIGN}
    with pytest.raises(records.Overtaken):
        outreach.correct_campaign(first, given | {"name": "Late"}, protocol=current_protocol(), by=operator)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ends", "2026-02-28", "The last day is before the first one."),
        ("target", "0", "A target is a whole number above zero."),
        ("target", "two", "Write a whole number, such as 40."),
        ("dollars", "12.50", "Write whole dollars, such as 250."),
        ("dollars", "-5", "Write whole dollars, such as 250."),
        ("states", "IL, XX", "XX is no state."),
        ("begins", "03/01/2026", "Write the day as year-month-day"),
        ("place", "site:gulf-coast-houston", "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_said_at_its_field_and_nothing_is_lost(as_staff, field, value, said):
    client = as_staff("site_staff", SITE[1])
    answer = client.post(reverse("outreach_campaign_new"), sent(**{field: value}))
    shown = answer.content.decode()
    assert said in shown and "Readers join." in shown
    assert not Campaign.objects.exists()


def test_an_event_entered_twice_is_recognised_and_not_doubled(as_staff, operator):
    client = as_staff("site_staff", SITE[1])
    one = made.campaign(operator, SITE)
    enter = reverse("outreach_campaign_event", args=[one.uuid])
    first = client.post(enter, event_form(), follow=True)
    again = client.post(enter, event_form(name=" reading  AFTERNOON", dollars="900"), follow=True)
    assert "The event is entered." in first.content.decode()
    assert "This event was entered before" in again.content.decode()
    assert first.redirect_chain[-1] == again.redirect_chain[-1]
    same_form = event_form(name="Another")
    links = [client.post(enter, same_form)["Location"] for _ in range(2)]
    assert links[0] == links[1]
    assert [one.dollars for one in EventDetails.objects.order_by("pk")] == [100, 100]


def test_two_at_once_enter_one_event(operator):
    campaign, told, start = made.campaign(operator, SITE), [], threading.Barrier(2)

    def enter():
        try:
            start.wait(10)
            given = made.EVENT | {"name": "At once"}
            told.append(outreach.enter(campaign, given, protocol=current_protocol(), by=operator, key=made.key()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.new for one in told) == [False, True]
    assert Event.objects.count() == 1 and EventDetails.objects.count() == 1


def test_people_met_are_entered_afterwards_and_a_correction_makes_no_second_event(as_staff, operator):
    client, campaign = as_staff("site_staff", SITE[1]), made.campaign(operator, SITE)
    one, other = made.event(operator, campaign), made.event(operator, campaign, name="Other")
    edit = reverse("outreach_event_edit", args=[one.uuid])
    day = date(2026, 4, 2).isoformat()
    client.post(edit, event_form(day=day, met="1,240", notes="Two tables"))
    assert records.standing(EventDetails.objects.filter(event=one)).get().met == 1240
    assert "1,240" in page(client, "outreach_event", one.uuid)
    clash = client.post(edit, event_form(day=day, name="other"))
    assert "There is an event with this name, day and ZIP already." in clash.content.decode()
    future = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert "Write afterwards" in client.post(edit, event_form(day=future, met="4")).content.decode()
    assert "Notes name nobody" in client.post(edit, event_form(day=day, notes="Ana, 312-555-0142")).content.decode()
    assert Event.objects.get(pk=other.pk).key != Event.objects.get(pk=one.pk).key


def test_a_link_is_counted_by_day_and_way_and_tells_of_nobody(as_staff, operator):
    client, campaign = as_staff("site_staff", SITE[1]), made.campaign(operator, SITE)
    answer = client.post(reverse("outreach_campaign_link", args=[campaign.uuid]), {"label": "Flyer"})
    code = Invitation.objects.get().code
    assert answer["Location"] == reverse("outreach_link", args=[code])
    address = reverse("invitation", args=[code])
    for _ in range(2):
        Client().get(address + "?by=qr")
    Client().get(address)
    Client().head(address)
    Client().post(reverse("invitation_code"), {"code": code})
    Client().get(reverse("invitation", args=["ABCD2345"]))
    counted = {(one.way, one.opened, one.day) for one in LinkOpenings.objects.all()}
    today = timezone.localdate()
    assert counted == {("qr", 2, today), ("link", 1, today), ("code", 1, today)}
    assert {field.name for field in LinkOpenings._meta.get_fields()} == {"id", "link", "day", "way", "opened"}


def test_the_printed_page_has_the_link_and_its_pictures(as_staff, operator):
    client = as_staff("site_staff", SITE[1])
    link = made.link(operator, made.campaign(operator, SITE))
    shown = page(client, "outreach_link", link.invitation.code)
    assert f"/i/{link.invitation.code}/" in shown and "data:image/svg+xml" in shown
    svg = client.get(reverse("outreach_link_svg", args=[link.invitation.code]))
    png = client.get(reverse("outreach_link_png", args=[link.invitation.code]))
    assert b"<svg" in svg.content[:200] and png.content.startswith(b"\x89PNG")
    assert all(answer["Content-Disposition"].startswith("attachment") for answer in (svg, png))
    assert (
        as_staff("site_staff", "gulf-coast-houston")
        .get(reverse("outreach_link", args=[link.invitation.code]))
        .status_code
        == 404
    )


def test_who_joins_by_a_link_is_attributed_to_its_event_and_campaign(operator):
    campaign = made.campaign(operator, SITE)
    event = made.event(operator, campaign)
    link = made.link(operator, event)
    client = Client()
    client.get(reverse("invitation", args=[link.invitation.code]) + "?by=qr")
    joined(client)
    measured = attribution.measure(current_protocol())
    for path in (tree.of_link(link), tree.of_event(event), tree.of_campaign(campaign), tree.PROGRAM):
        assert {step: measured.steps[step][path] for step in attribution.STEPS} == {
            "opened": 1,
            "account": 1,
            "consented": 0,
            "records": 0,
            "baseline": 0,
        }
    assert [measured.dollars[path] for path in (tree.of_event(event), tree.of_campaign(campaign), tree.PROGRAM)] == [
        100
    ] * 3


@pytest.fixture
def busy(operator):
    """A campaign of the first site with 60 people by one link and 5 by another, and one of a partner with 45."""
    campaign = made.campaign(operator, SITE)
    made.come(made.link(operator, campaign, "Many"), 60, consented=50, shared=45, finished=41)
    made.come(made.link(operator, campaign, "Few"), 5, consented=5)
    spending.spend(
        campaign, {"day": date(2026, 3, 5), "dollars": 1200, "purpose": "Flyers"}, by=operator, key=made.key()
    )
    partner = made.partner(operator)
    theirs = made.campaign(operator, ("partner", partner.slug), name="Red de Mayores")
    made.come(made.link(operator, theirs, "Theirs"), 45, consented=43)
    return campaign, theirs


def test_figures_pass_the_gate_and_cost_is_of_shown_numbers_alone(busy):
    report = funnels.report(current_protocol())
    steps = {one.id: one for one in report.funnels[tree.of_campaign(busy[0])].steps}
    assert {id: one.count.persons for id, one in steps.items()} == {
        "opened": 0,
        "account": 80,
        "consented": 60,
        "records": 60,
        "baseline": 60,
    }
    assert steps["account"].cents_each == 1500 and steps["baseline"].cents_each == 2000
    assert steps["consented"].share == 0.75
    few = next(
        one
        for path, one in report.funnels.items()
        if path and path[-1][0] == "link" and one.step("account").count.suppressed
    )
    assert few.step("account").cents_each is None and few.step("consented").share is None


def test_a_small_link_is_withheld_everywhere(busy, as_staff):
    client = as_staff("operator")
    shown = page(client, "outreach_campaign", busy[0].uuid)
    assert "withheld" in shown and not re.search(r">\s*(5|65|45|41|50)\s*<", shown)
    lines = list(csv.DictReader(io.StringIO(client.get(reverse("outreach_csv")).content.decode())))
    by = {(line["what"], line["name"]): line for line in lines}
    assert by["campaign", "Spring in the libraries"]["account"] == "80"
    links = [line["account"] for line in lines if line["what"] == "link"]
    assert sorted(links) == ["", "60", "60"]
    assert by["program", current_protocol().name]["dollars"] == "1200"


def test_a_number_that_is_withheld_here_is_not_told_by_the_list_of_invitations(busy, as_staff):
    client = as_staff("operator")
    codes = list(Invitation.objects.values_list("code", flat=True))
    assert len(codes) == 3
    for shown in (page(client, "staff_invitations"), client.get(reverse("staff_invitations_csv")).content.decode()):
        assert not any(code[:4] in shown for code in codes)


def test_the_number_of_questions_does_not_grow_with_the_campaigns(busy, operator):
    def asked():
        KeptCounts.objects.all().delete()
        with CaptureQueriesContext(connection) as context:
            funnels.report(current_protocol())
        return len(context)

    few = asked()
    for number in range(12):
        made.link(operator, made.campaign(operator, SITE, name=f"Campaign {number}"))
    assert asked() == few < 30


def test_in_a_large_program_a_page_tells_what_the_worker_counted_last(busy, monkeypatch):
    monkeypatch.setattr(kept, "QUICK", -1)  # as if counting took long

    def came():
        return funnels.report(current_protocol()).program.step("account").count.persons

    assert came() == 120
    made.come(busy[0].links.first(), 40)
    assert came() == 120
    assert (kept.tick(), kept.tick()) == (1, 0)
    assert came() == 160
    made.come(busy[0].links.first(), 40)
    KeptCounts.objects.update(taken_at=timezone.now() - 2 * kept.LATE)  # no worker runs
    assert came() == 200


def test_costs_are_taken_back_not_deleted(busy, as_staff):
    client, cost = as_staff("site_staff", SITE[1]), Cost.objects.get()
    spend = reverse("outreach_cost", args=[busy[0].uuid])
    form = {"key": made.key(), "day": "2026-03-06", "dollars": "0", "purpose": "Nothing"}
    assert "Write whole dollars, from 1 up." in client.post(spend, form).content.decode()
    form |= {"dollars": "300"}
    for _ in range(2):
        client.post(spend, form)
    assert "$1,500" in page(client, "outreach_campaign", busy[0].uuid)
    client.post(reverse("outreach_cost_back", args=[busy[0].uuid, cost.pk]))
    assert "$300" in page(client, "outreach_campaign", busy[0].uuid)
    assert Cost.objects.count() == 3
    assert client.post(reverse("outreach_cost_back", args=[busy[0].uuid, cost.pk])).status_code == 404


def test_a_partner_sees_its_own_and_the_programs_whole(busy, as_staff):
    client = as_staff("partner", scope="elders-network")
    shown = page(client, "outreach")
    assert "Red de Mayores" in shown and "Spring in the libraries" not in shown
    assert "120" in shown  # of the whole program: 110 people, rounded up
    assert client.get(reverse("outreach_campaign", args=[busy[0].uuid])).status_code == 404
    assert client.get(reverse("outreach_campaign", args=[busy[1].uuid])).status_code == 200
    assert client.get(reverse("outreach_place", args=["partner", "elders-network"])).status_code == 200
    for level, id in (("site", SITE[1]), ("awardee", "great-lakes"), ("partner", "others")):
        assert client.get(reverse("outreach_place", args=[level, id])).status_code == 404
    assert client.get(reverse("staff"))["Location"] == reverse("staff_representation")
    assert client.get(reverse("staff_overview"))["Location"] == reverse("outreach")


@pytest.mark.parametrize(
    ("role", "place", "sees"),
    [
        ("site_staff", {"site": "lakeshore-chicago"}, True),
        ("site_staff", {"site": "gulf-coast-houston"}, False),
        ("org_manager", {"scope": "lakeshore-university-health"}, True),
        ("awardee_manager", {"scope": "great-lakes"}, True),
        ("awardee_manager", {"scope": "sun-belt"}, False),
        ("operator", {}, True),
    ],
)
def test_outreach_is_seen_along_the_hierarchy(busy, as_staff, role, place, sees):
    client = as_staff(role, **place)
    assert client.get(reverse("outreach_campaign", args=[busy[0].uuid])).status_code == (200 if sees else 404)
    assert ("Spring in the libraries" in page(client, "outreach")) == sees


def test_what_a_site_did_before_it_moved_stays_with_its_organisation_and_both_say_so(busy, as_staff):
    moved = busy[0]
    Campaign.objects.filter(pk=moved.pk).update(organisation="three-rivers-hospital")  # entered before the move
    before, now = (
        as_staff("org_manager", scope=one) for one in ("three-rivers-hospital", "lakeshore-university-health")
    )
    for client in (before, now):
        assert "belongs elsewhere now" in page(client, "outreach")
        assert "stay counted with Three Rivers Hospital" in page(client, "outreach_campaign", moved.uuid)
    assert "Lakeshore Clinic, when it was part of Three Rivers Hospital" in page(before, "outreach")
    report = funnels.report(current_protocol())
    path = (("awardee", "great-lakes"), ("organisation", "three-rivers-hospital"))
    assert report.funnels[path].dollars == 1200
    assert (("awardee", "great-lakes"), ("organisation", "lakeshore-university-health")) not in report.funnels


def test_the_gate_is_too_fine_to_cover_a_few_who_did_not_go_on():
    from commonweal.disclosure import Policy

    path = (("partner", "a"), ("campaign", "b"), ("link", "c"))
    steps = {step: tree.summed({path: 30}) for step in attribution.STEPS}
    steps["consented"] = tree.summed({path: 28})
    measured = attribution.Measured(steps, tree.summed({path: 10}), {path: {"link": 30}})
    fine, rounded = (funnels.shown(measured, Policy(min_cell=5, round_to=n)).program for n in (1, 5))
    assert fine.step("consented").count.suppressed and not fine.step("account").count.suppressed
    assert not rounded.step("consented").count.suppressed
