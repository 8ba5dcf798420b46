"""What the rules do to a table as few selections, in the words of any engine.

A selection for each step costs each row a pass for each step. Here every value that a column takes on its way has a name of
its own, so that what reads only what is there already stands in one selection: some fifty steps become some five. Which rule
removed a row is one CASE at the end, in the order of the rules: none is asked of rows that an earlier one removed.

And what reads words alone, or what is known of a person alone, is not asked of each row: it is worked out once for each
wording (see wordings.py) and once for each person, and the row, which names both, says only what is its own.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from commonweal.curation.rules import hoisting
from commonweal.curation.rules.levels import DUCKDB, Level, Tongue, is_null

REMOVED, CHANGED = "_removed", "_changed"
"""Beside the columns of a row: the number of the rule that removed it; and a bit for each cell that a rule may change."""
WORDS_REMOVED, WORDS_CHANGED = "_words_removed", "_words_changed"
"""The same beside a wording, of what its words alone decide."""
PERSON_REMOVED, PERSON_CHANGED, PERSON_ASKED = "p_removed", "p_changed", "p_asked"
"""Beside a person: the number of the first rule that removes all of their rows; cells that change in all of their rows; and what
rules ask of a person alone."""
_BITS = 63
_KEPT = 128  # courses; two tiers have some 40
_MOVED = re.compile(r"(?P<before>[^ (]+) - (?P<by>.+)|MAKE_TIMESTAMP\(EPOCH_US\((?P<moment>[^ ]+)\) - (?P<time>.+)\)")


@dataclass(frozen=True)
class Written:
    """One step in an engine's words: columns that become something else all at once, or when a row goes."""

    number: int  # of the rule
    cells: Mapping[str, str] = field(default_factory=dict)
    gone: str | None = None


