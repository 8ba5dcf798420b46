"""Partner records, the kit, newsletters and community advice through the staff's pages."""

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from commonweal.vault.partners.models import Advice, Agreement, CommunityPartner, Material, Milestone, Newsletter
from commonweal.vault.people.models import Account
from commonweal.vault.staff.models import StaffRole
from tests import outreach as made

pytestmark = pytest.mark.django_db(transaction=True)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>'


@pytest.fixture
def keeper(transactional_db):
    return Account.objects.create_user("keeps@example.org", "seven quiet herons")


def sent(**changes):
    form = {"key": made.key(), "name_en": "Elders Network", "kind": "community", "active_from": "2026-01-01"}
    return form | {"reaches": ["age", "disability"], "states": "IL", "contact": "office@elders.example"} | changes


def text(client, name, *args):
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_partner_is_entered_once_corrected_and_ended(as_staff):
    client, form = as_staff("operator"), sent()
    for _ in range(2):
        client.post(reverse("outreach_partner_new"), form)
    one = CommunityPartner.objects.get()
    assert one.slug == "elders-network"
    edit = reverse("outreach_partner_edit", args=[one.slug])
    early = client.post(edit, sent(active_until="2025-12-31"))
    assert "The last day is before the first one." in early.content.decode()
    client.post(edit, sent(name_es="Red de Mayores", active_until="2026-06-30"))
    assert one.details.count() == 2
    assert "not active" in text(client, "outreach_partners")
    assert (
        "Red de Mayores"
        in client.get(
            reverse("outreach_place", args=["partner", one.slug]), headers={"Accept-Language": "es"}
        ).content.decode()
    )


def test_two_partners_of_one_name_have_two_ids(as_staff):
    client = as_staff("operator")
    for _ in range(2):
        client.post(reverse("outreach_partner_new"), sent())
    assert set(CommunityPartner.objects.values_list("slug", flat=True)) == {"elders-network", "elders-network-2"}


def held(client, level, id, record, **fields):
    form = {"key": made.key()} | fields
    return client.post(reverse("outreach_held_new", args=[level, id, record]), form)


def test_agreements_budgets_and_milestones_are_kept_corrected_and_taken_back(as_staff, keeper):
    client, slug = as_staff("operator"), made.partner(keeper).slug
    held(client, "partner", slug, "agreement", kind="memorandum", signed_on="2026-01-05", begins="2026-01-05")
    held(client, "partner", slug, "budget", begins="2026-01-01", ends="2026-12-31", dollars="$12,000", purpose="Events")
    held(client, "partner", slug, "milestone", what="Elders joined", measure="number", target="200", due="2026-12-31")
    shown = text(client, "outreach_place", "partner", slug)
    for words in ("Memorandum of understanding", "$12,000", "Elders joined", "not yet"):
        assert words in shown
    one = Agreement.objects.get()
    edit = reverse("outreach_held_edit", args=["agreement", one.pk])
    form = {"key": made.key(), "kind": "memorandum", "signed_on": "2026-01-05", "begins": "2026-01-05"}
    client.post(edit, form | {"ends": "2026-06-30"})
    assert Agreement.objects.count() == 2 and "June 30, 2026" in text(client, "outreach_place", "partner", slug)
    stale = client.post(edit, form | {"record": one.pk, "document": "C-9"}).content.decode()
    assert "Somebody else changed this meanwhile." in stale and 'value="C-9"' in stale
    assert Agreement.objects.count() == 2
    client.post(edit, form | {"record": Agreement.objects.latest("pk").pk, "document": "C-9"})
    assert Agreement.objects.count() == 3 and "C-9" in text(client, "outreach_place", "partner", slug)
    milestone = Milestone.objects.get()
    client.post(reverse("outreach_held_withdraw", args=["milestone", milestone.pk]))
    assert "Elders joined" not in text(client, "outreach_place", "partner", slug)
    assert Milestone.objects.count() == 2


