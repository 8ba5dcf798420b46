"""A cohort of a release: how many, who, by which steps, and why."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from commonweal.commons.cohort import database, words
from commonweal.commons.cohort.compile import Compiled, compile_definition
from commonweal.commons.cohort.definition import Definition, parse
from commonweal.commons.cohort.unknown import unknown_concepts, warning
from commonweal.commons.release import Release
from commonweal.disclosure import Count, count

if TYPE_CHECKING:
    from commonweal.commons.index.counting import Counter


@dataclass(frozen=True)
class Answer:
    """The count object of the contract."""

    persons: int | None
    suppressed: bool
    rounded_to: int | None
    exact: bool
    release: str
    tier: str
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Step:
    """How many are left after a step of the definition; `kind` is everyone, index, include or exclude."""

    kind: str
    text: str
    count: Count


class Cohort:
    """Counts go through the gate where the release was opened by its name, unless `exact` (checked by who calls)."""

    def __init__(self, release: Release, definition: Any) -> None:
        self.release, self.policy = release, release.policy
        self.definition: Definition = parse(definition)

    @cached_property
    def compiled(self) -> Compiled:
        return compile_definition(self.release, self.definition)

    @cached_property
    def _counter(self) -> "Counter | None":
        """The index of the release, where it covers this definition; else the engine answers."""
        counter = self.release.counter
        return counter if counter is not None and counter.covers(self.definition) else None

    @cached_property
    def _size(self) -> int:
        if self._counter is not None and "_sizes" not in self.__dict__:
            return len(self._counter.members(self.definition))
        return self._sizes[-1]

    @cached_property
    def _sizes(self) -> list[int]:
        """Everybody, then who is left after each step; each query runs once for a cohort object."""
        if self._counter is not None:
            return [self._counter.size, *map(len, self._counter.steps(self.definition))]
        person = self.release.table("person")
        everyone = int(self.release.rows(person.aggregate(n=person.person_id.nunique()))[0][0])
        if not self.compiled.steps:
            return [everyone]
        return [everyone, *(int(n) for n in self.release.rows(self.compiled.counts)[0])]

    def count(self, *, exact: bool = False) -> Answer:
        """How many people are in it. Exact for a folder of one's own, through the gate for a published release."""
        started = time.perf_counter()
        shown = count(self._size, self.policy, exact=exact or not self.release.gated)
        seconds = round(time.perf_counter() - started, 4)
        return Answer(**asdict(shown), release=self.release.name, tier=self.release.tier, seconds=seconds)

    def attrition(self, *, exact: bool = False, language: str = "en") -> list[Step]:
        """Who is left after each step, in the order of the definition; each number through the gate."""
        exact = exact or not self.release.gated
        return self._told([count(size, self.policy, exact=exact) for size in self._sizes], language)

    def _told(self, shown: Sequence[Count], language: str) -> list[Step]:
        texts = words.steps(self.definition, self._names, language)
        return [Step(kind, text, one) for (kind, text), one in zip(texts, shown, strict=True)]

    def members(self) -> np.ndarray:
        """uint32: the dense ordinals (`Release.ordinals`) of everybody in it, ascending."""
        if self._counter is not None:
            return self._counter.members(self.definition).ordinals
        return self.steps()[-1]

    def steps(self) -> list[np.ndarray]:
        """As `members`: everybody in the release, then who is left after each step of the definition."""
        everybody = np.arange(len(self.release.persons), dtype=np.uint32)
        if self._counter is not None:
            return [everybody, *(people.ordinals for people in self._counter.steps(self.definition))]
        names = [f"s{i}" for i in range(self.compiled.steps)]
        if not names:
            return [everybody]
        table = self.release.arrow(self.compiled.flagged[["person_id", *names]])
        units = self.release.ordinals(table["person_id"].to_numpy())
        return [everybody, *(np.unique(units[table[name].fill_null(False).to_numpy()]) for name in names)]

    def persons(self) -> pa.Table:
        """person_id (and index_date where the definition has an index event) of everybody in it."""
        if self._counter is not None:
            return self._counter.table(self.definition)
        return self.release.arrow(self.compiled.members)

    def explain(
        self, *, exact: bool = False, language: str = "en", shown: Sequence[Count] | None = None, sql: bool = True
    ) -> dict[str, Any]:
        """The criteria in words (English or Spanish), the attrition by step, the SQL, and warnings (in words).

        `shown`: the number of each step (see `steps`), where whoever asks has a gate of its own. Without `sql` there is
        none: to write it takes longer than to count.
        """
        steps = self.attrition(exact=exact, language=language) if shown is None else self._told(shown, language)
        missing = unknown_concepts(self.release, self.definition, set(self._names))
        return {
            "words": "\n".join(step.text for step in steps),
            "attrition": [{"step": step.text, "kind": step.kind, **asdict(step.count)} for step in steps],
            "sql": self.release.sql(self.compiled.members, pretty=True) if sql else "",
            "sha256": self.definition.sha256,
            "warnings": warning(missing, language),
        }

    def sql(self, dialect: str = "duckdb", schema: str | None = None) -> str:
        """The query for its members on an OMOP database elsewhere: `database.DIALECTS`; raises BadInput."""
        return database.sql(self.definition, dialect, schema)

    @cached_property
    def _names(self) -> dict[int, str]:
        return self.release.vocabulary.names(words.concepts(self.definition))
