"""Grants and enrolment status of everybody at once, twenty facts each, against the functions for one person.

Peer: the function for one person, on a random 10,000, times how many people there are; both must answer the same. Floor: one
scan of the rows of consents and surveys by the database. Lines: `grants`, `status` (nobody computed before), `status_again`.
Where COMMONWEAL_VAULT_DATABASE_URL names an empty PostgreSQL database, one size is measured there.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

SAMPLE = 10_000
_SCAN = "SELECT count(*), max(event_time), max(received_time) FROM {}"


def main(sizes: list[int]) -> None:
    """Print three lines a size, each measured in a process of its own zone."""
    from homes import command, folder, tell

    from commonweal import zone

    for people in sizes:
        home = folder() / f"population-{people}"
        command(home, "init")
        environment = zone.child_environment(zone.Zone.PORTAL, home)
        child = subprocess.run(
            [sys.executable, __file__, str(people)],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            cwd=Path(__file__).parent,
        )
        for line in map(orjson.loads, child.stdout.splitlines()):
            tell(line.pop("bench"), people, line.pop("seconds"), peer="one by one", **line)


def measure(people: int) -> None:
    """Fill the vault of this process and print what each takes."""
    import population_home
    from django.db import connection
    from homes import peak

    facts = population_home.fill(people)
    sys.stderr.write(f"population: {people:,} people with {facts:,} facts\n")
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for table in ("consent_consentanswer", "surveys_surveyresponse"):
            cursor.execute(_SCAN.format(table))
            cursor.fetchall()
    floor = time.perf_counter() - began
    sample = sorted(random.Random(7).sample(range(1, people + 1), min(SAMPLE, people)))
    for bench, (everybody, one) in {"grants": (_grants, _one_grants), "status": (_status, _one_status)}.items():
        seconds, found = _timed(lambda: everybody(sample))  # noqa: B023
        most = peak()
        peer, expected = _timed(lambda: one(sample))  # noqa: B023
        if found != expected:
            raise SystemExit(f"bench: {bench} of everybody differ from those of one")
        _say(bench, seconds, peer * people / len(sample), floor, most)
        if bench == "status":
            _say("status_again", _timed(lambda: everybody([]))[0], peer * people / len(sample), floor, most)  # noqa: B023


def _grants(sample: list[int]) -> dict[int, set[str]]:
    import population_home
    import pyarrow as pa
    import pyarrow.compute as pc

    from commonweal.vault.consent.population import population_grants

    table = population_grants(population_home.NOW, population_home.NOW)
    chosen = table.filter(pc.is_in(table["participant"], pa.array(sample, pa.int64())))
    found: dict[int, set[str]] = {one: set() for one in sample}
    for person, scope in zip(*(column.to_pylist() for column in chosen.columns), strict=True):
        found[person].add(scope)
    return found


def _one_grants(sample: list[int]) -> dict[int, set[str]]:
    import population_home

    from commonweal.vault.consent.grants import scopes_in_force
    from commonweal.vault.people.models import Participant

    now = population_home.NOW
    return {one: set(scopes_in_force(Participant(pk=one), now, now)) for one in sample}


def _status(sample: list[int]) -> dict[int, dict[str, object]]:
    from commonweal.vault.journey.models import EnrolmentStatus
    from commonweal.vault.journey.status import bulk
    from commonweal.vault.journey.status.queries import KEPT

    bulk.recompute()
    return {
        copy.pk: {name: getattr(copy, name) for name in KEPT}
        for start in range(0, len(sample), 500)
        for copy in EnrolmentStatus.objects.filter(pk__in=sample[start : start + 500])
    }


def _one_status(sample: list[int]) -> dict[int, dict[str, object]]:
    from commonweal.vault.journey import status
    from commonweal.vault.journey.models import EnrolmentStatus
    from commonweal.vault.journey.status.one import kept
    from commonweal.vault.people.models import Participant

    at = EnrolmentStatus.objects.latest("computed_at").computed_at
    return {one: kept(status.of(Participant.objects.get(pk=one), at)) for one in sample}


def _timed(once: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = once()
    return time.perf_counter() - began, found


def _say(bench: str, seconds: float, peer_seconds: float, floor: float, peak: int) -> None:
    line = {"bench": bench, "seconds": seconds, "peer_seconds": peer_seconds, "floor": floor, "peak": peak}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")


if __name__ == "__main__":
    import django

    assert os.environ["DJANGO_SETTINGS_MODULE"]
    django.setup()
    measure(int(sys.argv[1]))
