"""Exports: a count that leaves for good is registered, and refused where it gives a small group away with earlier ones."""

import json
import threading

import pytest
from django.db import connection

from commonweal.errors import Refused
from commonweal.workbench.researchers.actions import create_researcher, issue_token
from commonweal.workbench.studio import exporting, releases
from commonweal.workbench.studio.models import ExportedCount, ExportRegister, LedgerEntry, PrivacySpending

pytestmark = pytest.mark.django_db
EXPORTS = "/api/releases/2026Q4R1/registered/exports"
PRIVATE = "/api/releases/2026Q4R1/registered/cohorts/private-count"
PASSWORD = "a long pass phrase"


def of(*criteria, without=()):
    return {"version": 1, "include": [{"any": [c]} for c in criteria], "exclude": [{"any": [c]} for c in without]}


ASTHMA, RARE = ({"type": "condition", "concepts": [c]} for c in (317009, 312327))
BEFORE, AFTER = {"type": "person", "gender": [8532]}, {"type": "person", "gender": [8507]}


def bearer(researcher):
    return {"authorization": f"Bearer {issue_token(researcher)}"}


@pytest.fixture
def send(client, release_folder):
    from django.core.cache import cache

    cache.clear()

    def post(researcher, definition, at=EXPORTS):
        body = json.dumps(definition)
        return client.post(at, body, content_type="application/json", headers=bearer(researcher))

    return post


@pytest.fixture
def colleague(db):
    return create_researcher("bob@example.org", PASSWORD, "Bob", " example  UNIVERSITY ")


@pytest.fixture
def stranger(db):
    return create_researcher("eve@example.net", PASSWORD, "Eve", "Elsewhere")


def exactly(definition):
    return releases.commons.open("2026Q4R1", home=releases.home()).cohort(definition).count(exact=True).persons


def test_a_count_is_registered_once_and_told_rounded_and_not_moved(send, researcher):
    first, second = (send(researcher, of(ASTHMA)) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == second.json()
    assert first.json()["persons"] == -(-exactly(of(ASTHMA)) // 20) * 20
    assert (first.json()["rounded_to"], first.json()["release"]) == (20, "2026Q4R1")
    assert ExportedCount.objects.count() == 1


def test_the_set_is_kept_sealed_and_never_changed(send, researcher):
    from pyroaring import BitMap

    send(researcher, of(ASTHMA))
    kept = ExportedCount.objects.get()
    with pytest.raises(ValueError):
        BitMap.deserialize(bytes(kept.people))
    from commonweal.workbench.studio.sealing import opened

    assert len(opened(kept.people, kept.register.release)) == exactly(of(ASTHMA))
    for change in (kept.save, kept.delete):
        with pytest.raises(TypeError):
            change()


def test_one_that_differs_by_few_is_refused_with_the_reason_and_written_down(send, researcher):
    assert 0 < exactly(of(ASTHMA, RARE)) <= 20
    assert send(researcher, of(ASTHMA)).status_code == 200
    refused = send(researcher, of(ASTHMA, without=[RARE]))
    assert refused.status_code == 403
    assert "differs by 20 people or fewer from a count exported before" in refused.json()["error"]["what"]
    assert LedgerEntry.objects.latest("pk").result == {"outcome": "refused"}
    assert send(researcher, of(RARE, ASTHMA)).status_code == 403


def test_colleagues_count_together_and_strangers_do_not(send, researcher, colleague, stranger):
    assert send(researcher, of(ASTHMA)).status_code == 200
    assert send(colleague, of(ASTHMA, without=[RARE])).status_code == 403
    assert send(stranger, of(ASTHMA, without=[RARE])).status_code == 200


def test_who_moves_to_another_institution_takes_their_exports_along(send, researcher):
    assert send(researcher, of(ASTHMA)).status_code == 200
    type(researcher).objects.filter(pk=researcher.pk).update(institution="Elsewhere")
    researcher.refresh_from_db()
    assert send(researcher, of(ASTHMA, without=[RARE])).status_code == 403


def test_the_parts_of_a_whole_and_what_is_left(send, researcher):
    """Women with asthma, men with asthma, and all with asthma but the rare: each alone would pass."""
    assert [send(researcher, of(ASTHMA, sex)).status_code for sex in (BEFORE, AFTER)] == [200, 200]
    assert (
        "together with counts exported before" in send(researcher, of(ASTHMA, without=[RARE])).json()["error"]["what"]
    )


def test_what_was_registered_meanwhile_is_seen(release_folder, researcher, colleague, monkeypatch):
    """Another export comes in after this one was checked: the second look refuses it."""
    release = releases.commons.open("2026Q4R1", home=releases.home())
    look, looks = exporting.exports.check, []

    def meanwhile(*given):
        verdict = look(*given)
        looks.append(verdict.passed)
        if len(looks) == 1:
            exporting.export_count(colleague, release.cohort(of(ASTHMA)))
        return verdict

    monkeypatch.setattr(exporting.exports, "check", meanwhile)
    with pytest.raises(Refused, match="differs by 20"):
        exporting.export_count(researcher, release.cohort(of(ASTHMA, without=[RARE])))
    assert looks == [True, True, False]
    assert ExportedCount.objects.count() == 1


def test_who_never_gets_a_turn_is_told(release_folder, researcher, monkeypatch):
    monkeypatch.setattr(exporting, "_next", lambda register: False)
    with pytest.raises(Refused, match="at the same time"):
        exporting.export_count(researcher, releases.commons.open("2026Q4R1", home=releases.home()).cohort(of(ASTHMA)))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_both_slip_through(release_folder, researcher, colleague):
    release = releases.commons.open("2026Q4R1", home=releases.home())
    asked = [(researcher, of(ASTHMA)), (colleague, of(ASTHMA, without=[RARE]))]
    start, done = threading.Barrier(2), []

    def export(who, definition):
        try:
            start.wait()
            done.append(exporting.export_count(who, release.cohort(definition)).persons)
        except Refused as error:
            done.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=export, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(answer, int) for answer in done) == [False, True], done
    assert ExportedCount.objects.count() == ExportRegister.objects.get().turns == 1


def test_private_counts_are_off_by_default(send, researcher):
    answer = send(researcher, of(ASTHMA), PRIVATE)
    assert answer.status_code == 403
    assert answer.json()["error"]["what"] == "this program answers none"


def test_private_counts_use_up_the_budget_of_an_institution(send, researcher, colleague, stranger, monkeypatch):
    from commonweal.protocol.disclosure import PrivateCounts

    limits = releases.limits().model_copy(update={"dp": PrivateCounts(epsilon=0.5, budget=1.0)})
    monkeypatch.setattr(releases, "limits", lambda: limits)
    answers = [send(who, of(ASTHMA), PRIVATE) for who in (researcher, colleague, researcher, stranger)]
    assert [a.status_code for a in answers] == [200, 200, 403, 200]
    assert "used up" in answers[2].json()["error"]["what"]
    assert abs(answers[0].json()["persons"] - exactly(of(ASTHMA))) < 100
    spent = PrivacySpending.objects.latest("pk")
    assert (float(spent.epsilon), PrivacySpending.objects.count()) == (0.5, 3)
    for change in (spent.save, spent.delete):
        with pytest.raises(TypeError):
            change()


def test_only_tiers_of_ones_own(send, researcher):
    researcher.tier_grants.update(ended_at="2026-01-01T00:00:00Z")
    assert send(researcher, of(ASTHMA)).status_code == 403
    assert send(researcher, of(ASTHMA), PRIVATE).status_code == 403
