"""Everybody counted anew, a change that shows, and pages from stored figures.

    SIZES="100000" BENCH=representation make bench          REPRESENTATION=HOME names a home that is there already

Line `representation`: all categories, metrics and documents of all places in one pass, by a process of its own. Floor: the
database gives the same documents and nothing is done with them. Peer: one person after another by the same rules in plain Python, as
programs compute them today, on 500 people, times how many there are; both must agree. Line `representation_live`: 25 people
answer, and the figures of their site are new. Line `representation_pages`: the 95th percentile of 400 pages, in milliseconds.
"""

import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import homes
import orjson

SAMPLE, ANSWERING, VIEWS = 500, 25, 400


def main(sizes: list[int]) -> None:
    for people in sizes:
        there = os.environ.get("REPRESENTATION")
        home = Path(there) if there else homes.simulated(people)[0]
        for step in ("whole", "live", "pages"):
            told = homes.apart(__file__, home, step, people)
            print(orjson.dumps(told).decode(), flush=True)


def whole(people: int) -> dict[str, Any]:
    from commonweal.vault.representation.figures import rounds
    from commonweal.vault.representation.models import PlaceFigures

    blank = {"form": 0, "people": None, "metrics": {}}  # of another form: every place is counted, whoever differs
    PlaceFigures.objects.exclude(level="release").update(document=blank)
    began = time.perf_counter()
    done = rounds.update(everybody=True)
    seconds = time.perf_counter() - began
    assert done is not None
    memory = homes.peak()
    floor = _floor()
    one = _one_by_one(rounds.people())
    return {
        "bench": "representation", "size": done.people, "places": done.places, "seconds": round(seconds, 1),
        "peer": "one person after another", "peer_seconds": round(one * done.people, 1),
        "ratio": round(one * done.people / seconds, 1), "floor_ratio": round(seconds / floor, 2), "peak_mb": memory,
    }  # fmt: skip


def _floor() -> float:
    from commonweal.ui.context import current_protocol
    from commonweal.vault import columns
    from commonweal.vault.representation.people import said
    from commonweal.vault.representation.people.asked import surveys_asking
    from commonweal.vault.representation.rules import rules_of

    asking = surveys_asking(rules_of(current_protocol()).questions)
    began = time.perf_counter()
    for where in said._spans(None):
        columns.read(said._query(asking, where))
    return time.perf_counter() - began


def _one_by_one(table: Any) -> float:
    """Seconds for one person; raises where a category differs."""
    from commonweal.ui.context import current_protocol
    from commonweal.vault.people.models import Participant
    from commonweal.vault.representation.rules import rules_of

    rules = rules_of(current_protocol())
    rows = table.filter(table["active"]).take(
        random.Random(7).sample(range(table.filter(table["active"]).num_rows), SAMPLE)
    )
    told = {row["participant"]: row for row in rows.to_pylist()}
    began = time.perf_counter()
    for person in Participant.objects.filter(pk__in=list(told)).iterator():
        found = _outcomes(person, rules)
        mine = told[person.pk]
        assert {id: mine[f"of_{id}"] for id in found} == found, "the two ways differ"
    return (time.perf_counter() - began) / SAMPLE


def _outcomes(person: Any, rules: Any) -> dict[str, str]:
    from commonweal.r4.questionnaire import answers_of
    from commonweal.ui.context import current_protocol
    from commonweal.vault.representation.rules import Facts
    from commonweal.vault.representation.rules.age import completed_years

    first: dict[str, tuple[str, ...]] = {}
    every, year = [], None
    for response in person.survey_responses.filter(classification="complete").order_by("event_time", "id"):
        said = {
            link.lower(): tuple(
                str(one.get("valueCoding", {}).get("code") or one.get("valueInteger", "")).lower() for one in given
            )
            for link, given in answers_of(orjson.loads(response.document)).items()
        }
        asked = current_protocol().surveys[response.questionnaire].questionnaire.items
        for link in asked:
            first.setdefault(link.lower(), said.get(link.lower(), ()))
        if "Income_AnnualIncome" in asked:
            year = year or response.event_time.year
        if "Disability_Deaf" in asked:
            every.append(said)
    profile = person.profiles.earliest("authored_time", "id")
    answers = person.consent_answers.filter(answer="yes", scopes__contains="participate")
    day = answers.earliest("event_time").event_time.date()
    facts = Facts(completed_years(profile.birth_date, day), day, profile.zip, profile.state, year or day.year)
    return rules.of_answers(first, facts, every)


def live(people: int) -> dict[str, Any]:
    """From the answers of some people of one site to its new figures."""
    from datetime import UTC, datetime

    import pyarrow as pa

    from commonweal.r4.questionnaire import PPI, response_document
    from commonweal.ui.context import current_protocol
    from commonweal.vault.representation.figures import rounds
    from commonweal.vault.representation.models import PlaceFigures
    from commonweal.vault.surveys import bulk as surveys

    form = current_protocol().surveys["lfs"].questionnaire
    table = rounds.people()
    assert table is not None
    site = table["site"][0].as_py()
    theirs = [r["participant"] for r in table.select(["participant", "site", "active", "of_disability"]).slice(0, 200_000).to_pylist()
              if r["site"] == site and r["active"] and r["of_disability"] == "RBR"][:ANSWERING]  # fmt: skip
    now = datetime.now(UTC)
    code = {"Disability_Deaf": [{"valueCoding": {"system": PPI, "code": "Deaf_Yes"}}]}
    document = orjson.dumps(response_document(form, code, authored=now, identifier=None, language="en")).decode()
    told = {"participant": pa.array(theirs, pa.int64()), "questionnaire": ["lfs"] * len(theirs), "version": [str(form.version)] * len(theirs),
            "language": ["en"] * len(theirs), "at": pa.array([now] * len(theirs), pa.timestamp("us", tz="UTC")), "document": [document] * len(theirs)}  # fmt: skip
    before = PlaceFigures.objects.get(level="site", place=site)
    began = time.perf_counter()
    surveys.hand_in(pa.table(told), source="bench", received_time=now)
    done = rounds.update()
    seconds = time.perf_counter() - began
    assert done is not None
    after = PlaceFigures.objects.get(level="site", place=site)
    assert after.counted_at > before.counted_at, "the site shows its old figures"
    return {"bench": "representation_live", "size": table.num_rows, "seconds": round(seconds, 2), "answering": done.people,
            "places": done.places, "peak_mb": homes.peak()}  # fmt: skip


def pages(people: int) -> dict[str, Any]:
    from django.test import Client

    from commonweal.ui.context import current_protocol

    client = Client(SERVER_NAME="localhost")
    sites = [f"/representation/site/{site}/" for site in current_protocol().sites]
    addresses = ["/representation/", *sites, "/representation/state/TX/", "/milestones/", "/representation/figures.csv"]
    for address in addresses:
        assert client.get(address).status_code == 200, address
    times = []
    for n in range(VIEWS):
        began = time.perf_counter()
        client.get(addresses[n % len(addresses)])
        times.append(1000 * (time.perf_counter() - began))
    p95 = statistics.quantiles(times, n=20)[18]
    return {"bench": "representation_pages", "size": people, "median_ms": round(statistics.median(times), 1), "p95_ms": round(p95, 1), "peak_mb": homes.peak()}  # fmt: skip


if __name__ == "__main__":
    import django

    django.setup()
    made = {"whole": whole, "live": live, "pages": pages}[sys.argv[1]](int(sys.argv[2]))
    print(orjson.dumps(made).decode())
