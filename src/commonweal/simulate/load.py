"""Simulated people brought in through the vault's bulk doors, chunk by chunk, resumable and safe to repeat."""

import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal import files
from commonweal.home import Home
from commonweal.simulate.make import Made, make

if TYPE_CHECKING:
    from commonweal.cli.console import Console, Step
    from commonweal.protocol import Protocol

SOURCE = "simulation"
CHUNK = 20_000


class Progress:
    """How many people of a seed are in, and the day their story ends: kept, to make the same people again."""

    def __init__(self, home: Home, seed: int, until: date) -> None:
        self.path: Path = home.vault_store / "simulation" / f"seed-{seed}.json"
        known = files.load_json(self.path) if self.path.exists() else {}
        self.done: int = known.get("done", 0)
        self.until = date.fromisoformat(known["until"]) if known else until
        if not known:
            self.keep(0)

    def keep(self, done: int) -> None:
        self.done = done
        files.save_json(self.path, {"done": done, "until": self.until.isoformat()}, files.PRIVATE)


def simulate(home: Home, protocol: "Protocol", *, people: int, seed: int, console: "Console") -> dict[str, Any]:
    """Make sure that people number 0 … `people - 1` of this seed are in the program; answers counts, seconds, memory.

    The last day of their story is yesterday at the first call for a seed and stays that day.
    """
    known = Progress(home, seed, datetime.now(UTC).date() - timedelta(days=1))
    counts: Counter[str] = Counter()
    counts["unchanged"] = min(known.done, people)
    clock = Clock()
    with console.progress("Simulating people", people) as step:
        step.advance(counts["unchanged"])
        for first, made in _ahead(protocol, seed, known, people, clock):
            counts += _through_the_doors(made, protocol, seed, first, clock, step)
            known.keep(first + made.profiles.num_rows)
    total = {name: counts[name] for name in ("accepted", "unchanged", "rejected")}
    wanted = ("consent_answers", "survey_responses", "events", "wearable_rows", "withdrawals", "deactivations")
    return total | {
        "report": None,
        "seed": seed,
        "until": known.until.isoformat(),
        **{name: counts[name] for name in wanted},
        "seconds": clock.spent(),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.steps: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.steps[name] += time.perf_counter() - start

    def spent(self) -> dict[str, float]:
        found = {name: round(seconds, 2) for name, seconds in self.steps.items()}
        return found | {"total": round(time.perf_counter() - self.began, 2)}


def _ahead(protocol: "Protocol", seed: int, known: Progress, people: int, clock: Clock) -> Iterator[tuple[int, Made]]:
    """Chunks in order; the next one is made while this one goes through the doors."""
    starts = range(known.done, people, CHUNK)

    def one(first: int) -> Made:
        with clock.step("making"):  # beside the doors, so it is no part of the sum
            return make(protocol, seed, first, min(CHUNK, people - first), until=known.until)

    with ThreadPoolExecutor(1) as worker:
        following = [worker.submit(one, first) for first in starts[:1]]
        for place, first in enumerate(starts):
            with clock.step("waiting for people to be made"):
                made = following.pop().result()
            following = [worker.submit(one, later) for later in starts[place + 1 : place + 2]]
            yield first, made


def _through_the_doors(
    made: Made, protocol: "Protocol", seed: int, first: int, clock: Clock, step: "Step"
) -> Counter[str]:
    """Everything of one chunk, in the order in which it happened to them; withdrawals last, since they shut the doors."""
    from commonweal.vault.consent import bulk as consent
    from commonweal.vault.people import bulk as enrolment
    from commonweal.vault.records import bulk as records
    from commonweal.vault.surveys import bulk as surveys
    from commonweal.vault.wearables import bulk as wearables

    now = datetime.now(UTC)
    counts: Counter[str] = Counter()
    share = made.profiles.num_rows / 4
    with clock.step("people"):
        generator = np.random.default_rng([seed, first])
        by_site = pc.sort_indices(
            made.profiles["site"]
        )  # neighbours in the vault: a site's deposit looks at its own people
        taken = enrolment.enrol(
            made.profiles.take(by_site),
            source=SOURCE,
            received_time=now,
            sites=list(protocol.sites),
            generator=generator,
        )
        ids = taken["participant"].combine_chunks().take(pc.sort_indices(by_site))
        counts.update({one["values"]: one["counts"] for one in pc.value_counts(taken["outcome"]).to_pylist()})
    step.advance(share)
    with clock.step("consent"):
        answers = _named(made.answers, ids)
        counts["consent_answers"] += consent.record(answers, protocol=protocol, source=SOURCE, received_time=now)
    step.advance(share)
    with clock.step("surveys"):
        if made.surveys:  # in one batch, so that who may answer is asked once
            responses = _named(pa.concat_tables(made.surveys), ids)
            counts["survey_responses"] += surveys.hand_in(responses, source=SOURCE, received_time=now, trusted=True)
    step.advance(share)
    with clock.step("records"):
        events = _named(made.records, ids)
        for site in pc.unique(events["site"]).to_pylist():
            part = events.filter(pc.equal(events["site"], site))
            counts["events"] += records.deposit(part, site=site, received_time=now)["accepted"]
    with clock.step("wearables"):
        told = {name: _named(table, ids) for name, table in made.wearables.items()}
        if any(table.num_rows for table in told.values()):
            counts["wearable_rows"] += wearables.take_in(told, source=SOURCE, received_time=now)["accepted"]
    with clock.step("leaving"):
        left = _named(made.withdrawals, ids)
        counts["withdrawals"] += consent.record_withdrawals(left, source=SOURCE, received_time=now)
        counts["deactivations"] += _pause(_named(made.deactivations, ids))
    step.advance(share)
    return counts


def _pause(those: pa.Table) -> int:
    from commonweal.vault.consent import actions
    from commonweal.vault.people.models import Participant

    people = Participant.objects.in_bulk(those["participant"].to_pylist())
    for one in those.to_pylist():
        actions.deactivate(people[one["participant"]], source=SOURCE, authored=one["at"])
    return those.num_rows


def _named(table: pa.Table, ids: pa.Array) -> pa.Table:
    """The table with vault numbers instead of positions, without people who were not taken in."""
    place = table.column_names.index("participant")
    named = table.set_column(place, "participant", ids.take(table["participant"].combine_chunks()))
    return named.filter(pc.is_valid(named["participant"]))
