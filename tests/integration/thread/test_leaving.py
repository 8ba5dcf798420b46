"""Withdrawal proven end to end: one person with records, surveys, a watch and a message that waits leaves by the web page.

The page, the receipt, the provider, the message, the staff's view and the next release are asked, each at its own door.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests import provider as provider_of_tests
from tests.commands import initialised

BEFORE, AFTER = "2026Q3R1", "2026Q4R1"

FURNISH = """
from allauth.account.models import EmailAddress
from django.utils import timezone
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.messages import actions as messages
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.journey import held_records
from commonweal.vault.wearables import actions as wearables
now = timezone.now()
wanted = {"ehr", "surveys", "biospecimens", "wearables:fitbit"}
people = Participant.objects.filter(survey_responses__isnull=False).distinct().order_by("pk")
one = next(p for p in people if wanted <= scopes_in_force(p, now, now, new_data=True) and held_records.records(p)
           and 1950 < p.profiles.first().birth_date.year < 2000)
account = Account.objects.create_user("leaver@example.org", "seven quiet herons")
EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
Participant.objects.filter(pk=one.pk).update(account=account, origin="portal")
one.refresh_from_db()
wearables.connect(one, "fitbit", {"access_token": "the access token", "refresh_token": "the refresh token"}, actor=one)
messages.send(one, "reconsent", key="before", title="x")
print(one.pk)
"""
LEAVE = """
import json
from django.test import Client
from commonweal.vault.journey import leaving
from commonweal.vault.people.models import Participant
client = Client()
client.post("/accounts/login/", {"login": "leaver@example.org", "password": "seven quiet herons"})
answer = client.post("/withdraw/", {"sure": "on"}, follow=True)
one = Participant.objects.get(account__email="leaver@example.org")
told = json.loads(client.get("/leaving/receipt/file/").content)
print(json.dumps({"at": answer.redirect_chain[-1][0], "home": client.get("/home/").get("Location"), "receipt": told,
                  "page": answer.content.decode()}))
"""
AFTERWARDS = """
import json
from commonweal.vault.journey import leaving
from commonweal.vault.messages.delivery import deliver_due
from commonweal.vault.messages.models import Message
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.models import Connection
leaving.finish_open()
deliver_due()
one = Participant.objects.get(account__email="leaver@example.org")
receipt = leaving.latest(one)
connection = Connection.objects.get(participant=one)
print(json.dumps({
    "messages": sorted(set(Message.objects.filter(participant=one, template="reconsent").exclude(channel="inbox")
                           .values_list("state", flat=True))),
    "connection": connection.state, "kept": len(bytes(connection.sealed)),
    "next": receipt.lines.get(store="next_release").state, "finished": receipt.finished_at is not None,
    "release": receipt.lines.get(store="next_release").detail.get("release"),
}))
"""
STAFF = """
import json
from datetime import timedelta
from unittest import mock
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from commonweal.vault.people.current import current_profile, current_site
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import roles
one = Participant.objects.get(account__email="leaver@example.org")
account, made = Account.objects.get_or_create(email="staff@example.org")
roles.give(account, "operator")
Authenticator.objects.get_or_create(user=account, type="totp", defaults={"data": {"secret": "unused"}})
now, pages = timezone.now(), []
for hours in (1, 49):
    with mock.patch("django.utils.timezone.now", return_value=now + timedelta(hours=hours)):
        client = Client()
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        pages.append(client.get(f"/staff/people/{one.uuid}/").content.decode())
profile = current_profile(one)
print(json.dumps({"pages": pages, "name": profile.family_name, "phone": profile.phone, "street": profile.address_line,
                  "id": one.participant_id}))
