"""Matching: patients of a site against its participants, with known truth (`misspelt`): time, memory, and what goes wrong.

Sizes are participants of one site; a tenth as many patients come, in calls of 20,000, half of them participants, the others
their neighbours and relatives. Floor: reading the same participants from the database, and nothing else. The
line tells false matches among all matches, participants who were missed, and how many of these the staff get to see.
"""

import os
import pickle
import random
import shutil
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa

CALL = 20_000  # patients
NUMBERED = float(os.environ.get("NUMBERED", "0.7"))  # share of participants whose record number at the site is known
HEAPED = float(os.environ.get("HEAPED", "0"))  # share of all people who are put down as born on a January 1
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def main(sizes: list[int]) -> None:
    """Print the line of each size, each in a home of its own; what is drawn and what is measured are two processes."""
    from homes import apart, command, folder, tell

    for size in sizes:
        home = folder() / f"matching-{size}"
        command(home, "init")
        apart(__file__, home, "draw", size, "NUMBERED", "HEAPED")
        line = apart(__file__, home, "measure", size)
        tell("matching", size, line.pop("seconds"), **line)
        shutil.rmtree(home)


def draw(size: int) -> dict[str, Any]:
    """The town, of whom `size` are enrolled, and those who come as patients, in a file for each call."""
    from django.conf import settings
    from misspelt import Town, as_recorded, heaped

    town, dice = Town(1), random.Random(2)
    everybody = [one for home in islice(town.households(), int(size * 0.75)) for one in home]
    everybody = heaped(everybody, HEAPED)
    taking_part = sorted(dice.sample(range(len(everybody)), min(size, len(everybody))))
    truth = dict(zip(taking_part, enrol([everybody[n] for n in taking_part]), strict=True))
    said(f"{len(truth):,} participants, {len(everybody):,} people in town")
    many = size // 10
    others = dice.sample([n for n in range(len(everybody)) if n not in truth], min(many // 2, len(everybody) - size))
    seen = dice.sample(taking_part, many - len(others)) + others
    dice.shuffle(seen)
    for start in range(0, len(seen), CALL):
        some = seen[start : start + CALL]
        told = {str(n): as_recorded(everybody[n], dice, town) for n in some}, {n: truth[n] for n in some if n in truth}
        (settings.COMMONWEAL_HOME.root / f"call-{start:09d}.pickle").write_bytes(pickle.dumps(told))
    return {"patients": len(seen)}


def measure(_: int) -> dict[str, Any]:
    """Match all calls; returns what it took and what came out."""
    from django.conf import settings
    from homes import peak

    from commonweal.vault.records import matching

    seconds, busy, found, truth = 0.0, 0.0, {}, {}
    with matching.Matcher("site-a") as matcher:
        for path in sorted(settings.COMMONWEAL_HOME.root.glob("call-*.pickle")):
            told, known = pickle.loads(path.read_bytes())
            began, before = time.perf_counter(), time.process_time()
            found |= matcher.match(told)
            seconds, busy = seconds + time.perf_counter() - began, busy + time.process_time() - before
            truth |= known
            said(f"{len(found):,} patients in {seconds:.1f} s ({busy:.1f} s of processor), peak {peak()} MB")
    line = {"seconds": seconds, "peak": peak(), "patients": len(found), "cpu_seconds": round(busy, 1)}
    return line | rates(found, truth) | {"floor": _floor()}


def rates(found: dict[str, Any], truth: dict[int, int]) -> dict[str, Any]:
    """False matches of all matches; of the participants among the patients, who was missed, and who stands in the queue."""
    matched = {key: one.participant for key, one in found.items() if one.participant is not None}
    wrong = sum(truth.get(int(key)) != who for key, who in matched.items())
    ours = [key for key in found if int(key) in truth]
    missed = [key for key in ours if key not in matched]
    queued = [key for key, one in found.items() if one.reason in ("near_miss", "ambiguous")]
    return {
        "matched": len(matched), "false_matches": wrong, "false_match_rate": round(wrong / max(len(matched), 1), 6),
        "missed_rate": round(len(missed) / max(len(ours), 1), 4),
        "missed_for_good_rate": round(len(set(missed) - set(queued)) / max(len(ours), 1), 4),
        "near_misses": len(queued), "near_misses_of_others": len(set(queued) - set(ours)),
    }  # fmt: skip


def enrol(people: list[Any], numbered: float = NUMBERED) -> list[int]:
    """Participants of site-a with these details, of whom this share told their record number; their numbers."""
    from commonweal.vault import columns
    from commonweal.vault.people.models import Pairing, Participant, Profile

    many = len(people)
    numbers = range(1, many + 1)
    said_then = {name: pa.repeat(pa.scalar(THEN, columns.MOMENT), many) for name in ("event_time", "authored_time")}
    fact = said_then | {
        "id": pa.array(numbers), "participant_id": pa.array(numbers), "source": pa.repeat("import", many),
        "received_time": said_then["event_time"], "idempotency_key": [f"k{n}" for n in numbers],
    }  # fmt: skip
    from django.db import transaction

    with transaction.atomic():
        columns.insert(Participant, pa.table({
            "id": pa.array(numbers), "uuid": [f"{n:032x}" for n in numbers], "origin": pa.repeat("import", many),
            "participant_id": [f"P{n:09d}" for n in numbers], "biobank_id": [f"A{n:09d}" for n in numbers],
            "is_test": pa.repeat(False, many), "registered_at": said_then["event_time"],
        }))  # fmt: skip
        columns.insert(Profile, pa.table(fact | {
            "given_name": [p.given for p in people], "family_name": [p.family for p in people],
            "birth_date": [p.born for p in people], "sex_at_birth": [p.sex for p in people],
            "email": [p.email for p in people], "phone": [p.phone for p in people],
            "address_line": [p.line for p in people], "city": pa.repeat("Chicago", many),
            "state": pa.repeat("IL", many), "zip": [p.zip for p in people], "language": pa.repeat("en", many),
        }))  # fmt: skip
        draw = random.Random(3)
        numbers_there = [p.mrn if draw.random() < numbered else "" for p in people]
        columns.insert(Pairing, pa.table(fact | {
            "site": pa.repeat("site-a", many), "organisation": pa.repeat("", many), "awardee": pa.repeat("", many),
            "record_number": numbers_there,
        }))  # fmt: skip
    return list(numbers)


def _floor() -> float:
    from commonweal.vault import columns

    began = time.perf_counter()
    columns.read_all({"a": "SELECT * FROM people_profile", "b": "SELECT * FROM people_pairing"})
    return time.perf_counter() - began


def said(text: str) -> None:
    sys.stderr.write(f"matching: {text}\n")


if __name__ == "__main__":
    import django

    django.setup()
    told = {"draw": draw, "measure": measure}[sys.argv[1]](int(sys.argv[2]))
    sys.stdout.write(orjson.dumps(told).decode())
