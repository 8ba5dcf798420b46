"""The bridge's queue: claimed once, answered beside the question, taken up again when a bridge dies."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from commonweal import commons, files
from commonweal.curation import events, worker
from commonweal.curation.layout import Layout


def ask(action, release="2026Q4R1", **arguments):
    from commonweal.vault.staff.models import ReleaseRequest

    return ReleaseRequest.objects.create(action=action, release=release, arguments=arguments)


def answered(request):
    request.refresh_from_db()
    return request.state, request.answer


def test_build_publish_retract(world):
    world.crowd(1)
    requests = [ask("build", cutoff=str(world.cutoff)), ask("publish"), ask("retract", why="a trial")]
    assert [worker.run_one(world.home) for _ in range(4)] == [True, True, True, False]
    assert [answered(r)[0] for r in requests] == ["done"] * 3
    assert requests[0].progress == 1.0 and requests[0].answer["checks"]["registered"]
    assert commons.published(world.home) == []
    told = [(stage["what"], stage["tier"]) for stage in requests[0].stages if stage["until"]]
    assert [what for what, tier in told if tier] == ["rules", "periods", "looking", "risk", "checking"]
    assert told[0] == ("facts", "") and ("sorting", "") in told and requests[0].finished_at > requests[0].started_at
    assert_told(world.home)


def assert_told(home):
    """The portal has what the manifest says: who is in it, what the rules did, how the checks came out."""
    from commonweal.vault.staff.models import ReleaseTier

    tier = ReleaseTier.objects.get(release="2026Q4R1")
    signed = files.load_json(Layout(home, "2026Q4R1").tier("registered") / "manifest.json")
    assert tier.told["participants"] == signed["participants"] and tier.told["rules"] == signed["rules"]
    assert {c["id"] for c in tier.told["checks"]} >= {"files.intact", "consent.participate", "reconcile.rows"}


def test_a_check_with_a_reason_is_asked_for(world):
    world.crowd(1)
    asked = [ask("build", cutoff=str(world.cutoff), engine="duckdb"), ask("check", why="A second site joined")]
    while worker.run_one(world.home):
        pass
    assert [answered(r)[0] for r in asked] == ["done", "done"]
    last = events.read(Layout(world.home, "2026Q4R1").tier("registered"))[-1]
    assert (last["event"], last["details"]["why"]) == ("checked", "A second site joined")


def test_a_bridge_says_that_it_is_there(world):
    from commonweal.vault.staff.models import Bridge

    worker.present(), worker.present()
    assert Bridge.objects.get().engines[0] == "duckdb"


def test_a_refusal_is_told_and_the_queue_goes_on(world):
    world.crowd(1)
    first, second = ask("publish"), ask("fly")
    worker.run_one(world.home), worker.run_one(world.home)
    assert answered(first)[0] == "failed" and "none of that name" in first.answer["why"]
    assert answered(second)[0] == "failed" and "no action" in second.answer["why"]


def test_an_error_of_the_program_does_not_quote_data(world, monkeypatch):
    request = ask("publish")
    monkeypatch.setattr(worker.release, "publish", lambda *a, **k: 1 / 0)
    worker.run_one(world.home)
    state, answer = answered(request)
    assert state == "failed" and "ZeroDivisionError" in answer["why"] and "by zero" not in answer["why"]


@pytest.mark.parametrize(("silent", "taken"), [(timedelta(seconds=5), False), (timedelta(minutes=5), True)])
def test_a_request_whose_bridge_died_is_taken_up_again(world, silent, taken):
    from commonweal.vault.staff.models import ReleaseRequest

    request = ask("publish")
    ReleaseRequest.objects.update(state="working", heartbeat=datetime.now(UTC) - silent)
    assert worker.run_one(world.home) is taken
    assert answered(request)[0] == ("failed" if taken else "working")


def test_one_request_is_claimed_once(world):
    ask("publish")
    assert [bool(worker._claim()), bool(worker._claim())] == [True, False]


def test_it_stops_when_told(world):
    stop = threading.Event()
    stop.set()
    worker.run_forever(stop, world.home)