"""
NUMBERS = """
from commonweal.curation import crosswalk
from django.conf import settings
table = crosswalk.load(settings.COMMONWEAL_HOME).to_pylist()
print({row["participant"]: row["registered"] for row in table}[PERSON])
"""


class Thread:
    """One program with 150 simulated people, of whom one has an account, and what was found on the way."""

    def __init__(self, folder: Path, provider: provider_of_tests.Provider) -> None:
        self.home, self.run = folder / "home", initialised(folder / "home")
        self.provider, self.told = provider, {}

    def inside(self, code: str, zone: str = "portal") -> str:
        """What `code` prints in a process of the zone."""
        environment = dict(os.environ) | self.provider.environment
        environment |= {"COMMONWEAL_HOME": str(self.home), "COMMONWEAL_ZONE": zone}
        environment |= {"DJANGO_SETTINGS_MODULE": f"commonweal.sites.{zone}.settings"}
        environment["COMMONWEAL_ALLOWED_HOSTS"] = "testserver"
        whole = f"import django\ndjango.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", whole], env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip().splitlines()[-1]

    def publish(self, name: str) -> None:
        self.run("release", "build", name, "--cutoff", datetime.now(UTC).date().isoformat())
        self.run("release", "check", name)
        self.run("release", "publish", name)

    def tables_with(self, name: str, number: int) -> set[str]:
        """The tables, of every tier, in which a research id stands in any column that names a person."""
        found = set()
        for folder in (self.home / "commons" / "releases" / name).glob("*/tables/*"):
            files = f"'{folder}/*.parquet'"
            columns = [row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM {files}").fetchall()]
            for column in [one for one in columns if one in ("person_id", "subject_id", "participant_id")]:
                held = duckdb.sql(f"SELECT count(*) FROM {files} WHERE {column} = {number}").fetchall()[0][0]
                found |= {folder.name} if held else set()
        return found


@pytest.fixture(scope="module")
def thread(tmp_path_factory):
    with provider_of_tests.running() as provider:
        it = Thread(tmp_path_factory.mktemp("leaving"), provider)
        it.run("simulate", "--people", "150", "--seed", "11")
        it.person = int(it.inside(FURNISH))
        it.publish(BEFORE)
        it.number = int(it.inside(NUMBERS.replace("PERSON", str(it.person)), "bridge"))
        provider.broken = True  # the provider is away while the person leaves
        it.told["leave"] = json.loads(it.inside(LEAVE))
        it.told["waiting"] = json.loads(it.inside(AFTERWARDS))
        provider.broken = False
        it.inside(
            "from commonweal.vault.wearables.models import Connection\n"
            "from commonweal.vault.wearables.cutting import tick\n"
            "Connection.objects.update(next_attempt_at='2020-01-01T00:00:00Z')\ntick()\nprint()\nprint('told')"
        )
        it.publish(AFTER)
        it.told["after"] = json.loads(it.inside(AFTERWARDS))
        it.told["staff"] = json.loads(it.inside(STAFF))
        yield it


def test_the_page_leads_to_a_receipt_for_every_store(thread):
    told = thread.told["leave"]
    assert told["at"] == "/leaving/receipt/" == told["home"]
    states = {line["store"]: line["state"] for line in told["receipt"]["lines"]}
    assert {one for one, state in states.items() if state == "failed"} == set()
    assert {one for one, state in states.items() if state == "pending"} == {"wearables", "next_release"}
    assert states["records"] == states["surveys"] == states["biobank"] == states["releases"] == "done"
    assert BEFORE in told["page"] and "cannot be undone" in told["page"]


def test_the_release_before_held_the_person_and_the_next_does_not(thread):
    before, after = thread.tables_with(BEFORE, thread.number), thread.tables_with(AFTER, thread.number)
    assert {"person", "visit_occurrence", "condition_occurrence"} <= before
    assert after == set()
    assert len(list((thread.home / "commons" / "releases" / AFTER).glob("*/tables/*"))) > 10


def test_the_receipt_ends_when_a_release_without_the_person_is_published(thread):
    waiting, after = thread.told["waiting"], thread.told["after"]
    assert (waiting["next"], waiting["finished"]) == ("pending", False)
    assert (after["next"], after["release"], after["finished"]) == ("done", AFTER, True)


def test_the_connection_is_cut_at_once_and_the_provider_told_until_it_confirms(thread):
    assert thread.told["waiting"]["connection"] == "cutting" and thread.told["waiting"]["kept"] > 0
    assert set(thread.provider.refused) == {"the refresh token"}
    assert thread.provider.revoked == ["the refresh token"]
    assert (thread.told["after"]["connection"], thread.told["after"]["kept"]) == ("cut", 0)


def test_the_message_that_waited_is_not_sent(thread):
    assert thread.told["waiting"]["messages"] in (["held"], []) and thread.told["after"]["messages"] == ["held"]


def test_after_48_hours_the_staff_see_the_reduced_view(thread):
    told = thread.told["staff"]
    soon, later = told["pages"]
    for page in (soon, later):
        assert told["name"] in page and told["id"] in page
        assert told["street"] not in page and (not told["phone"] or told["phone"] not in page)
    assert "More than 48 hours have passed" in later and "More than 48 hours have passed" not in soon
    assert 'id="appointments"' in soon and 'id="appointments"' not in later and 'id="messages"' not in later


def test_nobody_is_named_by_a_command(thread):
    said = "\n".join(thread.run.said)
    assert thread.told["staff"]["id"] not in said and "leaver@example.org" not in said


def test_from_the_command_line_leaving_can_be_repeated(thread):
    ids = f"{thread.told['staff']['id']}\nP000000001\n"
    answer = thread.run("participants", "withdraw", "--reason", "self", stdin=ids)
    assert answer == {"accepted": 0, "unchanged": 1, "rejected": 0, "unmatched": 1}
    out = thread.home / "destroy.csv"
    assert thread.run("participants", "destruction-list", "--out", out)["people"] >= 1
    assert out.stat().st_mode & 0o777 == 0o600
