"""Accounts of the portal: opening one, proving it, getting back in, changing it, and how long one stays logged in."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from commonweal.audit.models import Event
from commonweal.vault.people.accounts import open_account
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.people.phones import e164
from commonweal.vault.people.second_step import has_second_step

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "seven quiet herons"
NUMBER, SPOKEN = "+13125550142", "(312) 555-0142"
TEXTS: list[tuple[str, str]] = []


class Recording:
    """Stands for a provider of text messages."""

    def send(self, to, text, *, kind="", reference=""):
        TEXTS.append((to, text))
        return "1"


@pytest.fixture(autouse=True)
def texts(settings):
    settings.SMS_BACKEND = f"{__name__}.Recording"
    TEXTS.clear()
    return TEXTS


def code_in(text):
    return re.search(r"\b\d{4}-\d{4}\b", text)[0]


def sign_up(client, email="eva@example.org", password=PASSWORD, **more):
    names = {"email": email} if email else {}
    return client.post(reverse("account_signup"), names | {"password1": password} | more)


def prove(client):
    return client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[-1].body)})


def log_in(client, name="eva@example.org", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": name, "password": password} | more)


@pytest.fixture
def eva():
    """Somebody whose address is proven, logged in."""
    client = Client()
    sign_up(client)
    prove(client)
    client.account = Account.objects.get(email="eva@example.org")
    return client


def confirm_it_is_me(client, password=PASSWORD):
    client.post(reverse("account_reauthenticate"), {"password": password})


# --- opening an account


def test_nothing_opens_before_the_address_is_proven(client):
    answer = sign_up(client)
    assert answer["Location"] == reverse("account_email_verification_sent")
    for name in ("home", "next", "eligibility", "data", "security"):
        assert client.get(reverse(name))["Location"].startswith(reverse("account_login"))
    assert not Participant.objects.exists()
    assert prove(client)["Location"] == reverse("next")
    assert client.get(reverse("security")).status_code == 200
    assert Participant.objects.get().account.email == "eva@example.org"


def test_who_closed_the_window_gets_a_new_code_when_logging_in(client, monkeypatch):
    sign_up(client)
    cache.clear()  # some time later
    other = Client()
    assert log_in(other)["Location"] == reverse("account_email_verification_sent")
    assert len(mail.outbox) == 2
    assert prove(other).status_code == 302
    assert Participant.objects.count() == 1


def test_the_code_must_be_the_one_that_was_sent_and_three_wrong_ones_end_it(client):
    sign_up(client)
    page = reverse("account_email_verification_sent")
    for _ in range(2):
        answer = client.post(page, {"code": "0000-0000"})
        assert "not the code that we sent" in answer.content.decode()
    assert client.post(page, {"code": "0000-0000"})["Location"] == reverse("account_login")
    assert client.post(page, {"code": code_in(mail.outbox[-1].body)})["Location"] == reverse("account_login")
    assert not Participant.objects.exists()


def test_a_code_is_read_without_its_dash_and_can_be_sent_again(client):
    sign_up(client)
    cache.clear()
    page = reverse("account_email_verification_sent")
    client.post(page, {"action": "resend"})
    old, new = (code_in(m.body) for m in mail.outbox)
    assert old != new
    assert client.post(page, {"code": old}).status_code == 200
    assert client.post(page, {"code": f" {new.replace('-', '')} "})["Location"] == reverse("next")


def test_capitals_do_not_matter_in_an_address_and_dots_do(client):
    sign_up(client, "Eva.Luz@Example.ORG")
    assert Account.objects.get().email == "eva.luz@example.org"
    cache.clear()
    sign_up(Client(), "EVA.LUZ@example.org")
    assert Account.objects.count() == 1
    sign_up(Client(), "evaluz@example.org")
    assert set(Account.objects.values_list("email", flat=True)) == {"eva.luz@example.org", "evaluz@example.org"}
    prove_first = EmailAddress.objects.get(email="eva.luz@example.org")
    prove_first.verified = True
    prove_first.save()
    assert log_in(Client(), "Eva.LUZ@example.org")["Location"] == reverse("home")


def test_signing_up_by_phone(client, texts):
    answer = sign_up(client, None, phone="(312) 555-0142")
    assert answer["Location"] == reverse("account_verify_phone")
    ((to, text),) = texts
    assert to == NUMBER
    assert mail.outbox == []
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    assert client.post(answer["Location"], {"code": code_in(text)})["Location"] == reverse("next")
    account = Participant.objects.get().account
    assert (account.email, account.phone, account.phone_verified) == (None, NUMBER, True)
    assert SPOKEN in client.get(reverse("security")).content.decode()
    assert log_in(Client(), "312.555.0142")["Location"] == reverse("home")


def test_several_people_join_by_phone(texts):
    for number in ("312-555-0142", "312-555-0143"):
        assert sign_up(Client(), None, phone=number)["Location"] == reverse("account_verify_phone")
    assert Account.objects.filter(email=None).count() == 2


def test_a_text_message_that_fails_breaks_nothing(client, settings):
    settings.SMS_BACKEND = f"{__name__}.Broken"
    assert sign_up(client, None, phone="312-555-0142")["Location"] == reverse("account_verify_phone")


class Broken:
    def send(self, *args, **kwargs):
        raise OSError("no network")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("call me", "area code"),
        ("555-0142", "no such phone number"),
        ("123-456-7890", "no such phone number"),
        ("+44 20 7946 0958", "within the United States"),
        ("800-555-0199", "cannot get text messages"),
        ("", "required"),
    ],
)
def test_a_number_that_cannot_be_is_said_so(client, number, said, texts):
    answer = sign_up(client, None, phone=number)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Account.objects.exists()
    assert texts == []


@pytest.mark.parametrize("text", ["312-555-0142", "+1 312 555 0142", "1 (312) 555.0142", " 3125550142 "])
def test_a_number_is_one_however_it_is_written(text):
    assert e164(text) == NUMBER


def test_a_number_of_a_territory_is_taken():
    assert e164("787-764-0000") == "+17877640000"


@pytest.mark.parametrize("password", ["short", "password1234", "eva@example.org", "x" * 1001])
def test_a_weak_or_endless_password_is_refused(client, password):
    answer = sign_up(client, password=password)
    assert answer.status_code == 200
    assert 'class="summary"' in answer.content.decode()
    assert not Account.objects.exists()


def test_a_second_account_with_a_known_address_tells_its_owner_alone(eva, client):
    cache.clear()
    mail.outbox.clear()
    answer = sign_up(client, "EVA@example.org", "another long phrase")
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert Account.objects.count() == 1
    assert log_in(Client(), password="another long phrase").status_code == 200
    (notice,) = mail.outbox
    assert notice.to == ["eva@example.org"]
    assert "You have one already" in notice.body
    assert not re.search(r"\d{4}-\d{4}", notice.body)


def test_the_notice_is_in_the_language_of_the_owner(eva, client):
    cache.clear()
    Account.objects.update(language="es")
    sign_up(client, "eva@example.org")
    with translation.override("es"):
        assert mail.outbox[-1].subject == gettext("You have an account already") != "You have an account already"


def test_a_second_account_with_a_known_number_tells_its_owner_alone(client, texts):
    open_account("", PASSWORD, phone=NUMBER)
    answer = sign_up(client, None, phone="312-555-0142")
    assert answer["Location"] == reverse("account_verify_phone")
    ((to, text),) = texts
    assert to == NUMBER
    assert "account already" in text
    assert Account.objects.count() == 1


def test_the_way_in_by_invitation_is_remembered(client):
    from commonweal.vault.people.models import Arrival, Invitation

    Invitation.objects.create(code="FAIR2026", kind=Invitation.EVENT, label="Fair")
    session = client.session
    session["invitation"] = "FAIR2026"
    session.save()
    sign_up(client)
    prove(client)
    assert Arrival.objects.get().invitation.code == "FAIR2026"


def test_after_proving_one_goes_on_to_the_page_one_wanted(client):
    sign_up(client, next=reverse("data"))
    assert prove(client)["Location"] == reverse("data")


# --- a new password


def ask_for_a_new_password(client, name="eva@example.org"):
    return client.post(reverse("account_reset_password"), {"email": name})


def choose(client, code, password="eight loud herons now"):
    client.post(reverse("account_confirm_password_reset_code"), {"code": code})
    return client.post(reverse("account_complete_password_reset"), {"password1": password, "password2": password})


def test_a_new_password_by_e_mail_logs_everybody_else_out(eva, client):
    assert ask_for_a_new_password(client)["Location"] == reverse("account_confirm_password_reset_code")
    answer = choose(client, code_in(mail.outbox[-1].body))
    assert answer["Location"] == reverse("account_password_reset_completed")
    assert eva.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    assert log_in(Client()).status_code == 200
    assert log_in(Client(), password="eight loud herons now")["Location"] == reverse("home")
    assert "password was changed" in mail.outbox[-1].subject
    assert Event.objects.filter(action="account.password_reset").count() == 1


def test_a_new_password_by_phone(client, texts):
    open_account("", PASSWORD, phone=NUMBER)
    ask_for_a_new_password(client, "312 555 0142")
    answer = choose(client, code_in(texts[-1][1]))
    assert answer["Location"] == reverse("account_password_reset_completed")
    assert log_in(Client(), NUMBER, "eight loud herons now")["Location"] == reverse("home")
    assert not EmailAddress.objects.exists()
    assert "was changed" in texts[-1][1]


def test_a_new_password_also_opens_an_account_locked_by_wrong_ones(eva):
    client = Client()
    for _ in range(6):
        answer = log_in(client, password="not this one at all")
    assert "tried too often" in answer.content.decode()
    assert "tried too often" in log_in(client).content.decode()
    ask_for_a_new_password(client)
    choose(client, code_in(mail.outbox[-1].body))
    assert log_in(client, password="eight loud herons now")["Location"] == reverse("home")


def test_an_unknown_address_gets_a_message_and_no_code(client, texts):
    ask_for_a_new_password(client, "nobody@example.org")
    assert "There is no account with it" in mail.outbox[-1].body
    ask_for_a_new_password(Client(), NUMBER)
    assert "has no account" in texts[-1][1]
    assert client.post(reverse("account_confirm_password_reset_code"), {"code": ""}).status_code == 200


# --- changing what one logs in with


def test_the_security_page_names_all_of_it(eva):
    page = eva.get(reverse("security")).content.decode()
    for name in ("account_change_password", "mfa_index", "mfa_add_webauthn", "usersessions_list", "account_email"):
        assert reverse(name) in page
    assert reverse("account_change_phone") in page
    assert "eva@example.org" in page


def test_a_changed_password_ends_every_other_session(eva):
    other = Client()
    log_in(other)
    key = eva.session.session_key
    fields = {"oldpassword": PASSWORD, "password1": "eight loud herons now", "password2": "eight loud herons now"}
    assert eva.post(reverse("account_change_password"), fields)["Location"] == reverse("security")
    assert eva.get(reverse("security")).status_code == 200
    assert eva.session.session_key != key
    assert other.get(reverse("security"))["Location"].startswith(reverse("account_login"))
    assert mail.outbox[-1].subject == "Your password was changed"


def test_a_changed_address_is_proven_first_and_the_old_one_is_told(eva):
    fields = {"email": "Eva.New@example.org", "action_add": ""}
    assert eva.post(reverse("account_email"), fields)["Location"].startswith(reverse("account_reauthenticate"))
    confirm_it_is_me(eva)
    cache.clear()
    assert eva.post(reverse("account_email"), fields)["Location"] == reverse("account_email_verification_sent")
    assert Account.objects.get().email == "eva@example.org"
    assert mail.outbox[-1].to == ["eva.new@example.org"]
    prove(eva)
    assert Account.objects.get().email == "eva.new@example.org"
    assert mail.outbox[-1].to == ["eva@example.org"]
    assert "eva.new@example.org" in mail.outbox[-1].body
    assert log_in(Client(), "eva.new@example.org")["Location"] == reverse("home")
    assert log_in(Client(), "eva@example.org").status_code == 200
    assert Event.objects.filter(action="account.email_changed").count() == 1


def test_the_participant_is_reached_at_the_changed_address(person, as_person):
    one = person("profile")
    client = as_person(one)
    confirm_it_is_me(client)
    client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    prove(client)
    assert [p.email for p in one.profiles.order_by("id")] == ["ines@example.org", "new@example.org"]


def test_a_number_is_added_and_changed(eva, texts):
    confirm_it_is_me(eva)
    for number in ("312-555-0142", "312-555-0143"):
        cache.clear()
        assert eva.post(reverse("account_change_phone"), {"phone": number}).status_code == 302
        answer = eva.post(reverse("account_verify_phone"), {"code": code_in(texts[-1][1])})
        assert answer.status_code == 302
    assert Account.objects.get().phone == "+13125550143"
    assert texts[-1][0] == NUMBER
    assert "another phone number" in texts[-1][1]
    assert mail.outbox[-1].subject == "Your phone number was changed"


def test_the_number_of_somebody_else_is_not_taken_over(eva, texts):
    open_account("", PASSWORD, phone=NUMBER)
    confirm_it_is_me(eva)
    eva.post(reverse("account_change_phone"), {"phone": NUMBER})
    answer = eva.post(reverse("account_verify_phone"), {"code": code_in(texts[-1][1])})
    assert "cannot be used" in answer.content.decode()
    eva.account.refresh_from_db()
    assert eva.account.phone is None


# --- the second step


def set_up_an_app(client):
    confirm_it_is_me(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'class="secret">(\w+)<', page)[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": digits(secret)})
    return secret, answer


def digits(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def test_an_authenticator_app_is_asked_for_after_the_password(eva):
    assert not has_second_step(eva.account)
    secret, answer = set_up_an_app(eva)
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert has_second_step(eva.account)
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    other = Client()
    assert log_in(other)["Location"] == reverse("mfa_authenticate")
    assert other.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    wrong = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "did not match" in wrong.content.decode()
    assert other.post(reverse("mfa_authenticate"), {"code": digits(secret, 1)})["Location"] == reverse("home")
    assert Event.objects.filter(action="account.second_step_added").exists()


def test_a_recovery_code_lets_in_once(eva):
    set_up_an_app(eva)
    codes = eva.get(reverse("mfa_download_recovery_codes")).content.decode().split()[-10:]
    for expected in (302, 200):
        other = Client()
        log_in(other)
        assert other.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == expected


def test_the_second_step_of_who_has_none_but_codes_is_none(eva):
    Authenticator.objects.create(user=eva.account, type="recovery_codes", data={})
    assert not has_second_step(eva.account)


def test_guessing_the_second_step_is_limited(eva):
    set_up_an_app(eva)
    other = Client()
    log_in(other)
    for _ in range(6):
        answer = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "tried too often" in answer.content.decode()


# --- how long one stays


@pytest.fixture
def later(monkeypatch):
    """later(seconds): from now on the clock of sessions is so far on."""
    from commonweal.vault.people import sessions

    real, ahead = time.time, [0.0]
    monkeypatch.setattr(sessions.time, "time", lambda: real() + ahead[0])

    def move(seconds):
        ahead[0] += seconds

    return move


def test_a_participant_is_logged_out_after_half_an_hour_away(eva, later):
    eva.get(reverse("security"))
    later(29 * 60)
    assert eva.get(reverse("security")).status_code == 200
    later(29 * 60)
    assert eva.get(reverse("security")).status_code == 200
    later(31 * 60)
    answer = eva.get(reverse("security"))
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('security')}"
    assert "You were logged out" in eva.get(answer["Location"]).content.decode()
    answer = log_in(eva, next=reverse("security"))
    assert answer["Location"] == reverse("security")


def test_staff_are_logged_out_after_a_quarter_of_an_hour_away(as_staff, later):
    client = as_staff("steward")
    page = reverse("security")
    client.get(page)
    later(14 * 60)
    assert client.get(page).status_code == 200
    later(16 * 60)
    assert client.get(page).status_code == 302


def test_who_is_staff_too_has_the_limits_of_staff(eva, later):
    from commonweal.vault.staff import roles

    roles.give(eva.account, "steward", "")
    log_in(eva.__class__())  # somewhere else; this session began as a participant's
    client = Client()
    log_in(client)
    client.get(reverse("security"))
    later(16 * 60)
    assert client.get(reverse("security")).status_code == 302


def test_nobody_stays_longer_than_a_working_day(eva, later):
    for _ in range(8 * 3 - 1):
        later(20 * 60)
        assert eva.get(reverse("security")).status_code == 200
    later(21 * 60)
    assert eva.get(reverse("security")).status_code == 302


def test_a_page_that_renews_itself_keeps_nobody_logged_in(eva, later):
    eva.get(reverse("security"))
    for _ in range(3):
        later(11 * 60)
        answer = eva.get(reverse("security"), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert eva.get(reverse("security")).status_code == 302


def test_what_is_sent_too_late_leads_back_to_its_page(eva, later):
    eva.get(reverse("security"))
    later(3600)
    answer = eva.post(reverse("eligibility"), {})
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('eligibility')}"


@pytest.mark.parametrize(
    ("stood", "back"),
    [
        ("http://testserver/helping/?a=1", "/helping/%3Fa%3D1"),
        ("http://elsewhere.example/helping/", "/helping/stop/"),
        ("http://testserver//elsewhere.example/", "/helping/stop/"),
        ("", "/helping/stop/"),
    ],
)
def test_what_is_sent_too_late_leads_back_to_where_its_form_stood(eva, later, stood, back):
    eva.get(reverse("security"))
    later(3600)
    for client in (eva, Client()):  # whose session is over; who has none
        answer = client.post(reverse("help_stop"), headers={"Referer": stood})
        assert answer["Location"] == f"{reverse('account_login')}?next={back}"


def test_one_sees_where_one_is_logged_in_and_ends_it(eva):
    other = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
    log_in(other)
    page = eva.get(reverse("usersessions_list")).content.decode()
    assert "Firefox, Linux" in page
    eva.post(reverse("usersessions_list"))
    assert other.get(reverse("security")).status_code == 302
    assert eva.get(reverse("security")).status_code == 200


def test_the_session_has_a_new_key_after_logging_in(client, eva):
    client.get(reverse("account_login"))
    session = client.session
    session["before"] = 1
    session.save()
    before = client.session.session_key
    log_in(client)
    assert client.session.session_key != before


# --- the command line


def test_an_account_of_the_command_line_is_open_at_once():
    account, made = open_account("staff@clinic.example", "quite a long password", phone="312-555-0142")
    assert made
    assert (account.phone, account.phone_verified) == (NUMBER, True)
    assert log_in(Client(), "staff@clinic.example", "quite a long password")["Location"] == reverse("home")
    assert log_in(Client(), "312-555-0142", "quite a long password")["Location"] == reverse("home")
    assert mail.outbox == []
