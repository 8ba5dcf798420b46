"""Leaving, being left in peace, watches, and the staff's part of it, in a real browser and both languages."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse

from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent import decease
from commonweal.vault.consent.models import Ceremony, Deactivation, DeceaseReport, Withdrawal
from commonweal.vault.people import actions as people
from commonweal.vault.people import duplicates
from commonweal.vault.people.models import Account, Duplicate
from commonweal.vault.staff import roles
from commonweal.vault.surveys.models import SurveyResponse
from tests import provider as provider_of_tests

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
PROFILE = {
    "given_name": "Inés", "family_name": "Rivera", "birth_date": date(1961, 8, 27), "sex_at_birth": "female",
    "phone": "312-555-0142", "address_line": "1450 W Harrison St", "city": "Chicago", "state": "IL", "zip": "60607",
}  # fmt: skip


def somebody(email="ines@example.org", language="en"):
    protocol = current_protocol()
    account = Account.objects.create_user(email, "seven quiet herons", language=language)
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    one = people.register(account, language=language)
    answers = {question.id: question.eligible_when for question in protocol.eligibility}
    people.answer_eligibility(one, answers, protocol, source="test")
    people.record_profile(one, PROFILE | {"email": email, "language": language}, source="test")
    people.pair(one, next(iter(protocol.sites)), source="test")
    for module in ("primary", "ehr", "wearables"):
        sha = protocol.consents[module].current.texts["en"].sha256
        given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": sha, "source": "test"}
        consent.answer_module(one, module, "yes", protocol=protocol, **given)
    return one


def native(one):
    at = one.registered_at
    SurveyResponse.objects.create(
        participant=one, questionnaire="TheBasics", version="1", language="en", event_time=at, authored_time=at,
        received_time=at, source="test", idempotency_key=f"basics{one.pk}",
        document='{"item": [{"answer": [{"valueCoding": {"code": "WhatRaceEthnicity_AIAN"}}]}]}',
    )  # fmt: skip


def come_in(visitor, account):
    """With a session of this account, as after logging in."""
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": visitor.base}
    visitor.page.context.add_cookies([cookie])


def operator():
    account = Account.objects.create_user("operator@example.org", "seven quiet herons")
    roles.give(account, "operator")
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "unused"})
    return account


@BOTH
def test_leaving_and_the_receipt(visit, language, width):
    one, visitor = somebody(language=language), visit(language, width)
    native(one)
    come_in(visitor, one.account)
    visitor.go(reverse("leaving"))
    visitor.look("ways")
    visitor.go(reverse("withdraw"))
    visitor.look("withdraw")
    visitor.press("main form button.grave")  # without the tick
    visitor.look("withdraw-not-ticked")
    assert not Withdrawal.objects.exists()
    visitor.page.check("[name=ceremony][value=requested]")
    visitor.page.check("[name=sure]")
    visitor.press("main form button.grave")
    assert visitor.page.url.endswith(reverse("leaving_receipt"))
    visitor.look("receipt")
    visitor.go(reverse("home"))
    assert visitor.page.url.endswith(reverse("leaving_receipt"))
    visitor.go(reverse("leaving_ceremony"))
    visitor.look("ceremony")
    assert Withdrawal.objects.get().kind == "no_use" and Ceremony.objects.get().answer == "requested"


@BOTH
def test_being_left_in_peace(visit, language, width):
    one, visitor = somebody(language=language), visit(language, width)
    come_in(visitor, one.account)
    visitor.go(reverse("leaving_quiet"))
    visitor.look("quiet")
    visitor.page.check("[name=sure]")
    visitor.press("main form button.grave")
    visitor.look("quiet-receipt")
    assert Deactivation.objects.count() == 1


@BOTH
def test_a_watch(visit, language, width, monkeypatch):
    one, visitor = somebody(language=language), visit(language, width)
    with provider_of_tests.running() as fitbit:
        for name, value in fitbit.environment.items():
            monkeypatch.setenv(name, value)
        come_in(visitor, one.account)
        visitor.go(reverse("wearables"))
        visitor.look("wearables")
        visitor.press("main a.button")
        visitor.look("wearables-connect")
        there = visitor.page.get_attribute("main a.button", "href")
        visitor.page.goto(fitbit.agree(there))
        visitor.look("wearables-connected")
        visitor.press("main form button")
        visitor.look("wearables-cut")


@BOTH
def test_the_staff_decide(visit, language, width):
    first, other, account = somebody(), somebody("again@example.org"), operator()
    third = Account.objects.create_user("third@example.org", "seven quiet herons")
    duplicates.find()
    decease.report(first, decease.Told("EHR", date_of_death=date(2026, 1, 5)), by=third)
    visitor = visit(language, width)
    come_in(visitor, account)
    for name, args in (
        ("staff_duplicates", []),
        ("staff_duplicate", [Duplicate.objects.get().uuid]),
        ("staff_deceases", []),
        ("staff_decease", [DeceaseReport.objects.get().uuid]),
        ("staff_decease_report", [other.uuid]),
        ("staff_withdraw", [other.uuid]),
        ("staff_destruction", []),
    ):
        visitor.go(reverse(name, args=args))
        visitor.look(name)
    visitor.go(reverse("staff_withdraw", args=[other.uuid]))
    visitor.page.select_option("[name=reason]", "test")
    visitor.page.fill("[name=justification]", "Made for a training.")
    visitor.page.check("[name=sure]")
    visitor.press("main form button.grave")
    visitor.look("staff_leaving")
