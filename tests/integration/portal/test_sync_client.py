"""Asking a provider of watches for data at a real server on this machine: tokens, limits, and answers that are none."""

from datetime import timedelta

import pytest

from commonweal.vault.linking.client import Client, Ended, Limited, Malformed, Refused, Unreachable
from commonweal.vault.wearables import providers
from commonweal.vault.wearables.sync.reading import MANNERS
from tests import provider as provider_of_tests

pytestmark = pytest.mark.django_db
STEPS = "/1/user/-/activities/steps/date/2026-03-08/1d/1min.json"


@pytest.fixture
def fitbit(monkeypatch):
    with provider_of_tests.running() as it:
        for name, value in it.environment.items():
            monkeypatch.setenv(name, value)
        yield it


@pytest.fixture
def kept():
    return []


@pytest.fixture
def client(fitbit, kept):
    tokens = {name: value for name, value in fitbit.fresh().items() if name.endswith("_token")}
    one = providers.described("fitbit")
    return Client(one, one.api_url, tokens, kept.append, MANNERS)


def test_data_are_asked_for_with_the_token(client, fitbit, kept):
    assert client.get(STEPS)["activities-steps"][0]["dateTime"] == "2026-03-08"
    assert fitbit.read == [STEPS] and kept == []


def test_a_stale_token_is_renewed_once_and_the_new_one_is_kept_first(client, fitbit, kept):
    old = dict(client.tokens)
    fitbit.stale.add(old["access_token"])
    assert client.get(STEPS)["activities-steps"]
    assert [one["access_token"] for one in kept] == [client.tokens["access_token"]] != [old["access_token"]]
    assert old["refresh_token"] not in fitbit.tokens and client.tokens["refresh_token"] in fitbit.tokens
    assert client.get(STEPS) and len(kept) == 1


def test_a_permission_that_was_ended_there_is_told_from_a_provider_that_is_down(client, fitbit):
    fitbit.down = True
    with pytest.raises(Unreachable):
        client.get(STEPS)
    fitbit.down, fitbit.ended = False, True
    with pytest.raises(Ended):
        client.get(STEPS)


def test_a_token_that_is_stale_even_when_new_means_the_end(client, fitbit, monkeypatch):
    monkeypatch.setattr(fitbit, "data", lambda *_: (401, {"errors": [{"errorType": "invalid_token"}]}, {}))
    with pytest.raises(Ended):
        client.get(STEPS)


def test_without_a_token_to_renew_with_the_way_ends(client, fitbit):
    fitbit.stale.add(client.tokens["access_token"])
    del client.tokens["refresh_token"]
    with pytest.raises(Ended):
        client.get(STEPS)


def test_the_provider_says_how_long_to_wait(client, fitbit):
    fitbit.limit = 1
    client.get(STEPS)
    with pytest.raises(Limited) as limited:
        client.get(STEPS)
    assert limited.value.wait == timedelta(seconds=1800)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ({"Retry-After": "1"}, timedelta(seconds=30)),
        ({"Retry-After": "9999999999999999"}, timedelta(hours=24)),
        ({"Retry-After": "soon"}, timedelta(hours=1)),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, timedelta(seconds=30)),
        ({"Fitbit-Rate-Limit-Reset": "600"}, timedelta(minutes=10)),
        ({}, timedelta(hours=1)),
    ],
)
def test_what_a_provider_says_of_waiting_is_taken_within_reason(client, fitbit, monkeypatch, said, wait):
    monkeypatch.setattr(fitbit, "data", lambda *_: (429, {}, said))
    with pytest.raises(Limited) as limited:
        client.get(STEPS)
    assert limited.value.wait == wait


def test_where_nothing_is_left_in_this_hour_nothing_is_asked(client, fitbit, monkeypatch):
    told = {"Fitbit-Rate-Limit-Remaining": "0", "Fitbit-Rate-Limit-Reset": "90"}
    monkeypatch.setattr(fitbit, "data", lambda path, _: (fitbit.read.append(path), (200, {}, told))[1])
    client.get(STEPS)
    with pytest.raises(Limited) as limited:
        client.get(STEPS)
    assert limited.value.wait == timedelta(seconds=90) and fitbit.read == [STEPS]


def test_what_a_person_left_out_is_refused_and_what_is_no_json_is_malformed(client, fitbit):
    fitbit.withheld, fitbit.garbled = ("/heart/",), ("/steps/",)
    with pytest.raises(Refused):
        client.get("/1/user/-/activities/heart/date/2026-03-08/1d/1min.json")
    with pytest.raises(Malformed):
        client.get(STEPS)


def test_an_answer_without_end_is_not_read_to_its_end(client, fitbit, monkeypatch):
    monkeypatch.setattr(fitbit, "data", lambda *_: (200, b" " * 5_000_000, {}))
    with pytest.raises(Unreachable, match="too long"):
        client.get(STEPS)


def test_no_token_stands_in_what_goes_wrong(client, fitbit, monkeypatch):
    monkeypatch.setattr(fitbit, "data", lambda path, token: (500, {"errors": [{"message": token}]}, {}))
    with pytest.raises(Unreachable) as caught:
        client.get(STEPS)
    assert client.tokens["access_token"] not in repr(caught.value) + repr(caught.value.__dict__)
