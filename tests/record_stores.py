"""A store beside the one that is compacted, with the files of every submission as they came: what both hold is the same."""

import os
import random
import shutil
import time
from dataclasses import replace
from datetime import timedelta

import duckdb


class Twin:
    """Deposits and removals of a cohort, each kept in a second store that nobody compacts."""

    def __init__(self, cohort, events, folder):
        self.cohort, self.events, self.home = cohort, events, cohort.home
        self.plain = replace(cohort.home, root=folder)
        self.people = [cohort.add(site=site, mrn=str(n)) for n, site in enumerate(["site-a"] * 4 + ["site-b"] * 2)]
        self.moments, self.chance = [], random.Random(7)

    def deposit(self, person, rows, *, site=None, days=0):
        """`rows` as `events` takes them, received so many days after the cohort's moment."""
        from commonweal.vault.records import bulk

        at = self.cohort.now + timedelta(days=days)
        site = site or ("site-a" if person in self.people[:4] else "site-b")
        answer = bulk.deposit(self.events(person.pk, rows), site=site, received_time=at, home=self.home)
        self._keep()
        self.moments.append(at)
        return answer

    def remove(self, *gone, site="site-a"):
        from commonweal.vault.records import removing

        count = removing.remove(self.home, site, gone, source="test")
        self._keep()
        return count

    def _keep(self):
        """What submissions wrote, copied before it can be compacted."""
        from commonweal.vault.records import places

        for folder in (places.events_path, places.superseded_path):
            for path in folder(self.home).glob("*.parquet"):
                target = folder(self.plain) / path.name
                if not target.exists():
                    shutil.copy(path, target)

    def agrees(self, many=2):
        """The compacted store answers as the other: now, for a site, for a person, and at `many` moments."""
        asked = [{}, {"site": "site-a"}]
        asked += [{"known_at": at} for at in self.chance.sample(self.moments, min(many, len(self.moments)))]
        for one in asked:
            assert held(self.home, **one) == held(self.plain, **one), one
        person = self.chance.choice(self.people).pk
        mine = [row for row in held(self.plain) if row[0] == person]
        assert held(self.home, people=[person]) == mine
        assert held(self.home, people=range(person, person + 1)) == mine
        assert told(self.home) == told(self.plain)


def held(home, site=None, known_at=None, **how):
    """All that the store holds, in order."""
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        view = store.current_events(con, home, site, known_at, **how)
        return con.execute(f"SELECT * FROM {view} ORDER BY ALL").fetchall()


def told(home):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        return con.execute(f"SELECT DISTINCT * FROM ({store.told_of(home)}) ORDER BY ALL").fetchall()


def grow_old(home):
    """As if two days had passed since each file of events was last needed."""
    from commonweal.vault.records import places
    from commonweal.vault.records.compact import index

    long_ago = time.time() - 2 * places.DAY
    for folder in (places.events_path(home), places.superseded_path(home), index.folder_of(home)):
        for path in folder.iterdir():
            os.utime(path, (long_ago, long_ago))
