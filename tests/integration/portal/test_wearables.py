"""Connecting a watch with OAuth and PKCE at a real server on this machine, and cutting it until the provider confirms."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import actions as consent
from commonweal.vault.linking import oauth, sealing
from commonweal.vault.linking.client import wait_after
from commonweal.vault.wearables import actions, cutting, providers
from commonweal.vault.wearables.models import Connection
from commonweal.vault.wearables.room import ROOM
from tests import provider as provider_of_tests

pytestmark = pytest.mark.django_db(transaction=True)
TOKENS = {"access_token": "an access token", "refresh_token": "a refresh token"}


@pytest.fixture
def fitbit(monkeypatch):
    with provider_of_tests.running() as it:
        for name, value in it.environment.items():
            monkeypatch.setenv(name, value)
        yield it


def say(one, module, answer, protocol):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    return consent.answer_module(one, module, answer, protocol=protocol, **given)


@pytest.fixture
def wearer(person, protocol):
    one = person()
    say(one, "wearables", "yes", protocol)
    return one


def go_there(client, fitbit):
    page = client.get(reverse("wearables_connect", args=["fitbit"]))
    return fitbit.agree(page.context["url"])


def test_a_watch_is_connected_and_its_tokens_are_sealed(wearer, as_person, fitbit):
    client = as_person(wearer)
    back = urlsplit(go_there(client, fitbit))
    shown = client.get(f"{back.path}?{back.query}", follow=True).content.decode()
    assert "Fitbit is connected" in shown
    connection = Connection.objects.get()
    tokens = ROOM.unseal(connection)
    assert {tokens["access_token"], tokens["refresh_token"]} == fitbit.tokens
    assert not any(token.encode() in bytes(connection.sealed) for token in fitbit.tokens)
    assert Event.objects.filter(action="wearables.connect").count() == 1
    assert not any(token in event.details for token in fitbit.tokens for event in Event.objects.all())


def test_the_way_back_belongs_to_the_session_that_went(wearer, as_person, fitbit):
    """Another session, another state, the same way a second time, or after too long: nothing is connected."""
    client, thief = as_person(wearer), as_person(wearer)
    back = urlsplit(go_there(client, fitbit))
    assert "too old" in thief.get(f"{back.path}?{back.query}", follow=True).content.decode()
    assert "too old" in client.get(f"{back.path}?code=x&state=made-up", follow=True).content.decode()
    assert "too old" in client.get(f"{back.path}?{back.query}", follow=True).content.decode()  # used up by then
    assert not Connection.objects.exists()
    back = urlsplit(go_there(client, fitbit))
    session = client.session
    session["wearables_on_the_way"] = session["wearables_on_the_way"] | {"at": 0}
    session.save()
    assert "too old" in client.get(f"{back.path}?{back.query}", follow=True).content.decode()
    assert not Connection.objects.exists()


def test_a_code_without_its_verifier_is_worth_nothing(wearer, as_person, fitbit):
    client = as_person(wearer)
    back = urlsplit(go_there(client, fitbit))
    session = client.session
    session["wearables_on_the_way"] = session["wearables_on_the_way"] | {"verifier": "guessed"}
    session.save()
    assert "did not answer as it should" in client.get(f"{back.path}?{back.query}", follow=True).content.decode()
    assert not Connection.objects.exists()


def test_who_changes_their_mind_at_the_provider_connects_nothing(wearer, as_person, fitbit):
    client = as_person(wearer)
    go_there(client, fitbit)
    state = client.session["wearables_on_the_way"]["state"]
    shown = client.get(f"{reverse('wearables_back')}?error=access_denied&state={state}", follow=True).content.decode()
    assert "Nothing was connected" in shown and not Connection.objects.exists()


def test_without_a_yes_nothing_can_be_connected(person, as_person, fitbit):
    one = person()
    client = as_person(one)
    assert "we need your yes first" in client.get(reverse("wearables")).content.decode()
    assert client.get(reverse("wearables_connect", args=["fitbit"])).status_code == 302
    with pytest.raises(Refused):
        actions.connect(one, "fitbit", TOKENS, actor=one)
    assert not Connection.objects.exists()


def test_a_provider_that_is_not_described_is_not_offered(wearer, as_person):
    client = as_person(wearer)
    assert "No device can be connected yet" in client.get(reverse("wearables")).content.decode()
    assert client.get(reverse("wearables_connect", args=["fitbit"])).status_code == 404


def test_tokens_go_to_safe_addresses_only(monkeypatch, fitbit):
    for address in ("http://fitbit.example/token", "file:///etc/passwd", "ftp://127.0.0.1/x", "token"):
        monkeypatch.setenv("COMMONWEAL_WEARABLES_FITBIT_TOKEN_URL", address)
        with pytest.raises(BadInput, match="TOKEN_URL"):
            providers.configured()


def test_disconnecting_ends_our_use_at_once_and_tells_the_provider(wearer, as_person, fitbit):
    connection = actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    as_person(wearer).post(reverse("wearables_disconnect", args=[connection.uuid]))
    connection.refresh_from_db()
    assert connection.state == Connection.CUTTING and connection.cut_at
    assert cutting.tick() == 1
    connection.refresh_from_db()
    assert (connection.state, bytes(connection.sealed)) == (Connection.CUT, b"") and connection.told_at
    assert fitbit.revoked == ["a refresh token"]
    assert cutting.tick() == 0 and fitbit.revoked == ["a refresh token"]


def test_somebody_elses_connection_is_not_found(wearer, person, as_person, fitbit):
    connection = actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    other = as_person(person(email="other@example.org"))
    assert other.post(reverse("wearables_disconnect", args=[connection.uuid])).status_code == 404
    assert other.get(reverse("wearables_disconnect", args=[connection.uuid])).status_code == 405


def test_a_provider_that_does_not_answer_is_told_again_later(wearer, fitbit):
    """The tokens stay sealed until it confirms; between two attempts the wait grows."""
    connection = actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    actions.cut(connection)
    fitbit.broken = True
    assert cutting.tick() == 0
    connection.refresh_from_db()
    assert (connection.state, connection.attempts) == (Connection.CUTTING, 1) and bytes(connection.sealed)
    assert connection.next_attempt_at > timezone.now()
    assert cutting.tick() == 0 and len(fitbit.refused) == 1  # not yet time
    fitbit.broken = False
    Connection.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    assert cutting.tick() == 1
    connection.refresh_from_db()
    assert (connection.state, bytes(connection.sealed), connection.attempts) == (Connection.CUT, b"", 2)


def test_the_wait_doubles_and_ends_at_a_day():
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 100)] == [60, 120, 240, 86_400]


def test_a_later_no_cuts_too(wearer, protocol, fitbit):
    actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    assert cutting.cut_unshared() == 0
    say(wearer, "wearables", "no", protocol)
    assert cutting.tick() == 1
    assert Connection.objects.get().state == Connection.CUT and fitbit.revoked == ["a refresh token"]


def test_a_provider_is_told_though_the_program_asks_for_it_no_more(wearer, fitbit, monkeypatch):
    actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    monkeypatch.setattr(providers, "_in_consents", lambda: [])
    actions.cut_all(wearer)
    assert cutting.tell_due() == 1 and fitbit.revoked == ["a refresh token"]


def test_what_may_not_be_kept_after_all_is_given_back(wearer, as_person, fitbit, protocol):
    """A no in another tab, while the person is at the provider."""
    client = as_person(wearer)
    back = urlsplit(go_there(client, fitbit))
    say(wearer, "wearables", "no", protocol)
    assert "nothing was connected" in client.get(f"{back.path}?{back.query}", follow=True).content.decode()
    assert not Connection.objects.exists() and set(fitbit.revoked) < fitbit.tokens and len(fitbit.revoked) == 1


def test_connecting_again_renews_and_after_a_cut_begins_anew(wearer, fitbit):
    first = actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    again = actions.connect(wearer, "fitbit", TOKENS | {"refresh_token": "newer"}, actor=wearer)
    assert again.pk == first.pk and ROOM.unseal(again)["refresh_token"] == "newer"
    assert actions.cut_all(wearer) == 1 and actions.cut_all(wearer) == 0
    assert actions.connect(wearer, "fitbit", TOKENS, actor=wearer).pk != first.pk


def test_sealed_tokens_belong_to_their_connection(wearer, fitbit):
    one = actions.connect(wearer, "fitbit", TOKENS, actor=wearer)
    other = Connection(participant=wearer, provider="apple", connected_at=timezone.now(), sealed=bytes(one.sealed))
    with pytest.raises(sealing.Broken):
        ROOM.unseal(other)


def test_nothing_of_a_provider_is_repeated_in_an_error(fitbit):
    fitbit.broken = True
    with pytest.raises(oauth.Unreachable) as caught:
        oauth.revoke(providers.configured()["fitbit"], TOKENS)
    assert "token" not in str(caught.value) and provider_of_tests.SECRET not in repr(providers.configured())