class Course:
    """All steps of a table: the values that its columns take, each at its level and there in the first layer that it can be in.

    `now`: how the last value of a column is read; `bits`: number of a rule -> the bits of CHANGED for the cells it may change.
    """

    def __init__(
        self,
        steps: Iterable[Written],
        columns: Iterable[str],
        tongue: Tongue = DUCKDB,
        empty: Mapping[str, str] | None = None,
        words: Collection[str] = (),
        persons: Collection[str] = (),
        days: Collection[str] = (),
    ) -> None:
        """`columns`: those that the steps may read; REMOVED among them where rows were removed before.

        `empty`: columns that are null in every row, each with a null of its type, so that nothing need be asked of them.
        `words`, `persons`: the columns that a wording, and that a person has; none: all is asked of each row. `days`: those that
        are dates or moments.
        """
        self.tongue = tongue
        self.now = {name: tongue.column.format(name) for name in columns} | dict(empty or {})
        self.there, self.bits = set(self.now), dict[int, int]()
        self._words, self._persons = set(words), set(persons)  # names that are read there
        self._days = set(days)
        self._of_words, self._of_person, self._of_row = Level(tongue), Level(tongue), Level(tongue)
        self._known: dict[str, str] = {}  # values that have a name
        self._asked: dict[str, str] = {}  # questions of words or of a person, taken out of what rows say -> names
        self._moved: dict[str, tuple[str, str]] = {}  # values of words, but in which rows; and those words
        for place, step in enumerate(steps):
            self._go(place, step)

    def _go(self, place: int, step: Written) -> None:
        if step.gone is not None:
            condition = self._read(step.gone)
            self._level(condition).gone.append((step.number, condition))
        texts = {name: self._read(text) for name, text in step.cells.items()}
        guards = {name: self._guard(f"_{place}_{name}", text, self.now[name]) for name, text in texts.items()}
        new = {name: self._made(f"_{place}_{name}", guards[name][1]) for name in texts}
        if texts:
            self.bits.setdefault(step.number, 0)
        for name, value in new.items():
            before = self.now[name]
            if different := self.tongue.different(value, before):
                by = self._moved_by(texts[name], before) if name in self._days else None
                self._note(self._bit(step.number), different, guards[name][0], (before, by) if by else None)
            self._follow(f"_{place}_{name}_moved", value, guards[name][0], self.now[name])
        self.now |= new

    def _guard(self, name: str, text: str, before: str) -> tuple[str, str]:
        """Of a value that stays what it was unless a condition holds: the condition, under a name; and the value."""
        found = hoisting.guard(text, before) if self._words else None
        if found is None:
            return "", text
        if is_null(found[1]) and is_null(before):
            return "", before
        condition = self._made(f"{name}_if", found[0])
        return condition, f"CASE WHEN {condition} THEN {found[1]} ELSE {before} END"

    def _follow(self, name: str, value: str, condition: str, before: str) -> None:
        """Of a value that is `before` unless a condition holds: whether that is still one of words in most rows."""
        column, known = self.tongue.reads.fullmatch(value), self.tongue.reads.fullmatch(before)
        if not condition or not column or self._level(value) is not self._of_row:
            return
        if self._level(before) is self._of_words:
            self._moved[column[1]] = condition, before
        elif known and known[1] in self._moved:
            moved, plain = self._moved[known[1]]
            self._moved[column[1]] = self._made(name, f"{moved} OR {condition}"), plain

    def _level(self, text: str) -> Level:
        read = set(self.tongue.reads.findall(text))
        if self._words and read <= self._words:
            return self._of_words
        return self._of_person if self._persons and read <= self._persons else self._of_row

    def _moved_by(self, text: str, before: str) -> str | None:
        """By how much a day is moved, where that is the same for all of a person."""
        found = _MOVED.fullmatch(text)
        if found is None or before not in (found["before"], found["moment"]):
            return None
        by = str(found["by"] or found["time"])
        return by if self._level(by) is self._of_person else None

    def _bit(self, number: int) -> int:
        """The bit of a cell that a rule may change."""
        bit = 1 << sum(mine.bit_count() for mine in self.bits.values())
        if bit.bit_length() > _BITS:
            raise AssertionError(f"the rules of one table change more than {_BITS} cells; CHANGED has no room for them")
        self.bits[number] |= bit
        return bit

    def _note(self, bit: int, different: str, guard: str, moved: tuple[str, str] | None) -> None:
        """`guard`: where it does not hold, the cell does not change; "": it may. `moved`: a day, and how far: it is different if filled."""
        if moved is None:
            level = self._level(f"{guard} AND {different}" if guard else different)
            level.changed.setdefault(guard, []).append(f"CASE WHEN {different} THEN {bit} ELSE 0 END")
            return
        day, by = moved
        bits = self._question(
            f"CAST(CASE WHEN COALESCE({by} <> 0, TRUE) THEN {bit} ELSE 0 END AS BIGINT)", PERSON_ASKED
        )
        self._of_row.changed.setdefault("", []).append(f"CASE WHEN {day} IS NOT NULL THEN {bits} ELSE 0 END")

    def _read(self, text: str) -> str:
        text = self.tongue.reads.sub(lambda found: self.now[found[1]], text)
        if not (self._words or self._persons) or self._level(text) is not self._of_row:
            return text
        places = [
            hoisting.Elsewhere(self._words, lambda asked: self._question(asked, "_asked")),
            hoisting.Elsewhere(self._persons, lambda asked: self._question(asked, PERSON_ASKED), counts=True),
            hoisting.Elsewhere(self._words | self._moved.keys(), self._unless_moved, searches=True),
        ]
        return hoisting.hoisted(text, places)

    def _question(self, text: str, called: str) -> str:
        """The answer to a question of words, or of a person, alone."""
        if text not in self._asked:
            self._asked[text] = name = f"{called}_{len(self._asked)}"
            self._add(name, text)
        return self.tongue.column.format(self._asked[text])

    def _unless_moved(self, text: str) -> str:
        """The answer to a question of values that are those of words in most rows: it is asked of the others alone."""
        read = [self._moved[name] for name in dict.fromkeys(self.tongue.reads.findall(text)) if name in self._moved]
        plain = self.tongue.reads.sub(lambda found: self._moved.get(found[1], ("", found[0]))[1], text)
        answer = plain if self.tongue.same(plain) else self._question(plain, "_asked")
        return f"CASE WHEN {' OR '.join(moved for moved, _ in read)} THEN {text} ELSE {answer} END"

    def _add(self, name: str, text: str) -> None:
        level = self._level(text)
        level.add(name, text)
        if level is self._of_words:
            self._words.add(name)
        elif level is self._of_person:
            self._persons.add(name)

    def _made(self, name: str, text: str) -> str:
        """How a value is read from now on: under `name`, or as it is where it is the same in every row or another column."""
        if self.tongue.same(text) or self.tongue.reads.fullmatch(text):
            return text
        if text not in self._known:
            self._known[text] = name = f"{PERSON_ASKED}{name}" if self._level(text) is self._of_person else name
            self._add(name, text)
        return self.tongue.column.format(self._known[text])

    def said(self, wanted: Iterable[str]) -> dict[str, str]:
        """Those of the columns `wanted` whose last value is one of words alone, and how it is read beside a wording."""
        found = {name: self.now.get(name, self.tongue.column.format(name)) for name in wanted}
        return {
            name: text
            for name, text in found.items()
            if not self.tongue.same(text) and self._level(text) is self._of_words
        }

    def worded(self, source: str, number: str, wanted: Iterable[str]) -> str:
        """The wordings of `source` (with `number`) after all that is decided by words alone.

        They have what the rows read of them, the last values of the columns `wanted`, WORDS_REMOVED and WORDS_CHANGED.
        """
        level = self._of_words
        texts = [*self._of_row.texts(), *self.now.values(), *self.said(wanted).values()]
        read = {name for text in texts for name in self.tongue.reads.findall(text)}
        named = {name: self.tongue.column.format(name) for name in [number, *sorted(read & self._words)]}
        marks = {WORDS_REMOVED: level.removed(), WORDS_CHANGED: level.cells()}
        return f"SELECT {self.tongue.named(named | marks)} FROM {level.over(source)} AS t0"

    def persons(self, source: str) -> str:
        """The persons of `source`, with PERSON_REMOVED, PERSON_CHANGED and what is asked of each."""
        level = self._of_person
        marks = {PERSON_REMOVED: level.removed(), PERSON_CHANGED: level.cells()}
        return f"SELECT t0.*, {self.tongue.named(marks)} FROM {level.over(source)} AS t0"

    def query(self, source: str, wanted: Iterable[str] | None = None) -> str:
        """The rows of `source` (a table, a view or a query in brackets) after all steps, REMOVED and CHANGED beside them.

        `wanted`: the columns that are asked for; None: all. Where there are words, rows of `source` have the columns of their
        wording (see `worded`); where there are persons, PERSON_REMOVED and PERSON_CHANGED.
        """
        level, column = self._of_row, self.tongue.column.format
        beside = [(WORDS_REMOVED, WORDS_CHANGED)] if self._words else []
        beside += [(PERSON_REMOVED, PERSON_CHANGED)] if self._persons else []
        removed = self._removed([column(number) for number, _ in beside])
        marks = {REMOVED: removed, CHANGED: level.cells(*(column(changed) for _, changed in beside))}
        if wanted is not None:
            asked = {name: self.now.get(name, column(name)) for name in wanted}
            return f"SELECT {self.tongue.named(asked | marks)} FROM {level.over(source)} AS t0"
        told = {name: value for name, value in self.now.items() if value != column(name)} | marks
        old = [self.tongue.quoted.format(name) for name in [*sorted(told.keys() & self.there), *level.depth]]
        kept = f"t0.* {self.tongue.without} ({', '.join(old)})" if old else "t0.*"
        return f"SELECT {kept}, {self.tongue.named(told)} FROM {level.over(source)} AS t0"

    def _removed(self, elsewhere: list[str]) -> str:
        """Where rows were removed before, that counts first."""
        found, before = self._of_row.removed(*elsewhere), self.now.get(REMOVED)
        return f"CAST(COALESCE({before}, {found}) AS SMALLINT)" if before else found


def course(
    steps: Iterable[Written],
    columns: Iterable[str],
    *,
    empty: Mapping[str, str],
    words: Iterable[str],
    persons: Iterable[str],
    days: Iterable[str],
) -> Course:
    """The course of these steps in DuckDB's words (see Course), laid out once in a process: these texts are all it is made of."""
    said = tuple((step.number, tuple(step.cells.items()), step.gone) for step in steps)
    return _laid_out(said, tuple(columns), tuple(empty.items()), tuple(words), tuple(persons), tuple(days))


@lru_cache(maxsize=_KEPT)
def _laid_out(
    steps: tuple[tuple[int, tuple[tuple[str, str], ...], str | None], ...],
    columns: tuple[str, ...],
    empty: tuple[tuple[str, str], ...],
    words: tuple[str, ...],
    persons: tuple[str, ...],
    days: tuple[str, ...],
) -> Course:
    written = [Written(number, dict(cells), gone) for number, cells, gone in steps]
    return Course(written, columns, empty=dict(empty), words=words, persons=persons, days=days)
