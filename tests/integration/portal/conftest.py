"""People at the portal: visitors, participants at each step, staff of a site, a steward."""

from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client, override_settings

from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions as consent
from commonweal.vault.people import actions as people
from commonweal.vault.people.accounts import prove_address
from commonweal.vault.people.models import Account
from commonweal.vault.staff import roles
from commonweal.vault.staff.models import StaffRole
from tests.my_data import NO_JOBS

PROFILE = {
    "given_name": "Inés",
    "family_name": "Rivera",
    "birth_date": date(1961, 8, 27),
    "sex_at_birth": "female",
    "email": "ines@example.org",
    "phone": "312-555-0142",
    "address_line": "1450 W Harrison St",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
    "language": "en",
}


@pytest.fixture(autouse=True)
def no_old_figures():
    cache.clear()


@pytest.fixture
def protocol():
    return current_protocol()


@pytest.fixture
def sites(protocol):
    return list(protocol.sites)


@pytest.fixture
def person(transactional_db, protocol, sites):
    """person(steps=…) -> a participant who has gone so far: account, eligible, profile, primary, ehr."""
    ways = ("account", "eligible", "profile", "primary", "ehr")

    def make(so_far="ehr", email="ines@example.org", site=None, **profile):
        account = Account.objects.create_user(email, "seven quiet herons")
        prove_address(account)
        one = people.register(account, language="en")
        done = ways[: ways.index(so_far) + 1]
        if "eligible" in done:
            answers = {question.id: question.eligible_when for question in protocol.eligibility}
            people.answer_eligibility(one, answers, protocol, source="test")
        if "profile" in done:
            people.record_profile(one, PROFILE | {"email": email} | profile, source="test")
            people.pair(one, site or sites[0], source="test")
        with override_settings(TASKS=NO_JOBS):
            for module in ("primary", "ehr"):
                if module in done:
                    say(one, module, "yes", protocol)
        return one

    return make


def say(one, module, answer, protocol, language="en"):
    text = protocol.consents[module].current.texts[language]
    return consent.answer_module(
        one,
        module,
        answer,
        language=language,
        signed_name="Inés Rivera",
        content_sha256=text.sha256,
        protocol=protocol,
        source="test",
    )


def logged_in(account) -> Client:
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def as_person():
    return lambda one: logged_in(one.account)


@pytest.fixture
def as_staff(transactional_db, sites):
    """as_staff("site_staff", site), as_staff("org_manager", scope=id) or as_staff("steward") -> a logged-in client."""

    def make(role, site="", scope="", second_step=True):
        account = Account.objects.create_user(f"{role}{site}{scope}@example.org", "seven quiet herons")
        roles.give(account, role, site or (sites[0] if role == StaffRole.SITE_STAFF else ""), scope=scope)
        if second_step:
            give_second_step(account)
        client = logged_in(account)
        client.account = account
        return client

    return make


def give_second_step(account):
    """An authenticator app, as allauth keeps one."""
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "not used in tests"})


@pytest.fixture
def second_step():
    return give_second_step
