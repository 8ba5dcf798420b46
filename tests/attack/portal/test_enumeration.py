"""Who asks the portal whether somebody has an account learns nothing: not from words, nor headers, nor the work it makes."""

import re
import statistics

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from commonweal.vault.people.accounts import open_account
from commonweal.vault.people.phones import spoken
from tests.effort import calls_of

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "seven quiet herons"
KNOWN, UNKNOWN = "known@example.org", "nobdy@example.org"  # as long as each other
KNOWN_NUMBER, UNKNOWN_NUMBER = "+13125550142", "+13125550143"
ROUNDS = 3
SHARE = 0.15  # of the work


@pytest.fixture(autouse=True)
def accounts(transactional_db):
    open_account(KNOWN, PASSWORD)
    open_account("", PASSWORD, phone=KNOWN_NUMBER)


def sign_up(client, name):
    field = "phone" if name.startswith("+") else "email"
    return client.post(reverse("account_signup"), {field: name, "password1": "a password of mine"})


def log_in(client, name):
    return client.post(reverse("account_login"), {"login": name, "password": "a password of mine"})


def reset(client, name):
    return client.post(reverse("account_reset_password"), {"email": name})


ASKING = {"sign up": sign_up, "log in": log_in, "new password": reset}
PAIRS = [(KNOWN, UNKNOWN), (KNOWN_NUMBER, UNKNOWN_NUMBER)]


def seen(answer, name):
    """All of an answer that somebody outside can see, without what differs from one answer to the next by chance."""
    body = answer.content.decode().replace(name, "NAME").replace(spoken(name), "NAME")
    body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", body)
    headers = {key: value for key, value in answer.headers.items() if key != "Expires"}  # it is the clock's
    cookies = {key: len(morsel.value) for key, morsel in answer.cookies.items()}
    return answer.status_code, body, headers, cookies


def whole_way(ask, name):
    """What one sees when one asks, looks at the next page, enters wrong codes until the end, asks for a code again."""
    cache.clear()
    client = Client()
    answers = [ask(client, name)]
    onwards = answers[0].headers.get("Location")
    if onwards:
        answers.append(client.get(onwards))
        answers.append(client.post(onwards, {"action": "resend"}))
        answers += [client.post(onwards, {"code": "0000-0000"}) for _ in range(3)]
        answers += [client.get(onwards), client.get(reverse("account_login")), client.get(reverse("account_signup"))]
    return [seen(answer, name) for answer in answers]


@pytest.mark.parametrize("way", ASKING)
@pytest.mark.parametrize("pair", PAIRS, ids=["e-mail", "phone"])
def test_a_known_and_an_unknown_one_get_the_same_answers(way, pair):
    known, unknown = (whole_way(ASKING[way], name) for name in pair)
    assert len(known) == len(unknown)
    for number, (one, other) in enumerate(zip(known, unknown, strict=True)):
        assert one == other, f"answer {number}"
    assert len(known) > 1 or way == "log in"


@pytest.mark.parametrize("pair", PAIRS, ids=["e-mail", "phone"])
def test_a_locked_log_in_says_the_same_whether_there_is_an_account_or_not(pair):
    last = []
    for name in pair:
        cache.clear()
        for _ in range(7):
            answer = log_in(Client(), name)
        last.append(seen(answer, name))
    assert last[0] == last[1]
    assert "tried too often" in last[0][1]


@pytest.mark.parametrize("pair", PAIRS, ids=["e-mail", "phone"])
def test_each_owner_hears_of_it_and_nobody_else(pair, texts):
    for name in pair:
        whole_way(sign_up, name)
    heard = {message.to[0] for message in mail.outbox} | {to for to, _ in texts}
    assert heard == set(pair)


@pytest.fixture
def hashed(monkeypatch):
    """Counts how often a password was hashed."""
    count = []
    real = hashers.Argon2PasswordHasher
    for name in ("encode", "verify"):
        original = getattr(real, name)

        def counted(self, *args, original=original, **kwargs):
            count.append(1)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(real, name, counted)
    return count


@pytest.mark.parametrize("way", ASKING)
@pytest.mark.parametrize("pair", PAIRS, ids=["e-mail", "phone"])
def test_a_password_is_hashed_as_often_for_a_known_one_as_for_an_unknown_one(way, pair, hashed):
    counts = []
    for name in pair:
        hashed.clear()
        ASKING[way](Client(), name)
        counts.append(len(hashed))
    assert counts[0] == counts[1] == (way != "new password")


def test_without_that_a_known_address_would_be_told_by_its_count(hashed, monkeypatch):
    from commonweal.vault.people.adapter import Adapter

    monkeypatch.setattr(Adapter, "spend_the_time_of", staticmethod(lambda password, by_phone: None))
    sign_up(Client(), KNOWN)
    assert hashed == []


def unheard_of():
    """Addresses and numbers that were never seen, as long as the known ones; a sign-up makes each of them known."""
    for number in range(200, 1000):
        yield f"no{number}@example.org", f"+1312555{number:04}"


def work(ask, known, unknown):
    """How many functions are called to answer for each: what time follows from, whatever else the machine does."""
    calls = [[], []]
    for _ in range(ROUNDS):
        for which, name in (0, known), (1, next(unknown)):
            cache.clear()
            client = Client()
            calls[which].append(calls_of(lambda client=client, name=name: ask(client, name)))
    return [statistics.median(part) for part in calls]


@pytest.mark.parametrize("way", ASKING)
@pytest.mark.parametrize(("known", "which"), [(KNOWN, 0), (KNOWN_NUMBER, 1)], ids=["e-mail", "phone"])
def test_the_work_for_an_answer_tells_nothing(way, known, which):
    """That a password is hashed as often for both is proved above; here the rest of the time."""
    ASKING[way](Client(), known)  # what is loaded the first time
    one, other = work(ASKING[way], known, (names[which] for names in unheard_of()))
    assert abs(one - other) < SHARE * one


# --- who is logged in and asks whether others are -------------------------------------------------------------------------


def change_address(client, name):
    return client.post(reverse("account_email"), {"email": name, "action_add": "on"})


def change_number(client, name):
    return client.post(reverse("account_change_phone"), {"phone": name})


@pytest.mark.parametrize(
    ("ask", "pair"), [(change_address, PAIRS[0]), (change_number, PAIRS[1])], ids=["e-mail", "phone"]
)
def test_who_is_logged_in_learns_no_more_by_changing_their_own(ask, pair):
    asker, _ = open_account("asks@example.org", PASSWORD)
    shown = []
    for name in pair:
        cache.clear()
        client = Client()
        client.force_login(asker, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        answers = [ask(client, name)]
        answers.append(client.get(answers[0].headers.get("Location", reverse("security"))))
        answers += [client.post(answers[1].request["PATH_INFO"], {"code": "0000-0000"}) for _ in range(3)]
        answers.append(client.get(reverse("security")))
        shown.append([seen(answer, name) for answer in answers])
    assert shown[0][0][0] == 302
    for number, (one, other) in enumerate(zip(*shown, strict=True)):
        assert one == other, f"answer {number}"
