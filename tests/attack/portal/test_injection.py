"""What must not go through the forms of an account: other headers of a mail, marks of a page, what breaks a database."""

import json

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from commonweal.vault.people.accounts import open_account

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "seven quiet herons"
EVIL = {
    "header": "eva@example.org\r\nBcc: all@example.org",
    "newline": "eva@example.org\nSubject: won",
    "encoded": "eva@example.org%0d%0aBcc:all@example.org",
    "two": "eva@example.org,all@example.org",
    "nul": "eva\x00@example.org",
    "controls": "\x01\x02\x1b[31m\x7f",
    "long": "a" * 10_000 + "@example.org",
    "page": "<script>alert(1)</script>@example.org",
    "page in quotes": '"<img src=x onerror=alert(1)>"@example.org',
    "sql": "' OR '1'='1' --",
    "template": "{{ 7|add:7 }}{% load x %}",
    "rtl": "\u202eeva@example.org",
    "emoji": "👩‍🔬" * 50,
    "digits": "9" * 10_000,
    "json": '{"$gt": ""}',
    "deep json": "[" * 5000,
    "nul in json": '{"id": "\\u0000"}',
}
FORMS = {
    "account_signup": ("email", "phone", "password1", "next"),
    "account_login": ("login", "password", "next"),
    "account_reset_password": ("email", "next"),
    "mfa_login_webauthn": ("credential",),
}
FORMS_OF_ONE_LOGGED_IN = {
    "account_email": ("email",),
    "account_change_phone": ("phone",),
    "account_change_password": ("oldpassword", "password1", "password2"),
    "account_reauthenticate": ("password", "next"),
    "mfa_activate_totp": ("code",),
    "mfa_add_webauthn": ("name", "credential", "passwordless"),
    "mfa_reauthenticate": ("code",),
    "usersessions_list": ("next",),
}
FINE = {"email": "eva@example.org", "phone": "312-555-0142", "password1": PASSWORD, "login": "eva@example.org"}


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """How a password is hashed matters elsewhere; here many are sent."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def send(client, name, field, text):
    """All fields as they should be, but one."""
    fields = {other: FINE.get(other, "") for other in (FORMS | FORMS_OF_ONE_LOGGED_IN)[name]} | {field: text}
    if name == "account_signup":
        fields.pop("email" if field == "phone" else "phone")
    return client.post(reverse(name), fields)


def check(answer, text):
    assert answer.status_code in (200, 302, 400, 429), answer.status_code
    page = answer.content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert ">14<" not in page
    location = answer.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")
    for message in mail.outbox:
        raw = message.message().as_string()
        assert message.to == ["eva@example.org"] or len(message.recipients()) == 1
        assert "\nBcc:" not in raw
        assert "all@example.org" not in message.recipients()


@pytest.mark.parametrize(("name", "fields"), FORMS.items())
def test_the_open_forms_bear_whatever_is_written_into_them(name, fields):
    open_account("eva@example.org", PASSWORD)
    for field in fields:
        for text in EVIL.values():
            cache.clear()
            mail.outbox.clear()
            check(send(Client(), name, field, text), text)


@pytest.mark.parametrize(("name", "fields"), FORMS_OF_ONE_LOGGED_IN.items())
def test_the_forms_of_an_account_bear_it_too(name, fields):
    account, _ = open_account("eva@example.org", PASSWORD)
    for field in fields:
        for text in EVIL.values():
            cache.clear()
            mail.outbox.clear()
            client = Client()
            client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
            client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
            check(send(client, name, field, text), text)


@pytest.mark.parametrize("kind", EVIL)
def test_the_pages_for_codes_bear_it(kind):
    for start, page, fields in (
        ("account_signup", "account_email_verification_sent", {"email": "new@example.org", "password1": PASSWORD}),
        ("account_signup", "account_verify_phone", {"phone": "312-555-0142", "password1": PASSWORD}),
        ("account_reset_password", "account_confirm_password_reset_code", {"email": "new@example.org"}),
    ):
        cache.clear()
        client = Client()
        client.post(reverse(start), fields)
        for field in ("code", "action"):
            answer = client.post(reverse(page), {field: EVIL[kind]})
            assert answer.status_code in (200, 302)
            assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize(
    "credential",
    [
        [],
        {},
        {"response": []},
        {"response": {"userHandle": "AAAA"}},
        {"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": None}},
        {"id": "AA", "rawId": "AA", "type": "public-key"},
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AA",
                "signature": "AA",
                "userHandle": "eno5enp6enp6enp6enp6enp6enp6eno",
            },
        },
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "e30", "authenticatorData": "A" * 50, "signature": "AA", "userHandle": "/w"},
        },
    ],
)
def test_a_forged_passkey_is_refused_in_the_same_words(credential):
    open_account("eva@example.org", PASSWORD)
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(credential)})
    assert answer["Location"] == reverse("account_login")
    assert client.get(reverse("security")).status_code == 302


@pytest.mark.parametrize(
    "onwards", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_elsewhere_after_logging_in(onwards):
    open_account("eva@example.org", PASSWORD)
    fields = {"login": "eva@example.org", "password": PASSWORD, "next": onwards}
    assert Client().post(reverse("account_login"), fields)["Location"] == reverse("home")


def test_an_address_that_somebody_writes_is_not_believed(settings):
    """Attempts are counted by where they come from; what X-Forwarded-For says counts only behind a proxy of ours."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "2/m/ip", "confirm_email": ""}

    def codes():
        cache.clear()
        for number in range(3):
            where = {"X-Forwarded-For": f"10.0.0.{number}"}
            fields = {"email": "again@example.org", "password1": PASSWORD}
            yield Client(headers=where).post(reverse("account_signup"), fields).status_code

    assert list(codes()) == [302, 302, 429]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert list(codes()) == [302, 302, 302]


def test_too_many_attempts_get_a_page_of_ours(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "1/m/ip"}
    for number in range(2):
        fields = {"email": f"a{number}@example.org", "password1": PASSWORD}
        answer = Client().post(reverse("account_signup"), fields)
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "Please wait a little" in page
    assert "ui/commonweal.css" in page


def test_asking_for_text_messages_again_and_again_is_stopped(texts):
    for _ in range(3):
        answer = Client().post(reverse("account_signup"), {"phone": "312-555-0142", "password1": PASSWORD})
    assert answer.status_code == 429
    assert len(texts) == 1