@pytest.mark.parametrize(
    ("measure", "target", "said"),
    [
        ("share", "101", "A share of people cannot be above 100%."),
        ("number", "0", "A target is a whole number above zero."),
        ("number", "-3", "Write a whole number, such as 40."),
        ("share", "66.6", "Write a whole number, such as 40."),
    ],
)
def test_a_goal_that_cannot_be_is_refused(as_staff, measure, target, said):
    fields = {"what": "Share of elders", "measure": measure, "target": target, "due": "2026-12-31"}
    answer = held(as_staff("operator"), "awardee", "great-lakes", "milestone", **fields)
    assert said in answer.content.decode() and "Share of elders" in answer.content.decode()
    assert not Milestone.objects.exists()


def test_only_operators_keep_partner_records(as_staff, keeper):
    slug = made.partner(keeper).slug
    for role, place in (("partner", {"scope": slug}), ("awardee_manager", {"scope": "great-lakes"})):
        client = as_staff(role, **place)
        assert client.get(reverse("outreach_partners")).status_code == 403
        assert held(client, "partner", slug, "budget").status_code == 403


def test_the_role_of_a_partner_is_given_for_a_partner_alone(as_staff, keeper):
    slug, client = made.partner(keeper).slug, as_staff("operator")
    give = {"email": keeper.email, "role": "partner"}
    assert "Choose for which place." in client.post(reverse("staff_roles"), give).content.decode()
    assert "Select a valid choice" in client.post(reverse("staff_roles"), give | {"partner": "nobody"}).content.decode()
    client.post(reverse("staff_roles"), give | {"partner": slug})
    assert StaffRole.objects.get(account=keeper).scope == slug
    assert "Community partner · Elders Network" in text(client, "staff_roles")


def material(file=None, **changes):
    form = {"key": made.key(), "title": "Join us", "kind": "flyer", "language": "es", "audience": "participants"}
    form |= {"version": "1"} | changes
    return form | ({"file": SimpleUploadedFile("any name.svg", file)} if file else {})


def test_a_material_is_kept_renewed_and_served_to_be_saved(as_staff, keeper):
    client = as_staff("operator")
    client.post(reverse("outreach_material_new"), material(SVG))
    one = Material.objects.get()
    path = settings.COMMONWEAL_HOME.vault_store / "partners" / "materials" / f"{one.uuid}.svg"
    assert path.read_bytes() == SVG and path.stat().st_mode & 0o777 == 0o600
    partner = as_staff("partner", scope=made.partner(keeper).slug)
    answer = partner.get(reverse("outreach_material", args=[one.uuid]))
    assert b"".join(answer.streaming_content) == SVG
    assert answer["Content-Disposition"] == 'attachment; filename="join-us-es-1.svg"'
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    client.post(
        reverse("outreach_material_renew", args=[one.uuid]), material(link="https://example.org/flyer", version="2")
    )
    shown = text(partner, "outreach_kit")
    assert "https://example.org/flyer" in shown and str(one.uuid) not in shown
    assert partner.get(reverse("outreach_material", args=[one.uuid])).status_code == 200  # what was handed out
    latest = Material.objects.get(version="2")
    client.post(reverse("outreach_material_withdraw", args=[latest.uuid]))
    assert "https://example.org/flyer" not in text(partner, "outreach_kit")


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        (SVG.replace(b"<path", b"<script/><path"), {}, "runs or fetches"),
        (b"MZ program", {}, "neither a PDF nor a PNG"),
        (None, {}, "Give a file or a link"),
        (SVG, {"link": "https://example.org/"}, "Give a file or a link"),
        (None, {"link": "http://example.org/"}, "begins with https://"),
        (None, {"link": "javascript:alert(1)"}, "Enter a valid URL"),
    ],
)
def test_a_material_that_cannot_be_kept_is_refused_and_leaves_no_file(as_staff, file, changes, said):
    folder = settings.COMMONWEAL_HOME.vault_store / "partners" / "materials"
    before = set(folder.glob("*"))
    answer = as_staff("operator").post(reverse("outreach_material_new"), material(file, **changes))
    assert said in answer.content.decode() and "Join us" in answer.content.decode()
    assert not Material.objects.exists() and set(folder.glob("*")) == before


