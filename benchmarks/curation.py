"""The tiers of a release from raw tables: some 210 rows a person over all tables (see curation_raw.py).

Floor: DuckDB copying the same raw tables to Parquet, nothing changed, in the same run with the same threads and compression,
before each tier and after it: the mean counts, since a machine that others share changes its speed by the minute.
Peer: the same rules one after the other, each writing the table anew, as pipelines of this field do; on one part of the tier,
times the parts. `rules_ratio`: the tables that raw rows stand behind, all rules applied, over the floor. `floor_ratio`: the
whole tier with periods, eras, vocabulary, checks and manifest, but for its index (`index_seconds`; cohorts.py asks it). The raw
tables are drawn, not extracted: a vault with 200 million rows would take longer to fill than all this. TIERS: which to build
(default "registered controlled").
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson


def main(sizes: list[int]) -> None:
    """Print one line a size and tier."""
    from homes import command, folder, tell

    for people in sizes:
        home = folder() / f"curation-{people}"
        command(home, "init")
        raw = _apart(home, "raw", people)
        sys.stderr.write(f"curation: {people:,} people, {raw['rows']:,} raw rows, drawn in {raw['seconds']:.0f} s\n")
        floors = [_apart(home, "floor")["seconds"]]
        for tier in os.environ.get("TIERS", "registered controlled").split():
            built = _apart(home, "tier", tier)
            floors.append(_apart(home, "floor")["seconds"])
            floor = sum(floors[-2:]) / 2
            one = _apart(home, "peer", tier)
            tell(
                f"curation_{tier}", people, built.pop("seconds"), peak=built.pop("peak"), floor=floor,
                peer="one rule after the other, rules alone", peer_seconds=one["seconds"] * one["parts"], rows=raw["rows"],
                rules_ratio=round(built["rules_seconds"] / floor, 2), speed_up=round(one["seconds"] * one["parts"] / built["rules_seconds"], 1),
                floor_seconds=[round(seconds, 1) for seconds in floors[-2:]], **built,
            )  # fmt: skip


def _apart(home: Path, *step: Any) -> dict[str, Any]:
    from commonweal import zone

    child = subprocess.run(
        [sys.executable, __file__, *map(str, step)],
        env=zone.child_environment(zone.Zone.BRIDGE, home) | {"COMMONWEAL_MEMORY_MB": os.environ.get("COMMONWEAL_MEMORY_MB", "4000")},
        stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    return dict(orjson.loads(child.stdout.splitlines()[-1]))


class Bench:
    """One home's raw tables, and a build that starts from them."""

    def __init__(self) -> None:
        from datetime import UTC, datetime

        import curation_raw

        from commonweal import protocol
        from commonweal.cli.console import Console
        from commonweal.curation import keys, state
        from commonweal.curation.extract import Moment
        from commonweal.curation.layout import Layout
        from commonweal.curation.request import Build
        from commonweal.home import Home

        self.home = Home.locate()
        keys.ensure(self.home)
        self.layout = Layout(self.home, "2026Q2R1")
        now = datetime(2026, 6, 2, tzinfo=UTC)
        self.moment = Moment(curation_raw.CUTOFF, now, now)
        program = protocol.load(self.home.protocol)
        self.run = Build(
            self.layout, program, self.moment, state.inputs(self.home, program), "bench", Console(json=True)
        )

    @property
    def _note(self) -> Path:
        return self.layout.vault / "bench.json"

    def raw(self) -> Any:
        from commonweal.curation import crosswalk
        from commonweal.curation.extract import RawExtract

        told = orjson.loads(self._note.read_bytes())
        return RawExtract(self.layout.raw, told["rows"], told["parts"], told["figures"], crosswalk.load(self.home))

    def draw(self, people: int) -> dict[str, Any]:
        import curation_raw
        import population_home

        population_home.fill(people)
        began = time.perf_counter()
        self.layout.raw.mkdir(parents=True)
        told = curation_raw.draw(self.home, self.moment, self.layout.raw)
        self._note.write_bytes(orjson.dumps(told))
        return {"rows": sum(told["rows"].values()), "seconds": time.perf_counter() - began}

    def floor(self) -> dict[str, Any]:
        from commonweal.curation import duck, tables

        raw = self.raw()
        con = duck.connect(self.layout.work)
        con.execute("SET preserve_insertion_order = false")
        began = time.perf_counter()
        for name in raw.rows:
            con.execute(f"COPY (FROM {raw.source(name)}) TO '{self.layout.work}/{name}.parquet' ({tables._FORM})")
        return {"seconds": time.perf_counter() - began}

    def tier(self, name: str) -> dict[str, Any]:
        from homes import peak

        from commonweal.curation import assembling, building, building_tier
        from commonweal.curation.extract.terms import load_terms
        from commonweal.curation.tiers import TIERS

        took: dict[str, float] = {}

        def timed(owner: Any, function: str, key: str) -> None:
            original = getattr(owner, function)

            def measured(*args: Any, **kwargs: Any) -> Any:
                began = time.perf_counter()
                try:
                    return original(*args, **kwargs)
                finally:
                    took[key] = took.get(key, 0.0) + time.perf_counter() - began

            setattr(owner, function, measured)

        timed(building_tier, "assemble", "rules_seconds")
        timed(building_tier, "_population", "facts_seconds")
        timed(building_tier.checks, "run", "checks_seconds")
        timed(building_tier.derived, "vocabulary", "vocabulary_seconds")
        timed(building_tier.derived, "eras_of", "eras_seconds")
        timed(building_tier.index, "build", "index_seconds")
        building_tier.reconcile_answers = lambda *_: []  # the answers were drawn, no document stands behind them
        raw = self.raw()
        with building.engine(self.layout) as con:
            load_terms(con, self.home)
            self._deal(con, raw)
            began = time.perf_counter()
            building_tier.open_raw(con, self.run, raw)
            opened = time.perf_counter() - began
            built = building_tier.build_tier(con, self.run, TIERS[name], raw, "bench")
            seconds = time.perf_counter() - began - took["index_seconds"]
        released = sum(built["rows"][table] for table in assembling.ORDER)
        return {"seconds": seconds, "peak": peak(), "open_seconds": round(opened, 1), "released_rows": released,
                "parts": raw.parts, "failed": built["checks_failed"]} | {k: round(v, 1) for k, v in took.items()}  # fmt: skip

    def _deal(self, con: Any, raw: Any) -> None:
        from commonweal.curation import parts

        parts.deal(con, raw.crosswalk, raw.parts)

    def peer(self, name: str) -> dict[str, Any]:
        """The rules of one part, each by a query that writes the table."""
        from commonweal.curation import assembling, building, engine, kept, referring, tables
        from commonweal.curation.tiers import TIERS

        raw = self.raw()
        with building.engine(self.layout) as con:
            self._deal(con, raw)
            facts = kept.load(con, self.layout.kept(name))
            plans = dict(assembling.plans(con, TIERS[name], facts, raw))
            people = f"SELECT s.* FROM persons s JOIN parts USING (person_id) WHERE parts.{name} = 0"
            told = referring.persons(people, lambda table: raw.source(table, name, 0))
            con.execute(f"CREATE TABLE part_persons AS {told}")
            work = self.layout.work
            began = time.perf_counter()
            for table, plan in plans.items():
                rows = raw.source(table, name, 0)
                if table == "visit_occurrence":
                    con.execute(f"CREATE OR REPLACE VIEW source_{table} AS {plan.source(rows, 'part_persons')}")
                    plan.linked(con, plan.done(con, {}))
                con.execute(
                    f"CREATE OR REPLACE VIEW source_{table} AS {engine.source(plan.spec, rows, 'part_persons')}"
                )
                before = f"SELECT *, NULL::SMALLINT AS _removed FROM source_{table}"
                for number, sql in enumerate(_by_rule(plan)):
                    path = f"{work}/{table}-{number % 2}.parquet"
                    con.execute(f"COPY ({sql.replace('{before}', before)}) TO '{path}' ({tables._FORM})")
                    before = f"FROM '{path}'"
            seconds = time.perf_counter() - began
        return {"seconds": seconds, "parts": raw.parts}


def _by_rule(plan: Any) -> list[str]:
    """For each rule that concerns the table, SQL of its steps over `{before}`."""
    from dataclasses import replace

    import ibis

    from commonweal.curation.rules.base import Rows
    from commonweal.curation.rules.layers import REMOVED
    from commonweal.curation.written import applied

    schema = ibis.schema(dict(plan.schema.items()) | {REMOVED: "int16"})
    rows = Rows.of(schema, plan.spec, plan.facts)
    done = [applied(rule, replace(rows, number=number)) for number, rule in plan.tier.for_table(plan.spec.name)]
    return [one.sql("({before})") for one in done if one.steps]


def _step(arguments: list[str]) -> dict[str, Any]:
    import django

    django.setup()
    bench = Bench()
    match arguments:
        case ["raw", people]:
            return bench.draw(int(people))
        case ["floor"]:
            return bench.floor()
        case ["tier", name]:
            return bench.tier(name)
        case ["peer", name]:
            return bench.peer(name)
    raise SystemExit(f"curation: no step {arguments}")


if __name__ == "__main__":
    sys.stdout.write(orjson.dumps(_step(sys.argv[1:])).decode() + "\n")