NEWS = {"subject_en": "Spring", "subject_es": "Primavera", "text_en": "Hello.", "text_es": "Hola."}


def test_a_newsletter_goes_to_partners_once_in_both_languages(as_staff, keeper, monkeypatch):
    client, partner = as_staff("operator"), made.partner(keeper)
    made.partner(keeper, name_en="Without a mailbox", contact="")
    client.post(reverse("outreach_newsletter_new"), NEWS)
    one = Newsletter.objects.get()
    send, reader = reverse("outreach_newsletter_send", args=[one.uuid]), as_staff("partner", scope=partner.slug)
    assert reader.get(reverse("outreach_newsletter", args=[one.uuid])).status_code == 404  # a draft
    assert "This field is required" in client.post(send, {}).content.decode()
    assert "Select a valid choice" in client.post(send, {"to": ["without-a-mailbox"]}).content.decode()
    for _ in range(2):
        client.post(send, {"to": [partner.slug]})
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["office@elders.example"]
    assert "Hello." in mail.outbox[0].body and "Hola." in mail.outbox[0].body
    assert "Hola." in text(reader, "outreach_newsletter", one.uuid)
    assert client.get(reverse("outreach_newsletter_edit", args=[one.uuid])).status_code == 404


def test_what_the_mail_server_did_not_take_waits_and_is_sent_again(as_staff, keeper, monkeypatch):
    from django.core.mail import EmailMessage

    client, partner = as_staff("operator"), made.partner(keeper)
    client.post(reverse("outreach_newsletter_new"), NEWS)
    send = reverse("outreach_newsletter_send", args=[Newsletter.objects.get().uuid])
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", lambda self, **_: (_ for _ in ()).throw(OSError("no server")))
        answer = client.post(send, {"to": [partner.slug]}, follow=True)
    assert "1 copy could not be sent" in answer.content.decode() and not mail.outbox
    client.post(send)
    assert len(mail.outbox) == 1


def said(**changes):
    form = {"key": made.key(), "topic": "Consent", "said": "The text is too long.", "said_on": "2026-05-01"}
    return form | changes


def test_advice_is_said_considered_and_answered(as_staff, keeper):
    slug = made.partner(keeper).slug
    partner, operator = as_staff("partner", scope=slug), as_staff("operator")
    for form in [said(partner=slug)] * 2:
        partner.post(reverse("outreach_advice"), form)
    one = Advice.objects.get()
    move = reverse("outreach_advice_move", args=[one.uuid])
    assert partner.post(move, {}).status_code == 403
    operator.post(move, {"state": "considered", "words": "", "day": "2026-05-10"})
    assert "considered" in text(partner, "outreach_advice")
    silent = operator.post(move, {"state": "answered", "words": " ", "day": "2026-05-20"})
    assert "Say what the program did about it." in silent.content.decode()
    operator.post(move, {"state": "answered", "words": "We made it shorter.", "day": "2026-05-20"})
    operator.post(move, {"state": "answered", "words": "Twice.", "day": "2026-05-21"})
    shown = text(partner, "outreach_advice")
    assert "We made it shorter." in shown and "Twice." not in shown
    assert one.steps.count() == 2


def test_advice_is_of_a_partner_or_a_board(as_staff, keeper):
    slug, client = made.partner(keeper).slug, as_staff("operator")
    for form in (said(), said(partner=slug, board="Board")):
        assert "Say who said it" in client.post(reverse("outreach_advice"), form).content.decode()
    client.post(reverse("outreach_advice"), said(board="Community advisory board"))
    assert "Community advisory board" in text(client, "outreach_advice")
    other = as_staff("partner", scope="others")
    assert "Select a valid choice" in other.post(reverse("outreach_advice"), said(partner=slug)).content.decode()
    assert Advice.objects.count() == 1


def test_who_speaks_for_no_partner_reads_what_was_said(as_staff):
    client = as_staff("site_staff")
    assert "Write down what was said" not in text(client, "outreach_advice")
    client.post(reverse("outreach_advice"), said(board="Board"))
    assert not Advice.objects.exists()
